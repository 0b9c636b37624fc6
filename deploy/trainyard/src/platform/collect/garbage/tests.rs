//! What is kept and what goes, for each way that a job can go; and that nothing which is called garbage is ever needed.

use std::collections::BTreeMap;

use time::macros::datetime;
use trainyard_events::config::Continuation;
use trainyard_events::job::{Failure, FailureClass};
use trainyard_events::{Actor, DatasetEvent, Envelope};

use super::*;

const NOW: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);
const JOB: Uuid = Uuid::from_u128(7);

/// A history of jobs, written by hand.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) events: Vec<Recorded>,
}

impl Log {
    /// A job begins with its request.
    pub(crate) fn write(&mut self, job: Uuid, event: JobEvent) -> u64 {
        if !self.events.iter().any(|event| event.envelope.aggregate == Aggregate::Job(job)) {
            self.append(job, requested());
        }
        self.append(job, event)
    }

    /// A job on the dataset that is written so.
    pub(crate) fn request(&mut self, job: Uuid, of: Uuid, written: &str) -> u64 {
        let JobEvent::Requested { mut config, config_hash, chat, approval, .. } = requested() else {
            panic!("it is a request")
        };
        config.dataset = Some(written.to_owned());
        self.append(job, JobEvent::Requested { config, config_hash, dataset: of, chat, approval })
    }

    pub(crate) fn dataset(&mut self, id: Uuid, event: DatasetEvent) -> u64 {
        self.append_of(Aggregate::Dataset(id), Event::Dataset(event))
    }

    fn append(&mut self, job: Uuid, event: JobEvent) -> u64 {
        self.append_of(Aggregate::Job(job), Event::Job(event))
    }

    fn append_of(&mut self, aggregate: Aggregate, event: Event) -> u64 {
        let sequence = self.events.len() as u64 + 1;
        let envelope = Envelope {
            event_id: Uuid::from_u128(sequence.into()),
            tenant: "acme".parse().unwrap(),
            aggregate,
            command_id: Uuid::from_u128(sequence.into()),
            correlation_id: Uuid::nil(),
            causation_id: None,
            actor: Actor::Worker("w".to_owned()),
            at: NOW,
            sealed: None,
            event,
        };
        self.events.push(Recorded::new(sequence, envelope));
        sequence
    }

    pub(crate) fn start(&mut self, job: Uuid, resume: Option<CheckpointRef>) -> u64 {
        let (worker, batch_divisor) = ("w".to_owned(), 1);
        self.write(job, JobEvent::AttemptStarted { worker, attempt: 1, dispatch: 1, batch_divisor, resume })
    }

    pub(crate) fn commit(&mut self, job: Uuid, token: u64, step: u64) -> CheckpointRef {
        let artifact = artifact("checkpoint", &path(job, token, &format!("checkpoint-{step}")));
        let checkpoint = CheckpointRef { epoch: step as u32, step, artifact };
        self.write(job, JobEvent::CheckpointCommitted { token, checkpoint: checkpoint.clone() });
        checkpoint
    }

    pub(crate) fn finish(&mut self, job: Uuid, token: u64) {
        let artifacts = vec![
            artifact("weights", &path(job, token, "weights.safetensors")),
            artifact("console", &path(job, token, "console.log")),
        ];
        let (measurements, classes, stopped_early) = (BTreeMap::new(), Vec::new(), None);
        let finished = JobEvent::Finished {
            token,
            best_epoch: 1,
            measurements,
            classes,
            artifacts,
            stopped_early,
            because: vec![],
        };
        self.write(job, finished);
    }

    pub(crate) fn named(&self) -> Named {
        let mut named = Named::default();
        self.events.iter().for_each(|event| named.take_in(event.clone().into()));
        named
    }

    /// What becomes of the object, written so many hours ago.
    fn verdict(&self, key: &str, hours: i64) -> Verdict {
        let written_s = NOW.unix_timestamp() - hours * 3_600;
        self.named().verdict(&Listed { key: key.to_owned(), bytes: 1, written_s }, NOW)
    }
}

/// Whatever it asks for.
fn requested() -> JobEvent {
    let golden = include_bytes!("../../../../../../events/tests/golden/job.requested.v1.json");
    let Event::Job(event) = Envelope::from_json(golden).unwrap().event else { panic!("it is a request") };
    event
}

fn artifact(role: &str, key: &str) -> Artifact {
    Artifact { role: role.to_owned(), key: key.to_owned(), sha256: String::new(), bytes: 1 }
}

pub(crate) fn path(job: Uuid, token: u64, name: &str) -> String {
    trainyard_store::job_key(job, token, name).unwrap()
}

