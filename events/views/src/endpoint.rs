//! The endpoints: which jobs' models answer.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use trainyard_events::results::Artifact;
use trainyard_events::{Aggregate, EndpointEvent, Event, Recorded, TenantId};
use uuid::Uuid;

use crate::Quarantined;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EndpointRow {
    pub tenant: TenantId,
    pub job: Uuid,
    pub deployed: bool,
    pub weights: Artifact,
    /// In the order of the model's outputs.
    pub classes: Vec<String>,
    /// When it was last deployed or withdrawn.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub since: OffsetDateTime,
    /// Set while its history has an event that cannot be read. By no fold: the reader of the log knows.
    pub quarantine: Option<Quarantined>,
    pub sequence: u64,
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
                    quarantine: None,
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
