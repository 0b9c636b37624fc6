//! What a folder is to be registered for, where its owner does not say: by what lies there, or not at all.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use tokio::process::Command;
use trainyard_events::chat::Language;
use trainyard_events::config::Task;

use crate::language::pick;

#[derive(Deserialize)]
struct Answer {
    task: Option<Task>,
}

/// Asks the program that will read it, which knows every format. The folder must be here: only workers see others.
pub(crate) async fn of(trainer: &Path, path: &str, language: Language) -> Result<Task> {
    let unclear = |why: String| {
        let say = pick(
            language,
            "무엇에 쓸지 정해 주세요: --task classify 또는 --task detect",
            "say what it is for: --task classify or --task detect",
        );
        pick(language, format!("{why}. {say}"), format!("{why}; {say}"))
    };
    if !Path::new(path).is_dir() {
        bail!(unclear(pick(
            language,
            format!("{path}: 이 컴퓨터에 없는 폴더라 무엇에 쓸지 알 수 없습니다"),
            format!("{path} is no folder on this machine, so it cannot be seen what it is for"),
        )));
    }
    let program = trainer.display();
    let mut command = Command::new(trainer);
    command.args(["task", "--path"]).arg(path).stdin(Stdio::null()).kill_on_drop(true);
    let run = command.output().await.with_context(|| {
        unclear(pick(
            language,
            format!("{path}: 살펴볼 프로그램 {program} 실행에 실패했습니다"),
            format!("{program} cannot be run to look at {path}"),
        ))
    })?;
    super::check::remarks(&run.stderr);
    let said = String::from_utf8_lossy(&run.stdout);
    let answer: Answer =
        said.lines().last().and_then(|line| serde_json::from_str(line).ok()).with_context(|| {
            unclear(pick(
                language,
                format!("{path}: 프로그램 {program}에서 답을 얻지 못했습니다"),
                format!("{program} did not say what {path} is for"),
            ))
        })?;
    answer.task.with_context(|| {
        unclear(pick(
            language,
            format!("{path}: 클래스별 이미지 폴더인지 박스가 있는 이미지인지 분명하지 않습니다"),
            format!("{path} is not clearly a folder of images for each class, nor images with boxes"),
        ))
    })
}

/// What is taken, in one line for who did not say it.
pub(super) fn taken(path: &str, task: Task, language: Language) -> String {
    let (seen, other) = match task {
        Task::Detect => (pick(language, "박스가 있는 라벨이", "holds labels with boxes"), Task::Classify),
        _ => (
            pick(language, "클래스별 이미지 폴더가", "holds a folder of images for each class"),
            Task::Detect,
        ),
    };
    let task = trainyard_words::said(&task, language);
    pick(
        language,
        format!("{path}: {seen} 있어 {task}용으로 등록합니다(아니라면 --task {other})"),
        format!("{path} {seen}: it is registered to {task} (otherwise: --task {other})"),
    )
}
