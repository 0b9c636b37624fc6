//! What is fetched is written into a folder of its own.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};
use trainyard_events::chat::Language;

use crate::language::pick;

pub(crate) fn refuse_if_used(to: &Path, language: Language) -> Result<()> {
    let is_used = to.exists() && fs::read_dir(to).map_or(true, |mut inside| inside.next().is_some());
    if is_used {
        let to = to.display();
        bail!(pick(
            language,
            format!("{to}: 비어 있지 않습니다. 새 폴더를 지정하세요"),
            format!("{to} is not empty: name a new folder"),
        ));
    }
    Ok(())
}
