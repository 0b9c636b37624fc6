//! Reads the whole log in order, each message once, wherever it lies by now.
//!
//! No sequence of the log is ever left out, so a gap in the stream is what has left it.

use std::collections::VecDeque;

use futures::stream::BoxStream;
use futures::{StreamExt, stream};
use trainyard_events::subject;

use crate::LogError;
use crate::link::Link;
use crate::ordered::{From, Ordered, Read};
use crate::past::{Kept, Raw, guard};
use crate::publish::Backoff;

pub(crate) struct Whole {
    past: Kept,
    stream: Ordered,
    /// Sequence of the last message given.
    seen: u64,
    /// From the past, to be given next.
    ready: VecDeque<Raw>,
    /// From the stream, to be given after that, and how many wait behind it.
    next: Option<(Raw, u64)>,
}

impl Whole {
    pub(crate) fn after(link: &Link, sequence: u64) -> Whole {
        let all = subject::ALL_EVENTS.to_owned();
        let stream = Ordered::new(link.clone(), subject::EVENTS, all, From::After(sequence));
        Whole { past: link.past.clone(), stream, seen: sequence, ready: VecDeque::new(), next: None }
    }

    /// Each message, and how many are known to be behind it. Waits for ever, through every outage of the server and of the archive; the
    /// end is an error: what has left the stream cannot be had, and waiting would not help.
    pub(crate) fn messages(self) -> BoxStream<'static, Result<(Raw, u64), LogError>> {
        stream::try_unfold(self, async |mut whole| Ok(Some((whole.next().await?, whole)))).boxed()
    }

    async fn next(&mut self) -> Result<(Raw, u64), LogError> {
        loop {
            if let Some(raw) = self.ready.pop_front() {
                self.seen = raw.sequence;
                let behind = self
                    .next
                    .as_ref()
                    .map_or(0, |(next, behind)| behind + next.sequence.saturating_sub(raw.sequence));
                return Ok((raw, behind));
            }
            let (raw, behind) = match self.next.take() {
                Some(next) => next,
                None => self.stream_next().await,
            };
            if raw.sequence <= self.seen {
                continue;
            }
            if raw.sequence == self.seen + 1 {
                self.seen = raw.sequence;
                return Ok((raw, behind));
            }
            self.next = Some((raw, behind));
            self.ready = self.past_after().await?.into();
        }
    }

    async fn stream_next(&mut self) -> (Raw, u64) {
        loop {
            let Read::Message(message) = self.stream.next().await else { continue };
            let before = message.headers.as_ref().and_then(guard);
            let (sequence, subject, payload) = (message.sequence, message.subject, message.payload);
            return (Raw { sequence, subject, payload, before }, message.waiting);
        }
    }

    async fn past_after(&self) -> Result<Vec<Raw>, LogError> {
        let mut backoff = Backoff::default();
        loop {
            match self.past.after(self.seen).await {
                Err(LogError::Unavailable(reason)) => {
                    tracing::warn!(
                        reason,
                        after = self.seen,
                        "what left the log cannot be read; trying again"
                    );
                    backoff.wait().await;
                }
                outcome => return outcome,
            }
        }
    }
}
