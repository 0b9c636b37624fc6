//! `trainyard archive` and `restore`: the whole log as a chain of files in the artifact store, and a log made of it again.
//!
//! Each segment names its predecessor by hash, and the head names the newest segment, so that a changed byte anywhere
//! is found and named. Views need no archive: they are built from the log.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use trainyard_bus::EventLog;
use trainyard_events::{Entry, Envelope, subject};
use trainyard_store::{Store, StoreError};
use uuid::Uuid;

use crate::language::{language, pick};
use crate::out;
use crate::platform::backends::Backends;
use crate::platform::make_private;
use crate::platform::settings::Resolved;

/// 1 had only lines with an envelope.
const FORMAT: u32 = 2;
const HEAD: &str = "archive/head.json";
const HEAD_BYTES: u64 = 4 * 1024;
/// A segment is closed when it has so many events or bytes.
const SEGMENT_EVENTS: usize = 10_000;
const SEGMENT_BYTES: usize = 32 * 1024 * 1024;

/// A segment as its successor, or the head, names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Link {
    key: String,
    sha256: String,
    /// Sequence and id of its last event; no id where that cannot be read.
    last: u64,
    last_event: Option<Uuid>,
}

/// The first line of a segment; one line for each event follows.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    format: u32,
    first: u64,
    previous: Option<Link>,
}

/// One message of the log, byte for byte.
#[derive(Serialize, Deserialize)]
struct Line<'a> {
    sequence: u64,
    /// As it is stored, where that is JSON in one line.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    envelope: Option<&'a RawValue>,
    /// Else its bytes in hex. What cannot be read says where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
}

impl Line<'_> {
    fn write(entry: &Entry) -> Result<String> {
        let raw = entry.raw();
        let text = std::str::from_utf8(&raw).ok().filter(|text| !text.contains(['\n', '\r']));
        let envelope = text.and_then(|text| serde_json::from_str::<&RawValue>(text).ok());
        let envelope = envelope.filter(|envelope| envelope.get().len() == raw.len());
        let bytes = envelope.is_none().then(|| hex::encode(&raw));
        let subject = entry.as_event().is_none().then(|| entry.subject());
        Ok(serde_json::to_string(&Line { sequence: entry.sequence(), envelope, bytes, subject })?)
    }

    fn read(&self) -> Result<Entry> {
        let bytes = match (self.envelope, &self.bytes) {
            (Some(envelope), _) => envelope.get().as_bytes().to_vec(),
            (None, Some(hex)) => hex::decode(hex)?,
            (None, None) => bail!("line {} has neither an envelope nor bytes", self.sequence),
        };
        let subject = match &self.subject {
            Some(subject) => subject.clone(),
            None => {
                let envelope = Envelope::from_json(&bytes)?;
                subject::event(&envelope.tenant, &envelope.aggregate)
            }
        };
        Ok(Entry::read(self.sequence, &subject, &bytes))
    }
}

fn id(entry: &Entry) -> Option<Uuid> {
    entry.as_event().map(|recorded| recorded.envelope.event_id)
}

pub(crate) async fn run(settings: Resolved, restoring: bool, json: bool) -> Result<()> {
    let work = settings.data.join("restore");
    if restoring {
        make_private(&settings.data)?;
    }
    let (backends, servers) = Backends::start(&settings).await?;
    let (log, store) = (backends.bus.log(), &backends.store);
    let outcome = if restoring { restore(&log, store, &work).await } else { archive(&log, store).await };
    backends.views.close().await;
    if let Some(servers) = servers {
        servers.stop().await?;
    }
    let events = outcome?;
    match (json, restoring) {
        (true, _) => out::json(&serde_json::json!({ "events": events })),
        (false, false) => out::line(pick(
            language(),
            format!("이벤트 {events}개를 보관소에 더했습니다"),
            format!("{events} events are new in the archive"),
        )),
        (false, true) => out::line(pick(
            language(),
            format!("이벤트 {events}개를 되살렸습니다. 뷰는 `trainyard rebuild`로 만듭니다"),
            format!("{events} events are restored; `trainyard rebuild` makes the views of them"),
        )),
    }
    Ok(())
}

