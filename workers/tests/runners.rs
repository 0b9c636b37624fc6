//! Trainers of others on a real worker: found while it runs, given only what they can do, started from weights of a hub.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod yard;

use sha2::{Digest, Sha256};
use trainyard_commands::Command;
use trainyard_commands::model::ModelCommand;
use trainyard_events::card::{Description, PRETRAINED, shelf};
use trainyard_events::config::Task;
use trainyard_events::job::{FailureClass, JobEvent};
use trainyard_events::model::ModelCard;
use trainyard_events::reason::{Reason, Trouble, Unfit};
use trainyard_events::results::Artifact;
use trainyard_events::{Aggregate, TrainingConfig};
use trainyard_local::harness;
use trainyard_store::{Store, StoreConfig};
use trainyard_workers::runners::check::check;
use trainyard_workers::runners::{Installed, RunnerError, installed, remove};
use trainyard_workers::weights::Hub;
use trainyard_workers::{Allowed, Sources, WorkerConfig};
use yard::hub::{Does, TestHub};
use yard::{Yard, config, eventually, trainer};

fn command(name: &str) -> Vec<String> {
    vec![trainer().display().to_string(), format!("--as={name}")]
}

fn has_ended(event: &JobEvent) -> bool {
    matches!(event, JobEvent::Finished { .. } | JobEvent::AttemptFailed { .. })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_is_kept_whole_and_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let found = Installed::ask(command("tin"), folder.path()).await.unwrap();
    found.keep(folder.path()).unwrap();
    std::fs::create_dir(folder.path().join("half")).unwrap();
    std::fs::write(folder.path().join("half/runner.json"), "{").unwrap();
    let all = installed(folder.path());
    assert_eq!(all.keys().collect::<Vec<_>>(), ["tin"]);
    assert_eq!(all["tin"], found);
    assert!(!remove(folder.path(), "../tin").unwrap() && !remove(folder.path(), "gold").unwrap());
    assert!(remove(folder.path(), "tin").unwrap() && installed(folder.path()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_runner_is_told_why() {
    let folder = tempfile::tempdir().unwrap();
    let ask = async |command: Vec<String>| Installed::ask(command, folder.path()).await.unwrap_err();
    assert!(matches!(ask(vec![]).await, RunnerError::NoCommand));
    assert!(matches!(ask(command("old")).await, RunnerError::OtherProtocol { theirs: 1, .. }));
    assert!(matches!(ask(command("misnamed")).await, RunnerError::BadName { .. }));
    assert!(matches!(ask(vec!["/bin/echo".into()]).await, RunnerError::NotADescription { .. }));
    let crashed = ask(command("crashes")).await.to_string();
    assert!(crashed.contains("exit code 1") && crashed.contains("no module named torch"), "{crashed}");
    assert!(matches!(ask(vec!["/no/such/program".into()]).await, RunnerError::Failed { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_waits_for_its_runner_and_others_do_not() {
    let yard = Yard::new().await;
    let agent = yard.agent("able");
    let dataset = yard.dataset("steady").await;
    let registered = yard.register(&dataset).await;
    yard.offer_inspection(&dataset, registered.sequence).await;
    let needs = |runner: Option<&str>| TrainingConfig {
        runner: runner.map(str::to_owned),
        ..config(&dataset.path, 1)
    };
    let waits = yard.job_of(&dataset, needs(Some("tin"))).await;
    let own = yard.job_of(&dataset, needs(None)).await;
    own.until(has_ended).await;
    let begun = |event: &JobEvent| matches!(event, JobEvent::AttemptStarted { .. });
    assert!(!waits.events().await.iter().any(begun), "nobody here can train it");

    let runners = yard.config("able").runners;
    std::fs::create_dir_all(&runners).unwrap();
    Installed::ask(command("tin"), &runners).await.unwrap().keep(&runners).unwrap();
    let told = eventually("the worker's word about its runner", async || {
        let fleet = yard.bus.fleet().list().await.unwrap();
        fleet.iter().find_map(|worker| worker.runners.first().cloned())
    })
    .await;
    let said = yard.store.get_bytes(&shelf(&told.description), 1 << 20).await.unwrap();
    assert_eq!(hex::encode(Sha256::digest(&said)), told.description);
    assert_eq!(serde_json::from_slice::<Description>(&said).unwrap().runner, "tin");
    assert!(matches!(waits.until(has_ended).await.last(), Some(JobEvent::Finished { .. })));

    remove(&runners, "tin").unwrap();
    eventually("the worker's word that it is gone", async || {
        yard.bus.fleet().list().await.unwrap().iter().all(|worker| worker.runners.is_empty()).then_some(())
    })
    .await;
    agent.leave().await;
}

const WEIGHTS: &[u8] = b"numbers that somebody has learnt, and a few more of them";

/// How a training that starts from these weights ended, and what its trainer started from.
async fn trained(yard: &Yard, hub: &TestHub, weights: &str) -> Result<String, (FailureClass, Vec<Reason>)> {
    let hub = Hub { endpoint: hub.address.clone(), token: Some("sesame".to_owned()) };
    trained_by(yard, WorkerConfig { hub, ..yard.config("starter") }, weights).await
}

async fn trained_by(
    yard: &Yard,
    worker: WorkerConfig,
    weights: &str,
) -> Result<String, (FailureClass, Vec<Reason>)> {
    let agent = yard.agent_with(worker);
    let dataset = yard.dataset("steady").await;
    let registered = yard.register(&dataset).await;
    yard.offer_inspection(&dataset, registered.sequence).await;
    let initial_weights = Some(weights.to_owned());
    let job = yard.job_of(&dataset, TrainingConfig { initial_weights, ..config(&dataset.path, 1) }).await;
    let events = job.until(has_ended).await;
    agent.leave().await;
    if let Some(JobEvent::AttemptFailed { failure, .. }) = events.last() {
        return Err((failure.class, failure.because.clone()));
    }
    let started = events.iter().find_map(|event| match event {
        JobEvent::TrainingStarted { resolved, .. } => resolved.get("initial_weights").cloned(),
        _ => None,
    });
    Ok(started.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn pretrained_weights_come_once_through_cuts_and_are_kept() {
    let yard = Yard::new().await;
    let hub = TestHub::new(WEIGHTS, [Does::Says(503)]);
    let busy = trained(&yard, &hub, PRETRAINED).await.unwrap_err();
    assert!(
        matches!(&busy, (FailureClass::Internal, because)
        if matches!(&because[..], [Reason::Trouble(Trouble::WeightsRefused { status: 503, .. })])),
        "{busy:?}"
    );

    hub.then(Does::LeadsTo("/cdn/model.safetensors".to_owned()));
    hub.then(Does::Cuts(20));
    // The same again from where it was cut: asked of the first address, as who led us there may lead elsewhere.
    hub.then(Does::Gives);
    let wanted = format!("initial.safetensors {}", hex::encode(Sha256::digest(WEIGHTS)));
    assert_eq!(trained(&yard, &hub, PRETRAINED).await.unwrap(), wanted);
    let asked = hub.asked();
    assert_eq!(asked.len(), 4, "{asked:?}");
    assert!(asked[1].starts_with("get /acme/pretence/resolve/main/model.safetensors "), "{}", asked[1]);
    assert!(asked[1].contains("authorization: bearer sesame"), "{}", asked[1]);
    assert!(asked[3].contains("range: bytes=20-") && asked[3].contains("if-range: \"one\""), "{}", asked[3]);

    let again = trained(&yard, &hub, "hf://acme/pretence/model.safetensors").await.unwrap();
    assert_eq!((again, hub.asked().len()), (wanted, 4), "from the store: nobody was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn weights_that_cannot_be_had_are_told_and_never_replaced_by_chance() {
    let yard = Yard::new().await;
    let hub = TestHub::new(
        WEIGHTS,
        [
            Does::Says(404),
            Does::LeadsTo("http://localhost:1/inside".to_owned()),
            Does::LeadsTo("file:///etc/passwd".to_owned()),
        ],
    );
    let trouble = async |weights: &str| match trained(&yard, &hub, weights).await {
        Err((class, because)) => match &because[..] {
            [Reason::Trouble(trouble)] => (class, trouble.clone()),
            other => panic!("{other:?}"),
        },
        Ok(started) => panic!("{weights}: {started}"),
    };
    let file = "hf://acme/other/model.safetensors";
    let gone = trouble(file).await;
    assert_eq!(
        gone,
        (FailureClass::Config, Trouble::WeightsRefused { source: file.to_owned(), status: 404 })
    );
    for inside in ["http://example.com/w", "https://127.0.0.1/w", "https://[::1]/w", "ftp://example.com/w"] {
        let out = Trouble::WeightsOutOfBounds { source: inside.to_owned() };
        assert_eq!(trouble(inside).await, (FailureClass::Config, out));
    }
    for astray in ["hf://acme/astray/model.safetensors", "hf://acme/lost/model.safetensors"] {
        let out = Trouble::WeightsOutOfBounds { source: astray.to_owned() };
        assert_eq!(trouble(astray).await, (FailureClass::Config, out), "where it leads is not followed");
    }
    let inside = "https://localhost/w.safetensors";
    let out = Trouble::WeightsOutOfBounds { source: inside.to_owned() };
    assert_eq!(trouble(inside).await, (FailureClass::Config, out), "by what its name leads to");
    assert_eq!(hub.asked().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn weights_of_a_bucket_are_fetched_once_where_that_is_allowed() {
    let yard = Yard::new().await;
    let access = harness::s3().await;
    let theirs = StoreConfig { bucket: access.bucket.clone(), ..yard.store_config.clone() };
    let (bucket, own) = (access.bucket.clone(), yard.store_config.bucket.clone());
    let store = Store::connect(theirs.clone()).await.unwrap();
    store.put_bytes("shared/w.pth", WEIGHTS.into()).await.unwrap();
    store.put_bytes("secret/w.pth", WEIGHTS.into()).await.unwrap();
    let buckets = [format!("{bucket}/shared"), own.clone()];
    let buckets = buckets.map(|what| Allowed { tenant: None, what }).into();
    let sources = Sources { buckets, s3: Some(theirs), ..Sources::default() };
    let start = async |source: &str| {
        let worker = WorkerConfig { sources: sources.clone(), ..yard.config("starter") };
        trained_by(&yard, worker, source).await
    };

    let source = format!("s3://{bucket}/shared/w.pth");
    let wanted = format!("initial.pth {}", hex::encode(Sha256::digest(WEIGHTS)));
    assert_eq!(start(&source).await.unwrap(), wanted);
    store.put_bytes("shared/w.pth", "others by now".into()).await.unwrap();
    assert_eq!(start(&source).await.unwrap(), wanted, "the same bytes as the first time");

    let nothing = format!("s3://{bucket}/shared/none.pth");
    let not_allowed = |bucket: &str| Unfit::BucketNotAllowed { bucket: bucket.to_owned() };
    for (source, unfit) in [
        (format!("s3://{bucket}/secret/w.pth"), not_allowed(&bucket)),
        (format!("s3://{own}/blobs/w.pth"), not_allowed(&own)),
        (nothing.clone(), Unfit::NothingAt { address: nothing }),
    ] {
        let (class, because) = start(&source).await.unwrap_err();
        assert_eq!((class, &because[..]), (FailureClass::Config, &[Reason::Unfit(unfit)][..]), "{source}");
    }
    for nameless in ["s3://", "s3:///w.pth", "s3://bucket"] {
        let (class, because) = start(nameless).await.unwrap_err();
        let out = Trouble::WeightsOutOfBounds { source: nameless.to_owned() };
        assert_eq!((class, &because[..]), (FailureClass::Config, &[Reason::Trouble(out)][..]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trainer_that_leaves_no_model_to_answer_with_fails_the_suite() {
    let folder = tempfile::tempdir().unwrap();
    let installed = Installed::ask(command("tin"), folder.path()).await.unwrap();
    let tried = check(&installed, None, folder.path()).await;
    let problem = |what: &str| {
        let found =
            tried.iter().find(|one| one.what.contains(what)).unwrap_or_else(|| panic!("{what}: {tried:?}"));
        found.outcome.clone().unwrap_err()
    };
    assert!(problem("in order").contains("classes"), "{tried:?}");
    for refused in ["refuses a model", "without images", "a broken image"] {
        assert!(problem(refused).contains("said nothing"), "{tried:?}");
    }
    let unknown = check(&installed, Some("resnet19"), folder.path()).await;
    assert!(
        unknown.len() == 1 && unknown[0].outcome.as_ref().unwrap_err().contains("resnet19"),
        "{unknown:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_of_a_model_is_started_from_by_its_hash() {
    let yard = Yard::new().await;
    let hub = TestHub::new(WEIGHTS, []);
    let key = "jobs/01890000-0000-7000-8000-000000000003/7/model.safetensors";
    let stored = yard.store.put_bytes(key, WEIGHTS.into()).await.unwrap();
    let weights =
        Artifact { role: "weights".into(), key: key.into(), sha256: stored.sha256, bytes: stored.bytes };
    for (version, weights) in [(1, Some(weights)), (2, None)] {
        let (key, sha256) = ("k".to_owned(), version.to_string());
        let export = Artifact { role: "onnx".into(), key, sha256, bytes: 1 };
        let card = ModelCard {
            job: uuid::Uuid::nil(),
            export,
            weights,
            task: Task::Classify,
            model: "resnet18".into(),
            runner: None,
            licence: None,
            classes: vec![],
            preprocessing: None,
            output: None,
            dataset: None,
            dataset_hash: None,
            config_hash: "c".into(),
            measurements: Default::default(),
        };
        let register = ModelCommand::Register { name: "line3".into(), card: Box::new(card) };
        yard.ask(Aggregate::model_called(&yard.tenant, "line3"), Command::Model(register)).await;
    }
    let wanted = format!("initial.safetensors {}", hex::encode(Sha256::digest(WEIGHTS)));
    assert_eq!(trained(&yard, &hub, "line3@1").await.unwrap(), wanted);
    for none in ["line3@2", "line3@3", "line3@champion", "line4@1"] {
        let (class, because) = trained(&yard, &hub, none).await.unwrap_err();
        assert_eq!(class, FailureClass::Config, "{none}: never a random start");
        assert_eq!(because, [Reason::Trouble(Trouble::NoVersionToStartFrom { source: none.to_owned() })]);
    }
    assert!(hub.asked().is_empty());
}
