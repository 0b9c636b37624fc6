//! The stream of events as people may read it: the activity page, a job's history, the time-travel slider.

use serde_json::Value;
use sqlx::PgExecutor;
use sqlx::types::Json;
use trainyard_events::{Aggregate, Event, Recorded, TenantEvent, TenantId};

use crate::table::{Page, Rows, bigint};
use crate::{ViewError, Views};

/// Which events; the default is all.
#[derive(Clone, Debug, Default)]
pub struct ActivityFilter {
    /// About any of these; empty is everything. A job's history is `job/<id>` and `endpoint/<id>`.
    pub aggregates: Vec<Aggregate>,
    /// Only events after this one, for a reader that has the others.
    pub after: Option<u64>,
}

/// The form of an event that leaves the house: [`Recorded::to_value`] without the hash of a token. Whatever sends
/// an event to a reader sends this.
pub fn public_event(recorded: &Recorded) -> Value {
    let mut value = recorded.to_value();
    if let (Event::Tenant(TenantEvent::TokenIssued { .. }), Some(body)) =
        (&recorded.envelope.event, value["body"].as_object_mut())
    {
        body.remove("sha256");
    }
    value
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
         ORDER BY sequence DESC LIMIT $5",
    )
    .bind(tenant.as_str())
    .bind(page.before())
    .bind(filter.after.map(bigint))
    .bind(aggregates)
    .bind(page.fetch())
    .fetch_all(executor)
    .await?;
    Ok(page.cut(rows, |event: &Value| event["sequence"].as_u64().unwrap_or_default()))
}
