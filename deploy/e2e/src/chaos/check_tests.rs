//! Bad histories: the checker rejects each of them, and lets pass what only looks like it.

use trainyard_events::chat::Language;
use trainyard_events::config::{
    Augmentation, Device, Optimizer, Priority, Resize, Schedule, Task, TrainingConfig,
};
use trainyard_events::fleet::Pool;
use trainyard_events::job::{Failure, FailureClass};
use trainyard_events::results::CheckpointRef;
use trainyard_events::{Actor, ChatEvent, Envelope};
use trainyard_local::harness;
use trainyard_store::StoreConfig;

use super::*;
use crate::chaos::fleet::TENANT;

const SEED: u64 = 7;
const EPOCHS: u32 = 3;

fn job_id() -> Uuid {
    Uuid::from_u128(7)
}

fn recorded(sequence: u64, aggregate: &Aggregate, event: Event) -> Recorded {
    let id = Uuid::from_u128(sequence.into());
    let envelope = Envelope {
        event_id: id,
        tenant: TENANT.parse().expect("a name"),
        aggregate: aggregate.clone(),
        command_id: id,
        correlation_id: Uuid::nil(),
        causation_id: None,
        actor: Actor::User("test".to_owned()),
        at: OffsetDateTime::UNIX_EPOCH + Duration::from_secs(sequence),
        sealed: None,
        event,
    };
    Recorded::new(sequence, envelope)
}

/// Numbered from 1, the first of them said in a chat and the others of one job.
fn log(said: ChatEvent, events: Vec<JobEvent>) -> Vec<Recorded> {
    let (chat, job) = (Aggregate::Chat(Uuid::from_u128(5)), Aggregate::Job(job_id()));
    let first = recorded(1, &chat, Event::Chat(said));
    let others =
        events.into_iter().zip(2..).map(|(event, sequence)| recorded(sequence, &job, Event::Job(event)));
    std::iter::once(first).chain(others).collect()
}

/// The same events as if nothing had ever been between them.
fn renumbered(events: Vec<Recorded>) -> Vec<Recorded> {
    events.into_iter().zip(1..).map(|(event, sequence)| Recorded::new(sequence, event.envelope)).collect()
}

fn config() -> TrainingConfig {
    TrainingConfig {
        task: Task::Classify,
        model: "resnet18".to_owned(),
        dataset: Some("digits".to_owned()),
        classes: Vec::new(),
        epochs: EPOCHS,
        image_size: 16,
        batch_size: 8,
        learning_rate: 0.05,
        optimizer: Optimizer::Sgd,
        momentum: 0.9,
        weight_decay: 5e-4,
        schedule: Schedule::Cosine,
        warmup_epochs: 1.0,
        label_smoothing: 0.1,
        ema: true,
        augmentation: Augmentation::Light,
        resize: Resize::Letterbox,
        patience: None,
        seed: SEED,
        device: Device::Cpu,
        priority: Priority::Normal,
        initial_weights: None,
        runner: None,
        options: Default::default(),
        continues: None,
        resources: None,
        max_cost: None,
        max_hours: None,
        unread: Default::default(),
    }
}

fn approved() -> ChatEvent {
    ChatEvent::ProposalApproved { hash: config().hash(), config: config(), reply: String::new() }
}

fn requested() -> JobEvent {
    let (config, config_hash) = (config(), config().hash());
    let approval = Uuid::from_u128(1);
    JobEvent::Requested { config, config_hash, dataset: Uuid::nil(), chat: None, approval }
}

fn dispatched() -> JobEvent {
    let (pool, class) = (Pool::Cpu, Priority::Normal);
    JobEvent::Dispatched {
        pool,
        class,
        reason: String::new(),
        withdrawn: false,
        worker: None,
        because: Vec::new(),
        price: None,
    }
}

