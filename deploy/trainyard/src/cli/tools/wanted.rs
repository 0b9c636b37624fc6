//! The tools that this release works with, as `deploy/tools` pins them, and whether they are the ones in a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

const TABLE: &str = include_str!("../../../../tools/tools.json");
const PINS: &str = include_str!("../../../../tools/requirements.txt");
/// In the tools' folder: a file for each tool that is whole, with its stamp.
pub(super) const STAMPS: &str = "stamps";

#[derive(Deserialize)]
struct Table {
    recipe: u32,
    tools: BTreeMap<String, Row>,
}

#[derive(Deserialize)]
struct Row {
    place: PathBuf,
    wheels: Vec<String>,
    #[serde(default)]
    optional: bool,
}

pub(crate) struct Tool {
    pub name: String,
    /// A file or folder, below that of the tools.
    pub place: PathBuf,
    /// Fetched only when it is asked for by name.
    pub is_optional: bool,
    /// Names the very files that it is made of, and how; deploy/tools/fetch reckons it likewise.
    pub stamp: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Whole,
    /// Of another release, or not unpacked to the end.
    Other,
    Missing,
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            State::Whole => "whole",
            State::Other => "other",
            State::Missing => "missing",
        }
    }
}

impl Tool {
    pub(crate) fn state(&self, folder: &Path) -> State {
        let stamp = fs::read_to_string(folder.join(STAMPS).join(&self.name));
        match (folder.join(&self.place).exists(), stamp) {
            (false, _) => State::Missing,
            (true, Ok(stamp)) if stamp == self.stamp => State::Whole,
            (true, _) => State::Other,
        }
    }
}

/// All of them, by name.
pub(crate) fn wanted() -> Vec<Tool> {
    let table: Table = serde_json::from_str(TABLE).expect("a test reads it");
    let of = |(name, row): (String, Row)| {
        let pins = row.wheels.iter().map(|wheel| pin(wheel).expect("a test finds each"));
        let said: Vec<String> =
            [table.recipe.to_string()].into_iter().chain(pins.map(str::to_owned)).collect();
        let stamp = hex::encode(Sha256::digest(said.join("\n")));
        Tool { name, place: row.place, is_optional: row.optional, stamp }
    };
    table.tools.into_iter().map(of).collect()
}

/// The line of a wheel.
fn pin(wheel: &str) -> Option<&'static str> {
    PINS.lines()
        .map(str::trim)
        .find(|line| line.strip_prefix(wheel).is_some_and(|rest| rest.starts_with("==")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_has_pins_and_a_place_of_its_own() {
        let tools = wanted();
        assert!(tools.len() >= 9, "{}", tools.len());
        for (at, tool) in tools.iter().enumerate() {
            assert!(
                tools[at + 1..].iter().all(|other| !other.place.starts_with(&tool.place)),
                "{}",
                tool.name
            );
        }
    }

    #[test]
    fn a_tool_is_whole_with_its_stamp_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let tool = wanted().into_iter().find(|tool| tool.name == "nats-server").expect("it is pinned");
        let stamp =
            |text: &str| fs::write(folder.path().join(STAMPS).join(&tool.name), text).expect("a stamp");
        assert_eq!(tool.state(folder.path()), State::Missing);
        fs::create_dir_all(folder.path().join("bin")).expect("a folder");
        fs::create_dir_all(folder.path().join(STAMPS)).expect("a folder");
        fs::write(folder.path().join(&tool.place), "a program").expect("a file");
        assert_eq!(tool.state(folder.path()), State::Other);
        stamp("of yesterday");
        assert_eq!(tool.state(folder.path()), State::Other);
        stamp(&tool.stamp);
        assert_eq!(tool.state(folder.path()), State::Whole);
    }
}
