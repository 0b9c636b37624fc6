//! The stream of events as people may read it: the activity page, a job's history, the time-travel slider.

use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use time::format_description::well_known::Rfc3339;
use trainyard_events::{Aggregate, Recorded, TenantId, said};
use trainyard_views::{heed, public_json};

use crate::chats::is_erasure;
use crate::table::{Page, Rows, bigint};
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

/// Every event that can be read, also where it is kept back from the other views. Columns that queries and people with psql
/// select by stand beside the event itself.
///
/// They go as text, and Postgres reads them as it would read them out of JSON: it rounds a time where a binary one is cut off.
pub(crate) async fn apply(connection: &mut PgConnection, events: &[&Recorded]) -> Result<(), ViewError> {
    if events.is_empty() {
        return Ok(());
    }
    let texts =
        |of: fn(&Recorded) -> String| -> Vec<String> { events.iter().map(|event| of(event)).collect() };
    sqlx::query(
        "INSERT INTO activity (sequence, tenant, kind, aggregate, actor, at, event)
         SELECT sequence, tenant, kind, aggregate, actor, at::timestamptz, event::jsonb
         FROM UNNEST($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
              AS told (sequence, tenant, kind, aggregate, actor, at, event)
         ON CONFLICT DO NOTHING",
    )
    .bind(events.iter().map(|event| bigint(event.sequence)).collect::<Vec<_>>())
    .bind(texts(|event| event.envelope.tenant.to_string()))
    .bind(texts(|event| event.envelope.event.kind().to_owned()))
    .bind(texts(|event| event.envelope.aggregate.to_string()))
    .bind(texts(|event| event.envelope.actor.to_string().replace('\0', "\u{fffd}")))
    .bind(texts(|event| event.envelope.at.format(&Rfc3339).expect("a time that an event was read with")))
    .bind(texts(public_json))
    .execute(&mut *connection)
    .await?;
    for erasure in events.iter().filter(|event| is_erasure(event)) {
        forget(connection, erasure).await?;
    }
    Ok(())
}

/// What was said before an erasure leaves its events.
async fn forget(connection: &mut PgConnection, erasure: &Recorded) -> Result<(), ViewError> {
    let rows: Vec<Value> = sqlx::query_scalar(
        "SELECT event FROM activity
         WHERE tenant = $1 AND aggregate = $2 AND sequence < $3 AND kind = ANY ($4)",
    )
    .bind(erasure.envelope.tenant.as_str())
    .bind(erasure.envelope.aggregate.to_string())
    .bind(bigint(erasure.sequence))
    .bind(said::kinds().collect::<Vec<_>>())
    .fetch_all(&mut *connection)
    .await?;
    let (mut sequences, mut left) = (Vec::new(), Vec::new());
    for mut event in rows {
        if heed(&mut event, erasure) {
            sequences.push(bigint(event["sequence"].as_u64().unwrap_or_default()));
            left.push(event.to_string());
        }
    }
    sqlx::query(
        "UPDATE activity SET event = told.event::jsonb
         FROM UNNEST($1::bigint[], $2::text[]) AS told (sequence, event) WHERE activity.sequence = told.sequence",
    )
    .bind(sequences)
    .bind(left)
    .execute(connection)
    .await?;
    Ok(())
}

impl Views {
    /// Public events ([`trainyard_views::public_event`]), newest first; the page's key is `sequence`.
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
