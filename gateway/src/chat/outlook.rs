//! What to expect of an open proposal: how long it may take, what that costs, and who waits before it.

use trainyard_api::chats::Outlook;
use trainyard_commands::{Rejection, State};
use trainyard_events::{Aggregate, TenantId, TrainingConfig};
use trainyard_views::{Asked, Estimate, Expected};
use uuid::Uuid;

use crate::error::ApiError;
use crate::gateway::Gateway;

pub(crate) async fn outlook(gateway: &Gateway, tenant: &TenantId, chat: Uuid) -> Result<Outlook, ApiError> {
    // By the log, and not by a view: who has just proposed it asks at once.
    let opened = gateway.door.open(tenant, &Aggregate::Chat(chat)).await?;
    let open = match opened.state() {
        State::Chat(chat) => chat.open.as_ref(),
        _ => None,
    };
    let proposal = open.ok_or(Rejection::NoOpenProposal)?;
    let Expected { time, waiting, running } = expected(gateway, tenant, &proposal.config).await?;
    Ok(Outlook { hash: proposal.hash.clone(), time, waiting, running })
}

pub(super) async fn expected(
    gateway: &Gateway,
    tenant: &TenantId,
    config: &TrainingConfig,
) -> Result<Expected, ApiError> {
    let views = &gateway.views;
    let dataset = config.dataset.as_deref().map(|written| Aggregate::dataset_id(tenant, written));
    let known = match dataset {
        Some(dataset) => views.dataset(tenant, dataset).await?,
        None => None,
    };
    let images = known.and_then(|row| row.profile).map(|profile| profile.images.train);
    let asked = Asked { config, dataset, images };
    let finished = views.finished_like(tenant, asked).await?;
    let prices = views.tenant(tenant).await?.map(|tenant| tenant.prices).unwrap_or_default();
    let time = Estimate::of(&finished, asked, |pool| prices.get(&pool));
    let (waiting, running) = views.line(tenant).await?;
    Ok(Expected { time, waiting, running })
}
