//! The role: takes images from the bus and models from the store, and answers until it is told to stop.

use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures::StreamExt;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, spawn_blocking};
use tokio_util::sync::CancellationToken;
use trainyard_bus::{Bus, BusConfig, PredictCall};
use trainyard_data::decode::decode;
use trainyard_events::card::Preprocessing;
use trainyard_events::limits::IMAGE_BYTES;
use trainyard_events::prediction::{PredictAnswer, PredictRefusal};
use trainyard_events::reason::Flaw;
use trainyard_events::results::Artifact;
use trainyard_events::trainer::exit;
use trainyard_store::{Store, StoreConfig};
use trainyard_words::english;

use crate::desk::Answered;
use crate::files::Files;
use crate::limits::{DISK_BYTES, MEMORY_BYTES_MIN, WAITING, WAITING_BYTES};
use crate::model::Runtime;
use crate::prepare::{Prepared, Wish};
use crate::shelf::{Room, Shelf};

/// Threads that wait for the network; images are decoded on others.
const SERVE_THREADS: usize = 2;
/// Threads beside those that decode, for files.
const FILE_THREADS: usize = 4;

/// Where the bus, the store and ONNX Runtime are.
pub struct Settings {
    pub nats_url: String,
    pub store: StoreConfig,
    /// `libonnxruntime.so`.
    pub onnxruntime: PathBuf,
    /// Where models that were fetched are kept.
    pub cache: PathBuf,
    /// Of arithmetic; 0: one a core.
    pub threads: usize,
}

/// Returns the exit code.
pub fn main(settings: Settings) -> i32 {
    let decoders = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(SERVE_THREADS)
        .max_blocking_threads(decoders + FILE_THREADS)
        .enable_all()
        .build();
    let served = match runtime {
        Ok(runtime) => runtime.block_on(serve(settings, decoders)),
        Err(error) => Err(format!("the async runtime does not start: {error}")),
    };
    match served {
        Ok(()) => exit::DONE,
        Err(why) => {
            eprintln!("{why}");
            exit::INTERNAL
        }
    }
}

/// Serves until SIGTERM, then finishes the answers that have begun.
async fn serve(settings: Settings, decoders: usize) -> Result<(), String> {
    let failed = |what: &str, error: &dyn Display| format!("{what}: {error}");
    let mut stop =
        signal(SignalKind::terminate()).map_err(|error| failed("SIGTERM cannot be listened for", &error))?;
    let runtime = Runtime::start(&settings.onnxruntime, settings.threads)?;
    if !runtime.is_on_gpu() {
        limit_memory().map_err(|error| failed("memory cannot be limited", &error))?;
    }
    let store = Store::connect(settings.store)
        .await
        .map_err(|error| failed("the artifact store cannot be used", &error))?;
    let files = Files::open(store, settings.cache, DISK_BYTES)
        .map_err(|error| failed("the folder for models cannot be used", &error))?;
    let bus = Bus::connect(BusConfig { url: settings.nats_url, replicas: 1 })
        .await
        .map_err(|error| failed("the bus cannot be used", &error))?;
    let end = CancellationToken::new();
    let mut calls =
        bus.predictors().serve(end.clone()).await.map_err(|error| failed("calls cannot be taken", &error))?;
    let is_on_gpu = runtime.is_on_gpu();
    let predictor = Arc::new(Predictor::new(Shelf::new(files, runtime, Room::default()), decoders));
    eprintln!("answering predict calls on {}", if is_on_gpu { "a GPU" } else { "the CPU" });

    let mut answering = JoinSet::new();
    loop {
        tokio::select! {
            call = calls.next() => match call {
                Some(call) => { answering.spawn(answer(call, predictor.clone())); }
                None => break,
            },
            Some(_) = answering.join_next() => {}
            // No new ones; those that are here already are answered.
            _ = stop.recv() => end.cancel(),
        }
    }
    while answering.join_next().await.is_some() {}
    bus.drain().await;
    Ok(())
}

