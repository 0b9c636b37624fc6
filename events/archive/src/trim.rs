//! Has what has ended leave the log's stream, history by history, once the archive gives every message of it back.

use time::OffsetDateTime;
use trainyard_bus::{Bus, EventLog, Raw};
use trainyard_events::{Entry, subject};

use crate::ended::has_ended;
use crate::{Archive, ArchiveError, Fault};

/// What left the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trimmed {
    pub histories: u64,
    pub messages: u64,
}

/// Takes out of the stream what ended before `ended_before` and whose last event is not after `upto` in the archive. The newest
/// message of each history stays: writers guard with its sequence. Whoever is interrupted goes on with the next run.
///
/// `upto` is what the archive had in an earlier run, so that whoever writes to it at the same time, and has not seen our head, has not
/// taken it away either.
pub async fn trim(
    bus: &Bus,
    archive: &Archive,
    upto: u64,
    ended_before: OffsetDateTime,
) -> Result<Trimmed, ArchiveError> {
    let (stream, mut trimmed) = (bus.trim(), Trimmed::default());
    for of in stream.candidates().await? {
        let newest = stream.newest(&of).await?;
        let Entry::Event(recorded) = newest.entry() else { continue };
        if newest.sequence > upto
            || recorded.envelope.at >= ended_before
            || !has_ended(&recorded.envelope.event)
        {
            continue;
        }
        is_kept(bus, archive, &newest).await?;
        trimmed.messages += stream.before(&of, newest.sequence).await?;
        trimmed.histories += 1;
    }
    Ok(trimmed)
}

/// Reads the history that ends with `newest` from the log and from the archive, and compares them byte for byte.
async fn is_kept(bus: &Bus, archive: &Archive, newest: &Raw) -> Result<(), ArchiveError> {
    let Some((tenant, aggregate)) = subject::parse_event(&newest.subject) else { return Ok(()) };
    let mut entries = bus.log().entries(&tenant, &aggregate, 0).await?;
    entries.retain(|entry| entry.sequence() <= newest.sequence);
    let kept = archive.messages_of(&newest.subject, 0, newest.sequence).await?;
    let is_same =
        |(entry, raw): (&Entry, &Raw)| entry.sequence() == raw.sequence && *entry.raw() == *raw.payload;
    match entries.len() == kept.len() && entries.iter().zip(&kept).all(is_same) {
        true => Ok(()),
        false => {
            let what = format!("has another history of {}: nothing of it leaves the log", newest.subject);
            Err(Fault { sequence: Some(newest.sequence), ..Fault::of("archive", what) }.into())
        }
    }
}
