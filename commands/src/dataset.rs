//! A dataset: registered by path, looked at by the fleet, found good or not.

use trainyard_events::config::Task;
use trainyard_events::dataset::DatasetProfile;
use trainyard_events::reason::{Advice, Reason, Rejection, before};
use trainyard_events::results::Artifact;
use trainyard_events::trainer::Inspection;
use trainyard_events::{DatasetEvent, limits};

#[derive(Clone, Debug, PartialEq)]
pub enum DatasetCommand {
    /// `again` asks for a fresh look at one that is known already.
    Register { path: String, task: Task, again: bool },
    /// `inspection` is the sequence of the registration that was looked at, `artifacts` what a good look has put into
    /// the store.
    RecordInspection { inspection: u64, result: Inspection, artifacts: Vec<Artifact> },
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dataset {
    pub path: String,
    /// Sequence of the newest registration.
    pub inspection: u64,
    pub verdict: Verdict,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum Verdict {
    #[default]
    Unknown,
    Pending,
    Good(Box<DatasetProfile>),
    Bad(Box<Bad>),
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
            DatasetEvent::Registered { path, .. } => {
                self.path.clone_from(path);
                self.inspection = sequence;
                self.verdict = Verdict::Pending;
            }
            DatasetEvent::Validated { inspection, profile, .. } if *inspection == self.inspection => {
                self.verdict = Verdict::Good(profile.clone());
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
            DatasetCommand::Register { path, task, again } => {
                let length = path.chars().count();
                if !(1..=limits::PATH_CHARS).contains(&length) || path.contains(char::is_control) {
                    return Err(Rejection::BadPath);
                }
                let wanted = match self.verdict {
                    Verdict::Unknown | Verdict::Bad(_) => true,
                    Verdict::Pending => false,
                    Verdict::Good(_) => *again,
                };
                Ok(wanted.then(|| DatasetEvent::Registered { path: path.clone(), task: *task }))
            }
            DatasetCommand::RecordInspection { inspection, result, artifacts } => {
                match self.verdict {
                    Verdict::Unknown => return Err(Rejection::NoSuchDataset),
                    Verdict::Pending if *inspection == self.inspection => {}
                    _ if *inspection == self.inspection => return Ok(None),
                    _ => return Err(Rejection::StaleInspection),
                }
                Ok(Some(match result.clone() {
                    Inspection::Good { profile } => DatasetEvent::Validated {
                        inspection: *inspection,
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
}
