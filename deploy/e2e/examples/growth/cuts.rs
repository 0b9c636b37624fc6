//! Many sockets that are cut every second while events come, and go on with their resume tokens: each event comes to each
//! once.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use futures::StreamExt;
use futures::future::join_all;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;
use trainyard_bus::Bus;
use trainyard_e2e::Platform;

use crate::asking::new_token;
use crate::sockets::{Socket, subscribe_from, tenant};
use crate::story;
use crate::table::Table;

/// Of one token and from one address, which may ask 100 times in a second each.
const OF_TOKEN: usize = 50;
const LIFE: Duration = Duration::from_secs(1);
/// Between two events.
const PAUSE: Duration = Duration::from_millis(20);
/// Until everybody has the last event, once no more come.
const CATCH_UP: Duration = Duration::from_secs(60);

pub async fn measure(
    platform: &Platform,
    bus: &Bus,
    sockets: usize,
    lasting: Duration,
    table: &mut Table,
) -> Result<()> {
    let mut tokens = Vec::new();
    for number in 0..sockets {
        let of_another = tokens.last().filter(|_| number % OF_TOKEN > 0).cloned();
        tokens.push(match of_another {
            Some(token) => token,
            None => new_token(platform, &format!("cut-{number}")).await?,
        });
    }
    let tenant = tenant(platform).await?;
    let mut reading = Vec::new();
    // The last event, once it is known.
    let (end, ended) = watch::channel(None);
    for (number, token) in tokens.iter().enumerate() {
        let machine = Ipv4Addr::from(u32::from(Ipv4Addr::LOCALHOST) + u32::try_from(number / OF_TOKEN)?);
        let reader = Reader::begin(machine, platform.url(), token).await?;
        // They do not all come back in the same moment.
        let first = LIFE.mul_f64(number as f64 / sockets as f64);
        reading.push(tokio::spawn(reader.read(first, ended.clone())));
    }
    let begun = Instant::now();
    let mut said = Vec::new();
    while begun.elapsed() < lasting {
        said.push(story::say(bus, &tenant).await?);
        tokio::time::sleep(PAUSE).await;
    }
    end.send_replace(said.last().copied());
    let (mut lost, mut twice, mut cut, mut anew) = (0, 0, 0, 0);
    for reader in join_all(reading).await {
        let reader = reader??;
        let times = |sequence: &u64| reader.seen.get(sequence).copied().unwrap_or(0);
        let in_rows = |sequence: &u64| reader.in_rows.iter().any(|rows| rows.contains(sequence));
        lost += said.iter().filter(|sequence| times(sequence) == 0 && !in_rows(sequence)).count();
        twice += said.iter().filter(|sequence| times(sequence) > 1).count();
        cut += reader.cut;
        anew += reader.anew;
    }
    let figure = format!(
        "{lost} lost, {twice} twice of {} events to each; cut {cut} times, told to read anew {anew} times",
        said.len()
    );
    table.row(
        format!("{sockets} sockets cut every second for {} s", lasting.as_secs()),
        figure,
        "0 lost, 0 twice",
    );
    Ok(())
}

/// What of a frame is looked at.
#[derive(Deserialize)]
struct Frame {
    #[serde(rename = "type")]
    kind: String,
    /// Of rows.
    sequence: Option<u64>,
    event: Option<Event>,
    /// Of an event and of rows; that of a watermark has a token for each topic.
    resume: Option<Value>,
}

#[derive(Deserialize)]
struct Event {
    sequence: u64,
}

struct Reader {
    machine: Ipv4Addr,
    url: String,
    token: String,
    resume: Option<String>,
    /// How often each event has come.
    seen: BTreeMap<u64, u32>,
    /// What it was not told, since it is in rows that it was sent.
    in_rows: Vec<RangeInclusive<u64>>,
    newest: u64,
    cut: u64,
    /// Times that the gateway could not go on from a token.
    anew: u64,
}

impl Reader {
    /// Has its rows when this returns.
    async fn begin(machine: Ipv4Addr, url: &str, token: &str) -> Result<Reader> {
        let (url, token) = (url.to_owned(), token.to_owned());
        let (seen, in_rows) = (BTreeMap::new(), Vec::new());
        let mut reader =
            Reader { machine, url, token, resume: None, seen, in_rows, newest: 0, cut: 0, anew: 0 };
        let mut socket = reader.connect().await?;
        while reader.resume.is_none() {
            reader.take(&socket.next().await.context("the socket was closed")??)?;
        }
        Ok(reader)
    }

    /// One connection after the other, each cut after [`LIFE`], the first one sooner; after the end one that is not, until
    /// the last event has come.
    async fn read(mut self, first: Duration, ended: watch::Receiver<Option<u64>>) -> Result<Reader> {
        let mut life = first;
        let last = loop {
            if let Some(last) = *ended.borrow() {
                break last;
            }
            let mut socket = self.connect().await?;
            match tokio::time::timeout(life, self.follow(&mut socket, u64::MAX)).await {
                Ok(told) => told?,
                // The connection breaks without a word: what is on its way to us is gone.
                Err(_) => self.cut += 1,
            }
            life = LIFE;
        };
        while self.newest < last {
            let mut socket = self.connect().await?;
            let rest = tokio::time::timeout(CATCH_UP, self.follow(&mut socket, last));
            rest.await.context("the last event does not come")??;
        }
        Ok(self)
    }

    async fn connect(&mut self) -> Result<Socket> {
        subscribe_from(self.machine, &self.url, &self.token, "activity", self.resume.as_deref()).await
    }

    /// Until the event `last` has come, or the topic is to be begun anew.
    async fn follow(&mut self, socket: &mut Socket, last: u64) -> Result<()> {
        while self.newest < last {
            let message = socket.next().await.context("the socket was closed")??;
            if !self.take(&message)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// False when the topic is to be begun anew.
    fn take(&mut self, message: &Message) -> Result<bool> {
        let Message::Text(text) = message else { return Ok(true) };
        let frame: Frame = serde_json::from_str(text)?;
        match (frame.kind.as_str(), frame.event, frame.sequence) {
            ("error", ..) => bail!("{text}"),
            ("refetch", ..) => {
                (self.resume, self.anew) = (None, self.anew + 1);
                return Ok(false);
            }
            ("initial", _, Some(until)) => {
                self.in_rows.push(self.newest + 1..=until);
                self.newest = until;
            }
            (_, Some(Event { sequence }), _) => {
                ensure!(sequence > self.newest || self.seen.contains_key(&sequence), "{sequence} comes late");
                *self.seen.entry(sequence).or_default() += 1;
                self.newest = self.newest.max(sequence);
            }
            _ => {}
        }
        let resume = frame.resume.unwrap_or_default();
        if let Some(resume) = resume.as_str().or_else(|| resume["activity"].as_str()) {
            self.resume = Some(resume.to_owned());
        }
        Ok(true)
    }
}
