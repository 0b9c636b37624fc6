//! `/v1/tokens` and `/v1/whoami`: who may ask for what. A token's text is shown once.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};
use trainyard_commands::Command;
use trainyard_commands::tenant::{NewToken, TenantCommand};
use trainyard_events::tenant::Role;
use trainyard_events::{Aggregate, Event, TenantEvent};

use crate::error::ApiError;
use crate::extract::{Body, id};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::route::{Access, Route};
use crate::tokens::{Identity, new_token};

pub(super) fn routes() -> Vec<Route> {
    let viewer = Access::Needs(Role::Viewer);
    let admin = Access::Needs(Role::Admin);
    let new = json!({
        "type": "object",
        "required": ["name", "role"],
        "properties": {
            "name": { "type": "string" },
            "role": { "enum": ["viewer", "editor", "admin"] },
            "expires_at": { "type": "string", "format": "date-time" },
        },
    });
    vec![
        Route::new(Method::GET, "/v1/whoami", viewer, "Whose token this is and what it may do", whoami),
        Route::read("/v1/tokens", "The tenant's tokens, revoked ones too", list).needs(Role::Admin),
        Route::post("/v1/tokens", "Make a token; its text is shown only now", issue)
            .needs(Role::Admin)
            .body(new),
        Route::new(Method::DELETE, "/v1/tokens/{id}", admin, "Revoke a token at once", revoke),
    ]
}

async fn whoami(identity: Identity) -> Json<Value> {
    let Identity { token_id, name, expires_at, .. } = &identity;
    let expires_at = expires_at.map(|end| end.format(&Rfc3339).expect("an event's time can be written"));
    let token = json!({ "id": token_id, "name": name, "expires_at": expires_at });
    Json(json!({ "tenant": identity.tenant, "token": token, "role": identity.role }))
}

async fn list(State(gateway): State<Gateway>, identity: Identity) -> Result<Json<Value>, ApiError> {
    Ok(Json(json!({ "tokens": gateway.views.tokens(&identity.tenant).await? })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    name: String,
    role: Role,
    /// Left out, the token lives until it is revoked.
    #[serde(default, with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
}

async fn issue(
    State(gateway): State<Gateway>,
    asker: Asker,
    Body(new): Body<Wanted>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let (text, sha256) = new_token();
    let token_id = asker.id("token");
    let issue = TenantCommand::IssueToken(NewToken {
        token_id,
        name: new.name,
        role: new.role,
        sha256: sha256.clone(),
        expires_at: new.expires_at.map(whole_second).transpose()?,
        now: (gateway.clock)(),
    });
    let tenant = Aggregate::Tenant(asker.identity.tenant.clone());
    let recorded = gateway.ask(&asker, "issue", tenant, Command::Tenant(issue)).await?.recorded();
    let ours = recorded.filter(|recorded| {
        matches!(&recorded.envelope.event, Event::Tenant(TenantEvent::TokenIssued { sha256: kept, .. }) if *kept == sha256)
    });
    let Some(recorded) = ours else {
        return Err(ApiError::conflict(
            "already_issued",
            "this request has made its token already, whose text was shown then",
            "revoke that token and make another with a new Idempotency-Key",
        ));
    };
    let answer = json!({ "token": text, "token_id": token_id, "sequence": recorded.sequence });
    Ok((StatusCode::CREATED, Json(answer)))
}

/// As people mean it, and as every store keeps it.
fn whole_second(end: OffsetDateTime) -> Result<OffsetDateTime, ApiError> {
    end.truncate_to_second().checked_to_offset(UtcOffset::UTC).ok_or_else(|| {
        ApiError::bad_request("expires_at is beyond the year 9999", "send an earlier time, or none")
    })
}

async fn revoke(
    State(gateway): State<Gateway>,
    asker: Asker,
    Path(token): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let token_id = id(&token, "token")?;
    let tenant = Aggregate::Tenant(asker.identity.tenant.clone());
    let revoke = Command::Tenant(TenantCommand::RevokeToken { token_id });
    let recorded = gateway.ask(&asker, "revoke", tenant, revoke).await?.recorded();
    Ok(Json(json!({ "token_id": token_id, "sequence": recorded.map(|recorded| recorded.sequence) })))
}
