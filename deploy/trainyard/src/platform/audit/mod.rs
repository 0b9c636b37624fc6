//! The role `auditor`: follows the log and looks into the store, until it is told to stop. It begins with the first event whenever it
//! starts, and any number may run.

mod files;
mod metrics;
mod segments;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, warn};
use trainyard_archive::Archive;
use trainyard_audit::{Audit, Finding, Needed};
use trainyard_bus::{EntryStream, EventLog};
use trainyard_door::Clock;
use trainyard_projections::Views;
use trainyard_store::Store;
use trainyard_views::{AuditFinding, AuditReport};

use files::{Looked, Rounds, look};
pub(crate) use metrics::AuditMetrics;

/// Findings that are told whole; beyond them they are counted.
const TOLD: usize = 100;
/// Entries taken in between two looks around.
const AT_ONCE: usize = 1_000;
const TELL: Duration = Duration::from_secs(5);
/// A log that cannot be followed, or a store that does not answer, is asked again after this long.
const ASK_AGAIN: Duration = Duration::from_secs(2);
/// From a file that is not there to the second look: what took it away may be in the log by then.
const SECOND_LOOK: Duration = Duration::from_secs(10);

pub(crate) async fn run<L: EventLog>(
    log: L,
    (views, store, archive): (Views, Store, Arc<Archive>),
    clock: Clock,
    metrics: AuditMetrics,
    stop: CancellationToken,
) {
    let begun = clock();
    let report = AuditReport {
        sequence: 0,
        begun,
        told: begun,
        files: 0,
        files_waiting: 0,
        files_good: 0,
        findings: Vec::new(),
        more: 0,
    };
    let audit = Audit::default();
    let auditor = Auditor {
        log,
        views,
        store,
        archive,
        clock,
        metrics,
        audit,
        report,
        again: None,
        doubted: None,
        wrong: HashSet::new(),
    };
    stop.run_until_cancelled(auditor.work()).await;
}

struct Auditor<L> {
    log: L,
    views: Views,
    store: Store,
    archive: Arc<Archive>,
    clock: Clock,
    metrics: AuditMetrics,
    audit: Audit,
    report: AuditReport,
    /// A file to look at before any other, and when.
    again: Option<(String, Instant)>,
    /// The one that was not good when it was looked at last.
    doubted: Option<String>,
    /// Files that were told of.
    wrong: HashSet<String>,
}

impl<L: EventLog> Auditor<L> {
    async fn work(mut self) {
        let mut entries = self.follow().await.ready_chunks(AT_ONCE);
        let mut rounds = Rounds::default();
        let mut tell = interval(TELL);
        tell.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let store = self.store.clone();
        let mut damaged = std::pin::pin!(segments::faults(self.archive.clone()));
        let mut looking = None;
        loop {
            if looking.is_none() {
                looking = self.next_file(&mut rounds).map(|(key, needed, at)| {
                    let store = store.clone();
                    Box::pin(async move {
                        sleep_until(at).await;
                        let looked = look(&store, &key, &needed).await;
                        (key, needed, looked)
                    })
                });
            }
            tokio::select! {
                Some(chunk) = entries.next() => {
                    let mut is_cut = false;
                    for entry in chunk {
                        match entry {
                            Ok(entry) => self.audit.take_in(entry).into_iter().for_each(|found| self.found(found)),
                            Err(error) => {
                                warn!(%error, "the log cannot be followed now; going on");
                                is_cut = true;
                            }
                        }
                    }
                    rounds.add(self.audit.files.take_fresh());
                    if is_cut {
                        tokio::time::sleep(ASK_AGAIN).await;
                        entries = self.follow().await.ready_chunks(AT_ONCE);
                    }
                }
                Some((key, needed, looked)) = async { Some(looking.as_mut()?.await) }, if looking.is_some() => {
                    looking = None;
                    self.looked(key, &needed, looked);
                }
                Some(found) = damaged.next() => self.found(found),
                _ = tell.tick() => {
                    for found in self.audit.overdue((self.clock)()) {
                        self.found(found);
                    }
                    self.tell(&rounds).await;
                }
            }
        }
    }

    /// The log after what was taken in.
    async fn follow(&self) -> EntryStream {
        loop {
            match self.log.follow(self.audit.sequence()).await {
                Ok(entries) => return entries,
                Err(error) => warn!(%error, "the log cannot be followed now; trying again"),
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
    }

    fn next_file(&mut self, rounds: &mut Rounds) -> Option<(String, Needed, Instant)> {
        let (key, at) = match self.again.take() {
            Some(again) => again,
            None => {
                let (key, pause) = rounds.next(|last| self.audit.files.after(last))?;
                (key, Instant::now() + pause)
            }
        };
        // It may be of no use by now.
        let needed = self.audit.files.get(&key)?.clone();
        Some((key, needed, at))
    }

    fn looked(&mut self, key: String, needed: &Needed, looked: Looked) {
        match looked {
            Looked::Good => {
                self.metrics.looked.inc();
                self.report.files_good += 1;
            }
            Looked::Away(reason) => {
                debug!(key, reason, "the store cannot be asked now");
                self.metrics.unanswered.inc();
                self.again = Some((key, Instant::now() + ASK_AGAIN));
            }
            // What a newer event made useless may have been taken away before that was heard of here.
            Looked::Broken(..) if self.audit.files.get(&key) != Some(needed) => {}
            Looked::Broken(..) if self.doubted.as_ref() != Some(&key) => {
                self.again = Some((key.clone(), Instant::now() + SECOND_LOOK));
                self.doubted = Some(key);
            }
            Looked::Broken(rule, said) => {
                self.doubted = None;
                if self.wrong.insert(key) {
                    self.found(Finding {
                        rule,
                        sequence: needed.sequence,
                        of: Some(needed.of.clone()),
                        said,
                    });
                }
            }
        }
    }

    fn found(&mut self, finding: Finding) {
        let Finding { rule, sequence, of, said } = finding;
        error!(rule = rule.name(), sequence, ?of, said, "the audit has found what does not hold");
        self.metrics.found(rule);
        if self.report.findings.len() < TOLD {
            let rule = rule.name().to_owned();
            self.report.findings.push(AuditFinding { rule, sequence, of, said });
        } else {
            self.report.more += 1;
        }
    }

    async fn tell(&mut self, rounds: &Rounds) {
        let (jobs, _) = self.audit.open();
        self.metrics.position.set(self.audit.sequence());
        self.metrics.open.set(count(jobs));
        self.metrics.files.set(count(self.audit.files.len()));
        self.metrics.files_waiting.set(count(rounds.waiting()));
        self.report.sequence = self.audit.sequence();
        self.report.told = (self.clock)();
        self.report.files = self.audit.files.len() as u64;
        self.report.files_waiting = rounds.waiting() as u64;
        if let Err(error) = self.views.keep_audit(&self.report).await {
            warn!(%error, "what the audit says cannot be kept now; the metrics have it");
        }
    }
}

fn count(of: usize) -> i64 {
    i64::try_from(of).unwrap_or(i64::MAX)
}
