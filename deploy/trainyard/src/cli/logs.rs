//! `trainyard logs`: what a job's trainer prints, each line once.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use crate::cli::client::Client;
use crate::cli::live::Live;
use crate::cli::{print_json, text};
use crate::out::line;

/// Lines may come so much later than the end of their job.
const LAST_LINES: Duration = Duration::from_secs(3);

pub(crate) async fn run(client: &Client, job: &str, follow: bool, json: bool) -> Result<()> {
    let found = client.get(&format!("/v1/jobs/{job}")).await?;
    let id = text(&found["job"], "id").to_owned();
    // Before the lines are read: what is printed meanwhile comes here.
    let mut live = match follow {
        true => Some(Live::subscribe(client, &format!("job:{id}")).await?),
        false => None,
    };
    let mut shown = Shown { json, ..Shown::default() };
    shown.all(&client.get(&format!("/v1/jobs/{id}/console")).await?)?;
    let mut end = None;
    while let Some(socket) = &mut live {
        let frame = match end {
            None => socket.next().await?,
            Some(end) => match timeout_at(end, socket.next()).await {
                Ok(frame) => frame?,
                Err(_) => break,
            },
        };
        match text(&frame, "type") {
            "console" => shown.some(&frame["console"])?,
            "initial" if has_ended(text(&frame["rows"]["job"], "status")) => break,
            "event" if has_ended(text(&frame["event"], "kind").trim_start_matches("job.")) => {
                end = Some(Instant::now() + LAST_LINES);
            }
            "refetch" => {
                live = Some(Live::subscribe(client, &format!("job:{id}")).await?);
                shown.all(&client.get(&format!("/v1/jobs/{id}/console")).await?)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn has_ended(status: &str) -> bool {
    matches!(status, "finished" | "failed" | "cancelled")
}

/// Which attempt's console is shown, as one life of its agent numbers it, and how far.
#[derive(Default)]
struct Shown {
    json: bool,
    token: u64,
    run: String,
    newest: u64,
}

impl Shown {
    /// An answer of the gateway. A console that is kept as a file has other numbers: it is shown if nothing else was.
    fn all(&mut self, console: &Value) -> Result<()> {
        if console["from"] == "artifact" && self.newest > 0 {
            return Ok(());
        }
        let lines = console["lines"].as_array().into_iter().flatten();
        self.begin(console);
        for one in lines {
            self.line(one["number"].as_u64().unwrap_or(0), text(one, "text"))?;
        }
        Ok(())
    }

    /// A frame of the socket.
    fn some(&mut self, console: &Value) -> Result<()> {
        if console["token"].as_u64() < Some(self.token) {
            return Ok(());
        }
        self.begin(console);
        let first = console["first"].as_u64().unwrap_or(1);
        for (number, said) in (first..).zip(console["lines"].as_array().into_iter().flatten()) {
            self.line(number, said.as_str().unwrap_or_default())?;
        }
        Ok(())
    }

    fn begin(&mut self, console: &Value) {
        let (token, run) = (console["token"].as_u64().unwrap_or(0), text(console, "run"));
        if (token, run) != (self.token, &self.run) {
            // Another life of the same agent reads the same lines again; numbers differ at most by its own remarks.
            let newest = if token == self.token { self.newest } else { 0 };
            *self = Shown { json: self.json, token, run: run.to_owned(), newest };
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
            line(format_args!("... {left_out} lines left out"));
        }
        line(said);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_shown_once() {
        let mut shown = Shown { json: true, ..Shown::default() };
        let told =
            json!({ "from": "telemetry", "token": 7, "run": "a", "lines": [{ "number": 3, "text": "c" }] });
        shown.all(&told).expect("it prints");
        assert_eq!((shown.token, shown.newest), (7, 3));
        let frame =
            |token, run, first| json!({ "token": token, "run": run, "first": first, "lines": ["x", "y"] });
        shown.some(&frame(7, "a", 3)).expect("it prints");
        assert_eq!(shown.newest, 4, "one of them is new");
        shown.some(&frame(7, "b", 1)).expect("it prints");
        assert_eq!(shown.newest, 4, "read again by the agent, not told again");
        shown.some(&frame(3, "z", 90)).expect("it prints");
        assert_eq!((shown.token, shown.newest), (7, 4), "an older attempt is over");
        shown.some(&frame(9, "b", 1)).expect("it prints");
        assert_eq!((shown.token, shown.newest), (9, 2));
        let file = json!({ "from": "artifact", "token": 9, "lines": [{ "number": 50, "text": "c" }] });
        shown.all(&file).expect("it prints");
        assert_eq!(shown.newest, 2);
    }
}
