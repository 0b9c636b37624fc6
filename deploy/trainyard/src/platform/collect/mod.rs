//! `trainyard collect`: takes checkpoints that nobody will go on from, what dead attempts and old inspections have left, and
//! what only deleted datasets needed, out of the store.
//!
//! It only reads the log, so any number may run, at any time, while workers upload: see `garbage`. Nothing is remembered
//! from one run to the next, so one that was killed is finished by the next.

mod datasets;
mod files;
mod garbage;
mod inspections;
mod printed;
mod verdict;

use std::time::Duration;

use anyhow::{Context, Result};
use futures::{StreamExt, TryStreamExt, stream};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};
use trainyard_bus::EventLog;
use trainyard_door::system_clock;
use trainyard_events::TenantId;
use trainyard_store::{Listed, Store, StoreError, Unfinished};

use crate::args::Collect;
use crate::platform::backends::Backends;
use crate::platform::settings::Resolved;
use garbage::Named;
use verdict::{Garbage, Verdict};

/// Everything that attempts write lies below.
const JOBS: &str = "jobs/";
/// And what inspections of datasets leave.
const DATASETS: &str = "datasets/";
/// Objects that leave in one run; the rest is for the next.
const OBJECTS_MAX: usize = 100_000;
/// Requests to the store at once.
const AT_ONCE: usize = 8;
/// Between two runs beside a platform, and before the first.
const EVERY: Duration = Duration::from_secs(3_600);

/// What one run found.
#[derive(Debug, Default)]
struct Found {
    garbage: Vec<(Garbage, Listed)>,
    /// Uploads in parts that dead attempts have begun.
    uploads: Vec<Unfinished>,
    kept: usize,
    foreign: usize,
    /// Tenants whose datasets name what cannot be read: their files stay.
    unread: Vec<TenantId>,
    /// Whether there was more than one run takes.
    is_cut: bool,
}

impl Found {
    fn bytes(&self) -> u64 {
        self.garbage.iter().map(|(_, object)| object.bytes).sum()
    }
}

pub(crate) async fn run(settings: Resolved, wish: Collect, json: bool) -> Result<()> {
    let (backends, servers) = match &settings.external {
        Some(external) => (Backends::connect_as_part(external, settings.nats_replicas).await?, None),
        None => Box::pin(Backends::start(&settings)).await?,
    };
    let outcome = collect(&backends.bus.log(), &backends.store, system_clock(), wish.dry_run).await;
    backends.views.close().await;
    if let Some(servers) = servers {
        servers.stop().await?;
    }
    printed::print(&outcome?, wish.dry_run, json);
    Ok(())
}

/// Finds what is of no use, and takes it away unless this is only to be looked at.
async fn collect(log: &impl EventLog, store: &Store, now: OffsetDateTime, dry_run: bool) -> Result<Found> {
    let named = read(log).await?;
    let mut found = Found::default();
    let living = named.living();
    let manifests = living.iter().flat_map(|(_, living)| living.manifests.keys().cloned()).collect();
    look_through(store, JOBS, &mut found, |object| named.verdict(object, now)).await?;
    let before = found.foreign;
    let of_dataset = |object: &Listed| match garbage::manifest_of(&object.key) {
        Some(dataset) => named.verdict_of_manifest(dataset, object, &manifests, now),
        None => named.verdict(object, now),
    };
    look_through(store, DATASETS, &mut found, of_dataset).await?;
    // Files are told apart by nothing but their tenant's name. Beside datasets that this log does not know, they may be
    // those of another log.
    let is_ours = found.foreign == before;
    for (tenant, living) in living.iter().filter(|_| is_ours) {
        if !found.is_cut {
            files::look_through(store, tenant, living, now, &mut found).await?;
        }
    }
    let uploads = store.unfinished(JOBS).await.context("unfinished uploads cannot be listed")?;
    found.uploads = uploads.into_iter().filter(|upload| named.is_abandoned(&upload.key)).collect();
    if !dry_run {
        // Only now: a page of a list means something while what it lists stays.
        let leaving: Vec<_> = found.garbage.iter().map(|(why, object)| remove(store, *why, object)).collect();
        let left = stream::iter(leaving).buffer_unordered(AT_ONCE).try_collect::<()>();
        left.await.context("an object cannot be deleted")?;
        for upload in &found.uploads {
            store.abandon(upload).await.context("an unfinished upload cannot be given up")?;
        }
    }
    Ok(found)
}

