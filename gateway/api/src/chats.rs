//! `/v1/chats`: conversations.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use trainyard_events::chat::{Choice, Language};
use trainyard_events::config::Proposal;
use trainyard_views::{ChatMessage, ChatRow, Estimate};
use uuid::Uuid;

use crate::jobs::JobRef;
#[cfg(feature = "schema")]
use crate::jobs::NewJob;

/// Only an id: a conversation begins with what is said in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChatBegun {
    pub id: Uuid,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChatList {
    pub chats: Vec<ChatRow>,
    /// The `before` of the next page; null at the end.
    pub next: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChatAnswer {
    /// Null as long as nothing has been said in it.
    pub chat: Option<ChatRow>,
    /// A page of them, in order.
    pub messages: Vec<ChatMessage>,
    /// The open one.
    pub proposal: Option<Proposal>,
    /// The `before` of the page of older messages; null at the beginning.
    pub next: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChatsQuery {
    /// Words in the title or in what was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Only those that are put away, or only the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// Only those in which somebody has said something, or only those that came of a request for a job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spoken: Option<bool>,
    /// Rows at most; 200 are the most there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next` of the page before this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
}

/// What a conversation is called from now on: what is left out stays, and an empty title is what was said first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChatPatch {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = trainyard_events::limits::TITLE_CHARS)))]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = trainyard_events::schema::ONE_LINE)))]
    pub title: Option<String>,
    /// Put away: the page leaves it out of its list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
}

/// Something said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Message {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = trainyard_events::limits::PROMPT_CHARS)))]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = trainyard_events::schema::LINES)))]
    pub text: String,
}

/// What a turn is answered with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Spoken {
    pub reply: String,
    /// What was understood, such as `train`.
    pub intent: String,
    pub language: Language,
    /// The open proposal after this turn.
    pub proposal: Option<Proposal>,
    /// Sentences of which one may be meant, or said next.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// What the open proposal still misses.
    pub missing: Vec<String>,
    /// The job that an approval leads to.
    pub job: Option<JobRef>,
    pub sequence: u64,
}

/// What to expect of the open proposal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Outlook {
    /// Of the proposal that this is about.
    pub hash: String,
    /// Null where nothing like it has finished yet.
    pub time: Option<Estimate>,
    /// The tenant's jobs that wait, and those that workers have.
    pub waiting: u64,
    pub running: u64,
}

/// Fields of the open proposal: what is given is taken as it is, what is left out stays if somebody has said it, and is
/// recommended anew if not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Changes(pub Map<String, Value>);

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Changes {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Changes".into()
    }

    /// That of a new job, none of whose fields is needed.
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut schema = NewJob::json_schema(generator);
        schema.remove("required");
        schema.insert(
            "description".to_owned(),
            serde_json::json!("Fields of the open proposal; what is left out stays"),
        );
        schema
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProposalChanged {
    pub proposal: Proposal,
    pub sequence: u64,
}

/// The open proposal as it was shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Approval {
    pub hash: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Approved {
    pub job: JobRef,
    pub sequence: u64,
}

/// What was said is gone, with the keys that it was sealed with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Erased {
    /// Conversations in which nothing of it is left.
    pub chats: Vec<Uuid>,
    /// Of the newest event that says so; null where all of it was erased before.
    pub sequence: Option<u64>,
}
