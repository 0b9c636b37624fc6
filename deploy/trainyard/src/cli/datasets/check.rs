//! `trainyard datasets check`: looks at a folder here, without a platform.

use anyhow::{Result, bail};
use trainyard_data::inspect::{Inspected, draw, inspect};
use trainyard_events::config::Task;
use trainyard_events::reason::{Advice, Unfit};
use trainyard_events::trainer::Inspection;
use trainyard_words::english;

use super::{report, unfit};
use crate::args::Check;
use crate::cli::print_json;
use crate::language::language;

/// Looks as a worker does.
pub(crate) async fn run(check: &Check, json: bool) -> Result<()> {
    let (path, samples, task) = (check.path.clone(), check.samples.clone(), check.task);
    let found = tokio::task::spawn_blocking(move || {
        let Inspected { verdict, dataset } = inspect(&path);
        if let (Some(folder), Some(dataset)) = (&samples, &dataset) {
            draw(dataset, folder);
        }
        for_task(verdict, task)
    });
    let (found, language) = (found.await?, language());
    let path = check.path.display().to_string();
    if json {
        print_json(&serde_json::to_value(&found)?)?;
    } else {
        report::print(&path, &found, language);
    }
    match found {
        Inspection::Good { .. } => Ok(()),
        Inspection::Bad { .. } => bail!(unfit(&path, language)),
    }
}

/// A dataset that cannot serve the task that it is asked for is not good for it.
fn for_task(verdict: Inspection, task: Option<Task>) -> Inspection {
    let (Inspection::Good { profile }, Some(task)) = (&verdict, task) else { return verdict };
    if profile.serves(task) {
        return verdict;
    }
    let because = vec![Unfit::OtherLabels { task, kinds: profile.kinds.clone() }.into()];
    let advice = vec![Advice::TaskOfLabels];
    Inspection::Bad {
        problem: english(&because),
        next_step: english(&advice),
        report: Vec::new(),
        bad_files: 0,
        because,
        advice,
    }
}
