//! Beginning a topic: its rows and every event after them, or exactly the gap after a resume token.

use std::time::Duration;

use serde_json::Value;
use trainyard_api::Problem;
use trainyard_events::limits;
use trainyard_projections::{ActivityFilter, Page, Topic, UnknownTopic, ViewError};

use super::channel::{Channel, aggregates, concerns, named};
use super::frame::{self, Outgoing};
use super::outbox::{Outbox, TooOld};
use crate::error::ApiError;
use crate::gateway::Gateway;
use crate::identity::Identity;
use crate::readers::hidden_from;
use crate::scope;

/// Events of one topic that are replayed from the views; a longer gap is read anew.
const REPLAYED_EVENTS: usize = 1_000;
/// The same in bytes of their frames.
const REPLAYED_BYTES: usize = 4 * 1024 * 1024;
/// After this the views are not waited for.
const READ_DEADLINE: Duration = Duration::from_secs(10);
/// Of which the views may take this long to reach where the ring begins.
const VIEWS_WAIT: Duration = Duration::from_secs(2);

/// After these the rows are others than those that folding the events before them gives.
const OTHER_ROWS: [&str; 2] = ["log.event_skipped", "chat.prompts_erased"];

/// Why a topic does not begin.
#[derive(Debug)]
pub(crate) enum NotSubscribed {
    OutOfScope(Problem),
    UnknownTopic(UnknownTopic),
    TooManyTopics,
    Unavailable(String),
}

impl From<UnknownTopic> for NotSubscribed {
    fn from(unknown: UnknownTopic) -> Self {
        NotSubscribed::UnknownTopic(unknown)
    }
}

impl From<NotSubscribed> for Problem {
    fn from(not: NotSubscribed) -> Problem {
        match not {
            NotSubscribed::UnknownTopic(UnknownTopic(topic)) => Problem::UnknownTopic { topic },
            NotSubscribed::OutOfScope(problem) => problem,
            NotSubscribed::TooManyTopics => Problem::TooManyTopics { most: limits::SOCKET_TOPICS },
            NotSubscribed::Unavailable(detail) => Problem::TopicUnavailable { detail },
        }
    }
}

impl From<ViewError> for NotSubscribed {
    fn from(error: ViewError) -> Self {
        NotSubscribed::Unavailable(error.to_string())
    }
}

/// Begins the topic, or begins it again. Every topic is of the client's own tenant: a job or chat of another one is
/// as empty as one that does not exist.
pub(crate) async fn subscribe(
    gateway: &Gateway,
    identity: &Identity,
    outbox: &mut Outbox,
    topic: &str,
    resume: Option<&str>,
) -> Result<(), NotSubscribed> {
    let channel: Channel = topic.parse()?;
    let reached = identity.reaches(Some(scope::of_topic(topic)));
    reached.map_err(|ApiError(problem)| NotSubscribed::OutOfScope(problem))?;
    outbox.remove(channel);
    if outbox.topics() >= limits::SOCKET_TOPICS {
        return Err(NotSubscribed::TooManyTopics);
    }
    let Channel::Log(topic) = channel else {
        let rows = gateway.hub.fleet().borrow().seen_by(&identity.tenant);
        outbox.add_workers();
        outbox.fleet(rows);
        return Ok(());
    };
    let reading = async {
        match resume {
            Some(token) => go_on(gateway, identity, outbox, topic, token).await,
            None => begin(gateway, identity, outbox, topic).await,
        }
    };
    match tokio::time::timeout(READ_DEADLINE, reading).await {
        Ok(outcome) => outcome,
        Err(_) => Err(NotSubscribed::Unavailable("they do not answer".to_owned())),
    }
}

