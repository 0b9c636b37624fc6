//! `/v1/prices` and `/v1/costs`: what time on workers costs, and what a month has cost.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use trainyard_api::Code;
use trainyard_api::costs::{CostReport, CostsQuery, NewPrice, Prices};
use trainyard_api::error::What;
use trainyard_api::page::Changed;
use trainyard_commands::Command;
use trainyard_commands::tenant::TenantCommand;
use trainyard_events::tenant::Role;
use trainyard_events::{Aggregate, Month};

use crate::error::ApiError;
use crate::extract::{Body, Params};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::identity::Identity;
use crate::route::{Access, Route};

pub(super) fn routes() -> Vec<Route> {
    let admin = Access::Needs(Role::Admin);
    vec![
        Route::read("/v1/prices", "What an hour on the workers of each pool costs", prices)
            .answers::<Prices>()
            .refuses(&[Code::NotFound]),
        Route::new(Method::PUT, "/v1/prices", admin, "Set what a pool costs from now on", set)
            .takes::<NewPrice>()
            .answers::<Changed>()
            .refuses(&[Code::Refused]),
        Route::read("/v1/costs", "What a month has cost, by member, job and kind of worker", costs)
            .query::<CostsQuery>()
            .answers::<CostReport>()
            .refuses(&[Code::NotFound]),
    ]
}

async fn prices(State(gateway): State<Gateway>, identity: Identity) -> Result<Json<Prices>, ApiError> {
    let tenant = gateway.views.tenant(&identity.tenant).await?;
    let tenant = tenant.ok_or_else(|| ApiError::not_found(What::Tenant))?;
    Ok(Json(Prices { prices: tenant.prices }))
}

async fn set(
    State(gateway): State<Gateway>,
    asker: Asker,
    Body(NewPrice { pool, price }): Body<NewPrice>,
) -> Result<Json<Changed>, ApiError> {
    let tenant = Aggregate::Tenant(asker.identity.tenant.clone());
    let set = Command::Tenant(TenantCommand::SetPrice { pool, price });
    let recorded = gateway.ask(&asker, "price", tenant, set).await?.recorded();
    Ok(Json(Changed { sequence: recorded.map(|recorded| recorded.sequence) }))
}

async fn costs(
    State(gateway): State<Gateway>,
    identity: Identity,
    Params(CostsQuery { month }): Params<CostsQuery>,
) -> Result<Json<CostReport>, ApiError> {
    let now = (gateway.clock)();
    let tenant = gateway.views.tenant(&identity.tenant).await?;
    let tenant = tenant.ok_or_else(|| ApiError::not_found(What::Tenant))?;
    let month = month.unwrap_or_else(|| Month::of(now));
    let mut report = CostReport::of(month, &gateway.views.leases(&identity.tenant, month).await?, now);
    report.budget = tenant.month_budget;
    if let Some(price) = tenant.prices.into_values().next() {
        report.currency = Some(price.currency);
    }
    Ok(Json(report))
}
