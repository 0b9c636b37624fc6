//! What a trainer says to people while it runs: numbered lines on the telemetry stream, fit to be shown.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::limits;

/// Some of the newest lines of an attempt's console. Readers keep lines by number: a message may bring some again, and a
/// number that no message brings is a line that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConsoleLines {
    pub token: u64,
    /// The life of the agent that read them. Another one reads the console anew, so its lines replace these.
    pub run: Uuid,
    /// The number of the first of `lines`; the attempt's first one is 1.
    pub first: u64,
    pub lines: Vec<String>,
}

impl ConsoleLines {
    /// Each line with its number.
    pub fn numbered(self) -> impl Iterator<Item = (u64, String)> {
        let first = self.first;
        self.lines
            .into_iter()
            .enumerate()
            .map(move |(place, line)| (first.saturating_add(place as u64), line))
    }
}

/// A line without colours and other control characters, and not too long.
pub fn readable(line: &str) -> String {
    let mut kept = String::new();
    let mut chars = line.chars();
    while let Some(char) = chars.next() {
        match char {
            // An escape sequence ends with a letter.
            '\u{1b}' => drop(chars.by_ref().find(char::is_ascii_alphabetic)),
            '\t' => kept.push(' '),
            char if char.is_control() => {}
            char => kept.push(char),
        }
    }
    kept.chars().take(limits::CONSOLE_LINE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_overlong_lines_are_cut() {
        assert_eq!(readable("\u{1b}[31merror\u{1b}[0m:\tno\u{7} data"), "error: no data");
        assert_eq!(readable(&"장".repeat(500)).chars().count(), limits::CONSOLE_LINE_CHARS);
    }

    #[test]
    fn no_number_is_too_large() {
        let lines = vec!["a".to_owned(), "b".to_owned()];
        let numbered = ConsoleLines { token: 1, run: Uuid::nil(), first: u64::MAX, lines }.numbered();
        assert_eq!(numbered.map(|(number, _)| number).collect::<Vec<_>>(), [u64::MAX; 2]);
    }
}
