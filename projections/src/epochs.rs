//! The epochs of each job: the training curve as the current line of attempts drew it.

use serde::{Deserialize, Serialize};
use sqlx::PgExecutor;
use sqlx::types::Json;
use time::OffsetDateTime;
use trainyard_events::job::Measurements;
use trainyard_events::{TenantId, limits};
use uuid::Uuid;

use crate::{ViewError, Views};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRow {
    pub tenant: TenantId,
    pub job: Uuid,
    /// From 1.
    pub epoch: u32,
    /// Of the attempt that ran it.
    pub token: u64,
    pub train: Measurements,
    pub validation: Measurements,
    pub is_best: bool,
    pub learning_rate: f64,
    pub seconds: f64,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    pub sequence: u64,
}

impl Views {
    /// In order of epoch, at most `points` of them ([`limits::EPOCHS`] gives all there can be): a longer run is
    /// thinned evenly, and its first, best and last epoch always stay.
    pub async fn epochs(
        &self,
        tenant: &TenantId,
        job: Uuid,
        points: u32,
    ) -> Result<Vec<EpochRow>, ViewError> {
        list(&self.pool, tenant, job, points).await
    }
}

pub(crate) async fn list(
    executor: impl PgExecutor<'_>,
    tenant: &TenantId,
    job: Uuid,
    points: u32,
) -> Result<Vec<EpochRow>, ViewError> {
    // Three epochs always stay, so the even ones share the rest.
    let even = i64::from(points.clamp(4, limits::EPOCHS)) - 3;
    let rows: Vec<Json<EpochRow>> = sqlx::query_scalar(
        "WITH run AS (SELECT count(*) AS epochs, min(epoch) AS first, max(epoch) AS last,
                             (SELECT best_epoch FROM jobs WHERE tenant = $1 AND id = $2) AS best
                      FROM epochs WHERE tenant = $1 AND job = $2)
         SELECT to_jsonb(epochs) FROM epochs, run
         WHERE tenant = $1 AND job = $2
           AND (epochs.epoch IN (run.first, run.last, run.best)
                OR epochs.epoch % ((run.epochs + $3 - 1) / $3) = 0)
         ORDER BY epoch",
    )
    .bind(tenant.as_str())
    .bind(job)
    .bind(even)
    .fetch_all(executor)
    .await?;
    Ok(rows.into_iter().map(|Json(row)| row).collect())
}
