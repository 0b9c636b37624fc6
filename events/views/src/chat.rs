//! The conversations: one row a chat, one row a message.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use trainyard_events::chat::{Choice, Exhibit, Language};
use trainyard_events::config::Proposal;
use trainyard_events::reason::{Reason, known};
use trainyard_events::{Actor, Aggregate, ChatEvent, Event, Recorded, TenantId};
use uuid::Uuid;

use crate::Quarantined;

/// Of the first prompt, as much as a list shows.
const TITLE_CHARS: usize = 80;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChatRow {
    pub tenant: TenantId,
    pub id: Uuid,
    /// What somebody has called it, or else the first prompt, cut; empty where that is erased.
    pub title: String,
    /// That first prompt.
    pub first: String,
    /// Put away: the page leaves it out of its list.
    pub archived: bool,
    /// Of the newest prompt.
    pub language: Option<Language>,
    /// The open one: neither approved nor rejected.
    pub proposal: Option<Proposal>,
    pub messages: u64,
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub last_at: OffsetDateTime,
    /// Set while its history has an event that cannot be read. By no fold: the reader of the log knows.
    pub quarantine: Option<Quarantined>,
    pub sequence: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Who {
    User,
    Trainyard,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChatMessage {
    pub tenant: TenantId,
    pub chat: Uuid,
    /// Of its event; orders the messages.
    pub sequence: u64,
    pub who: Who,
    /// Who has spoken, or is answered.
    pub actor: Actor,
    /// The event's, such as `chat.config_proposed`.
    pub kind: String,
    pub text: String,
    /// `text` as data, where it is the platform's own and not part of the talk.
    #[serde(deserialize_with = "known")]
    pub because: Vec<Reason>,
    /// Sentences of which one may be meant, or said next.
    pub choices: Vec<Choice>,
    /// What is drawn beside the words of a `chat.reply_given`.
    #[serde(deserialize_with = "known")]
    pub shows: Vec<Exhibit>,
    /// What was understood, of a `chat.reply_given`.
    pub intent: Option<String>,
    /// What was proposed, of a `chat.config_proposed`.
    pub proposal: Option<Proposal>,
    /// Of the proposal that was made, approved or rejected.
    pub hash: Option<String>,
    /// What was said is erased, and nobody has it any more.
    pub erased: bool,
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub at: OffsetDateTime,
}

impl ChatMessage {
    /// The message that an event is; `None` if nothing is said with it in a chat.
    pub fn of(recorded: &Recorded) -> Option<ChatMessage> {
        let envelope = &recorded.envelope;
        let (Aggregate::Chat(chat), Event::Chat(event)) = (&envelope.aggregate, &envelope.event) else {
            return None;
        };
        let mut message = ChatMessage {
            tenant: envelope.tenant.clone(),
            chat: *chat,
            sequence: recorded.sequence,
            who: Who::Trainyard,
            actor: envelope.actor.clone(),
            kind: envelope.event.kind().to_owned(),
            text: String::new(),
            because: Vec::new(),
            choices: Vec::new(),
            shows: Vec::new(),
            intent: None,
            proposal: None,
            hash: None,
            erased: false,
            at: envelope.at,
        };
        match event {
            ChatEvent::PromptReceived { text, .. } => {
                message.who = Who::User;
                message.text = text.clone();
            }
            ChatEvent::ConfigProposed { proposal, reply, choices, .. } => {
                message.text = reply.clone();
                message.choices.clone_from(choices);
                message.hash = Some(proposal.hash.clone());
                message.proposal = Some(*proposal.clone());
            }
            ChatEvent::ReplyGiven { reply, intent, because, choices, shows, .. } => {
                message.text = reply.clone();
                message.shows.clone_from(shows);
                message.choices.clone_from(choices);
                message.because.clone_from(because);
                message.intent = Some(intent.clone());
            }
            ChatEvent::ProposalApproved { hash, reply, .. } | ChatEvent::ProposalRejected { hash, reply } => {
                message.text = reply.clone();
                message.hash = Some(hash.clone());
            }
            ChatEvent::Annotated { .. } | ChatEvent::PromptsErased { .. } => return None,
        }
        Some(message)
    }

    fn begins_with(&self) -> String {
        self.text.chars().take(TITLE_CHARS).collect()
    }

    /// Takes away what was said, if the event erases it; whether it does.
    pub fn heed(&mut self, recorded: &Recorded) -> bool {
        let envelope = &recorded.envelope;
        let is_of = erases(recorded, &self.actor, self.sequence)
            && (&self.tenant, &Aggregate::Chat(self.chat)) == (&envelope.tenant, &envelope.aggregate);
        if !is_of || self.erased {
            return false;
        }
        self.text.clear();
        self.choices.clear();
        self.erased = true;
        true
    }
}

/// Whether the event erases what `actor` has said in the same conversation at `sequence`.
pub(crate) fn erases(recorded: &Recorded, actor: &Actor, sequence: u64) -> bool {
    let Event::Chat(ChatEvent::PromptsErased { of }) = &recorded.envelope.event else { return false };
    let Actor::User(name) = actor else { return false };
    sequence < recorded.sequence && of.as_ref().is_none_or(|of| of == name)
}

impl ChatRow {
    /// The row before its first event.
    fn begin(message: &ChatMessage) -> ChatRow {
        let first = message.begins_with();
        ChatRow {
            tenant: message.tenant.clone(),
            id: message.chat,
            title: first.clone(),
            first,
            archived: false,
            language: None,
            proposal: None,
            messages: 0,
            created_at: message.at,
            last_at: message.at,
            quarantine: None,
            sequence: 0,
        }
    }

    /// Folds one event into the row of its chat, and says whether it counted.
    pub fn apply(row: &mut Option<ChatRow>, recorded: &Recorded) -> bool {
        if let (Some(row), Event::Chat(ChatEvent::Annotated { title, archived })) =
            (row.as_mut(), &recorded.envelope.event)
        {
            return row.annotate(title, *archived, recorded.sequence);
        }
        if let (Some(row), Event::Chat(ChatEvent::PromptsErased { .. })) =
            (row.as_mut(), &recorded.envelope.event)
        {
            return row.forget(recorded.sequence);
        }
        let (Some(message), Event::Chat(event)) = (ChatMessage::of(recorded), &recorded.envelope.event)
        else {
            return false;
        };
        let row = row.get_or_insert_with(|| ChatRow::begin(&message));
        if recorded.sequence <= row.sequence {
            return false;
        }
        match event {
            ChatEvent::PromptReceived { language, .. } => {
                row.language = Some(*language);
                row.begin_anew(&message);
            }
            ChatEvent::ConfigProposed { proposal, .. } => row.proposal = Some(*proposal.clone()),
            ChatEvent::ReplyGiven { .. } | ChatEvent::Annotated { .. } | ChatEvent::PromptsErased { .. } => {}
            ChatEvent::ProposalApproved { .. } | ChatEvent::ProposalRejected { .. } => row.proposal = None,
        }
        row.messages += 1;
        row.last_at = message.at;
        row.sequence = recorded.sequence;
        true
    }

    /// Of what is erased no title is left, whoever gave it.
    fn forget(&mut self, sequence: u64) -> bool {
        if sequence <= self.sequence {
            return false;
        }
        self.title.clear();
        self.first.clear();
        self.sequence = sequence;
        true
    }

    /// Where the beginning is erased, the next prompt is the first one.
    fn begin_anew(&mut self, message: &ChatMessage) {
        if self.first.is_empty() {
            self.first = message.begins_with();
        }
        if self.title.is_empty() {
            self.title.clone_from(&self.first);
        }
    }

    fn annotate(&mut self, title: &str, archived: bool, sequence: u64) -> bool {
        if sequence <= self.sequence {
            return false;
        }
        self.title = if title.is_empty() { self.first.clone() } else { title.to_owned() };
        self.archived = archived;
        self.sequence = sequence;
        true
    }
}
