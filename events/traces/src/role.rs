//! The role: spans are made of what happens and sent to the collector, until it is told to stop. Nothing waits for it.
//!
//! An event is acknowledged once its spans are taken, so that a kill, a second process and an outage of the collector send some
//! spans again, the same under the same ids, and leave none out.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};
use trainyard_bus::{Bus, EventLog, JetStreamLog, LogError, Sought, TelemetryStream, TraceFeed, Traced};
use trainyard_events::quarantine::resolve;
use trainyard_events::{Aggregate, Entry, Recorded, TenantId};

use crate::collector::{Collector, NotTaken};
use crate::known::Known;
use crate::metrics::TracesMetrics;
use crate::otlp;
use crate::span::Span;

/// Aggregates that are known at a time; what is not is read anew.
const KNOWN: usize = 4_096;
const SPANS_A_REQUEST: usize = 512;
/// Before the log is asked again.
const ASK_AGAIN: Duration = Duration::from_millis(500);
/// Before the collector is asked again: doubled each time, unless it says itself how long.
const PAUSE: Duration = Duration::from_millis(250);
const PAUSE_LONGEST: Duration = Duration::from_secs(5);
const ASKED_LONGEST: Duration = Duration::from_secs(60);

type Of = (TenantId, Aggregate);

/// Any number may run: they share the work.
pub async fn run(bus: Bus, collector: Collector, metrics: TracesMetrics, stop: CancellationToken) {
    let mut role = Role {
        feed: bus.traces(),
        log: bus.log(),
        telemetry: bus.telemetry(),
        collector,
        metrics,
        known: HashMap::new(),
        newest: None,
    };
    stop.run_until_cancelled(Box::pin(role.work())).await;
}

struct Role {
    feed: TraceFeed,
    log: JetStreamLog,
    telemetry: TelemetryStream,
    collector: Collector,
    metrics: TracesMetrics,
    known: HashMap<Of, Held>,
    /// The number of the last delivery, unless that was one again.
    newest: Option<u64>,
}

struct Held {
    known: Known,
    /// Of the job's telemetry: nothing of the attempt stands up to here.
    seen: u64,
}

impl Role {
    async fn work(&mut self) {
        loop {
            let batch = match self.feed.batch().await {
                Ok(batch) => batch,
                Err(error) => {
                    warn!(%error, "what happens cannot be read for traces; trying again");
                    tokio::time::sleep(ASK_AGAIN).await;
                    continue;
                }
            };
            let behind = batch.last().map_or(0, |last| last.waiting);
            self.metrics.behind.set(behind + batch.len() as u64);
            let mut spans = self.first_steps().await;
            for traced in &batch {
                spans.extend(self.spans_of(traced).await);
            }
            self.deliver(&spans, &batch).await;
            for traced in &batch {
                if let Err(error) = traced.done().await {
                    debug!(%error, "spans that were taken are sent once more");
                }
            }
            self.metrics.behind.set(behind);
        }
    }

    /// Those that end with this event.
    async fn spans_of(&mut self, traced: &Traced) -> Vec<Span> {
        let sequence = traced.entry.sequence();
        let is_new = !traced.is_again;
        let follows = is_new && self.newest.is_some_and(|newest| newest + 1 == traced.delivery);
        self.newest = is_new.then_some(traced.delivery);
        if !follows || self.known.len() >= KNOWN {
            // Others have, or had, what is missing between the two: only what is new comes without a gap.
            self.known.clear();
        }
        let Some(of) = traced.entry.of() else { return self.unread() };
        let before = self.known.remove(&of);
        let Entry::Event(recorded) = &traced.entry else { return self.unread() };
        let known = match before {
            Some(held) => Some(held),
            None => self.read_before(&of, sequence).await,
        };
        let Some(mut held) = known else { return self.unread() };
        let mut spans = Vec::new();
        spans.extend(self.first_step(&of, &mut held).await);
        spans.extend(held.known.take_in(recorded));
        if !held.known.has_ended() {
            self.known.insert(of, held);
        }
        spans
    }

