//! The jobs: one row each, folded from `job.*` and from `endpoint.*`, which share the job's id.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use trainyard_events::fleet::Pool;
use trainyard_events::job::{Artifact, CheckpointRef, Failure, Measurements};
use trainyard_events::{Aggregate, EndpointEvent, Event, JobEvent, Recorded, TenantId, TrainingConfig};
use uuid::Uuid;

use crate::table::{self, Page, Rows, bigint};
use crate::{ViewError, Views};

/// Folded, never set. `unreachable` is not among them: it is a late lease, which is not in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Not yet on the work queue.
    Requested,
    /// On the work queue, or waiting to be put there again after an attempt ended.
    Queued,
    /// A worker has it; the first step has not been taken.
    Starting,
    Training,
    /// Asked to stop; the trainer has not been seen to end.
    Cancelling,
    Finished,
    Failed,
    Cancelled,
}

impl JobStatus {
    /// Terminal states absorb.
    pub fn is_terminal(self) -> bool {
        matches!(self, JobStatus::Finished | JobStatus::Failed | JobStatus::Cancelled)
    }
}

/// The newest committed checkpoint, with what was best when it was written: a resume goes back to exactly this.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckpointMark {
    pub epoch: u32,
    pub step: u64,
    pub best_epoch: Option<u32>,
    pub best: Option<Measurements>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobRow {
    pub tenant: TenantId,
    pub id: Uuid,
    /// The tenant's jobs counted from 1 in order of request: how people refer to a job.
    pub number: u64,
    pub status: JobStatus,
    pub config: TrainingConfig,
    pub config_hash: String,
    pub dataset: Uuid,
    pub chat: Option<Uuid>,
    pub pool: Option<Pool>,
    /// Why it does not run yet: the scheduler's reason, or how the last attempt ended. `None` while one runs.
    pub waiting_reason: Option<String>,
    /// The worker of the current attempt, or of the last one once the job has ended.
    pub worker: Option<String>,
    /// 0 before the first.
    pub attempt: u32,
    /// Of the current attempt. `None` between attempts; kept once the job has ended.
    pub token: Option<u64>,
    pub batch_divisor: u32,
    /// Whole epochs that the current attempt took over.
    pub resumed_epoch: u32,
    /// As the trainer names it.
    pub device: Option<String>,
    /// Trainable ones.
    pub parameters: Option<u64>,
    pub train_images: Option<u64>,
    pub validation_images: Option<u64>,
    pub dataset_hash: Option<String>,
    /// In the order of the model's outputs; empty until the trainer has said.
    pub classes: Vec<String>,
    pub resolved: BTreeMap<String, String>,
    pub epochs_done: u32,
    /// 0 to 1, by epochs.
    pub progress: f64,
    /// The validation measurement that decides which epoch is best.
    pub primary: Option<String>,
    pub best_epoch: Option<u32>,
    /// Validation measurements of the best epoch.
    pub best: Option<Measurements>,
    /// Validation measurements of the newest epoch.
    pub last: Option<Measurements>,
    pub checkpoint: Option<CheckpointMark>,
    /// Attempts that failed by themselves; lost and preempted ones are not among them.
    pub failed_attempts: u32,
    /// Of the job, or of its newest failed attempt while it still goes on.
    pub failure: Option<Failure>,
    pub cancel_reason: Option<String>,
    pub artifacts: Vec<Artifact>,
    /// The reason, if not all epochs were run.
    pub stopped_early: Option<String>,
    /// Whether its endpoint answers.
    pub deployed: bool,
    #[serde(with = "time::serde::rfc3339")]
    pub requested_at: OffsetDateTime,
    /// Of the first attempt.
    #[serde(with = "time::serde::rfc3339::option")]
    pub started_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub finished_at: Option<OffsetDateTime>,
    /// Of the last event that changed it.
    pub sequence: u64,
}

/// Which jobs of a list; the default is all.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// Any of these; empty is every one.
    pub status: Vec<JobStatus>,
    /// Words in the number, model, task, dataset, worker or status.
    pub q: Option<String>,
    pub chat: Option<Uuid>,
}

impl Views {
    pub async fn job(&self, tenant: &TenantId, id: Uuid) -> Result<Option<JobRow>, ViewError> {
        one(&self.pool, tenant, id).await
    }

    /// A job by the number that people call it.
    pub async fn job_by_number(&self, tenant: &TenantId, number: u64) -> Result<Option<JobRow>, ViewError> {
        let row = sqlx::query_scalar("SELECT to_jsonb(jobs) FROM jobs WHERE tenant = $1 AND number = $2")
            .bind(tenant.as_str())
            .bind(bigint(number))
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|Json(row)| row))
    }

    /// Newest first; the page's key is `number`.
    pub async fn jobs(
        &self,
        tenant: &TenantId,
        filter: &JobFilter,
        page: Page,
    ) -> Result<Rows<JobRow>, ViewError> {
        list(&self.pool, tenant, filter, page).await
    }
}

pub(crate) async fn one(
    executor: impl PgExecutor<'_>,
    tenant: &TenantId,
    id: Uuid,
) -> Result<Option<JobRow>, ViewError> {
    let row = sqlx::query_scalar("SELECT to_jsonb(jobs) FROM jobs WHERE tenant = $1 AND id = $2")
        .bind(tenant.as_str())
        .bind(id)
        .fetch_optional(executor)
        .await?;
    Ok(row.map(|Json(row)| row))
}

pub(crate) async fn list(
    executor: impl PgExecutor<'_>,
    tenant: &TenantId,
    filter: &JobFilter,
    page: Page,
) -> Result<Rows<JobRow>, ViewError> {
    let status: Vec<String> = filter.status.iter().map(|status| word(status)).collect();
    let rows = sqlx::query_scalar(
        "SELECT to_jsonb(jobs) FROM jobs
         WHERE tenant = $1
           AND ($2::bigint IS NULL OR number < $2)
           AND (cardinality($3::text[]) = 0 OR status = ANY ($3))
           AND ($4::text IS NULL OR position(lower($4) IN lower(concat_ws(' ', '#' || number, status, worker,
                config->>'task', config->>'model', config->>'dataset'))) > 0)
           AND ($5::uuid IS NULL OR chat = $5)
         ORDER BY number DESC LIMIT $6",
    )
    .bind(tenant.as_str())
    .bind(page.before())
    .bind(status)
    .bind(filter.q.as_deref().map(|q| q.replace('\0', "")))
    .bind(filter.chat)
    .bind(page.fetch())
    .fetch_all(executor)
    .await?;
    Ok(page.cut(rows, |row: &JobRow| row.number))
}

/// The wire name of a unit variant.
fn word(status: &impl Serialize) -> String {
    match serde_json::to_value(status) {
        Ok(serde_json::Value::String(word)) => word,
        other => unreachable!("a unit variant is a word, not {other:?}"),
    }
}
