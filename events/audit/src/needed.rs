//! The files that must be in the store: what finished jobs left, what could be gone on from, and what versions of datasets are.

use std::collections::{BTreeMap, HashMap};

use trainyard_events::job::JobEvent;
use trainyard_events::results::Artifact;
use trainyard_events::{Aggregate, DatasetEvent, Event, Recorded, TenantId};
use uuid::Uuid;

/// One file, and the event that names it.
#[derive(Clone, Debug, PartialEq)]
pub struct Needed {
    pub sha256: String,
    pub bytes: u64,
    pub sequence: u64,
    pub of: (TenantId, Aggregate),
}

/// By their keys in the store.
#[derive(Clone, Debug, Default)]
pub struct Files {
    needed: BTreeMap<String, Needed>,
    /// The newest of each job that has not finished.
    checkpoints: HashMap<Uuid, String>,
    /// Of each version of a dataset.
    manifests: HashMap<(Uuid, u32), String>,
    /// Those that nobody has looked at, the oldest first.
    fresh: Vec<String>,
}

impl Files {
    pub(crate) fn take_in(&mut self, recorded: &Recorded) {
        match (&recorded.envelope.aggregate, &recorded.envelope.event) {
            (Aggregate::Job(job), Event::Job(JobEvent::CheckpointCommitted { checkpoint, .. })) => {
                self.need(&checkpoint.artifact, recorded);
                if let Some(before) = self.checkpoints.insert(*job, checkpoint.artifact.key.clone())
                    && before != checkpoint.artifact.key
                {
                    self.needed.remove(&before);
                }
            }
            (Aggregate::Job(job), Event::Job(JobEvent::Finished { artifacts, .. })) => {
                if let Some(checkpoint) = self.checkpoints.remove(job) {
                    self.needed.remove(&checkpoint);
                }
                artifacts.iter().for_each(|artifact| self.need(artifact, recorded));
            }
            (
                Aggregate::Dataset(id),
                Event::Dataset(DatasetEvent::Validated { version: Some(version), .. }),
            ) => {
                self.need(&version.manifest, recorded);
                self.manifests.insert((*id, version.number), version.manifest.key.clone());
            }
            (Aggregate::Dataset(id), Event::Dataset(DatasetEvent::Deleted { versions, .. })) => {
                for version in versions {
                    if let Some(key) = self.manifests.remove(&(*id, *version))
                        && !self.manifests.values().any(|other| *other == key)
                    {
                        self.needed.remove(&key);
                    }
                }
            }
            _ => {}
        }
    }

    fn need(&mut self, artifact: &Artifact, recorded: &Recorded) {
        let envelope = &recorded.envelope;
        let needed = Needed {
            sha256: artifact.sha256.clone(),
            bytes: artifact.bytes,
            sequence: recorded.sequence,
            of: (envelope.tenant.clone(), envelope.aggregate.clone()),
        };
        if self.needed.insert(artifact.key.clone(), needed).is_none() {
            self.fresh.push(artifact.key.clone());
        }
    }

    /// What must be there under this key, if it still must.
    pub fn get(&self, key: &str) -> Option<&Needed> {
        self.needed.get(key)
    }

    /// The keys that came since this was asked last.
    pub fn take_fresh(&mut self) -> Vec<String> {
        std::mem::take(&mut self.fresh)
    }

    /// The first key after this one: round and round, one comes to all of them.
    pub fn after(&self, key: &str) -> Option<String> {
        use std::ops::Bound::{Excluded, Unbounded};
        let mut rest = self.needed.range::<str, _>((Excluded(key), Unbounded));
        rest.next().or_else(|| self.needed.first_key_value()).map(|(key, _)| key.clone())
    }

    pub fn len(&self) -> usize {
        self.needed.len()
    }

    pub fn is_empty(&self) -> bool {
        self.needed.is_empty()
    }
}