    fn unread(&self) -> Vec<Span> {
        self.metrics.unread.inc();
        Vec::new()
    }

    /// As the aggregate was before the event at `sequence`; `None` where this release cannot read that.
    async fn read_before(&self, of: &Of, sequence: u64) -> Option<Held> {
        let entries = loop {
            match self.log.entries(&of.0, &of.1, 0).await {
                Ok(entries) => break entries,
                Err(LogError::Quarantined { .. }) => return None,
                Err(error) => warn!(%error, "a history cannot be read for a trace; trying again"),
            }
            tokio::time::sleep(ASK_AGAIN).await;
        };
        let before = entries.into_iter().filter(|entry| entry.sequence() < sequence);
        let history: Vec<Recorded> = resolve(before.collect())
            .inspect_err(|error| info!(of = %of.1, sequence = error.sequence, "of what cannot be read no spans are made"))
            .ok()?;
        let mut known = Known::of(&of.1)?;
        for recorded in &history {
            known.take_in(recorded);
        }
        Some(Held { known, seen: 0 })
    }

    /// Of every attempt that has stepped for the first time: nobody waits for an epoch to end.
    async fn first_steps(&mut self) -> Vec<Span> {
        let mut waiting: Vec<(Of, Held)> = self.known.extract_if(|_, held| held.awaits_step()).collect();
        let mut spans = Vec::new();
        for (of, held) in &mut waiting {
            spans.extend(self.first_step(of, held).await);
        }
        self.known.extend(waiting);
        spans
    }

    async fn first_step(&self, (tenant, aggregate): &Of, held: &mut Held) -> Option<Span> {
        let (Known::Job(job), Aggregate::Job(id)) = (&mut held.known, aggregate) else { return None };
        let token = job.awaits_step()?;
        let Sought { found, seen } = loop {
            match self.telemetry.first(tenant, *id, token, held.seen).await {
                Ok(sought) => break sought,
                Err(error) => warn!(%error, "telemetry cannot be read for a trace; trying again"),
            }
            tokio::time::sleep(ASK_AGAIN).await;
        };
        held.seen = seen;
        job.stepped(found?)
    }

    /// Until the collector has taken them, or says that it never will.
    async fn deliver(&self, spans: &[Span], batch: &[Traced]) {
        for spans in spans.chunks(SPANS_A_REQUEST) {
            let (body, count) = (Bytes::from(otlp::request(spans)), spans.len() as u64);
            let mut pause = PAUSE;
            loop {
                match self.collector.send(body.clone()).await {
                    Ok(refused) => {
                        if refused.spans > 0 {
                            warn!(spans = refused.spans, why = refused.why, "the collector leaves spans out");
                        }
                        self.metrics.sent.inc_by(count.saturating_sub(refused.spans));
                        self.metrics.refused.inc_by(refused.spans);
                        break;
                    }
                    Err(NotTaken::Never { why }) => {
                        warn!(spans = count, why, "the collector will never take these spans");
                        self.metrics.refused.inc_by(count);
                        break;
                    }
                    Err(NotTaken::Later { why, asked }) => {
                        if pause == PAUSE {
                            warn!(why, "the collector takes no spans now; trying again");
                        }
                        self.metrics.stuck.set(1);
                        hold(batch, asked.unwrap_or(pause).min(ASKED_LONGEST)).await;
                        pause = (pause * 2).min(PAUSE_LONGEST);
                    }
                }
            }
            self.metrics.stuck.set(0);
        }
    }
}

impl Held {
    fn awaits_step(&self) -> bool {
        matches!(&self.known, Known::Job(job) if job.awaits_step().is_some())
    }
}

/// Keeps what is under way from being given to others for so long.
async fn hold(batch: &[Traced], mut rest: Duration) {
    while !rest.is_zero() {
        for traced in batch {
            if let Err(error) = traced.hold().await {
                debug!(%error, "another process may make the same spans");
            }
        }
        let pause = rest.min(PAUSE_LONGEST);
        tokio::time::sleep(pause).await;
        rest -= pause;
    }
}
