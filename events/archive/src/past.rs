//! The archive as readers of the log are given it: a segment at a time, each compared with its hash when it is fetched.

use std::sync::{Arc, Mutex, MutexGuard};

use futures::FutureExt;
use futures::future::BoxFuture;
use trainyard_bus::{LogError, Past, Raw};
use trainyard_store::{Store, StoreError};

use crate::{ArchiveError, Chain, Fault, Link, Segment};

/// Segments that stay in memory: those who read one job, then another of the same days, fetch them once.
const KEPT_SEGMENTS: usize = 2;

pub struct Archive {
    store: Store,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    chain: Arc<Chain>,
    /// The one used last at the end.
    segments: Vec<(u64, Arc<Segment>)>,
}

impl Archive {
    pub fn new(store: Store) -> Archive {
        Archive { store, known: Mutex::default() }
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    /// As the head names it now.
    pub async fn chain(&self) -> Result<Arc<Chain>, ArchiveError> {
        let chain = Arc::new(Chain::load(&self.store).await?);
        let mut known = self.known();
        if known.chain != chain {
            // A segment that is not the same any more is of another archive.
            *known = Known { chain: chain.clone(), segments: Vec::new() };
        }
        Ok(chain)
    }

    /// All that a history has after `after`, up to its message at `upto`.
    pub(crate) async fn messages_of(
        &self,
        subject: &str,
        after: u64,
        upto: u64,
    ) -> Result<Vec<Raw>, ArchiveError> {
        let mut parts: Vec<Vec<Raw>> = Vec::new();
        // Backwards, from segment to segment as its messages name the one before them.
        let mut next = Some(upto).filter(|upto| *upto > after);
        let mut is_named = true;
        while let Some(sequence) = next {
            let (link, segment) = self.segment_with(sequence).await?;
            let part: Vec<Raw> = segment.of(subject, after, sequence).cloned().collect();
            if is_named && part.last().map(|raw| raw.sequence) != Some(sequence) {
                let what = format!("has nothing of {subject}");
                return Err(Fault { sequence: Some(sequence), ..Fault::of(&link.key, what) }.into());
            }
            let before = part.first().and_then(|first| first.before);
            is_named = before.is_some();
            // Where nobody has said what is before it, it may be anywhere.
            next = Some(before.unwrap_or(link.first - 1)).filter(|before| *before > after);
            parts.push(part);
        }
        parts.reverse();
        Ok(parts.concat())
    }

    async fn segment_with(&self, sequence: u64) -> Result<(Link, Arc<Segment>), ArchiveError> {
        let known = self.known().chain.clone();
        let chain = if known.last() < sequence { self.chain().await? } else { known };
        let Some(link) = chain.with(sequence) else {
            let what = format!("ends with event {}", chain.last());
            return Err(Fault { sequence: Some(sequence), ..Fault::of("archive/head.json", what) }.into());
        };
        let kept = self.known().take(link.first);
        let segment = match kept {
            Some(segment) => segment,
            None => Arc::new(Segment::fetch(&self.store, link).await?),
        };
        self.known().keep(link.first, segment.clone());
        Ok((link.clone(), segment))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().expect("nothing panics while it holds what is known")
    }
}

impl Known {
    fn take(&mut self, first: u64) -> Option<Arc<Segment>> {
        let place = self.segments.iter().position(|(of, _)| *of == first)?;
        Some(self.segments.remove(place).1)
    }

    fn keep(&mut self, first: u64, segment: Arc<Segment>) {
        self.segments.retain(|(of, _)| *of != first);
        self.segments.push((first, segment));
        if self.segments.len() > KEPT_SEGMENTS {
            self.segments.remove(0);
        }
    }
}

impl Past for Archive {
    fn after(&self, after: u64) -> BoxFuture<'_, Result<Vec<Raw>, LogError>> {
        let found = async move {
            let (_, segment) = self.segment_with(after + 1).await?;
            Ok(segment.after(after).to_vec())
        };
        found.map(move |found| found.map_err(|error| told(error, after + 1))).boxed()
    }

    fn history<'a>(
        &'a self,
        subject: &'a str,
        after: u64,
        upto: u64,
    ) -> BoxFuture<'a, Result<Vec<Raw>, LogError>> {
        self.messages_of(subject, after, upto)
            .map(move |found| found.map_err(|error| told(error, upto)))
            .boxed()
    }

    fn holds(&self, sequence: u64) -> BoxFuture<'_, Result<bool, LogError>> {
        let holds = async move {
            let known = self.known().chain.last() >= sequence;
            Ok(known || self.chain().await?.last() >= sequence)
        };
        holds
            .map(move |holds: Result<bool, ArchiveError>| holds.map_err(|error| told(error, sequence)))
            .boxed()
    }
}

/// Why the event at `sequence` cannot be had.
fn told(error: ArchiveError, sequence: u64) -> LogError {
    match error {
        ArchiveError::Store(StoreError::Unavailable(reason)) => {
            LogError::Unavailable(format!("event {sequence} is in the archive, and {reason}"))
        }
        error => LogError::Archived { sequence, reason: error.to_string() },
    }
}
