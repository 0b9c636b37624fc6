//! `trainyard datasets check`: looks at a folder here, without a platform.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tokio::process::Command;
use trainyard_events::trainer::Inspection;

use super::report;
use crate::args::Check;
use crate::out;

/// Runs the same program as a worker does.
pub(crate) async fn run(trainer: &Path, check: &Check, json: bool) -> Result<()> {
    let mut command = Command::new(trainer);
    command.arg("inspect").arg("--path").arg(&check.path);
    if let Some(task) = check.task {
        command.args(["--task", &task.to_string()]);
    }
    if let Some(folder) = &check.samples {
        command.arg("--samples").arg(folder);
    }
    let run = command.stdin(Stdio::null()).kill_on_drop(true).output().await;
    let run = run.with_context(|| {
        format!("{} cannot be run: build it with `make build`, or say --trainer PATH", trainer.display())
    })?;
    remarks(&run.stderr);
    let said = String::from_utf8_lossy(&run.stdout);
    // After it come the names of what was drawn.
    let mut lines = said.lines().filter_map(|line| Some((line, serde_json::from_str(line).ok()?)));
    let Some((verdict, found)) = lines.next() else {
        bail!("{} ended with {} and without a verdict", trainer.display(), run.status);
    };
    let path = check.path.display();
    if json {
        out::json_text(verdict);
    } else {
        report::print(&path.to_string(), &found);
    }
    match found {
        Inspection::Good { .. } => Ok(()),
        Inspection::Bad { .. } => bail!("{path} cannot be trained on"),
    }
}

/// What the program said beside its answer. It names files, and they are named by others.
pub(super) fn remarks(said: &[u8]) {
    let said = String::from_utf8_lossy(said);
    if !said.trim().is_empty() {
        out::note(said.trim_end());
    }
}
