//! The `serve` command: takes images from the bus, weights from the store, and answers.

use std::collections::HashMap;
use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use futures::StreamExt;
use tch::Device;
use tokio::fs;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Mutex, OnceCell};
use tokio::task::{JoinSet, spawn_blocking};
use trainyard_bus::{Bus, BusConfig, PredictCall};
use trainyard_events::limits::IMAGE_BYTES;
use trainyard_events::prediction::{PredictAnswer, PredictRefusal};
use trainyard_events::reason::{Cause, Doing, Flaw};
use trainyard_events::results::Artifact;
use trainyard_events::trainer::exit;
use trainyard_store::{Store, StoreConfig, StoreError};
use trainyard_words::english;

use crate::failure::Failure;
use crate::limits::PREDICT_FILES;
use crate::predict::Prepared;
use crate::predict::queue::Queue;
use crate::weights::file::read_metadata;
use crate::weights::model::card_of;
use trainyard_data::decode::decode;
use trainyard_events::card::Preprocessing;

/// Threads that wait for the network; images are decoded on others.
const SERVE_THREADS: usize = 2;

/// Where the bus and the store are.
#[derive(Args)]
pub struct Settings {
    #[arg(long, env = "TRAINYARD_NATS_URL", hide_env_values = true)]
    nats_url: String,
    #[arg(long, env = "TRAINYARD_S3_ENDPOINT")]
    s3_endpoint: Option<String>,
    #[arg(long, env = "TRAINYARD_S3_REGION", default_value = "us-east-1")]
    s3_region: String,
    #[arg(long, env = "TRAINYARD_S3_BUCKET", default_value = "trainyard")]
    s3_bucket: String,
    #[arg(long, env = "TRAINYARD_S3_ACCESS_KEY", hide_env_values = true)]
    s3_access_key: String,
    #[arg(long, env = "TRAINYARD_S3_SECRET_KEY", hide_env_values = true)]
    s3_secret_key: String,
    /// Where downloaded weights are kept.
    #[arg(long, default_value = "predictor")]
    cache: PathBuf,
    /// Threads for arithmetic.
    #[arg(long, default_value_t = 1)]
    threads: usize,
}

/// Returns the exit code.
pub fn main(settings: Settings) -> i32 {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(SERVE_THREADS).enable_all().build();
    let served = match runtime {
        Ok(runtime) => runtime.block_on(serve(settings)),
        Err(error) => Err(Failure::internal(Doing::StartRuntime, error)),
    };
    match served {
        Ok(()) => exit::DONE,
        Err(failure) => {
            eprintln!("{failure}");
            failure.exit_code()
        }
    }
}

/// Serves until SIGTERM, then finishes the answers that have begun.
async fn serve(settings: Settings) -> Result<(), Failure> {
    let failed = |doing, error: &dyn Display| Failure::internal(doing, Cause::said(error.to_string()));
    let mut stop =
        signal(SignalKind::terminate()).map_err(|error| failed(Doing::ListenForSignals, &error))?;
    fs::create_dir_all(&settings.cache).await.map_err(|error| failed(Doing::MakeCacheFolder, &error))?;
    let queue = Queue::start(Device::cuda_if_available(), settings.threads)?;
    let store = Store::connect(StoreConfig {
        path_style: settings.s3_endpoint.is_some(),
        endpoint: settings.s3_endpoint,
        region: settings.s3_region,
        access_key: settings.s3_access_key,
        secret_key: settings.s3_secret_key,
        bucket: settings.s3_bucket,
    })
    .await
    .map_err(|error| failed(Doing::UseStore, &error))?;
    let bus = Bus::connect(BusConfig { url: settings.nats_url, replicas: 1 })
        .await
        .map_err(|error| failed(Doing::UseBus, &error))?;
    let mut calls = bus.predictors().serve().await.map_err(|error| failed(Doing::TakeCalls, &error))?;
    let shelf = Arc::new(Shelf { store, folder: settings.cache, models: Mutex::default() });
    eprintln!("answering predict calls");

    let mut answering = JoinSet::new();
    loop {
        tokio::select! {
            call = calls.next() => match call {
                Some(call) => { answering.spawn(answer(call, shelf.clone(), queue.clone())); }
                None => break,
            },
            Some(_) = answering.join_next() => {}
            _ = stop.recv() => break,
        }
    }
    drop(calls);
    while answering.join_next().await.is_some() {}
    bus.drain().await;
    Ok(())
}

