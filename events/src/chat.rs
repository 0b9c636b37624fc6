//! The facts of a conversation.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::config::Proposal;
use crate::reason::{Reason, known};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Language {
    Korean,
    English,
}

/// Who turned words into a patch of the proposal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum Interpreter {
    #[default]
    Grammar,
    /// A language model was asked: its raw answer is kept, so that replaying history calls none.
    Llm {
        model: String,
        prompt: String,
        answer: String,
        /// What of the answer was taken in: `{"intent", "spec"}`. Absent where nothing was and the grammar's reading
        /// stands.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        patch: Option<Value>,
        /// What the reducer made of the answer, and why.
        verdict: String,
    },
}

impl Interpreter {
    fn is_grammar(&self) -> bool {
        *self == Interpreter::Grammar
    }
}

/// One of several things that may be meant or wanted: a sentence that is read as exactly that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Choice {
    pub say: String,
    /// What comes of it.
    pub what: String,
}

/// What an answer shows beside its words. Each names what it is about: who draws it has the rows, which may have gone on since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "show", rename_all = "snake_case")]
pub enum Exhibit {
    /// How far it is, and its curve.
    Job { job: Uuid },
    /// What it reached: by class, and where it fails.
    Results { job: Uuid },
    /// A list, in this order.
    Jobs { jobs: Vec<Uuid> },
    /// Side by side.
    Comparison { jobs: Vec<Uuid> },
    /// Images, and how many each class has; the path as it was named.
    Dataset { path: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", content = "body")]
pub enum ChatEvent {
    #[serde(rename = "chat.prompt_received")]
    PromptReceived { text: String, language: Language },
    /// Replaces the open proposal. `reply` is what the user reads.
    #[serde(rename = "chat.config_proposed")]
    ConfigProposed {
        proposal: Box<Proposal>,
        interpreter: Interpreter,
        reply: String,
        /// What may be said next.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        choices: Vec<Choice>,
    },
    /// An answer that changes nothing. `intent` is the wire name of what was understood.
    #[serde(rename = "chat.reply_given")]
    ReplyGiven {
        reply: String,
        intent: String,
        /// Left out where it is the grammar.
        #[serde(default, skip_serializing_if = "Interpreter::is_grammar")]
        interpreter: Interpreter,
        /// `reply` as data, where it is the platform's own and not part of the talk.
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known")]
        because: Vec<Reason>,
        /// What may be meant, or said next.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        choices: Vec<Choice>,
        /// The job that it speaks of, which "that one" then means.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        job: Option<Uuid>,
        /// The path of the dataset that it speaks of, which "that dataset" then means.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dataset: Option<String>,
        /// What is drawn beside the reply, which says all by itself.
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known")]
        shows: Vec<Exhibit>,
    },
    /// `hash` is that of the open proposal, whose whole configuration is repeated: approving is complete in itself.
    #[serde(rename = "chat.proposal_approved")]
    ProposalApproved { hash: String, config: crate::TrainingConfig, reply: String },
    #[serde(rename = "chat.proposal_rejected")]
    ProposalRejected { hash: String, reply: String },
    /// What the conversation is called from here on (empty: by what was said first), and whether it is put away. It is no
    /// part of what is said.
    #[serde(rename = "chat.annotated")]
    Annotated { title: String, archived: bool },
    /// What was said here before this is erased: all of it, or what the token called `of` has said and was answered. The keys that
    /// it was sealed with are destroyed, and who still has it from elsewhere leaves it out.
    #[serde(rename = "chat.prompts_erased")]
    PromptsErased {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<String>,
    },
}

impl ChatEvent {
    /// Dotted wire name.
    pub fn kind(&self) -> &'static str {
        match self {
            ChatEvent::PromptReceived { .. } => "chat.prompt_received",
            ChatEvent::ConfigProposed { .. } => "chat.config_proposed",
            ChatEvent::ReplyGiven { .. } => "chat.reply_given",
            ChatEvent::ProposalApproved { .. } => "chat.proposal_approved",
            ChatEvent::ProposalRejected { .. } => "chat.proposal_rejected",
            ChatEvent::Annotated { .. } => "chat.annotated",
            ChatEvent::PromptsErased { .. } => "chat.prompts_erased",
        }
    }
}
