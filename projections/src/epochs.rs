//! The epochs of each job: the training curve as the current line of attempts drew it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use trainyard_events::results::Measurements;
use trainyard_events::{Aggregate, Event, JobEvent, Recorded, TenantId, limits};
use uuid::Uuid;

use crate::{ViewError, Views, table};

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

impl EpochRow {
    /// The row of an epoch that was logged; `None` for any other event.
    pub fn logged(recorded: &Recorded) -> Option<EpochRow> {
        let envelope = &recorded.envelope;
        let (
            Aggregate::Job(job),
            Event::Job(JobEvent::EpochLogged {
                token,
                epoch,
                train,
                validation,
                is_best,
                learning_rate,
                seconds,
                ..
            }),
        ) = (&envelope.aggregate, &envelope.event)
        else {
            return None;
        };
        Some(EpochRow {
            tenant: envelope.tenant.clone(),
            job: *job,
            epoch: *epoch,
            token: *token,
            train: train.clone(),
            validation: validation.clone(),
            is_best: *is_best,
            learning_rate: *learning_rate,
            seconds: *seconds,
            at: envelope.at,
            sequence: recorded.sequence,
        })
    }

    /// Folds an event that counted for its job into the job's curve, which is keyed by epoch.
    pub fn apply(curve: &mut BTreeMap<u32, EpochRow>, recorded: &Recorded) {
        if let Some(from) = goes_back_to(recorded) {
            curve.retain(|epoch, _| *epoch <= from);
        } else if let Some(row) = EpochRow::logged(recorded) {
            curve.insert(row.epoch, row);
        }
    }
}

/// An attempt that begins goes on from its checkpoint's epoch; what was logged after that will be run again.
fn goes_back_to(recorded: &Recorded) -> Option<u32> {
    match &recorded.envelope.event {
        Event::Job(JobEvent::AttemptStarted { resume, .. }) => {
            Some(resume.as_ref().map_or(0, |checkpoint| checkpoint.epoch))
        }
        _ => None,
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
         SELECT to_jsonb(epochs) FROM epochs, run
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
