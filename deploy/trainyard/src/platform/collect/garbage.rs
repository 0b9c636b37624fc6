//! Pure: which objects of the store are still of use, by what the log says of the attempts and inspections that wrote them.
//!
//! An object is uploaded before the event that names it, so one that no event names may be about to be: it stays while
//! its attempt may still speak. A token that is not current never becomes current again, so what is called garbage here
//! is garbage for ever, however old the reading of the log is by the time that somebody acts on it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use time::OffsetDateTime;
use trainyard_events::job::JobEvent;
use trainyard_events::results::{Artifact, CheckpointRef};
use trainyard_events::{Admitted, Aggregate, Entry, Event, ModelEvent, Quarantine, Recorded, TenantId};
use trainyard_store::Listed;
use trainyard_views::JobRow;
use uuid::Uuid;

use super::datasets::{Datasets, Living};
use super::inspections::Inspections;
use super::verdict::{Garbage, Verdict};

/// Of a job that goes on: the one to go on from, and the one before, should the first turn out to be damaged.
const CHECKPOINTS: usize = 2;
/// Of a job that has ended: one that somebody may go on from, or fork.
const CHECKPOINTS_ENDED: usize = 1;
/// What no event names is kept this long after it was written, for people who look for the reason of a failure.
const UNNAMED_AGE: Duration = Duration::from_secs(24 * 3_600);

#[derive(Debug, Default)]
struct Job {
    /// Tokens of all attempts there were.
    attempts: BTreeSet<u64>,
    /// While it goes on.
    open: Option<Box<JobRow>>,
    /// Keys of the checkpoints that are of use, the newest last.
    checkpoints: Vec<String>,
}

/// What the log names, event by event.
#[derive(Debug, Default)]
pub(super) struct Named {
    jobs: HashMap<Uuid, Job>,
    /// Checkpoints that were committed and that their own job needs no longer.
    passed: HashSet<String>,
    artifacts: HashSet<String>,
    /// What each open job is to begin with, or its newest attempt has begun with, possibly another job's.
    begun_with: HashMap<Uuid, String>,
    inspections: Inspections,
    pub(super) datasets: Datasets,
    quarantine: Quarantine,
}

impl Named {
    /// Takes in the next entry of the log. What an unreadable event names nobody knows: nothing of its aggregate is
    /// garbage until it is skipped.
    pub(super) fn take_in(&mut self, entry: Entry) {
        match self.quarantine.admit(entry) {
            Admitted::Event(recorded) => self.take_in_event(&recorded),
            Admitted::Released { events, .. } => events.iter().for_each(|event| self.take_in_event(event)),
            Admitted::Held { .. } | Admitted::Foreign => {}
        }
    }

    /// Whether something of a job or dataset of any tenant cannot be read.
    fn is_held(&self, id: Uuid) -> bool {
        self.quarantine.iter().any(|((_, aggregate), _)| aggregate.id() == id.to_string())
    }

    fn take_in_event(&mut self, recorded: &Recorded) {
        if !self.datasets.tenants.contains(&recorded.envelope.tenant) {
            self.datasets.tenants.insert(recorded.envelope.tenant.clone());
        }
        match (&recorded.envelope.aggregate, &recorded.envelope.event) {
            (Aggregate::Job(id), Event::Job(event)) => self.take_in_job(*id, recorded, event),
            (_, Event::Model(ModelEvent::Registered { card, .. })) => {
                let named = [Some(&card.export), card.weights.as_ref()];
                self.artifacts.extend(named.into_iter().flatten().map(|Artifact { key, .. }| key.clone()));
            }
            (Aggregate::Dataset(id), Event::Dataset(event)) => {
                self.inspections.take_in(*id, recorded.sequence, event);
                if self.datasets.take_in(*id, &recorded.envelope.tenant, recorded.sequence, event) {
                    self.inspections.forget(*id);
                }
            }
            _ => {}
        }
    }

    fn take_in_job(&mut self, id: Uuid, recorded: &Recorded, event: &JobEvent) {
        // Nobody sees its number here.
        if let Some(row) = JobRow::requested(recorded, 0) {
            self.begun_with.extend(row.config.continues.as_ref().map(|from| (id, key(&from.checkpoint))));
            self.jobs.entry(id).or_insert_with(|| Job { open: Some(Box::new(row)), ..Job::default() });
        }
        let Some(job) = self.jobs.get_mut(&id) else { return };
        if !job.open.as_mut().is_some_and(|row| row.apply(recorded)) {
            return;
        }
        if let JobEvent::AttemptFailed { console, .. } | JobEvent::Cancelled { console, .. } = event {
            self.artifacts.extend(console.iter().map(|Artifact { key, .. }| key.clone()));
        }
        match event {
            JobEvent::AttemptStarted { resume, .. } => {
                job.attempts.insert(recorded.sequence);
                self.begun_with.extend(resume.as_ref().map(|from| (id, key(from))));
            }
            JobEvent::CheckpointCommitted { checkpoint, .. } => {
                job.checkpoints.retain(|known| *known != checkpoint.artifact.key);
                job.checkpoints.push(key(checkpoint));
                self.passed.extend(job.keep_newest(CHECKPOINTS));
            }
            JobEvent::Finished { artifacts, .. } => {
                self.artifacts.extend(artifacts.iter().map(|Artifact { key, .. }| key.clone()));
                self.passed.extend(job.end());
            }
            JobEvent::Cancelled { .. } | JobEvent::Failed { .. } => self.passed.extend(job.end()),
            _ => {}
        }
        if job.open.is_none() {
            self.begun_with.remove(&id);
        }
    }

