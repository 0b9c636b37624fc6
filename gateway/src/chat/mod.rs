//! A turn of a conversation: what was said becomes a prompt, its meaning, and one answer, each a fact of the chat.

mod answer;
mod approval;
pub(crate) mod change;
pub(crate) mod continuation;
mod dataset;
mod models;
pub(crate) mod order;
mod renewal;
mod story;
mod thread;
mod which;
mod words;

use trainyard_api::chats::Spoken;
use trainyard_api::error::Problem;
use trainyard_assistant::{Draft, Intent, Interpretation, Interpreter as _, Reading, interpret, reply};
use trainyard_assistant::{choices, proposal};
use trainyard_commands::chat::ChatCommand;
use trainyard_commands::{Command, State};
use trainyard_events::chat::Interpreter;
use trainyard_events::config::Proposal;
use trainyard_events::{Aggregate, ChatEvent, Event, Recorded};
use uuid::Uuid;

use crate::error::ApiError;
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use dataset::Look;
use thread::Thread;

pub(crate) use approval::{approve, reject};

/// Times that a turn is read again because another message has changed the proposal meanwhile. Each means that one of
/// them was heard.
const READINGS: usize = 12;

/// Hears `text` in the chat and answers.
pub(crate) async fn say(
    gateway: &Gateway,
    asker: &Asker,
    chat: Uuid,
    text: &str,
) -> Result<Spoken, ApiError> {
    let mut readings = 1;
    loop {
        match Box::pin(hear(gateway, asker, chat, text)).await {
            Err(overtaken) if overtaken.is_overtaken() && readings < READINGS => readings += 1,
            outcome => return outcome,
        }
    }
}

/// Reads the turn on the proposal that is open now.
async fn hear(gateway: &Gateway, asker: &Asker, chat: Uuid, text: &str) -> Result<Spoken, ApiError> {
    let thread = Thread::load(gateway, asker, chat).await?;
    let turn = interpret(text, thread.draft().as_ref());
    let prompt = ChatCommand::ReceivePrompt { text: text.to_owned(), language: turn.language };
    gateway.ask(asker, "prompt", Aggregate::Chat(chat), Command::Chat(prompt)).await?;
    // This very request may have been answered before: then nothing of it is done again, and nobody is asked.
    if let Some(answered) = thread.answered {
        return spoken(gateway, asker, chat, &turn, answered).await;
    }
    let draft = thread.basis(&turn);
    let reading = gateway.assistant.read(text, draft.as_ref()).await;
    let command = respond(gateway, asker, &thread, draft.unwrap_or_default(), &reading.turn).await?;
    let answered = tell(gateway, asker, chat, credited(command, &reading)).await?;
    spoken(gateway, asker, chat, &reading.turn, answered).await
}

/// An answer that changes nothing.
fn reply(reply: String, intent: Intent) -> ChatCommand {
    ChatCommand::GiveReply { reply, intent: intent.name().to_owned(), interpreter: Interpreter::Grammar }
}

/// The answer with who read the turn, and a word to the user where a language model was asked in vain.
fn credited(command: ChatCommand, reading: &Reading) -> ChatCommand {
    let noted = |reply: String| match &reading.note {
        Some(note) => format!("{note}\n{reply}"),
        None => reply,
    };
    let interpreter = reading.by.clone();
    match command {
        ChatCommand::GiveReply { reply, intent, .. } => {
            ChatCommand::GiveReply { reply: noted(reply), intent, interpreter }
        }
        ChatCommand::ProposeConfig { proposal, base, reply, .. } => {
            ChatCommand::ProposeConfig { proposal, base, reply: noted(reply), interpreter }
        }
        other => other,
    }
}

/// Records the answer of this request.
async fn tell(
    gateway: &Gateway,
    asker: &Asker,
    chat: Uuid,
    command: ChatCommand,
) -> Result<Recorded, ApiError> {
    let handled = gateway.ask(asker, "reply", Aggregate::Chat(chat), Command::Chat(command)).await?;
    Ok(handled.recorded().ok_or(Problem::AlreadySo)?)
}

/// From the answer as it was recorded, and the proposal that is open now.
async fn spoken(
    gateway: &Gateway,
    asker: &Asker,
    chat: Uuid,
    turn: &Interpretation,
    answered: Recorded,
) -> Result<Spoken, ApiError> {
    let read = turn.intent.name().to_owned();
    let (reply, intent, job) = match &answered.envelope.event {
        Event::Chat(ChatEvent::ReplyGiven { reply, intent, .. }) => (reply.clone(), intent.clone(), None),
        Event::Chat(ChatEvent::ConfigProposed { reply, interpreter, .. }) => {
            (reply.clone(), intent_of(interpreter).unwrap_or(read), None)
        }
        Event::Chat(ChatEvent::ProposalRejected { reply, .. }) => (reply.clone(), read, None),
        Event::Chat(ChatEvent::ProposalApproved { reply, .. }) => {
            (reply.clone(), read, Some(approval::job_of(gateway, asker, &answered).await?))
        }
        other => return Err(ApiError::internal(format!("{} is no answer", other.kind()))),
    };
    let proposal = match gateway.door.open(&asker.identity.tenant, &Aggregate::Chat(chat)).await?.state() {
        State::Chat(chat) => chat.open.clone(),
        _ => None,
    };
    Ok(Spoken {
        reply,
        intent,
        language: turn.language,
        missing: proposal.as_ref().map(|open| open.missing.clone()).unwrap_or_default(),
        proposal,
        job,
        sequence: answered.sequence,
    })
}

