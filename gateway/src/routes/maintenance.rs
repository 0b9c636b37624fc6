//! `/v1/workers/{worker}/drain` and `/v1/queue/pause`: what operators take out of work, and give back.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use trainyard_api::Code;
use trainyard_api::error::What;
use trainyard_api::page::Changed;
use trainyard_api::place::OfWorker;
use trainyard_api::workers::{NewDrain, NewPause};
use trainyard_commands::Command;
use trainyard_commands::maintenance::MaintenanceCommand;
use trainyard_events::Aggregate;
use trainyard_events::tenant::Role;

use super::tenants::is_operator;
use crate::error::ApiError;
use crate::extract::{Body, Place};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::route::{Access, Route};

const DRAIN: &str = "/v1/workers/{worker}/drain";
const PAUSE: &str = "/v1/queue/pause";

pub(super) fn routes() -> Vec<Route> {
    let admin = Access::Needs(Role::Admin);
    vec![
        Route::new(Method::PUT, DRAIN, admin, "Give a worker nothing new, for operators", drain)
            .at::<OfWorker>()
            .takes::<NewDrain>()
            .answers::<Changed>()
            .refuses(&[Code::NotFound, Code::Refused]),
        Route::new(Method::DELETE, DRAIN, admin, "Give a drained worker work again, for operators", back)
            .at::<OfWorker>()
            .answers::<Changed>(),
        Route::new(Method::PUT, PAUSE, admin, "Dispatch nothing; what runs goes on, for operators", pause)
            .takes::<NewPause>()
            .answers::<Changed>()
            .refuses(&[Code::Refused]),
        Route::new(Method::DELETE, PAUSE, admin, "Dispatch again, for operators", resume)
            .answers::<Changed>(),
    ]
}

/// Only of a worker that is there, or drained already: a name that nobody has is a slip of the pen.
async fn drain(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(OfWorker { worker }): Place<OfWorker>,
    Body(NewDrain { note, now }): Body<NewDrain>,
) -> Result<Json<Changed>, ApiError> {
    is_operator(&gateway, &asker.identity)?;
    if !gateway.hub.fleet().borrow().knows(&worker) {
        return Err(ApiError::not_found(What::Worker));
    }
    ask(&gateway, &asker, "drain", MaintenanceCommand::Drain { worker, note, now }).await
}

async fn back(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(OfWorker { worker }): Place<OfWorker>,
) -> Result<Json<Changed>, ApiError> {
    ask(&gateway, &asker, "return", MaintenanceCommand::Return { worker }).await
}

async fn pause(
    State(gateway): State<Gateway>,
    asker: Asker,
    Body(NewPause { note }): Body<NewPause>,
) -> Result<Json<Changed>, ApiError> {
    ask(&gateway, &asker, "pause", MaintenanceCommand::Pause { note }).await
}

async fn resume(State(gateway): State<Gateway>, asker: Asker) -> Result<Json<Changed>, ApiError> {
    ask(&gateway, &asker, "resume", MaintenanceCommand::Resume).await
}

/// The fleet is everybody's: its history is in the operators' tenant, and only its admins write there.
async fn ask(
    gateway: &Gateway,
    asker: &Asker,
    step: &str,
    command: MaintenanceCommand,
) -> Result<Json<Changed>, ApiError> {
    is_operator(gateway, &asker.identity)?;
    let fleet = Aggregate::Maintenance(asker.identity.tenant.clone());
    let recorded = gateway.ask(asker, step, fleet, Command::Maintenance(command)).await?.recorded();
    Ok(Json(Changed { sequence: recorded.map(|recorded| recorded.sequence) }))
}
