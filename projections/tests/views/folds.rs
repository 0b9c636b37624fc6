//! Given these facts, the row is this. No Postgres.

use serde_json::Value;
use trainyard_events::config::Continuation;
use trainyard_events::job::FailureClass;
use trainyard_events::results::Artifact;
use trainyard_events::{Aggregate, EndpointEvent, Event, JobEvent};
use trainyard_views::{JobRow, JobStatus, public_event, public_json};

use crate::fixtures::*;

/// The row after every fact of a story about one job.
fn fold(story: &Story) -> JobRow {
    let mut row = JobRow::requested(&story.events[0], 1).unwrap();
    for event in &story.events[1..] {
        row.apply(event);
    }
    row
}

/// A job in training: the story so far, and the token of its attempt.
fn training() -> (Story, u64) {
    let mut story = Story::default();
    story.job("acme", GOOD, requested(None));
    let dispatch = story.job("acme", GOOD, dispatched());
    let token = story.job("acme", GOOD, attempt(1, dispatch, None));
    story.job("acme", GOOD, training_started(token));
    story.job("acme", GOOD, epoch(token, 1, 0.5, true));
    (story, token)
}

#[test]
fn status_follows_the_facts() {
    let (story, token) = training();
    let expected = [
        JobStatus::Requested,
        JobStatus::Queued,
        JobStatus::Starting,
        JobStatus::Training,
        JobStatus::Training,
    ];
    for (count, status) in expected.into_iter().enumerate() {
        let row = fold(&Story { events: story.events[..=count].to_vec() });
        assert_eq!((row.status, row.sequence), (status, count as u64 + 1));
    }
    let row = fold(&story);
    assert_eq!((row.token, row.worker.as_deref(), row.attempt), (Some(token), Some("cpu-1"), 1));
    assert_eq!((row.epochs_done, row.progress, row.best_epoch), (1, 0.25, Some(1)));
    assert_eq!((row.best, row.parameters), (Some(accuracy(0.5)), Some(u64::MAX)));
    assert_eq!((row.waiting_reason, row.finished_at), (None, None));
}

#[test]
fn a_stale_token_changes_nothing() {
    let (mut story, token) = training();
    story.job("acme", GOOD, JobEvent::AttemptLost { token });
    let dispatch = story.job("acme", GOOD, dispatched());
    story.job("acme", GOOD, attempt(2, dispatch, None));
    let before = fold(&story);
    let stale = [
        training_started(token),
        epoch(token, 2, 0.99, true),
        JobEvent::CheckpointCommitted { token, checkpoint: checkpoint(1) },
        JobEvent::AttemptPreempted { token, reason: "spot".to_owned(), because: vec![] },
        JobEvent::AttemptLost { token },
        JobEvent::AttemptFailed { token, failure: failure(FailureClass::Internal), console: None },
        JobEvent::Cancelled { token: Some(token), console: None },
        finished(token, 1),
    ];
    for event in stale {
        let kind = Event::Job(event.clone()).kind();
        story.job("acme", GOOD, event);
        assert_eq!(fold(&story), before, "{kind}");
    }
}

#[test]
fn a_resumed_attempt_goes_back_to_its_checkpoint() {
    let (mut story, token) = training();
    story.job("acme", GOOD, JobEvent::CheckpointCommitted { token, checkpoint: checkpoint(1) });
    story.job("acme", GOOD, epoch(token, 2, 0.9, true));
    story.job(
        "acme",
        GOOD,
        JobEvent::AttemptPreempted { token, reason: "spot notice".to_owned(), because: vec![] },
    );
    let waiting = fold(&story);
    assert_eq!((waiting.status, waiting.token, waiting.worker), (JobStatus::Requested, None, None));
    assert_eq!(waiting.waiting_reason.as_deref(), Some("attempt 1 was preempted: spot notice"));
    assert_eq!((waiting.best_epoch, waiting.failed_attempts), (Some(2), 0));

    let dispatch = story.job("acme", GOOD, dispatched());
    story.job("acme", GOOD, attempt(2, dispatch, Some(checkpoint(1))));
    let resumed = fold(&story);
    assert_eq!((resumed.resumed_epoch, resumed.epochs_done, resumed.progress), (1, 1, 0.25));
    assert_eq!((resumed.best_epoch, resumed.best), (Some(1), Some(accuracy(0.5))));
}

#[test]
fn an_attempt_without_a_checkpoint_begins_at_nothing() {
    let (mut story, token) = training();
    story.job("acme", GOOD, JobEvent::AttemptLost { token });
    let dispatch = story.job("acme", GOOD, dispatched());
    story.job("acme", GOOD, attempt(2, dispatch, None));
    let row = fold(&story);
    assert_eq!((row.epochs_done, row.progress, row.best_epoch, row.best), (0, 0.0, None, None));
    assert_eq!(row.started_at, Some(story.events[2].envelope.at), "of the first attempt");
}

#[test]
fn a_failed_attempt_is_shown_until_the_job_gets_over_it() {
    let (mut story, token) = training();
    let trouble = failure(FailureClass::Device);
    story.job("acme", GOOD, JobEvent::AttemptFailed { token, failure: trouble.clone(), console: None });
    let row = fold(&story);
    assert_eq!((row.status, row.failed_attempts), (JobStatus::Requested, 1));
    assert_eq!(row.failure, Some(trouble));
    assert_eq!(
        row.waiting_reason.as_deref(),
        Some("attempt 1 failed: the loss is no longer a number at step 7")
    );

    let dispatch = story.job("acme", GOOD, dispatched());
    let token = story.job("acme", GOOD, attempt(2, dispatch, None));
    story.job("acme", GOOD, finished(token, 4));
    let row = fold(&story);
    assert_eq!((row.status, row.failure, row.progress), (JobStatus::Finished, None, 1.0));
    assert_eq!((row.artifacts.len(), row.failed_attempts), (2, 1));
}

