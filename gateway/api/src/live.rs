//! The frames of `/v1/live`, the websocket: rows as of a sequence, and then every event after it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trainyard_events::chat::Language;
use trainyard_events::trainer::Telemetry;
use trainyard_events::{ConsoleLines, TenantId};
use trainyard_views::{ChatMessage, ChatRow, EpochRow, JobRow};
use uuid::Uuid;

use crate::activity::PublicEvent;
use crate::code::Code;
use crate::workers::Fleet;

/// What a client may say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientFrame {
    /// The first frame, where the upgrade carried no token. An empty one means the session that the upgrade's cookie is. Errors are told in `language`, English if it is not said.
    Auth {
        token: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        language: Option<Language>,
    },
    /// `jobs`, `job:<id>`, `chat:<id>`, `workers` or `activity`. With `resume` exactly the gap is told, or `refetch`.
    Subscribe {
        topic: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        resume: Option<String>,
    },
    Unsubscribe {
        topic: String,
    },
}

/// What a gateway says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The token was accepted.
    Ready {
        tenant: TenantId,
    },
    /// The rows of a topic, with every event up to `sequence`. `resume` is absent for the fleet, which has no history.
    Initial {
        topic: String,
        sequence: u64,
        rows: TopicRows,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resume: Option<String>,
    },
    Event {
        topic: String,
        event: PublicEvent,
        resume: String,
    },
    Telemetry {
        topic: String,
        job: Uuid,
        telemetry: Telemetry,
    },
    Console {
        topic: String,
        job: Uuid,
        console: ConsoleLines,
    },
    /// Everything up to `sequence` has been sent; `resume` has a token for each topic.
    Watermark {
        sequence: u64,
        resume: BTreeMap<String, String>,
    },
    /// The topic has ended here: subscribe to it again, without a resume token.
    Refetch {
        topic: String,
        reason: String,
    },
    /// A frame that was refused, or a topic that cannot begin.
    Error {
        code: Code,
        message: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        topic: Option<String>,
    },
}

/// The rows that a topic begins with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum TopicRows {
    Job(JobRows),
    Chat(ChatRows),
    Jobs(JobsRows),
    Activity(EventRows),
    Workers(Fleet),
}

/// Of `job:<id>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobRows {
    /// Null if there is no such job.
    pub job: Option<Box<JobRow>>,
    /// In order; a long run is thinned.
    pub epochs: Vec<EpochRow>,
}

/// Of `chat:<id>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChatRows {
    /// Null as long as nothing has been said in it.
    pub chat: Option<Box<ChatRow>>,
    /// The newest, in order.
    pub messages: Vec<ChatMessage>,
}

/// Of `jobs`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobsRows {
    /// The newest, newest first.
    pub jobs: Vec<JobRow>,
}

/// Of `activity`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EventRows {
    /// The newest, in order.
    pub events: Vec<PublicEvent>,
}
