//! `trainyard runners`: trainers of other frameworks on this machine, for its worker.

mod install;
mod new;
mod own;

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::json;
use trainyard_events::card::Description;
use trainyard_workers::runners::{self, Installed, check};

use crate::args::RunnerAction;
use crate::cli::{print_json, table};
use crate::language::{language, pick};
use crate::out;

pub(crate) async fn run(action: Option<RunnerAction>, runners: &Path, json: bool) -> Result<()> {
    let runners = std::path::absolute(runners)?;
    match action.unwrap_or(RunnerAction::List) {
        RunnerAction::List => list(&runners, json),
        RunnerAction::Install(wanted) => install::run(&wanted, &runners, json).await,
        RunnerAction::New(wanted) => new::run(&wanted, &runners, json),
        RunnerAction::Add { command } => add(command, &runners, json).await,
        RunnerAction::Check { command, model } => try_out(command, model.as_deref(), &runners, json).await,
        RunnerAction::Remove { name } => remove(&runners, &name),
    }
}

fn list(runners: &Path, json: bool) -> Result<()> {
    let installed = runners::installed(runners);
    if json {
        let told = |one: &Installed| json!({ "command": one.command, "description": one.description });
        return print_json(&json!({ "runners": installed.values().map(told).collect::<Vec<_>>() }));
    }
    if installed.is_empty() {
        let known = install::known()?.join(", ");
        out::lines(&pick(
            language(),
            format!(
                "이 컴퓨터에는 러너가 없습니다. `trainyard runners install 이름`으로 설치하세요: {known}"
            ),
            format!("there is no runner on this machine; `trainyard runners install NAME`: {known}"),
        ));
        return Ok(());
    }
    let header = pick(
        language(),
        ["러너", "버전", "라이선스", "모델", "재개", "정밀도"],
        ["runner", "version", "licence", "models", "resumes", "precision"],
    );
    let rows: Vec<Vec<String>> = installed.values().map(|one| row(&one.description)).collect();
    table::print(&header, &rows);
    Ok(())
}

fn row(description: &Description) -> Vec<String> {
    let resume = serde_json::to_value(description.resume).ok();
    vec![
        description.runner.clone(),
        description.version.clone(),
        description.licence.clone(),
        description.models.len().to_string(),
        resume.and_then(|resume| resume.as_str().map(str::to_owned)).unwrap_or_default(),
        description.precisions.join(", "),
    ]
}

/// Asks the program what it is, and keeps it.
async fn add(command: Vec<String>, runners: &Path, json: bool) -> Result<()> {
    let installed = Installed::ask(own::command(command, runners)?, &std::env::current_dir()?).await?;
    installed.keep(runners)?;
    added(&installed, json)
}

fn added(installed: &Installed, json: bool) -> Result<()> {
    let Description { runner, version, licence, models, .. } = &installed.description;
    if json {
        return print_json(
            &json!({ "runner": runner, "version": version, "licence": licence, "models": models.len() }),
        );
    }
    let count = models.len();
    out::lines(&pick(
        language(),
        format!("{runner} {version}({licence}): 모델 {count}개. 이 컴퓨터의 작업자가 몇 초 안에 알아챕니다"),
        format!(
            "{runner} {version} ({licence}): {count} models; the worker of this machine has it within seconds"
        ),
    ));
    Ok(())
}

/// Runs the contract suite: on what is installed by this name, on a folder with a manifest, or on a command.
async fn try_out(command: Vec<String>, model: Option<&str>, runners: &Path, json: bool) -> Result<()> {
    let installed = match &command[..] {
        [name] if runners::installed(runners).contains_key(name) => {
            runners::installed(runners).remove(name).context("it has just been there")?
        }
        _ => Installed::ask(own::command(command, runners)?, &std::env::current_dir()?).await?,
    };
    let folder = tempfile::tempdir()?;
    let tried = check::check(&installed, model, folder.path()).await;
    let failed = tried.iter().filter(|one| one.outcome.is_err()).count();
    if json {
        let told = |one: &check::Tried| json!({ "what": one.what, "problem": one.outcome.as_ref().err() });
        print_json(&json!({ "tried": tried.iter().map(told).collect::<Vec<_>>() }))?;
    } else {
        for one in &tried {
            match &one.outcome {
                Ok(()) => out::line(format!("ok    {}", one.what)),
                Err(problem) => out::lines(&format!("FAIL  {}: {problem}", one.what)),
            }
        }
    }
    if failed > 0 {
        let all = tried.len();
        bail!(pick(
            language(),
            format!("{all}가지 중 {failed}가지가 맞지 않습니다. docs/trainers.md를 보세요"),
            format!("{failed} of {all} are not as docs/trainers.md says"),
        ));
    }
    Ok(())
}

fn remove(runners: &Path, name: &str) -> Result<()> {
    if !runners::remove(runners, name)? {
        bail!(pick(
            language(),
            format!("{name} 러너는 이 컴퓨터에 없습니다. `trainyard runners list`로 확인하세요"),
            format!("there is no runner {name} on this machine; `trainyard runners list` shows them"),
        ));
    }
    out::lines(&pick(language(), format!("{name} 러너를 지웠습니다"), format!("{name} is removed")));
    Ok(())
}
