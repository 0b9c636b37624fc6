//! What to answer to a turn, and what is done because of it.

use trainyard_assistant::{Intent, Interpretation, reply};
use trainyard_commands::chat::ChatCommand;
use trainyard_events::chat::{Choice, Exhibit, Interpreter};
use trainyard_views::JobRow;
use uuid::Uuid;

use crate::choices::{self, Here};
use crate::known::{Known, Need};
use crate::thread::{Thread, leans_on_the_last};
use crate::{
    about, compare, continuation, datasets, jobs, models, outlook, proposing, references, registry, renewal,
    weighing, wishes, words,
};

/// What is done before it is said to have been done.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    Cancel(Box<JobRow>),
    Deploy(Box<JobRow>),
    /// Makes the job's model this version of the model of that name. Where it gets another number, the turn is to be
    /// answered again on the models as they are then.
    Register {
        job: Box<JobRow>,
        name: String,
        version: u32,
    },
    /// Has the alias of the model of that name name this version.
    Promote {
        name: String,
        alias: String,
        version: u32,
    },
    /// Has the alias name the version that it named before.
    RollBack {
        name: String,
        alias: String,
    },
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

impl Answer {
    /// With sentences of which one may be meant, or said next.
    pub(crate) fn offering(mut self, offered: Vec<Choice>) -> Answer {
        if let ChatCommand::GiveReply { choices, .. } | ChatCommand::ProposeConfig { choices, .. } =
            &mut self.say
        {
            *choices = offered;
        }
        self
    }

    /// With this beside its words.
    pub(crate) fn showing(mut self, shown: Vec<Exhibit>) -> Answer {
        if let ChatCommand::GiveReply { shows, .. } = &mut self.say {
            *shows = shown;
        }
        self
    }

    /// Of the data at this path, which "that dataset" means from now on.
    pub(crate) fn about_data(mut self, path: &str) -> Answer {
        if let ChatCommand::GiveReply { dataset, .. } = &mut self.say {
            *dataset = Some(path.to_owned());
        }
        self
    }

    /// Of this job, which "that one" means from now on.
    pub(crate) fn about(mut self, of: Uuid) -> Answer {
        if let ChatCommand::GiveReply { job, .. } = &mut self.say {
            *job = Some(of);
        }
        self
    }
}

/// A question instead of an answer, with what it may be answered by.
pub(crate) struct Question {
    pub(crate) text: String,
    pub(crate) choices: Vec<Choice>,
}

impl From<String> for Question {
    fn from(text: String) -> Question {
        Question { text, choices: Vec::new() }
    }
}

impl Question {
    pub(crate) fn asked(self, intent: Intent) -> Answer {
        told(self.text, intent).offering(self.choices)
    }
}

/// An answer that changes nothing.
pub(crate) fn told(reply: String, intent: Intent) -> Answer {
    let intent = intent.name().to_owned();
    let (choices, job, dataset, shows) = (Vec::new(), None, None, Vec::new());
    let interpreter = Interpreter::Grammar;
    ChatCommand::GiveReply { reply, intent, interpreter, choices, job, dataset, shows }.into()
}

/// The answer to these words, read as `turn`; or what has to be known first.
pub fn answer(thread: &Thread, words: &str, turn: &Interpretation, known: &Known) -> Result<Answer, Need> {
    let turn = &references::resolved(thread, words, turn, known)?;
    let refused = wishes::said(&turn.wishes, turn.language);
    if refused.is_empty() {
        return to_the_turn(thread, turn, known);
    }
    // A wish that cannot be is said to be so, beside what can be done of the rest.
    let does =
        matches!(turn.intent, Intent::Train | Intent::Adjust | Intent::Dataset) && !turn.slots.is_empty();
    match does {
        true => Ok(noted(to_the_turn(thread, turn, known)?, &format!("{refused}\n"))),
        false if answers_by_itself(turn.intent) => to_the_turn(thread, turn, known),
        false => Ok(told(refused, Intent::Unknown)),
    }
}

/// What is asked about jobs, models and data may well have the word of a wish in it.
fn answers_by_itself(intent: Intent) -> bool {
    !matches!(
        intent,
        Intent::Unknown
            | Intent::Help
            | Intent::Results
            | Intent::Undo
            | Intent::Train
            | Intent::Adjust
            | Intent::Dataset
    )
}

