//! The files that a demo asks about.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use trainyard_events::chat::Language;

use crate::language::pick;

/// What lies in a folder, by name.
pub(super) fn listed(folder: &Path, language: Language) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| unreadable(folder, language))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    let path = folder.display();
    ensure!(
        !paths.is_empty(),
        pick(
            language,
            format!("{path} 폴더가 비어 있습니다. `trainyard tools fetch`로 다시 받으세요"),
            format!("{path} is empty: fetch it again with `trainyard tools fetch`"),
        )
    );
    paths.sort();
    Ok(paths)
}

pub(super) fn unreadable(path: &Path, language: Language) -> String {
    let path = path.display();
    pick(language, format!("{path}: 읽을 수 없습니다"), format!("{path} cannot be read"))
}

pub(super) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