fn started(attempt: u32, dispatch: u64, resume: Option<CheckpointRef>) -> JobEvent {
    JobEvent::AttemptStarted { worker: "worker-1".to_owned(), attempt, dispatch, batch_divisor: 1, resume }
}

fn epoch(token: u64, epoch: u32) -> JobEvent {
    let accuracy = chain::accuracy(&chain::state(SEED, epoch));
    JobEvent::EpochLogged {
        token,
        epoch,
        train: Default::default(),
        validation: [("accuracy".to_owned(), accuracy)].into(),
        primary: "accuracy".to_owned(),
        is_best: true,
        learning_rate: 0.1,
        seconds: 1.0,
    }
}

fn artifact(role: &str, content: &str) -> Artifact {
    let key = format!("jobs/{}/4/{role}", job_id());
    let (sha256, bytes) = (sha256(content.as_bytes()), content.len() as u64);
    Artifact { role: role.to_owned(), key, sha256, bytes }
}

fn checkpoint(epochs: u32) -> CheckpointRef {
    let artifact = artifact(&format!("checkpoint-{epochs}"), &chain::state(SEED, epochs));
    CheckpointRef { epoch: epochs, step: u64::from(epochs), artifact }
}

fn kept(token: u64, epochs: u32) -> JobEvent {
    JobEvent::CheckpointCommitted { token, checkpoint: checkpoint(epochs) }
}

fn finished(token: u64) -> JobEvent {
    JobEvent::Finished {
        token,
        best_epoch: EPOCHS,
        measurements: Default::default(),
        classes: Vec::new(),
        artifacts: vec![artifact("weights", &chain::state(SEED, EPOCHS))],
        stopped_early: None,
        because: Vec::new(),
    }
}

fn wish() -> JobEvent {
    JobEvent::CancelRequested { reason: String::new(), because: Vec::new() }
}

/// An attempt that keeps two checkpoints and is lost, and one that goes on from there to the end.
fn good() -> Vec<JobEvent> {
    vec![
        requested(),
        dispatched(),
        started(1, 3, None),
        epoch(4, 1),
        kept(4, 1),
        epoch(4, 2),
        kept(4, 2),
        JobEvent::AttemptLost { token: 4 },
        dispatched(),
        started(2, 10, Some(checkpoint(2))),
        epoch(11, 3),
        finished(11),
    ]
}

fn promise() -> Acknowledged {
    Acknowledged { job: job_id(), sequence: 1, epochs: EPOCHS, seed: SEED, cancelled: false }
}

/// What is wrong with the good history once it was changed.
fn rejected(change: impl FnOnce(&mut Vec<JobEvent>)) -> String {
    let mut events = good();
    change(&mut events);
    rejected_log(&log(approved(), events), &[promise()])
}

fn rejected_log(log: &[Recorded], acknowledged: &[Acknowledged]) -> String {
    format!("{:#}", promises(log, acknowledged).expect_err("it is a bad history"))
}

/// The history with another end than the good one.
fn ended(events: Vec<JobEvent>) -> Vec<Recorded> {
    let mut all = good();
    all.truncate(8);
    all.extend(events);
    log(approved(), all)
}

#[test]
fn a_good_history_is_good_and_is_counted() {
    let findings = promises(&log(approved(), good()), &[promise()]).expect("it is good");
    assert_eq!((findings.events, findings.jobs, findings.attempts), (13, 1, 2));
    assert_eq!(findings.sequences, (1..=13).collect::<Vec<u64>>());
    assert_eq!(findings.kinds.get("job.epoch_logged"), Some(&3));
    let lost: Vec<&str> = findings.lost.iter().map(|loss| &*loss.worker).collect();
    assert_eq!((lost, findings.recoveries), (vec!["worker-1"], vec![time::Duration::seconds(2)]));
}

