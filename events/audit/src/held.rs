//! How long leases were held: counted from attempt to attempt, for whoever compares it with what people are told.

use std::collections::{BTreeMap, HashMap};

use time::{Duration, OffsetDateTime, UtcOffset};
use trainyard_events::job::JobEvent;
use trainyard_events::{Recorded, TenantId};
use uuid::Uuid;

/// Seoul is so far before UTC, in every season.
const SEOUL: Duration = Duration::hours(9);

/// The months that leases were held in, each as its year and its number.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// Since when an attempt runs, by its job, and under which token.
    open: HashMap<(TenantId, Uuid), (u64, OffsetDateTime)>,
    /// Milliseconds of attempts that have ended.
    pub months: BTreeMap<(TenantId, i32, u8), u64>,
}

impl Held {
    pub(crate) fn take_in(&mut self, job: &(TenantId, Uuid), event: &JobEvent, recorded: &Recorded) {
        let at = recorded.envelope.at;
        let current = self.open.get(job).map(|(token, _)| *token);
        let is_over = match event {
            JobEvent::AttemptStarted { .. } => {
                self.open.insert(job.clone(), (recorded.sequence, at));
                false
            }
            JobEvent::TrainingStarted { .. }
            | JobEvent::EpochLogged { .. }
            | JobEvent::CheckpointCommitted { .. }
            | JobEvent::PreemptRequested { .. } => false,
            ended => current.is_some() && ended.token() == current,
        };
        if is_over && let Some((_, begun)) = self.open.remove(job) {
            self.count(&job.0, begun, at);
        }
    }

    /// Day by day, as one would by hand.
    fn count(&mut self, tenant: &TenantId, begun: OffsetDateTime, at: OffsetDateTime) {
        let whole = |until: OffsetDateTime| u64::try_from((until - begun).whole_milliseconds()).unwrap_or(0);
        let (mut from, mut counted) = (begun, 0);
        while from < at {
            let there = from.to_offset(UtcOffset::UTC) + SEOUL;
            let midnight = there.replace_time(time::Time::MIDNIGHT) + Duration::DAY - SEOUL;
            let until = midnight.min(at);
            let key = (tenant.clone(), there.year(), u8::from(there.month()));
            *self.months.entry(key).or_default() += whole(until) - counted;
            (from, counted) = (until, whole(until));
        }
    }
}
