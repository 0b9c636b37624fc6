//! What holds for every history: folds are total and deterministic, stale tokens are mute, the end absorbs.

mod given;

use given::{config, finished, report_epoch, request};
use proptest::prelude::*;
use trainyard_commands::annotation::AnnotationChange;
use trainyard_commands::job::{Job, JobCommand, Status};
use trainyard_events::Annotation;
use trainyard_events::config::Priority;
use trainyard_events::fleet::Pool;
use trainyard_events::job::{Failure, FailureClass, JobEvent};
use trainyard_events::results::{Artifact, CheckpointRef};
use uuid::Uuid;

/// Any event, likely or not, with tokens that are sometimes right.
fn any_event() -> impl Strategy<Value = JobEvent> {
    let token = 1_u64..24;
    let artifact = || Artifact { role: "checkpoint".into(), key: "k".into(), sha256: "s".into(), bytes: 1 };
    let failure = |class| Failure {
        class,
        message: "it broke".into(),
        next_step: "mend it".into(),
        console: vec![],
        because: vec![],
        advice: vec![],
    };
    prop_oneof![
        Just(request()),
        any::<bool>().prop_map(|withdrawn| JobEvent::Dispatched {
            pool: Pool::Cpu,
            class: Priority::Normal,
            reason: String::new(),
            withdrawn,
            worker: None,
            because: vec![],
            price: None,
        }),
        (1_u32..4, token.clone()).prop_map(|(attempt, dispatch)| JobEvent::AttemptStarted {
            worker: "w".into(),
            attempt,
            dispatch,
            batch_divisor: 1,
            resume: None,
        }),
        (token.clone(), 1_u32..6).prop_map(|(token, epoch)| report_epoch(token, epoch)),
        (token.clone(), 1_u64..60).prop_map(move |(token, step)| JobEvent::CheckpointCommitted {
            token,
            checkpoint: CheckpointRef { epoch: step as u32 / 10, step, artifact: artifact() },
        }),
        token.clone().prop_map(|token| JobEvent::AttemptLost { token }),
        token.clone().prop_map(|token| JobEvent::AttemptPreempted {
            token,
            reason: String::new(),
            because: vec![]
        }),
        (token.clone(), prop_oneof![Just(FailureClass::OutOfMemory), Just(FailureClass::Diverged)]).prop_map(
            move |(token, class)| JobEvent::AttemptFailed { token, failure: failure(class), console: None }
        ),
        Just(JobEvent::CancelRequested { reason: String::new(), because: vec![] }),
        token.clone().prop_map(|token| JobEvent::Cancelled { token: Some(token), console: None }),
        token.prop_map(finished),
        any_annotation().prop_map(|annotation| JobEvent::Annotated { annotation }),
    ]
}

fn any_annotation() -> impl Strategy<Value = Annotation> {
    ("[a-b]{0,1}", prop::collection::vec("[a-b]", 0..2), any::<bool>())
        .prop_map(|(title, tags, archived)| Annotation { title, tags, note: String::new(), archived })
}

fn any_change() -> impl Strategy<Value = AnnotationChange> {
    any_annotation().prop_map(|Annotation { title, tags, note, archived }| AnnotationChange {
        title: Some(title),
        tags: Some(tags),
        note: Some(note),
        archived: Some(archived),
    })
}

fn any_command() -> impl Strategy<Value = JobCommand> {
    let request = JobCommand::RequestJob {
        config: Box::new(config()),
        dataset: Uuid::nil(),
        chat: None,
        approval: Uuid::nil(),
    };
    prop_oneof![
        1 => Just(request),
        4 => (1_u64..40, prop::bool::weighted(0.2)).prop_map(|(since, withdraws)| {
            let (pool, class, because) = (Pool::Cpu, Priority::Normal, vec![]);
            match withdraws {
                true => JobCommand::Withdraw { pool, class, because, since },
                false => JobCommand::Dispatch { pool, class, worker: None, because, since, price: None },
            }
        }),
        3 => (1_u64..40).prop_map(|dispatch| JobCommand::StartAttempt { worker: "w".into(), dispatch }),
        12 => any_event().prop_map(|event| JobCommand::Report(Box::new(event))),
        2 => (1_u64..40).prop_map(|token| JobCommand::LoseAttempt { token }),
        1 => Just(JobCommand::RequestCancel { because: vec![] }),
        1 => Just(JobCommand::ConfirmCancel),
        2 => any_change().prop_map(JobCommand::Annotate),
    ]
}

