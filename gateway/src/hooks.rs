//! A tenant's hooks as their history has them, and how far each is.

use std::collections::BTreeMap;
use std::sync::Arc;

use time::OffsetDateTime;
use trainyard_api::error::{Problem, What};
use trainyard_api::hooks::{HookMiss, HookPause, HookRow, HookTry};
use trainyard_commands::State;
use trainyard_commands::hook::Hook;
use trainyard_events::hook::Form;
use trainyard_events::{Aggregate, TenantId};
use trainyard_hooks::{HooksKey, Place, Target, Trusted, Try, kept_as};
use trainyard_words::{Both, Words};
use uuid::Uuid;

use crate::error::ApiError;
use crate::gateway::Gateway;

/// What it takes to have hooks.
#[derive(Clone, Debug)]
pub struct HookAccess {
    pub key: HooksKey,
    /// Hosts that addresses may name although they are inside.
    pub trusted: Arc<Trusted>,
}

impl HookAccess {
    /// The address as it is kept of this hook, if it may be one.
    pub(crate) fn sealed(
        &self,
        tenant: &TenantId,
        hook: Uuid,
        form: Form,
        address: &str,
    ) -> Result<String, ApiError> {
        Target::read(form, address, tenant, &self.trusted).map_err(Problem::from)?;
        Ok(self.key.seal(tenant, hook, address))
    }

    fn shown(&self, tenant: &TenantId, id: Uuid, hook: &Hook) -> Option<String> {
        let address = self.key.unseal(tenant, id, &hook.sealed).ok()?;
        Target::shown_of(hook.form, &address)
    }
}

impl Gateway {
    pub(crate) fn hook_access(&self) -> Result<&HookAccess, ApiError> {
        self.hooks.as_ref().ok_or(ApiError(Problem::NoHooks))
    }

    /// As the log has them now: there are so few that nobody keeps a view of them.
    pub(crate) async fn hooks(&self, tenant: &TenantId) -> Result<BTreeMap<Uuid, Hook>, ApiError> {
        let opened = self.door.open(tenant, &Aggregate::Hooks(tenant.clone())).await?;
        Ok(match opened.state() {
            State::Hooks(hooks) => hooks.hooks.clone(),
            _ => BTreeMap::new(),
        })
    }

    pub(crate) async fn hook(&self, tenant: &TenantId, id: Uuid) -> Result<Hook, ApiError> {
        self.hooks(tenant).await?.remove(&id).ok_or_else(|| ApiError::not_found(What::Hook))
    }

    pub(crate) async fn hook_row(
        &self,
        tenant: &TenantId,
        id: Uuid,
        hook: Hook,
    ) -> Result<HookRow, ApiError> {
        let (_, kept) = self.bus.hooks().kept(&kept_as(tenant, id)).await?;
        // Nobody has told it yet, or a release that writes it otherwise.
        let place: Place = kept.and_then(|kept| serde_json::from_slice(&kept).ok()).unwrap_or_default();
        Ok(HookRow {
            hook_id: id,
            form: hook.form,
            address: self.hooks.as_ref().and_then(|access| access.shown(tenant, id, &hook)),
            on: hook.on,
            language: hook.language,
            added_at: hook.added_at,
            paused: hook.paused.map(|why| {
                let Both { english, korean } = why.words();
                HookPause { why, english, korean }
            }),
            taken: place.taken,
            waiting: place.waiting.len() as u64,
            dead: place.dead.len() as u64,
            last: place.last.as_ref().map(tried),
            test: place.test.as_ref().map(tried),
            tested: place.tested,
        })
    }
}

fn tried(tried: &Try) -> HookTry {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(tried.at) * 1_000_000);
    let miss = tried.miss.as_ref().map(|miss| {
        let Both { english, korean } = miss.words();
        HookMiss { english, korean }
    });
    HookTry { at: at.unwrap_or(OffsetDateTime::UNIX_EPOCH), miss }
}
