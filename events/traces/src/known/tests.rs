#[path = "../../tests/story/mod.rs"]
mod story;

use std::collections::HashMap;

use story::{CHAT, DATASET, JOB, READY, SPANS, TURNS, begins, story};
use time::Duration;
use trainyard_events::{Aggregate, Event, JobEvent, Recorded};

use super::Known;
use crate::span::{Service, Span, SpanId, Value};

/// Everything that ends within the story, with first steps two seconds after the trainers were ready.
fn spans() -> Vec<Span> {
    let mut known: HashMap<Aggregate, Known> =
        [CHAT, DATASET, Aggregate::Job(JOB)].map(|of| (of.clone(), Known::of(&of).expect("spans"))).into();
    let mut spans = Vec::new();
    for (index, envelope) in story().into_iter().enumerate() {
        let recorded = Recorded::new(index as u64 + 1, envelope);
        let known = known.get_mut(&recorded.envelope.aggregate).expect("one of the story");
        spans.extend(known.take_in(&recorded));
        if let Known::Job(job) = known
            && READY.contains(&(index + 1))
        {
            assert!(job.awaits_step().is_some());
            spans.extend(job.stepped(recorded.envelope.at + Duration::seconds(2)));
            assert_eq!((job.awaits_step(), job.stepped(recorded.envelope.at)), (None, None), "once");
        }
    }
    assert!(known[&Aggregate::Job(JOB)].has_ended());
    spans
}

fn line(span: &Span, all: &[Span]) -> String {
    let parent = span.parent.map_or("-", |id| all.iter().find(|it| it.id == id).expect("its parent").name);
    let service = match &span.service {
        Service::Gateway => "trainyard-gateway",
        Service::Dispatcher => "trainyard-dispatcher",
        Service::Worker(_) => "trainyard-worker",
    };
    let outcome = span.attributes.iter().find(|(name, _)| *name == "trainyard.outcome");
    let outcome = match outcome {
        Some((_, Value::Text(outcome))) => format!(": {outcome}"),
        _ => String::new(),
    };
    let second = |at: time::OffsetDateTime| (at - begins()).whole_seconds();
    let (start, end) = (second(span.start), second(span.end));
    format!("{} {start}..{end} in {parent} by {service}{outcome}", span.name)
}

#[test]
fn a_prompt_s_way_is_one_trace_and_the_talk_before_it_another() {
    let spans = spans();
    let (steps, rest): (Vec<_>, Vec<_>) = spans.iter().partition(|span| span.name == "job.first_step");
    let lines = |of: Vec<&Span>| -> Vec<String> { of.into_iter().map(|span| line(span, &spans)).collect() };
    assert_eq!(lines(rest), SPANS);
    let expected = ["80..82", "130..132"]
        .map(|times| format!("job.first_step {times} in job.attempt by trainyard-worker"));
    assert_eq!(lines(steps), expected);
    for span in &spans {
        let turn = usize::from(span.start >= begins() + Duration::seconds(60));
        assert_eq!(span.trace, TURNS[turn], "{}", span.name);
    }
    let mut ids: Vec<[u8; 8]> = spans.iter().map(|span| span.id.0).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), spans.len(), "each has an id of its own");
}

#[test]
fn an_approval_leads_back_to_what_was_proposed() {
    let spans = spans();
    let named = |name: &str| spans.iter().find(|span| span.name == name).expect(name);
    let links = &named("chat.approve").links;
    assert_eq!((links.len(), links[0].trace, links[0].span), (1, TURNS[0], named("chat.propose").id));
    assert!(named("chat.propose").links.is_empty());
}

#[test]
fn what_is_read_again_has_the_same_ids_whoever_reads_it() {
    assert_eq!(spans(), spans());
    let event = uuid::Uuid::from_u128(0x0123_4567_89ab_4def_8123_4567_89ab_cdef);
    assert_eq!(SpanId::of(event).0, [0x81, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]);
    assert_ne!(SpanId::beside(event, "queue"), SpanId::of(event));
}

/// Clocks of several machines do not agree.
#[test]
fn nothing_ends_before_it_begins() {
    let mut job = Known::of(&Aggregate::Job(JOB)).expect("spans");
    let events: Vec<_> = story().into_iter().filter(|it| it.aggregate == Aggregate::Job(JOB)).collect();
    for (index, mut envelope) in events.into_iter().enumerate() {
        envelope.at = begins() - Duration::seconds(index as i64);
        for span in job.take_in(&Recorded::new(index as u64 + 7, envelope)) {
            assert!(span.start <= span.end, "{span:?}");
        }
    }
}

/// Training goes on while one is uploaded.
#[test]
fn a_checkpoint_takes_from_the_end_of_its_own_epoch() {
    let (mut job, mut story) = (Known::of(&Aggregate::Job(JOB)).expect("spans"), story());
    let mut second = story[10].clone();
    let Event::Job(JobEvent::EpochLogged { epoch, .. }) = &mut second.event else { panic!("{second:?}") };
    (*epoch, second.at) = (2, begins() + Duration::seconds(95));
    story[11].at = begins() + Duration::seconds(100);
    story.insert(11, second);
    let of_job = story.into_iter().take(13).filter(|envelope| envelope.aggregate == Aggregate::Job(JOB));
    let spans: Vec<Span> =
        (7..).zip(of_job).flat_map(|(at, envelope)| job.take_in(&Recorded::new(at, envelope))).collect();
    let checkpoint = spans.last().expect("the last that ends");
    assert_eq!((checkpoint.name, checkpoint.start), ("job.checkpoint", begins() + Duration::seconds(90)));
}