/// Folds any events, in any order.
fn fold(events: &[JobEvent]) -> Job {
    let mut job = Job::default();
    for (index, event) in events.iter().enumerate() {
        job.evolve(event, index as u64 + 1);
    }
    job
}

/// Plays commands as the door would: what is decided is appended. A command that follows the newest dispatch or
/// token is tried as well, so that histories get far.
fn play(commands: &[JobCommand]) -> Vec<JobEvent> {
    let mut job = Job::default();
    let mut events = Vec::new();
    for command in commands {
        let aimed = match command.clone() {
            JobCommand::Dispatch { pool, class, worker, because, price, .. } => {
                JobCommand::Dispatch { pool, class, worker, because, since: job.since(), price }
            }
            JobCommand::Withdraw { pool, class, because, .. } => {
                JobCommand::Withdraw { pool, class, because, since: job.since() }
            }
            JobCommand::StartAttempt { worker, .. } => {
                JobCommand::StartAttempt { worker, dispatch: job.dispatch }
            }
            JobCommand::Report(event) => match (&*event, job.token) {
                (JobEvent::EpochLogged { .. }, Some(token)) => {
                    JobCommand::Report(Box::new(report_epoch(token, job.epoch + 1)))
                }
                (JobEvent::Finished { .. }, Some(token)) => JobCommand::Report(Box::new(finished(token))),
                _ => command.clone(),
            },
            other => other,
        };
        if let Ok(Some(event)) = job.decide(&aimed) {
            events.push(event);
            job.evolve(&events[events.len() - 1], events.len() as u64);
        }
    }
    events
}

proptest! {
    #[test]
    fn folding_is_total_and_deterministic(events in prop::collection::vec(any_event(), 0..60)) {
        prop_assert_eq!(fold(&events), fold(&events));
    }

    #[test]
    fn deciding_is_total_on_every_state(
        events in prop::collection::vec(any_event(), 0..40),
        command in any_command(),
    ) {
        let job = fold(&events);
        prop_assert_eq!(job.decide(&command), job.decide(&command));
    }

    #[test]
    fn a_stale_token_never_changes_state(events in prop::collection::vec(any_event(), 0..60), late in any_event()) {
        let job = fold(&events);
        if late.token().is_some() && late.token() != job.token {
            let mut after = job.clone();
            after.evolve(&late, events.len() as u64 + 1);
            prop_assert_eq!(&after, &job);
            prop_assert!(job.decide(&JobCommand::Report(Box::new(late))).is_err());
        }
    }

    #[test]
    fn the_end_absorbs(events in prop::collection::vec(any_event(), 0..60), more in any_event()) {
        let job = fold(&events);
        if job.status.has_ended() {
            let mut after = job.clone();
            after.evolve(&more, events.len() as u64 + 1);
            // But for what people say of it, which is no work.
            after.annotation.clone_from(&job.annotation);
            prop_assert_eq!(after, job);
        }
    }

    #[test]
    fn what_is_said_of_a_job_changes_nothing_of_its_work(
        events in prop::collection::vec(any_event(), 0..60),
        change in any_change(),
    ) {
        let job = fold(&events);
        let decided = job.decide(&JobCommand::Annotate(change));
        if job.status == Status::Unknown {
            prop_assert!(decided.is_err());
        } else if let Some(event) = decided.expect("it may be said at any time") {
            let mut after = job.clone();
            after.evolve(&event, events.len() as u64 + 1);
            prop_assert_ne!(&after.annotation, &job.annotation);
            after.annotation.clone_from(&job.annotation);
            prop_assert_eq!(after, job);
        }
    }

    #[test]
    fn what_was_decided_folds_to_a_sound_job(commands in prop::collection::vec(any_command(), 0..120)) {
        let events = play(&commands);
        let terminal = events.iter().filter(|event| {
            matches!(event, JobEvent::Finished { .. } | JobEvent::Failed { .. } | JobEvent::Cancelled { .. })
        });
        prop_assert!(terminal.count() <= 1, "one terminal event at most: {events:?}");
        let job = fold(&events);
        prop_assert_eq!(job.token.is_some(), matches!(job.status, Status::Starting | Status::Training));
        prop_assert!(job.epoch <= job.config.as_ref().map_or(0, |config| config.epochs));
    }
}
