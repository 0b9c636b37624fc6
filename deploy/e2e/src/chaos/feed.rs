//! What others have read when the storm is over: the feed is the log, each event once, in its order, byte for byte.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::timeout;
use trainyard_bus::{Bus, BusConfig, FeedMessage};
use trainyard_events::Recorded;
use uuid::Uuid;

use super::fleet::{Fleet, TENANT};

/// The feed has the last event of the log within this long.
const COPIED_DEADLINE: Duration = Duration::from_secs(60);
/// Of these only admins read.
const OF_TOKENS: &str = "tenant.token_";

/// A copy as its readers know it, taken apart without the code that has made it.
#[derive(Deserialize)]
struct CloudEvent<'e> {
    id: Uuid,
    #[serde(rename = "type")]
    kind: &'e str,
    source: &'e str,
    subject: &'e str,
    sequence: &'e str,
    #[serde(borrow)]
    data: &'e RawValue,
}

/// What of a stored event has to be in its copy as it is.
#[derive(Deserialize)]
struct Stored<'e> {
    #[serde(borrow)]
    body: &'e RawValue,
}

/// All that a reader is given up to the last event of the log.
pub(super) async fn whole_feed(fleet: &Fleet, newest: u64) -> Result<Vec<FeedMessage>> {
    let bus = Bus::connect(BusConfig { url: fleet.nats.clone(), replicas: 1 }).await?;
    let mut following = bus.hooks().follow(&TENANT.parse()?, 0);
    let mut copies: Vec<FeedMessage> = Vec::new();
    while copies.last().is_none_or(|last| last.place < newest) {
        let next = timeout(COPIED_DEADLINE, following.next()).await;
        let last = copies.last().map_or(0, |last| last.place);
        copies.push(
            next.with_context(|| format!("the feed ends at {last} of {newest}"))?
                .context("the feed ended")?,
        );
    }
    Ok(copies)
}

/// The log has no gaps, so that each copy stands at the very place of its event.
pub(super) fn check(copies: &[FeedMessage], events: &[Recorded]) -> Result<()> {
    let public = |recorded: &&Recorded| !recorded.envelope.event.kind().starts_with(OF_TOKENS);
    let expected: Vec<&Recorded> = events.iter().filter(public).collect();
    for (copy, recorded) in copies.iter().zip(&expected) {
        let (place, sequence) = (copy.place, recorded.sequence);
        ensure!(place == sequence, "place {place} comes in the feed where {sequence} should");
        is_copy(copy, recorded).with_context(|| format!("place {place} of the feed"))?;
    }
    let (found, expected) = (copies.len(), expected.len());
    ensure!(found == expected, "the feed has {found} copies of {expected} events");
    Ok(())
}

fn is_copy(copy: &FeedMessage, recorded: &Recorded) -> Result<()> {
    let (envelope, stored) = (&recorded.envelope, recorded.raw());
    let event: CloudEvent = serde_json::from_slice(&copy.payload)?;
    ensure!(event.id == envelope.event_id, "it is {}, and not {}", event.id, envelope.event_id);
    ensure!(event.sequence.parse() == Ok(recorded.sequence), "it says that it is event {}", event.sequence);
    let about = (event.kind, event.source, event.subject);
    let aggregate = envelope.aggregate.to_string();
    let expected = (envelope.event.kind(), envelope.tenant.as_str(), aggregate.as_str());
    ensure!(about == expected, "it is about {about:?}, and not {expected:?}");
    let body: Stored = serde_json::from_str(&stored)?;
    ensure!(event.data.get() == body.body.get(), "its body is {}, and not {}", event.data, body.body);
    Ok(())
}

#[cfg(test)]
mod tests {
    use trainyard_bus::Original;
    use trainyard_events::job::JobEvent;
    use trainyard_events::{Actor, Aggregate, Envelope, Event, TenantEvent, event_id, subject};

    use super::*;

