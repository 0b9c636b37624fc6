//! What a socket can subscribe to, and which events belong to it.

use std::fmt;
use std::str::FromStr;

use trainyard_api::activity::PublicEvent;
use trainyard_api::live::{ChatRows, EventRows, JobRows, JobsRows, TopicRows};
use trainyard_events::Aggregate;
use trainyard_projections::{SnapshotRows, Topic, UnknownTopic};

/// A topic of the log's, or the fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Channel {
    Log(Topic),
    Workers,
}

impl FromStr for Channel {
    type Err = UnknownTopic;

    fn from_str(text: &str) -> Result<Self, UnknownTopic> {
        if text == "workers" { Ok(Channel::Workers) } else { text.parse().map(Channel::Log) }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Channel::Log(topic) => topic.fmt(f),
            Channel::Workers => f.write_str("workers"),
        }
    }
}

/// Whether events about `aggregate` belong to `topic`. A job's endpoint is part of the job.
pub(crate) fn concerns(topic: Topic, aggregate: &Aggregate) -> bool {
    match (topic, aggregate) {
        (Topic::Activity, _) | (Topic::Jobs, Aggregate::Job(_) | Aggregate::Endpoint(_)) => true,
        (Topic::Job(wanted), Aggregate::Job(id) | Aggregate::Endpoint(id))
        | (Topic::Chat(wanted), Aggregate::Chat(id)) => wanted == *id,
        _ => false,
    }
}

/// The aggregates to look up in the list of all events; empty where only [`concerns`] can tell.
pub(crate) fn aggregates(topic: Topic) -> Vec<Aggregate> {
    match topic {
        Topic::Job(id) => vec![Aggregate::Job(id), Aggregate::Endpoint(id)],
        Topic::Chat(id) => vec![Aggregate::Chat(id)],
        Topic::Jobs | Topic::Activity => Vec::new(),
    }
}

/// The rows of an `initial` frame, each list under its name.
pub(crate) fn named(rows: SnapshotRows) -> TopicRows {
    match rows {
        SnapshotRows::Jobs(jobs) => TopicRows::Jobs(JobsRows { jobs }),
        SnapshotRows::Job { job, epochs } => TopicRows::Job(JobRows { job, epochs }),
        SnapshotRows::Chat { chat, messages } => TopicRows::Chat(ChatRows { chat, messages }),
        SnapshotRows::Activity(events) => {
            TopicRows::Activity(EventRows { events: events.into_iter().map(PublicEvent).collect() })
        }
    }
}

#[cfg(test)]
mod tests {
    use trainyard_events::Aggregate;
    use uuid::Uuid;

    use super::{Channel, concerns};

    #[test]
    fn events_reach_the_topics_they_belong_to() {
        let (id, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let topics = ["jobs".to_owned(), format!("job:{id}"), format!("chat:{id}"), "activity".to_owned()];
        let of = |aggregate: Aggregate| -> String {
            let hit = topics.iter().map(|topic| match topic.parse::<Channel>() {
                Ok(Channel::Log(topic)) => concerns(topic, &aggregate),
                other => panic!("{topic}: {other:?}"),
            });
            hit.map(|hit| if hit { 'x' } else { '-' }).collect()
        };
        assert_eq!(of(Aggregate::Job(id)), "xx-x");
        assert_eq!(of(Aggregate::Endpoint(id)), "xx-x");
        assert_eq!(of(Aggregate::Job(other)), "x--x");
        assert_eq!(of(Aggregate::Chat(id)), "--xx");
        assert_eq!(of(Aggregate::Dataset(id)), "---x");
        assert_eq!("workers".parse(), Ok(Channel::Workers));
        assert_eq!(Channel::Workers.to_string(), "workers");
        assert!("nonsense".parse::<Channel>().is_err());
    }
}
