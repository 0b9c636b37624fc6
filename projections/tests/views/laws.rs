//! What holds for every history of a job, sensible or not.

use proptest::prelude::*;
use trainyard_events::job::FailureClass;
use trainyard_events::{Annotation, Event, JobEvent};
use trainyard_views::{JobRow, JobStatus};

use crate::fixtures::*;

/// Any fact of a job, with any token of the first few sequences.
fn fact() -> impl Strategy<Value = JobEvent> {
    (0..13_u8, 1..12_u64, 1..6_u32).prop_map(|(kind, token, number)| match kind {
        0 => requested(None),
        1 => dispatched(),
        2 => attempt(number, token, None),
        3 => attempt(number, token, Some(checkpoint(number))),
        4 => training_started(token),
        5 => epoch(token, number, f64::from(number), number % 2 == 0),
        6 => JobEvent::CheckpointCommitted { token, checkpoint: checkpoint(number) },
        7 => JobEvent::AttemptLost { token },
        8 => JobEvent::AttemptFailed { token, failure: failure(FailureClass::Internal), console: None },
        9 => JobEvent::CancelRequested { reason: String::new(), because: vec![] },
        10 => JobEvent::Cancelled { token: (number % 2 == 0).then_some(token), console: None },
        11 => JobEvent::Annotated {
            annotation: Annotation { title: number.to_string(), ..Annotation::default() },
        },
        _ => finished(token, number),
    })
}

proptest! {
    #[test]
    fn redelivery_and_stale_tokens_and_the_end(facts in prop::collection::vec(fact(), 0..40)) {
        let mut story = Story::default();
        story.job("acme", GOOD, requested(None));
        for fact in facts {
            story.job("acme", GOOD, fact);
        }
        let mut row = JobRow::requested(&story.events[0], 1).unwrap();
        for (index, event) in story.events.iter().enumerate().skip(1) {
            let before = row.clone();
            let counted = row.apply(event);
            if !counted {
                prop_assert_eq!(&row, &before);
            }
            let is_said = matches!(&event.envelope.event, Event::Job(JobEvent::Annotated { .. }));
            if before.status.is_terminal() && !is_said {
                prop_assert!(!counted);
            }
            if is_said {
                let work = JobRow {
                    annotation: before.annotation.clone(),
                    sequence: before.sequence,
                    ..row.clone()
                };
                prop_assert!(counted && work == before);
            }
            let stale = match &event.envelope.event {
                trainyard_events::Event::Job(event) => event.token().is_some_and(|token| before.token != Some(token)),
                _ => false,
            };
            prop_assert!(!(stale && counted));
            // Everything so far, once more.
            let after = row.clone();
            for again in &story.events[..=index] {
                prop_assert!(!row.apply(again));
            }
            prop_assert_eq!(&row, &after);
            // What Postgres gives back is what was put in.
            let json = serde_json::to_value(&row).unwrap();
            prop_assert_eq!(serde_json::from_value::<JobRow>(json).unwrap(), after);
            prop_assert!((0.0..=1.0).contains(&row.progress));
            prop_assert_eq!(row.finished_at.is_some(), row.status.is_terminal());
            if row.status == JobStatus::Starting || row.status == JobStatus::Training {
                prop_assert!(row.token.is_some());
            }
        }
    }
}
