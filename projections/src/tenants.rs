//! The tenants and their tokens. A token's hash goes in and is compared; one query gives it out, to gateways.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;
use trainyard_events::{Event, Recorded, TenantEvent, TenantId};
use trainyard_views::tenant::StoredToken;
use trainyard_views::{TenantRow, TokenRow};
use uuid::Uuid;

use crate::table::{self, bigint};
use crate::{ViewError, Views};

impl Views {
    /// Whose token this is, by its SHA-256 in hex; `None` if there is none or it is revoked. It names no tenant,
    /// because its answer is the tenant.
    pub async fn token(&self, sha256: &str) -> Result<Option<TokenRow>, ViewError> {
        let row = sqlx::query_scalar(
            "SELECT to_jsonb(tokens) - 'sha256' FROM tokens
             WHERE sha256 = $1 AND revoked_at IS NULL ORDER BY sequence LIMIT 1",
        )
        .bind(sha256)
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|Json(row)| row))
    }

    /// The newest tokens of all tenants that were not revoked, with their hashes: for a gateway, which has to know a good
    /// token without asking here. Some may have expired.
    pub async fn valid_tokens(&self, most: usize) -> Result<Vec<StoredToken>, ViewError> {
        let rows: Vec<Json<StoredToken>> = sqlx::query_scalar(
            "SELECT to_json(tokens) FROM tokens WHERE revoked_at IS NULL ORDER BY sequence DESC LIMIT $1",
        )
        .bind(bigint(most as u64))
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|Json(row)| row).collect())
    }

    /// Which of these tokens, each of one of these tenants, are revoked or have ended by `now`.
    pub async fn ended_among(
        &self,
        tenants: &[&str],
        tokens: &[Uuid],
        now: OffsetDateTime,
    ) -> Result<Vec<Uuid>, ViewError> {
        let revoked = sqlx::query_scalar(
            "SELECT token_id FROM tokens
             WHERE tenant = ANY ($1) AND token_id = ANY ($2)
               AND (revoked_at IS NOT NULL OR expires_at <= $3)",
        )
        .bind(tenants)
        .bind(tokens)
        .bind(now)
        .fetch_all(&self.pool)
        .await?;
        Ok(revoked)
    }

    /// The newest session of each member, by name. A member's sessions stay here when they have ended.
    pub async fn members(&self, tenant: &TenantId) -> Result<Vec<TokenRow>, ViewError> {
        let rows: Vec<Json<TokenRow>> = sqlx::query_scalar(
            "SELECT newest.token FROM (
                SELECT DISTINCT ON (member ->> 'id') to_jsonb(tokens) - 'sha256' AS token, name
                FROM tokens WHERE tenant = $1 AND member IS NOT NULL
                ORDER BY member ->> 'id', issued_at DESC, token_id
             ) AS newest
             ORDER BY newest.name",
        )
        .bind(tenant.as_str())
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|Json(row)| row).collect())
    }

    /// Every tenant, by name.
    pub async fn tenants(&self) -> Result<Vec<TenantRow>, ViewError> {
        let rows: Vec<Json<TenantRow>> =
            sqlx::query_scalar("SELECT to_json(tenants) FROM tenants ORDER BY tenant")
                .fetch_all(&self.pool)
                .await?;
        Ok(rows.into_iter().map(|Json(row)| row).collect())
    }

    /// Every token of the tenant, newest first, revoked ones too.
    pub async fn tokens(&self, tenant: &TenantId) -> Result<Vec<TokenRow>, ViewError> {
        let rows: Vec<Json<TokenRow>> = sqlx::query_scalar(
            "SELECT to_jsonb(tokens) - 'sha256' FROM tokens WHERE tenant = $1 ORDER BY sequence DESC",
        )
        .bind(tenant.as_str())
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|Json(row)| row).collect())
    }

    pub async fn tenant(&self, tenant: &TenantId) -> Result<Option<TenantRow>, ViewError> {
        let row = sqlx::query_scalar("SELECT to_json(tenants) FROM tenants WHERE tenant = $1")
            .bind(tenant.as_str())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|Json(row)| row))
    }
}

pub(crate) async fn apply(connection: &mut PgConnection, events: &[Recorded]) -> Result<(), ViewError> {
    let touches = |event: &Recorded| match &event.envelope.event {
        Event::Tenant(
            TenantEvent::TokenIssued { token_id, .. }
            | TenantEvent::TokenGranted { token_id, .. }
            | TenantEvent::TokenRevoked { token_id },
        ) => Some(*token_id),
        _ => None,
    };
    table::fold(connection, "tokens", "token_id", events, touches, StoredToken::apply).await?;
    // A fact of a new token may end another one besides, which is there by now.
    let ends = |event: &Recorded| match &event.envelope.event {
        Event::Tenant(TenantEvent::TokenGranted { replaces, .. }) => replaces.map(|former| former.token_id),
        _ => None,
    };
    table::fold(connection, "tokens", "token_id", events, ends, StoredToken::apply_replaced).await?;
    apply_tenants(connection, events).await
}

/// A tenant's row has no id beside its tenant, so it is folded here.
async fn apply_tenants(connection: &mut PgConnection, events: &[Recorded]) -> Result<(), ViewError> {
    let is_tenant = |event: &&Recorded| matches!(event.envelope.event, Event::Tenant(_));
    let mut rows: BTreeMap<TenantId, Option<TenantRow>> =
        events.iter().filter(is_tenant).map(|event| (event.envelope.tenant.clone(), None)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = rows.keys().map(TenantId::as_str).collect();
    let stored: Vec<Json<TenantRow>> =
        sqlx::query_scalar("SELECT to_json(tenants) FROM tenants WHERE tenant = ANY ($1)")
            .bind(names)
            .fetch_all(&mut *connection)
            .await?;
    rows.extend(stored.into_iter().map(|Json(row)| (row.tenant.clone(), Some(row))));
    for event in events.iter().filter(is_tenant) {
        TenantRow::apply(rows.entry(event.envelope.tenant.clone()).or_default(), event);
    }
    let rows: Vec<TenantRow> = rows.into_values().flatten().collect();
    table::upsert(connection, "tenants", "tenant", &rows).await
}
