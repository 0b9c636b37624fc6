//! What a turn needs to know, and what it has been told.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use time::OffsetDateTime;
use trainyard_assistant::catalog::Runners;
use trainyard_commands::dataset::Bad;
use trainyard_events::chat::Language;
use trainyard_events::config::Task;
use trainyard_events::dataset::DatasetProfile;
use trainyard_events::{Recorded, TrainingConfig};
use trainyard_views::{DatasetRow, EpochRow, Expected, JobRow, JobStatus, ModelRow};
use uuid::Uuid;

use crate::words::{self, Report};

/// What has to be found out before the turn can be answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Need {
    /// The job that people call so: by number or id.
    Job(String),
    Jobs(Sought),
    /// The job with what keeps it from running at this moment.
    Waiting(Box<JobRow>),
    /// What happened to the job.
    History(Uuid),
    /// What the job has measured so far.
    Epochs(Uuid),
    /// The trainer's report of this key in the store.
    Report(String),
    /// Whether the store has this key.
    Stored(String),
    Datasets,
    /// The models that people have named.
    Models,
    /// How long a training so configured may take.
    Expected(Box<TrainingConfig>),
    /// A look at a dataset, waited for.
    Look(Looked),
    /// Which version a dataset is, written with a tag.
    Tagged(String),
    /// What has been found at a path since this event.
    News {
        path: String,
        since: u64,
    },
}

/// Jobs, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sought {
    /// Any of these; empty is every one.
    pub status: Vec<JobStatus>,
    /// In the model's name and elsewhere.
    pub text: Option<String>,
    pub most: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Looked {
    pub path: String,
    pub task: Task,
    /// Also where something is known already.
    pub again: bool,
}

/// What is known of a dataset now.
#[derive(Clone, Debug, PartialEq)]
pub enum Look {
    Pending,
    Good(Box<DatasetProfile>),
    Bad(Box<Bad>),
}

impl Look {
    /// What is to be said of it before anything else, and what is in it if it is good.
    pub(crate) fn told(&self, path: &str, language: Language) -> (String, Option<&DatasetProfile>) {
        match self {
            Look::Good(profile) => (words::dataset_found(path, profile, language), Some(profile)),
            Look::Pending => (words::dataset_pending(path, language), None),
            Look::Bad(bad) => (words::dataset_bad(path, bad, language), None),
        }
    }
}

/// Where and when the turn is heard, and from whom.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// What the addresses of endpoints begin with.
    pub url: String,
    pub who: String,
    pub now: OffsetDateTime,
}

/// What has been found out for one turn.
#[derive(Clone, Debug)]
pub struct Known {
    pub place: Place,
    /// What the workers that are up can train besides our own trainer.
    pub runners: Arc<Runners>,
    pub job: HashMap<String, Option<JobRow>>,
    pub jobs: HashMap<Sought, Vec<JobRow>>,
    pub waiting: HashMap<Uuid, JobRow>,
    pub histories: HashMap<Uuid, Vec<Recorded>>,
    /// In order.
    pub epochs: HashMap<Uuid, Vec<EpochRow>>,
    /// A report that is not there or cannot be read is none.
    pub reports: HashMap<String, Option<Report>>,
    pub stored: HashMap<String, bool>,
    pub datasets: Option<Vec<DatasetRow>>,
    /// The last changed first.
    pub models: Option<Vec<ModelRow>>,
    /// Known with the datasets, and never suggested: who names one is told that it is archived.
    pub archived: Vec<DatasetRow>,
    /// As it is written with the number of its version; there may be no such tag.
    pub tagged: HashMap<String, Option<String>>,
    /// Of the training that is asked about in this turn.
    pub expected: Option<Expected>,
    pub looks: HashMap<Looked, Look>,
    pub news: HashMap<(String, u64), Option<Look>>,
    /// Jobs for which an act was refused, having ended meanwhile.
    pub refused: HashSet<Uuid>,
}

impl Known {
    pub fn at(place: Place) -> Known {
        Known {
            place,
            runners: Arc::default(),
            job: HashMap::new(),
            jobs: HashMap::new(),
            waiting: HashMap::new(),
            histories: HashMap::new(),
            epochs: HashMap::new(),
            reports: HashMap::new(),
            stored: HashMap::new(),
            datasets: None,
            models: None,
            archived: Vec::new(),
            tagged: HashMap::new(),
            expected: None,
            looks: HashMap::new(),
            news: HashMap::new(),
            refused: HashSet::new(),
        }
    }

    pub(crate) fn job(&self, named: &str) -> Result<Option<&JobRow>, Need> {
        self.job.get(named).map(Option::as_ref).ok_or_else(|| Need::Job(named.to_owned()))
    }

    pub(crate) fn jobs(&self, sought: Sought) -> Result<&[JobRow], Need> {
        self.jobs.get(&sought).map(Vec::as_slice).ok_or(Need::Jobs(sought))
    }

    /// The job with why it waits. One that is not waiting to be dispatched says all by itself.
    pub(crate) fn waiting<'k>(&'k self, job: &'k JobRow) -> Result<&'k JobRow, Need> {
        if job.status != JobStatus::Requested {
            return Ok(job);
        }
        self.waiting.get(&job.id).ok_or_else(|| Need::Waiting(Box::new(job.clone())))
    }

    pub(crate) fn history(&self, job: Uuid) -> Result<&[Recorded], Need> {
        self.histories.get(&job).map(Vec::as_slice).ok_or(Need::History(job))
    }

    pub(crate) fn epochs(&self, job: Uuid) -> Result<&[EpochRow], Need> {
        self.epochs.get(&job).map(Vec::as_slice).ok_or(Need::Epochs(job))
    }

    pub(crate) fn report(&self, key: &str) -> Result<Option<&Report>, Need> {
        self.reports.get(key).map(Option::as_ref).ok_or_else(|| Need::Report(key.to_owned()))
    }

    pub(crate) fn stored(&self, key: &str) -> Result<bool, Need> {
        self.stored.get(key).copied().ok_or_else(|| Need::Stored(key.to_owned()))
    }

    /// The newest ones.
    pub(crate) fn datasets(&self) -> Result<&[DatasetRow], Need> {
        self.datasets.as_deref().ok_or(Need::Datasets)
    }

    pub(crate) fn expected(&self, config: &TrainingConfig) -> Result<&Expected, Need> {
        self.expected.as_ref().ok_or_else(|| Need::Expected(Box::new(config.clone())))
    }

    pub(crate) fn models(&self) -> Result<&[ModelRow], Need> {
        self.models.as_deref().ok_or(Need::Models)
    }

    pub(crate) fn tagged(&self, written: &str) -> Result<Option<&str>, Need> {
        let known = self.tagged.get(written).map(Option::as_deref);
        known.ok_or_else(|| Need::Tagged(written.to_owned()))
    }

    pub(crate) fn look(&self, path: &str, task: Task, again: bool) -> Result<&Look, Need> {
        let looked = Looked { path: path.to_owned(), task, again };
        self.looks.get(&looked).ok_or(Need::Look(looked))
    }

    pub(crate) fn news(&self, path: &str, since: u64) -> Result<Option<&Look>, Need> {
        let known = self.news.get(&(path.to_owned(), since));
        known.map(Option::as_ref).ok_or_else(|| Need::News { path: path.to_owned(), since })
    }
}
