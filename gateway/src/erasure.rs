//! Erases what people have said: first the fact, after which nobody is shown it, then the keys, after which nobody can read it.
//!
//! Whoever dies in between has told what is to be done: it is done by the next gateway that looks. An answer is given once both are.

use std::time::Duration;

use tracing::{info, warn};
use trainyard_bus::EventLog;
use trainyard_commands::Command;
use trainyard_commands::chat::ChatCommand;
use trainyard_events::{Aggregate, ChatEvent, Event, TenantId};
use uuid::Uuid;

use crate::error::ApiError;
use crate::gateway::Gateway;
use crate::idempotency::Asker;

/// How often a gateway looks for what another one has begun.
const LOOK: Duration = Duration::from_secs(60);

/// Erases what was said in a conversation until now, by anybody or by the token called `of`; its event, unless it was done already.
pub(crate) async fn erase(
    gateway: &Gateway,
    asker: &Asker,
    chat: Uuid,
    of: Option<String>,
) -> Result<Option<u64>, ApiError> {
    let command = Command::Chat(ChatCommand::ErasePrompts { of });
    let step = format!("erase {chat}");
    let recorded = gateway.ask(asker, &step, Aggregate::Chat(chat), command).await?.recorded();
    finish(gateway, &asker.identity.tenant, chat).await?;
    Ok(recorded.map(|recorded| recorded.sequence))
}

/// Destroys the keys of all that the history of a conversation says is erased. May be done again.
async fn finish(gateway: &Gateway, tenant: &TenantId, chat: Uuid) -> Result<(), ApiError> {
    let history = Aggregate::Chat(chat);
    for recorded in gateway.bus.log().history(tenant, &history, 0).await? {
        let Event::Chat(ChatEvent::PromptsErased { of }) = &recorded.envelope.event else { continue };
        let keys = gateway.bus.said();
        let destroyed = keys.destroy((tenant, &history), of.as_deref(), recorded.sequence).await?;
        if destroyed > 0 {
            info!(sequence = recorded.sequence, destroyed, "what was said in a conversation is erased");
        }
    }
    Ok(())
}

/// Ends what a gateway has begun and could not end; for ever.
pub(crate) async fn watch(gateway: &Gateway) {
    let mut after = 0;
    loop {
        match look(gateway, after).await {
            Ok(newest) => after = newest,
            Err(ApiError(problem)) => {
                warn!(?problem, "what is erased cannot be looked after now; trying again")
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn look(gateway: &Gateway, after: u64) -> Result<u64, ApiError> {
    let (newest, whose) = gateway.views.erased_after(after).await?;
    for (tenant, chat) in whose {
        finish(gateway, &tenant, chat).await?;
    }
    Ok(newest)
}
