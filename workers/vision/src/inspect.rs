//! The `inspect` command: says whether a dataset can be trained on, and shows some of it.

use std::path::Path;

use trainyard_events::config::Task;
use trainyard_events::dataset::FileProblem;
use trainyard_events::limits::REPORTED_FILES;
use trainyard_events::trainer::{Inspection, TrainerLine};

use crate::data::survey::{Refusal, survey};
use crate::limits::{PROBLEM_CHARS, WARNINGS};
use crate::samples;

/// What a look came to: files below the folder for samples, and the verdict.
#[derive(Debug)]
pub struct Inspected {
    pub artifacts: Vec<TrainerLine>,
    pub verdict: Inspection,
}

/// Good and bad are both answers. The verdict stays small whatever lies on disk: the profile names at most
/// [`REPORTED_FILES`] skipped files and as many noted ones, and texts that quote a file are cut. With `samples`, a page
/// of a good dataset's images is written into that folder; where that fails, the verdict stands and the log says why.
pub fn inspect(root: &Path, task: Task, samples: Option<&Path>) -> Inspected {
    let mut artifacts = Vec::new();
    let verdict = match survey(root, task) {
        Ok(survey) => {
            if let Some(folder) = samples {
                artifacts = samples::write(root, &survey, folder).unwrap_or_else(|problem| {
                    eprintln!("no samples are shown: {problem}");
                    Vec::new()
                });
            }
            let mut profile = survey.profile;
            profile.skipped = reported(profile.skipped);
            profile.noted = reported(profile.noted);
            profile.warnings = profile.warnings.into_iter().map(shortened).collect();
            profile.warnings.truncate(WARNINGS);
            Inspection::Good { profile: Box::new(profile) }
        }
        Err(Refusal { problem, next_step, report, bad_files }) => Inspection::Bad {
            problem: shortened(problem),
            next_step: shortened(next_step),
            report: reported(report),
            bad_files,
        },
    };
    Inspected { artifacts, verdict }
}

fn reported(mut files: Vec<FileProblem>) -> Vec<FileProblem> {
    files.truncate(REPORTED_FILES);
    let cut =
        |file: FileProblem| FileProblem { path: shortened(file.path), problem: shortened(file.problem) };
    files.into_iter().map(cut).collect()
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(PROBLEM_CHARS) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
