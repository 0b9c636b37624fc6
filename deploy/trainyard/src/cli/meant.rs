//! Asks who sits there whether something is meant that cannot be had back.

use std::io::{IsTerminal, stdin};

use anyhow::{Result, bail};
use trainyard_events::chat::Language;

use crate::language::pick;
use crate::out;

/// Of nobody it takes no answer.
pub(super) fn is_meant(question: &str, language: Language) -> Result<bool> {
    if !stdin().is_terminal() {
        bail!(pick(language, "지우려면 --yes를 붙이세요", "say --yes to delete it"));
    }
    out::note(format_args!("{question} [y/N]"));
    let mut answer = String::new();
    stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "예" | "네"))
}