    /// Whether something of a tenant cannot be read: it may need any version of its datasets.
    fn is_unsure(&self, tenant: &TenantId) -> bool {
        self.quarantine.iter().any(|((of, _), _)| of == tenant)
    }

    /// The tenants of which everything can be read, with what of their datasets is of use.
    pub(super) fn living(&self) -> Vec<(TenantId, Living)> {
        let open = || self.jobs.values().filter_map(|job| job.open.as_deref());
        let tenants = self.datasets.tenants.iter().filter(|tenant| !self.is_unsure(tenant));
        tenants.map(|tenant| (tenant.clone(), self.datasets.living(tenant, open()))).collect()
    }

    /// What becomes of a manifest, of which those in `kept` are of use.
    pub(super) fn verdict_of_manifest(
        &self,
        dataset: Uuid,
        object: &Listed,
        kept: &HashSet<String>,
        now: OffsetDateTime,
    ) -> Verdict {
        let is_unsure = self.datasets.tenant(dataset).is_some_and(|tenant| self.is_unsure(tenant));
        if is_unsure || kept.contains(&object.key) {
            return Verdict::Keep;
        }
        self.datasets.verdict(dataset, now.unix_timestamp() - object.written_s >= age_s())
    }

    /// What becomes of `object` at `now`.
    pub(super) fn verdict(&self, object: &Listed, now: OffsetDateTime) -> Verdict {
        let owner = writer(super::DATASETS, &object.key).or_else(|| writer(super::JOBS, &object.key));
        if owner.is_some_and(|(id, _)| self.is_held(id)) {
            return Verdict::Keep;
        }
        let is_old = now.unix_timestamp() - object.written_s >= age_s();
        if let Some((dataset, inspection)) = writer(super::DATASETS, &object.key) {
            return self.inspections.verdict((dataset, inspection), &object.key, is_old);
        }
        let Some((id, token)) = writer(super::JOBS, &object.key) else { return Verdict::Foreign };
        let Some(job) = self.jobs.get(&id).filter(|job| job.attempts.contains(&token)) else {
            return Verdict::Foreign;
        };
        let key = &object.key;
        if self.artifacts.contains(key) || job.checkpoints.contains(key) || self.is_begun_with(key) {
            Verdict::Keep
        } else if self.passed.contains(key) {
            Verdict::Collect(Garbage::Checkpoint)
        } else if job.current() == Some(token) || !is_old {
            Verdict::Keep
        } else {
            Verdict::Collect(Garbage::Unnamed)
        }
    }

    /// Whether an upload in parts to `key` will never be completed: its attempt is over, and whatever an attempt names it
    /// has uploaded before.
    pub(super) fn is_abandoned(&self, key: &str) -> bool {
        let Some((id, token)) = writer(super::JOBS, key) else { return false };
        let job = self.jobs.get(&id).filter(|job| job.attempts.contains(&token));
        !self.is_held(id) && job.is_some_and(|job| job.current() != Some(token))
    }

    fn is_begun_with(&self, key: &str) -> bool {
        self.begun_with.values().any(|known| known == key)
    }
}

impl Job {
    /// The token of the attempt that runs.
    fn current(&self) -> Option<u64> {
        self.open.as_ref()?.token
    }

    /// The checkpoints that are older than the newest few; they are of no use from here on.
    fn keep_newest(&mut self, few: usize) -> Vec<String> {
        let passed = self.checkpoints.len().saturating_sub(few);
        self.checkpoints.drain(..passed).collect()
    }

    fn end(&mut self) -> Vec<String> {
        self.open = None;
        self.keep_newest(CHECKPOINTS_ENDED)
    }
}

fn key(checkpoint: &CheckpointRef) -> String {
    checkpoint.artifact.key.clone()
}

/// Whose manifest `datasets/<dataset>/manifests/<sha256>` is.
pub(super) fn manifest_of(key: &str) -> Option<Uuid> {
    let (dataset, name) = key.strip_prefix(super::DATASETS)?.split_once('/')?;
    name.strip_prefix("manifests/").and_then(|_| Uuid::parse_str(dataset).ok())
}

/// Who wrote `<kind><id>/<sequence>/...`: a job's attempt by its token, or a dataset's inspection.
fn writer(kind: &str, key: &str) -> Option<(Uuid, u64)> {
    let mut parts = key.strip_prefix(kind)?.splitn(3, '/');
    let (id, sequence, _name) = (parts.next()?, parts.next()?, parts.next()?);
    Some((Uuid::parse_str(id).ok()?, sequence.parse().ok()?))
}

fn age_s() -> i64 {
    i64::try_from(UNNAMED_AGE.as_secs()).expect("a day is a small number of seconds")
}

#[cfg(test)]
pub(super) mod tests;