/// The rows, and what came after them. The ring holds on to what comes while they are read.
async fn begin(
    gateway: &Gateway,
    identity: &Identity,
    outbox: &mut Outbox,
    topic: Topic,
) -> Result<(), NotSubscribed> {
    let snapshot = gateway.views.snapshot(&identity.tenant, topic, hidden_from(identity.role)).await?;
    let ring = gateway.hub.ring();
    if snapshot.sequence < ring.floor() {
        return Err(NotSubscribed::Unavailable(format!(
            "they are at event {} of {}",
            snapshot.sequence,
            ring.newest()
        )));
    }
    let resume = gateway.resumes.token(&identity.tenant, topic, snapshot.sequence);
    let rows = named(snapshot.rows);
    let initial = frame::initial(Channel::Log(topic), snapshot.sequence, rows, Some(resume));
    outbox.push(initial.into());
    outbox.add(topic, snapshot.sequence, &ring).map_err(|TooOld| behind())
}

/// Exactly the events that the reader misses, then a watermark; or word that it must read anew.
async fn go_on(
    gateway: &Gateway,
    identity: &Identity,
    outbox: &mut Outbox,
    topic: Topic,
    token: &str,
) -> Result<(), NotSubscribed> {
    let channel = Channel::Log(topic);
    let after = match gateway.resumes.read(&identity.tenant, topic, token) {
        Ok(sequence) => sequence,
        Err(reason) => {
            outbox.push(frame::refetch(channel, &reason.to_string()));
            return Ok(());
        }
    };
    // What the ring does not hold any more comes from the views, up to where the ring begins.
    let floor = gateway.hub.ring().floor();
    if after < floor {
        let Some(missed) = missed(gateway, identity, topic, after, floor).await? else {
            outbox.push(frame::refetch(channel, "too much has happened since"));
            return Ok(());
        };
        missed.into_iter().for_each(|event| outbox.push(event));
    }
    let ring = gateway.hub.ring();
    if outbox.add(topic, after.max(floor), &ring).is_err() {
        outbox.remove(channel);
        outbox.push(frame::refetch(channel, "too much has happened since"));
        return Ok(());
    }
    outbox.watermark();
    Ok(())
}

/// The topic's events after `after` and up to `floor`, oldest first; `None` if they are too many, or if the views do
/// not reach so far, as they may not yet when the gateway has just started, or if some of them are kept back.
async fn missed(
    gateway: &Gateway,
    identity: &Identity,
    topic: Topic,
    after: u64,
    floor: u64,
) -> Result<Option<Vec<Outgoing>>, NotSubscribed> {
    if !gateway.views.wait_for(floor, VIEWS_WAIT).await? {
        return Ok(None);
    }
    let folds = topic != Topic::Activity;
    if folds && gateway.hub.ring().is_held(&identity.tenant, topic) {
        return Ok(None);
    }
    let without = hidden_from(identity.role);
    let filter = ActivityFilter { aggregates: aggregates(topic), after: Some(after), without };
    let mut found: Vec<Outgoing> = Vec::new();
    let mut before = Some(floor + 1);
    while before.is_some() {
        let page = Page::new(before, limits::PAGE_ROWS);
        let events = gateway.views.activity(&identity.tenant, &filter, page).await?;
        if folds && events.rows.iter().any(|event| OTHER_ROWS.iter().any(|kind| event["kind"] == *kind)) {
            return Ok(None);
        }
        found.extend(events.rows.iter().filter_map(|event| outgoing(gateway, identity, topic, event)));
        let bytes: usize = found.iter().map(|frame| frame.text.len()).sum();
        if found.len() > REPLAYED_EVENTS || bytes > REPLAYED_BYTES {
            return Ok(None);
        }
        before = events.next;
    }
    found.reverse();
    Ok(Some(found))
}

fn outgoing(gateway: &Gateway, identity: &Identity, topic: Topic, event: &Value) -> Option<Outgoing> {
    let aggregate = event["aggregate"].as_str()?.parse().ok()?;
    let sequence = event["sequence"].as_u64()?;
    concerns(topic, &aggregate).then(|| {
        let resume = gateway.resumes.token(&identity.tenant, topic, sequence);
        frame::event(Channel::Log(topic), &event.to_string(), &resume)
    })
}

fn behind() -> NotSubscribed {
    NotSubscribed::Unavailable("they are far behind the log".to_owned())
}
