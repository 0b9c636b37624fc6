//! `trainyard runners new`: a trainer of one's own in a folder, one that passes `trainyard runners check` as it is.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::json;
use trainyard_events::card::is_runner;

use super::install::known;
use super::own::{MANIFEST, programs};
use crate::args::{NewRunner, NewTask};
use crate::cli::print_json;
use crate::language::{language, pick};
use crate::out;

/// What configurations call our own trainer.
const OURS: [&str; 2] = ["native", "trainyard"];
const ABOUT: &str = include_str!("../../../../../workers/frameworks/new/manifest.toml");
const READ_ME: &str = include_str!("../../../../../workers/frameworks/new/README.md");
const READ_ME_KOREAN: &str = include_str!("../../../../../workers/frameworks/new/README.ko.md");

fn trainer(task: NewTask) -> &'static str {
    match task {
        NewTask::Classify => include_str!("../../../../../workers/frameworks/new/classify.py"),
        NewTask::Detect => include_str!("../../../../../workers/frameworks/new/detect.py"),
        NewTask::Segment => include_str!("../../../../../workers/frameworks/new/segment.py"),
    }
}

pub(super) fn run(wanted: &NewRunner, runners: &Path, json: bool) -> Result<()> {
    let folder = std::path::absolute(&wanted.folder)?;
    let name = named(wanted, &folder)?;
    let known = known()?;
    if !known.contains(&wanted.environment) {
        bail!(pick(
            language(),
            format!("{} 러너를 알지 못합니다. 쓸 수 있는 것: {}", wanted.environment, known.join(", ")),
            format!("there is no runner {} to run in; there are {}", wanted.environment, known.join(", ")),
        ));
    }
    write(&folder, &name, wanted)?;
    if json {
        return print_json(&json!({ "runner": name, "folder": folder }));
    }
    next(wanted, &name, runners);
    Ok(())
}

/// As it is called, or as its folder is: not as one that comes with this release.
fn named(wanted: &NewRunner, folder: &Path) -> Result<String> {
    let of_folder = || folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = wanted.name.clone().or_else(of_folder).unwrap_or_default();
    if !is_runner(&name) {
        bail!(pick(
            language(),
            format!("{name:?}은(는) 러너 이름이 될 수 없습니다. a-z, 0-9, -로 32자까지 `--name`에 주세요"),
            format!("{name:?} is no name for a runner: give --name, of a-z, 0-9 and -, 32 at most"),
        ));
    }
    if OURS.contains(&name.as_str()) || known()?.contains(&name) {
        bail!(pick(
            language(),
            format!("{name}은(는) 이 배포판에 이미 있는 러너의 이름입니다. `--name`으로 다른 이름을 주세요"),
            format!("{name} is a runner of this release: give another --name"),
        ));
    }
    Ok(name)
}

fn write(folder: &Path, name: &str, wanted: &NewRunner) -> Result<()> {
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        let shown = folder.display();
        bail!(pick(
            language(),
            format!("{shown} 폴더에 이미 다른 것이 있습니다. 새 폴더를 주세요"),
            format!("{shown} holds something already: name a new folder"),
        ));
    }
    let filled = |text: &str| text.replace("{{name}}", name).replace("{{environment}}", &wanted.environment);
    let files = [
        (MANIFEST, filled(ABOUT)),
        ("README.md", filled(pick(language(), READ_ME_KOREAN, READ_ME))),
        ("trainer.py", trainer(wanted.task).to_owned()),
    ];
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    for (file, text) in files {
        let path = folder.join(file);
        fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

/// What to type now.
fn next(wanted: &NewRunner, name: &str, runners: &Path) {
    let (folder, environment) = (wanted.folder.display(), &wanted.environment);
    let install = match programs(runners, environment).is_dir() {
        true => String::new(),
        false => format!("\n  trainyard runners install {environment}"),
    };
    let steps = format!("{install}\n  trainyard runners check {folder}\n  trainyard runners add {folder}");
    out::lines(&pick(
        language(),
        format!(
            "{name} 트레이너를 {folder}에 만들었습니다. trainer.py를 고치기 전에도 그대로 학습합니다:{steps}"
        ),
        format!("{name} is in {folder}; it trains as it is, before you change trainer.py:{steps}"),
    ));
}
