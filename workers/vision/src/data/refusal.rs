//! Why a dataset cannot be trained on, and what to do about it.

use trainyard_events::dataset::FileProblem;
use trainyard_events::limits::REPORTED_FILES;

/// Why a dataset cannot be trained on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; {next_step}")]
pub struct Refusal {
    pub problem: String,
    pub next_step: String,
    /// The first [`REPORTED_FILES`] of `bad_files`.
    pub report: Vec<FileProblem>,
    pub bad_files: u64,
}

impl Refusal {
    pub fn new(problem: impl Into<String>, next_step: impl Into<String>) -> Self {
        Refusal { problem: problem.into(), next_step: next_step.into(), report: Vec::new(), bad_files: 0 }
    }

    pub fn with_files(mut self, bad: &[FileProblem]) -> Self {
        self.bad_files = bad.len() as u64;
        self.report = bad.iter().take(REPORTED_FILES).cloned().collect();
        self
    }
}
