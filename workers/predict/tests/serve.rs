//! The predictor as a process between a real bus and a real store.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod house;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};
use trainyard_bus::{AskError, Bus, BusConfig, Predictors};
use trainyard_events::prediction::{PredictAnswer, PredictRefusal, PredictRequest};
use trainyard_events::results::Artifact;
use trainyard_local::{S3Access, harness};
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(60);
/// Proportional memory of a predictor that has been asked for nothing, in kB.
const AT_REST_KB: u64 = 100_000;

/// A predictor of a test, gone with it.
struct Predictor(Child);

impl Predictor {
    fn start(nats: &str, s3: &S3Access, folder: &Path, library: &Path) -> Predictor {
        let child = Command::new(env!("CARGO_BIN_EXE_trainyard-predict"))
            .current_dir(folder)
            .env("TRAINYARD_NATS_URL", nats)
            .env("TRAINYARD_S3_ENDPOINT", &s3.endpoint)
            .env("TRAINYARD_S3_REGION", &s3.region)
            .env("TRAINYARD_S3_BUCKET", &s3.bucket)
            .env("TRAINYARD_S3_ACCESS_KEY", &s3.access_key)
            .env("TRAINYARD_S3_SECRET_KEY", &s3.secret_key)
            .env("TRAINYARD_ONNXRUNTIME", library)
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        Predictor(child)
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.0.id().cast_signed()), signal).unwrap();
    }

    /// Hundredths of a second that it has computed.
    fn processor_ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap();
        let after_the_name = stat.rsplit(')').next().unwrap();
        after_the_name.split_whitespace().nth(11).unwrap().parse().unwrap()
    }

    /// In kB, as the kernel counts it.
    fn memory_kb(&self) -> u64 {
        let rollup = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", self.0.id())).unwrap();
        let pss = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap();
        pss.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

impl Drop for Predictor {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn request(weights: &Artifact) -> PredictRequest {
    PredictRequest {
        tenant: "ours".parse().unwrap(),
        job: Uuid::new_v4(),
        weights: weights.clone(),
        confidence: None,
        rle: false,
    }
}

/// Asks until a predictor is there.
async fn first_answer(predictors: &Predictors, request: &PredictRequest) -> PredictAnswer {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match predictors.ask(request, house::image(), PATIENCE).await {
            Ok(answer) => return answer,
            Err(AskError::NobodyThere) if Instant::now() < deadline => sleep(Duration::from_millis(50)).await,
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_predictor_answers_refuses_what_is_wrong_and_leaves_when_it_is_told() {
    let (nats, folder) = (harness::nats().await, TempDir::new().unwrap());
    let (store, s3) = house::store().await;
    let model = house::stored(&store, "model.onnx", &house::fixture("logits.onnx")).await;
    let mut predictor = Predictor::start(&nats.url(), &s3, folder.path(), &house::library());
    let bus = Bus::connect(BusConfig { url: nats.url(), replicas: nats.servers() }).await.unwrap();
    bus.ensure().await.unwrap();
    let predictors = bus.predictors();

    // One that it does not know: nothing is loaded yet when its memory is counted.
    let gone = Artifact { key: "jobs/j/1/gone".to_owned(), sha256: "0".repeat(64), ..model.clone() };
    let deadline = Instant::now() + PATIENCE;
    let refused = loop {
        match predictors.ask(&request(&gone), house::image(), PATIENCE).await {
            Err(AskError::NobodyThere) if Instant::now() < deadline => sleep(Duration::from_millis(50)).await,
            outcome => break outcome,
        }
    };
    assert!(matches!(refused, Err(AskError::Refused(PredictRefusal::BadModel { .. }))), "{refused:?}");
    let at_rest = predictor.memory_kb();
    println!("at rest: {at_rest} kB");
    assert!(at_rest < AT_REST_KB, "{at_rest} kB at rest");

    let answer = first_answer(&predictors, &request(&model)).await;
    assert_eq!((answer.width, answer.height, answer.predictions.len()), (64, 40, 3));
    assert_eq!(answer.predictions[0].class, "owl");

    let asked = request(&model);
    let together = join_all((0..20).map(|_| predictors.ask(&asked, house::image(), PATIENCE))).await;
    assert!(together.iter().all(|answer| answer.is_ok()), "{together:?}");
    let text = predictors.ask(&asked, Bytes::from_static(b"no image"), PATIENCE).await;
    assert!(matches!(text, Err(AskError::Refused(PredictRefusal::BadImage { .. }))), "{text:?}");

    predictor.signal(Signal::SIGTERM);
    assert_eq!(predictor.0.wait().unwrap().code(), Some(0));
    let kept: Vec<_> = std::fs::read_dir(folder.path().join("predictor")).unwrap().collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_have_begun_are_finished_after_sigterm() {
    let (nats, folder) = (harness::nats().await, TempDir::new().unwrap());
    let (store, s3) = house::store().await;
    let model = house::stored(&store, "model.onnx", &house::fixture("slow.onnx")).await;
    let mut predictor = Predictor::start(&nats.url(), &s3, folder.path(), &house::library());
    let bus = Bus::connect(BusConfig { url: nats.url(), replicas: nats.servers() }).await.unwrap();
    bus.ensure().await.unwrap();
    let predictors = bus.predictors();
    first_answer(&predictors, &request(&model)).await;
    let before = predictor.processor_ticks();
    let asked = {
        let (predictors, request) = (predictors.clone(), request(&model));
        tokio::spawn(async move { predictors.ask(&request, house::image(), PATIENCE).await })
    };
    let deadline = Instant::now() + PATIENCE;
    while predictor.processor_ticks() < before + 5 {
        assert!(Instant::now() < deadline, "it does not begin");
        sleep(Duration::from_millis(5)).await;
    }
    assert!(!asked.is_finished(), "the model of this test is slow");
    predictor.signal(Signal::SIGTERM);
    let answer = asked.await.unwrap();
    assert!(answer.is_ok(), "{answer:?}");
    assert_eq!(predictor.0.wait().unwrap().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asked_a_predictor_that_is_killed_is_answered_by_the_next() {
    let (nats, folder) = (harness::nats().await, TempDir::new().unwrap());
    let (store, s3) = house::store().await;
    let model = house::stored(&store, "model.onnx", &house::fixture("logits.onnx")).await;
    let first = Predictor::start(&nats.url(), &s3, folder.path(), &house::library());
    let bus = Bus::connect(BusConfig { url: nats.url(), replicas: nats.servers() }).await.unwrap();
    bus.ensure().await.unwrap();
    let predictors = bus.predictors();
    first_answer(&predictors, &request(&model)).await;

    // It holds the question, and dies with it.
    first.signal(Signal::SIGSTOP);
    let asked = {
        let (predictors, request) = (predictors.clone(), request(&model));
        tokio::spawn(async move { predictors.ask(&request, house::image(), PATIENCE).await })
    };
    bus.ping().await.unwrap();
    drop(first);
    let _second = Predictor::start(&nats.url(), &s3, folder.path(), &house::library());
    let answer = asked.await.unwrap().unwrap();
    assert_eq!(answer.predictions[0].class, "owl");
}

#[test]
fn a_predictor_without_its_library_says_where_it_looked_and_what_to_do() {
    let folder = TempDir::new().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_trainyard-predict"))
        .args(["--nats-url", "nats://127.0.0.1:1", "--s3-access-key", "a", "--s3-secret-key", "b"])
        .args(["--onnxruntime", "nowhere/libonnxruntime.so"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(70), "{said}");
    assert!(said.contains("nowhere/libonnxruntime.so") && said.contains("make tools"), "{said}");
}
