//! Reads everything back when the storm is over: the log, the artifacts, the views, what sockets were told.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::time::{Instant, sleep};
use trainyard_audit::Audit;
use trainyard_bus::{Bus, BusConfig, EventLog};
use trainyard_events::job::JobEvent;
use trainyard_events::results::Artifact;
use trainyard_events::{Aggregate, Entry, Event, Recorded};
use trainyard_store::Store;
use uuid::Uuid;

use super::fleet::Fleet;
use super::load::{self, Acknowledged};
use crate::chain;

/// The auditor has read the log and every new file within this long after the last event.
const AUDIT_DEADLINE: Duration = Duration::from_secs(120);

/// What was counted on the way.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) events: usize,
    pub(super) jobs: usize,
    pub(super) attempts: usize,
    pub(super) artifacts: usize,
    /// Times an event of this kind was written.
    pub(super) kinds: BTreeMap<&'static str, usize>,
    pub(super) lost: Vec<Loss>,
    /// From each loss to the next attempt at the same job.
    pub(super) recoveries: Vec<time::Duration>,
    /// Every sequence of the log.
    pub(super) sequences: Vec<u64>,
}

/// An attempt that was lost: who ran it, from when, and when its loss was written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Loss {
    pub(super) worker: String,
    pub(super) began: OffsetDateTime,
    pub(super) at: OffsetDateTime,
}

/// Every event of the log, straight from the server, as it is stored: what people have said is sealed there and in the feed.
pub(super) async fn whole_log(fleet: &Fleet) -> Result<Vec<Recorded>> {
    let bus = Bus::connect(BusConfig { url: fleet.nats.clone(), replicas: 1 }).await?.sealed();
    let newest = bus.log().last_sequence().await?;
    let mut following = bus.log().follow(0).await?;
    let mut events: Vec<Recorded> = Vec::new();
    while events.last().is_none_or(|last| last.sequence < newest) {
        let entry = following.next().await.context("the log ended")??;
        events.push(entry.event().context("an event that cannot be read")?);
    }
    Ok(events)
}

/// The log once nothing is open in it, or as it is when that takes too long: what is then open is a finding.
pub(super) async fn calm_log(fleet: &Fleet, deadline: Duration) -> Result<Vec<Recorded>> {
    let begun = Instant::now();
    loop {
        let events = whole_log(fleet).await?;
        let mut audit = Audit::default();
        events.iter().for_each(|recorded| drop(audit.take_in(Entry::Event(Box::new(recorded.clone())))));
        if audit.open() == (0, 0) || begun.elapsed() > deadline {
            return Ok(events);
        }
        sleep(Duration::from_secs(1)).await;
    }
}

/// Fails with what does not hold of the log, the store or the views.
pub(super) async fn check(
    fleet: &Fleet,
    events: &[Recorded],
    acknowledged: &[Acknowledged],
) -> Result<Findings> {
    let mut findings = promises(events, acknowledged)?;
    let histories = histories(events);
    let store = fleet.store().await?;
    findings.artifacts = needed_are_there(&store, &histories, &fleet.path().join("artifact")).await?;
    // It has run on the way, and does so once more.
    fleet.collect().await?;
    passed_are_gone(&store, &histories).await?;
    let verified = fleet.trainyard(&["rebuild", "--verify"]).await.context("rebuilt views differ")?;
    ensure!(!verified.is_empty(), "rebuild says nothing");
    Ok(findings)
}

/// Fails with what does not hold of the log, and the history of the job that it does not hold of.
pub(super) fn promises(events: &[Recorded], acknowledged: &[Acknowledged]) -> Result<Findings> {
    let mut findings = Findings { events: events.len(), jobs: acknowledged.len(), ..Findings::default() };
    audited(events)?;
    for recorded in events {
        findings.sequences.push(recorded.sequence);
        *findings.kinds.entry(recorded.envelope.event.kind()).or_default() += 1;
    }
    let known: BTreeSet<u64> = findings.sequences.iter().copied().collect();
    let histories = histories(events);
    let none = Vec::new();
    for promise in acknowledged {
        ensure!(known.contains(&promise.sequence), "event {} was acknowledged and is lost", promise.sequence);
        let history = histories.get(&promise.job).unwrap_or(&none);
        job(history, promise, &mut findings).with_context(|| format!("job {}: {history:#?}", promise.job))?;
    }
    let asked: HashSet<Uuid> = acknowledged.iter().map(|promise| promise.job).collect();
    let uninvited: Vec<_> = histories.keys().filter(|job| !asked.contains(*job)).collect();
    ensure!(uninvited.is_empty(), "jobs that nobody was told of: {uninvited:?}");
    Ok(findings)
}

/// What the auditor of a platform says that has come to its end.
pub(super) struct Audited {
    pub(super) sequence: u64,
    /// Files that must be there, and times that one was read and was good.
    pub(super) files: u64,
    pub(super) files_good: u64,
}

/// Waits until the auditor has read everything, and fails with what it has found.
pub(super) async fn auditor(fleet: &Fleet, newest: u64) -> Result<Audited> {
    let begun = Instant::now();
    loop {
        let answer = load::insist(fleet, Method::GET, "/v1/audit", &Value::Null, "").await?;
        let said = &answer["audit"];
        let count = |what: &str| said[what].as_u64().unwrap_or(0);
        ensure!(said.is_null() || said["findings"] == json!([]), "the auditor has found: {said}");
        if count("sequence") >= newest && count("files_waiting") == 0 {
            let (sequence, files, files_good) = (count("sequence"), count("files"), count("files_good"));
            return Ok(Audited { sequence, files, files_good });
        }
        ensure!(begun.elapsed() < AUDIT_DEADLINE, "the auditor does not come to {newest}: {answer}");
        sleep(Duration::from_millis(500)).await;
    }
}

