//! Why a dataset cannot be read, and what to do about it.

use trainyard_events::dataset::FileProblem;
use trainyard_events::limits::REPORTED_FILES;
use trainyard_events::reason::{Advice, Cause, Flaw, Unfit};
use trainyard_words::english;

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}; {}", english(&**because), english(advice))]
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

    /// Of one file that all labels depend on.
    pub(crate) fn of_file(path: &str, flaw: Flaw, advice: Advice) -> Self {
        Refusal::new(Unfit::LabelFile { path: path.to_owned(), flaw }, advice)
    }
}

/// A file with what is wrong with it, or worth knowing of it.
pub(crate) fn flawed(path: &str, flaws: Vec<Flaw>) -> FileProblem {
    FileProblem { path: path.to_owned(), problem: english(&flaws), flaws }
}

pub(crate) fn cause(error: &std::io::Error) -> Cause {
    Cause::system(error.raw_os_error(), error.to_string())
}
