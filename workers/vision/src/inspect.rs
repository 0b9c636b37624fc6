//! The `inspect` command: one JSON line that says whether a dataset can be trained on.

use std::path::Path;

use trainyard_events::config::Task;
use trainyard_events::limits::REPORTED_FILES;
use trainyard_events::trainer::Inspection;

use crate::data::survey::{Refusal, survey};

/// Good and bad are both answers; the profile names at most [`REPORTED_FILES`] skipped files,
/// and as many noted ones.
pub fn inspect(root: &Path, task: Task) -> Inspection {
    match survey(root, task) {
        Ok(survey) => {
            let mut profile = survey.profile;
            profile.skipped.truncate(REPORTED_FILES);
            profile.noted.truncate(REPORTED_FILES);
            Inspection::Good { profile: Box::new(profile) }
        }
        Err(Refusal { problem, next_step, report, bad_files }) => {
            Inspection::Bad { problem, next_step, report, bad_files }
        }
    }
}
