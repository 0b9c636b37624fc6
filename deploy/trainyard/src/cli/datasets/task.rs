//! What a folder is to be registered for, where its owner does not say: by what lies there, or not at all.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use tokio::process::Command;
use trainyard_events::config::Task;

#[derive(Deserialize)]
struct Answer {
    task: Option<Task>,
}

/// Asks the program that will read it, which knows every format. The folder must be here: only workers see others.
pub(crate) async fn of(trainer: &Path, path: &str) -> Result<Task> {
    let say = "say what it is for: --task classify or --task detect";
    if !Path::new(path).is_dir() {
        bail!("{path} is no folder on this machine, so it cannot be seen what it is for; {say}");
    }
    let mut command = Command::new(trainer);
    command.args(["task", "--path"]).arg(path).stdin(Stdio::null()).kill_on_drop(true);
    let run = command.output().await;
    let run = run.with_context(|| format!("{} cannot be run to look at {path}; {say}", trainer.display()))?;
    super::check::remarks(&run.stderr);
    let said = String::from_utf8_lossy(&run.stdout);
    let answer: Answer = said
        .lines()
        .last()
        .and_then(|line| serde_json::from_str(line).ok())
        .with_context(|| format!("{} did not say what {path} is for; {say}", trainer.display()))?;
    answer.task.with_context(|| {
        format!("{path} is not clearly a folder of images for each class, nor images with boxes; {say}")
    })
}

/// What is taken, in one line for who did not say it.
pub(super) fn taken(path: &str, task: Task) -> String {
    let (seen, other) = match task {
        Task::Detect => ("holds labels with boxes", Task::Classify),
        _ => ("holds a folder of images for each class", Task::Detect),
    };
    format!("{path} {seen}: it is registered to {task} (otherwise: --task {other})")
}
