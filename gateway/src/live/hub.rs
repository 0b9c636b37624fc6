//! What a gateway follows for all its sockets at once: the log, the telemetry and the fleet, one reader each.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, RwLock, RwLockReadGuard};
use std::time::Duration;

use futures::StreamExt;
use tokio::sync::{broadcast, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};
use trainyard_api::workers::Fleet;
use trainyard_bus::{Bus, EventLog, FleetChange, LeaseChange, LogError, Telling};
use trainyard_events::fleet::WorkerRecord;
use trainyard_events::{Entry as LogEntry, Maintenance, Quarantine, Recorded, TenantId, limits};
use uuid::Uuid;

use super::ring::{Entry, Ring};

/// Measurements and console lines that a socket may be behind before it misses some.
const TELEMETRY_QUEUE: usize = 1_024;
/// Wait before following again what could not be followed.
const RETRY: Duration = Duration::from_secs(1);
/// Every tenant's sockets look at the ring after so many events, so that none of them is left behind where it begins.
const ALL_WAKE_EVERY: u64 = 64;
/// The fleet is told at most this often.
const FLEET_INTERVAL: Duration = Duration::from_secs(1);

/// A measurement, or lines of a console, and whose it is.
pub(crate) type Told = Arc<(TenantId, Uuid, Telling)>;

/// A lease that was not renewed for so long is late: what holds it cannot be reached.
const LATE: Duration = limits::LEASE_RENEWAL.saturating_mul(2);
/// A lease that was not renewed for so long is of no interest any more.
const FORGOTTEN: Duration = Duration::from_secs(3_600);

/// The workers, and the leases of what they run.
#[derive(Clone, Debug, Default)]
pub(crate) struct FleetNow {
    workers: BTreeMap<String, WorkerRecord>,
    leases: HashMap<Uuid, Heard>,
    /// Jobs whose lease is late. Whether they still run is the log's to say.
    late: BTreeSet<Uuid>,
    /// What operators have taken out of work.
    maintenance: Arc<Maintenance>,
}

/// The last renewal of a job's lease.
#[derive(Clone, Debug)]
struct Heard {
    tenant: TenantId,
    at: Instant,
}

impl FleetNow {
    /// As `tenant` may see it: of the jobs that run, only its own.
    pub(crate) fn workers(&self, tenant: &TenantId) -> Vec<WorkerRecord> {
        let own = |job: &Uuid| self.owns(tenant, job);
        let seen = |record: &WorkerRecord| {
            let mut seen = record.clone();
            seen.jobs.retain(own);
            seen.devices.iter_mut().for_each(|device| device.jobs.retain(own));
            seen
        };
        self.workers.values().map(seen).collect()
    }

    /// With the jobs of every tenant: to count by, and to show nobody.
    pub(crate) fn everyone(&self) -> Vec<WorkerRecord> {
        self.workers.values().cloned().collect()
    }

    fn owns(&self, tenant: &TenantId, job: &Uuid) -> bool {
        self.leases.get(job).is_some_and(|heard| heard.tenant == *tenant)
    }

    /// Jobs of `tenant` whose attempt has not renewed its lease in time. It may come back, or be declared lost.
    pub(crate) fn late(&self, tenant: &TenantId) -> Vec<Uuid> {
        self.late.iter().copied().filter(|job| self.owns(tenant, job)).collect()
    }

    pub(crate) fn seen_by(&self, tenant: &TenantId) -> Fleet {
        Fleet {
            workers: self.workers(tenant),
            unreachable: self.late(tenant),
            drained: self.maintenance.drained.values().cloned().collect(),
            paused: self.maintenance.paused.clone(),
        }
    }

    /// Whether there is such a worker, or was one that is drained.
    pub(crate) fn knows(&self, worker: &str) -> bool {
        self.workers.contains_key(worker) || self.maintenance.is_drained(worker)
    }

    pub(crate) fn maintenance(&self) -> Arc<Maintenance> {
        self.maintenance.clone()
    }

    /// Looks at the clock; true when that changed who is late.
    fn look(&mut self, now: Instant) -> bool {
        self.leases.retain(|_, heard| now.duration_since(heard.at) < FORGOTTEN);
        let late = self.leases.iter().filter(|(_, heard)| now.duration_since(heard.at) >= LATE);
        let late = late.map(|(job, _)| *job).collect();
        std::mem::replace(&mut self.late, late) != self.late
    }
}