/// Adds what the log has and the archive has not; returns how many events that was.
async fn archive(log: &impl EventLog, store: &Store) -> Result<u64> {
    let newest = log.last_sequence().await?;
    let mut head = read_head(store).await?;
    let archived = head.as_ref().map_or(0, |link| link.last);
    ensure!(
        archived <= newest,
        "the archive has {archived} events and this log {newest}: they are of different logs"
    );
    let mut following = log.follow(archived.saturating_sub(1)).await?;
    let mut at = archived.saturating_sub(1);
    let mut segment: Vec<Entry> = Vec::new();
    let mut bytes = 0;
    while at < newest {
        let entry = following.next().await.context("the log ended")??;
        at = entry.sequence();
        if at <= archived {
            let same = |link: &Link| link.last_event.is_none() || link.last_event == id(&entry);
            let known = head.as_ref().is_some_and(same);
            ensure!(
                known,
                "event {at} of the archive is another one in this log: they are of different logs"
            );
            continue;
        }
        bytes += entry.raw().len();
        segment.push(entry);
        if segment.len() >= SEGMENT_EVENTS || bytes >= SEGMENT_BYTES || at == newest {
            head = Some(close(store, &std::mem::take(&mut segment), head).await?);
            bytes = 0;
        }
    }
    Ok(newest - archived)
}

/// Writes a segment, and then the head that names it: whoever is interrupted in between writes the segment again.
async fn close(store: &Store, entries: &[Entry], previous: Option<Link>) -> Result<Link> {
    let (first, last) = (entries.first().context("entries")?, entries.last().context("entries")?);
    let header = Header { format: FORMAT, first: first.sequence(), previous };
    let mut text = serde_json::to_string(&header)?;
    for entry in entries {
        text += "\n";
        text += &Line::write(entry)?;
    }
    let key = format!("archive/{:012}-{:012}.jsonl", first.sequence(), last.sequence());
    let stored = store.put_bytes(&key, text.into()).await?;
    let link = Link { key, sha256: stored.sha256, last: last.sequence(), last_event: id(last) };
    store.put_bytes(HEAD, serde_json::to_vec(&link)?.into()).await?;
    Ok(link)
}