#[test]
fn what_was_acknowledged_is_in_the_log() {
    let log = log(approved(), good());
    let beyond = Acknowledged { sequence: 14, ..promise() };
    let said = rejected_log(&log, &[beyond]);
    assert!(said.contains("event 14 was acknowledged and is lost"), "{said}");
    let last = Acknowledged { sequence: 13, ..promise() };
    promises(&log, &[last]).expect("event 13 is there");
    let elsewhere = Acknowledged { job: Uuid::from_u128(8), ..promise() };
    let said = rejected_log(&log, &[promise(), elsewhere]);
    assert!(said.contains("it was acknowledged and has no history"), "{said}");
}

#[test]
fn what_nobody_was_told_of_is_not() {
    let said = rejected_log(&log(approved(), good()), &[]);
    assert!(said.contains("jobs that nobody was told of"), "{said}");
    // Something else than a job, of which nobody needs to be told.
    let said = ChatEvent::PromptReceived { text: "hello".to_owned(), language: Language::English };
    promises(&log(said, Vec::new()), &[]).expect("it is no job");
}

#[test]
fn what_the_auditor_would_find_is_found() {
    let hole = log(approved(), good()).into_iter().filter(|event| event.sequence != 7).collect::<Vec<_>>();
    let said = rejected_log(&hole, &[promise()]);
    assert!(said.contains("event 8 comes after 6"), "{said}");
    let said = rejected_log(&renumbered(hole), &[promise()]);
    assert!(said.contains("rule: Token") || said.contains("rule: Order"), "{said}");
    let said = rejected(|events| drop(events.remove(3)));
    assert!(said.contains("epoch 2 comes where 1 is next"), "{said}");
    let said = rejected(|events| events[10] = epoch(4, 3));
    assert!(said.contains("it carries the token 4"), "{said}");
}

#[test]
fn everything_comes_to_its_end() {
    let said = rejected(|events| drop(events.pop()));
    assert!(said.contains("1 jobs and 0 promises are open"), "{said}");
    let said = rejected_log(&log(approved(), Vec::new()), &[]);
    assert!(said.contains("nothing came of what was accepted"), "{said}");
    let said = rejected(|events| events.extend([epoch(11, 4)]));
    assert!(said.contains("the job has ended"), "{said}");
}

#[test]
fn every_measurement_is_the_one_of_the_chain() {
    let said = rejected(|events| {
        let JobEvent::EpochLogged { validation, .. } = &mut events[10] else { panic!("an epoch") };
        let accuracy = validation.get_mut("accuracy").expect("an accuracy");
        // The nearest number that there is.
        *accuracy = f64::from_bits(accuracy.to_bits() + 1);
    });
    assert!(said.contains("epoch 3: ") && said.contains("is not"), "{said}");
    let said = rejected(|events| {
        let JobEvent::EpochLogged { validation, .. } = &mut events[10] else { panic!("an epoch") };
        validation.clear();
    });
    assert!(said.contains("an accuracy"), "{said}");
    // As good for all epochs but this one.
    let said = rejected_log(&log(approved(), good()), &[Acknowledged { seed: SEED + 1, ..promise() }]);
    assert!(said.contains("epoch 1: "), "{said}");
}

#[test]
fn the_weights_are_those_of_the_last_epoch() {
    let weights = |content: String| {
        move |events: &mut Vec<JobEvent>| {
            let Some(JobEvent::Finished { artifacts, .. }) = events.last_mut() else { panic!("an end") };
            artifacts[0] = artifact("weights", &content);
        }
    };
    let said = rejected(weights(chain::state(SEED, EPOCHS - 1)));
    assert!(said.contains("the weights are of another lineage"), "{said}");
    let said = rejected(weights(chain::state(SEED + 1, EPOCHS)));
    assert!(said.contains("the weights are of another lineage"), "{said}");
    let said = rejected(|events| {
        let Some(JobEvent::Finished { best_epoch, .. }) = events.last_mut() else { panic!("an end") };
        *best_epoch = EPOCHS - 1;
    });
    assert!(said.contains("it finished after 2 epochs"), "{said}");
}

