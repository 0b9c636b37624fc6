//! `trainyard runners install`: makes the environment of a framework, from its lock, and keeps what it says of itself.

use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use tokio::process::Command;
use trainyard_workers::runners::Installed;

use super::added;
use crate::args::InstallRunner;
use crate::language::{language, pick};
use crate::out;

/// What stands in each folder of `workers/frameworks`.
#[derive(Deserialize)]
struct Framework {
    licence: String,
    about: String,
    /// Its licence asks something of its users: it is installed only by their own yes.
    #[serde(default)]
    consent: bool,
}

/// The last line that the script prints.
#[derive(Deserialize)]
struct Made {
    command: Vec<String>,
}

pub(super) async fn run(wanted: &InstallRunner, runners: &Path, json: bool) -> Result<()> {
    let frameworks = frameworks()?;
    let name = &wanted.name;
    let known = known()?;
    if !known.contains(name) {
        bail!(pick(
            language(),
            format!("{name} 러너를 알지 못합니다. 설치할 수 있는 것: {}", known.join(", ")),
            format!("there is no runner {name} to install; there are {}", known.join(", ")),
        ));
    }
    let framework: Framework =
        toml::from_str(&fs::read_to_string(frameworks.join(name).join("runner.toml"))?)?;
    if framework.consent && wanted.accept_licence.as_deref() != Some(&framework.licence) {
        bail!(consent(name, &framework));
    }
    out::note(format!("{name}: {} ({})", framework.about, framework.licence));
    let made = script(&frameworks, wanted, runners).await?;
    let installed = Installed::ask(made.command, runners).await?;
    installed.keep(runners)?;
    added(&installed, json)
}

fn consent(name: &str, framework: &Framework) -> String {
    let licence = &framework.licence;
    pick(
        language(),
        format!(
            "{name}의 라이선스는 {licence}입니다. 이 프로그램과 그것으로 만든 모델에 의무가 따릅니다. 읽고 동의한다면 \
             `trainyard runners install {name} --accept-licence {licence}`"
        ),
        format!(
            "{name} is under {licence}, which asks something of whoever uses it and models made with it. If you have read \
             and accept it: `trainyard runners install {name} --accept-licence {licence}`"
        ),
    )
}

/// Progress goes to the terminal as the script shows it.
async fn script(frameworks: &Path, wanted: &InstallRunner, runners: &Path) -> Result<Made> {
    fs::create_dir_all(runners.join(&wanted.name))?;
    let mut command = Command::new("python3");
    command.arg(frameworks.join("install.py")).arg(&wanted.name);
    command.arg("--into").arg(runners.join(&wanted.name).join("environment"));
    command.arg("--cache").arg(runners.join(".cache"));
    if wanted.offline {
        command.arg("--offline");
    }
    let progress = if std::io::stderr().is_terminal() { Stdio::inherit() } else { Stdio::piped() };
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(progress).spawn();
    let child = child.context(pick(
        language(),
        "python3를 실행할 수 없습니다. Python 3.11 이상을 설치하세요",
        "python3 cannot be started: install Python 3.11 or newer",
    ))?;
    let output = child.wait_with_output().await?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned();
        bail!(pick(
            language(),
            format!("{} 러너를 설치하지 못했습니다. {last}", wanted.name),
            format!("{} is not installed: {last}", wanted.name),
        ));
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let last = said.lines().last().unwrap_or_default();
    serde_json::from_str(last).with_context(|| format!("install.py said {last:?}"))
}

/// The names of those that come with this release.
pub(super) fn known() -> Result<Vec<String>> {
    let folders = fs::read_dir(frameworks()?)?.flatten();
    let mut names: Vec<String> = folders
        .filter(|entry| entry.path().join("runner.toml").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    Ok(names)
}

/// Beside this program where it was unpacked, or in the checkout that it was built in.
fn frameworks() -> Result<PathBuf> {
    let us = std::env::current_exe()?;
    let places = us
        .ancestors()
        .skip(1)
        .flat_map(|folder| [folder.join("frameworks"), folder.join("workers/frameworks")]);
    places.into_iter().find(|folder| folder.join("install.py").is_file()).context(pick(
        language(),
        "러너를 설치할 파일(frameworks 폴더)이 이 프로그램 옆에 없습니다",
        "the folder frameworks, with what installs runners, is not beside this program",
    ))
}
