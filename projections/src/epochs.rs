//! The epochs of each job: the training curve as the current line of attempts drew it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor};
use time::OffsetDateTime;
use trainyard_events::{Aggregate, Recorded, TenantId, limits};
use trainyard_views::EpochRow;
use trainyard_views::epoch::goes_back_to;
use uuid::Uuid;

use crate::{ViewError, Views, table};

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

/// An [`EpochRow`] for who only passes it on: its measurements are JSON that nobody reads on the way.
#[derive(Debug, Serialize, FromRow)]
pub struct EpochLine {
    tenant: String,
    job: Uuid,
    epoch: i64,
    token: i64,
    train: Json<Box<RawValue>>,
    validation: Json<Box<RawValue>>,
    is_best: bool,
    learning_rate: f64,
    seconds: f64,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    sequence: i64,
}

impl Views {
    /// All of them, in order of epoch.
    pub async fn epoch_lines(&self, tenant: &TenantId, job: Uuid) -> Result<Vec<EpochLine>, ViewError> {
        let lines = sqlx::query_as(
            "SELECT tenant, job, epoch, token, train, validation, is_best, learning_rate, seconds, at, sequence
             FROM epochs WHERE tenant = $1 AND job = $2 ORDER BY epoch",
        )
        .bind(tenant.as_str())
        .bind(job)
        .fetch_all(&self.pool)
        .await?;
        Ok(lines)
    }
}

/// What a batch does to one job's curve.
#[derive(Default)]
struct Curve {
    /// Stored epochs above this one go: an attempt began again after it.
    keep: Option<u32>,
    rows: BTreeMap<u32, EpochRow>,
}

/// Folds in the events that counted for their job.
pub(crate) async fn apply(connection: &mut PgConnection, counted: &[&Recorded]) -> Result<(), ViewError> {
    let mut curves: BTreeMap<(TenantId, Uuid), Curve> = BTreeMap::new();
    for event in counted {
        let Aggregate::Job(job) = event.envelope.aggregate else { continue };
        let curve = curves.entry((event.envelope.tenant.clone(), job)).or_default();
        if let Some(from) = goes_back_to(event) {
            curve.keep = Some(curve.keep.map_or(from, |keep| keep.min(from)));
        }
        EpochRow::apply(&mut curve.rows, event);
    }
    roll_back(connection, &curves).await?;
    let rows: Vec<EpochRow> = curves.into_values().flat_map(|curve| curve.rows.into_values()).collect();
    table::upsert(connection, "epochs", "tenant, job, epoch", &rows).await
}

async fn roll_back(
    connection: &mut PgConnection,
    curves: &BTreeMap<(TenantId, Uuid), Curve>,
) -> Result<(), ViewError> {
    let (mut tenants, mut jobs, mut keeps) = (Vec::new(), Vec::new(), Vec::new());
    for ((tenant, job), curve) in curves {
        if let Some(keep) = curve.keep {
            tenants.push(tenant.as_str());
            jobs.push(*job);
            keeps.push(i64::from(keep));
        }
    }
    if jobs.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "DELETE FROM epochs USING UNNEST($1::text[], $2::uuid[], $3::bigint[]) AS cut (tenant, job, keep)
         WHERE epochs.tenant = cut.tenant AND epochs.job = cut.job AND epochs.epoch > cut.keep",
    )
    .bind(tenants)
    .bind(jobs)
    .bind(keeps)
    .execute(connection)
    .await?;
    Ok(())
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
        "WITH run AS (SELECT count(*) AS length, min(epoch) AS first, max(epoch) AS last,
                             (SELECT best_epoch FROM jobs WHERE tenant = $1 AND id = $2) AS best
                      FROM epochs WHERE tenant = $1 AND job = $2)
         SELECT to_json(epochs) FROM epochs, run
         WHERE tenant = $1 AND job = $2
           AND (epochs.epoch IN (run.first, run.last, run.best)
                OR epochs.epoch % ((run.length + $3 - 1) / $3) = 0)
         ORDER BY epoch",
    )
    .bind(tenant.as_str())
    .bind(job)
    .bind(even)
    .fetch_all(executor)
    .await?;
    Ok(rows.into_iter().map(|Json(row)| row).collect())
}
