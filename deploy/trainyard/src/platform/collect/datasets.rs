//! Pure: which versions of datasets are still of use, by what the log says, and which objects they name.
//!
//! A version is of use until it is deleted, and then as long as a job that has not ended may need it. A list of files is
//! of use while a version that was made of it is, and while it is what a dataset was registered with last.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use trainyard_events::address::Place;
use trainyard_events::dataset::parted;
use trainyard_events::results::Artifact;
use trainyard_events::{DatasetEvent, TenantId};
use trainyard_views::JobRow;
use uuid::Uuid;

use super::verdict::{Garbage, Verdict};

#[derive(Debug, Default)]
pub(super) struct Datasets {
    known: HashMap<Uuid, Dataset>,
    /// All that the log names.
    pub(super) tenants: BTreeSet<TenantId>,
}

#[derive(Debug)]
struct Dataset {
    tenant: TenantId,
    versions: BTreeMap<u32, Version>,
    /// The newest registration, unless it was deleted since.
    newest: Option<Registered>,
}

/// What it was registered with, and the version that it became.
#[derive(Debug)]
struct Registered {
    inspection: u64,
    list: Option<Artifact>,
    is_answered: bool,
    version: Option<u32>,
}

#[derive(Debug)]
struct Version {
    manifest: Artifact,
    lists: Vec<Artifact>,
    is_deleted: bool,
}

/// What of one tenant has to be kept, with all that is named in it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Living {
    /// By key.
    pub(super) manifests: BTreeMap<String, Artifact>,
    pub(super) lists: BTreeMap<String, Artifact>,
}

impl Datasets {
    /// Says whether the dataset is gone with it.
    pub(super) fn take_in(
        &mut self,
        id: Uuid,
        tenant: &TenantId,
        sequence: u64,
        event: &DatasetEvent,
    ) -> bool {
        let known = self.known.entry(id).or_insert_with(|| Dataset {
            tenant: tenant.clone(),
            versions: BTreeMap::new(),
            newest: None,
        });
        known.take_in(sequence, event);
        known.newest.is_none() && matches!(event, DatasetEvent::Deleted { .. })
    }

    /// What the tenant's datasets and the jobs that have not ended need.
    pub(super) fn living<'j>(&self, tenant: &TenantId, open: impl Iterator<Item = &'j JobRow>) -> Living {
        let needed: Vec<(Uuid, Option<u32>)> = open
            .filter(|job| job.tenant == *tenant)
            .map(|job| (job.dataset, job.config.dataset.as_deref().and_then(|written| parted(written).1)))
            .collect();
        let mut living = Living::default();
        for (id, dataset) in self.known.iter().filter(|(_, dataset)| dataset.tenant == *tenant) {
            // A job that names no version may have begun with any.
            let is_needed = |number: u32| {
                needed.iter().any(|(of, version)| of == id && version.is_none_or(|version| version == number))
            };
            dataset.add_to(&mut living, is_needed);
        }
        living
    }

    /// Whose dataset it is.
    pub(super) fn tenant(&self, dataset: Uuid) -> Option<&TenantId> {
        self.known.get(&dataset).map(|known| &known.tenant)
    }

    /// What becomes of a manifest that is in no [`Living`].
    pub(super) fn verdict(&self, dataset: Uuid, is_old: bool) -> Verdict {
        match self.known.contains_key(&dataset) {
            false => Verdict::Foreign,
            // Of a look whose answer is on its way.
            true if !is_old => Verdict::Keep,
            true => Verdict::Collect(Garbage::Manifest),
        }
    }
}

impl Dataset {
    fn take_in(&mut self, sequence: u64, event: &DatasetEvent) {
        match event {
            DatasetEvent::Registered { source, .. } => {
                let list = match source {
                    Place::Files { list } => Some(list.clone()),
                    Place::Path => None,
                };
                self.newest =
                    Some(Registered { inspection: sequence, list, is_answered: false, version: None });
            }
            DatasetEvent::Validated { inspection, version, .. } => {
                let Some(newest) = self.newest.as_mut().filter(|newest| newest.inspection == *inspection)
                else {
                    return;
                };
                newest.is_answered = true;
                let Some(version) = version else { return };
                newest.version = Some(version.number);
                let manifest = version.manifest.clone();
                let made = Version { manifest, lists: Vec::new(), is_deleted: false };
                let kept = self.versions.entry(version.number).or_insert(made);
                kept.lists.extend(newest.list.clone());
            }
            DatasetEvent::Rejected { inspection, .. } => {
                if let Some(newest) = self.newest.as_mut().filter(|newest| newest.inspection == *inspection) {
                    newest.is_answered = true;
                }
            }
            DatasetEvent::Deleted { versions, whole } => self.lose(versions, *whole),
            DatasetEvent::Tagged { .. }
            | DatasetEvent::Untagged { .. }
            | DatasetEvent::Archived { .. }
            | DatasetEvent::Restored { .. } => {}
        }
    }

    fn lose(&mut self, versions: &[u32], whole: bool) {
        for number in versions {
            if let Some(version) = self.versions.get_mut(number) {
                version.is_deleted = true;
            }
        }
        let is_pending = self.newest.as_ref().is_some_and(|newest| !newest.is_answered);
        if whole || !is_pending && self.versions.values().all(|version| version.is_deleted) {
            self.newest = None;
        } else if let Some(newest) = &mut self.newest
            && newest.version.is_some_and(|version| versions.contains(&version))
        {
            newest.list = None;
        }
    }

    fn add_to(&self, living: &mut Living, is_needed: impl Fn(u32) -> bool) {
        let key = |artifact: &Artifact| (artifact.key.clone(), artifact.clone());
        for (number, version) in &self.versions {
            if !version.is_deleted || is_needed(*number) {
                living.manifests.extend([key(&version.manifest)]);
                living.lists.extend(version.lists.iter().map(key));
            }
        }
        living.lists.extend(self.newest.as_ref().and_then(|newest| newest.list.as_ref()).map(key));
    }
}

#[cfg(test)]
pub(super) mod tests;
