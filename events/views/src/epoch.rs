//! The epochs of each job: the training curve as the current line of attempts drew it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use trainyard_events::results::Measurements;
use trainyard_events::{Aggregate, Event, JobEvent, Recorded, TenantId};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EpochRow {
    pub tenant: TenantId,
    pub job: Uuid,
    /// From 1.
    pub epoch: u32,
    /// Of the attempt that ran it.
    pub token: u64,
    pub train: Measurements,
    pub validation: Measurements,
    pub is_best: bool,
    pub learning_rate: f64,
    pub seconds: f64,
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub at: OffsetDateTime,
    pub sequence: u64,
}

impl EpochRow {
    /// The row of an epoch that was logged; `None` for any other event.
    pub fn logged(recorded: &Recorded) -> Option<EpochRow> {
        let envelope = &recorded.envelope;
        let (
            Aggregate::Job(job),
            Event::Job(JobEvent::EpochLogged {
                token,
                epoch,
                train,
                validation,
                is_best,
                learning_rate,
                seconds,
                ..
            }),
        ) = (&envelope.aggregate, &envelope.event)
        else {
            return None;
        };
        Some(EpochRow {
            tenant: envelope.tenant.clone(),
            job: *job,
            epoch: *epoch,
            token: *token,
            train: train.clone(),
            validation: validation.clone(),
            is_best: *is_best,
            learning_rate: *learning_rate,
            seconds: *seconds,
            at: envelope.at,
            sequence: recorded.sequence,
        })
    }

    /// Folds an event that counted for its job into the job's curve, which is keyed by epoch.
    pub fn apply(curve: &mut BTreeMap<u32, EpochRow>, recorded: &Recorded) {
        if let Some(from) = goes_back_to(recorded) {
            curve.retain(|epoch, _| *epoch <= from);
        } else if let Some(row) = EpochRow::logged(recorded) {
            curve.insert(row.epoch, row);
        }
    }
}

/// An attempt that begins goes on from its checkpoint's epoch; what was logged after that will be run again.
pub fn goes_back_to(recorded: &Recorded) -> Option<u32> {
    match &recorded.envelope.event {
        Event::Job(JobEvent::AttemptStarted { resume, .. }) => {
            Some(resume.as_ref().map_or(0, |checkpoint| checkpoint.epoch))
        }
        _ => None,
    }
}
