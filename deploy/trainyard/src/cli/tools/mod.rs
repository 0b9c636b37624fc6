//! `trainyard tools`: the pinned servers, libraries and demo data on this machine.

mod bundle;
mod install;
mod list;
mod wanted;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;
use tokio::process::Command;

pub(crate) use wanted::{State, Tool, wanted};

use crate::args::ToolAction;
use crate::cli::{print_json, table};
use crate::language::{language, pick};
use crate::out;

pub(crate) async fn run(action: Option<ToolAction>, folder: &Path, json: bool) -> Result<()> {
    let folder = std::path::absolute(folder)?;
    match action.unwrap_or(ToolAction::Status) {
        ToolAction::Status => status(&folder, json),
        ToolAction::Fetch { only } => fetch(&folder, &only).await,
        ToolAction::Bundle { file } => {
            tokio::task::spawn_blocking(move || bundle::run(&folder, &file, json)).await?
        }
        ToolAction::Install { file } => {
            tokio::task::spawn_blocking(move || install::run(&folder, &file, json)).await?
        }
    }
}

/// Before servers of our own are started from `folder`: that they are there.
pub(crate) fn needed(folder: &Path) -> Result<()> {
    let is_there = |tool: &Tool| tool.state(folder) != State::Missing;
    let needed = |tool: &&Tool| ["nats-server", "postgres"].contains(&&*tool.name);
    ensure!(wanted().iter().filter(needed).all(is_there), {
        let folder = folder.display();
        pick(
            language(),
            format!(
                "{folder}에 서버가 없습니다. `trainyard tools fetch`로 받거나, 네트워크가 없으면 `trainyard tools install FILE`로 묶음 \
                 파일에서 설치하세요"
            ),
            format!(
                "the servers are not in {folder}: `trainyard tools fetch` fetches them, and without a network `trainyard tools \
                 install FILE` takes them out of a bundle"
            ),
        )
    });
    Ok(())
}

fn status(folder: &Path, json: bool) -> Result<()> {
    let tools = wanted();
    if json {
        let told = |tool: &Tool| {
            json!({"tool": tool.name, "place": folder.join(&tool.place), "state": tool.state(folder).name(),
                   "needed": !tool.is_optional})
        };
        return print_json(&tools.iter().map(told).collect());
    }
    let language = language();
    let row = |tool: &Tool| {
        let said = match tool.state(folder) {
            State::Whole => pick(language, "있음", "here"),
            State::Other => pick(language, "다른 버전이거나 덜 받음", "of another release, or not whole"),
            State::Missing if tool.is_optional => {
                pick(language, "없음(쓸 때만 받음)", "not here, fetched when asked for")
            }
            State::Missing => pick(language, "없음", "missing"),
        };
        vec![tool.name.clone(), said.to_owned(), folder.join(&tool.place).display().to_string()]
    };
    let rows: Vec<Vec<String>> = tools.iter().map(row).collect();
    table::print(&pick(language, ["도구", "상태", "위치"], ["tool", "state", "place"]), &rows);
    if tools.iter().any(|tool| !tool.is_optional && tool.state(folder) != State::Whole) {
        out::line(pick(
            language,
            "없는 것을 받으려면: trainyard tools fetch",
            "fetch what is missing: trainyard tools fetch",
        ));
    }
    Ok(())
}

/// The script says what it does, and what went wrong.
async fn fetch(folder: &Path, only: &[String]) -> Result<()> {
    let mut command = Command::new("python3");
    command.arg(script()?).arg("--into").arg(folder);
    command.args(only.iter().flat_map(|name| ["--only", name]));
    let done = command.status().await.context(pick(
        language(),
        "python3를 실행할 수 없습니다. Python 3.9 이상을 설치하거나, 다른 컴퓨터에서 만든 묶음을 `trainyard tools install FILE`로 설치하세요",
        "python3 cannot be started: install Python 3.9 or newer, or take the tools from another machine's bundle with \
         `trainyard tools install FILE`",
    ))?;
    if !done.success() {
        bail!(pick(
            language(),
            "도구를 받지 못했습니다. 이유는 위에 있습니다",
            "the tools were not fetched; why stands above"
        ));
    }
    Ok(())
}

/// Beside this program where a release was unpacked, or in the checkout that it was built in.
fn script() -> Result<PathBuf> {
    let us = std::env::current_exe()?;
    let places = us
        .ancestors()
        .skip(1)
        .flat_map(|folder| [folder.join("share/trainyard/tools/fetch"), folder.join("deploy/tools/fetch")]);
    places.into_iter().find(|path| path.is_file()).context(pick(
        language(),
        "도구를 받을 파일(share/trainyard/tools/fetch)이 이 프로그램 옆에 없습니다. 배포본을 다시 풀거나 `trainyard tools install FILE`을 쓰세요",
        "what fetches the tools, share/trainyard/tools/fetch, is not beside this program: unpack the release again, or use \
         `trainyard tools install FILE`",
    ))
}
