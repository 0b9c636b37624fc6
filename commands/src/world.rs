//! What the dispatcher knows: everything that is still open, folded from the whole log. Ended jobs cost nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use trainyard_events::config::TrainingConfig;
use trainyard_events::fleet::Pool;
use trainyard_events::price::{Taken, by_month};
use trainyard_events::spending::HeldLease;
use trainyard_events::{
    Actor, Admitted, Aggregate, ChatEvent, DatasetEvent, Entry, Event, JobEvent, Maintenance, Month,
    Quarantine, Recorded, Spending, TenantEvent, TenantId,
};
use uuid::Uuid;

use crate::agenda::Agenda;
use crate::budget::Spent;
use crate::dataset::{Dataset, Standing};
use crate::job::Job;
use crate::tenant::Tenant;

/// A job that has not ended, and the event that put it where it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
    /// Sequence of its newest event.
    pub newest: u64,
    /// And its time.
    pub newest_at: OffsetDateTime,
    pub spending: Spending,
    /// When its attempt began, or has left its newest checkpoint since.
    pub kept_at: OffsetDateTime,
    /// When its attempt began, if that is on the GPU pool.
    gpu_since: Option<OffsetDateTime>,
}

/// A dataset under inspection or with its verdict, and who asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KnownDataset {
    pub dataset: Dataset,
    pub task: trainyard_events::config::Task,
    pub cause: Uuid,
    pub correlation_id: Uuid,
}

/// An approved configuration whose job has not been requested yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Approval {
    pub tenant: TenantId,
    /// Who approved: the job is theirs.
    pub actor: Actor,
    pub chat: Uuid,
    pub config: TrainingConfig,
    pub correlation_id: Uuid,
}

/// A slot whose job has ended or waits again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdleSlot {
    /// What it was reserved for.
    pub wait: u64,
    /// What the attempt under it took of the GPU pool, in milliseconds by the clocks of those who wrote its start and end.
    pub gpu_ms: u64,
    /// The event that left it idle.
    pub cause: Uuid,
    pub correlation_id: Uuid,
}

impl Approval {
    /// `None` if the event approves nothing.
    pub fn of(recorded: &Recorded) -> Option<Approval> {
        let envelope = &recorded.envelope;
        match (&envelope.aggregate, &envelope.event) {
            (Aggregate::Chat(chat), Event::Chat(ChatEvent::ProposalApproved { config, .. })) => {
                Some(Approval {
                    tenant: envelope.tenant.clone(),
                    actor: envelope.actor.clone(),
                    chat: *chat,
                    config: config.clone(),
                    correlation_id: envelope.correlation_id,
                })
            }
            _ => None,
        }
    }
}

/// The fold of the log that scheduling needs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct World {
    /// Sequence of the newest event taken in.
    pub sequence: u64,
    #[serde(with = "pairs")]
    pub jobs: BTreeMap<(TenantId, Uuid), OpenJob>,
    #[serde(with = "pairs")]
    pub datasets: BTreeMap<(TenantId, Uuid), KnownDataset>,
    /// By the event that approved.
    pub approvals: BTreeMap<Uuid, Approval>,
    pub tenants: BTreeMap<TenantId, Tenant>,
    /// Slots to give back, by the job that held them.
    #[serde(with = "pairs")]
    pub idle_slots: BTreeMap<(TenantId, Uuid), IdleSlot>,
    /// What operators have taken out of work.
    pub maintenance: Maintenance,
    /// What attempts that have ended cost, of tenants that have prices.
    pub spent: BTreeMap<TenantId, Spent>,
    /// That it is, as whoever looks says: by no fold.
    #[serde(skip)]
    pub month: Option<Month>,
    /// What cannot be read, and what waits behind it.
    #[serde(skip)]
    pub quarantine: Quarantine,
    /// Jobs and datasets of which something cannot be read: nothing is done about them.
    #[serde(skip)]
    frozen: BTreeMap<(TenantId, Aggregate), Frozen>,
    /// Jobs that something has changed about since [`World::settle`].
    #[serde(skip)]
    touched: BTreeSet<(TenantId, Uuid)>,
    #[serde(skip)]
    pub(crate) agenda: Agenda,
}

