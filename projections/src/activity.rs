//! The stream of events as people may read it: the activity page, a job's history, the time-travel slider.

use serde::Serialize;
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use trainyard_events::{Actor, Aggregate, Recorded, TenantId};
use trainyard_views::public_event;

use crate::table::{self, Page, Rows, bigint};
use crate::{ViewError, Views};

/// Which events; the default is all.
#[derive(Clone, Debug, Default)]
pub struct ActivityFilter {
    /// About any of these; empty is everything. A job's history is `job/<id>` and `endpoint/<id>`.
    pub aggregates: Vec<Aggregate>,
    /// Only events after this one, for a reader that has the others.
    pub after: Option<u64>,
    /// Kinds that are left out.
    pub without: &'static [&'static str],
}

/// The columns that queries and people with psql select by, beside the event itself.
#[derive(Serialize)]
struct ActivityRow<'e> {
    sequence: u64,
    tenant: &'e TenantId,
    kind: &'static str,
    aggregate: &'e Aggregate,
    actor: &'e Actor,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    event: Value,
}

impl ActivityRow<'_> {
    fn of(recorded: &Recorded) -> ActivityRow<'_> {
        let Recorded { sequence, envelope, .. } = recorded;
        ActivityRow {
            sequence: *sequence,
            tenant: &envelope.tenant,
            kind: envelope.event.kind(),
            aggregate: &envelope.aggregate,
            actor: &envelope.actor,
            at: envelope.at,
            event: public_event(recorded),
        }
    }
}

/// Every event that can be read, also where it is kept back from the other views.
pub(crate) async fn apply(connection: &mut PgConnection, events: &[&Recorded]) -> Result<(), ViewError> {
    let rows: Vec<ActivityRow<'_>> = events.iter().map(|event| ActivityRow::of(event)).collect();
    table::upsert(connection, "activity", "sequence", &rows).await
}

impl Views {
    /// Public events ([`public_event`]), newest first; the page's key is `sequence`.
    pub async fn activity(
        &self,
        tenant: &TenantId,
        filter: &ActivityFilter,
        page: Page,
    ) -> Result<Rows<Value>, ViewError> {
        list(&self.pool, tenant, filter, page).await
    }

    /// Public events that fit the filter, oldest first: at most `limit`, and in `next` the `after` of the page that
    /// follows. The filter names aggregates; what a page costs does not grow with their history.
    pub async fn history(
        &self,
        tenant: &TenantId,
        filter: &ActivityFilter,
        limit: u32,
    ) -> Result<Rows<Value>, ViewError> {
        let page = Page::new(None, limit);
        let rows = sqlx::query_scalar(
            "SELECT found.event FROM UNNEST($2::text[]) AS about (aggregate)
             CROSS JOIN LATERAL (
                SELECT sequence, event FROM activity
                WHERE tenant = $1 AND activity.aggregate = about.aggregate AND sequence > $3
                  AND kind <> ALL ($5)
                ORDER BY sequence LIMIT $4
             ) AS found
             ORDER BY found.sequence LIMIT $4",
        )
        .bind(tenant.as_str())
        .bind(filter.aggregates.iter().map(Aggregate::to_string).collect::<Vec<_>>())
        .bind(bigint(filter.after.unwrap_or(0)))
        .bind(page.fetch())
        .bind(filter.without)
        .fetch_all(&self.pool)
        .await?;
        Ok(page.cut(rows, |event: &Value| event["sequence"].as_u64().unwrap_or_default()))
    }
}

pub(crate) async fn list(
    executor: impl PgExecutor<'_>,
    tenant: &TenantId,
    filter: &ActivityFilter,
    page: Page,
) -> Result<Rows<Value>, ViewError> {
    let aggregates: Vec<String> = filter.aggregates.iter().map(Aggregate::to_string).collect();
    let rows = sqlx::query_scalar(
        "SELECT event FROM activity
         WHERE tenant = $1
           AND ($2::bigint IS NULL OR sequence < $2)
           AND ($3::bigint IS NULL OR sequence > $3)
           AND (cardinality($4::text[]) = 0 OR aggregate = ANY ($4))
           AND kind <> ALL ($6)
         ORDER BY sequence DESC LIMIT $5",
    )
    .bind(tenant.as_str())
    .bind(page.before())
    .bind(filter.after.map(bigint))
    .bind(aggregates)
    .bind(page.fetch())
    .bind(filter.without)
    .fetch_all(executor)
    .await?;
    Ok(page.cut(rows, |event: &Value| event["sequence"].as_u64().unwrap_or_default()))
}
