//! The datasets: what was named, and what the fleet found there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use trainyard_events::config::Task;
use trainyard_events::dataset::{DatasetProfile, DatasetSource, DatasetVersion, FileProblem};
use trainyard_events::reason::before::upcast;
use trainyard_events::reason::{Advice, Reason, known};
use trainyard_events::results::Artifact;
use trainyard_events::{Aggregate, DatasetEvent, Event, Recorded, TenantId};
use uuid::Uuid;

use crate::Quarantined;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DatasetStatus {
    /// Nobody has answered the newest registration.
    Pending,
    Valid,
    Rejected,
    /// All of it; naming it again begins anew.
    Deleted,
}

impl DatasetStatus {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            DatasetStatus::Pending => "pending",
            DatasetStatus::Valid => "valid",
            DatasetStatus::Rejected => "rejected",
            DatasetStatus::Deleted => "deleted",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DatasetRow {
    pub tenant: TenantId,
    pub id: Uuid,
    /// Where it is, or its name.
    pub path: String,
    pub source: DatasetSource,
    pub task: Task,
    pub status: DatasetStatus,
    /// Sequence of the newest registration; an answer to an older one changes nothing.
    pub inspection: u64,
    /// When valid.
    pub profile: Option<DatasetProfile>,
    /// What the look at it has left in the store: a page of its images, and their labels.
    pub artifacts: Vec<Artifact>,
    /// Each good look that found something new, the oldest first. They stay until they are deleted, whatever is found
    /// later.
    pub versions: Vec<DatasetVersion>,
    /// The version that each names.
    pub tags: BTreeMap<String, u32>,
    /// Put away: no job can be asked for on it, and lists leave it out.
    pub archived: bool,
    /// When rejected.
    pub problem: Option<String>,
    pub next_step: Option<String>,
    /// `problem` as data, and `next_step`.
    #[serde(deserialize_with = "known")]
    pub because: Vec<Reason>,
    #[serde(deserialize_with = "known")]
    pub advice: Vec<Advice>,
    /// The first of `bad_files`.
    pub report: Vec<FileProblem>,
    pub bad_files: u64,
    /// The first time.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub registered_at: OffsetDateTime,
    /// Of the last change.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub at: OffsetDateTime,
    /// Set while its history has an event that cannot be read. By no fold: the reader of the log knows.
    pub quarantine: Option<Quarantined>,
    pub sequence: u64,
}

impl DatasetRow {
    fn registered(
        recorded: &Recorded,
        id: Uuid,
        path: &str,
        task: Task,
        source: DatasetSource,
    ) -> DatasetRow {
        DatasetRow {
            tenant: recorded.envelope.tenant.clone(),
            id,
            path: path.to_owned(),
            source,
            task,
            status: DatasetStatus::Pending,
            inspection: recorded.sequence,
            profile: None,
            artifacts: Vec::new(),
            versions: Vec::new(),
            tags: BTreeMap::new(),
            archived: false,
            problem: None,
            next_step: None,
            because: Vec::new(),
            advice: Vec::new(),
            report: Vec::new(),
            bad_files: 0,
            registered_at: recorded.envelope.at,
            at: recorded.envelope.at,
            quarantine: None,
            sequence: recorded.sequence,
        }
    }

    /// Folds one event into the row of its dataset, and says whether it counted: an answer to an older
    /// registration, or a second one to the same, does not.
    pub fn apply(row: &mut Option<DatasetRow>, recorded: &Recorded) -> bool {
        let event = upcast(&recorded.envelope.event);
        let (Aggregate::Dataset(id), Event::Dataset(event)) = (&recorded.envelope.aggregate, &*event) else {
            return false;
        };
        if row.as_ref().is_some_and(|row| recorded.sequence <= row.sequence) {
            return false;
        }
        if let DatasetEvent::Registered { path, task, source, remote } = event {
            let source = DatasetSource::read(source, remote);
            let mut again = DatasetRow::registered(recorded, *id, path, *task, source);
            if let Some(before) = row.take() {
                again.registered_at = before.registered_at;
                again.versions = before.versions;
                again.tags = before.tags;
                again.archived = before.archived;
            }
            *row = Some(again);
            return true;
        }
        row.as_mut().is_some_and(|row| row.answer(event, recorded))
    }

    fn answer(&mut self, event: &DatasetEvent, recorded: &Recorded) -> bool {
        let pending =
            |inspection: u64| self.status == DatasetStatus::Pending && inspection == self.inspection;
        match event {
            DatasetEvent::Validated { inspection, profile, artifacts, version } if pending(*inspection) => {
                let newest = self.versions.last().map_or(0, |newest| newest.number);
                self.versions.extend(version.clone().filter(|version| version.number > newest));
                self.status = DatasetStatus::Valid;
                self.profile = Some(DatasetProfile::clone(profile));
                self.artifacts.clone_from(artifacts);
            }
            DatasetEvent::Rejected { inspection, problem, next_step, report, bad_files, because, advice }
                if pending(*inspection) =>
            {
                self.status = DatasetStatus::Rejected;
                self.problem = Some(problem.clone());
                self.next_step = Some(next_step.clone());
                self.because.clone_from(because);
                self.advice.clone_from(advice);
                self.report = report.clone();
                self.bad_files = *bad_files;
            }
            DatasetEvent::Tagged { tag, version } => {
                self.tags.insert(tag.clone(), *version);
            }
            DatasetEvent::Untagged { tag } => {
                self.tags.remove(tag);
            }
            DatasetEvent::Archived {} => self.archived = true,
            DatasetEvent::Restored {} => self.archived = false,
            DatasetEvent::Deleted { versions, whole } => self.lose(versions, *whole),
            _ => return false,
        }
        self.at = recorded.envelope.at;
        self.sequence = recorded.sequence;
        true
    }

    fn lose(&mut self, versions: &[u32], whole: bool) {
        self.versions.retain(|version| !versions.contains(&version.number));
        self.tags.retain(|_, version| !versions.contains(version));
        if whole || self.versions.is_empty() && self.status != DatasetStatus::Pending {
            self.status = DatasetStatus::Deleted;
            self.archived = false;
            self.source = DatasetSource::Path;
            self.profile = None;
            self.artifacts.clear();
            (self.problem, self.next_step, self.bad_files) = (None, None, 0);
            self.because.clear();
            self.advice.clear();
            self.report.clear();
        }
    }
}
