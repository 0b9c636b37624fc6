//! The keys that what people say is sealed with: one for each author in each history, in a bucket of their own. Here alone they are
//! made, used and destroyed; whoever reads the log is given what was said, or nothing where its key is destroyed.
//!
//! A destroyed key leaves an empty record under its name, so that nobody takes what is lost for what was erased.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_nats::jetstream::stream::{LastRawMessageErrorKind, Stream};
use bytes::Bytes;
use futures::TryStreamExt;
use sha2::{Digest, Sha256};
use tokio::time::Instant;
use trainyard_events::{
    Actor, Aggregate, ChatEvent, Entry, Envelope, Event, Recorded, TenantId, said, subject,
};

use crate::bucket::Bucket;
use crate::error::unavailable;
use crate::link::Link;
use crate::ordered::{From, Ordered, Read};
use crate::past::Raw;
use crate::publish::{NotStored, WRITE_DEADLINE};
use crate::seal::{KEY_BYTES, SaidKey, erased, is_sealed};
use crate::streams::SAID_STREAM;
use crate::{AppendError, BusError, LogError};

/// A key is asked for again after this long: one that was destroyed elsewhere opens nothing any more.
const TRUSTED: Duration = Duration::from_secs(60);
/// Keys in memory; beyond that all are forgotten and asked for again.
const KNOWN: usize = 10_000;
/// Letters of an author's name within a key's.
const AUTHOR_DIGITS: usize = 16;

/// The keys that this process has been given lately.
#[derive(Clone, Default)]
pub(crate) struct Known(Arc<Mutex<HashMap<String, (Found, Instant)>>>);

/// What is under a key's name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Key(SaidKey),
    Destroyed,
}

/// A record of the bucket, for copies of it; empty where its key is destroyed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptKey {
    /// `<tenant>.<history>.<author>.<since>`.
    pub name: String,
    pub key: Vec<u8>,
}

/// The bucket itself, for those who destroy keys and who copy them.
#[derive(Clone)]
pub struct SaidKeys {
    link: Link,
    bucket: Bucket,
}

/// Reads a message of the log, and opens what was said in it.
pub(crate) async fn opened(link: &Link, raw: &Raw) -> Result<Entry, LogError> {
    let entry = raw.entry();
    let (Some(known), Some(recorded)) = (&link.said, entry.as_event()) else { return Ok(entry) };
    let Some(since) = recorded.envelope.sealed.filter(|_| is_sealed(recorded)) else { return Ok(entry) };
    let name = name_of(&recorded.envelope, since);
    match SaidKeys::new(link.clone()).found(known, &name).await {
        Ok(Some(Found::Key(key))) => Ok(key.open(recorded)),
        Ok(Some(Found::Destroyed)) => Ok(erased(recorded)),
        Ok(None) => Err(LogError::Unavailable(format!(
            "the key {name} of what is said in event {} is not there: put the stream {SAID_STREAM} back as it was, or see Erasing \
             in docs/OPERATIONS.md",
            raw.sequence
        ))),
        Err(error) => Err(LogError::Unavailable(error.to_string())),
    }
}

/// The histories of before whose words are erased are told without them, wherever the keys are by now, and where there was none.
pub(crate) fn heed(entries: &mut [Entry]) {
    let erasures: Vec<(u64, Option<String>)> = entries.iter().filter_map(erasure).collect();
    for (before, of) in erasures {
        for entry in entries.iter_mut().take_while(|entry| entry.sequence() < before) {
            if let Entry::Event(recorded) = entry
                && is_by(recorded, of.as_deref())
            {
                **recorded = recorded.unsaid();
            }
        }
    }
}

fn erasure(entry: &Entry) -> Option<(u64, Option<String>)> {
    let recorded = entry.as_event()?;
    let Event::Chat(ChatEvent::PromptsErased { of }) = &recorded.envelope.event else {
        return None;
    };
    Some((recorded.sequence, of.clone()))
}

fn is_by(recorded: &Recorded, of: Option<&str>) -> bool {
    match (&recorded.envelope.actor, of) {
        (Actor::User(name), Some(of)) => name == of,
        (Actor::User(_), None) => true,
        _ => false,
    }
}

