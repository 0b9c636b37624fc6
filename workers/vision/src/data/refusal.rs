//! Why a dataset cannot be trained on, and what to do about it.

use std::fmt;

use trainyard_events::dataset::FileProblem;
use trainyard_events::limits::REPORTED_FILES;
use trainyard_events::reason::{Advice, Flaw, Unfit};
use trainyard_words::english;

/// Why a dataset cannot be trained on.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    pub because: Box<Unfit>,
    pub advice: Advice,
    /// The first [`REPORTED_FILES`] of `bad_files`.
    pub report: Vec<FileProblem>,
    pub bad_files: u64,
}

impl Refusal {
    pub fn new(because: Unfit, advice: Advice) -> Self {
        Refusal { because: Box::new(because), advice, report: Vec::new(), bad_files: 0 }
    }

    pub fn with_files(mut self, bad: &[FileProblem]) -> Self {
        self.bad_files = bad.len() as u64;
        self.report = bad.iter().take(REPORTED_FILES).cloned().collect();
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", english(&*self.because), english(&self.advice))
    }
}

impl std::error::Error for Refusal {}

/// A file with what is wrong with it, or worth knowing of it.
pub fn flawed(path: &str, flaws: Vec<Flaw>) -> FileProblem {
    FileProblem { path: path.to_owned(), problem: english(&flaws), flaws }
}
