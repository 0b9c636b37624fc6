//! The jobs: one row each, folded from `job.*` and from `endpoint.*`, which share the job's id.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgConnection, PgExecutor};
use trainyard_events::config::Device;
use trainyard_events::{Aggregate, Event, JobEvent, Recorded, TenantId};
use trainyard_views::{Asked, JobRow, JobStatus, LIKE_IT, LeaseRow};
use uuid::Uuid;

use crate::job_order::JobOrder;
use crate::leases::Touched;
use crate::table::{self, Page, Rows, bigint, text};
use crate::{ViewError, Views};

/// Which jobs of a list; the default is all.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// Any of these; empty is every one.
    pub status: Vec<JobStatus>,
    /// Words in the number, title, tags, model, task, dataset, owner, worker or status.
    pub q: Option<String>,
    pub chat: Option<Uuid>,
    /// Exactly this one among its tags.
    pub tag: Option<String>,
    pub owner: Option<String>,
    /// Only those that are put away, or only the others.
    pub archived: Option<bool>,
    /// `None` is the newest first.
    pub order: Option<JobOrder>,
}

impl Views {
    pub async fn job(&self, tenant: &TenantId, id: Uuid) -> Result<Option<JobRow>, ViewError> {
        one(&self.pool, tenant, id).await
    }

    /// A job by the number that people call it.
    pub async fn job_by_number(&self, tenant: &TenantId, number: u64) -> Result<Option<JobRow>, ViewError> {
        let row = sqlx::query_scalar("SELECT to_json(jobs) FROM jobs WHERE tenant = $1 AND number = $2")
            .bind(tenant.as_str())
            .bind(bigint(number))
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|Json(row)| row))
    }

    /// The numbers of those that start from weights which are written so, the oldest first.
    pub async fn jobs_from(
        &self,
        tenant: &TenantId,
        weights: &str,
        most: u32,
    ) -> Result<Vec<u64>, ViewError> {
        let numbers: Vec<i64> = sqlx::query_scalar(
            "SELECT number FROM jobs
             WHERE tenant = $1 AND config ->> 'initial_weights' = $2 ORDER BY number LIMIT $3",
        )
        .bind(tenant.as_str())
        .bind(weights)
        .bind(i64::from(most))
        .fetch_all(&self.pool)
        .await?;
        Ok(numbers.into_iter().map(i64::unsigned_abs).collect())
    }

    /// The newest that have finished in one attempt with the same model in the same size, on workers of `asked.config.device`:
    /// on its dataset where there are any, else on others of which the number of images is known.
    pub async fn finished_like(&self, tenant: &TenantId, asked: Asked<'_>) -> Result<Vec<JobRow>, ViewError> {
        let config = asked.config;
        let rows: Vec<Json<JobRow>> = sqlx::query_scalar(
            "SELECT to_json(jobs) FROM jobs
             WHERE tenant = $1 AND status = $2 AND attempt = 1 AND epochs_done > resumed_epoch
               AND config ->> 'model' = $3 AND config -> 'image_size' = to_jsonb($4::bigint)
               AND config ->> 'runner' IS NOT DISTINCT FROM $5 AND ($6::text IS NULL OR pool = $6)
               AND (dataset = $7 OR train_images > 0)
             ORDER BY dataset IS NOT DISTINCT FROM $7 DESC, number DESC LIMIT $8",
        )
        .bind(tenant.as_str())
        .bind(word(&JobStatus::Finished))
        .bind(&config.model)
        .bind(i64::from(config.image_size))
        .bind(&config.runner)
        .bind((config.device != Device::Auto).then(|| word(&config.device)))
        .bind(asked.dataset)
        .bind(bigint(LIKE_IT as u64))
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|Json(row)| row).collect())
    }

    /// How many of a tenant's jobs wait, and how many workers have.
    pub async fn line(&self, tenant: &TenantId) -> Result<(u64, u64), ViewError> {
        let of = |is: fn(&JobStatus) -> bool| -> Vec<String> {
            JobStatus::ALL.iter().filter(|status| is(status)).map(word).collect()
        };
        let (waiting, running): (i64, i64) = sqlx::query_as(
            "SELECT count(*) FILTER (WHERE status = ANY ($2)), count(*) FILTER (WHERE status = ANY ($3))
             FROM jobs WHERE tenant = $1",
        )
        .bind(tenant.as_str())
        .bind(of(|status| !status.is_running() && !status.is_terminal()))
        .bind(of(|status| status.is_running()))
        .fetch_one(&self.pool)
        .await?;
        Ok((waiting.unsigned_abs(), running.unsigned_abs()))
    }

    /// Those on a dataset that have not ended, the oldest first.
    pub async fn open_jobs_on(
        &self,
        tenant: &TenantId,
        dataset: Uuid,
        most: u32,
    ) -> Result<Vec<JobRow>, ViewError> {
        let ended: Vec<String> =
            JobStatus::ALL.iter().filter(|status| status.is_terminal()).map(word).collect();
        let rows: Vec<Json<JobRow>> = sqlx::query_scalar(
            "SELECT to_json(jobs) FROM jobs
             WHERE tenant = $1 AND dataset = $2 AND status <> ALL ($3) ORDER BY number LIMIT $4",
        )
        .bind(tenant.as_str())
        .bind(dataset)
        .bind(ended)
        .bind(i64::from(most))
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|Json(row)| row).collect())
    }

    /// In the order that is asked for; the page's key is `number`, also of another order.
    pub async fn jobs(
        &self,
        tenant: &TenantId,
        filter: &JobFilter,
        page: Page,
    ) -> Result<Rows<JobRow>, ViewError> {
        list(&self.pool, tenant, filter, page).await
    }
}

