//! `trainyard datasets check`: looks at a folder here, without a platform.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tokio::process::Command;
use trainyard_events::trainer::Inspection;

use super::{report, unfit};
use crate::args::Check;
use crate::language::{language, pick};
use crate::out;

/// Runs the same program as a worker does.
pub(crate) async fn run(trainer: &Path, check: &Check, json: bool) -> Result<()> {
    let (language, program) = (language(), trainer.display());
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
        pick(
            language,
            format!("{program} 프로그램을 실행할 수 없습니다. `make build`로 빌드하거나 --trainer로 경로를 지정하세요"),
            format!("{program} cannot be run: build it with `make build`, or say --trainer PATH"),
        )
    })?;
    remarks(&run.stderr);
    let said = String::from_utf8_lossy(&run.stdout);
    // After it come the names of what was drawn.
    let mut lines = said.lines().filter_map(|line| Some((line, serde_json::from_str(line).ok()?)));
    let Some((verdict, found)) = lines.next() else {
        let status = run.status;
        bail!(pick(
            language,
            format!("{program} 프로그램이 판정 없이 끝났습니다({status})"),
            format!("{program} ended with {status} and without a verdict"),
        ));
    };
    let path = check.path.display().to_string();
    if json {
        out::json_text(verdict);
    } else {
        report::print(&path, &found, language);
    }
    match found {
        Inspection::Good { .. } => Ok(()),
        Inspection::Bad { .. } => bail!(unfit(&path, language)),
    }
}

/// What the program said beside its answer. It names files, and they are named by others.
pub(super) fn remarks(said: &[u8]) {
    let said = String::from_utf8_lossy(said);
    if !said.trim().is_empty() {
        out::note(said.trim_end());
    }
}
