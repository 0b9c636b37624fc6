//! The open proposal changed by its fields, as a page does it.

use trainyard_api::Problem;
use trainyard_api::chats::{Changes, ProposalChanged};
use trainyard_assistant::reply;
use trainyard_commands::Rejection;
use trainyard_conversation::{changed, proposed};
use trainyard_events::chat::Language;
use trainyard_events::{ChatEvent, Event};
use uuid::Uuid;

use super::fetch::{self, informed};
use super::order::pinned_fields;
use super::talk::Talk;
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
    let mut talk = Talk::open(gateway, asker, chat).await?;
    let language = talk.thread.language.unwrap_or(Language::English);
    if let Some(answered) = talk.thread.answered.take() {
        return answer(answered.envelope.event, answered.sequence);
    }
    let open = talk.thread.chat.open.as_ref().ok_or(Rejection::NoOpenProposal)?;
    let given = pinned_fields(gateway, asker, given).await?;
    let mut known = fetch::known(gateway, asker).await;
    let proposal =
        informed(gateway, asker, &mut known, |known| changed(open, given.clone(), language, known)).await??;
    let reply = reply::proposal(&proposal, language);
    let command = proposed(&talk.thread, proposal, reply);
    let recorded = talk.tell(asker, command).await?;
    answer(recorded.envelope.event, recorded.sequence)
}

fn answer(event: Event, sequence: u64) -> Result<ProposalChanged, ApiError> {
    match event {
        Event::Chat(ChatEvent::ConfigProposed { proposal, .. }) => {
            Ok(ProposalChanged { proposal: *proposal, sequence })
        }
        other => Err(Problem::Internal { detail: format!("{} is no proposal", other.kind()) }.into()),
    }
}
