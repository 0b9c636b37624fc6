//! `/v1/tenants`: who has a place on the platform. Admins of the operators' tenant make and close the others.

use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use trainyard_api::Code;
use trainyard_api::error::{Problem, What};
use trainyard_api::place::OfTenant;
use trainyard_api::tenants::{NewTenant, TenantClosed, TenantList, TenantMade, TenantShown};
use trainyard_commands::Command;
use trainyard_commands::access::NewToken;
use trainyard_commands::tenant::TenantCommand;
use trainyard_events::tenant::{Role, TenantEvent};
use trainyard_events::{Aggregate, Event, Recorded, TenantId};
use trainyard_projections::{JobFilter, Page};
use trainyard_views::JobStatus;

use super::members::who;
use crate::error::ApiError;
use crate::extract::{Body, Place};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::identity::Identity;
use crate::route::{Access, Route};
use crate::tokens::new_token;

/// The name of a tenant's first token.
const FIRST: &str = "first";

pub(super) fn routes() -> Vec<Route> {
    let admin = Access::Needs(Role::Admin);
    vec![
        Route::read("/v1/tenants", "Every tenant, for operators", list)
            .needs(Role::Admin)
            .answers::<TenantList>(),
        Route::post("/v1/tenants", "Make a tenant; its first token is shown only now", make)
            .needs(Role::Admin)
            .takes::<NewTenant>()
            .answers::<TenantMade>()
            .with(StatusCode::CREATED)
            .refuses(&[Code::AlreadySo, Code::AlreadyIssued, Code::TokenNameTaken, Code::Refused]),
        Route::new(Method::DELETE, "/v1/tenants/{tenant}", admin, "Close a tenant for good", close)
            .at::<OfTenant>()
            .answers::<TenantClosed>()
            .refuses(&[Code::Refused]),
    ]
}

/// What concerns everybody is for admins of the operators' tenant.
pub(super) fn is_operator(gateway: &Gateway, identity: &Identity) -> Result<(), ApiError> {
    let is_one = gateway.config.operators.as_ref() == Some(&identity.tenant);
    if is_one { Ok(()) } else { Err(Problem::NotAnOperator.into()) }
}

async fn list(State(gateway): State<Gateway>, identity: Identity) -> Result<Json<TenantList>, ApiError> {
    is_operator(&gateway, &identity)?;
    let tenants = gateway.views.tenants().await?.into_iter().map(|row| TenantShown {
        tenant: row.tenant,
        created_at: row.created_at,
        closed_at: row.closed_at,
    });
    Ok(Json(TenantList { tenants: tenants.collect() }))
}

/// One that is there already is nobody's to be given a token of.
async fn make(
    State(gateway): State<Gateway>,
    asker: Asker,
    Body(NewTenant { tenant }): Body<NewTenant>,
) -> Result<(StatusCode, Json<TenantMade>), ApiError> {
    is_operator(&gateway, &asker.identity)?;
    let created = ask(&gateway, &asker, &tenant, "create", TenantCommand::Create).await?;
    created.ok_or(Problem::AlreadySo)?;
    let (text, sha256) = new_token();
    let token_id = asker.id("token");
    let token = NewToken {
        token_id,
        name: FIRST.to_owned(),
        role: Role::Admin,
        sha256: sha256.clone(),
        expires_at: None,
        scope: Vec::new(),
        now: (gateway.clock)(),
    };
    let issued = ask(&gateway, &asker, &tenant, "issue", TenantCommand::IssueToken(token)).await?;
    let ours = issued.filter(|recorded| {
        matches!(&recorded.envelope.event, Event::Tenant(TenantEvent::TokenIssued { sha256: kept, .. }) if *kept == sha256)
    });
    let sequence = ours.ok_or(Problem::AlreadyIssued)?.sequence;
    Ok((StatusCode::CREATED, Json(TenantMade { tenant, token: text, token_id, sequence })))
}

/// Nothing new begins, and then each token ends. What is stored stays.
async fn close(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(OfTenant { tenant }): Place<OfTenant>,
) -> Result<Json<TenantClosed>, ApiError> {
    is_operator(&gateway, &asker.identity)?;
    let tenant: TenantId = tenant.parse().map_err(|_| ApiError::not_found(What::Tenant))?;
    if tenant == asker.identity.tenant {
        return Err(Problem::BadAddress { detail: "the operators' own tenant stays".to_owned() }.into());
    }
    let running = JobFilter {
        status: JobStatus::ALL.into_iter().filter(|status| !status.is_terminal()).collect(),
        ..JobFilter::default()
    };
    let running = gateway.views.jobs(&tenant, &running, Page::first()).await?.rows.len() as u64;
    if running > 0 {
        return Err(Problem::TenantInUse { jobs: running }.into());
    }
    let closed = ask(&gateway, &asker, &tenant, "close", TenantCommand::Close).await?;
    let (mut tokens, mut sequence) = (0, closed.map(|recorded| recorded.sequence));
    for token_id in who(&gateway, &tenant).await?.valid((gateway.clock)()) {
        let step = format!("revoke {token_id}");
        let revoked = ask(&gateway, &asker, &tenant, &step, TenantCommand::RevokeToken { token_id }).await?;
        tokens += u64::from(revoked.is_some());
        sequence = sequence.max(revoked.map(|recorded| recorded.sequence));
    }
    Ok(Json(TenantClosed { tenant, tokens, sequence }))
}

/// Asks for a step about a tenant that is not the asker's own.
async fn ask(
    gateway: &Gateway,
    asker: &Asker,
    tenant: &TenantId,
    step: &str,
    command: TenantCommand,
) -> Result<Option<Recorded>, ApiError> {
    let aggregate = Aggregate::Tenant(tenant.clone());
    let mut request = asker.request(step, aggregate.clone(), Command::Tenant(command));
    request.tenant = tenant.clone();
    let asked = gateway.door.handle(request).await;
    let recorded = asker.of_any_release(&gateway.bus.log(), &aggregate, asked).await?.recorded();
    if let Some(recorded) = &recorded {
        gateway.tokens.take_in(recorded);
    }
    Ok(recorded)
}