fn to_the_turn(thread: &Thread, turn: &Interpretation, known: &Known) -> Result<Answer, Need> {
    if let Some(weighed) = weighing::weighed(thread, turn, known)? {
        return Ok(weighed);
    }
    if let Some(expected) = outlook::expected(thread, turn, known)? {
        return Ok(expected);
    }
    let language = turn.language;
    let open = thread.chat.open.as_ref();
    let say = |text: String| Ok(told(text, turn.intent));
    match (turn.intent, open) {
        (Intent::Train | Intent::Adjust | Intent::Dataset, _) => described(thread, turn, known),
        (Intent::ShowModel, None) if thread.has_approved() && leans_on_the_last(turn) => {
            described(thread, turn, known)
        }
        (Intent::Approve, Some(open)) if !open.missing.is_empty() => {
            say(reply::next(&open.missing, language))
        }
        (Intent::Approve, Some(open)) => match proposing::not_trainable(&open.config, &known.runners) {
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
        (Intent::Undo, Some(_)) => Ok(taken_back(thread, turn)),
        (Intent::Unknown, open) if turn.small_talk.is_some() => {
            say(words::small_talk(turn.small_talk, open.is_some(), language))
        }
        (Intent::Unknown, _) => not_understood(thread, turn, known),
        (Intent::Help, _) => say(turn
            .act
            .and_then(|act| words::consequence(act, language))
            .unwrap_or_else(|| reply::help(language))),
        (Intent::CompareJobs, _) => compare::jobs(turn, known),
        (Intent::ListJobs, _) => jobs::list(turn, known),
        (Intent::ListDatasets, _) => datasets::list(turn, known),
        (Intent::AnalyzeDataset, _) => datasets::analyze(thread, turn, known),
        (Intent::ListModels, _) => say(models::list(turn.slots.task, language, &known.runners)),
        (Intent::RecommendModel, _) => say(models::recommend(thread, turn, known)?),
        (Intent::ShowModel | Intent::CompareModels, _) => say(models::show(turn, &known.runners)),
        (Intent::RegisterModel, _) => registry::register(thread, turn, known),
        (Intent::Promote, _) => registry::promote(thread, turn, known),
        (Intent::RollBack, _) => registry::roll_back(thread, turn, known),
        (Intent::ShowVersions, _) => say(registry::show(thread, turn, known)?),
        (Intent::CompareVersions, _) => registry::compare(thread, turn, known),
        (Intent::Resume, _) if turn.jobs.len() > 1 => Ok(about::one_at_a_time(turn)),
        (Intent::Resume, _) => continuation::resume(thread, turn, known),
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

/// The proposal before its last change, or with the settings that are named as they were.
fn taken_back(thread: &Thread, turn: &Interpretation) -> Answer {
    let language = turn.language;
    let before = match turn.named.as_slice() {
        [] => thread.before_the_last_change().cloned(),
        named => thread.with_back(named),
    };
    let Some(before) = before else {
        return told(reply::nothing_to_undo(language), turn.intent);
    };
    let reply = reply::undone(&before, &turn.named, language);
    proposing::proposed(thread, before, reply).into()
}

/// The nearest readings, to choose from.
fn not_understood(thread: &Thread, turn: &Interpretation, known: &Known) -> Result<Answer, Need> {
    let language = turn.language;
    if let ([_, _, ..], [(intent @ (Intent::Deploy | Intent::Resume), _), ..]) =
        (&turn.jobs[..], &turn.nearest[..])
    {
        return Ok(about::one_at_a_time(&Interpretation { intent: *intent, ..turn.clone() }));
    }
    if turn.nearest.is_empty() {
        return Ok(told(reply::unknown(language), turn.intent));
    }
    let offered = choices::of_readings(&turn.nearest, &Here::of(thread, known)?, language);
    let question = match turn.unclear {
        true => choices::unclear(language),
        false => choices::not_understood(language),
    };
    Ok(told(choices::listed(question, &offered), turn.intent).offering(offered))
}

/// A proposal of what has been said until now, with a word on what it leans on.
fn described(thread: &Thread, turn: &Interpretation, known: &Known) -> Result<Answer, Need> {
    let (open, language) = (thread.chat.open.as_ref(), turn.language);
    let continues = open.is_some_and(|open| open.config.continues.is_some());
    let mut draft = thread.basis(turn).unwrap_or_default();
    let again = open.is_none() && thread.has_approved() && leans_on_the_last(turn);
    // Only what is other is said: the rest stays.
    let other = Interpretation { intent: Intent::Adjust, ..turn.clone() };
    draft.merge(if again { &other } else { turn });
    let is_again = open.is_none() && draft.shown.is_some();
    let first = draft.slots.model.clone().unwrap_or_default();
    let mut answer = proposing::propose(thread, draft, turn, known)?;
    if !turn.others.is_empty() {
        answer = noted(answer, &words::one_at_a_time(&first, &turn.others, language));
    }
    Ok(match (continues, is_again) {
        (true, _) => noted(answer, &words::from_the_start(language)),
        (_, true) => noted(answer, &words::once_more(language)),
        _ => answer,
    })
}

/// A proposal with a word before it.
fn noted(mut answer: Answer, note: &str) -> Answer {
    if let ChatCommand::ProposeConfig { reply, .. } | ChatCommand::GiveReply { reply, .. } = &mut answer.say {
        reply.insert_str(0, note);
    }
    answer
}