/// The event as it is to be stored.
pub(crate) async fn sealed<'e>(
    link: &Link,
    envelope: &'e Envelope,
) -> Result<Cow<'e, Envelope>, AppendError> {
    let Some(since) = envelope.sealed else { return Ok(Cow::Borrowed(envelope)) };
    let mut says = false;
    let mut body = envelope.event.body();
    said::change(envelope.event.kind(), &mut body, &mut |_, _| says = true);
    if !says {
        return Ok(Cow::Borrowed(envelope));
    }
    let closed = || AppendError::Unavailable("this role may not say anything in a conversation".to_owned());
    let known = link.said.as_ref().ok_or_else(closed)?;
    let keys = SaidKeys::new(link.clone());
    match keys.made(known, &name_of(envelope, since)).await {
        Ok(Found::Key(key)) => Ok(Cow::Owned(key.seal(envelope))),
        // What was said before was erased meanwhile, and that stands in the history: it has gone on.
        Ok(Found::Destroyed) => {
            Err(AppendError::Conflict { of: subject::event(&envelope.tenant, &envelope.aggregate) })
        }
        Err(error) => Err(AppendError::Unavailable(error.to_string())),
    }
}

impl SaidKeys {
    pub(crate) fn new(link: Link) -> SaidKeys {
        SaidKeys { bucket: Bucket::new(link.clone(), SAID_STREAM, subject::SAID), link }
    }

    /// Destroys the keys of what was said in a history before the event `before`, by the token called `of` or by anybody; returns
    /// how many there were. May be done again.
    pub async fn destroy(
        &self,
        (tenant, history): (&TenantId, &Aggregate),
        of: Option<&str>,
        before: u64,
    ) -> Result<u64, BusError> {
        let author = of.map_or_else(|| "*".to_owned(), |of| author(&Actor::User(of.to_owned())));
        let stream = self.stream().await?;
        let filter = format!("$KV.{}.{tenant}.{}.{author}.*", subject::SAID, history.id());
        let found = stream.info_with_subjects(filter).await.map_err(unavailable)?;
        let found: Vec<(String, usize)> = found.try_collect().await.map_err(unavailable)?;
        let mut destroyed = 0;
        for (subject, _) in found {
            let name = subject.trim_start_matches(&format!("$KV.{}.", subject::SAID)).to_owned();
            let since = name.rsplit('.').next().and_then(|since| since.parse::<u64>().ok());
            if since.is_some_and(|since| since < before) {
                destroyed += u64::from(self.destroy_one(&stream, &subject, &name).await?);
            }
        }
        Ok(destroyed)
    }

    /// First nobody is given it any more, then its bytes are overwritten where they lie.
    async fn destroy_one(&self, stream: &Stream<()>, subject: &str, name: &str) -> Result<bool, BusError> {
        let newest = loop {
            let Some(kept) = self.bucket.get(name).await? else { return Ok(false) };
            if kept.value.as_ref().is_none_or(Bytes::is_empty) {
                break kept.revision;
            }
            match self.bucket.put_if(name, Bytes::new(), kept.revision).await {
                Ok(revision) => break revision,
                Err(NotStored::Conflict) => {}
                Err(NotStored::Unknown(reason)) => return Err(BusError::Unavailable(reason)),
                Err(NotStored::TooLarge { limit }) => return Err(BusError::TooLarge { bytes: 0, limit }),
            }
        };
        let mut wiped = false;
        loop {
            let first = match stream.raw_message_builder().sequence(1).next_by_subject(subject).send().await {
                Ok(message) => message.sequence,
                Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => return Ok(wiped),
                Err(error) => return Err(unavailable(error)),
            };
            if first >= newest {
                return Ok(wiped);
            }
            wiped |= stream.delete_message(first).await.map_err(unavailable)?;
        }
    }

    /// Every key there is, and the names of those that are destroyed.
    pub async fn all(&self) -> Result<Vec<KeptKey>, BusError> {
        let filter = format!("$KV.{}.>", subject::SAID);
        let skipped = filter.len() - 1;
        let mut ordered = Ordered::new(self.link.clone(), SAID_STREAM, filter, From::LastOfEach);
        let mut all = Vec::new();
        loop {
            let waiting = match ordered.next().await {
                Read::Opened { waiting } => {
                    all.clear();
                    waiting
                }
                Read::Message(message) => {
                    let (name, key) = (message.subject[skipped..].to_owned(), message.payload.to_vec());
                    all.push(KeptKey { name, key });
                    message.waiting
                }
            };
            if waiting == 0 {
                ordered.close().await;
                return Ok(all);
            }
        }
    }

    /// Puts a record of a copy into a new bucket; one that is there stays.
    pub async fn put_back(&self, kept: KeptKey) -> Result<(), BusError> {
        let bytes = kept.key.len();
        match self.bucket.put_if(&kept.name, kept.key.into(), 0).await {
            Ok(_) | Err(NotStored::Conflict) => Ok(()),
            Err(NotStored::Unknown(reason)) => Err(BusError::Unavailable(reason)),
            Err(NotStored::TooLarge { limit }) => Err(BusError::TooLarge { bytes, limit }),
        }
    }

