//! The endpoints: which jobs' models answer.

use sqlx::PgConnection;
use sqlx::types::Json;
use trainyard_events::{Aggregate, Recorded, TenantId};
use trainyard_views::EndpointRow;
use uuid::Uuid;

use crate::table::{self, Page, Rows};
use crate::{ViewError, Views};

impl Views {
    /// Deployed or withdrawn; `None` if it never was deployed.
    pub async fn endpoint(&self, tenant: &TenantId, job: Uuid) -> Result<Option<EndpointRow>, ViewError> {
        let row =
            sqlx::query_scalar("SELECT to_json(endpoints) FROM endpoints WHERE tenant = $1 AND job = $2")
                .bind(tenant.as_str())
                .bind(job)
                .fetch_optional(&self.pool)
                .await?;
        Ok(row.map(|Json(row)| row))
    }

    /// Most recently changed first, withdrawn ones too; the page's key is `sequence`.
    pub async fn endpoints(&self, tenant: &TenantId, page: Page) -> Result<Rows<EndpointRow>, ViewError> {
        let rows = sqlx::query_scalar(
            "SELECT to_json(endpoints) FROM endpoints
             WHERE tenant = $1 AND ($2::bigint IS NULL OR sequence < $2)
             ORDER BY sequence DESC LIMIT $3",
        )
        .bind(tenant.as_str())
        .bind(page.before())
        .bind(page.fetch())
        .fetch_all(&self.pool)
        .await?;
        Ok(page.cut(rows, |row: &EndpointRow| row.sequence))
    }
}

pub(crate) async fn apply(connection: &mut PgConnection, events: &[Recorded]) -> Result<(), ViewError> {
    let touches = |event: &Recorded| match event.envelope.aggregate {
        Aggregate::Endpoint(job) => Some(job),
        _ => None,
    };
    table::fold(connection, "endpoints", "job", events, touches, EndpointRow::apply).await
}
