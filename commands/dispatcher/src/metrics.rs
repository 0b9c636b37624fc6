//! What a dispatcher counts, for whoever collects it: who waits, what was sent out, and what was lost.

use std::collections::BTreeMap;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use trainyard_commands::world::World;
use trainyard_events::config::Priority;
use trainyard_events::{Aggregate, Event, JobEvent, Recorded};

/// Upper bounds of the waiting times, in seconds: from at once to a day.
const WAIT_S: [f64; 10] = [1.0, 3.0, 10.0, 30.0, 60.0, 300.0, 1_800.0, 7_200.0, 28_800.0, 86_400.0];
const CLASSES: [Priority; 3] = [Priority::High, Priority::Normal, Priority::Low];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ClassLabels {
    class: String,
}

/// As in the log, `job.finished`: a few dozen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabels {
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PoolLabels {
    pool: String,
}

/// Clones count the same. What was written is counted as it is read in the log: by every dispatcher that runs.
#[derive(Clone)]
pub struct DispatcherMetrics {
    waiting: Family<ClassLabels, Gauge>,
    open: Gauge,
    wait: Histogram,
    dispatches: Family<PoolLabels, Counter>,
    lost: Counter,
    events: Family<KindLabels, Counter>,
    failed_actions: Counter,
    quarantined: Gauge,
    queue_paused: Gauge,
    workers_drained: Gauge,
}

impl Default for DispatcherMetrics {
    fn default() -> Self {
        DispatcherMetrics {
            waiting: Family::default(),
            open: Gauge::default(),
            wait: Histogram::new(WAIT_S),
            dispatches: Family::default(),
            lost: Counter::default(),
            events: Family::default(),
            failed_actions: Counter::default(),
            quarantined: Gauge::default(),
            queue_paused: Gauge::default(),
            workers_drained: Gauge::default(),
        }
    }
}

impl DispatcherMetrics {
    pub fn register(&self, registry: &mut Registry) {
        let own = self.clone();
        let waiting = "Jobs that could run if there were room, by class";
        registry.register("dispatcher_waiting_jobs", waiting, own.waiting);
        registry.register("dispatcher_open_jobs", "Jobs that have not ended", own.open);
        let wait = "From the request of a job to its first dispatch";
        registry.register_with_unit("dispatcher_wait", wait, Unit::Seconds, own.wait);
        registry.register("dispatcher_dispatches", "Jobs put on the work queue, by pool", own.dispatches);
        registry.register("dispatcher_leases_lost", "Attempts whose lease ran out", own.lost);
        registry.register("dispatcher_events", "Events read since it started, by kind", own.events);
        let failed = "Actions that were due and could not be done, and are tried again";
        registry.register("dispatcher_failed_actions", failed, own.failed_actions);
        let quarantined = "Jobs, datasets and others with an event that this binary cannot read";
        registry.register("dispatcher_quarantined", quarantined, own.quarantined);
        let paused = "1 while operators let nothing be dispatched";
        registry.register("dispatcher_queue_paused", paused, own.queue_paused);
        let drained = "Workers that operators give nothing new";
        registry.register("dispatcher_workers_drained", drained, own.workers_drained);
    }

    /// Counts an event that the world is about to take in.
    pub(crate) fn count(&self, world: &World, recorded: &Recorded) {
        let envelope = &recorded.envelope;
        self.events.get_or_create(&KindLabels { kind: envelope.event.kind() }).inc();
        let (Aggregate::Job(id), Event::Job(event)) = (&envelope.aggregate, &envelope.event) else { return };
        match event {
            JobEvent::Dispatched { pool, withdrawn: false, .. } => {
                self.dispatches.get_or_create(&PoolLabels { pool: pool.to_string() }).inc();
                let open = world.jobs.get(&(envelope.tenant.clone(), *id));
                if let Some(open) = open.filter(|open| open.job.dispatch == 0) {
                    self.wait.observe((envelope.at - open.since).as_seconds_f64().max(0.0));
                }
            }
            JobEvent::AttemptLost { .. } => {
                self.lost.inc();
            }
            _ => {}
        }
    }

    pub(crate) fn show(&self, world: &World, waiting: &BTreeMap<Priority, usize>) {
        self.open.set(gauge(world.jobs.len()));
        self.quarantined.set(gauge(world.quarantine.len()));
        self.queue_paused.set(i64::from(world.maintenance.paused.is_some()));
        self.workers_drained.set(gauge(world.maintenance.drained.len()));
        for class in CLASSES {
            let labels = ClassLabels { class: class.to_string() };
            self.waiting.get_or_create(&labels).set(gauge(waiting.get(&class).copied().unwrap_or(0)));
        }
    }

    pub(crate) fn action_failed(&self) {
        self.failed_actions.inc();
    }
}

fn gauge(count: usize) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}