/// Maps whose keys JSON has no names for.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(super) fn deserialize<'d, K: Deserialize<'d> + Ord, V: Deserialize<'d>, D: Deserializer<'d>>(
        deserializer: D,
    ) -> Result<BTreeMap<K, V>, D::Error> {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[derive(Clone, Debug)]
enum Frozen {
    Job(Box<OpenJob>),
    Dataset(Box<KnownDataset>),
}

impl World {
    /// To be read again by [`World::remembered`]; `None` while something is kept back, which only the log tells whole.
    pub fn to_json(&self) -> Option<Vec<u8>> {
        let json = || serde_json::to_vec(self).expect("a world is plain data, which always serialises");
        self.quarantine.is_empty().then(json)
    }

    /// The world that was written, as it was after its last event.
    ///
    /// # Errors
    /// When the bytes are none of a world, or of one of another form.
    pub fn remembered(json: &[u8]) -> Result<World, serde_json::Error> {
        let mut world: World = serde_json::from_slice(json)?;
        world.touched = world.jobs.keys().cloned().collect();
        Ok(world)
    }

    /// Finds out what the jobs call for that something has changed about. To be done before anybody asks what is due.
    pub fn settle(&mut self) {
        let mut agenda = std::mem::take(&mut self.agenda);
        for key in std::mem::take(&mut self.touched) {
            agenda.look(self, &key);
        }
        self.agenda = agenda;
    }

    /// Whether that gave what a look at every job gives.
    pub fn is_settled(&self) -> bool {
        self.touched.is_empty() && Agenda::of(self) == self.agenda
    }

    /// What jobs call for, and which could run.
    pub(crate) fn agenda(&self) -> &Agenda {
        debug_assert!(self.touched.is_empty(), "a world settles before it is asked what is due");
        &self.agenda
    }

    /// Every job that this is about, or whose dataset it is.
    fn touch(&mut self, tenant: &TenantId, about: &Aggregate) {
        match about {
            Aggregate::Job(id) => drop(self.touched.insert((tenant.clone(), *id))),
            Aggregate::Dataset(id) => {
                let trains_on = self.jobs.iter().filter(|(_, open)| open.job.dataset == Some(*id));
                self.touched.extend(trains_on.map(|(key, _)| key.clone()).filter(|key| key.0 == *tenant));
            }
            Aggregate::Tenant(_) => {
                let own = self.jobs.keys().filter(|key| key.0 == *tenant);
                self.touched.extend(own.cloned());
            }
            _ => {}
        }
    }

    /// Takes in the next entry of the log.
    pub fn take_in(&mut self, entry: Entry) {
        self.sequence = entry.sequence();
        match self.quarantine.admit(entry) {
            Admitted::Event(recorded) => self.evolve(&recorded),
            Admitted::Released { of, events } => {
                self.thaw(of.clone());
                events.iter().for_each(|recorded| self.evolve(recorded));
                if let ((tenant, Aggregate::Job(job)), Some(last)) = (of, events.last()) {
                    self.see_slot(&tenant, job, last);
                }
            }
            Admitted::Held { of, begins: true } => self.freeze(of),
            Admitted::Held { .. } | Admitted::Foreign => {}
        }
    }

    fn freeze(&mut self, of: (TenantId, Aggregate)) {
        self.touch(&of.0, &of.1);
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
        self.touch(&of.0, &of.1);
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
            (_, Event::Chat(ChatEvent::ProposalApproved { .. })) => {
                self.approvals.extend(Approval::of(recorded).map(|approval| (envelope.event_id, approval)));
            }
            // A policy has told the user why what was approved does not run.
            (Aggregate::Chat(_), Event::Chat(ChatEvent::ReplyGiven { .. })) => {
                if let (Actor::Policy(_), Some(approval)) = (&envelope.actor, &envelope.causation_id) {
                    self.approvals.remove(approval);
                }
            }
            (Aggregate::Dataset(id), Event::Dataset(event)) => self.evolve_dataset(*id, event, recorded),
            (Aggregate::Job(id), Event::Job(event)) => self.evolve_job(*id, event, recorded),
            (_, Event::Tenant(event)) => self.evolve_tenant(event, recorded),
            (_, Event::Maintenance(event)) => {
                self.maintenance.evolve(event, recorded.sequence, envelope);
                // It is said rarely, and may concern any of them.
                self.touched.extend(self.jobs.keys().cloned());
            }
            _ => {}
        }
    }

    fn evolve_tenant(&mut self, event: &TenantEvent, recorded: &Recorded) {
        let envelope = &recorded.envelope;
        self.tenants.entry(envelope.tenant.clone()).or_default().evolve(event);
        match event {
            // Perhaps by somebody who had not heard yet that the job has moved on.
            TenantEvent::SlotReserved { job, .. } => {
                self.see_slot(&envelope.tenant, *job, recorded);
                self.touch(&envelope.tenant, &Aggregate::Job(*job));
            }
            TenantEvent::SlotReleased { job, .. } => {
                self.idle_slots.remove(&(envelope.tenant.clone(), *job));
                self.touch(&envelope.tenant, &Aggregate::Job(*job));
            }
            TenantEvent::QuotaSet { month_budget, .. } => {
                if month_budget.is_some() {
                    let spent =
                        self.spent.entry(envelope.tenant.clone()).or_insert_with(|| spent_nothing(recorded));
                    (spent.cause, spent.correlation_id) = (envelope.event_id, envelope.correlation_id);
                }
                self.touch(&envelope.tenant, &envelope.aggregate);
            }
            _ => {}
        }
    }

    /// Whether the slot that the job holds was for where it is not any more, and its end was not seen. Nothing is known of
    /// a job that cannot be read.
    fn see_slot(&mut self, tenant: &TenantId, job: Uuid, cause: &Recorded) {
        let key = (tenant.clone(), job);
        let Some(wait) = self.tenants.get(tenant).and_then(|tenant| tenant.slots.get(&job)).copied() else {
            return;
        };
        let gone = self.jobs.get(&key).is_none_or(|open| open.job.wait != wait);
        if gone && self.quarantine.of(tenant, &Aggregate::Job(job)).is_none() {
            self.idle_slots.entry(key).or_insert_with(|| idle(wait, 0, cause));
        }
    }

    /// What ended attempts have cost, by tenant and month, in millionths.
    pub fn costs(&self) -> Vec<(TenantId, String, u64)> {
        let of = |(tenant, spent): (&TenantId, &Spent)| {
            let months = spent.months.iter();
            months.map(|(month, cost)| (tenant.clone(), month.to_string(), *cost)).collect::<Vec<_>>()
        };
        self.spent.iter().flat_map(of).collect()
    }

    /// Whether the job holds a slot for the dispatch that it waits for or is under.
    pub fn holds_slot(&self, tenant: &TenantId, id: Uuid, job: &Job) -> bool {
        self.tenants.get(tenant).is_some_and(|tenant| tenant.holds(id, job.wait))
    }

    fn evolve_dataset(&mut self, id: Uuid, event: &DatasetEvent, recorded: &Recorded) {
        let key = (recorded.envelope.tenant.clone(), id);
        if let DatasetEvent::Registered { task, .. } = event {
            let (cause, correlation_id) = (recorded.envelope.event_id, recorded.envelope.correlation_id);
            let before = self.datasets.remove(&key).map(|known| known.dataset).unwrap_or_default();
            let known = KnownDataset { dataset: before, task: *task, cause, correlation_id };
            self.datasets.insert(key.clone(), known);
        }
        if let Some(known) = self.datasets.get_mut(&key) {
            known.dataset.evolve(event, recorded.sequence);
            if known.dataset.is_unseen && matches!(event, DatasetEvent::Deleted { .. }) {
                (known.cause, known.correlation_id) =
                    (recorded.envelope.event_id, recorded.envelope.correlation_id);
            }
        }
        self.touch(&key.0, &recorded.envelope.aggregate);
    }

    fn evolve_job(&mut self, id: Uuid, event: &JobEvent, recorded: &Recorded) {
        let envelope = &recorded.envelope;
        let key = (envelope.tenant.clone(), id);
        self.touched.insert(key.clone());
        if let JobEvent::Requested { approval, .. } = event {
            self.approvals.remove(approval);
            let open = OpenJob {
                job: Job::default(),
                correlation_id: envelope.correlation_id,
                cause: envelope.event_id,
                requested: recorded.sequence,
                since: envelope.at,
                pool: None,
                newest: recorded.sequence,
                newest_at: envelope.at,
                spending: Spending::default(),
                kept_at: envelope.at,
                gpu_since: None,
            };
            self.jobs.entry(key.clone()).or_insert(open);
        }
        let Some(open) = self.jobs.get_mut(&key) else { return };
        let (wait, begun) = (open.job.wait, open.job.token);
        open.job.evolve(event, recorded.sequence);
        // What people say of it is no sign of life, and calls for nothing.
        if let JobEvent::Annotated { .. } = event {
            return;
        }
        (open.newest, open.newest_at) = (recorded.sequence, envelope.at);
        if let Some(HeldLease { began_at, hour: Some(hour), .. }) =
            open.spending.evolve(event, recorded.sequence, envelope.at)
        {
            let spent = self.spent.entry(key.0.clone()).or_insert_with(|| spent_nothing(recorded));
            (spent.cause, spent.correlation_id) = (envelope.event_id, envelope.correlation_id);
            for (month, Taken { cost, .. }) in by_month(began_at, envelope.at, hour) {
                let known = spent.months.entry(month).or_default();
                *known = known.saturating_add(cost);
            }
        }
        if let JobEvent::AttemptStarted { .. } | JobEvent::CheckpointCommitted { .. } = event {
            open.kept_at = envelope.at;
        }
        match event {
            JobEvent::EpochLogged { .. }
            | JobEvent::CheckpointCommitted { .. }
            | JobEvent::TrainingStarted { .. } => {}
            JobEvent::Dispatched { pool, withdrawn, .. } => {
                (open.pool, open.cause) = ((!withdrawn).then_some(*pool), envelope.event_id);
            }
            _ => open.cause = envelope.event_id,
        }
        if begun.is_none() && open.job.token.is_some() {
            open.gpu_since = (open.pool == Some(Pool::Gpu)).then_some(envelope.at);
        }
        let ended = open.job.status.has_ended();
        if ended || open.job.wait != wait {
            let gpus = open.job.config.as_ref().map_or(1, |config| config.gpus().max(1));
            let held_ms = open.gpu_since.take().map_or(0, |since| between_ms(since, envelope.at));
            let gpu_ms = held_ms.saturating_mul(u64::from(gpus));
            if self.tenants.get(&key.0).is_some_and(|tenant| tenant.holds(id, wait)) {
                self.idle_slots.insert(key.clone(), idle(wait, gpu_ms, recorded));
            }
        }
        if ended {
            self.jobs.remove(&key);
        }
    }

    /// Whether the dataset of a job can be trained on.
    pub fn standing(&self, tenant: &TenantId, job: &Job) -> Standing {
        let known = job.dataset.and_then(|dataset| self.datasets.get(&(tenant.clone(), dataset)));
        let written = job.config.as_ref().and_then(|config| Some((config.dataset.as_deref()?, config.task)));
        match (known, written) {
            (Some(known), Some((written, task))) => known.dataset.standing(written, task, job.requested),
            _ => Standing::Unknown,
        }
    }
}

fn spent_nothing(since: &Recorded) -> Spent {
    let envelope = &since.envelope;
    Spent { months: BTreeMap::new(), cause: envelope.event_id, correlation_id: envelope.correlation_id }
}

fn idle(wait: u64, gpu_ms: u64, since: &Recorded) -> IdleSlot {
    let envelope = &since.envelope;
    IdleSlot { wait, gpu_ms, cause: envelope.event_id, correlation_id: envelope.correlation_id }
}

/// Clocks of two machines may disagree: an attempt takes no less than nothing.
fn between_ms(begin: OffsetDateTime, end: OffsetDateTime) -> u64 {
    u64::try_from((end - begin).whole_milliseconds()).unwrap_or(0)
}
