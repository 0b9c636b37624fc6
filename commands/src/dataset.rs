//! A dataset: registered by path or name, looked at by the fleet, found good or not; each good look is a version of it,
//! which people tag, put away and delete.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trainyard_events::config::Task;
use trainyard_events::dataset::{DatasetProfile, DatasetSource, DatasetVersion, is_name, is_tag, parted};
use trainyard_events::problems::PROBLEMS;
use trainyard_events::reason::{Advice, Reason, Rejection, Unfit, before};
use trainyard_events::results::Artifact;
use trainyard_events::trainer::Inspection;
use trainyard_events::{DatasetEvent, limits};

#[derive(Clone, Debug, PartialEq)]
pub enum DatasetCommand {
    /// `again` asks for a fresh look at one that is known already.
    Register {
        path: String,
        task: Task,
        source: DatasetSource,
        again: bool,
    },
    /// `inspection` is the sequence of the registration that was looked at, `artifacts` what a good look has put into
    /// the store, and `manifest` every image of it.
    RecordInspection {
        inspection: u64,
        result: Inspection,
        artifacts: Vec<Artifact>,
        manifest: Option<Artifact>,
    },
    Tag {
        tag: String,
        version: u32,
    },
    Untag {
        tag: String,
    },
    Archive,
    Restore,
    /// Without `version`, all of it. Whether a job needs it, who asks has to find out.
    Delete {
        version: Option<u32>,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Dataset {
    pub path: String,
    /// Sequence of the newest registration, and where it says that the dataset is.
    pub inspection: u64,
    pub source: DatasetSource,
    pub verdict: Verdict,
    /// Those that were not deleted, in the order of their numbers.
    pub versions: Vec<DatasetVersion>,
    /// The version that each names.
    pub tags: BTreeMap<String, u32>,
    /// Sequence of the event that put it away.
    pub archived: Option<u64>,
    /// The highest number that a version has had: none is given twice.
    numbered: u32,
    /// What each version was made of.
    sources: BTreeMap<u32, DatasetSource>,
    /// The version that the verdict speaks of, once there is one.
    shown: Option<u32>,
    /// The version that the verdict spoke of was deleted: the one before it has to be looked at again.
    pub is_unseen: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Verdict {
    #[default]
    Unknown,
    Pending,
    Good(Box<DatasetProfile>),
    Bad(Box<Bad>),
    /// All of it; it can be registered again.
    Deleted,
}

/// Whether a job can be trained on a dataset.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// Nobody has looked.
    Unknown,
    Pending,
    Ready,
    Refused(Box<Bad>),
}

/// Why a dataset was refused: in sentences, and as data where it was written so.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bad {
    pub problem: String,
    pub next_step: String,
    pub because: Vec<Reason>,
    pub advice: Vec<Advice>,
}

impl Dataset {
    pub fn evolve(&mut self, event: &DatasetEvent, sequence: u64) {
        match &*before::dataset(event) {
            DatasetEvent::Registered { path, source, remote, .. } => {
                self.path.clone_from(path);
                self.source = DatasetSource::read(source, remote);
                self.inspection = sequence;
                self.verdict = Verdict::Pending;
                (self.shown, self.is_unseen) = (None, false);
            }
            DatasetEvent::Validated { inspection, profile, version, .. }
                if *inspection == self.inspection =>
            {
                self.verdict = Verdict::Good(profile.clone());
                self.shown = version.as_ref().map(|version| version.number);
                self.sources.extend(self.shown.map(|number| (number, self.source.clone())));
                self.versions.extend(version.clone().filter(|version| version.number > self.numbered));
                self.numbered = self.numbered.max(self.shown.unwrap_or(0));
            }
            DatasetEvent::Rejected { inspection, problem, next_step, because, advice, .. }
                if *inspection == self.inspection =>
            {
                self.verdict = Verdict::Bad(Box::new(Bad {
                    problem: problem.clone(),
                    next_step: next_step.clone(),
                    because: because.clone(),
                    advice: advice.clone(),
                }));
            }
            DatasetEvent::Validated { .. } | DatasetEvent::Rejected { .. } => {}
            DatasetEvent::Tagged { tag, version } => {
                self.tags.insert(tag.clone(), *version);
            }
            DatasetEvent::Untagged { tag } => {
                self.tags.remove(tag);
            }
            DatasetEvent::Archived {} => self.archived = Some(sequence),
            DatasetEvent::Restored {} => self.archived = None,
            DatasetEvent::Deleted { versions, whole } => self.lose(versions, *whole),
        }
    }