#[test]
fn a_failed_job_keeps_its_console() {
    let (mut story, token) = training();
    let trouble = failure(FailureClass::Diverged);
    story.job("acme", GOOD, JobEvent::AttemptFailed { token, failure: trouble.clone(), console: None });
    story.job("acme", GOOD, JobEvent::Failed { failure: trouble });
    let row = fold(&story);
    assert_eq!((row.status, row.finished_at), (JobStatus::Failed, Some(story.last().envelope.at)));
    assert_eq!(row.failure.unwrap().console, ["step 7", "loss nan"]);
}

#[test]
fn cancelled_before_it_starts() {
    let mut story = Story::default();
    story.job("acme", GOOD, requested(None));
    story.job("acme", GOOD, JobEvent::CancelRequested { reason: "never mind".to_owned(), because: vec![] });
    assert_eq!(fold(&story).status, JobStatus::Cancelling);
    story.job("acme", GOOD, JobEvent::Cancelled { token: None, console: None });
    let row = fold(&story);
    assert_eq!((row.status, row.cancel_reason.as_deref()), (JobStatus::Cancelled, Some("never mind")));
}

#[test]
fn cancelling_lasts_until_the_trainer_is_seen_to_end() {
    let (mut story, token) = training();
    story.job("acme", GOOD, JobEvent::CancelRequested { reason: "enough".to_owned(), because: vec![] });
    story.job("acme", GOOD, epoch(token, 2, 0.6, true));
    let row = fold(&story);
    assert_eq!((row.status, row.epochs_done), (JobStatus::Cancelling, 2));
    story.job("acme", GOOD, JobEvent::AttemptLost { token });
    assert_eq!(fold(&story).status, JobStatus::Cancelling);
    story.job("acme", GOOD, JobEvent::Cancelled { token: None, console: None });
    assert_eq!(fold(&story).status, JobStatus::Cancelled);
}

#[test]
fn a_job_that_continues_another_stands_where_that_one_stopped() {
    let from = Continuation {
        job: BAD,
        checkpoint: checkpoint(2),
        best_epoch: Some(1),
        best: Some(accuracy(0.5)),
        trained_as: None,
        unread: Default::default(),
    };
    let mut continued = requested(None);
    let JobEvent::Requested { config, .. } = &mut continued else { unreachable!() };
    config.continues = Some(Box::new(from));
    let mut story = Story::default();
    story.job("acme", GOOD, continued);
    let row = fold(&story);
    assert_eq!((row.epochs_done, row.progress, row.best_epoch), (2, 0.5, Some(1)));
    let dispatch = story.job("acme", GOOD, dispatched());
    let token = story.job("acme", GOOD, attempt(1, dispatch, Some(checkpoint(2))));
    let row = fold(&story);
    assert_eq!((row.resumed_epoch, row.epochs_done, row.best), (2, 2, Some(accuracy(0.5))));
    story.job("acme", GOOD, epoch(token, 3, 0.4, false));
    let row = fold(&story);
    assert_eq!((row.epochs_done, row.progress, row.best_epoch), (3, 0.75, Some(1)));
}

#[test]
fn every_attempt_may_leave_a_console() {
    let console = |token: u64| Artifact { key: format!("jobs/x/{token}/console.log"), ..artifact("console") };
    let keys = |row: &JobRow| row.artifacts.iter().map(|one| one.key.clone()).collect::<Vec<_>>();
    let (mut story, token) = training();
    let failure = failure(FailureClass::Device);
    story.job("acme", GOOD, JobEvent::AttemptFailed { token, failure, console: Some(console(token)) });
    assert_eq!(keys(&fold(&story)), [format!("jobs/x/{token}/console.log")]);
    let dispatch = story.job("acme", GOOD, dispatched());
    let second = story.job("acme", GOOD, attempt(2, dispatch, None));
    let mut cancelled = story.clone();
    story.job("acme", GOOD, finished(second, 1));
    let results = ["jobs/x/1/weights".to_owned(), "jobs/x/1/report".to_owned()];
    assert_eq!(keys(&fold(&story)), [&results[..], &[console(token).key]].concat());
    let end = JobEvent::Cancelled { token: Some(second), console: Some(console(second)) };
    cancelled.job("acme", GOOD, end);
    assert_eq!(keys(&fold(&cancelled)), [console(second).key, console(token).key], "the newest first");
}

#[test]
fn the_endpoint_outlives_the_job() {
    let (mut story, token) = training();
    story.job("acme", GOOD, finished(token, 1));
    let deployed = EndpointEvent::Deployed { weights: artifact("weights"), classes: Vec::new() };
    story.tell("acme", Aggregate::Endpoint(GOOD), Event::Endpoint(deployed));
    assert!(fold(&story).deployed);
    story.tell("acme", Aggregate::Endpoint(GOOD), Event::Endpoint(EndpointEvent::Withdrawn {}));
    let row = fold(&story);
    assert_eq!((row.deployed, row.status), (false, JobStatus::Finished));
}

/// What is taken as it is stored says the same as what was read for it, secrets and what Postgres cannot hold included.
#[test]
fn an_event_leaves_in_one_form() {
    for event in &story().events {
        let json = public_json(event);
        assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), public_event(event), "{json}");
        assert!(!json.contains(TOKEN_HASH) && !json.contains(r"\u0000"), "{json}");
    }
}