#[test]
fn what_is_cancelled_was_to_be() {
    let cancelled = JobEvent::Cancelled { token: None, console: None };
    let history = ended(vec![wish(), cancelled]);
    let asked = Acknowledged { cancelled: true, ..promise() };
    promises(&history, std::slice::from_ref(&asked)).expect("it was to be cancelled");
    let said = rejected_log(&history, &[promise()]);
    assert!(said.contains("nobody wished to cancel it"), "{said}");
    // It was over before it was heard.
    promises(&log(approved(), good()), &[asked]).expect("a wish that comes too late is none");
}

#[test]
fn no_job_fails() {
    let (message, next_step) = (String::new(), String::new());
    let (because, advice) = (Vec::new(), Vec::new());
    let class = FailureClass::Internal;
    let failure = Failure { class, message, next_step, console: Vec::new(), because, advice };
    let said = rejected_log(&ended(vec![JobEvent::Failed { failure: failure.clone() }]), &[promise()]);
    assert!(said.contains("it failed for want of a retry budget"), "{said}");
    // An attempt may, and another one goes on.
    let mut events = good();
    events[7] = JobEvent::AttemptFailed { token: 4, failure, console: None };
    promises(&log(approved(), events), &[promise()]).expect("an attempt is not the job");
}

#[tokio::test]
async fn what_is_of_use_is_in_the_store_and_what_is_not_is_not() {
    let s3 = harness::s3().await;
    let config = StoreConfig {
        endpoint: Some(s3.endpoint.clone()),
        region: s3.region.clone(),
        access_key: s3.access_key.clone(),
        secret_key: s3.secret_key.clone(),
        bucket: s3.bucket.clone(),
        path_style: true,
    };
    let store = Store::connect(config).await.expect("the store is up");
    let log = log(approved(), good());
    let histories = histories(&log);
    let to = harness::folder().join("artifact");
    let (weights, key) = (chain::state(SEED, EPOCHS), artifact("weights", "").key);
    let put = async |key: &str, content: String| {
        store.put_bytes(key, content.into()).await.expect("the store is up");
    };

    let missing = needed_are_there(&store, &histories, &to).await.expect_err("there is nothing yet");
    assert!(format!("{missing:#}").contains(&key), "{missing:#}");
    // As long as the right ones.
    put(&key, chain::state(SEED + 1, EPOCHS)).await;
    let other = needed_are_there(&store, &histories, &to).await.expect_err("they are another job's");
    assert!(format!("{other:#}").contains(&key), "{other:#}");
    put(&key, weights).await;
    let forked = needed_are_there(&store, &histories, &to).await.expect_err("a fork could not begin");
    assert!(format!("{forked:#}").contains(&checkpoint(2).artifact.key), "{forked:#}");
    put(&checkpoint(2).artifact.key, chain::state(SEED, 2)).await;
    assert_eq!(needed_are_there(&store, &histories, &to).await.expect("they are there"), 2);

    // What no event names is nobody's concern here: it may be of an upload that was never told.
    put(&format!("jobs/{}/4/checkpoint-9", job_id()), "x".to_owned()).await;
    passed_are_gone(&store, &histories).await.expect("the checkpoint before the newest is gone");
    put(&checkpoint(1).artifact.key, chain::state(SEED, 1)).await;
    let left = passed_are_gone(&store, &histories).await.expect_err("one is left");
    assert!(format!("{left:#}").contains("is of no use and was not collected"), "{left:#}");

    // Of a job that was cancelled one could go on from the newest.
    let log = ended(vec![wish(), JobEvent::Cancelled { token: None, console: None }]);
    let histories = super::histories(&log);
    assert_eq!(needed_are_there(&store, &histories, &to).await.expect("it is there"), 1);
    passed_are_gone(&store, &histories).await.expect_err("the one before it is left");
    store.delete(&checkpoint(1).artifact.key).await.expect("the store is up");
    passed_are_gone(&store, &histories).await.expect("the newest is of use");
}