    fn lose(&mut self, versions: &[u32], whole: bool) {
        self.versions.retain(|version| !versions.contains(&version.number));
        self.tags.retain(|_, version| !versions.contains(version));
        self.sources.retain(|version, _| !versions.contains(version));
        if whole || self.versions.is_empty() && self.verdict != Verdict::Pending {
            let (path, numbered) = (std::mem::take(&mut self.path), self.numbered);
            *self = Dataset { path, numbered, verdict: Verdict::Deleted, ..Dataset::default() };
        } else if self.shown.is_some_and(|shown| versions.contains(&shown)) {
            self.shown = None;
            let before = self.versions.last().filter(|before| before.stored);
            if let Some(source) = before.and_then(|before| self.sources.get(&before.number)) {
                self.source.clone_from(source);
                self.is_unseen = true;
            }
        }
    }

    pub fn decide(&self, command: &DatasetCommand) -> Result<Option<DatasetEvent>, Rejection> {
        match command {
            DatasetCommand::Register { path, task, source, again } => {
                let length = path.chars().count();
                if !(1..=limits::PATH_CHARS).contains(&length) || path.contains(char::is_control) {
                    return Err(Rejection::BadPath);
                }
                if !source.is_sound() {
                    return Err(Rejection::BadAddress);
                }
                // What is fetched can be called by its address.
                let is_address = source.address().is_some() && DatasetSource::at(path, None).is_some();
                if *source != DatasetSource::Path && !is_address && !is_name(path) {
                    return Err(Rejection::BadDatasetName);
                }
                let wanted = match self.verdict {
                    // What is known by name is somewhere else than under its name.
                    Verdict::Bad(_) => *again || *source == self.source,
                    Verdict::Unknown => true,
                    Verdict::Pending if *source == self.source || !again => false,
                    // A folder can be looked at later. What was put into the store would be no version ever.
                    Verdict::Pending if self.source != DatasetSource::Path => {
                        return Err(Rejection::DatasetPending);
                    }
                    Verdict::Pending => true,
                    Verdict::Good(_) | Verdict::Deleted => *again,
                };
                if wanted && self.archived.is_some() {
                    return Err(Rejection::DatasetArchived);
                }
                let ((source, remote), path) = (source.written(), path.clone());
                Ok(wanted.then_some(DatasetEvent::Registered { path, task: *task, source, remote }))
            }
            DatasetCommand::RecordInspection { inspection, result, artifacts, manifest } => {
                match self.verdict {
                    Verdict::Unknown | Verdict::Deleted => return Err(Rejection::NoSuchDataset),
                    Verdict::Pending if *inspection == self.inspection => {}
                    _ if *inspection == self.inspection => return Ok(None),
                    _ => return Err(Rejection::StaleInspection),
                }
                Ok(Some(match result.clone() {
                    Inspection::Good { profile } => DatasetEvent::Validated {
                        inspection: *inspection,
                        version: manifest.clone().map(|manifest| self.version(&profile, manifest, artifacts)),
                        profile,
                        artifacts: artifacts.iter().take(limits::DATASET_ARTIFACTS).cloned().collect(),
                    },
                    Inspection::Bad { problem, next_step, mut report, bad_files, because, advice } => {
                        report.truncate(limits::REPORTED_FILES);
                        DatasetEvent::Rejected {
                            inspection: *inspection,
                            problem,
                            next_step,
                            report,
                            bad_files,
                            because,
                            advice,
                        }
                    }
                }))
            }
            DatasetCommand::Tag { .. }
            | DatasetCommand::Untag { .. }
            | DatasetCommand::Archive
            | DatasetCommand::Restore
            | DatasetCommand::Delete { .. } => self.keep(command),
        }
    }

    /// What becomes of a dataset that is there.
    fn keep(&self, command: &DatasetCommand) -> Result<Option<DatasetEvent>, Rejection> {
        match (&self.verdict, command) {
            (Verdict::Unknown, _) => return Err(Rejection::NoSuchDataset),
            (Verdict::Deleted, DatasetCommand::Delete { .. }) => return Ok(None),
            (Verdict::Deleted, _) => return Err(Rejection::NoSuchDataset),
            _ => {}
        }
        match command {
            DatasetCommand::Tag { tag, version } => self.tag(tag, *version),
            DatasetCommand::Untag { tag } if self.tags.contains_key(tag) => {
                Ok(Some(DatasetEvent::Untagged { tag: tag.clone() }))
            }
            DatasetCommand::Untag { tag } => Err(Rejection::NoSuchTag { tag: tag.clone() }),
            DatasetCommand::Archive => Ok(self.archived.is_none().then_some(DatasetEvent::Archived {})),
            DatasetCommand::Restore => Ok(self.archived.is_some().then_some(DatasetEvent::Restored {})),
            DatasetCommand::Delete { version: None } => {
                let versions = self.versions.iter().map(|version| version.number).collect();
                Ok(Some(DatasetEvent::Deleted { versions, whole: true }))
            }
            DatasetCommand::Delete { version: Some(version) } => {
                if !(1..=self.numbered).contains(version) {
                    return Err(Rejection::NoSuchDatasetVersion { version: *version });
                }
                let gone = || DatasetEvent::Deleted { versions: vec![*version], whole: false };
                Ok(self.has(*version).then(gone))
            }
            DatasetCommand::Register { .. } | DatasetCommand::RecordInspection { .. } => Ok(None),
        }
    }