const PASSED: Verdict = Verdict::Collect(Garbage::Checkpoint);
const UNNAMED: Verdict = Verdict::Collect(Garbage::Unnamed);

#[test]
fn a_job_that_goes_on_keeps_its_newest_two_whoever_committed_them() {
    let mut log = Log::default();
    let first = log.start(JOB, None);
    let one = log.commit(JOB, first, 1);
    let two = log.commit(JOB, first, 2);
    log.write(JOB, JobEvent::AttemptLost { token: first });
    let second = log.start(JOB, Some(two.clone()));
    assert_eq!(log.verdict(&one.artifact.key, 0), Verdict::Keep);
    let three = log.commit(JOB, second, 3);
    for (checkpoint, verdict) in [(&one, PASSED), (&two, Verdict::Keep), (&three, Verdict::Keep)] {
        assert_eq!(log.verdict(&checkpoint.artifact.key, 0), verdict, "{}", checkpoint.step);
    }
    log.commit(JOB, second, 4);
    assert_eq!(log.verdict(&two.artifact.key, 0), Verdict::Keep, "the attempt may still be fetching it");
    log.commit(JOB, second, 4);
    assert_eq!(log.verdict(&three.artifact.key, 0), Verdict::Keep, "one that is named twice counts once");
}

#[test]
fn a_finished_job_keeps_what_it_names_and_its_newest_checkpoint() {
    let mut log = Log::default();
    let token = log.start(JOB, None);
    let (one, two) = (log.commit(JOB, token, 1), log.commit(JOB, token, 2));
    log.finish(JOB, token);
    assert_eq!(log.verdict(&one.artifact.key, 0), PASSED);
    assert_eq!(log.verdict(&two.artifact.key, 10_000), Verdict::Keep);
    for name in ["weights.safetensors", "console.log"] {
        assert_eq!(log.verdict(&path(JOB, token, name), 1_000), Verdict::Keep, "{name}");
    }
    assert_eq!(log.verdict(&path(JOB, token, "pr_curve.json"), 25), UNNAMED);
}

#[test]
fn a_job_that_failed_or_was_cancelled_keeps_its_newest_checkpoint() {
    let failure = Failure {
        class: FailureClass::Internal,
        message: String::new(),
        next_step: String::new(),
        console: Vec::new(),
        because: vec![],
        advice: vec![],
    };
    for end in [JobEvent::Cancelled { token: None, console: None }, JobEvent::Failed { failure }] {
        let mut log = Log::default();
        let token = log.start(JOB, None);
        let (one, two) = (log.commit(JOB, token, 1), log.commit(JOB, token, 2));
        log.write(JOB, JobEvent::AttemptPreempted { token, reason: String::new(), because: vec![] });
        log.write(JOB, end);
        assert_eq!(log.verdict(&one.artifact.key, 0), PASSED);
        assert_eq!(log.verdict(&two.artifact.key, 10_000), Verdict::Keep);
        // Another job goes on from there.
        let other = Uuid::from_u128(8);
        log.start(other, Some(one.clone()));
        assert_eq!(log.verdict(&one.artifact.key, 0), Verdict::Keep);
        log.write(other, JobEvent::Cancelled { token: None, console: None });
        assert_eq!(log.verdict(&one.artifact.key, 0), PASSED);
    }
}

#[test]
fn what_a_fork_is_to_begin_with_is_kept_until_it_has() {
    let mut log = Log::default();
    let token = log.start(JOB, None);
    let one = log.commit(JOB, token, 1);
    let other = Uuid::from_u128(8);
    let JobEvent::Requested { mut config, config_hash, dataset, chat, approval } = requested() else {
        panic!("it is a request")
    };
    let (job, checkpoint) = (JOB, one.clone());
    let from = Continuation {
        job,
        checkpoint,
        best_epoch: None,
        best: None,
        trained_as: None,
        unread: Default::default(),
    };
    config.continues = Some(Box::new(from));
    log.append(other, JobEvent::Requested { config, config_hash, dataset, chat, approval });
    for step in 2..5 {
        log.commit(JOB, token, step);
    }
    assert_eq!(log.verdict(&one.artifact.key, 0), Verdict::Keep, "no attempt has begun yet");
    let forked = log.start(other, Some(one.clone()));
    log.commit(other, forked, 9);
    assert_eq!(log.verdict(&one.artifact.key, 0), Verdict::Keep);
    log.finish(other, forked);
    assert_eq!(log.verdict(&one.artifact.key, 0), PASSED);
}

