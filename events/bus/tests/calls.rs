//! Telemetry and predict calls on a real server.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod servers;

use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use servers::Servers;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use trainyard_bus::{AskError, BusError, FolderError, Telling};
use trainyard_events::folders::{FolderAnswer, FolderRefusal, FolderRequest};
use trainyard_events::prediction::{PredictAnswer, PredictRefusal, PredictRequest};
use trainyard_events::results::Artifact;
use trainyard_events::trainer::{StepMeasurement, Telemetry};
use trainyard_events::{ConsoleLines, limits};
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn telemetry_is_kept_by_job_and_told_as_it_comes() {
    let servers = Servers::start().await;
    let telemetry = servers.bus().await.telemetry();
    let tenant = "ours".parse().unwrap();
    let (job, other) = (Uuid::new_v4(), Uuid::new_v4());
    assert_eq!(telemetry.history(&tenant, job, 10).await.unwrap(), []);
    let mut live = telemetry.follow_all().await.unwrap();
    for step in 1..=20 {
        telemetry.publish(&tenant, job, &measured(step)).await.unwrap();
        telemetry.publish(&tenant, other, &measured(1_000 + step)).await.unwrap();
    }
    let last = telemetry.history(&tenant, job, 5).await.unwrap();
    assert_eq!(last, (16..=20).map(measured).collect::<Vec<_>>());
    assert_eq!(telemetry.history(&tenant, job, 100).await.unwrap().len(), 20);
    let told = timeout(PATIENCE, live.next()).await.unwrap().unwrap();
    assert_eq!(told, (tenant, job, Telling::Step(measured(1))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_console_is_kept_by_attempt_and_rolled_up() {
    let servers = Servers::start().await;
    let telemetry = servers.bus().await.telemetry();
    let (tenant, job) = ("ours".parse().unwrap(), Uuid::new_v4());
    let mut live = telemetry.follow_all().await.unwrap();
    let lines = |token, first| ConsoleLines {
        token,
        run: Uuid::nil(),
        first,
        lines: vec![format!("line {first}"), "<b>&</b>".to_owned()],
    };
    let kept = async || {
        let mut kept = Vec::new();
        telemetry.each_console(&tenant, job, |lines| kept.push((lines.token, lines.first))).await.unwrap();
        kept
    };
    assert_eq!(kept().await, []);
    telemetry.publish(&tenant, job, &measured(1)).await.unwrap();
    for first in [1, 3, 5] {
        telemetry.publish_console(&tenant, job, &lines(3, first), false).await.unwrap();
    }
    assert_eq!(kept().await, [(3, 1), (3, 3), (3, 5)]);
    telemetry.publish_console(&tenant, job, &lines(9, 1), true).await.unwrap();
    telemetry.publish_console(&tenant, job, &lines(3, 2), true).await.unwrap();
    assert_eq!(kept().await, [(9, 1), (3, 2)], "of each attempt what it said was all");
    assert_eq!(telemetry.history(&tenant, job, 100).await.unwrap(), [measured(1)], "steps stay");

    assert_eq!(live.next().await.unwrap().2, Telling::Step(measured(1)));
    assert_eq!(live.next().await.unwrap(), (tenant, job, Telling::Console(lines(3, 1))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn predictors_answer_refuse_or_are_not_there() {
    let servers = Servers::start().await;
    let (gateway, predictor) = (servers.bus().await, servers.bus().await);
    let (ask, image) = (gateway.predictors(), Bytes::from(vec![7; limits::IMAGE_BYTES]));
    let nobody = ask.ask(&request(), image.clone(), PATIENCE).await;
    assert!(matches!(nobody, Err(AskError::NobodyThere)), "{nobody:?}");

    let mut calls = predictor.predictors().serve(CancellationToken::new()).await.unwrap();
    let serving = tokio::spawn(async move {
        let call = calls.next().await.unwrap();
        assert_eq!((&call.request, call.image.len()), (&request(), limits::IMAGE_BYTES));
        call.answer(Ok(answer())).await.unwrap();
        let call = calls.next().await.unwrap();
        call.answer(Err(PredictRefusal::busy("in a moment"))).await.unwrap();
        // The third one is left unanswered.
        calls.next().await.unwrap()
    });
    // Until the subscription is there, nobody is.
    let answered = timeout(PATIENCE, async {
        loop {
            match ask.ask(&request(), image.clone(), PATIENCE).await {
                Err(AskError::NobodyThere) => {}
                outcome => return outcome,
            }
        }
    });
    assert_eq!(answered.await.unwrap().unwrap(), answer());
    let refused = ask.ask(&request(), Bytes::from_static(b"?"), PATIENCE).await;
    assert!(
        matches!(refused, Err(AskError::Refused(PredictRefusal::Busy { message }) ) if message == "in a moment")
    );
    let silent = ask.ask(&request(), Bytes::from_static(b"?"), Duration::from_millis(200)).await;
    assert!(matches!(silent, Err(AskError::TimedOut)), "{silent:?}");
    drop(serving.await.unwrap());

    let large = ask.ask(&request(), Bytes::from(vec![0; limits::IMAGE_BYTES + 1]), PATIENCE).await;
    assert!(matches!(large, Err(AskError::TooLarge { limit }) if limit == limits::IMAGE_BYTES));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_worker_says_what_is_in_its_folders() {
    let servers = Servers::start().await;
    let (gateway, ask) = (servers.bus().await, servers.bus().await.folders());
    let request = FolderRequest { tenant: "ours".parse().unwrap(), path: Some("/data/긁힘".to_owned()) };
    let nobody = ask.ask(&request, PATIENCE).await;
    assert!(matches!(nobody, Err(FolderError::NobodyThere)), "{nobody:?}");

    let (mut first, mut second) =
        (gateway.folders().serve().await.unwrap(), gateway.folders().serve().await.unwrap());
    gateway.ping().await.unwrap();
    let wanted = request.clone();
    let answering = tokio::spawn(async move {
        let mut next = async || tokio::select! { call = first.next() => call, call = second.next() => call };
        let call = next().await.unwrap();
        assert_eq!(call.request, wanted);
        call.answer(Ok(FolderAnswer {
            path: wanted.path.clone(),
            parent: None,
            images: 3,
            more_images: false,
            folders: Vec::new(),
            left_out: 0,
        }))
        .await
        .unwrap();
        next().await.unwrap().answer(Err(FolderRefusal::Busy)).await.unwrap();
        // The third one is left unanswered.
        next().await.unwrap()
    });
    assert_eq!(ask.ask(&request, PATIENCE).await.unwrap().images, 3);
    let refused = ask.ask(&request, PATIENCE).await;
    assert!(matches!(refused, Err(FolderError::Refused(FolderRefusal::Busy))), "{refused:?}");
    let silent = ask.ask(&request, Duration::from_millis(200)).await;
    assert!(matches!(silent, Err(FolderError::TimedOut)), "{silent:?}");
    drop(answering.await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_predictor_that_falls_behind_says_that_it_is_busy() {
    let servers = Servers::start().await;
    let bus = servers.bus().await;
    let calls = bus.predictors().serve(CancellationToken::new()).await.unwrap();
    bus.ping().await.unwrap();
    let asks = (0..40).map(|_| {
        let predictors = bus.predictors();
        async move { predictors.ask(&request(), Bytes::from_static(b"?"), Duration::from_secs(2)).await }
    });
    let outcomes = futures::future::join_all(asks).await;
    let busy = outcomes.iter().filter(|it| matches!(it, Err(AskError::Refused(PredictRefusal::Busy { .. }))));
    assert_eq!(busy.count(), 8, "32 wait, the others are told");
    drop(calls);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_credentials_are_told_at_once() {
    let servers = Servers::start().await;
    servers.bus().await;
    let url = servers.url().replace("nats://", "nats://wrong-");
    let refused = trainyard_bus::Bus::connect(trainyard_bus::BusConfig { url, replicas: 1 }).await;
    assert!(matches!(refused.err(), Some(BusError::Refused)));
}

fn measured(step: u64) -> Telemetry {
    let step = StepMeasurement {
        epoch: 1,
        step,
        steps: 100,
        losses: [("loss".to_owned(), 0.5)].into(),
        learning_rate: 0.1,
        images_per_second: 1_000.0,
        data_wait_ms: 0.1,
        gpu_mib: None,
        memory_mib: None,
    };
    Telemetry { token: 3, step }
}

fn request() -> PredictRequest {
    PredictRequest {
        tenant: "ours".parse().unwrap(),
        job: Uuid::nil(),
        weights: Artifact {
            role: "weights".to_owned(),
            key: "jobs/열차/3/weights.safetensors".to_owned(),
            sha256: "00".repeat(32),
            bytes: 1,
        },
        confidence: Some(0.05),
        rle: true,
    }
}

fn answer() -> PredictAnswer {
    PredictAnswer {
        predictions: Vec::new(),
        width: 28,
        height: 28,
        milliseconds: 1.5,
        batch: 1,
        anomaly: None,
    }
}
