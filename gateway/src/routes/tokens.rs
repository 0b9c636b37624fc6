//! `/v1/tokens` and `/v1/whoami`: who may ask for what. A token's text is shown once.

use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use time::{OffsetDateTime, UtcOffset};
use trainyard_api::Code;
use trainyard_api::error::{Problem, What};
use trainyard_api::place::ById;
use trainyard_api::tokens::{NewToken, TokenIssued, TokenList, TokenNamed, TokenRevoked, Whoami};
use trainyard_commands::Command;
use trainyard_commands::tenant::{self, TenantCommand};
use trainyard_events::tenant::Role;
use trainyard_events::{Aggregate, Event, TenantEvent};

use crate::error::ApiError;
use crate::extract::{Body, Place, id};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::identity::Identity;
use crate::route::{Access, Route};
use crate::tokens::{new_key_token, new_token};

/// Why a token is not made.
const NOT_ISSUED: &[Code] =
    &[Code::BadTokenName, Code::TokenNameTaken, Code::ExpiresInThePast, Code::AlreadyIssued, Code::Refused];

pub(super) fn routes() -> Vec<Route> {
    let viewer = Access::Needs(Role::Viewer);
    let admin = Access::Needs(Role::Admin);
    vec![
        Route::new(Method::GET, "/v1/whoami", viewer, "Whose token this is and what it may do", whoami)
            .answers::<Whoami>(),
        Route::read("/v1/tokens", "The tenant's tokens, revoked ones too", list)
            .needs(Role::Admin)
            .answers::<TokenList>(),
        Route::post("/v1/tokens", "Make a token; its text is shown only now", issue)
            .needs(Role::Admin)
            .takes::<NewToken>()
            .answers::<TokenIssued>()
            .with(StatusCode::CREATED)
            .refuses(NOT_ISSUED),
        Route::new(Method::DELETE, "/v1/tokens/{id}", admin, "Revoke a token at once", revoke)
            .at::<ById>()
            .answers::<TokenRevoked>()
            .refuses(&[Code::Refused]),
    ]
}

async fn whoami(identity: Identity) -> Json<Whoami> {
    let token = TokenNamed { id: identity.token_id, name: identity.name, expires_at: identity.expires_at };
    Json(Whoami { tenant: identity.tenant, token, role: identity.role })
}

async fn list(State(gateway): State<Gateway>, identity: Identity) -> Result<Json<TokenList>, ApiError> {
    Ok(Json(TokenList { tokens: gateway.views.tokens(&identity.tenant).await? }))
}

async fn issue(
    State(gateway): State<Gateway>,
    asker: Asker,
    Body(new): Body<NewToken>,
) -> Result<(StatusCode, Json<TokenIssued>), ApiError> {
    let (text, sha256) = if new.nkey { new_key_token() } else { new_token() };
    let token_id = asker.id("token");
    let issue = TenantCommand::IssueToken(tenant::NewToken {
        token_id,
        name: new.name,
        role: new.role,
        sha256: sha256.clone(),
        expires_at: new.expires_at.map(whole_second).transpose()?,
        now: (gateway.clock)(),
    });
    let owner = Aggregate::Tenant(asker.identity.tenant.clone());
    let recorded = gateway.ask(&asker, "issue", owner, Command::Tenant(issue)).await?.recorded();
    let ours = recorded.filter(|recorded| {
        matches!(&recorded.envelope.event, Event::Tenant(TenantEvent::TokenIssued { sha256: kept, .. }) if *kept == sha256)
    });
    let Some(recorded) = ours else {
        return Err(Problem::AlreadyIssued.into());
    };
    let answer = TokenIssued { token: text, token_id, sequence: recorded.sequence };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// As people mean it, and as every store keeps it.
fn whole_second(end: OffsetDateTime) -> Result<OffsetDateTime, Problem> {
    end.truncate_to_second().checked_to_offset(UtcOffset::UTC).ok_or(Problem::EndTooFar)
}

async fn revoke(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(ById { id: token }): Place<ById>,
) -> Result<Json<TokenRevoked>, ApiError> {
    let token_id = id(&token, What::Token)?;
    let tenant = Aggregate::Tenant(asker.identity.tenant.clone());
    let revoke = Command::Tenant(TenantCommand::RevokeToken { token_id });
    let recorded = gateway.ask(&asker, "revoke", tenant, revoke).await?.recorded();
    Ok(Json(TokenRevoked { token_id, sequence: recorded.map(|recorded| recorded.sequence) }))
}
