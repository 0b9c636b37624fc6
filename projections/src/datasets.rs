//! The datasets: what was named, and what the fleet found there.

use sqlx::PgConnection;
use sqlx::types::Json;
use trainyard_events::{Aggregate, Recorded, TenantId};
use trainyard_views::DatasetRow;
use uuid::Uuid;

use crate::table::{self, Page, Rows};
use crate::{ViewError, Views};

impl Views {
    pub async fn dataset(&self, tenant: &TenantId, id: Uuid) -> Result<Option<DatasetRow>, ViewError> {
        let row = sqlx::query_scalar("SELECT to_json(datasets) FROM datasets WHERE tenant = $1 AND id = $2")
            .bind(tenant.as_str())
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|Json(row)| row))
    }

    /// Those that are archived, or those that are not, and none that was deleted: the most recently changed first; the
    /// page's key is `sequence`. `q` is a part of the path, a tag or a class.
    pub async fn datasets(
        &self,
        tenant: &TenantId,
        archived: bool,
        q: Option<&str>,
        page: Page,
    ) -> Result<Rows<DatasetRow>, ViewError> {
        let rows = sqlx::query_scalar(
            "SELECT to_json(datasets) FROM datasets
             WHERE tenant = $1 AND ($2::bigint IS NULL OR sequence < $2)
               AND archived = $4 AND status <> 'deleted'
               AND ($5::text IS NULL OR position(lower($5) IN lower(concat_ws(' ', path,
                    (SELECT string_agg(tag, ' ') FROM jsonb_object_keys(tags) AS tag),
                    jsonb_path_query_array(profile, '$.classes[*].name')::text))) > 0)
             ORDER BY sequence DESC LIMIT $3",
        )
        .bind(tenant.as_str())
        .bind(page.before())
        .bind(page.fetch())
        .bind(archived)
        .bind(q.map(table::text))
        .fetch_all(&self.pool)
        .await?;
        Ok(page.cut(rows, |row: &DatasetRow| row.sequence))
    }
}

pub(crate) async fn apply(connection: &mut PgConnection, events: &[Recorded]) -> Result<(), ViewError> {
    let touches = |event: &Recorded| match event.envelope.aggregate {
        Aggregate::Dataset(id) => Some(id),
        _ => None,
    };
    table::fold(connection, "datasets", "id", events, touches, DatasetRow::apply).await
}
