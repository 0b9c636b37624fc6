//! `/v1/tokens` and `/v1/whoami`: who may ask for what. A token's text is shown once.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use trainyard_commands::Command;
use trainyard_commands::tenant::TenantCommand;
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
        "properties": { "name": { "type": "string" }, "role": { "enum": ["viewer", "editor", "admin"] } },
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
    let token = json!({ "id": identity.token_id, "name": identity.name });
    Json(json!({ "tenant": identity.tenant, "token": token, "role": identity.role }))
}

async fn list(State(gateway): State<Gateway>, identity: Identity) -> Result<Json<Value>, ApiError> {
    Ok(Json(json!({ "tokens": gateway.views.tokens(&identity.tenant).await? })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewToken {
    name: String,
    role: Role,
}

async fn issue(
    State(gateway): State<Gateway>,
    asker: Asker,
    Body(new): Body<NewToken>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let (text, sha256) = new_token();
    let token_id = asker.id("token");
    let issue =
        TenantCommand::IssueToken { token_id, name: new.name, role: new.role, sha256: sha256.clone() };
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
