//! A websocket client that follows everything through every restart, and keeps what it was told to check it later.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

const RECONNECT_PAUSE: Duration = Duration::from_millis(200);
/// A gateway says something at least this often; silence means that it is gone.
const SILENCE: Duration = Duration::from_secs(20);

/// What the client knows. Every `initial` begins a stretch: from there on each event must come once, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard {
    pub(super) stretches: Vec<Stretch>,
    pub(super) connections: u32,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Stretch {
    /// Sequence of the rows it began with.
    pub(super) from: u64,
    /// Events after that, as they came.
    pub(super) events: Vec<u64>,
    /// Everything up to here has been told.
    pub(super) until: u64,
}

pub(super) struct Watcher {
    heard: Arc<Mutex<Heard>>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Watcher {
    /// Follows at these addresses in turn, so that it comes back to another gateway than it has left.
    pub(super) fn start(urls: Vec<String>, token: String) -> Watcher {
        let (heard, stop) = (Arc::new(Mutex::new(Heard::default())), CancellationToken::new());
        let (of_task, stopped) = (heard.clone(), stop.clone());
        let task = tokio::spawn(async move {
            let mut resume = None;
            let watching = async {
                for url in urls.iter().cycle() {
                    // However a connection ended: the next one goes on.
                    let _ended = connect(url, &token, &mut resume, &of_task).await;
                    sleep(RECONNECT_PAUSE).await;
                }
            };
            Box::pin(stopped.run_until_cancelled(watching)).await;
        });
        Watcher { heard, stop, task }
    }

    /// Everything up to which sequence it has been told.
    pub(super) fn until(&self) -> u64 {
        let heard = self.heard.lock().expect("nobody panics with it");
        heard.stretches.last().map_or(0, |stretch| stretch.until)
    }

    pub(super) async fn stop(self) -> Result<Heard> {
        self.stop.cancel();
        self.task.await?;
        Ok(self.heard.lock().expect("nobody panics with it").clone())
    }
}

/// Follows one connection until it breaks.
async fn connect(
    url: &str,
    token: &str,
    resume: &mut Option<String>,
    heard: &Arc<Mutex<Heard>>,
) -> Result<()> {
    let (mut socket, _) = connect_async(url).await?;
    heard.lock().expect("nobody panics with it").connections += 1;
    socket.send(text(&json!({ "type": "auth", "token": token }))).await?;
    let mut subscribe = json!({ "type": "subscribe", "topic": "activity" });
    if let Some(resume) = &*resume {
        subscribe["resume"] = resume.as_str().into();
    }
    socket.send(text(&subscribe)).await?;
    loop {
        let message = timeout(SILENCE, socket.next()).await?.context("the socket was closed")??;
        let Message::Text(frame) = message else { continue };
        let frame: Value = serde_json::from_str(&frame)?;
        let mut heard = heard.lock().expect("nobody panics with it");
        match frame["type"].as_str().unwrap_or_default() {
            "initial" => {
                let from = frame["sequence"].as_u64().context("a sequence")?;
                heard.stretches.push(Stretch { from, events: Vec::new(), until: from });
            }
            "event" => {
                let sequence = frame["event"]["sequence"].as_u64().context("a sequence")?;
                let stretch = heard.stretches.last_mut().context("an event before `initial`")?;
                stretch.events.push(sequence);
                stretch.until = stretch.until.max(sequence);
            }
            "watermark" => {
                if let (Some(until), Some(stretch)) = (frame["sequence"].as_u64(), heard.stretches.last_mut())
                {
                    stretch.until = stretch.until.max(until);
                }
            }
            "refetch" => {
                *resume = None;
                bail!("told to begin again");
            }
            "error" => bail!("{frame}"),
            _ => {}
        }
        let newest = frame["resume"].as_str().or_else(|| frame["resume"]["activity"].as_str());
        if let Some(newest) = newest {
            *resume = Some(newest.to_owned());
        }
    }
}

fn text(frame: &Value) -> Message {
    Message::text(frame.to_string())
}

impl Heard {
    /// Against all sequences that there are: within every stretch each event once, in order, none left out.
    pub(super) fn check(&self, all: &[u64]) -> Result<()> {
        for stretch in &self.stretches {
            let within =
                all.iter().copied().filter(|sequence| *sequence > stretch.from && *sequence <= stretch.until);
            let expected: Vec<u64> = within.collect();
            ensure!(
                stretch.events == expected,
                "a socket was told {:?} and not {expected:?} after {}",
                stretch.events,
                stretch.from
            );
        }
        ensure!(!self.stretches.is_empty(), "the socket was never told anything");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Heard, Stretch};

    const ALL: [u64; 6] = [1, 2, 3, 4, 6, 7];

    fn told(stretches: &[(u64, &[u64], u64)]) -> Result<(), String> {
        let stretches = stretches.iter().map(|(from, events, until)| Stretch {
            from: *from,
            events: events.to_vec(),
            until: *until,
        });
        let heard = Heard { stretches: stretches.collect(), connections: 1 };
        heard.check(&ALL).map_err(|error| error.to_string())
    }

    #[test]
    fn each_event_of_a_stretch_is_told_once_and_in_order() {
        assert_eq!(told(&[(0, &[1, 2, 3, 4, 6, 7], 7)]), Ok(()));
        for (what, events) in [
            ("one is left out", vec![1, 2, 4, 6, 7]),
            ("the last is left out", vec![1, 2, 3, 4, 6]),
            ("one comes twice", vec![1, 2, 3, 3, 4, 6, 7]),
            ("two are swapped", vec![1, 3, 2, 4, 6, 7]),
            ("one is told that is not there", vec![1, 2, 3, 4, 5, 6, 7]),
        ] {
            assert!(told(&[(0, &events, 7)]).is_err(), "{what}");
        }
    }

    /// Who begins anew may be told again what was told before, and needs nothing of what is in the rows already.
    #[test]
    fn each_stretch_is_for_itself() {
        assert_eq!(told(&[(0, &[1, 2], 2), (1, &[2, 3], 3), (5, &[], 5)]), Ok(()));
        assert!(told(&[(0, &[1, 2], 2), (1, &[3], 3)]).is_err(), "the second leaves one out");
        assert!(told(&[(0, &[1, 2], 2), (3, &[3, 4], 4)]).is_err(), "and tells what is in the rows");
        assert!(told(&[]).is_err(), "nothing was ever told");
    }
}