/// A model may ask for everything there is: it is refused then, and the others go on. Not where a GPU computes: CUDA takes far more
/// addresses than there is memory.
fn limit_memory() -> std::io::Result<()> {
    let half = rustix::system::sysinfo().totalram as u64 / 2;
    let most = getrlimit(Resource::As).maximum;
    let wanted = half.max(MEMORY_BYTES_MIN);
    let wanted = most.map_or(wanted, |most| most.min(wanted));
    setrlimit(Resource::As, Rlimit { current: Some(wanted), maximum: most }).map_err(std::io::Error::from)
}

async fn answer(call: PredictCall, predictor: Arc<Predictor>) {
    let wish = Wish { confidence: call.request.confidence, rle: call.request.rle };
    let result = predictor.predict(call.image.clone(), &call.request.weights, wish).await;
    if let Err(refusal) = &result {
        eprintln!("job {}: {refusal}", call.request.job);
    }
    if let Err(error) = call.answer(result).await {
        eprintln!("an answer was not delivered, and whoever asked will ask again: {error}");
    }
}

/// Answers calls, within the limits of what may wait.
pub struct Predictor {
    shelf: Arc<Shelf>,
    calls: Semaphore,
    /// In KiB.
    kib: Semaphore,
    decoders: Arc<Semaphore>,
}

impl Predictor {
    pub fn new(shelf: Arc<Shelf>, decoders: usize) -> Predictor {
        Predictor {
            shelf,
            calls: Semaphore::new(WAITING),
            kib: Semaphore::new(WAITING_BYTES >> 10),
            decoders: Arc::new(Semaphore::new(decoders)),
        }
    }

    /// One image, as it was sent.
    pub async fn predict(
        &self,
        image: Bytes,
        model: &Artifact,
        wish: Wish,
    ) -> Result<PredictAnswer, PredictRefusal> {
        let start = Instant::now();
        if image.len() > IMAGE_BYTES {
            return Err(bad_image(Flaw::LargerThanMib { mib: (IMAGE_BYTES >> 20) as u64 }));
        }
        let kib = image.len().div_ceil(1 << 10) as u32;
        let (Ok(_call), Ok(_kib)) = (self.calls.try_acquire(), self.kib.try_acquire_many(kib)) else {
            return Err(PredictRefusal::busy(format!(
                "{WAITING} images or {} MiB of them wait already; try again in a moment",
                WAITING_BYTES >> 20
            )));
        };
        let desk = self.shelf.get(model).await?;
        let mut size = (0, 0);
        let prepare = async |preprocessing: &_| {
            let prepared = self.prepare(image, Clone::clone(preprocessing)).await?.told_as(wish);
            size = (prepared.frame.width, prepared.frame.height);
            Ok(prepared)
        };
        let Answered { answer, batch } = desk.ask(prepare).await?;
        Ok(PredictAnswer {
            predictions: answer.predictions,
            anomaly: answer.anomaly,
            width: size.0,
            height: size.1,
            milliseconds: start.elapsed().as_secs_f64() * 1e3,
            batch,
        })
    }

    /// On one of few threads, in the order of coming.
    async fn prepare(&self, image: Bytes, preprocessing: Preprocessing) -> Result<Prepared, PredictRefusal> {
        let undecoded = |error: &dyn Display| {
            let message = format!("the image cannot be decoded: {error}");
            PredictRefusal::BadImage { message, flaws: Vec::new() }
        };
        let turn = self.decoders.clone().acquire_owned().await.map_err(|error| undecoded(&error))?;
        let decoded = spawn_blocking(move || {
            let _turn = turn;
            let image = decode(&image, preprocessing.sample_bits).map_err(bad_image)?;
            Ok(Prepared::new(&image, &preprocessing))
        });
        decoded.await.unwrap_or_else(|error| Err(undecoded(&error)))
    }
}

fn bad_image(flaw: Flaw) -> PredictRefusal {
    PredictRefusal::BadImage { message: format!("the image {}", english(&flaw)), flaws: vec![flaw] }
}