/// What a language model understood, as the event keeps it.
fn intent_of(interpreter: &Interpreter) -> Option<String> {
    match interpreter {
        Interpreter::Llm { patch: Some(patch), .. } => patch["intent"].as_str().map(str::to_owned),
        _ => None,
    }
}

/// What to answer.
async fn respond(
    gateway: &Gateway,
    asker: &Asker,
    thread: &Thread,
    mut draft: Draft,
    turn: &Interpretation,
) -> Result<ChatCommand, ApiError> {
    let language = turn.language;
    let open = thread.chat.open.as_ref();
    let continues = open.is_some_and(|open| open.config.continues.is_some());
    let say = |text: String| Ok(reply(text, turn.intent));
    match (turn.intent, open) {
        (Intent::Train | Intent::Adjust | Intent::Dataset, _) => {
            draft.merge(turn);
            let is_again = open.is_none() && draft.shown.is_some();
            let command = propose(gateway, asker, thread, draft, turn).await?;
            Ok(match (continues, is_again) {
                (true, _) => noted(command, words::from_the_start(language)),
                (_, true) => noted(command, words::once_more(language)),
                _ => command,
            })
        }
        (Intent::Approve, Some(open)) if !open.missing.is_empty() => {
            say(reply::next(&open.missing, language))
        }
        (Intent::Approve, Some(open)) => match approval::not_trainable(&open.config) {
            Some(reason) => say(reply::not_trainable(&reason, language)),
            None => Ok(renewal::renewed(gateway, asker, thread, language).await?.unwrap_or_else(|| {
                ChatCommand::ApproveProposal { hash: open.hash.clone(), reply: reply::approved(language) }
            })),
        },
        (Intent::Reject, Some(_)) => Ok(ChatCommand::RejectProposal { reply: reply::rejected(language) }),
        (Intent::Reset, Some(_)) => Ok(ChatCommand::RejectProposal { reply: reply::reset(language) }),
        (Intent::Reset, None) => say(reply::reset(language)),
        (Intent::Approve | Intent::Reject, None) => say(reply::nothing_open(language)),
        (Intent::Unknown, _) if !turn.unclear.is_empty() => say(choices::question(&turn.unclear, language)),
        (Intent::Undo, Some(_)) => match thread.before_the_last_change() {
            Some(before) => {
                let reply = reply::undone(&before, language);
                Ok(proposed(thread, before, reply))
            }
            None => say(reply::nothing_to_undo(language)),
        },
        (Intent::Undo, None) => say(reply::nothing_open(language)),
        (Intent::Resume, _) => continuation::resume(gateway, asker, thread, turn).await,
        _ => say(answer::answer(gateway, asker, thread, turn).await?),
    }
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

/// A proposal for the draft, after a look at its dataset; or why there can be none.
async fn propose(
    gateway: &Gateway,
    asker: &Asker,
    thread: &Thread,
    mut draft: Draft,
    turn: &Interpretation,
) -> Result<ChatCommand, ApiError> {
    let language = turn.language;
    let refuse = |refusal: proposal::Refusal| reply(reply::refusal(&refusal, language), turn.intent);
    // Values that cannot be are refused before anybody is asked to look at anything.
    let first = match proposal::propose(&draft, None, language) {
        Ok(first) => first,
        Err(refusal) => return Ok(refuse(refusal)),
    };
    let (mut profile, mut note) = (None, String::new());
    if let Some(path) = draft.slots.dataset.clone() {
        let named_now = turn.slots.dataset.is_some() || turn.slots.task.is_some();
        let look = dataset::look(gateway, asker, &path, first.config.task, named_now).await?;
        if matches!(look, Look::Bad { .. }) {
            draft.slots.dataset = None;
        }
        (note, profile) = look.told(&path, language);
    }
    let proposal = match proposal::propose(&draft, profile.as_deref(), language) {
        Ok(proposal) => proposal,
        Err(refusal) => return Ok(refuse(refusal)),
    };
    let reply = format!("{note}{}", reply::proposal(&proposal, language));
    Ok(proposed(thread, proposal, reply))
}

/// In the place of the proposal that the thread has open, and of no other.
fn proposed(thread: &Thread, proposal: Proposal, reply: String) -> ChatCommand {
    let (proposal, base) = (Box::new(proposal), thread.chat.proposed);
    ChatCommand::ProposeConfig { proposal, base, interpreter: Interpreter::Grammar, reply }
}
