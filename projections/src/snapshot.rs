//! Rows as of one sequence: what a websocket topic starts from.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use serde_json::Value;
use trainyard_events::TenantId;
use trainyard_views::{ChatMessage, ChatRow, EpochRow, JobRow};
use uuid::Uuid;

use crate::table::Page;
use crate::{ActivityFilter, JobFilter, ViewError, Views, activity, chats, epochs, jobs, views};

/// Points of a training curve in a snapshot; a longer run is thinned.
const SNAPSHOT_EPOCHS: u32 = 1_000;

/// What can be subscribed to here. `workers` is not: it comes from the fleet, not from the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    Jobs,
    Job(Uuid),
    Chat(Uuid),
    Activity,
}

#[derive(Debug, thiserror::Error, PartialEq)]
#[error("{0:?} is not a topic: use jobs, job:<id>, chat:<id>, workers or activity")]
pub struct UnknownTopic(pub String);

impl FromStr for Topic {
    type Err = UnknownTopic;

    fn from_str(text: &str) -> Result<Self, UnknownTopic> {
        let unknown = || UnknownTopic(text.to_owned());
        let uuid = |id: &str| Uuid::parse_str(id).map_err(|_| unknown());
        match text.split_once(':') {
            None if text == "jobs" => Ok(Topic::Jobs),
            None if text == "activity" => Ok(Topic::Activity),
            Some(("job", id)) => uuid(id).map(Topic::Job),
            Some(("chat", id)) => uuid(id).map(Topic::Chat),
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Topic::Jobs => f.write_str("jobs"),
            Topic::Job(id) => write!(f, "job:{id}"),
            Topic::Chat(id) => write!(f, "chat:{id}"),
            Topic::Activity => f.write_str("activity"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Snapshot {
    /// Every event up to this one is in the rows, and none after it.
    pub sequence: u64,
    pub rows: SnapshotRows,
}

/// A job or chat that does not exist is `None`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum SnapshotRows {
    /// The newest, newest first.
    Jobs(Vec<JobRow>),
    Job {
        job: Option<Box<JobRow>>,
        epochs: Vec<EpochRow>,
    },
    /// The oldest message first.
    Chat {
        chat: Option<Box<ChatRow>>,
        messages: Vec<ChatMessage>,
    },
    /// The newest, oldest first.
    Activity(Vec<Value>),
}

impl Views {
    /// Rows and position, read in one repeatable-read transaction. Events of the kinds `without` are left out.
    pub async fn snapshot(
        &self,
        tenant: &TenantId,
        topic: Topic,
        without: &'static [&'static str],
    ) -> Result<Snapshot, ViewError> {
        let mut transaction =
            self.pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
        // The position first: it holds off a rebuild that would put other tables in the place of these.
        let sequence = views::position(&mut *transaction).await?.sequence;
        let connection = &mut *transaction;
        let rows = match topic {
            Topic::Jobs => {
                let jobs = jobs::list(connection, tenant, &JobFilter::default(), Page::first()).await?;
                SnapshotRows::Jobs(jobs.rows)
            }
            Topic::Job(id) => SnapshotRows::Job {
                job: jobs::one(&mut *connection, tenant, id).await?.map(Box::new),
                epochs: epochs::list(connection, tenant, id, SNAPSHOT_EPOCHS).await?,
            },
            Topic::Chat(id) => {
                let chat = chats::one(&mut *connection, tenant, id).await?;
                let mut messages = chats::messages(connection, tenant, id, Page::first()).await?.rows;
                messages.reverse();
                SnapshotRows::Chat { chat: chat.map(Box::new), messages }
            }
            Topic::Activity => {
                let filter = ActivityFilter { without, ..ActivityFilter::default() };
                let mut events = activity::list(connection, tenant, &filter, Page::first()).await?.rows;
                events.reverse();
                SnapshotRows::Activity(events)
            }
        };
        transaction.commit().await?;
        Ok(Snapshot { sequence, rows })
    }
}

#[cfg(test)]
mod tests {
    use super::Topic;

    #[test]
    fn topics_read_back_as_written() {
        let id = uuid::Uuid::nil();
        for topic in [Topic::Jobs, Topic::Job(id), Topic::Chat(id), Topic::Activity] {
            assert_eq!(topic.to_string().parse(), Ok(topic));
        }
        for text in ["", "job", "job:", "job:7", "jobs:", "workers", "chat:x"] {
            assert!(text.parse::<Topic>().is_err(), "{text}");
        }
    }
}
