//! Adds to the archive what the log has and it has not.

use futures::StreamExt;
use time::OffsetDateTime;
use trainyard_bus::{EventLog, JetStreamLog, LogError, Raw};
use trainyard_store::Store;

use crate::{ArchiveError, Chain, Fault, Link, Segment};

/// A segment is closed when it has so many events or bytes.
const SEGMENT_EVENTS: usize = 10_000;
const SEGMENT_BYTES: usize = 32 * 1024 * 1024;

/// What becomes of the events at the end that fill no segment.
#[derive(Clone, Copy, Debug)]
pub enum Remainder {
    /// They are a segment, too.
    Close,
    /// They wait for more, until the first of them was written before that.
    CloseIfBefore(OffsetDateTime),
}

impl Remainder {
    fn closes(self, messages: &[Raw]) -> bool {
        let Remainder::CloseIfBefore(moment) = self else { return true };
        let at = |raw: &Raw| raw.entry().event().map(|recorded| recorded.envelope.at);
        // What nobody can read does not say when it was written.
        messages.iter().find_map(at).is_none_or(|at| at < moment)
    }
}

/// Returns how many events are new in the archive, which holds them as they were read back from there.
///
/// # Errors
/// `Overtaken` when somebody else has written to it meanwhile; what is written is whole in any case.
pub async fn extend(log: &JetStreamLog, store: &Store, remainder: Remainder) -> Result<u64, ArchiveError> {
    let newest = log.last_sequence().await?;
    let mut chain = Chain::load(store).await?;
    let archived = chain.last();
    belongs(log, chain.newest(), newest).await?;
    let mut messages = log.follow_raw(archived);
    let (mut segment, mut bytes, mut at): (Vec<Raw>, _, _) = (Vec::new(), 0, archived);
    while at < newest {
        let Some(raw) = messages.next().await else {
            return Err(LogError::Unavailable("the log ended".to_owned()).into());
        };
        let raw = raw?;
        at = raw.sequence;
        bytes += raw.payload.len();
        segment.push(raw);
        let is_full = segment.len() >= SEGMENT_EVENTS || bytes >= SEGMENT_BYTES;
        if is_full || at == newest && remainder.closes(&segment) {
            close(store, &mut chain, &std::mem::take(&mut segment)).await?;
            bytes = 0;
        }
    }
    Ok(chain.last() - archived)
}

/// Whether the log is the one of the archive.
async fn belongs(log: &JetStreamLog, archived: Option<&Link>, newest: u64) -> Result<(), ArchiveError> {
    let Some(link) = archived else { return Ok(()) };
    if link.last > newest {
        return Err(ArchiveError::Longer { archived: link.last, log: newest });
    }
    let found = log.at(link.last).await?.and_then(|entry| id(&entry));
    // A binary that has learnt to read it since knows an id that the archive does not.
    match link.last_event.is_none() || found == link.last_event {
        true => Ok(()),
        false => Err(ArchiveError::Foreign(link.last)),
    }
}

/// Writes a segment, reads it back, and only then has the head name it.
async fn close(store: &Store, chain: &mut Chain, messages: &[Raw]) -> Result<(), ArchiveError> {
    let (Some(first), Some(last)) = (messages.first(), messages.last()) else { return Ok(()) };
    let text = Segment::write(messages, chain.newest());
    let key = format!("archive/{:012}-{:012}.jsonl", first.sequence, last.sequence);
    let stored = store.put_bytes(&key, text.into()).await?;
    let (first, last, last_event) = (first.sequence, last.sequence, id(&last.entry()));
    let link = Link { key, sha256: stored.sha256, first, last, last_event };
    if Segment::fetch(store, &link).await?.messages != messages {
        return Err(Fault::of(&link.key, "is read back as another").into());
    }
    if Chain::load(store).await? != *chain {
        return Err(ArchiveError::Overtaken);
    }
    chain.push(store, link).await
}

fn id(entry: &trainyard_events::Entry) -> Option<uuid::Uuid> {
    entry.as_event().map(|recorded| recorded.envelope.event_id)
}
