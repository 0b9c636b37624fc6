//! The segments there are, oldest first: the head, a small object that is written last and names them all.

use serde::{Deserialize, Serialize};
use trainyard_store::{Store, StoreError};
use uuid::Uuid;

use crate::{ArchiveError, Fault, Segment};

const HEAD: &str = "archive/head.json";
/// Room for 200,000 segments, of 10,000 events each.
const HEAD_BYTES: u64 = 64 * 1024 * 1024;

/// A segment as its successor and the head name it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    pub key: String,
    pub sha256: String,
    /// Sequence of its first event; 0 in links of earlier formats, which do not say it.
    #[serde(default)]
    pub first: u64,
    /// Sequence and id of its last event; no id where that cannot be read.
    pub last: u64,
    pub last_event: Option<Uuid>,
}

impl Link {
    /// Whether both name the same segment.
    fn is(&self, other: &Link) -> bool {
        (&self.key, &self.sha256, self.last) == (&other.key, &other.sha256, other.last)
    }
}

#[derive(Serialize, Deserialize)]
struct Head {
    #[serde(flatten)]
    newest: Link,
    /// All of them, oldest first; earlier formats named the newest alone.
    #[serde(default)]
    chain: Vec<Link>,
}

/// From event 1 on and without a gap.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chain {
    links: Vec<Link>,
}

impl Chain {
    /// What the head names; empty where there is no archive.
    pub async fn load(store: &Store) -> Result<Chain, ArchiveError> {
        let head = match store.get_bytes(HEAD, HEAD_BYTES).await {
            Err(StoreError::Missing { .. }) => return Ok(Chain::default()),
            outcome => outcome?,
        };
        let damaged = |what: String| ArchiveError::Damaged(Fault::of(HEAD, what));
        let Head { newest, mut chain } =
            serde_json::from_slice(&head).map_err(|error| damaged(format!("cannot be read: {error}")))?;
        if chain.is_empty() {
            chain = walk(store, newest.clone()).await?;
        }
        let starts = std::iter::once(1).chain(chain.iter().map(|link| link.last + 1));
        let is_whole =
            chain.iter().zip(starts).all(|(link, start)| link.first == start && start <= link.last);
        match is_whole && chain.last().is_some_and(|last| last.is(&newest)) {
            true => Ok(Chain { links: chain }),
            false => Err(damaged("its segments do not follow each other".to_owned())),
        }
    }

    /// Names one more segment, which has to be there. Whoever is interrupted before this writes the segment again.
    pub(crate) async fn push(&mut self, store: &Store, link: Link) -> Result<(), ArchiveError> {
        let mut chain = self.links.clone();
        chain.push(link.clone());
        let head = serde_json::to_vec(&Head { newest: link, chain: chain.clone() });
        let head = head.expect("links are plain data, which always serialises");
        store.put_bytes(HEAD, head.into()).await?;
        self.links = chain;
        Ok(())
    }

    pub fn links(&self) -> &[Link] {
        &self.links
    }

    pub fn newest(&self) -> Option<&Link> {
        self.links.last()
    }

    /// Sequence of the last event that it has; 0: none.
    pub fn last(&self) -> u64 {
        self.newest().map_or(0, |link| link.last)
    }

    /// The segment that has the event at `sequence`.
    pub(crate) fn with(&self, sequence: u64) -> Option<&Link> {
        self.links.get(self.links.partition_point(|link| link.last < sequence))
    }

    /// Fetches the segment at a place and compares it with what is said of it, the one before it included.
    pub async fn checked(&self, store: &Store, place: usize) -> Result<Segment, ArchiveError> {
        let link = &self.links[place];
        let segment = Segment::fetch(store, link).await?;
        let before = place.checked_sub(1).map(|before| &self.links[before]);
        let follows = match (&segment.previous, before) {
            (None, None) => true,
            (Some(named), Some(before)) => named.is(before),
            _ => false,
        };
        match follows && segment.first() == link.first {
            true => Ok(segment),
            false => {
                let what = "does not follow the segment that the head has before it";
                Err(Fault { line: Some(1), ..Fault::of(&link.key, what) }.into())
            }
        }
    }

    /// All segments, one after the other.
    pub async fn check(&self, store: &Store) -> Result<(), ArchiveError> {
        for place in 0..self.links.len() {
            self.checked(store, place).await?;
        }
        Ok(())
    }
}

/// From the newest back to the first, as each names the one before it.
async fn walk(store: &Store, newest: Link) -> Result<Vec<Link>, ArchiveError> {
    let (mut links, mut next) = (Vec::new(), Some(newest));
    while let Some(link) = next {
        let segment = Segment::fetch(store, &link).await?;
        links.push(Link { first: segment.first(), ..link });
        next = segment.previous;
    }
    links.reverse();
    Ok(links)
}
