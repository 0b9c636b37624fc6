//! The open proposal changed by its fields, as a page does it: no sentence is made for the purpose.

use serde_json::{Map, Value};
use trainyard_api::Problem;
use trainyard_api::chats::{Changes, ProposalChanged};
use trainyard_assistant::reply;
use trainyard_commands::Rejection;
use trainyard_events::chat::Language;
use trainyard_events::config::{Proposal, Source};
use trainyard_events::{ChatEvent, Event};
use uuid::Uuid;

use super::dataset::{Look, look};
use super::order::{proposed, whole_fields};
use super::thread::Thread;
use crate::error::ApiError;
use crate::gateway::Gateway;
use crate::idempotency::Asker;

/// The values given are taken as they are, what was said before stays, and the rest is recommended anew.
pub(crate) async fn change(
    gateway: &Gateway,
    asker: &Asker,
    chat: Uuid,
    Changes(given): Changes,
) -> Result<ProposalChanged, ApiError> {
    let thread = Thread::load(gateway, asker, chat).await?;
    let language = thread.language.unwrap_or(Language::English);
    if thread.answered.is_none() {
        let open = thread.chat.open.as_ref().ok_or(Rejection::NoOpenProposal)?;
        let proposal = changed(gateway, asker, open, whole_fields(given), language).await?;
        let reply = reply::proposal(&proposal, language);
        let recorded = super::tell(gateway, asker, chat, super::proposed(&thread, proposal, reply)).await?;
        return answer(recorded.envelope.event, recorded.sequence);
    }
    let answered = thread.answered.ok_or(Problem::AlreadySo)?;
    answer(answered.envelope.event, answered.sequence)
}

fn answer(event: Event, sequence: u64) -> Result<ProposalChanged, ApiError> {
    match event {
        Event::Chat(ChatEvent::ConfigProposed { proposal, .. }) => Ok(ProposalChanged { proposal, sequence }),
        other => Err(ApiError::internal(format!("{} is no proposal", other.kind()))),
    }
}

async fn changed(
    gateway: &Gateway,
    asker: &Asker,
    open: &Proposal,
    given: Map<String, Value>,
    language: Language,
) -> Result<Proposal, ApiError> {
    let mut fields = said(open);
    // Another model may be for another task.
    if given.contains_key("model") && !given.contains_key("task") {
        fields.remove("task");
    }
    fields.extend(given);
    let first = proposed(&fields, None, language)?;
    let Some(path) = first.config.dataset.clone() else { return Ok(first) };
    match look(gateway, asker, &path, first.config.task, false).await? {
        Look::Good(profile) => proposed(&fields, Some(&profile), language),
        Look::Pending | Look::Bad { .. } => Ok(first),
    }
}

/// The values that somebody has given so far.
fn said(open: &Proposal) -> Map<String, Value> {
    let config = serde_json::to_value(&open.config).unwrap_or_default();
    let is_said = |name: &String| matches!(open.sources.get(name), Some(Source::Said));
    let Value::Object(fields) = config else { return Map::new() };
    fields.into_iter().filter(|(name, _)| is_said(name) && name != "continues").collect()
}
