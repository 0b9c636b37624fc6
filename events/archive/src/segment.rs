//! One file of the archive, in memory: a first line that says what it follows, and a line for each message.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use trainyard_bus::Raw;
use trainyard_store::{Store, StoreError};

use crate::chain::Link;
use crate::{ArchiveError, Fault, line};

/// 1 had only lines with an envelope, 2 no checks and no `before`.
const FORMAT: u32 = 3;
const CHECKED_FORMAT: u32 = 3;
/// What a segment may have at most: one closes at an eighth of it.
const BYTES_MAX: u64 = 256 * 1024 * 1024;

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    format: u32,
    first: u64,
    previous: Option<Link>,
}

/// As it was written, or it would not be here.
#[derive(Debug)]
pub struct Segment {
    /// The segment before it, as it names that.
    pub previous: Option<Link>,
    pub messages: Vec<Raw>,
}

impl Segment {
    pub(crate) fn write(messages: &[Raw], previous: Option<&Link>) -> String {
        let first = messages.first().map_or(0, |raw| raw.sequence);
        let mut text = line::sealed(&Header { format: FORMAT, first, previous: previous.cloned() });
        for raw in messages {
            text.push('\n');
            text += &line::write(raw);
        }
        text
    }

    /// Fetches the segment that `link` names.
    ///
    /// # Errors
    /// `Damaged` when it is not there, or is not what the link says; it names the line where that can be said.
    pub async fn fetch(store: &Store, link: &Link) -> Result<Segment, ArchiveError> {
        let text = match store.get_bytes(&link.key, BYTES_MAX).await {
            Err(StoreError::Missing { .. }) => return Err(Fault::of(&link.key, "is not in the store").into()),
            outcome => outcome?,
        };
        let link = link.clone();
        let reading = tokio::task::spawn_blocking(move || Segment::read(&link, &text));
        reading.await.expect("reading never panics")
    }

    fn read(link: &Link, text: &Bytes) -> Result<Segment, ArchiveError> {
        let found = hex::encode(Sha256::digest(text));
        if found != link.sha256 {
            return Err(where_it_differs(link, text, &found).into());
        }
        let mut lines = text.split(|byte| *byte == b'\n');
        let header = header(lines.next().unwrap_or_default());
        let Some(Header { format, first, previous }) = header else {
            return Err(Fault::of(&link.key, "has no first line").into());
        };
        if format > FORMAT {
            return Err(ArchiveError::Newer(link.key.clone()));
        }
        let mut messages = Vec::new();
        for (line, expected) in lines.zip(first..) {
            let read = line::read(text, line).and_then(|raw| match raw.sequence == expected {
                true => Ok(raw),
                false => Err(format!("it holds event {}", raw.sequence)),
            });
            messages.push(read.map_err(|what| at(link, expected - first + 2, expected, what))?);
        }
        if messages.last().map(|raw| raw.sequence) != Some(link.last) {
            return Err(Fault::of(&link.key, format!("does not end with event {}", link.last)).into());
        }
        Ok(Segment { previous, messages })
    }

    pub fn first(&self) -> u64 {
        self.messages.first().map_or(0, |raw| raw.sequence)
    }

    /// What it has after `after`.
    pub(crate) fn after(&self, after: u64) -> &[Raw] {
        &self.messages[self.messages.partition_point(|raw| raw.sequence <= after)..]
    }

    /// What it has of a history after `after` and up to `upto`.
    pub(crate) fn of<'s>(&'s self, subject: &'s str, after: u64, upto: u64) -> impl Iterator<Item = &'s Raw> {
        self.after(after)
            .iter()
            .take_while(move |raw| raw.sequence <= upto)
            .filter(move |raw| raw.subject == subject)
    }
}

fn header(line: &[u8]) -> Option<Header> {
    serde_json::from_slice(line).ok()
}

fn at(link: &Link, line: u64, sequence: u64, what: String) -> Fault {
    Fault { key: link.key.clone(), line: Some(line), sequence: Some(sequence), what }
}

/// The first line that is not as it was written. Lines of a format without checks tell only where they cannot be read.
fn where_it_differs(link: &Link, text: &Bytes, found: &str) -> Fault {
    let mut lines = text.split(|byte| *byte == b'\n');
    let first_line = lines.next().unwrap_or_default();
    let read = header(first_line);
    let is_checked = read.as_ref().is_none_or(|header| header.format >= CHECKED_FORMAT);
    if read.is_none() || is_checked && line::holds(first_line) != Some(true) {
        return Fault { line: Some(1), ..Fault::of(&link.key, "its first line is not as it was written") };
    }
    let first = read.map_or(0, |header| header.first);
    for (line, sequence) in lines.zip(first..) {
        let is_whole = match is_checked {
            true => line::holds(line) == Some(true),
            false => line::read(text, line).is_ok_and(|raw| raw.sequence == sequence),
        };
        if !is_whole {
            return at(link, sequence - first + 2, sequence, "it is not as it was written".to_owned());
        }
    }
    Fault::of(&link.key, format!("has SHA-256 {found} instead of {}", link.sha256))
}