#[test]
fn the_console_of_an_attempt_that_failed_or_was_cancelled_is_kept() {
    let mut log = Log::default();
    let console = |token| artifact("console", &path(JOB, token, "console.log"));
    let failed = log.start(JOB, None);
    let failure = Failure {
        class: FailureClass::Internal,
        message: String::new(),
        next_step: String::new(),
        console: Vec::new(),
        because: vec![],
        advice: vec![],
    };
    log.write(JOB, JobEvent::AttemptFailed { token: failed, failure, console: Some(console(failed)) });
    let cancelled = log.start(JOB, None);
    log.write(JOB, JobEvent::Cancelled { token: Some(cancelled), console: Some(console(cancelled)) });
    for token in [failed, cancelled] {
        assert_eq!(log.verdict(&console(token).key, 10_000), Verdict::Keep);
    }
}

#[test]
fn what_no_event_names_is_left_alone_while_one_may_come_and_for_a_day() {
    let mut log = Log::default();
    let token = log.start(JOB, None);
    let unnamed = path(JOB, token, "checkpoint-9");
    assert_eq!(log.verdict(&unnamed, 1_000), Verdict::Keep, "the event that names it may be on its way");
    log.write(JOB, JobEvent::AttemptLost { token });
    assert_eq!(log.verdict(&unnamed, 23), Verdict::Keep);
    assert_eq!(log.verdict(&unnamed, 24), UNNAMED);
    assert_eq!(log.verdict(&unnamed, -24), Verdict::Keep, "written in the future of our clock");
}

#[test]
fn what_a_version_of_a_model_names_stays_whatever_else_names_it() {
    let mut log = Log::default();
    let token = log.start(JOB, None);
    let [export, weights, other] =
        ["model.onnx", "model.safetensors", "other.onnx"].map(|name| path(JOB, token, name));
    log.write(JOB, JobEvent::AttemptLost { token });
    assert_eq!([&export, &weights, &other].map(|key| log.verdict(key, 25)), [UNNAMED; 3]);
    let golden = include_bytes!("../../../../../../events/tests/golden/model.registered.v1.whole.json");
    let Event::Model(ModelEvent::Registered { name, version, mut card }) =
        Envelope::from_json(golden).unwrap().event
    else {
        panic!("it is a registration")
    };
    card.export.key.clone_from(&export);
    card.weights.as_mut().unwrap().key.clone_from(&weights);
    let model = Aggregate::Model(Uuid::from_u128(9));
    log.append_of(model.clone(), Event::Model(ModelEvent::Registered { name, version, card }));
    log.append_of(model, Event::Model(ModelEvent::Archived { version }));
    assert_eq!([&export, &weights].map(|key| log.verdict(key, 25)), [Verdict::Keep; 2]);
    assert_eq!(log.verdict(&other, 25), UNNAMED);
}

#[test]
fn what_this_log_does_not_know_is_not_touched() {
    let mut log = Log::default();
    let token = log.start(JOB, None);
    log.finish(JOB, token);
    let stranger = Uuid::from_u128(9);
    for key in [
        path(stranger, token, "weights.safetensors"),
        path(JOB, token + 1, "checkpoint-1"),
        format!("jobs/{JOB}/x/checkpoint-1"),
        format!("jobs/{JOB}"),
        "jobs/".to_owned(),
        "jobs/a/1/weights".to_owned(),
        "archive/head.json".to_owned(),
    ] {
        assert_eq!(log.verdict(&key, 10_000), Verdict::Foreign, "{key}");
    }
    assert_eq!(Log::default().verdict(&path(JOB, token, "x"), 10_000), Verdict::Foreign, "an empty log");
}

/// Whatever is garbage by a prefix of the log is garbage, or named by nobody, by every longer one: so it does not
/// matter how much is written while a run is under way.
#[test]
fn garbage_stays_garbage() {
    let mut log = Log::default();
    let mut keys = Vec::new();
    for round in 0..4 {
        let token = log.start(JOB, None);
        keys.push(path(JOB, token, "console.log"));
        for step in 1..=3 {
            keys.push(log.commit(JOB, token, round * 10 + step).artifact.key);
        }
        match round {
            3 => log.finish(JOB, token),
            _ => {
                log.write(JOB, JobEvent::AttemptLost { token });
            }
        }
    }
    let mut garbage: HashSet<&String> = HashSet::new();
    for length in 0..=log.events.len() {
        let prefix = Log { events: log.events[..length].to_vec() };
        let now: HashSet<&String> =
            keys.iter().filter(|key| matches!(prefix.verdict(key, 48), Verdict::Collect(_))).collect();
        assert!(garbage.is_subset(&now), "{length}: {garbage:?} {now:?}");
        garbage = now;
    }
    assert_eq!(
        garbage.len(),
        keys.len() - 2,
        "all but the console that the end names, and the newest checkpoint"
    );
}
