//! What to answer to a turn, and what is done because of it.

use trainyard_assistant::{Intent, Interpretation, choices, reply};
use trainyard_commands::chat::ChatCommand;
use trainyard_events::chat::Interpreter;
use trainyard_views::JobRow;

use crate::known::{Known, Need};
use crate::thread::Thread;
use crate::{about, continuation, datasets, jobs, models, proposing, renewal, words};

/// What is done to a job before it is said to have been done.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    Cancel(Box<JobRow>),
    Deploy(Box<JobRow>),
}

/// The one answer of a turn.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub acts: Vec<Act>,
    pub say: ChatCommand,
}

impl From<ChatCommand> for Answer {
    fn from(say: ChatCommand) -> Answer {
        Answer { acts: Vec::new(), say }
    }
}

/// An answer that changes nothing.
pub(crate) fn told(reply: String, intent: Intent) -> ChatCommand {
    ChatCommand::GiveReply { reply, intent: intent.name().to_owned(), interpreter: Interpreter::Grammar }
}

/// The answer to `turn` as it was read, or what has to be known first.
pub fn answer(thread: &Thread, turn: &Interpretation, known: &Known) -> Result<Answer, Need> {
    let language = turn.language;
    let open = thread.chat.open.as_ref();
    let say = |text: String| Ok(told(text, turn.intent).into());
    match (turn.intent, open) {
        (Intent::Train | Intent::Adjust | Intent::Dataset, _) => Ok(described(thread, turn, known)?.into()),
        (Intent::Approve, Some(open)) if !open.missing.is_empty() => {
            say(reply::next(&open.missing, language))
        }
        (Intent::Approve, Some(open)) => match proposing::not_trainable(&open.config) {
            Some(reason) => say(reply::not_trainable(&reason, language)),
            None => {
                let as_shown = || ChatCommand::ApproveProposal {
                    hash: open.hash.clone(),
                    reply: reply::approved(language),
                };
                Ok(renewal::renewed(thread, language, known)?.unwrap_or_else(as_shown).into())
            }
        },
        (Intent::Reject, Some(_)) => {
            Ok(ChatCommand::RejectProposal { reply: reply::rejected(language) }.into())
        }
        (Intent::Reset, Some(_)) => Ok(ChatCommand::RejectProposal { reply: reply::reset(language) }.into()),
        (Intent::Reset, None) => say(reply::reset(language)),
        (Intent::Approve | Intent::Reject | Intent::Undo, None) => say(reply::nothing_open(language)),
        (Intent::Undo, Some(_)) => match thread.before_the_last_change() {
            Some(before) => {
                let reply = reply::undone(before, language);
                Ok(proposing::proposed(thread, before.clone(), reply).into())
            }
            None => say(reply::nothing_to_undo(language)),
        },
        (Intent::Unknown, _) if !turn.unclear.is_empty() => say(choices::question(&turn.unclear, language)),
        (Intent::Unknown, _) => say(reply::unknown(language)),
        (Intent::Help, _) => say(reply::help(language)),
        (Intent::ListJobs, _) => say(jobs::list(turn, known)?),
        (Intent::ListDatasets, _) => say(datasets::list(language, known)?),
        (Intent::AnalyzeDataset, _) => say(datasets::analyze(thread, turn, known)?),
        (Intent::ListModels, _) => say(models::list(turn.slots.task, language)),
        (Intent::RecommendModel, _) => say(models::recommend(thread, turn, known)?),
        (Intent::ShowModel | Intent::CompareModels, _) => say(models::show(turn)),
        (Intent::Resume, _) => Ok(continuation::resume(thread, turn, known)?.into()),
        (
            Intent::Status
            | Intent::Results
            | Intent::Explain
            | Intent::Cancel
            | Intent::Predict
            | Intent::Deploy,
            _,
        ) => about::about(thread, turn, known),
    }
}

/// A proposal of what has been said until now, with a word on what it leans on.
fn described(thread: &Thread, turn: &Interpretation, known: &Known) -> Result<ChatCommand, Need> {
    let (open, language) = (thread.chat.open.as_ref(), turn.language);
    let continues = open.is_some_and(|open| open.config.continues.is_some());
    let mut draft = thread.basis(turn).unwrap_or_default();
    draft.merge(turn);
    let is_again = open.is_none() && draft.shown.is_some();
    let command = proposing::propose(thread, draft, turn, known)?;
    Ok(match (continues, is_again) {
        (true, _) => noted(command, words::from_the_start(language)),
        (_, true) => noted(command, words::once_more(language)),
        _ => command,
    })
}

/// A proposal with a word before it.
fn noted(command: ChatCommand, note: String) -> ChatCommand {
    match command {
        ChatCommand::ProposeConfig { proposal, base, interpreter, reply } => {
            ChatCommand::ProposeConfig { proposal, base, interpreter, reply: note + &reply }
        }
        other => other,
    }
}
