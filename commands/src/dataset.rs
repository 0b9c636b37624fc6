//! A dataset: registered by path or name, looked at by the fleet, found good or not; each good look is a version of it.

use trainyard_events::config::Task;
use trainyard_events::dataset::{DatasetProfile, DatasetSource, DatasetVersion, is_name, parted};
use trainyard_events::reason::{Advice, Reason, Rejection, Unfit, before};
use trainyard_events::results::Artifact;
use trainyard_events::trainer::Inspection;
use trainyard_events::{DatasetEvent, limits};

#[derive(Clone, Debug, PartialEq)]
pub enum DatasetCommand {
    /// `again` asks for a fresh look at one that is known already.
    Register { path: String, task: Task, source: DatasetSource, again: bool },
    /// `inspection` is the sequence of the registration that was looked at, `artifacts` what a good look has put into
    /// the store, and `manifest` every image of it.
    RecordInspection {
        inspection: u64,
        result: Inspection,
        artifacts: Vec<Artifact>,
        manifest: Option<Artifact>,
    },
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dataset {
    pub path: String,
    /// Sequence of the newest registration, and where it says that the dataset is.
    pub inspection: u64,
    pub source: DatasetSource,
    pub verdict: Verdict,
    /// In the order of their numbers, which are without gaps.
    pub versions: Vec<DatasetVersion>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum Verdict {
    #[default]
    Unknown,
    Pending,
    Good(Box<DatasetProfile>),
    Bad(Box<Bad>),
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
#[derive(Clone, Debug, Default, PartialEq)]
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
            }
            DatasetEvent::Validated { inspection, profile, version, .. }
                if *inspection == self.inspection =>
            {
                self.verdict = Verdict::Good(profile.clone());
                let newest = self.versions.last().map_or(0, |newest| newest.number);
                self.versions.extend(version.clone().filter(|version| version.number > newest));
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
                    Verdict::Pending => *source != self.source && *again,
                    Verdict::Good(_) => *again,
                };
                let ((source, remote), path) = (source.written(), path.clone());
                Ok(wanted.then_some(DatasetEvent::Registered { path, task: *task, source, remote }))
            }
            DatasetCommand::RecordInspection { inspection, result, artifacts, manifest } => {
                match self.verdict {
                    Verdict::Unknown => return Err(Rejection::NoSuchDataset),
                    Verdict::Pending if *inspection == self.inspection => {}
                    _ if *inspection == self.inspection => return Ok(None),
                    _ => return Err(Rejection::StaleInspection),
                }
                Ok(Some(match result.clone() {
                    Inspection::Good { profile } => DatasetEvent::Validated {
                        inspection: *inspection,
                        version: manifest.clone().map(|manifest| self.version(&profile, manifest)),
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
        }
    }

    /// What a good look is: the newest version once more, or the next one.
    fn version(&self, profile: &DatasetProfile, manifest: Artifact) -> DatasetVersion {
        let newest = self.versions.last();
        let stored = self.source != DatasetSource::Path;
        let is_same =
            |newest: &&DatasetVersion| newest.manifest.sha256 == manifest.sha256 && newest.stored == stored;
        let same = newest.filter(is_same);
        let next = || DatasetVersion {
            number: newest.map_or(1, |newest| newest.number + 1),
            kinds: profile.kinds.clone(),
            manifest,
            stored,
        };
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

    /// Whether a job to `task` on the dataset that is written so can begin.
    pub fn standing(&self, written: &str, task: Task) -> Standing {
        let refused = |because: Unfit, advice| {
            Standing::Refused(Box::new(Bad {
                because: vec![because.into()],
                advice: vec![advice],
                ..Bad::default()
            }))
        };
        let other = |kinds: Vec<Task>| refused(Unfit::OtherLabels { task, kinds }, Advice::TaskOfLabels);
        match (parted(written).1, &self.verdict) {
            (_, Verdict::Unknown) => Standing::Unknown,
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
            (None, Verdict::Good(profile)) if profile.serves(task) => Standing::Ready,
            (None, Verdict::Good(profile)) if profile.kinds.is_empty() => other(vec![profile.task]),
            (None, Verdict::Good(profile)) => other(profile.kinds.clone()),
            (None, Verdict::Bad(bad)) => Standing::Refused(bad.clone()),
        }
    }
}
