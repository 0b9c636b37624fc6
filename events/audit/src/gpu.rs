//! GPU time: what a tenant's quota is charged when a slot is given back is what the attempt under it took.

use std::collections::HashMap;

use time::OffsetDateTime;
use trainyard_events::fleet::Pool;
use trainyard_events::job::JobEvent;
use trainyard_events::{Recorded, TenantEvent, TenantId};
use uuid::Uuid;

use crate::finding::Rule;
use crate::job::Broken;

type Key = (TenantId, Uuid);

/// The waits of jobs, which slots are held for.
#[derive(Clone, Debug, Default)]
pub(crate) struct GpuTime {
    jobs: HashMap<Key, Clock>,
    /// For which wait each job holds a slot.
    slots: HashMap<Key, u64>,
    /// What attempts took under slots that have yet to be given back, in milliseconds, and on how many GPUs.
    taken: HashMap<(Key, u64), (u64, u64)>,
    /// Whether the log is one of releases that charge each GPU of a job: version 0.1 charged several as one.
    charges_each: bool,
}

/// Where one job is, as far as its quota cares.
#[derive(Clone, Debug, Default)]
struct Clock {
    wait: u64,
    pool: Option<Pool>,
    /// GPUs that the job has to itself.
    gpus: u64,
    /// Of an attempt on the GPU pool.
    begun: Option<OffsetDateTime>,
}

impl GpuTime {
    pub(crate) fn job(&mut self, key: &Key, event: &JobEvent, recorded: &Recorded) {
        let (sequence, at) = (recorded.sequence, recorded.envelope.at);
        if let JobEvent::Requested { config, .. } = event {
            let gpus = u64::from(config.gpus());
            self.jobs.insert(key.clone(), Clock { wait: sequence, gpus, ..Clock::default() });
        }
        let Some(clock) = self.jobs.get_mut(key) else { return };
        let ends =
            matches!(event, JobEvent::Finished { .. } | JobEvent::Failed { .. } | JobEvent::Cancelled { .. });
        let waits_again = match event {
            JobEvent::Dispatched { pool, withdrawn, .. } => {
                clock.pool = (!withdrawn).then_some(*pool);
                *withdrawn
            }
            JobEvent::AttemptStarted { .. } => {
                clock.begun = (clock.pool == Some(Pool::Gpu)).then_some(at);
                false
            }
            JobEvent::AttemptPreempted { .. }
            | JobEvent::AttemptLost { .. }
            | JobEvent::AttemptFailed { .. } => true,
            _ => false,
        };
        if ends || waits_again {
            let took = clock.begun.take().map_or(0, |begun| milliseconds(begun, at));
            if self.slots.get(key) == Some(&clock.wait) {
                self.taken.insert((key.clone(), clock.wait), (took, clock.gpus));
            }
            clock.wait = sequence;
        }
        if ends {
            self.jobs.remove(key);
        }
    }

    pub(crate) fn tenant(&mut self, tenant: &TenantId, event: &TenantEvent) -> Vec<Broken> {
        match event {
            TenantEvent::SlotReserved { job, wait } => {
                self.slots.insert((tenant.clone(), *job), *wait);
                Vec::new()
            }
            TenantEvent::SlotReleased { job, wait, gpu_ms } => {
                self.released((tenant.clone(), *job), *wait, *gpu_ms)
            }
            _ => Vec::new(),
        }
    }

    fn released(&mut self, key: Key, wait: u64, charged: u64) -> Vec<Broken> {
        let mut broken = Vec::new();
        if self.slots.get(&key) == Some(&wait) {
            self.slots.remove(&key);
        } else {
            broken.push((
                Rule::GpuTime,
                format!("a slot of job {} is given back that it does not hold", key.1),
            ));
        }
        let job = key.1;
        // One that was reserved for a wait that was over already was never run under.
        let (took, gpus) = self.taken.remove(&(key, wait)).unwrap_or_default();
        let each = took.saturating_mul(gpus.max(1));
        self.charges_each |= charged == each && each != took;
        if charged != each && (self.charges_each || charged != took) {
            broken.push((
                Rule::GpuTime,
                format!("job {job} took {took} ms of {} GPU(s), and {charged} ms are charged", gpus.max(1)),
            ));
        }
        broken
    }
}

/// Clocks of two machines may disagree: an attempt takes no less than nothing.
fn milliseconds(begin: OffsetDateTime, end: OffsetDateTime) -> u64 {
    u64::try_from((end - begin).whole_milliseconds()).unwrap_or(0)
}