/// What the auditor of a platform that lives would have found.
fn audited(events: &[Recorded]) -> Result<()> {
    let mut audit = Audit::default();
    for recorded in events {
        let found = audit.take_in(Entry::Event(Box::new(recorded.clone())));
        ensure!(found.is_empty(), "{found:?} of {recorded:?}");
    }
    // Who looks begins to wait.
    let end = events.last().map_or(OffsetDateTime::UNIX_EPOCH, |last| last.envelope.at);
    let late = [audit.overdue(end), audit.overdue(end + time::Duration::days(1))].concat();
    ensure!(late.is_empty(), "nothing came of what was accepted: {late:?}");
    let (jobs, promises) = audit.open();
    ensure!((jobs, promises) == (0, 0), "{jobs} jobs and {promises} promises are open at the end");
    Ok(())
}

/// Of each job, what happened to it.
type Histories<'e> = BTreeMap<Uuid, Vec<&'e Recorded>>;

fn histories(events: &[Recorded]) -> Histories<'_> {
    let mut histories = Histories::new();
    for recorded in events {
        if let Aggregate::Job(job) = recorded.envelope.aggregate {
            histories.entry(job).or_default().push(recorded);
        }
    }
    histories
}

/// One history: it ends as it was to, with one lineage of weights.
fn job(history: &[&Recorded], promise: &Acknowledged, findings: &mut Findings) -> Result<()> {
    let (mut worker, mut began) = (String::new(), OffsetDateTime::UNIX_EPOCH);
    let mut lost_at = None;
    for recorded in history {
        let Event::Job(event) = &recorded.envelope.event else { continue };
        let at = recorded.envelope.at;
        lineage(event, promise)?;
        match event {
            JobEvent::AttemptStarted { worker: by, .. } => {
                worker.clone_from(by);
                began = at;
                findings.attempts += 1;
                findings.recoveries.extend(lost_at.take().map(|lost| at - lost));
            }
            JobEvent::AttemptLost { .. } => {
                findings.lost.push(Loss { began, at, worker: worker.clone() });
                lost_at = Some(at);
            }
            JobEvent::Cancelled { .. } => ensure!(promise.cancelled, "nobody wished to cancel it"),
            JobEvent::Failed { .. } => bail!("it failed for want of a retry budget"),
            _ => {}
        }
    }
    ensure!(!history.is_empty(), "it was acknowledged and has no history");
    Ok(())
}

/// Whoever trained it, and however often it was killed: every epoch's outcome is the one of the chain.
fn lineage(event: &JobEvent, promise: &Acknowledged) -> Result<()> {
    match event {
        JobEvent::EpochLogged { epoch, validation, .. } => {
            let expected = chain::accuracy(&chain::state(promise.seed, *epoch));
            let found = validation.get("accuracy").copied().context("an accuracy")?;
            ensure!(found.to_bits() == expected.to_bits(), "epoch {epoch}: {found} is not {expected}");
        }
        JobEvent::Finished { artifacts, best_epoch, .. } => {
            ensure!(*best_epoch == promise.epochs, "it finished after {best_epoch} epochs");
            let weights = artifacts.iter().find(|artifact| artifact.role == "weights").context("weights")?;
            let expected = sha256(chain::state(promise.seed, promise.epochs).as_bytes());
            ensure!(weights.sha256 == expected, "the weights are of another lineage");
        }
        _ => {}
    }
    Ok(())
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(bytes))
}

/// What is of use is there, with the hash that its event says; how many files that is.
async fn needed_are_there(store: &Store, histories: &Histories<'_>, to: &Path) -> Result<usize> {
    let needed: Vec<&Artifact> = histories.values().flat_map(|history| needed(history)).collect();
    for artifact in &needed {
        // Fails when its content has another hash.
        store.get_file(&artifact.key, &artifact.sha256, to).await.with_context(|| artifact.key.clone())?;
    }
    Ok(needed.len())
}

/// Nothing else that an event names is there.
async fn passed_are_gone(store: &Store, histories: &Histories<'_>) -> Result<()> {
    let needed: HashSet<&str> =
        histories.values().flat_map(|history| needed(history)).map(|artifact| &*artifact.key).collect();
    let named = histories.values().flatten().filter_map(|recorded| match &recorded.envelope.event {
        Event::Job(JobEvent::CheckpointCommitted { checkpoint, .. }) => Some(&*checkpoint.artifact.key),
        _ => None,
    });
    let passed: HashSet<&str> = named.filter(|key| !needed.contains(key)).collect();
    let mut page = None;
    loop {
        let listed = store.list("jobs/", page).await?;
        for object in &listed.objects {
            ensure!(!passed.contains(&*object.key), "{} is of no use and was not collected", object.key);
        }
        page = listed.next;
        if page.is_none() {
            return Ok(());
        }
    }
}

/// Of a job that has ended: what its end names, and the newest checkpoint, from which it could go on or be forked.
fn needed<'a>(history: &[&'a Recorded]) -> Vec<&'a Artifact> {
    let (mut newest, mut named) = (None, Vec::new());
    for recorded in history {
        match &recorded.envelope.event {
            Event::Job(JobEvent::CheckpointCommitted { checkpoint, .. }) => {
                newest = Some(&checkpoint.artifact)
            }
            Event::Job(JobEvent::Finished { artifacts, .. }) => named.extend(artifacts),
            _ => {}
        }
    }
    named.into_iter().chain(newest).collect()
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
