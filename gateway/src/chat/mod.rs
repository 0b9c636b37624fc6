//! A turn of a conversation, delivered: `trainyard-conversation` says what it needs to know and what to answer; here that is
//! fetched, done and recorded.

mod approval;
pub(crate) mod change;
mod dataset;
mod fetch;
pub(crate) mod order;
pub(crate) mod outlook;
mod talk;

use trainyard_api::chats::Spoken;
use trainyard_assistant::{Interpretation, Interpreter as _, Reading};
use trainyard_commands::Command;
use trainyard_commands::chat::ChatCommand;
use trainyard_commands::job::JobCommand;
use trainyard_conversation::{Act, Known, Thread, answer};
use trainyard_door::HandleError;
use trainyard_events::chat::Interpreter;
use trainyard_events::reason::Ending;
use trainyard_events::{Aggregate, ChatEvent, Event, Recorded};
use uuid::Uuid;

use crate::deployment::deploy;
use crate::error::ApiError;
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::registry;
use fetch::informed;
use talk::Talk;

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
    let mut talk = Talk::open(gateway, asker, chat).await?;
    let turn = talk.thread.read(text);
    let prompt = ChatCommand::ReceivePrompt { text: text.to_owned(), language: turn.language };
    talk.hear(asker, prompt).await?;
    let asker = &asker.answering("prompt");
    // This very request may have been answered before: then nothing of it is done again, and nobody is asked.
    if let Some(answered) = talk.thread.answered.take() {
        return spoken(gateway, asker, &talk, &turn, answered).await;
    }
    let reading = gateway.assistant.read(text, talk.thread.leans_on(text).as_ref()).await;
    let command = respond(gateway, asker, &talk.thread, text, &reading.turn).await?;
    let answered = talk.tell(asker, credited(command, &reading)).await?;
    spoken(gateway, asker, &talk, &reading.turn, answered).await
}

/// What to answer, once what is done because of it has been done.
async fn respond(
    gateway: &Gateway,
    asker: &Asker,
    thread: &Thread,
    text: &str,
    turn: &Interpretation,
) -> Result<ChatCommand, ApiError> {
    let mut known = fetch::known(gateway, asker).await;
    loop {
        let answer = informed(gateway, asker, &mut known, |known| answer(thread, text, turn, known)).await?;
        let mut is_done = true;
        for act in &answer.acts {
            is_done &= carry_out(gateway, asker, &mut known, act).await?;
        }
        if is_done {
            return Ok(answer.say);
        }
    }
}

/// Does it, and says whether it was done as the answer has it. What is known now says why it was not.
async fn carry_out(gateway: &Gateway, asker: &Asker, known: &mut Known, act: &Act) -> Result<bool, ApiError> {
    match act {
        Act::Cancel(job) if known.refused.contains(&job.id) => Ok(true),
        Act::Cancel(job) => {
            let because = vec![Ending::AskedInChatBy { who: asker.identity.name.clone() }.into()];
            let command = Command::Job(JobCommand::RequestCancel { because });
            let (step, aggregate) = (format!("cancel {}", job.id), Aggregate::Job(job.id));
            let asked = gateway.door.handle(asker.request(&step, aggregate.clone(), command)).await;
            match asker.of_any_release(&gateway.bus.log(), &aggregate, asked).await {
                Err(HandleError::Rejected(_)) => Ok(!known.refused.insert(job.id)),
                done => Ok(done.map(|_| true)?),
            }
        }
        Act::Deploy(job) => deploy(gateway, asker, job).await.map(|_| true),
        Act::Register { job, name, version } => {
            let (number, _) = registry::register(gateway, asker, name, job).await?;
            if number != *version {
                known.models = None;
            }
            Ok(number == *version)
        }
        Act::Promote { name, alias, version } => {
            registry::promote(gateway, asker, (name, alias), *version).await.map(|_| true)
        }
        Act::RollBack { name, alias } => {
            registry::roll_back(gateway, asker, (name, alias)).await.map(|_| true)
        }
    }
}

/// The answer with who read the turn, and a word to the user where a language model was asked in vain.
fn credited(command: ChatCommand, reading: &Reading) -> ChatCommand {
    let noted = |reply: String| match &reading.note {
        Some(note) => format!("{note}\n{reply}"),
        None => reply,
    };
    let interpreter = reading.by.clone();
    match command {
        ChatCommand::GiveReply { reply, intent, choices, job, dataset, shows, .. } => {
            let reply = noted(reply);
            ChatCommand::GiveReply { reply, intent, interpreter, choices, job, dataset, shows }
        }
        ChatCommand::ProposeConfig { proposal, base, reply, choices, .. } => {
            ChatCommand::ProposeConfig { proposal, base, reply: noted(reply), interpreter, choices }
        }
        other => other,
    }
}

/// From the answer as it was recorded, and the proposal that is open now.
async fn spoken(
    gateway: &Gateway,
    asker: &Asker,
    talk: &Talk,
    turn: &Interpretation,
    answered: Recorded,
) -> Result<Spoken, ApiError> {
    let read = turn.intent.name().to_owned();
    let mut choices = Vec::new();
    let (reply, intent, job) = match &answered.envelope.event {
        Event::Chat(ChatEvent::ReplyGiven { reply, intent, choices: offered, .. }) => {
            choices.clone_from(offered);
            (reply.clone(), intent.clone(), None)
        }
        Event::Chat(ChatEvent::ConfigProposed { reply, interpreter, choices: offered, .. }) => {
            choices.clone_from(offered);
            (reply.clone(), intent_of(interpreter).unwrap_or(read), None)
        }
        Event::Chat(ChatEvent::ProposalRejected { reply, .. }) => (reply.clone(), read, None),
        Event::Chat(ChatEvent::ProposalApproved { reply, .. }) => {
            (reply.clone(), read, Some(approval::job_of(gateway, asker, &answered).await?))
        }
        other => return Err(ApiError::internal(format!("{} is no answer", other.kind()))),
    };
    let proposal = talk.now_open();
    Ok(Spoken {
        reply,
        intent,
        language: turn.language,
        choices,
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
