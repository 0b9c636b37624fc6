//! What the dispatcher knows: everything that is still open, folded from the whole log. Ended jobs cost nothing.

use std::collections::BTreeMap;

use time::OffsetDateTime;
use trainyard_events::config::TrainingConfig;
use trainyard_events::fleet::Pool;
use trainyard_events::{
    Admitted, Aggregate, ChatEvent, DatasetEvent, Entry, Event, JobEvent, Quarantine, Recorded, TenantEvent,
    TenantId,
};
use uuid::Uuid;

use crate::dataset::{Dataset, Verdict};
use crate::job::Job;

/// A job that has not ended, and the event that put it where it is.
#[derive(Clone, Debug)]
pub struct OpenJob {
    pub job: Job,
    pub correlation_id: Uuid,
    /// The newest event that changed what the dispatcher should do; ids of its commands derive from it.
    pub cause: Uuid,
    /// Sequence of the request, which is the order of the queue, and its time.
    pub requested: u64,
    pub since: OffsetDateTime,
    /// Of the dispatch it waits under.
    pub pool: Option<Pool>,
}

/// A dataset under inspection or with its verdict, and who asked.
#[derive(Clone, Debug)]
pub struct KnownDataset {
    pub dataset: Dataset,
    pub task: trainyard_events::config::Task,
    pub cause: Uuid,
}

/// An approved configuration whose job has not been requested yet.
#[derive(Clone, Debug)]
pub struct Approval {
    pub tenant: TenantId,
    pub chat: Uuid,
    pub config: TrainingConfig,
    pub correlation_id: Uuid,
}

/// The fold of the log that scheduling needs.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Sequence of the newest event taken in.
    pub sequence: u64,
    pub jobs: BTreeMap<(TenantId, Uuid), OpenJob>,
    pub datasets: BTreeMap<(TenantId, Uuid), KnownDataset>,
    /// By the event that approved.
    pub approvals: BTreeMap<Uuid, Approval>,
    pub job_quota: BTreeMap<TenantId, u32>,
    /// What cannot be read, and what waits behind it.
    pub quarantine: Quarantine,
    /// Jobs and datasets of which something cannot be read: nothing is done about them.
    frozen: BTreeMap<(TenantId, Aggregate), Frozen>,
}

#[derive(Clone, Debug)]
enum Frozen {
    Job(Box<OpenJob>),
    Dataset(Box<KnownDataset>),
}

impl World {
    /// Takes in the next entry of the log.
    pub fn take_in(&mut self, entry: Entry) {
        self.sequence = entry.sequence();
        match self.quarantine.admit(entry) {
            Admitted::Event(recorded) => self.evolve(&recorded),
            Admitted::Released { of, events } => {
                self.thaw(of);
                events.iter().for_each(|recorded| self.evolve(recorded));
            }
            Admitted::Held { of, begins: true } => self.freeze(of),
            Admitted::Held { .. } | Admitted::Foreign => {}
        }
    }

    fn freeze(&mut self, of: (TenantId, Aggregate)) {
        let frozen = match of.1 {
            Aggregate::Job(id) => {
                self.jobs.remove(&(of.0.clone(), id)).map(|open| Frozen::Job(Box::new(open)))
            }
            Aggregate::Dataset(id) => {
                self.datasets.remove(&(of.0.clone(), id)).map(|known| Frozen::Dataset(Box::new(known)))
            }
            _ => None,
        };
        self.frozen.extend(frozen.map(|frozen| (of, frozen)));
    }

    fn thaw(&mut self, of: (TenantId, Aggregate)) {
        match (self.frozen.remove(&of), of) {
            (Some(Frozen::Job(open)), (tenant, Aggregate::Job(id))) => {
                self.jobs.insert((tenant, id), *open);
            }
            (Some(Frozen::Dataset(known)), (tenant, Aggregate::Dataset(id))) => {
                self.datasets.insert((tenant, id), *known);
            }
            _ => {}
        }
    }

    pub fn evolve(&mut self, recorded: &Recorded) {
        self.sequence = self.sequence.max(recorded.sequence);
        let envelope = &recorded.envelope;
        match (&envelope.aggregate, &envelope.event) {
            (Aggregate::Chat(chat), Event::Chat(ChatEvent::ProposalApproved { config, .. })) => {
                let approval = Approval {
                    tenant: envelope.tenant.clone(),
                    chat: *chat,
                    config: config.clone(),
                    correlation_id: envelope.correlation_id,
                };
                self.approvals.insert(envelope.event_id, approval);
            }
            (Aggregate::Dataset(id), Event::Dataset(event)) => self.evolve_dataset(*id, event, recorded),
            (Aggregate::Job(id), Event::Job(event)) => self.evolve_job(*id, event, recorded),
            (_, Event::Tenant(TenantEvent::QuotaSet { concurrent_jobs, .. })) => {
                match concurrent_jobs {
                    Some(most) => self.job_quota.insert(envelope.tenant.clone(), *most),
                    None => self.job_quota.remove(&envelope.tenant),
                };
            }
            _ => {}
        }
    }

    fn evolve_dataset(&mut self, id: Uuid, event: &DatasetEvent, recorded: &Recorded) {
        let key = (recorded.envelope.tenant.clone(), id);
        if let DatasetEvent::Registered { task, .. } = event {
            let cause = recorded.envelope.event_id;
            self.datasets
                .entry(key.clone())
                .and_modify(|known| (known.task, known.cause) = (*task, cause))
                .or_insert_with(|| KnownDataset { dataset: Dataset::default(), task: *task, cause });
        }
        if let Some(known) = self.datasets.get_mut(&key) {
            known.dataset.evolve(event, recorded.sequence);
        }
    }

    fn evolve_job(&mut self, id: Uuid, event: &JobEvent, recorded: &Recorded) {
        let envelope = &recorded.envelope;
        let key = (envelope.tenant.clone(), id);
        if let JobEvent::Requested { approval, .. } = event {
            self.approvals.remove(approval);
            let open = OpenJob {
                job: Job::default(),
                correlation_id: envelope.correlation_id,
                cause: envelope.event_id,
                requested: recorded.sequence,
                since: envelope.at,
                pool: None,
            };
            self.jobs.entry(key.clone()).or_insert(open);
        }
        let Some(open) = self.jobs.get_mut(&key) else { return };
        open.job.evolve(event, recorded.sequence);
        match event {
            JobEvent::EpochLogged { .. }
            | JobEvent::CheckpointCommitted { .. }
            | JobEvent::TrainingStarted { .. } => {}
            JobEvent::Dispatched { pool, .. } => (open.pool, open.cause) = (Some(*pool), envelope.event_id),
            _ => open.cause = envelope.event_id,
        }
        if open.job.status.has_ended() {
            self.jobs.remove(&key);
        }
    }

    /// The verdict on a job's dataset.
    pub fn verdict(&self, tenant: &TenantId, dataset: Uuid) -> &Verdict {
        self.datasets
            .get(&(tenant.clone(), dataset))
            .map_or(&Verdict::Unknown, |known| &known.dataset.verdict)
    }
}
