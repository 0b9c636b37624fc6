//! `trainyard logs`: what a job's trainer prints, each line once.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use tokio::time::{Instant, timeout_at};
use trainyard_api::console::{ConsoleFrom, ConsoleTold};
use trainyard_api::jobs::JobAnswer;
use trainyard_api::live::{ServerFrame, TopicRows};
use trainyard_events::chat::Language;
use trainyard_events::{ConsoleLines, JobEvent};
use uuid::Uuid;

use crate::cli::client::Client;
use crate::cli::live::Live;
use crate::cli::print_json;
use crate::language::pick;
use crate::out::line;

/// Lines may come so much later than the end of their job.
const LAST_LINES: Duration = Duration::from_secs(3);

pub(crate) async fn run(client: &Client, job: &str, follow: bool, json: bool) -> Result<()> {
    let id = client.get::<JobAnswer>(&format!("/v1/jobs/{job}")).await?.job.id;
    // Before the lines are read: what is printed meanwhile comes here.
    let mut live = match follow {
        true => Some(Live::subscribe(client, &format!("job:{id}")).await?),
        false => None,
    };
    let mut shown = Shown::new(json, client.language);
    shown.all(&*client.get::<ConsoleTold>(&format!("/v1/jobs/{id}/console")).await?)?;
    let mut end = None;
    while let Some(socket) = &mut live {
        let frame = match end {
            None => socket.next().await?,
            Some(end) => match timeout_at(end, socket.next()).await {
                Ok(frame) => frame?,
                Err(_) => break,
            },
        };
        match frame {
            ServerFrame::Console { console, .. } => shown.some(console)?,
            ServerFrame::Initial { rows: TopicRows::Job(rows), .. }
                if rows.job.as_ref().is_some_and(|job| job.status.is_terminal()) =>
            {
                break;
            }
            ServerFrame::Event { event, .. } if event.read().is_some_and(|event| ends(&event)) => {
                end = Some(Instant::now() + LAST_LINES);
            }
            ServerFrame::Refetch { .. } => {
                live = Some(Live::subscribe(client, &format!("job:{id}")).await?);
                shown.all(&*client.get::<ConsoleTold>(&format!("/v1/jobs/{id}/console")).await?)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn ends(event: &JobEvent) -> bool {
    matches!(event, JobEvent::Finished { .. } | JobEvent::Failed { .. } | JobEvent::Cancelled { .. })
}

/// Which attempt's console is shown, as one life of its agent numbers it, and how far.
struct Shown {
    json: bool,
    language: Language,
    token: u64,
    run: Option<Uuid>,
    newest: u64,
}

impl Shown {
    fn new(json: bool, language: Language) -> Shown {
        Shown { json, language, token: 0, run: None, newest: 0 }
    }

    /// An answer of the gateway. A console that is kept as a file has other numbers: it is shown if nothing else was.
    fn all(&mut self, console: &ConsoleTold) -> Result<()> {
        if console.from == ConsoleFrom::Artifact && self.newest > 0 {
            return Ok(());
        }
        self.begin(console.token.unwrap_or(0), console.run);
        for one in &console.lines {
            self.line(one.number, &one.text)?;
        }
        Ok(())
    }

    /// A frame of the socket.
    fn some(&mut self, console: ConsoleLines) -> Result<()> {
        if console.token < self.token {
            return Ok(());
        }
        self.begin(console.token, Some(console.run));
        for (number, said) in console.numbered() {
            self.line(number, &said)?;
        }
        Ok(())
    }

    fn begin(&mut self, token: u64, run: Option<Uuid>) {
        if (token, run) != (self.token, self.run) {
            // Another life of the same agent reads the same lines again; numbers differ at most by its own remarks.
            let newest = if token == self.token { self.newest } else { 0 };
            (self.token, self.run, self.newest) = (token, run, newest);
        }
    }

    fn line(&mut self, number: u64, said: &str) -> Result<()> {
        if number <= self.newest {
            return Ok(());
        }
        let left_out = number - self.newest - 1;
        self.newest = number;
        if self.json {
            return print_json(&json!({ "token": self.token, "number": number, "text": said }));
        }
        if left_out > 0 {
            line(pick(
                self.language,
                format!("... {left_out}줄 생략"),
                format!("... {left_out} lines left out"),
            ));
        }
        line(said);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use trainyard_api::console::ConsoleLine;

    use super::*;

    #[test]
    fn every_line_is_shown_once() {
        let mut shown = Shown::new(true, Language::English);
        let told = |from, token, run: Option<u128>, number| ConsoleTold {
            from,
            token: Some(token),
            run: run.map(Uuid::from_u128),
            lines: vec![ConsoleLine { number, text: "c".to_owned() }],
        };
        let (a, b, z) = (10, 11, 35);
        shown.all(&told(ConsoleFrom::Telemetry, 7, Some(a), 3)).expect("it prints");
        assert_eq!((shown.token, shown.newest), (7, 3));
        let frame = |token, run, first| {
            let lines = vec!["x".to_owned(), "y".to_owned()];
            ConsoleLines { token, run: Uuid::from_u128(run), first, lines }
        };
        shown.some(frame(7, a, 3)).expect("it prints");
        assert_eq!(shown.newest, 4, "one of them is new");
        shown.some(frame(7, b, 1)).expect("it prints");
        assert_eq!(shown.newest, 4, "read again by the agent, not told again");
        shown.some(frame(3, z, 90)).expect("it prints");
        assert_eq!((shown.token, shown.newest), (7, 4), "an older attempt is over");
        shown.some(frame(9, b, 1)).expect("it prints");
        assert_eq!((shown.token, shown.newest), (9, 2));
        shown.all(&told(ConsoleFrom::Artifact, 9, None, 50)).expect("it prints");
        assert_eq!(shown.newest, 2);
    }
}
