//! A conversation: prompts, the open proposal, and its approval of exactly the configuration that was shown.

use std::collections::BTreeSet;

use trainyard_events::ChatEvent;
use trainyard_events::chat::{Choice, Exhibit, Interpreter, Language};
use trainyard_events::config::Proposal;
use trainyard_events::limits;
use trainyard_events::reason::{Rejection, Trouble};
use uuid::Uuid;

use crate::annotation;

#[derive(Clone, Debug, PartialEq)]
pub enum ChatCommand {
    ReceivePrompt {
        text: String,
        language: Language,
    },
    /// `base` is the [`Chat::proposed`] that it changes: on another one it would undo what was said meanwhile.
    ProposeConfig {
        proposal: Box<Proposal>,
        base: Option<u64>,
        interpreter: Interpreter,
        reply: String,
        choices: Vec<Choice>,
    },
    GiveReply {
        reply: String,
        intent: String,
        interpreter: Interpreter,
        choices: Vec<Choice>,
        /// The one that it speaks of.
        job: Option<Uuid>,
        /// The path of the one that it speaks of.
        dataset: Option<String>,
        /// Beside the reply.
        shows: Vec<Exhibit>,
    },
    /// What was wanted in this conversation cannot be; the door says why.
    TellRefusal {
        rejection: Rejection,
        intent: String,
    },
    ApproveProposal {
        hash: String,
        reply: String,
    },
    RejectProposal {
        reply: String,
    },
    /// What is not given stays.
    Annotate {
        title: Option<String>,
        archived: Option<bool>,
    },
    /// What was said until now, by anybody or by the token of that name.
    ErasePrompts {
        of: Option<String>,
    },
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chat {
    /// The proposal that an approval would mean now.
    pub open: Option<Proposal>,
    /// Sequence of its event.
    pub proposed: Option<u64>,
    /// The hash approved last, so that a second click on the same card is no error.
    pub approved: Option<String>,
    /// Empty where nobody has given it one.
    pub title: String,
    pub archived: bool,
    /// Sequence of the newest erasure; what is said from then on has other keys. 0: there was none.
    pub erased: u64,
    /// Of whom there is nothing to erase, since it was done and nothing was said after it.
    nothing_of: BTreeSet<Option<String>>,
}

impl Chat {
    pub fn evolve(&mut self, event: &ChatEvent, sequence: u64) {
        match event {
            ChatEvent::PromptsErased { of } => {
                self.erased = sequence;
                self.nothing_of.insert(of.clone());
            }
            _ => self.nothing_of.clear(),
        }
        match event {
            ChatEvent::ConfigProposed { proposal, .. } => {
                (self.open, self.proposed) = (Some(*proposal.clone()), Some(sequence));
                self.approved = None;
            }
            ChatEvent::ProposalApproved { hash, .. } => {
                (self.open, self.proposed) = (None, None);
                self.approved = Some(hash.clone());
            }
            ChatEvent::ProposalRejected { .. } => (self.open, self.proposed) = (None, None),
            ChatEvent::Annotated { title, archived } => {
                (self.title, self.archived) = (title.clone(), *archived);
            }
            ChatEvent::PromptsErased { .. } => self.title.clear(),
            ChatEvent::PromptReceived { .. } | ChatEvent::ReplyGiven { .. } => {}
        }
    }

    pub fn decide(&self, command: &ChatCommand) -> Result<Option<ChatEvent>, Rejection> {
        match command {
            ChatCommand::ReceivePrompt { text, language } => {
                let characters = text.chars().count();
                if text.trim().is_empty() {
                    return Err(Rejection::PromptEmpty);
                }
                if characters > limits::PROMPT_CHARS {
                    return Err(Rejection::PromptTooLong { characters: characters as u64 });
                }
                if let Some(control) =
                    text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
                {
                    return Err(Rejection::PromptUnreadable { character: control.into() });
                }
                Ok(Some(ChatEvent::PromptReceived { text: text.clone(), language: *language }))
            }
            ChatCommand::ProposeConfig { base, .. } if *base != self.proposed => {
                Err(Rejection::ProposalOvertaken)
            }
            ChatCommand::ProposeConfig { proposal, interpreter, reply, choices, .. } => {
                let problems = proposal.config.problems();
                if !problems.is_empty() {
                    return Err(Rejection::BadConfig { problems });
                }
                if proposal.hash != proposal.config.hash() {
                    return Err(Rejection::ProposalChanged);
                }
                Ok(Some(ChatEvent::ConfigProposed {
                    proposal: proposal.clone(),
                    interpreter: interpreter.clone(),
                    reply: reply.clone(),
                    choices: choices.clone(),
                }))
            }
            ChatCommand::GiveReply { reply, intent, interpreter, choices, job, dataset, shows } => {
                Ok(Some(ChatEvent::ReplyGiven {
                    reply: reply.clone(),
                    intent: intent.clone(),
                    interpreter: interpreter.clone(),
                    because: Vec::new(),
                    choices: choices.clone(),
                    job: *job,
                    dataset: dataset.clone(),
                    shows: shows.clone(),
                }))
            }
            ChatCommand::TellRefusal { rejection, intent } => Ok(Some(ChatEvent::ReplyGiven {
                reply: String::new(),
                intent: intent.clone(),
                interpreter: Interpreter::Grammar,
                because: vec![Trouble::ApprovedButRefused { rejection: rejection.clone() }.into()],
                choices: Vec::new(),
                job: None,
                dataset: None,
                shows: Vec::new(),
            })),
            ChatCommand::Annotate { title, archived } => {
                let title = title.as_deref().map(annotation::title).transpose()?;
                let title = title.unwrap_or_else(|| self.title.clone());
                let archived = archived.unwrap_or(self.archived);
                let is_so = title == self.title && archived == self.archived;
                Ok((!is_so).then_some(ChatEvent::Annotated { title, archived }))
            }
            ChatCommand::ErasePrompts { of } => {
                let is_so = self.nothing_of.contains(&None) || self.nothing_of.contains(of);
                Ok((!is_so).then(|| ChatEvent::PromptsErased { of: of.clone() }))
            }
            ChatCommand::ApproveProposal { hash, reply } => self.approve(hash, reply),
            ChatCommand::RejectProposal { reply } => match &self.open {
                Some(open) => {
                    Ok(Some(ChatEvent::ProposalRejected { hash: open.hash.clone(), reply: reply.clone() }))
                }
                None => Err(Rejection::NoOpenProposal),
            },
        }
    }

    fn approve(&self, hash: &str, reply: &str) -> Result<Option<ChatEvent>, Rejection> {
        let Some(open) = &self.open else {
            return if self.approved.as_deref() == Some(hash) {
                Ok(None)
            } else {
                Err(Rejection::NoOpenProposal)
            };
        };
        if open.hash != hash {
            return Err(Rejection::ProposalChanged);
        }
        if !open.missing.is_empty() {
            return Err(Rejection::ProposalIncomplete { missing: open.missing.clone() });
        }
        Ok(Some(ChatEvent::ProposalApproved {
            hash: hash.to_owned(),
            config: open.config.clone(),
            reply: reply.to_owned(),
        }))
    }
}
