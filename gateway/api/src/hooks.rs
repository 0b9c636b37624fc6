//! `/v1/hooks`: whom a tenant has told of its events.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use trainyard_events::chat::Language;
use trainyard_events::hook::{Form, Pause};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewHook {
    /// `https://host/path`, or of the form `mail` up to 8 addresses with commas between. It is kept encrypted and not shown again.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 1_024), extend("examples" = ["https://hooks.example/trainyard"])))]
    pub address: String,
    /// Left out, a CloudEvent in JSON.
    #[serde(default = "json", skip_serializing_if = "is_json")]
    pub form: Form,
    /// Kinds such as `job.finished`, and families such as `job.*`. Left out, that a job has finished or failed.
    #[serde(default = "endings")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 32), extend("examples" = [["job.finished"]])))]
    pub on: Vec<String>,
    /// Of the sentences in chats and letters. Left out, English.
    #[serde(default = "english")]
    pub language: Language,
}

/// What is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HookChange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 1_024)))]
    pub address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 32)))]
    pub on: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HookAdded {
    pub hook_id: Uuid,
    /// Signs what is sent (HMAC-SHA256), and is shown only now; null for letters.
    pub secret: Option<String>,
    pub sequence: u64,
}

/// What was asked for, as an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HookAsked {
    pub hook_id: Uuid,
    /// Null where it was so already.
    pub sequence: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HookList {
    /// Oldest first.
    pub hooks: Vec<HookRow>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HookRow {
    pub hook_id: Uuid,
    pub form: Form,
    /// The host alone, or who gets letters; null where it was given under another key.
    pub address: Option<String>,
    pub on: Vec<String>,
    pub language: Language,
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub added_at: OffsetDateTime,
    /// Why nothing is sent until it is replayed, if so.
    pub paused: Option<HookPause>,
    /// Events that its receiver has taken since it was added, that wait for it, and that were given up and can be replayed.
    pub taken: u64,
    pub waiting: u64,
    pub dead: u64,
    /// The last try, and that of the last test.
    pub last: Option<HookTry>,
    pub test: Option<HookTry>,
    /// Sequence of the last test that is done; 0 before.
    pub tested: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HookPause {
    pub why: Pause,
    pub english: String,
    pub korean: String,
}

/// Something was sent once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HookTry {
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub at: OffsetDateTime,
    /// Why it was not taken; null where it was.
    pub miss: Option<HookMiss>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HookMiss {
    pub english: String,
    pub korean: String,
}

fn json() -> Form {
    Form::Json
}

fn is_json(form: &Form) -> bool {
    *form == Form::Json
}

fn english() -> Language {
    Language::English
}

/// What a hook is for that says nothing.
pub fn endings() -> Vec<String> {
    ["job.finished", "job.failed"].map(str::to_owned).into()
}
