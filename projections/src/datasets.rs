//! The datasets: what was named, and what the fleet found there.

use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use time::OffsetDateTime;
use trainyard_events::TenantId;
use trainyard_events::config::Task;
use trainyard_events::dataset::{DatasetProfile, FileProblem};
use uuid::Uuid;

use crate::table::{Page, Rows};
use crate::{ViewError, Views};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatasetStatus {
    /// Nobody has answered the newest registration.
    Pending,
    Valid,
    Rejected,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatasetRow {
    pub tenant: TenantId,
    pub id: Uuid,
    pub path: String,
    pub task: Task,
    pub status: DatasetStatus,
    /// Sequence of the newest registration; an answer to an older one changes nothing.
    pub inspection: u64,
    /// When valid.
    pub profile: Option<DatasetProfile>,
    /// When rejected.
    pub problem: Option<String>,
    pub next_step: Option<String>,
    /// The first of `bad_files`.
    pub report: Vec<FileProblem>,
    pub bad_files: u64,
    #[serde(with = "time::serde::rfc3339")]
    pub registered_at: OffsetDateTime,
    /// Of the last change.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    pub sequence: u64,
}

impl Views {
    pub async fn dataset(&self, tenant: &TenantId, id: Uuid) -> Result<Option<DatasetRow>, ViewError> {
        let row = sqlx::query_scalar("SELECT to_jsonb(datasets) FROM datasets WHERE tenant = $1 AND id = $2")
            .bind(tenant.as_str())
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|Json(row)| row))
    }

    /// Most recently changed first; the page's key is `sequence`.
    pub async fn datasets(&self, tenant: &TenantId, page: Page) -> Result<Rows<DatasetRow>, ViewError> {
        let rows = sqlx::query_scalar(
            "SELECT to_jsonb(datasets) FROM datasets
             WHERE tenant = $1 AND ($2::bigint IS NULL OR sequence < $2)
             ORDER BY sequence DESC LIMIT $3",
        )
        .bind(tenant.as_str())
        .bind(page.before())
        .bind(page.fetch())
        .fetch_all(&self.pool)
        .await?;
        Ok(page.cut(rows, |row: &DatasetRow| row.sequence))
    }
}
