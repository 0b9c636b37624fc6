//! The endpoints: which jobs' models answer.

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;
use trainyard_events::results::Artifact;
use trainyard_events::{Aggregate, EndpointEvent, Event, Recorded, TenantId};
use uuid::Uuid;

use crate::table::{self, Page, Rows};
use crate::{ViewError, Views};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndpointRow {
    pub tenant: TenantId,
    pub job: Uuid,
    pub deployed: bool,
    pub weights: Artifact,
    /// In the order of the model's outputs.
    pub classes: Vec<String>,
    /// When it was last deployed or withdrawn.
    #[serde(with = "time::serde::rfc3339")]
    pub since: OffsetDateTime,
    pub sequence: u64,
}

impl Views {
    /// Deployed or withdrawn; `None` if it never was deployed.
    pub async fn endpoint(&self, tenant: &TenantId, job: Uuid) -> Result<Option<EndpointRow>, ViewError> {
        let row =
            sqlx::query_scalar("SELECT to_jsonb(endpoints) FROM endpoints WHERE tenant = $1 AND job = $2")
                .bind(tenant.as_str())
                .bind(job)
                .fetch_optional(&self.pool)
                .await?;
        Ok(row.map(|Json(row)| row))
    }

    /// Most recently changed first, withdrawn ones too; the page's key is `sequence`.
    pub async fn endpoints(&self, tenant: &TenantId, page: Page) -> Result<Rows<EndpointRow>, ViewError> {
        let rows = sqlx::query_scalar(
            "SELECT to_jsonb(endpoints) FROM endpoints
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

impl EndpointRow {
    /// Folds one event into the row of its endpoint, and says whether it counted.
    pub fn apply(row: &mut Option<EndpointRow>, recorded: &Recorded) -> bool {
        let envelope = &recorded.envelope;
        let (Aggregate::Endpoint(job), Event::Endpoint(event)) = (&envelope.aggregate, &envelope.event)
        else {
            return false;
        };
        if row.as_ref().is_some_and(|row| recorded.sequence <= row.sequence) {
            return false;
        }
        match (event, row) {
            (EndpointEvent::Deployed { weights, classes }, row) => {
                *row = Some(EndpointRow {
                    tenant: envelope.tenant.clone(),
                    job: *job,
                    deployed: true,
                    weights: weights.clone(),
                    classes: classes.clone(),
                    since: envelope.at,
                    sequence: recorded.sequence,
                });
            }
            (EndpointEvent::Withdrawn {}, Some(row)) => {
                row.deployed = false;
                row.since = envelope.at;
                row.sequence = recorded.sequence;
            }
            (EndpointEvent::Withdrawn {}, None) => return false,
        }
        true
    }
}

pub(crate) async fn apply(connection: &mut PgConnection, events: &[Recorded]) -> Result<(), ViewError> {
    let touches = |event: &Recorded| match event.envelope.aggregate {
        Aggregate::Endpoint(job) => Some(job),
        _ => None,
    };
    table::fold(connection, "endpoints", "job", events, touches, EndpointRow::apply).await
}
