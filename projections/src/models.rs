//! The models that people have named.

use sqlx::PgConnection;
use sqlx::types::Json;
use trainyard_events::{Aggregate, Recorded, TenantId};
use trainyard_views::ModelRow;
use uuid::Uuid;

use crate::table::{self, Page, Rows};
use crate::{ViewError, Views};

impl Views {
    pub async fn model(&self, tenant: &TenantId, id: Uuid) -> Result<Option<ModelRow>, ViewError> {
        let row = sqlx::query_scalar("SELECT to_json(models) FROM models WHERE tenant = $1 AND id = $2")
            .bind(tenant.as_str())
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|Json(row)| row))
    }

    /// Most recently changed first; the page's key is `sequence`. `q` is a part of the name or of an alias.
    pub async fn models(
        &self,
        tenant: &TenantId,
        q: Option<&str>,
        page: Page,
    ) -> Result<Rows<ModelRow>, ViewError> {
        let rows = sqlx::query_scalar(
            "SELECT to_json(models) FROM models
             WHERE tenant = $1 AND ($2::bigint IS NULL OR sequence < $2)
               AND ($4::text IS NULL OR position(lower($4) IN lower(concat_ws(' ', name,
                    (SELECT string_agg(alias, ' ') FROM jsonb_object_keys(aliases) AS alias)))) > 0)
             ORDER BY sequence DESC LIMIT $3",
        )
        .bind(tenant.as_str())
        .bind(page.before())
        .bind(page.fetch())
        .bind(q.map(table::text))
        .fetch_all(&self.pool)
        .await?;
        Ok(page.cut(rows, |row: &ModelRow| row.sequence))
    }

    /// Those with a version of this job.
    pub async fn models_of_job(&self, tenant: &TenantId, job: Uuid) -> Result<Vec<ModelRow>, ViewError> {
        let rows: Vec<Json<ModelRow>> = sqlx::query_scalar(
            "SELECT to_json(models) FROM models
             WHERE tenant = $1 AND versions @> jsonb_build_array(jsonb_build_object('card',
                   jsonb_build_object('job', $2::text)))
             ORDER BY sequence",
        )
        .bind(tenant.as_str())
        .bind(job.to_string())
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|Json(row)| row).collect())
    }
}

pub(crate) async fn apply(connection: &mut PgConnection, events: &[Recorded]) -> Result<(), ViewError> {
    let touches = |event: &Recorded| match event.envelope.aggregate {
        Aggregate::Model(id) => Some(id),
        _ => None,
    };
    table::fold(connection, "models", "id", events, touches, ModelRow::apply).await
}
