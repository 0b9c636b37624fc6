//! The tenants and their tokens. A token's hash goes in and is compared; no query gives it out.

use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use time::OffsetDateTime;
use trainyard_events::TenantId;
use trainyard_events::tenant::Role;
use uuid::Uuid;

use crate::{ViewError, Views};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TenantRow {
    pub tenant: TenantId,
    /// `None` is unlimited.
    pub concurrent_jobs: Option<u32>,
    pub gpu_hours: Option<u32>,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    pub sequence: u64,
}

/// A token as its tenant may see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenRow {
    pub tenant: TenantId,
    pub token_id: Uuid,
    pub name: String,
    pub role: Role,
    #[serde(with = "time::serde::rfc3339")]
    pub issued_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    pub revoked_at: Option<OffsetDateTime>,
    pub sequence: u64,
}

impl Views {
    /// Whose token this is, by its SHA-256 in hex; `None` if there is none or it is revoked. The one query that
    /// names no tenant, because its answer is the tenant.
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
        let row = sqlx::query_scalar("SELECT to_jsonb(tenants) FROM tenants WHERE tenant = $1")
            .bind(tenant.as_str())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|Json(row)| row))
    }
}