async fn read_head(store: &Store) -> Result<Option<Link>> {
    match store.get_bytes(HEAD, HEAD_BYTES).await {
        Ok(head) => serde_json::from_slice(&head).map(Some).with_context(|| format!("{HEAD} is damaged")),
        Err(StoreError::Missing { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Makes an empty log into the archived one; returns how many events that was. Everything is fetched and its hash
/// compared before the first event is written.
async fn restore(log: &impl EventLog, store: &Store, work: &Path) -> Result<u64> {
    let present = log.last_sequence().await?;
    ensure!(
        present == 0,
        "this log has {present} events: restore into an empty one, such as a new --data folder"
    );
    let head = read_head(store).await?.context("there is no archive in this store")?;
    std::fs::create_dir_all(work)?;
    let fetched = fetch(store, work, &head).await;
    let restored = match fetched {
        Ok(segments) => replay(log, &segments).await,
        Err(error) => Err(error),
    };
    std::fs::remove_dir_all(work)?;
    restored
}

/// The files of all segments, oldest first.
async fn fetch(store: &Store, work: &Path, head: &Link) -> Result<Vec<PathBuf>> {
    let mut segments = Vec::new();
    let mut next = Some(head.clone());
    while let Some(link) = next {
        let to = work.join(format!("{}.jsonl", segments.len()));
        store.get_file(&link.key, &link.sha256, &to).await.context("the archive is damaged")?;
        let mut first = String::new();
        BufReader::new(std::fs::File::open(&to)?).read_line(&mut first)?;
        let header: Header = serde_json::from_str(&first).with_context(|| link.key.clone())?;
        ensure!(
            (1..=FORMAT).contains(&header.format),
            "{} has format {}: use a newer trainyard",
            link.key,
            header.format
        );
        let before = header.previous.as_ref().map_or(0, |previous| previous.last);
        ensure!(header.first == before + 1, "{} does not follow event {before}", link.key);
        ensure!(ends_with(&to, &link)?, "{} does not end as what names it says", link.key);
        segments.push(to);
        next = header.previous;
    }
    segments.reverse();
    Ok(segments)
}

fn ends_with(segment: &Path, link: &Link) -> Result<bool> {
    let text = BufReader::new(std::fs::File::open(segment)?).lines().last().context("an empty segment")??;
    let line: Line<'_> = serde_json::from_str(&text)?;
    let entry = line.read()?;
    // A binary that has learnt to read it since knows an id that the archive does not.
    let same_id = link.last_event.is_none() || link.last_event == id(&entry);
    Ok(line.sequence == link.last && same_id)
}

async fn replay(log: &impl EventLog, segments: &[PathBuf]) -> Result<u64> {
    let mut newest: HashMap<String, u64> = HashMap::new();
    let mut at = 0;
    for segment in segments {
        for text in BufReader::new(std::fs::File::open(segment)?).lines().skip(1) {
            let text = text?;
            let line: Line<'_> = serde_json::from_str(&text)?;
            let entry = line.read()?;
            let before = newest.entry(entry.subject()).or_default();
            let sequence = log.put_back(&entry, *before).await?;
            if sequence != line.sequence {
                bail!("event {} became {sequence}: somebody else writes to this log", line.sequence);
            }
            (*before, at) = (sequence, sequence);
        }
    }
    Ok(at)
}

#[cfg(test)]
pub(super) mod tests {
    use time::macros::datetime;
    use trainyard_bus::MemoryLog;
    use trainyard_events::chat::Language;
    use trainyard_events::{Actor, Aggregate, ChatEvent, Event, TenantId};
    use trainyard_local::harness;
    use trainyard_store::StoreConfig;

    use super::*;

    /// A store that is really there.
    pub(crate) async fn store() -> Store {
        let s3 = harness::s3().await;
        let config = StoreConfig {
            endpoint: Some(s3.endpoint),
            region: s3.region,
            access_key: s3.access_key,
            secret_key: s3.secret_key,
            bucket: s3.bucket,
            path_style: true,
        };
        Store::connect(config).await.expect("the harness runs it")
    }

    async fn say(log: &MemoryLog, times: u64) {
        let before = log.last_sequence().await.expect("memory");
        for sequence in before + 1..=before + times {
            let envelope = Envelope {
                event_id: Uuid::from_u128(u128::from(sequence)),
                tenant: "acme".parse().expect("a name"),
                aggregate: Aggregate::Chat(Uuid::nil()),
                command_id: Uuid::from_u128(u128::from(sequence)),
                correlation_id: Uuid::nil(),
                causation_id: None,
                actor: Actor::User("test".to_owned()),
                at: datetime!(2026-01-01 00:00 UTC),
                event: Event::Chat(ChatEvent::PromptReceived {
                    text: format!("말 {sequence}"),
                    language: Language::Korean,
                }),
            };
            log.append(&envelope, sequence - 1).await.expect("nobody else writes");
        }
    }

    /// Where everything stands, and its bytes.
    async fn all(log: &MemoryLog) -> Vec<(String, Vec<u8>)> {
        let length = log.last_sequence().await.expect("memory") as usize;
        let following = log.follow(0).await.expect("memory");
        let entries = following.take(length).map(|entry| entry.expect("memory"));
        entries.map(|entry| (entry.subject(), entry.raw().to_vec())).collect().await
    }

    #[tokio::test]
    async fn what_this_binary_does_not_know_is_restored_byte_for_byte() {
        let (log, store, work) = (MemoryLog::default(), store().await, harness::folder().join("restore"));
        let tenant: TenantId = "acme".parse().expect("a name");
        let job = Aggregate::Job(Uuid::from_u128(7));
        say(&log, 1).await;
        log.push(&tenant, &job, br#"{ "kind" : "job.paused", "event_id":"x" }"#);
        log.push(&tenant, &job, b"{\n\"kind\":\"job.paused\"}");
        log.push(&tenant, &job, b"\xff\x00 no text at all");
        let known = log.at(1).await.expect("memory").expect("it is there").raw();
        let another = String::from_utf8_lossy(&known)
            .replace(&Uuid::from_u128(1).to_string(), &Uuid::from_u128(2).to_string());
        let with_more = another.replacen('{', "{\"a_newer_field\":[1.50],", 1);
        log.push(&tenant, &Aggregate::Chat(Uuid::nil()), with_more.as_bytes());
        assert_eq!(archive(&log, &store).await.unwrap(), 5);
        let again = MemoryLog::default();
        assert_eq!(restore(&again, &store, &work).await.unwrap(), 5);
        assert_eq!(all(&again).await, all(&log).await);
        assert!(all(&again).await[4].1.starts_with(b"{\"a_newer_field\":[1.50],"));
    }

    #[tokio::test]
    async fn what_is_restored_is_what_was_archived_and_goes_on() {
        let (log, store, work) = (MemoryLog::default(), store().await, harness::folder().join("restore"));
        say(&log, 5).await;
        assert_eq!(archive(&log, &store).await.unwrap(), 5);
        assert_eq!(archive(&log, &store).await.unwrap(), 0, "nothing is new");
        say(&log, 3).await;
        assert_eq!(archive(&log, &store).await.unwrap(), 3);
        let again = MemoryLog::default();
        assert_eq!(restore(&again, &store, &work).await.unwrap(), 8);
        assert_eq!(all(&again).await, all(&log).await);
        say(&again, 1).await;
        assert_eq!(archive(&again, &store).await.unwrap(), 1, "the restored log goes on with the archive");
        let error = restore(&again, &store, &work).await.unwrap_err().to_string();
        assert!(error.contains("has 9 events"), "{error}");
        let stranger = MemoryLog::default();
        say(&stranger, 2).await;
        let error = archive(&stranger, &store).await.unwrap_err().to_string();
        assert!(error.contains("different logs"), "{error}");
    }

    #[tokio::test]
    async fn a_flipped_byte_is_found_and_named() {
        let (log, store, work) = (MemoryLog::default(), store().await, harness::folder().join("restore"));
        for _ in 0..2 {
            say(&log, 3).await;
            archive(&log, &store).await.unwrap();
        }
        for key in
            ["archive/000000000001-000000000003.jsonl", "archive/000000000004-000000000006.jsonl", HEAD]
        {
            let whole = store.get_bytes(key, 1 << 20).await.unwrap();
            for at in [0, whole.len() / 3, whole.len() / 2, whole.len() - 5, whole.len() - 2] {
                let mut damaged = whole.to_vec();
                damaged[at] ^= 1;
                store.put_bytes(key, damaged.into()).await.unwrap();
                let empty = MemoryLog::default();
                let error = format!("{:#}", restore(&empty, &store, &work).await.unwrap_err());
                assert!(error.contains("archive/"), "{key} at {at}: {error}");
                assert_eq!(
                    empty.last_sequence().await.unwrap(),
                    0,
                    "nothing is written of a damaged archive"
                );
            }
            store.put_bytes(key, whole).await.unwrap();
        }
        assert_eq!(restore(&MemoryLog::default(), &store, &work).await.unwrap(), 6);
    }
}