    fn recorded(sequence: u64, aggregate: Aggregate, event: Event) -> Recorded {
        let command_id = Uuid::from_u128(sequence.into());
        let envelope = Envelope {
            event_id: event_id(command_id),
            tenant: TENANT.parse().expect("a name"),
            aggregate,
            command_id,
            correlation_id: Uuid::nil(),
            causation_id: None,
            actor: Actor::User("test".to_owned()),
            at: time::OffsetDateTime::UNIX_EPOCH,
            sealed: None,
            event,
        };
        Recorded::new(sequence, envelope)
    }

    /// A token, which only admins read of, and nine events of a job.
    fn log() -> Vec<Recorded> {
        let (tenant, job) = (TENANT.parse().expect("a name"), Aggregate::Job(Uuid::from_u128(7)));
        let token = Event::Tenant(TenantEvent::TokenRevoked { token_id: Uuid::nil() });
        let asked = |sequence: u64| {
            let cancel =
                JobEvent::CancelRequested { reason: format!("for reason {sequence}"), because: vec![] };
            recorded(sequence, job.clone(), Event::Job(cancel))
        };
        [recorded(1, Aggregate::Tenant(tenant), token)].into_iter().chain((2..=10).map(asked)).collect()
    }

    fn feed(log: &[Recorded]) -> Vec<FeedMessage> {
        let copy = |recorded: &Recorded| {
            let subject = subject::event(&recorded.envelope.tenant, &recorded.envelope.aggregate);
            let payload = recorded.raw().as_bytes().to_vec().into();
            let original = Original { sequence: recorded.sequence, subject: &subject, payload: &payload };
            let copied = trainyard_feed::copy(original);
            let is_public = copied.subject.starts_with("trainyard.feed.");
            is_public.then_some(FeedMessage { place: recorded.sequence, payload: copied.payload })
        };
        log.iter().filter_map(copy).collect()
    }

    fn rejected(change: impl Fn(&mut Vec<FeedMessage>)) -> String {
        let log = log();
        let mut feed = feed(&log);
        change(&mut feed);
        format!("{:#}", check(&feed, &log).expect_err("it is not the log"))
    }

    #[test]
    fn the_copies_of_a_log_are_that_log() {
        let log = log();
        check(&feed(&log), &log).expect("they are");
    }

    #[test]
    fn a_hole_a_double_and_a_swap_are_seen() {
        assert!(rejected(|feed| drop(feed.remove(4))).contains("place 7 comes in the feed where 6 should"));
        assert!(rejected(|feed| drop(feed.pop())).contains("8 copies of 9 events"));
        let doubled = |feed: &mut Vec<FeedMessage>| feed.insert(3, feed[2].clone());
        assert!(rejected(doubled).contains("place 4 comes in the feed where 5 should"));
        let at_the_end = |feed: &mut Vec<FeedMessage>| feed.extend(feed.last().cloned());
        assert!(rejected(at_the_end).contains("10 copies of 9 events"));
        assert!(rejected(|feed| feed.swap(2, 5)).contains("place 7 comes in the feed where 4 should"));
    }

    /// Copies at the right places are not enough.
    #[test]
    fn a_copy_of_another_event_and_one_that_was_changed_are_seen() {
        let swapped = |feed: &mut Vec<FeedMessage>| {
            let payload = std::mem::take(&mut feed[2].payload);
            feed[2].payload = std::mem::replace(&mut feed[3].payload, payload);
        };
        assert!(rejected(swapped).contains("place 4 of the feed: it is "));
        let twice = |feed: &mut Vec<FeedMessage>| feed[3].payload = feed[2].payload.clone();
        assert!(rejected(twice).contains("place 5 of the feed: it is "));
        let written_anew = |feed: &mut Vec<FeedMessage>| {
            let text = String::from_utf8(feed[5].payload.to_vec()).expect("JSON is text");
            feed[5].payload = text.replace(r#""for reason 7""#, r#" "for reason 7""#).into();
        };
        assert!(rejected(written_anew).contains("place 7 of the feed: its body is "));
    }
}