/// Folds a batch in, and gives back those events of jobs and endpoints that counted.
pub(crate) async fn apply<'e>(
    connection: &mut PgConnection,
    events: &'e [Recorded],
) -> Result<Vec<&'e Recorded>, ViewError> {
    let mut numbers = last_numbers(connection, events).await?;
    let mut counted = Vec::new();
    let mut leases = Touched::default();
    let touches = |event: &Recorded| match event.envelope.aggregate {
        Aggregate::Job(id) | Aggregate::Endpoint(id) => Some(id),
        _ => None,
    };
    table::fold(connection, "jobs", "id", events, touches, |row: &mut Option<JobRow>, event| {
        let number = numbers.entry(event.envelope.tenant.to_string()).or_default();
        let is_new = row.is_none();
        let (is_of_lease, at) = (LeaseRow::is_touched_by(event), event.envelope.at);
        if let Some(before) = row.as_ref().filter(|_| is_of_lease) {
            leases.add(LeaseRow::of(before, Some(at)));
        }
        let counts = JobRow::fold(row, event, *number + 1);
        *number += u64::from(is_new && counts);
        if is_of_lease {
            leases.add(row.as_ref().and_then(|row| LeaseRow::of(row, None)));
        }
        if counts {
            counted.push(event);
        }
        counts
    })
    .await?;
    leases.write(connection).await?;
    Ok(counted)
}

/// The number of the newest job of every tenant that requests one in this batch.
async fn last_numbers(
    connection: &mut PgConnection,
    events: &[Recorded],
) -> Result<HashMap<String, u64>, ViewError> {
    let requests = |event: &&Recorded| matches!(event.envelope.event, Event::Job(JobEvent::Requested { .. }));
    let tenants: BTreeSet<&str> =
        events.iter().filter(requests).map(|event| event.envelope.tenant.as_str()).collect();
    if tenants.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT tenant, COALESCE((SELECT max(number) FROM jobs WHERE jobs.tenant = asking.tenant), 0)
         FROM UNNEST($1::text[]) AS asking (tenant)",
    )
    .bind(tenants.into_iter().collect::<Vec<_>>())
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(tenant, number)| (tenant, number.unsigned_abs())).collect())
}

pub(crate) async fn one(
    executor: impl PgExecutor<'_>,
    tenant: &TenantId,
    id: Uuid,
) -> Result<Option<JobRow>, ViewError> {
    let row = sqlx::query_scalar("SELECT to_json(jobs) FROM jobs WHERE tenant = $1 AND id = $2")
        .bind(tenant.as_str())
        .bind(id)
        .fetch_optional(executor)
        .await?;
    Ok(row.map(|Json(row)| row))
}

/// The newest first, which is the order of an index.
const NEWEST: &str = "SELECT to_json(jobs) FROM jobs
     WHERE {asked} AND ($2::bigint IS NULL OR number < $2) AND $10::text IS NULL
     ORDER BY number DESC LIMIT $9";
/// In another order, after the job at `$2`: as that one stands now, so that it need not be known how it stood.
const SORTED: &str = "SELECT to_json(jobs) FROM (
         SELECT asked.* FROM (SELECT number, {key} AS key FROM jobs WHERE {asked}) AS asked
         LEFT JOIN (SELECT number, {key} AS key FROM jobs WHERE tenant = $1 AND number = $2) AS last ON true
         WHERE $10::text IS NOT NULL AND ($2::bigint IS NULL OR asked.key {after} last.key
            OR (asked.key IS NULL AND last.key IS NOT NULL)
            OR (asked.key IS NOT DISTINCT FROM last.key AND asked.number < last.number))
         ORDER BY asked.key {way} NULLS LAST, asked.number DESC LIMIT $9
     ) AS page JOIN jobs ON jobs.tenant = $1 AND jobs.number = page.number
     ORDER BY page.key {way} NULLS LAST, page.number DESC";
const ASKED: &str = "tenant = $1
     AND (cardinality($3::text[]) = 0 OR status = ANY ($3))
     AND ($4::text IS NULL OR position(lower($4) IN lower(concat_ws(' ', '#' || number, annotation ->> 'title',
          (SELECT string_agg(tag, ' ') FROM jsonb_array_elements_text(annotation -> 'tags') AS tag),
          annotation ->> 'note', status, owner, worker, config ->> 'task', config ->> 'model', config ->> 'dataset'))) > 0)
     AND ($5::uuid IS NULL OR chat = $5)
     AND ($6::text IS NULL OR annotation -> 'tags' ? $6)
     AND ($7::text IS NULL OR owner = $7)
     AND ($8::boolean IS NULL OR (annotation ->> 'archived')::boolean = $8)";

pub(crate) async fn list(
    executor: impl PgExecutor<'_>,
    tenant: &TenantId,
    filter: &JobFilter,
    page: Page,
) -> Result<Rows<JobRow>, ViewError> {
    let status: Vec<String> = filter.status.iter().map(word).collect();
    let sql = match &filter.order {
        None => NEWEST.to_owned(),
        Some(order) => SORTED
            .replace("{key}", order.key())
            .replace("{way}", order.way())
            .replace("{after}", order.comes_after()),
    };
    let rows = sqlx::query_scalar(AssertSqlSafe(sql.replace("{asked}", ASKED)))
        .bind(tenant.as_str())
        .bind(page.before())
        .bind(status)
        .bind(filter.q.as_deref().map(text))
        .bind(filter.chat)
        .bind(filter.tag.as_deref().map(text))
        .bind(filter.owner.as_deref().map(text))
        .bind(filter.archived)
        .bind(page.fetch())
        .bind(filter.order.as_ref().map(|order| text(&order.name)))
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
