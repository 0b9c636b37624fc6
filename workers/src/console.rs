//! What a trainer says to people: its standard error, the newest of it in memory and all of it in a file.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncWriteExt, BufWriter};
use tokio::sync::watch;
use trainyard_events::{limits, readable};

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
    kept: Arc<Mutex<Kept>>,
    /// The number of the newest line, from 1.
    newest: Arc<watch::Sender<u64>>,
}

/// As they came: what is not fit to be shown is cut when they are.
#[derive(Default)]
struct Kept {
    lines: VecDeque<String>,
    newest: u64,
}

/// Who passes the lines on while they come. It has heard all when every [`Console`] is gone.
pub(crate) struct Listener {
    kept: Arc<Mutex<Kept>>,
    newest: watch::Receiver<u64>,
}

impl Console {
    pub(crate) fn push(&self, line: &str) {
        let mut kept = lock(&self.kept);
        if kept.lines.len() == limits::CONSOLE_LINES {
            kept.lines.pop_front();
        }
        kept.lines.push_back(line.to_owned());
        kept.newest += 1;
        self.newest.send_replace(kept.newest);
    }

    /// The lines that go into a failure, newest last: as many as fit into an event.
    pub(crate) fn tail(&self) -> Vec<String> {
        lock(&self.kept).after(0, limits::FAILURE_CONSOLE_LINES, FAILURE_BYTES).1
    }

    /// All lines that are kept, as a file.
    pub(crate) fn text(&self) -> String {
        lock(&self.kept).lines.iter().map(|line| readable(line) + "\n").collect()
    }

    /// The number of the newest line.
    pub(crate) fn newest(&self) -> u64 {
        *self.newest.borrow()
    }

    pub(crate) fn listen(&self) -> Listener {
        Listener { kept: self.kept.clone(), newest: self.newest.subscribe() }
    }

    /// Keeps everything that comes, until no more does. Without room on the disk it goes on in memory alone.
    pub(crate) async fn keep(&self, from: impl AsyncRead + Unpin, path: &Path) -> std::io::Result<()> {
        let mut file = BufWriter::new(File::create(path).await?);
        let mut lines = Lines::new(from, limits::CONSOLE_LINE_CHARS * CHAR_BYTES, true);
        let mut room = FILE_BYTES;
        while let Some(mut line) = lines.next().await? {
            self.push(&line);
            if room <= line.len() {
                continue;
            }
            room -= line.len() + 1;
            line.push('\n');
            if let Err(error) = file.write_all(line.as_bytes()).await {
                tracing::warn!(%error, "the console is no longer written to {}", path.display());
                room = 0;
            }
        }
        file.flush().await
    }
}

impl Listener {
    /// Waits for a line after `number`; false when none will come any more.
    pub(crate) async fn has_more(&mut self, number: u64) -> bool {
        self.newest.wait_for(|newest| *newest > number).await.is_ok()
    }

    /// The newest lines after `number`, at most `most` of them and `bytes` as JSON, and the number of the first.
    pub(crate) fn after(&self, number: u64, most: usize, bytes: usize) -> (u64, Vec<String>) {
        lock(&self.kept).after(number, most, bytes)
    }
}

impl Kept {
    fn after(&self, number: u64, most: usize, bytes: usize) -> (u64, Vec<String>) {
        let new = usize::try_from(self.newest - number.min(self.newest)).unwrap_or(usize::MAX);
        let mut room = bytes;
        let fits = |line: &String| {
            let bytes = serde_json::to_string(line).map_or(0, |json| json.len() + 1);
            let fits = bytes <= room;
            room = room.saturating_sub(bytes);
            fits
        };
        let newest_first = self.lines.iter().rev().take(new.min(most)).map(|line| readable(line));
        let mut lines: Vec<String> = newest_first.take_while(fits).collect();
        lines.reverse();
        (self.newest + 1 - lines.len() as u64, lines)
    }
}

fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    kept.lock().expect("nothing panics while it holds the lines")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_lines_are_kept_and_fit_an_event() {
        let console = Console::default();
        for number in 0..limits::CONSOLE_LINES + 5 {
            console.push(&format!("line {number}"));
        }
        assert_eq!(console.text().lines().count(), limits::CONSOLE_LINES);
        let tail = console.tail();
        assert_eq!(tail.len(), limits::FAILURE_CONSOLE_LINES);
        assert_eq!(tail.last().unwrap(), &format!("line {}", limits::CONSOLE_LINES + 4));

        for _ in 0..limits::FAILURE_CONSOLE_LINES {
            console.push(&"장\"".repeat(limits::CONSOLE_LINE_CHARS));
        }
        let bytes = serde_json::to_string(&console.tail()).unwrap().len();
        assert!((FAILURE_BYTES / 2..=FAILURE_BYTES + 2).contains(&bytes), "{bytes}");
    }

    #[tokio::test]
    async fn a_listener_is_given_the_newest_lines_by_number_until_all_is_said() {
        let console = Console::default();
        let mut listener = console.listen();
        (1..=3).for_each(|number| console.push(&format!("\u{1b}[1mline {number}\u{1b}[0m")));
        assert!(listener.has_more(0).await);
        let words = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        assert_eq!(listener.after(0, 9, 999), (1, words(&["line 1", "line 2", "line 3"])));
        assert_eq!(listener.after(1, 9, 999), (2, words(&["line 2", "line 3"])));
        assert_eq!(listener.after(0, 2, 999), (2, words(&["line 2", "line 3"])), "the oldest is left out");
        assert_eq!(listener.after(0, 9, 10), (3, words(&["line 3"])));
        assert_eq!(listener.after(3, 9, 999), (4, words(&[])));
        assert_eq!(listener.after(99, 9, 999).1, words(&[]));
        console.push("the last");
        drop(console);
        assert!(listener.has_more(3).await);
        assert_eq!(listener.after(3, 9, 999), (4, words(&["the last"])));
        assert!(!listener.has_more(4).await);
    }
}
