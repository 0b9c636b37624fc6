//! What a trainer says to people: its standard error, the newest of it in memory and all of it in a file.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncWriteExt, BufWriter};
use trainyard_events::limits;

use crate::lines::Lines;

/// The file grows no further; what comes after is only in memory.
const FILE_BYTES: usize = 64 * 1024 * 1024;
/// The widest a character can be.
const CHAR_BYTES: usize = 4;
/// Of the console lines in a failure, as JSON: a failure is read often, in lists too.
const FAILURE_BYTES: usize = 32 * 1024;

/// The last [`limits::CONSOLE_LINES`] lines. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Console {
    lines: Arc<Mutex<VecDeque<String>>>,
}

impl Console {
    fn lines(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.lines.lock().expect("nothing panics while it holds the lines")
    }

    pub(crate) fn push(&self, line: &str) {
        let mut lines = self.lines();
        if lines.len() == limits::CONSOLE_LINES {
            lines.pop_front();
        }
        lines.push_back(readable(line));
    }

    /// The lines that go into a failure, newest last: as many as fit into an event.
    pub(crate) fn tail(&self) -> Vec<String> {
        let lines = self.lines();
        let mut room = FAILURE_BYTES;
        let newest_first = lines.iter().rev().take(limits::FAILURE_CONSOLE_LINES).take_while(|line| {
            let bytes = serde_json::to_string(line).map_or(0, |json| json.len() + 1);
            let fits = bytes <= room;
            room = room.saturating_sub(bytes);
            fits
        });
        let mut tail: Vec<String> = newest_first.cloned().collect();
        tail.reverse();
        tail
    }

    /// Keeps everything that comes, until no more does. Without room on the disk it goes on in memory alone.
    pub(crate) async fn keep(&self, from: impl AsyncRead + Unpin, path: &Path) -> std::io::Result<()> {
        let mut file = BufWriter::new(File::create(path).await?);
        let mut lines = Lines::new(from, limits::CONSOLE_LINE_CHARS * CHAR_BYTES, true);
        let mut room = FILE_BYTES;
        while let Some(line) = lines.next().await? {
            self.push(&line);
            if room <= line.len() {
                continue;
            }
            room -= line.len() + 1;
            if let Err(error) = file.write_all(format!("{line}\n").as_bytes()).await {
                tracing::warn!(%error, "the console is no longer written to {}", path.display());
                room = 0;
            }
        }
        file.flush().await
    }
}

/// Without colours and other control characters, and not too long.
fn readable(line: &str) -> String {
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
    fn the_newest_lines_are_kept_and_fit_an_event() {
        let console = Console::default();
        for number in 0..limits::CONSOLE_LINES + 5 {
            console.push(&format!("line {number}"));
        }
        assert_eq!(console.lines().len(), limits::CONSOLE_LINES);
        let tail = console.tail();
        assert_eq!(tail.len(), limits::FAILURE_CONSOLE_LINES);
        assert_eq!(tail.last().unwrap(), &format!("line {}", limits::CONSOLE_LINES + 4));

        for _ in 0..limits::FAILURE_CONSOLE_LINES {
            console.push(&"장\"".repeat(limits::CONSOLE_LINE_CHARS));
        }
        let bytes = serde_json::to_string(&console.tail()).unwrap().len();
        assert!((FAILURE_BYTES / 2..=FAILURE_BYTES + 2).contains(&bytes), "{bytes}");
    }
}
