//! `/v1/quota`: how much the tenant may run and keep, and how much of that it uses.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use trainyard_api::Code;
use trainyard_api::error::What;
use trainyard_api::quota::{NewQuota, Quota, QuotaAnswer, QuotaSet, QuotaUse};
use trainyard_commands::Command;
use trainyard_commands::tenant::TenantCommand;
use trainyard_events::Aggregate;
use trainyard_events::tenant::Role;

use crate::error::ApiError;
use crate::extract::Body;
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::identity::Identity;
use crate::route::{Access, Route};

pub(super) fn routes() -> Vec<Route> {
    let admin = Access::Needs(Role::Admin);
    vec![
        Route::read("/v1/quota", "The tenant's quota, and how much of it is used", show)
            .answers::<QuotaAnswer>()
            .refuses(&[Code::NotFound]),
        Route::new(Method::PUT, "/v1/quota", admin, "Set the tenant's quota; what runs goes on", set)
            .takes::<NewQuota>()
            .answers::<QuotaSet>()
            .refuses(&[Code::Refused]),
    ]
}

async fn show(State(gateway): State<Gateway>, identity: Identity) -> Result<Json<QuotaAnswer>, ApiError> {
    let tenant = gateway.views.tenant(&identity.tenant).await?;
    let tenant = tenant.ok_or_else(|| ApiError::not_found(What::Tenant))?;
    let quota = Quota {
        concurrent_jobs: tenant.concurrent_jobs,
        gpu_hours: tenant.gpu_hours,
        dataset_bytes: tenant.dataset_bytes,
        month_budget: tenant.month_budget,
    };
    let used = QuotaUse {
        concurrent_jobs: tenant.slots.len() as u32,
        jobs: tenant.slots,
        gpu_seconds: tenant.gpu_ms / 1_000,
        dataset_bytes: gateway.rooms.used(&gateway.store, &identity.tenant).await?,
    };
    Ok(Json(QuotaAnswer { quota, r#use: used }))
}

async fn set(
    State(gateway): State<Gateway>,
    asker: Asker,
    Body(NewQuota { concurrent_jobs, gpu_hours, dataset_bytes, month_budget }): Body<NewQuota>,
) -> Result<Json<QuotaSet>, ApiError> {
    let tenant = Aggregate::Tenant(asker.identity.tenant.clone());
    let set =
        Command::Tenant(TenantCommand::SetQuota { concurrent_jobs, gpu_hours, dataset_bytes, month_budget });
    let recorded = gateway.ask(&asker, "quota", tenant, set).await?.recorded();
    let quota = Quota { concurrent_jobs, gpu_hours, dataset_bytes, month_budget };
    Ok(Json(QuotaSet { quota, sequence: recorded.map(|recorded| recorded.sequence) }))
}