async fn answer(call: PredictCall, shelf: Arc<Shelf>, queue: Queue) {
    let result = predict(&call, &shelf, &queue).await;
    if let Err(refusal) = &result {
        eprintln!("job {}: {refusal}", call.request.job);
    }
    if let Err(error) = call.answer(result).await {
        eprintln!("an answer was not delivered, and whoever asked will ask again: {error}");
    }
}

fn bad_image(flaw: Flaw) -> PredictRefusal {
    PredictRefusal::BadImage { message: format!("the image {}", english(&flaw)), flaws: vec![flaw] }
}

async fn predict(call: &PredictCall, shelf: &Shelf, queue: &Queue) -> Result<PredictAnswer, PredictRefusal> {
    let start = Instant::now();
    let bytes = call.image.clone();
    if bytes.len() > IMAGE_BYTES {
        return Err(bad_image(Flaw::LargerThanMib { mib: (IMAGE_BYTES >> 20) as u64 }));
    }
    let model = shelf.get(&call.request.weights).await?;
    let preprocessing = model.preprocessing.clone();
    let image =
        spawn_blocking(move || Ok(Prepared::new(&decode(&bytes).map_err(bad_image)?, &preprocessing)))
            .await
            .unwrap_or_else(|error| {
                let message = format!("the image cannot be decoded: {error}");
                Err(PredictRefusal::BadImage { message, flaws: Vec::new() })
            })?;
    let (width, height) = (image.width, image.height);
    let answer = queue.ask(&model.weights, image).await?;
    let milliseconds = start.elapsed().as_secs_f64() * 1e3;
    Ok(PredictAnswer { predictions: answer.predictions, width, height, milliseconds, batch: answer.batch })
}

/// Weights on this machine's disk, by their content.
struct Shelf {
    store: Store,
    folder: PathBuf,
    /// By SHA-256. Who comes while a file is on its way waits for it.
    models: Mutex<HashMap<String, Arc<OnceCell<Arc<Shelved>>>>>,
}

struct Shelved {
    weights: PathBuf,
    preprocessing: Preprocessing,
}

impl Shelf {
    async fn get(&self, artifact: &Artifact) -> Result<Arc<Shelved>, PredictRefusal> {
        let is_hash =
            artifact.sha256.len() == 64 && artifact.sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_hash {
            return Err(PredictRefusal::bad_model("the weights are named without a SHA-256"));
        }
        let cell = {
            let mut models = self.models.lock().await;
            if models.len() >= PREDICT_FILES && !models.contains_key(&artifact.sha256) {
                self.make_room(&mut models).await;
            }
            models.entry(artifact.sha256.clone()).or_default().clone()
        };
        cell.get_or_try_init(|| self.fetch(artifact)).await.cloned()
    }

    /// Forgets every model that nobody is using just now; those that are asked for again are fetched again.
    async fn make_room(&self, models: &mut HashMap<String, Arc<OnceCell<Arc<Shelved>>>>) {
        for (_, cell) in models.extract_if(|_, cell| Arc::strong_count(cell) == 1) {
            if let Some(shelved) = cell.get()
                && Arc::strong_count(shelved) == 1
                && let Err(error) = fs::remove_file(&shelved.weights).await
            {
                eprintln!("{} stays on the disk: {error}", shelved.weights.display());
            }
        }
    }

    async fn fetch(&self, artifact: &Artifact) -> Result<Arc<Shelved>, PredictRefusal> {
        let weights = self.folder.join(format!("{}.safetensors", artifact.sha256));
        self.store.get_file(&artifact.key, &artifact.sha256, &weights).await.map_err(
            |error| match error {
                StoreError::Unavailable(reason) => {
                    PredictRefusal::busy(format!("the store does not answer: {reason}"))
                }
                other => PredictRefusal::bad_model(format!("the weights cannot be fetched: {other}")),
            },
        )?;
        let metadata = read_metadata(&weights).map_err(PredictRefusal::bad_model)?;
        let card = card_of(&metadata).map_err(PredictRefusal::bad_model)?;
        Ok(Arc::new(Shelved { weights, preprocessing: card.preprocessing }))
    }
}