    /// What is under a name; nothing where nothing is, which is kept in no memory.
    async fn found(&self, known: &Known, name: &str) -> Result<Option<Found>, BusError> {
        if let Some(found) = known.get(name) {
            return Ok(Some(found));
        }
        let Some(value) = self.bucket.get(name).await?.and_then(|kept| kept.value) else { return Ok(None) };
        let found = match <[u8; KEY_BYTES]>::try_from(&value[..]) {
            Ok(key) => Found::Key(SaidKey(key)),
            Err(_) if value.is_empty() => Found::Destroyed,
            Err(_) => return Err(BusError::Corrupt(format!("the key {name} has {} bytes", value.len()))),
        };
        known.keep(name, found);
        Ok(Some(found))
    }

    /// The key of that name, which is made where there is none.
    async fn made(&self, known: &Known, name: &str) -> Result<Found, BusError> {
        let deadline = Instant::now() + WRITE_DEADLINE;
        loop {
            if let Some(found) = self.found(known, name).await? {
                return Ok(found);
            }
            let new = SaidKey::draw();
            match self.bucket.put_if(name, Bytes::copy_from_slice(&new.0), 0).await {
                Ok(_) => {
                    known.keep(name, Found::Key(new));
                    return Ok(Found::Key(new));
                }
                Err(NotStored::Unknown(reason)) if Instant::now() >= deadline => {
                    return Err(BusError::Unavailable(reason));
                }
                // Stored or not, and whoever's it is: looking tells.
                Err(NotStored::Conflict | NotStored::Unknown(_)) => {}
                Err(NotStored::TooLarge { limit }) => {
                    return Err(BusError::TooLarge { bytes: KEY_BYTES, limit });
                }
            }
        }
    }

    async fn stream(&self) -> Result<Stream<()>, BusError> {
        self.link.context.get_stream_no_info(SAID_STREAM).await.map_err(unavailable)
    }
}

impl KeptKey {
    /// The name of the key that something in the event is sealed with.
    pub fn name_in(recorded: &Recorded) -> Option<String> {
        let since = recorded.envelope.sealed.filter(|_| is_sealed(recorded))?;
        Some(name_of(&recorded.envelope, since))
    }

    /// Whether the event erases anything.
    pub fn erases(recorded: &Recorded) -> bool {
        matches!(recorded.envelope.event, Event::Chat(ChatEvent::PromptsErased { .. }))
    }

    /// Whose it is and since when: tenant, history, author and sequence.
    pub fn parts(&self) -> Option<(&str, &str, &str, u64)> {
        let mut parts = self.name.split('.');
        let found = (parts.next()?, parts.next()?, parts.next()?, parts.next()?.parse().ok()?);
        parts.next().is_none().then_some(found)
    }

    /// Whether it opens what an event erases: whoever `of` is, of this history, before this sequence.
    pub fn is_erased_by(&self, recorded: &Recorded) -> bool {
        let Some((before, of)) = erasure(&Entry::Event(Box::new(recorded.clone()))) else { return false };
        let envelope = &recorded.envelope;
        let by = of.map(|of| author(&Actor::User(of)));
        self.parts().is_some_and(|(tenant, history, author, since)| {
            tenant == envelope.tenant.as_str()
                && history == envelope.aggregate.id()
                && since < before
                && by.is_none_or(|by| by == author)
        })
    }
}

impl Known {
    fn get(&self, name: &str) -> Option<Found> {
        self.lock().get(name).filter(|(_, at)| at.elapsed() < TRUSTED).map(|(found, _)| *found)
    }

    fn keep(&self, name: &str, found: Found) {
        let mut known = self.lock();
        if known.len() >= KNOWN {
            known.clear();
        }
        known.insert(name.to_owned(), (found, Instant::now()));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, (Found, Instant)>> {
        self.0.lock().expect("nothing panics while it holds the keys")
    }
}

fn name_of(envelope: &Envelope, since: u64) -> String {
    let Envelope { tenant, aggregate, actor, .. } = envelope;
    format!("{tenant}.{}.{}.{since}", aggregate.id(), author(actor))
}

/// A name may hold what no key may.
fn author(actor: &Actor) -> String {
    hex::encode(Sha256::digest(actor.to_string()))[..AUTHOR_DIGITS].to_owned()
}
