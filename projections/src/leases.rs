//! The leases of attempts, one row each: what reports of a month add up.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use sqlx::types::Json;
use trainyard_events::{Month, TenantId};
use trainyard_views::LeaseRow;
use uuid::Uuid;

use crate::table;
use crate::{ViewError, Views};

impl Views {
    /// The tenant's leases that were held in a month, or still are, the oldest first.
    pub async fn leases(&self, tenant: &TenantId, month: Month) -> Result<Vec<LeaseRow>, ViewError> {
        let rows: Vec<Json<LeaseRow>> = sqlx::query_scalar(
            "SELECT to_json(leases) FROM leases
             WHERE tenant = $1 AND began_at < $3 AND (ended_at IS NULL OR ended_at > $2)
             ORDER BY began_at, token",
        )
        .bind(tenant.as_str())
        .bind(month.begins())
        .bind(month.next().begins())
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|Json(row)| row).collect())
    }
}

/// What a batch has done to leases.
#[derive(Default)]
pub(crate) struct Touched(BTreeMap<(TenantId, Uuid, u64), LeaseRow>);

impl Touched {
    pub(crate) fn add(&mut self, lease: Option<LeaseRow>) {
        self.0.extend(lease.map(|lease| ((lease.tenant.clone(), lease.job, lease.token), lease)));
    }

    pub(crate) async fn write(self, connection: &mut PgConnection) -> Result<(), ViewError> {
        let rows: Vec<LeaseRow> = self.0.into_values().collect();
        table::upsert(connection, "leases", "tenant, job, token", &rows).await
    }
}