/// Judges every object below `kind`, as long as there is room for more in this run.
async fn look_through(
    store: &Store,
    kind: &str,
    found: &mut Found,
    verdict: impl Fn(&Listed) -> Verdict,
) -> Result<()> {
    let mut page = None;
    while !found.is_cut {
        let listed = store.list(kind, page).await.context("the store cannot be listed")?;
        for object in listed.objects {
            match verdict(&object) {
                Verdict::Keep => found.kept += 1,
                Verdict::Foreign => found.foreign += 1,
                Verdict::Collect(why) => found.garbage.push((why, object)),
            }
        }
        page = listed.next;
        if page.is_none() {
            break;
        }
        found.is_cut = found.garbage.len() >= OBJECTS_MAX;
    }
    Ok(())
}

async fn remove(store: &Store, why: Garbage, object: &Listed) -> Result<(), StoreError> {
    if let Garbage::Manifest | Garbage::File = why
        && store.seen(&object.key).await?.is_none_or(|seen| seen.written_s > object.written_s)
    {
        // Uploaded again since it was listed: somebody is about to name it.
        return Ok(());
    }
    store.delete(&object.key).await?;
    debug!(key = object.key, bytes = object.bytes, ?why, "collected");
    Ok(())
}

/// The whole log as of now, as far as it names objects.
async fn read(log: &impl EventLog) -> Result<Named> {
    let newest = log.last_sequence().await?;
    let (mut named, mut at) = (Named::default(), 0);
    let mut entries = log.follow(0).await?;
    while at < newest {
        let entry = entries.next().await.context("the log ended")??;
        at = entry.sequence();
        named.take_in(entry);
    }
    Ok(named)
}

#[derive(Clone, Default)]
pub(crate) struct CollectorMetrics {
    objects: Counter,
    bytes: Counter,
    uploads: Counter,
    failures: Counter,
    kept: Gauge,
    foreign: Gauge,
    unread: Gauge,
}

impl CollectorMetrics {
    pub(crate) fn register(&self, registry: &mut Registry) {
        let own = self.clone();
        registry.register("collector_objects", "Objects that were of no use and are collected", own.objects);
        let bytes = "What they took up";
        registry.register_with_unit("collector_collected", bytes, Unit::Bytes, own.bytes);
        let uploads = "Unfinished uploads of attempts that were over";
        registry.register("collector_uploads", uploads, own.uploads);
        registry.register("collector_failures", "Runs of the collector that failed", own.failures);
        registry.register("collector_kept_objects", "Objects of use, as of the last run", own.kept);
        let foreign = "Objects of attempts and inspections that the log does not know, as of the last run";
        registry.register("collector_foreign_objects", foreign, own.foreign);
        let unread = "Tenants whose files stay because what names them cannot be read, as of the last run";
        registry.register("collector_unread_tenants", unread, own.unread);
    }

    fn count(&self, found: &Found) {
        self.objects.inc_by(found.garbage.len() as u64);
        self.bytes.inc_by(found.bytes());
        self.uploads.inc_by(found.uploads.len() as u64);
        self.kept.set(found.kept as i64);
        self.foreign.set(found.foreign as i64);
        self.unread.set(found.unread.len() as i64);
    }
}

/// Collects every hour until told to stop. A run that fails is tried again with the next.
pub(crate) async fn every_hour(
    log: impl EventLog,
    store: Store,
    metrics: CollectorMetrics,
    stop: CancellationToken,
) {
    while stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
        let Some(outcome) = stop.run_until_cancelled(collect(&log, &store, system_clock(), false)).await
        else {
            return;
        };
        match outcome {
            Ok(found) => {
                metrics.count(&found);
                let (objects, bytes, Found { kept, foreign, is_cut, .. }) =
                    (found.garbage.len(), found.bytes(), &found);
                info!(objects, bytes, kept, foreign, more = is_cut, "the store is rid of what is of no use");
            }
            Err(error) => {
                metrics.failures.inc();
                warn!("what is of no use stays in the store until the next run: {error:#}");
            }
        }
    }
}

#[cfg(test)]
mod tests;
