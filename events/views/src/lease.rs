//! One attempt's lease as a row: who held what, from when to when, and at what price. Reports are sums of these.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use trainyard_events::fleet::Pool;
use trainyard_events::price::{Month, Taken, by_month};
use trainyard_events::spending::HeldLease;
use trainyard_events::{Event, JobEvent, Recorded, TenantId};
use uuid::Uuid;

use crate::JobRow;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeaseRow {
    pub tenant: TenantId,
    pub job: Uuid,
    /// Of the attempt.
    pub token: u64,
    /// The job's.
    pub number: u64,
    /// Whose job it is: the name of a token.
    pub owner: Option<String>,
    pub worker: Option<String>,
    pub pool: Option<Pool>,
    pub device: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub began_at: OffsetDateTime,
    /// Null while it is held.
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<trainyard_events::schema::Moment>"))]
    pub ended_at: Option<OffsetDateTime>,
    pub currency: Option<String>,
    /// Millionths for an hour; null where nothing is asked for.
    pub hour: Option<u64>,
}

impl LeaseRow {
    /// Whether such an event begins, names or ends a lease.
    pub fn is_touched_by(recorded: &Recorded) -> bool {
        let Event::Job(event) = &recorded.envelope.event else { return false };
        matches!(
            event,
            JobEvent::AttemptStarted { .. }
                | JobEvent::TrainingStarted { .. }
                | JobEvent::AttemptPreempted { .. }
                | JobEvent::AttemptLost { .. }
                | JobEvent::AttemptFailed { .. }
                | JobEvent::Cancelled { .. }
                | JobEvent::Finished { .. }
                | JobEvent::Failed { .. }
        )
    }

    /// The lease that a job holds, which ends at `ended_at` if that is given.
    pub fn of(job: &JobRow, ended_at: Option<OffsetDateTime>) -> Option<LeaseRow> {
        let HeldLease { token, began_at, device, hour } = job.spending.lease.clone()?;
        Some(LeaseRow {
            tenant: job.tenant.clone(),
            job: job.id,
            token,
            number: job.number,
            owner: job.owner.clone(),
            worker: job.worker.clone(),
            pool: job.pool,
            device,
            began_at,
            ended_at,
            currency: job.spending.currency.clone(),
            hour,
        })
    }

    /// What it took of `month`, as it stands at `now`.
    pub fn taken_in(&self, month: Month, now: OffsetDateTime) -> Taken {
        let end = self.ended_at.unwrap_or(now);
        let parts = by_month(self.began_at, end, self.hour.unwrap_or(0)).into_iter();
        parts.filter(|(of, _)| *of == month).fold(Taken::default(), |mut sum, (_, part)| {
            sum.add(part);
            sum
        })
    }
}
