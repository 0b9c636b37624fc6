//! A finished job put behind its endpoint, for the chat and the REST door alike.

use trainyard_api::Problem;
use trainyard_commands::Command;
use trainyard_commands::endpoint::{EndpointCommand, ROLES};
use trainyard_door::Handled;
use trainyard_events::{Aggregate, TenantId};
use trainyard_views::{JobRow, JobStatus, ModelRow};
use uuid::Uuid;

use crate::error::ApiError;
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::public::PublicUrl;

/// Deploys a finished job, and waits a moment until the endpoint is known everywhere.
pub(crate) async fn deploy(gateway: &Gateway, asker: &Asker, job: &JobRow) -> Result<Option<u64>, ApiError> {
    let of_role = |role| job.artifacts.iter().find(|artifact| artifact.role == role);
    let weights = ROLES.into_iter().find_map(of_role);
    let Some(weights) = weights.filter(|_| job.status == JobStatus::Finished) else {
        return Err(Problem::NoModelYet { number: job.number }.into());
    };
    let deploy = EndpointCommand::Deploy { weights: weights.clone(), classes: job.classes.clone() };
    let handled =
        gateway.ask(asker, "deploy", Aggregate::Endpoint(job.id), Command::Endpoint(deploy)).await?;
    shown(gateway, handled).await
}

/// Takes it away again, unless an alias of a model names it.
pub(crate) async fn withdraw(
    gateway: &Gateway,
    asker: &Asker,
    job: &JobRow,
) -> Result<Option<u64>, ApiError> {
    let aliases = aliases_of_job(gateway, &asker.identity.tenant, job.id).await?;
    if !aliases.is_empty() {
        return Err(Problem::EndpointInUse { aliases }.into());
    }
    let withdraw = Command::Endpoint(EndpointCommand::Withdraw);
    let handled = gateway.ask(asker, "withdraw", Aggregate::Endpoint(job.id), withdraw).await?;
    shown(gateway, handled).await
}

/// The aliases, as `NAME@ALIAS`, that the job's model answers for.
async fn aliases_of_job(gateway: &Gateway, tenant: &TenantId, job: Uuid) -> Result<Vec<String>, ApiError> {
    let look = || async { Ok(Some(gateway.views.models_of_job(tenant, job).await?)) };
    let models = gateway.after_the_log(look).await?.unwrap_or_default();
    let of = |model: &ModelRow| -> Vec<String> {
        let is_of_job = |number: u32| model.version(number).is_some_and(|version| version.card.job == job);
        let named = model.aliases.iter().filter(|(_, named)| is_of_job(named.version));
        named.map(|(alias, _)| format!("{}@{alias}", model.name)).collect()
    };
    Ok(models.iter().flat_map(of).collect())
}

async fn shown(gateway: &Gateway, handled: Handled) -> Result<Option<u64>, ApiError> {
    let sequence = handled.recorded().map(|recorded| recorded.sequence);
    if let Some(sequence) = sequence {
        gateway.shown(sequence).await?;
    }
    Ok(sequence)
}

/// Where the job's model answers; without a public URL, relative to this gateway.
pub(crate) fn predict_url(gateway: &Gateway, job: &JobRow) -> String {
    format!("{}/inference/{}/predict", public_base(gateway), job.id)
}

/// What addresses begin with; nothing without a public URL.
pub(crate) fn public_base(gateway: &Gateway) -> String {
    gateway.config.public_url.as_ref().map(PublicUrl::to_string).unwrap_or_default()
}
