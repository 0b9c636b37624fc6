//! The first file of a bundle: every other one in it by path, length and hash, and the stamp of each tool.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use anyhow::{Result, bail, ensure};
use serde::{Deserialize, Serialize};

use super::{Tool, wanted};
use crate::language::{language, pick};

/// Its name in the bundle.
pub(super) const LIST: &str = "trainyard-tools.json";
/// The form of bundle that this release writes and reads.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
pub(super) struct List {
    format: u32,
    /// Tool to stamp.
    pub tools: BTreeMap<String, String>,
    /// In the order in which they follow.
    pub files: Vec<Listed>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Listed {
    /// Below the tools' folder.
    pub path: PathBuf,
    pub bytes: u64,
    pub sha256: String,
    pub is_executable: bool,
}

impl List {
    pub(super) fn new(tools: &[Tool], files: Vec<Listed>) -> List {
        let tools = tools.iter().map(|tool| (tool.name.clone(), tool.stamp.clone())).collect();
        List { format: FORMAT, tools, files }
    }

    /// The tools that the bundle brings.
    ///
    /// # Errors
    /// It is of another form, brings tools of another release, or a file that belongs to none of them.
    pub(super) fn checked(&self) -> Result<Vec<Tool>> {
        let language = language();
        ensure!(
            self.format == FORMAT,
            pick(
                language,
                format!(
                    "묶음의 형식이 {}인데 이 버전은 {FORMAT}만 읽습니다. 같은 버전의 Trainyard로 다시 만드세요",
                    self.format
                ),
                format!(
                    "the bundle has form {}, and this release reads {FORMAT}: make it with this release",
                    self.format
                ),
            )
        );
        let tools: Vec<Tool> =
            wanted().into_iter().filter(|tool| self.tools.contains_key(&tool.name)).collect();
        let is_ours = |tool: &Tool| self.tools.get(&tool.name) == Some(&tool.stamp);
        if tools.is_empty() || tools.len() < self.tools.len() || !tools.iter().all(is_ours) {
            bail!(pick(
                language,
                "묶음의 도구가 이 버전의 것이 아닙니다. 같은 버전의 Trainyard에서 `trainyard tools bundle FILE`로 다시 만드세요",
                "the tools in the bundle are not those of this release: make it with this release by `trainyard tools bundle FILE`",
            ));
        }
        let mut seen = BTreeSet::new();
        for Listed { path, .. } in &self.files {
            let is_inside = tools.iter().any(|tool| path.starts_with(&tool.place)) && is_plain(path);
            ensure!(is_inside && seen.insert(path), not_a_tools(path));
        }
        Ok(tools)
    }
}

/// Only names: nothing that leads up or elsewhere.
fn is_plain(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}

fn not_a_tools(path: &Path) -> String {
    let path = path.display();
    pick(
        language(),
        format!("묶음의 {path}: 도구의 파일이 아니거나 두 번 있습니다. 이 묶음을 쓰지 마세요"),
        format!("{path} in the bundle is no tool's, or is there twice: do not use this bundle"),
    )
}
