//! The artifacts of an attempt: which are in the store already, and what the next is called there.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use trainyard_events::results::Artifact;

/// Artifacts of one attempt; any more are left out.
pub(crate) const ARTIFACTS: usize = 64;
const ROLE_CHARS: usize = 64;
const EXTENSION_CHARS: usize = 16;
pub(crate) const WEIGHTS: &str = "weights";

/// The artifacts of an attempt.
#[derive(Default)]
pub(crate) struct Artifacts {
    found: Vec<Known>,
    /// How many names each role has used up.
    names: HashMap<String, u32>,
}

pub(crate) struct Known {
    /// As it was announced.
    pub(crate) path: PathBuf,
    /// When the file was last written to.
    pub(crate) changed: SystemTime,
    pub(crate) artifact: Artifact,
}

impl Artifacts {
    /// Whether the very same is in the store already.
    pub(crate) fn has(&self, role: &str, path: &Path, changed: SystemTime) -> bool {
        self.found
            .iter()
            .any(|known| known.artifact.role == role && known.path == path && known.changed == changed)
    }

    /// Takes in what was uploaded, if it was new, in place of what had its path before. Of weights the last ones count.
    pub(crate) fn keep(&mut self, uploaded: Option<Known>, role: &str, path: &Path) {
        let new = uploaded.is_some();
        self.found.retain(|known| {
            known.artifact.role != role || if known.path == path { !new } else { role != WEIGHTS }
        });
        self.found.extend(uploaded);
    }

    /// A name in the store: the role, numbered from the second of its kind on. `None` when there are too many.
    pub(crate) fn name(&mut self, role: &str, extension: String) -> Option<String> {
        let stem: String = role.chars().filter(|char| char.is_ascii_alphanumeric() || *char == '_').collect();
        let stem = stem.get(..ROLE_CHARS).unwrap_or(&stem);
        if stem.is_empty() || self.found.len() >= ARTIFACTS {
            return None;
        }
        let number = self.names.entry(stem.to_owned()).or_default();
        *number += 1;
        Some(if *number == 1 { format!("{stem}{extension}") } else { format!("{stem}-{number}{extension}") })
    }

    pub(crate) fn into_all(self) -> Vec<Artifact> {
        self.found.into_iter().map(|known| known.artifact).collect()
    }
}

/// With its dot, if it is one that can be used in a key.
pub(crate) fn extension(path: &Path) -> String {
    let sound =
        |text: &&str| text.len() <= EXTENSION_CHARS && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let extension = path.extension().and_then(|extension| extension.to_str()).filter(sound);
    extension.map_or_else(String::new, |extension| format!(".{extension}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Uploads as the agent would, and lists role, path and name of what is kept.
    fn kept(announced: &[(&str, &str, u64)]) -> Vec<String> {
        let mut artifacts = Artifacts::default();
        for (role, path, second) in announced {
            let (path, changed) =
                (Path::new(path), SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(*second));
            let known = (!artifacts.has(role, path, changed)).then(|| {
                let key = artifacts.name(role, extension(path)).unwrap();
                let artifact = Artifact { role: (*role).to_owned(), key, sha256: String::new(), bytes: 0 };
                Known { path: path.to_owned(), changed, artifact }
            });
            artifacts.keep(known, role, path);
        }
        let name = |known: &Known| format!("{} {}", known.path.display(), known.artifact.key);
        artifacts.found.iter().map(name).collect()
    }

    #[test]
    fn artifacts_have_names_of_their_own() {
        assert_eq!(kept(&[("report", "r.json", 1)]), ["r.json report.json"]);
        assert_eq!(
            kept(&[("plot", "a.png", 1), ("plot", "b.png", 1)]),
            ["a.png plot.png", "b.png plot-2.png"]
        );
        assert_eq!(kept(&[("a b", "x", 1), ("ab", "y", 1)]), ["x ab", "y ab-2"]);
        assert_eq!(kept(&[("report", "strange.name/..%2f", 1)]), ["strange.name/..%2f report"]);
    }

    #[test]
    fn what_is_announced_again_replaces_itself() {
        assert_eq!(kept(&[("plot", "a.png", 1), ("plot", "a.png", 1)]), ["a.png plot.png"]);
        let again = [("plot", "a", 1), ("plot", "b", 1), ("plot", "a", 2), ("plot", "c", 1)];
        assert_eq!(kept(&again), ["b plot-2", "a plot-3", "c plot-4"]);
    }

    #[test]
    fn the_last_weights_are_the_model() {
        assert_eq!(kept(&[("weights", "last", 1), ("weights", "best", 1)]), ["best weights-2"]);
        let back = [("weights", "best", 1), ("weights", "last", 1), ("weights", "best", 2)];
        assert_eq!(kept(&back), ["best weights-3"]);
    }
}
