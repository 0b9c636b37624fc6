//! `/v1/tokens` and `/v1/whoami`: who may ask for what. A token's text is shown once.

use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use time::{Duration, OffsetDateTime, UtcOffset};
use trainyard_api::Code;
use trainyard_api::error::{Problem, What};
use trainyard_api::place::ById;
use trainyard_api::tokens::{
    NewToken, Rotation, TokenIssued, TokenList, TokenNamed, TokenRevoked, TokenRotated, Whoami,
};
use trainyard_commands::Command;
use trainyard_commands::access::AccessCommand;
use trainyard_commands::tenant::{self, TenantCommand};
use trainyard_events::tenant::Role;
use trainyard_events::{Aggregate, Event, TenantEvent};
use trainyard_views::TokenRow;
use uuid::Uuid;

use super::tenants::is_operator;
use crate::error::ApiError;
use crate::extract::{Body, Place, id};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::identity::Identity;
use crate::route::{Access, Route};
use crate::tokens::{new_key_token, new_token};

/// How long the old text of a token that is rotated goes on, unless the request says otherwise, and at most, in seconds.
const GRACE_S: u32 = 3_600;
const GRACE_S_MAX: u32 = 7 * 24 * 3_600;

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
        Route::post(
            "/v1/tokens/{id}/rotate",
            "Another text for a token; the old one goes on for a while",
            rotate,
        )
        .needs(Role::Admin)
        .at::<ById>()
        .takes::<Rotation>()
        .answers::<TokenRotated>()
        .with(StatusCode::CREATED)
        .refuses(&[Code::ExpiresInThePast, Code::AlreadyIssued, Code::Refused]),
        Route::new(Method::DELETE, "/v1/tokens/{id}", admin, "Revoke a token at once", revoke)
            .at::<ById>()
            .answers::<TokenRevoked>()
            .refuses(&[Code::Refused]),
    ]
}

async fn whoami(State(gateway): State<Gateway>, identity: Identity) -> Json<Whoami> {
    let operator = identity.role == Role::Admin && is_operator(&gateway, &identity).is_ok();
    let token = TokenNamed {
        id: identity.token_id,
        name: identity.name,
        expires_at: identity.expires_at,
        scope: identity.scope,
        session: identity.member.is_some(),
    };
    Json(Whoami { tenant: identity.tenant, token, role: identity.role, operator })
}

async fn list(State(gateway): State<Gateway>, identity: Identity) -> Result<Json<TokenList>, ApiError> {
    let (tokens, now) = (gateway.views.tokens(&identity.tenant).await?, (gateway.clock)());
    let is_valid =
        |token: &&TokenRow| token.revoked_at.is_none() && token.expires_at.is_none_or(|end| end > now);
    let valid: Vec<Uuid> = tokens.iter().filter(is_valid).map(|token| token.token_id).collect();
    let last_uses = gateway.bus.access_notes().last_uses(&valid).await?;
    let last_uses = last_uses.into_iter().map(|(token, last)| (token.to_string(), last)).collect();
    Ok(Json(TokenList { tokens, last_uses }))
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
        scope: new.scope,
        now: (gateway.clock)(),
    });
    let owner = Aggregate::Tenant(asker.identity.tenant.clone());
    let recorded = gateway.ask(&asker, "issue", owner, Command::Tenant(issue)).await?.recorded();
    let ours = recorded.filter(|recorded| {
        matches!(
            &recorded.envelope.event,
            Event::Tenant(
                TenantEvent::TokenIssued { sha256: kept, .. } | TenantEvent::TokenGranted { sha256: kept, .. }
            ) if *kept == sha256
        )
    });
    let Some(recorded) = ours else {
        return Err(Problem::AlreadyIssued.into());
    };
    let answer = TokenIssued { token: text, token_id, sequence: recorded.sequence };
    Ok((StatusCode::CREATED, Json(answer)))
}

async fn rotate(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(ById { id: token }): Place<ById>,
    Body(rotation): Body<Rotation>,
) -> Result<(StatusCode, Json<TokenRotated>), ApiError> {
    let of = id(&token, What::Token)?;
    let grace_s = rotation.grace_s.unwrap_or(GRACE_S);
    if grace_s > GRACE_S_MAX {
        return Err(Problem::BadBody { detail: format!("grace_s is {GRACE_S_MAX} at most") }.into());
    }
    let ((text, sha256), now) = (new_token(), (gateway.clock)());
    let (token_id, until) = (asker.id("token"), whole_second(now + Duration::seconds(grace_s.into()))?);
    let expires_at = rotation.expires_at.map(whole_second).transpose()?;
    let rotate = AccessCommand::Rotate { of, token_id, sha256: sha256.clone(), expires_at, until, now };
    let owner = Aggregate::Tenant(asker.identity.tenant.clone());
    let rotate = Command::Tenant(TenantCommand::Access(rotate));
    let recorded = gateway.ask(&asker, "rotate", owner, rotate).await?.recorded();
    let ours = recorded.filter(|recorded| {
        matches!(&recorded.envelope.event, Event::Tenant(TenantEvent::TokenGranted { sha256: kept, .. }) if *kept == sha256)
    });
    let sequence = ours.ok_or(Problem::AlreadyIssued)?.sequence;
    Ok((StatusCode::CREATED, Json(TokenRotated { token: text, token_id, old_until: until, sequence })))
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