pub(crate) struct Hub {
    ring: RwLock<Ring>,
    newest: watch::Sender<u64>,
    /// Of the tenants that have sockets: changes with each event of theirs.
    news: RwLock<HashMap<TenantId, watch::Sender<()>>>,
    telemetry: broadcast::Sender<Told>,
    fleet: watch::Sender<Arc<FleetNow>>,
}

impl Hub {
    /// Will hold the newest `recent` events of a log that ends at `newest` now.
    pub(crate) fn new(newest: u64, recent: usize) -> Hub {
        let ring = Ring::new(newest, recent);
        Hub {
            newest: watch::Sender::new(ring.newest()),
            news: RwLock::default(),
            ring: RwLock::new(ring),
            telemetry: broadcast::Sender::new(TELEMETRY_QUEUE),
            fleet: watch::Sender::default(),
        }
    }

    pub(crate) fn ring(&self) -> RwLockReadGuard<'_, Ring> {
        self.ring.read().expect("nothing panics while it writes the ring")
    }

    /// Changes with every event that the ring takes in.
    pub(crate) fn newest(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    /// Changes with every event of this tenant's, and now and then with those of others.
    pub(crate) fn news_of(&self, tenant: &TenantId) -> watch::Receiver<()> {
        let mut news = self.news.write().expect("nothing panics while it writes the news");
        news.entry(tenant.clone()).or_default().subscribe()
    }

    fn wake(&self, tenant: Option<&TenantId>, sequence: u64) {
        if sequence.is_multiple_of(ALL_WAKE_EVERY) {
            let mut news = self.news.write().expect("nothing panics while it writes the news");
            news.retain(|_, sockets| sockets.send(()).is_ok());
            return;
        }
        let news = self.news.read().expect("nothing panics while it writes the news");
        if let Some(sockets) = tenant.and_then(|tenant| news.get(tenant)) {
            sockets.send_replace(());
        }
    }

    pub(crate) fn telemetry(&self) -> broadcast::Receiver<Told> {
        self.telemetry.subscribe()
    }

    pub(crate) fn fleet(&self) -> watch::Receiver<Arc<FleetNow>> {
        self.fleet.subscribe()
    }

    pub(crate) fn push(&self, entry: LogEntry) {
        let (sequence, of) = (entry.sequence(), entry.of());
        self.ring.write().expect("nothing panics while it writes the ring").push(entry);
        self.newest.send_replace(sequence);
        self.wake(of.as_ref().map(|(tenant, _)| tenant), sequence);
    }

    /// What the views hold back already.
    pub(crate) fn hold(&self, quarantine: &Quarantine) {
        self.ring.write().expect("nothing panics while it writes the ring").hold(quarantine);
    }

    /// The first event after `after` that `wanted` takes, as soon as it comes; `None` after `timeout`.
    pub(crate) async fn wait(
        &self,
        after: u64,
        timeout: Duration,
        wanted: impl Fn(&Recorded) -> bool,
    ) -> Option<Arc<Entry>> {
        let mut newest = self.newest();
        let mut seen = after;
        let found = async {
            loop {
                newest.mark_unchanged();
                if let Some(found) = self.find(&mut seen, &wanted) {
                    return Some(found);
                }
                newest.changed().await.ok()?;
            }
        };
        tokio::time::timeout(timeout, found).await.unwrap_or(None)
    }

    fn find(&self, seen: &mut u64, wanted: impl Fn(&Recorded) -> bool) -> Option<Arc<Entry>> {
        let ring = self.ring();
        let after = (*seen).max(ring.floor());
        let is_wanted = |entry: &&Arc<Entry>| entry.event.as_ref().is_some_and(|(event, _)| wanted(event));
        let found = ring.after(after)?.find(is_wanted).cloned();
        *seen = ring.newest();
        found
    }

    /// Follows the log until told to stop; `each` sees every event before the sockets do.
    pub(crate) async fn follow_events(
        &self,
        log: impl EventLog,
        stop: CancellationToken,
        each: impl Fn(&Recorded),
    ) {
        loop {
            let followed = async {
                let after = self.ring().newest();
                let mut entries = log.follow(after).await?;
                while let Some(entry) = entries.next().await {
                    let entry = entry?;
                    entry.as_event().into_iter().for_each(&each);
                    self.push(entry);
                }
                Err(LogError::Unavailable("the stream of events ended".to_owned()))
            };
            let ended: Result<(), LogError> = tokio::select! {
                () = stop.cancelled() => return,
                ended = followed => ended,
            };
            if let Err(error) = ended {
                warn!(%error, "the log cannot be followed, trying again");
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    /// Passes on what is told of jobs to whoever listens, for ever.
    pub(crate) async fn follow_telemetry(&self, bus: &Bus) {
        loop {
            match bus.telemetry().follow_all().await {
                Ok(mut telemetry) => {
                    while let Some(told) = telemetry.next().await {
                        // Nobody listening is no failure.
                        let _ = self.telemetry.send(Arc::new(told));
                    }
                    warn!("telemetry ended, following it again");
                }
                Err(error) => warn!(%error, "telemetry cannot be followed, trying again"),
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    /// Keeps the picture of the fleet, for ever.
    pub(crate) async fn follow_fleet(&self, bus: &Bus) {
        let (mut workers, mut leases) = (bus.fleet().watch(), bus.leases().watch());
        let mut maintenance = bus.maintenance();
        let mut now = FleetNow::default();
        let mut changed = true;
        let mut tell = tokio::time::interval(FLEET_INTERVAL);
        loop {
            tokio::select! {
                Some(change) = workers.next() => changed |= match change {
                    FleetChange::Seen(record) => now.workers.insert(record.worker.clone(), (*record).clone()) != Some(*record),
                    FleetChange::Gone(worker) => now.workers.remove(&worker).is_some(),
                },
                Some(change) = leases.next() => if let LeaseChange::Held { job, lease } = change {
                    let heard = Heard { tenant: lease.tenant, at: Instant::now() };
                    changed |= now.leases.insert(job, heard).is_none();
                },
                Some(said) = maintenance.next() => {
                    changed |= now.maintenance != said;
                    now.maintenance = said;
                }
                _ = tell.tick() => if now.look(Instant::now()) | std::mem::take(&mut changed) {
                    self.fleet.send_replace(Arc::new(now.clone()));
                },
                else => {
                    error!("the fleet is not told any more");
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use futures::{StreamExt, stream};
    use tokio::time::Instant;
    use trainyard_bus::{AppendError, EntryStream, EventLog, LogError, MemoryLog};
    use trainyard_events::{Aggregate, Entry, Envelope, TenantId, limits};
    use uuid::Uuid;

    use super::{FleetNow, Heard, Hub};
    use crate::live::tests::event;

    const SOON: Duration = Duration::from_secs(5);

    #[test]
    fn a_lease_that_is_not_renewed_is_late_and_heals() {
        let (job, begin) = (Uuid::from_u128(1), Instant::now());
        let heard = |at| Heard { tenant: "acme".parse().expect("a name"), at };
        let mut fleet = FleetNow { leases: [(job, heard(begin))].into(), ..FleetNow::default() };
        let (own, other) = ("acme".parse().expect("a name"), "beta".parse().expect("a name"));
        assert!(!fleet.look(begin + limits::LEASE_RENEWAL));
        let later = begin + limits::LEASE_RENEWAL * 2;
        assert!(fleet.look(later) && !fleet.look(later), "said once");
        assert_eq!((fleet.late(&own), fleet.late(&other)), (vec![job], vec![]));
        fleet.leases.insert(job, heard(later));
        assert!(fleet.look(later + Duration::from_secs(1)));
        assert!(fleet.late(&own).is_empty());
        fleet.look(later + super::FORGOTTEN);
        assert!(fleet.leases.is_empty(), "an ended attempt is forgotten in time");
    }

    #[test]
    fn sockets_wake_for_their_own_tenant_and_now_and_then_for_others() {
        let hub = Hub::new(0, 1_000);
        let mut own = hub.news_of(&"acme".parse().expect("a name"));
        let mut other = hub.news_of(&"other".parse().expect("a name"));
        let woken = |socket: &mut tokio::sync::watch::Receiver<()>| {
            let woken = socket.has_changed().expect("the hub is there");
            socket.mark_unchanged();
            woken
        };
        let mut times = (0, 0);
        for sequence in 1..=super::ALL_WAKE_EVERY * 2 {
            hub.push(event(sequence).into());
            times = (times.0 + u64::from(woken(&mut own)), times.1 + u64::from(woken(&mut other)));
        }
        assert_eq!(times, (super::ALL_WAKE_EVERY * 2, 2));
        drop(other);
        (1..=super::ALL_WAKE_EVERY).for_each(|more| hub.push(event(super::ALL_WAKE_EVERY * 2 + more).into()));
        assert_eq!(
            hub.news.read().expect("nothing panicked").len(),
            1,
            "a tenant without sockets is forgotten"
        );
    }

    #[tokio::test]
    async fn it_follows_the_log_and_waits_for_what_is_wanted() {
        let (log, hub) = (MemoryLog::default(), Hub::new(0, 10));
        let stop = tokio_util::sync::CancellationToken::new();
        let waits = async {
            let third = hub.wait(0, SOON, |recorded| recorded.sequence == 3).await;
            assert_eq!(third.map(|entry| entry.sequence), Some(3));
            let known = hub.wait(1, SOON, |_| true).await;
            assert_eq!(known.map(|entry| entry.sequence), Some(2));
            let never = hub.wait(3, Duration::from_millis(20), |_| true).await;
            assert!(never.is_none());
            stop.cancel();
        };
        let appends = async {
            for sequence in 1..=3 {
                log.append(&event(sequence).envelope, sequence - 1).await.expect("nobody else writes");
            }
        };
        tokio::join!(hub.follow_events(log.clone(), stop.clone(), |_| {}), waits, appends);
    }

    /// A log whose followers are cut off again and again: after none, one, two or three entries, with an error or without.
    #[derive(Clone, Default)]
    struct Cut {
        log: MemoryLog,
        follows: Arc<AtomicUsize>,
    }

    impl EventLog for Cut {
        async fn append(&self, envelope: &Envelope, last: u64) -> Result<u64, AppendError> {
            self.log.append(envelope, last).await
        }

        async fn put_back(&self, entry: &Entry, last: u64) -> Result<u64, AppendError> {
            self.log.put_back(entry, last).await
        }

        async fn entries(
            &self,
            tenant: &TenantId,
            of: &Aggregate,
            after: u64,
        ) -> Result<Vec<Entry>, LogError> {
            self.log.entries(tenant, of, after).await
        }

        async fn at(&self, sequence: u64) -> Result<Option<Entry>, LogError> {
            self.log.at(sequence).await
        }

        async fn follow(&self, after: u64) -> Result<EntryStream, LogError> {
            let lost = || LogError::Unavailable("the connection was cut".to_owned());
            let follows = self.follows.fetch_add(1, Ordering::Relaxed);
            let cut = stream::iter(follows.is_multiple_of(2).then(|| Err(lost())));
            match follows % 5 {
                4 => Err(lost()),
                entries => Ok(Box::pin(self.log.follow(after).await?.take(entries).chain(cut))),
            }
        }

        async fn last_sequence(&self) -> Result<u64, LogError> {
            self.log.last_sequence().await
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_gets_every_event_once_however_often_the_log_is_cut_off() {
        const EVENTS: u64 = 100;
        let (log, hub) = (Cut::default(), Hub::new(0, EVENTS as usize));
        let stop = tokio_util::sync::CancellationToken::new();
        let reads = async {
            let (mut newest, mut told) = (hub.newest(), Vec::new());
            while told.last() != Some(&EVENTS) {
                newest.changed().await.expect("the hub is there");
                let after = told.last().copied().unwrap_or(0);
                told.extend(hub.ring().after(after).expect("it holds them all").map(|entry| entry.sequence));
            }
            stop.cancel();
            told
        };
        let appends = async {
            for sequence in 1..=EVENTS {
                log.append(&event(sequence).envelope, sequence - 1).await.expect("nobody else writes");
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
        };
        let seen = std::sync::Mutex::new(Vec::new());
        let each = |recorded: &super::Recorded| seen.lock().expect("nobody panics").push(recorded.sequence);
        let all = async { tokio::join!(hub.follow_events(log.clone(), stop.clone(), each), reads, appends) };
        let told =
            tokio::time::timeout(Duration::from_secs(1_000), all).await.expect("it reads to the end").1;
        assert_eq!(told, (1..=EVENTS).collect::<Vec<_>>());
        assert_eq!(seen.into_inner().expect("nobody panics"), told, "and so does the gateway itself");
        assert!(log.follows.load(Ordering::Relaxed) > 20, "it was hardly ever cut off");
    }
}
