//! The console of a job as it is shown: the newest lines of its newest attempt, each once and in order. Pure.

use std::collections::BTreeMap;

use trainyard_api::console::{ConsoleFrom, ConsoleLine, ConsoleTold};
use trainyard_events::results::Artifact;
use trainyard_events::{ConsoleLines, limits, readable};
use uuid::Uuid;

#[derive(Debug, Default)]
pub(crate) struct Console {
    /// Of the newest attempt that has said anything; 0 before.
    pub(crate) token: u64,
    run: Option<Uuid>,
    lines: BTreeMap<u64, String>,
}

impl Console {
    /// Lines of an older attempt are dropped; those of another life of the agent are all of it anew.
    pub(crate) fn push(&mut self, lines: ConsoleLines) {
        if lines.token < self.token {
            return;
        }
        if (lines.token, Some(lines.run)) != (self.token, self.run) {
            *self = Console { token: lines.token, run: Some(lines.run), lines: BTreeMap::new() };
        }
        self.lines.extend(lines.numbered());
        while self.lines.len() > limits::CONSOLE_LINES {
            self.lines.pop_first();
        }
    }

    /// The last lines of a console that was kept as a file. Their numbers only say their order.
    pub(crate) fn of_file(token: u64, end: &[u8]) -> Console {
        let text = String::from_utf8_lossy(end);
        let lines: Vec<&str> = text.lines().collect();
        let newest = &lines[lines.len().saturating_sub(limits::CONSOLE_LINES)..];
        Console { token, run: None, lines: (1..).zip(newest.iter().map(|line| readable(line))).collect() }
    }

    /// The newest `limit` lines.
    pub(crate) fn told(self, from: ConsoleFrom, limit: usize) -> ConsoleTold {
        let skipped = self.lines.len().saturating_sub(limit);
        let lines = self.lines.into_iter().skip(skipped).map(|(number, text)| ConsoleLine { number, text });
        let token = (self.token > 0).then_some(self.token);
        ConsoleTold { from, token, run: self.run, lines: lines.collect() }
    }
}

/// The console of the newest attempt that has left one, and the attempt's token.
pub(crate) fn newest(artifacts: &[Artifact]) -> Option<(u64, &Artifact)> {
    let consoles = artifacts.iter().filter(|artifact| artifact.role == "console");
    consoles.filter_map(|console| Some((token_of(console)?, console))).max_by_key(|(token, _)| *token)
}

/// `jobs/<job>/<token>/...`
fn token_of(artifact: &Artifact) -> Option<u64> {
    artifact.key.split('/').nth(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(token: u64, run: u128, first: u64, lines: &[&str]) -> ConsoleLines {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        ConsoleLines { token, run: Uuid::from_u128(run), first, lines }
    }

    fn shown(messages: Vec<ConsoleLines>) -> String {
        let mut console = Console::default();
        messages.into_iter().for_each(|lines| console.push(lines));
        let lines = console.lines.iter().map(|(number, text)| format!("{number} {text}"));
        lines.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn every_line_is_kept_once_by_its_number() {
        let twice = vec![said(3, 1, 1, &["a", "b"]), said(3, 1, 2, &["b", "c"]), said(3, 1, 9, &["z"])];
        assert_eq!(shown(twice), "1 a, 2 b, 3 c, 9 z");
        let late = vec![said(3, 1, 5, &["e"]), said(3, 1, 1, &["a", "b", "c", "d", "e"])];
        assert_eq!(shown(late), "1 a, 2 b, 3 c, 4 d, 5 e", "what was left out comes later");
    }

    #[test]
    fn a_newer_attempt_and_a_newer_life_of_the_agent_begin_anew() {
        let adopted = vec![said(3, 1, 1, &["a", "complaint"]), said(3, 2, 1, &["a", "b"])];
        assert_eq!(shown(adopted), "1 a, 2 b");
        let next = vec![said(3, 1, 1, &["a"]), said(8, 2, 1, &["x"]), said(3, 1, 2, &["a zombie"])];
        assert_eq!(shown(next), "1 x");
    }

    #[test]
    fn only_the_newest_lines_are_kept() {
        let most = limits::CONSOLE_LINES as u64;
        let mut console = Console::default();
        (1..=most + 7).for_each(|number| console.push(said(1, 1, number, &["line"])));
        let told = console.told(ConsoleFrom::Telemetry, 3);
        assert_eq!((told.lines.len(), told.lines[2].number), (3, most + 7), "{told:?}");
        assert_eq!(Console::default().told(ConsoleFrom::Telemetry, 9).token, None);
    }

    #[test]
    fn a_file_is_shown_from_its_end_and_without_colours() {
        let text = "one\n\u{1b}[31mtwo\u{1b}[0m\nthree\n";
        let told = Console::of_file(7, text.as_bytes()).told(ConsoleFrom::Artifact, 2);
        let lines: Vec<_> = told.lines.iter().map(|line| (line.number, line.text.as_str())).collect();
        assert_eq!(lines, [(2, "two"), (3, "three")]);
        assert_eq!(Console::of_file(7, b"\xff\n").lines[&1], "\u{fffd}");
    }

    #[test]
    fn the_newest_attempts_console_is_found_by_its_token() {
        let console = |token: u64| Artifact {
            role: "console".to_owned(),
            key: format!("jobs/x/{token}/console.log"),
            sha256: "s".to_owned(),
            bytes: 1,
        };
        let artifacts = [console(12), console(100), Artifact { role: "weights".to_owned(), ..console(200) }];
        assert_eq!(newest(&artifacts).map(|(token, _)| token), Some(100));
        assert_eq!(newest(&[]), None);
    }
}
