//! The predictor as a process between a real bus and a real store.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::Cursor;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use bytes::Bytes;
use image::{ImageFormat, Rgb, RgbImage};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};
use trainyard_bus::{AskError, Bus, BusConfig, Predictors};
use trainyard_data::decode::decode;
use trainyard_events::card::{Card, Preprocessing};
use trainyard_events::config::{Resize, Task};
use trainyard_events::prediction::{PredictAnswer, PredictRefusal, PredictRequest};
use trainyard_events::results::Artifact;
use trainyard_local::{S3Access, harness};
use trainyard_store::{Store, StoreConfig, Stored};
use trainyard_vision::models::Model;
use trainyard_vision::predict::{Predictor, Prepared};
use trainyard_vision::weights::model::{save, shape};
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(60);

fn weights(folder: &Path) -> std::path::PathBuf {
    let card = Card::new(
        Task::Classify,
        "resnet18".to_owned(),
        ["cat", "dog", "owl"].map(str::to_owned).to_vec(),
        Preprocessing { image_size: 32, resize: Resize::Stretch, mean: [0.5; 3], std: [0.25; 3] },
    );
    let path = folder.join("weights.safetensors");
    save(&path, &card, &Model::new(&shape(&card), tch::Device::Cpu).unwrap().tensors()).unwrap();
    path
}

fn png() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::from_fn(40, 30, |x, y| Rgb([x as u8 * 5, y as u8 * 7, 90]))
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

fn serve(nats: &str, s3: &S3Access, folder: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_trainyard-vision"))
        .arg("serve")
        .current_dir(folder)
        .env("TRAINYARD_NATS_URL", nats)
        .env("TRAINYARD_S3_ENDPOINT", &s3.endpoint)
        .env("TRAINYARD_S3_REGION", &s3.region)
        .env("TRAINYARD_S3_BUCKET", &s3.bucket)
        .env("TRAINYARD_S3_ACCESS_KEY", &s3.access_key)
        .env("TRAINYARD_S3_SECRET_KEY", &s3.secret_key)
        .spawn()
        .unwrap()
}

fn request(stored: &Stored) -> PredictRequest {
    let Stored { key, sha256, bytes } = stored.clone();
    PredictRequest {
        tenant: "ours".parse().unwrap(),
        job: Uuid::new_v4(),
        weights: Artifact { role: "weights".to_owned(), key, sha256, bytes },
    }
}

/// Asks until the predictor is there.
async fn first_answer(predictors: &Predictors, request: &PredictRequest, image: Bytes) -> PredictAnswer {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match predictors.ask(request, image.clone(), PATIENCE).await {
            Ok(answer) => return answer,
            Err(AskError::NobodyThere) if Instant::now() < deadline => sleep(Duration::from_millis(50)).await,
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_predictor_answers_as_the_file_says_and_refuses_what_is_wrong() {
    let (nats, s3, folder) = (harness::nats().await, harness::s3().await, TempDir::new().unwrap());
    let access = s3.clone();
    let store = Store::connect(StoreConfig {
        endpoint: Some(access.endpoint),
        region: access.region,
        access_key: access.access_key,
        secret_key: access.secret_key,
        bucket: access.bucket,
        path_style: true,
    })
    .await
    .unwrap();
    store.ensure_bucket().await.unwrap();
    let weights = weights(folder.path());
    let stored = store.put_file("jobs/j/1/weights.safetensors", &weights).await.unwrap();
    let mut child = serve(&nats.url(), &s3, folder.path());
    let bus = Bus::connect(BusConfig { url: nats.url(), replicas: nats.servers() }).await.unwrap();
    let predictors = bus.predictors();

    let answer = first_answer(&predictors, &request(&stored), png().into()).await;
    assert_eq!((answer.width, answer.height, answer.predictions.len()), (40, 30, 3));
    let predictor = Predictor::load(&weights, tch::Device::Cpu).unwrap();
    let square = Prepared::new(&decode(&png()).unwrap(), predictor.preprocessing());
    for (found, expected) in answer.predictions.iter().zip(&predictor.predict(&[square]).unwrap()[0]) {
        assert_eq!(found.class, expected.class);
        assert!((found.confidence - expected.confidence).abs() < 1e-5);
    }

    let asked = request(&stored);
    let together = (0..20).map(|_| predictors.ask(&asked, png().into(), PATIENCE));
    let answers = futures::future::join_all(together).await;
    let largest = answers.into_iter().map(|answer| answer.unwrap().batch).max();
    assert!(largest > Some(1), "none shared a pass");

    let text = predictors.ask(&request(&stored), Bytes::from_static(b"no image"), PATIENCE).await;
    assert!(matches!(text, Err(AskError::Refused(PredictRefusal::BadImage { .. }))), "{text:?}");
    let gone = Stored { key: "jobs/j/1/gone".to_owned(), sha256: "0".repeat(64), bytes: 1 };
    let gone = predictors.ask(&request(&gone), png().into(), PATIENCE).await;
    assert!(matches!(gone, Err(AskError::Refused(PredictRefusal::BadModel { .. }))), "{gone:?}");
    let other = Stored { sha256: "1".repeat(64), ..stored.clone() };
    let other = predictors.ask(&request(&other), png().into(), PATIENCE).await;
    assert!(matches!(other, Err(AskError::Refused(PredictRefusal::BadModel { .. }))), "{other:?}");

    kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGTERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let kept: Vec<_> = std::fs::read_dir(folder.path().join("predictor")).unwrap().collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
}
