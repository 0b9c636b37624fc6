//! Follows the log and keeps the views: each batch once, through outages, and past what it cannot read. Of several
//! projectors one writes and the others stand by.

use std::convert::Infallible;
use std::time::Duration;

use futures::StreamExt;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use trainyard_bus::EventLog;
use trainyard_events::Entry;

use crate::write::{batches, write};
use crate::{Position, ViewError, Views, held};

/// The first wait after a failure; doubles up to the second.
const BACKOFF: Duration = Duration::from_millis(50);
const BACKOFF_MAX: Duration = Duration::from_secs(5);
/// After this a batch counts as failed: Postgres may be frozen instead of gone.
const BATCH_TIMEOUT: Duration = Duration::from_secs(30);

/// One that stands by looks this often how far the views are, and takes over when they have stood still for so long though
/// the log goes on: the other has died, is frozen, or cannot reach what it needs.
const STANDBY_LOOK: Duration = Duration::from_millis(250);
const STANDBY_PATIENCE: Duration = Duration::from_secs(2);

/// A member of NATS that was cut off may take itself for the leader for this long, and does not know the newest events.
const MISTAKEN: Duration = Duration::from_secs(12);

/// Why the projector stopped. None of these passes by itself.
#[derive(Debug, thiserror::Error)]
pub enum ProjectorError {
    #[error(
        "a projector has moved the views past event {at} while they were built again: build them once more"
    )]
    AnotherOwner { at: u64 },
    #[error(
        "the views were made from log {views:?}, and this is log {log:?}: check TRAINYARD_NATS_URL, or build the \
         views again with `trainyard rebuild`"
    )]
    OtherLog { views: String, log: String },
    #[error(
        "the views are at event {views} and the log ends at {log}: the log is an older copy; build the views again \
         with `trainyard rebuild`"
    )]
    AheadOfLog { views: u64, log: u64 },
    #[error(
        "the views are at event {views} and the log at {log}: start a projector, and verify once it has come there"
    )]
    Behind { views: u64, log: u64 },
    #[error(transparent)]
    Views(#[from] ViewError),
}

/// What the projector is doing, for readiness and for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    Following,
    /// The log or Postgres is away, or another projector writes; it tries again.
    Waiting(String),
    /// It will not go on by itself; the reason says what to do.
    Stopped(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The last event in the views, as far as this process knows.
    pub sequence: u64,
    pub health: Health,
}

/// A writer of the views. `run` it once. Any number may run on one database: the position, which each batch moves on from
/// where it was read, lets one of them write, and the others wait until it does not any more.
pub struct Projector<L> {
    log: L,
    views: Views,
    /// Which log: `Bus::stream_id`.
    stream: String,
    progress: watch::Sender<Progress>,
}

impl<L: EventLog> Projector<L> {
    pub fn new(log: L, views: Views, stream: String) -> Self {
        let health = Health::Waiting("the projector has not started".to_owned());
        let progress = watch::Sender::new(Progress { sequence: 0, health });
        Projector { log, views, stream, progress }
    }

    /// To wait on from the same process; another one asks [`Views::wait_for`].
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Follows until `stop`, which is safe at any moment: an unfinished batch leaves nothing behind.
    pub async fn run(self, stop: CancellationToken) -> Result<(), ProjectorError> {
        let outcome = tokio::select! {
            biased;
            () = stop.cancelled() => Ok(()),
            Err(error) = self.follow() => Err(error),
        };
        let reason = outcome.as_ref().err().map_or_else(|| "told to stop".to_owned(), ToString::to_string);
        self.report(Health::Stopped(reason));
        outcome
    }

    async fn follow(&self) -> Result<Infallible, ProjectorError> {
        loop {
            self.own().await?;
            self.stand_by().await;
        }
    }

    /// Returns when another projector has moved the views.
    async fn own(&self) -> Result<(), ProjectorError> {
        let mut backoff = Backoff::new();
        let mut ahead = None;
        let mut position = loop {
            match self.start().await {
                Err(error @ ProjectorError::AheadOfLog { .. })
                    if ahead.get_or_insert_with(Instant::now).elapsed() < MISTAKEN =>
                {
                    self.wait(&mut backoff, error.to_string()).await;
                }
                started => match started? {
                    Ok(position) => break position,
                    Err(reason) => self.wait(&mut backoff, reason).await,
                },
            }
        };
        self.progress.send_modify(|progress| progress.sequence = position);
        loop {
            let reason = match batches(&self.log, position).await {
                Ok(mut batches) => loop {
                    self.report(Health::Following);
                    let Some(batch) = batches.next().await else { break "its stream ended".to_owned() };
                    if let Some(last) = batch.entries.last() {
                        if !self.write(position, &batch.entries).await? {
                            return Ok(());
                        }
                        position = last.sequence();
                        backoff = Backoff::new();
                        self.progress.send_modify(|progress| progress.sequence = position);
                    }
                    if let Some(error) = batch.end {
                        break error.to_string();
                    }
                },
                Err(error) => error.to_string(),
            };
            self.wait(&mut backoff, format!("the event log cannot be followed now: {reason}")).await;
        }
    }

