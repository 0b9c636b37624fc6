//! `/v1/hooks`: whom a tenant has told of its events. For admins alone: an address is a secret, and so is what it is told.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use trainyard_api::Code;
use trainyard_api::error::What;
use trainyard_api::hooks::{HookAdded, HookAsked, HookChange, HookList, HookRow, NewHook};
use trainyard_api::place::ById;
use trainyard_commands::Command;
use trainyard_commands::hook::{Hook, HookCommand};
use trainyard_events::Aggregate;
use trainyard_events::hook::Form;
use trainyard_events::tenant::Role;
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::{Body, Place, id};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::identity::Identity;
use crate::route::{Access, Route};

pub(super) fn routes() -> Vec<Route> {
    let admin = Access::Needs(Role::Admin);
    vec![
        Route::new(Method::GET, "/v1/hooks", admin, "The tenant's hooks, and how far each is", list)
            .answers::<HookList>()
            .refuses(&[Code::Quarantined]),
        Route::post(
            "/v1/hooks",
            "Have somebody told of events; the secret that signs is shown only now",
            add,
        )
        .needs(Role::Admin)
        .takes::<NewHook>()
        .answers::<HookAdded>()
        .with(StatusCode::CREATED)
        .refuses(&[Code::BadHook, Code::Refused]),
        Route::new(Method::GET, "/v1/hooks/{id}", admin, "A hook, and how far it is", show)
            .at::<ById>()
            .answers::<HookRow>()
            .refuses(&[Code::Quarantined]),
        Route::new(
            Method::PATCH,
            "/v1/hooks/{id}",
            admin,
            "Change what a hook is for, or where it leads",
            change,
        )
        .at::<ById>()
        .takes::<HookChange>()
        .answers::<HookAsked>()
        .refuses(&[Code::BadHook, Code::Refused]),
        Route::new(Method::DELETE, "/v1/hooks/{id}", admin, "Remove a hook, and what waits for it", remove)
            .at::<ById>()
            .answers::<HookAsked>()
            .refuses(&[Code::Refused]),
        Route::post("/v1/hooks/{id}/test", "Send a hook one event that says so", test)
            .needs(Role::Admin)
            .at::<ById>()
            .answers::<HookAsked>()
            .refuses(&[Code::Refused]),
        Route::post(
            "/v1/hooks/{id}/replay",
            "Send again what was given up; one that is paused goes on",
            replay,
        )
        .needs(Role::Admin)
        .at::<ById>()
        .answers::<HookAsked>()
        .refuses(&[Code::Refused]),
    ]
}

async fn list(State(gateway): State<Gateway>, identity: Identity) -> Result<Json<HookList>, ApiError> {
    let mut hooks = Vec::new();
    for (id, hook) in oldest_first(gateway.hooks(&identity.tenant).await?) {
        hooks.push(gateway.hook_row(&identity.tenant, id, hook).await?);
    }
    Ok(Json(HookList { hooks }))
}

fn oldest_first(hooks: BTreeMap<Uuid, Hook>) -> Vec<(Uuid, Hook)> {
    let mut hooks: Vec<_> = hooks.into_iter().collect();
    hooks.sort_by_key(|(_, hook)| hook.added);
    hooks
}

async fn show(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(ById { id: hook }): Place<ById>,
) -> Result<Json<HookRow>, ApiError> {
    let hook_id = id(&hook, What::Hook)?;
    let hook = gateway.hook(&identity.tenant, hook_id).await?;
    Ok(Json(gateway.hook_row(&identity.tenant, hook_id, hook).await?))
}

async fn add(
    State(gateway): State<Gateway>,
    asker: Asker,
    Body(NewHook { address, form, on, language }): Body<NewHook>,
) -> Result<(StatusCode, Json<HookAdded>), ApiError> {
    let (access, tenant, hook_id) = (gateway.hook_access()?, asker.identity.tenant.clone(), asker.id("hook"));
    let sealed = access.sealed(&tenant, hook_id, form, &address)?;
    let add = HookCommand::Add { hook_id, form, on, language, sealed };
    let sequence = asked(&gateway, &asker, "add", add).await?;
    // Of a request that came before it is the same secret again.
    let secret = (form != Form::Mail).then(|| access.key.secret(&tenant, hook_id).text());
    Ok((StatusCode::CREATED, Json(HookAdded { hook_id, secret, sequence: sequence.unwrap_or_default() })))
}

async fn change(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(ById { id: hook }): Place<ById>,
    Body(HookChange { address, on, language }): Body<HookChange>,
) -> Result<Json<HookAsked>, ApiError> {
    let (hook_id, tenant) = (id(&hook, What::Hook)?, asker.identity.tenant.clone());
    let form = gateway.hook(&tenant, hook_id).await?.form;
    let sealed = match address {
        Some(address) => Some(gateway.hook_access()?.sealed(&tenant, hook_id, form, &address)?),
        None => None,
    };
    let change = HookCommand::Change { hook_id, on, language, sealed };
    Ok(Json(HookAsked { hook_id, sequence: asked(&gateway, &asker, "change", change).await? }))
}

async fn remove(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(ById { id: hook }): Place<ById>,
) -> Result<Json<HookAsked>, ApiError> {
    let hook_id = id(&hook, What::Hook)?;
    let remove = HookCommand::Remove { hook_id };
    Ok(Json(HookAsked { hook_id, sequence: asked(&gateway, &asker, "remove", remove).await? }))
}

async fn test(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(ById { id: hook }): Place<ById>,
) -> Result<Json<HookAsked>, ApiError> {
    let hook_id = id(&hook, What::Hook)?;
    let test = HookCommand::Test { hook_id };
    Ok(Json(HookAsked { hook_id, sequence: asked(&gateway, &asker, "test", test).await? }))
}

async fn replay(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(ById { id: hook }): Place<ById>,
) -> Result<Json<HookAsked>, ApiError> {
    let hook_id = id(&hook, What::Hook)?;
    let replay = HookCommand::Replay { hook_id };
    Ok(Json(HookAsked { hook_id, sequence: asked(&gateway, &asker, "replay", replay).await? }))
}

/// The sequence of the event, if it caused one.
async fn asked(
    gateway: &Gateway,
    asker: &Asker,
    step: &str,
    command: HookCommand,
) -> Result<Option<u64>, ApiError> {
    let hooks = Aggregate::Hooks(asker.identity.tenant.clone());
    let handled = gateway.ask(asker, step, hooks, Command::Hook(command)).await?;
    Ok(handled.recorded().map(|recorded| recorded.sequence))
}
