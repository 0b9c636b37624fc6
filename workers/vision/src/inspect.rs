//! The `inspect` command: says whether a dataset can be trained on, and shows some of it.

use std::path::Path;

use trainyard_events::config::Task;
use trainyard_events::dataset::FileProblem;
use trainyard_events::limits::REPORTED_FILES;
use trainyard_events::reason::{Advice, Caution, Flaw, Reason, cut};
use trainyard_events::trainer::{Inspection, TrainerLine};
use trainyard_words::{Words, english};

use crate::data::refusal::Refusal;
use crate::data::survey::{Survey, survey};
use crate::limits::{PROBLEM_CHARS, WARNINGS};
use crate::samples;

/// What a look came to.
#[derive(Debug)]
pub struct Inspected {
    pub verdict: Inspection,
    /// Of a good dataset.
    survey: Option<Survey>,
}

/// Good and bad are both answers. The verdict stays small whatever lies on disk: the profile names at most
/// [`REPORTED_FILES`] skipped files and as many noted ones, and texts that quote a file are cut.
pub fn inspect(root: &Path, task: Task) -> Inspected {
    match survey(root, task) {
        Ok(survey) => {
            let mut profile = survey.profile.clone();
            profile.skipped = reported(profile.skipped);
            profile.noted = reported(profile.noted);
            profile.cautions.truncate(WARNINGS);
            profile.cautions = cut::<Vec<Caution>>(profile.cautions, PROBLEM_CHARS);
            profile.warnings = profile.cautions.iter().map(short).collect();
            Inspected { verdict: Inspection::Good { profile: Box::new(profile) }, survey: Some(survey) }
        }
        Err(Refusal { because, advice, report, bad_files }) => {
            let because: Vec<Reason> = cut(vec![(*because).into()], PROBLEM_CHARS);
            let advice: Vec<Advice> = cut(vec![advice], PROBLEM_CHARS);
            let verdict = Inspection::Bad {
                problem: short(&because),
                next_step: short(&advice),
                report: reported(report),
                bad_files,
                because,
                advice,
            };
            Inspected { verdict, survey: None }
        }
    }
}

impl Inspected {
    /// Writes a page of a good dataset's images, and their labels, into `folder`, and announces them. Where that fails
    /// the log says why, and there are none.
    pub fn draw(&self, root: &Path, folder: &Path) -> Vec<TrainerLine> {
        let Some(survey) = &self.survey else { return Vec::new() };
        samples::write(root, survey, folder).unwrap_or_else(|problem| {
            eprintln!("no samples are shown: {problem}");
            Vec::new()
        })
    }
}

fn reported(mut files: Vec<FileProblem>) -> Vec<FileProblem> {
    files.truncate(REPORTED_FILES);
    let shorten = |FileProblem { path, flaws, .. }: FileProblem| {
        let flaws: Vec<Flaw> = cut(flaws, PROBLEM_CHARS);
        FileProblem { path: shortened(path), problem: short(&flaws), flaws }
    };
    files.into_iter().map(shorten).collect()
}

fn short(what: &impl Words) -> String {
    shortened(english(what))
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(PROBLEM_CHARS) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