    /// Returns when the views stand still though there is more to be written. Whoever else waits for that and is quicker
    /// goes on, and this one stands by again.
    async fn stand_by(&self) {
        tracing::info!("another projector writes the views; this one stands by");
        self.report(Health::Waiting("another projector writes the views; this one stands by".to_owned()));
        let mut still = Instant::now();
        let mut seen = None;
        while still.elapsed() < STANDBY_PATIENCE {
            tokio::time::sleep(STANDBY_LOOK).await;
            let (position, end) = (self.views.position().await.ok(), self.log.last_sequence().await.ok());
            let Some(position) = position.map(|position| position.sequence) else {
                // Who cannot see the views cannot know that they stand still.
                still = Instant::now();
                continue;
            };
            if seen != Some(position) || end.is_none_or(|end| end <= position) {
                (seen, still) = (Some(position), Instant::now());
                self.progress.send_modify(|progress| progress.sequence = position);
            }
        }
        tracing::warn!("the views stand still: this projector takes over");
    }

    /// The position to go on from; an inner error passes by itself.
    async fn start(&self) -> Result<Result<u64, String>, ProjectorError> {
        let position = match self.views.position().await {
            Ok(position) => position,
            Err(error) if error.is_transient() => return Ok(Err(error.to_string())),
            Err(error) => return Err(error.into()),
        };
        let end = match self.log.last_sequence().await {
            Ok(end) => end,
            Err(error) => return Ok(Err(error.to_string())),
        };
        self.check(&position, end)?;
        if held::is_outdated(&self.views.pool).await? {
            tracing::info!("what an older binary could not read can be read now: the views are built again");
            crate::rebuild(&self.views, &self.log, &self.stream, false).await?;
            return Ok(Ok(self.views.position().await?.sequence));
        }
        Ok(Ok(position.sequence))
    }

    fn check(&self, position: &Position, end: u64) -> Result<(), ProjectorError> {
        if !position.stream.is_empty() && position.stream != self.stream {
            let views = position.stream.clone();
            return Err(ProjectorError::OtherLog { views, log: self.stream.clone() });
        }
        if position.sequence > end {
            return Err(ProjectorError::AheadOfLog { views: position.sequence, log: end });
        }
        Ok(())
    }

    /// Writes one batch, however long Postgres is away; false if another projector has moved the views.
    async fn write(&self, from: u64, entries: &[Entry]) -> Result<bool, ProjectorError> {
        let mut backoff = Backoff::new();
        let mut in_doubt = false;
        loop {
            match self.try_write(from, entries, in_doubt).await {
                Ok(written) => return Ok(written),
                Err(error) if error.is_transient() => {
                    in_doubt = true;
                    self.wait(&mut backoff, error.to_string()).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// `in_doubt`: the same batch was sent before and its commit was not heard of. If the position is where the
    /// batch would have put it, it arrived; the same entries give the same rows whoever wrote them.
    async fn try_write(&self, from: u64, entries: &[Entry], in_doubt: bool) -> Result<bool, ViewError> {
        let attempt = async {
            let mut connection = self.views.pool.acquire().await?;
            if write(&mut connection, &self.stream, from, entries).await? {
                return Ok(true);
            }
            let position = self.views.position().await?;
            let arrived = entries.last().is_some_and(|last| last.sequence() == position.sequence);
            Ok(in_doubt && arrived && position.stream == self.stream)
        };
        let frozen = || ViewError::Unavailable(format!("no answer in {} s", BATCH_TIMEOUT.as_secs()));
        tokio::time::timeout(BATCH_TIMEOUT, attempt).await.unwrap_or_else(|_| Err(frozen()))
    }

    fn report(&self, health: Health) {
        self.progress.send_if_modified(|progress| {
            let changed = progress.health != health;
            progress.health = health;
            changed
        });
    }

    async fn wait(&self, backoff: &mut Backoff, reason: String) {
        tracing::warn!(reason, delay = ?backoff.0, "the projector waits");
        self.report(Health::Waiting(reason));
        tokio::time::sleep(backoff.next()).await;
    }
}

struct Backoff(Duration);

impl Backoff {
    fn new() -> Backoff {
        Backoff(BACKOFF)
    }

    fn next(&mut self) -> Duration {
        let delay = self.0;
        self.0 = (delay * 2).min(BACKOFF_MAX);
        delay
    }
}