    fn tag(&self, tag: &str, version: u32) -> Result<Option<DatasetEvent>, Rejection> {
        if !is_tag(tag) {
            return Err(Rejection::BadTag);
        }
        if !self.has(version) {
            return Err(Rejection::NoSuchDatasetVersion { version });
        }
        match self.tags.get(tag) {
            Some(tagged) if *tagged == version => return Ok(None),
            None if self.tags.len() >= limits::DATASET_TAGS => {
                return Err(Rejection::TooManyTags { limit: limits::DATASET_TAGS as u64 });
            }
            _ => {}
        }
        Ok(Some(DatasetEvent::Tagged { tag: tag.to_owned(), version }))
    }

    fn has(&self, number: u32) -> bool {
        self.versions.iter().any(|version| version.number == number)
    }

    /// What a good look is: the newest version once more, or the next one.
    fn version(
        &self,
        profile: &DatasetProfile,
        manifest: Artifact,
        artifacts: &[Artifact],
    ) -> DatasetVersion {
        let newest = self.versions.last();
        let stored = self.source != DatasetSource::Path;
        let is_same =
            |newest: &&DatasetVersion| newest.manifest.sha256 == manifest.sha256 && newest.stored == stored;
        let same = newest.filter(is_same);
        let problems = artifacts.iter().find(|artifact| artifact.role == PROBLEMS).cloned();
        let (number, kinds) = (self.numbered + 1, profile.kinds.clone());
        let next = || DatasetVersion { number, kinds, manifest, stored, problems };
        same.cloned().unwrap_or_else(next)
    }

    /// The version that a configuration means: the one that it names, or the newest that was found good.
    pub fn version_of(&self, written: &str) -> Option<&DatasetVersion> {
        let (_, number) = parted(written);
        match number {
            Some(number) => self.versions.iter().find(|version| version.number == number),
            None => self.versions.last(),
        }
    }

    /// Whether a job to `task` on the dataset that is written so, requested at this sequence, can begin.
    pub fn standing(&self, written: &str, task: Task, requested: u64) -> Standing {
        let refused = |because: Unfit, advice| {
            Standing::Refused(Box::new(Bad {
                because: vec![because.into()],
                advice: vec![advice],
                ..Bad::default()
            }))
        };
        let other = |kinds: Vec<Task>| refused(Unfit::OtherLabels { task, kinds }, Advice::TaskOfLabels);
        if self.archived.is_some_and(|archived| archived < requested) {
            return refused(Unfit::DatasetArchived, Advice::RestoreDataset);
        }
        match (parted(written).1, &self.verdict) {
            (_, Verdict::Unknown) => Standing::Unknown,
            (_, Verdict::Deleted) => refused(Unfit::DatasetDeleted, Advice::AddDatasetAgain),
            (Some(number), verdict) => match self.version_of(written) {
                Some(version) if version.kinds.contains(&task) => Standing::Ready,
                Some(version) => other(version.kinds.clone()),
                None if *verdict == Verdict::Pending => Standing::Pending,
                None => {
                    let newest = self.versions.last().map_or(0, |newest| newest.number);
                    refused(Unfit::NoSuchVersion { version: number, newest }, Advice::NameOtherVersion)
                }
            },
            (None, Verdict::Pending) => Standing::Pending,
            (None, Verdict::Good(_)) if self.is_unseen => Standing::Pending,
            (None, Verdict::Good(profile)) if profile.serves(task) => Standing::Ready,
            (None, Verdict::Good(profile)) if profile.kinds.is_empty() => other(vec![profile.task]),
            (None, Verdict::Good(profile)) => other(profile.kinds.clone()),
            (None, Verdict::Bad(bad)) => Standing::Refused(bad.clone()),
        }
    }
}
