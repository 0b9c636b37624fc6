//! What a worker counts, for whoever collects it: what runs, how attempts end, what goes into the store, and when the
//! fleet last heard of it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::registry::{Registry, Unit};
use trainyard_events::job::JobEvent;

use crate::gpu::Gpus;
use crate::host::Host;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome {
    Finished,
    Failed,
    Preempted,
    Cancelled,
    /// It was another worker's by then, or had to be left.
    GivenUp,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

/// Clones count the same.
#[derive(Clone, Default)]
pub struct WorkerMetrics {
    running: Gauge,
    attempts: Family<OutcomeLabels, Counter>,
    trainers: Counter,
    adopted: Counter,
    uploaded_bytes: Counter,
    failed_uploads: Counter,
    heartbeat: Heartbeat,
    pub(crate) gpus: Gpus,
}

impl WorkerMetrics {
    /// And what the machine has and uses; attempts have their folders in `work_dir`.
    pub fn register(&self, registry: &mut Registry, work_dir: PathBuf) {
        let own = self.clone();
        registry.register_collector(Box::new(Host { work_dir }));
        registry.register_collector(Box::new(own.gpus));
        registry.register("worker_jobs_running", "Attempts that run here now", own.running);
        registry.register("worker_attempts", "Attempts that have ended here, by outcome", own.attempts);
        registry.register("worker_trainers_started", "Trainer processes started", own.trainers);
        let adopted = "Trainers of an earlier life of this worker that it went on with";
        registry.register("worker_trainers_adopted", adopted, own.adopted);
        let bytes = "What has arrived in the artifact store";
        registry.register_with_unit("worker_uploaded", bytes, Unit::Bytes, own.uploaded_bytes);
        let failed = "Tries of an upload that failed, those that were tried again included";
        registry.register("worker_failed_uploads", failed, own.failed_uploads);
        registry.register_collector(Box::new(own.heartbeat));
    }

    /// Counts an attempt as running until what is returned is dropped.
    pub(crate) fn runs(&self) -> Running {
        self.running.inc();
        Running(self.running.clone())
    }

    pub(crate) fn ended(&self, outcome: Outcome) {
        self.attempts.get_or_create(&OutcomeLabels { outcome: outcome.name() }).inc();
    }

    pub(crate) fn trainer_started(&self) {
        self.trainers.inc();
    }

    pub(crate) fn trainer_adopted(&self) {
        self.adopted.inc();
    }

    pub(crate) fn uploaded(&self, bytes: u64) {
        self.uploaded_bytes.inc_by(bytes);
    }

    pub(crate) fn upload_failed(&self) {
        self.failed_uploads.inc();
    }

    pub(crate) fn heard(&self) {
        self.heartbeat.heard();
    }
}

/// An attempt, counted until it is dropped.
pub(crate) struct Running(Gauge);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Outcome::Finished => "finished",
            Outcome::Failed => "failed",
            Outcome::Preempted => "preempted",
            Outcome::Cancelled => "cancelled",
            Outcome::GivenUp => "given_up",
        }
    }

    /// Of the attempt whose last fact this is.
    pub(crate) fn of(fact: &JobEvent) -> Outcome {
        match fact {
            JobEvent::Finished { .. } => Outcome::Finished,
            JobEvent::AttemptPreempted { .. } => Outcome::Preempted,
            JobEvent::Cancelled { .. } => Outcome::Cancelled,
            _ => Outcome::Failed,
        }
    }
}

/// When the fleet was last told that this worker is there: its age is taken when somebody asks.
#[derive(Clone, Debug)]
struct Heartbeat(Arc<Mutex<Instant>>);

impl Default for Heartbeat {
    fn default() -> Self {
        Heartbeat(Arc::new(Mutex::new(Instant::now())))
    }
}

impl Heartbeat {
    fn heard(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

impl Collector for Heartbeat {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let age = self.0.lock().unwrap_or_else(PoisonError::into_inner).elapsed().as_secs_f64();
        let gauge = ConstGauge::new(age);
        let help = "Since the fleet was last told that this worker is there";
        let (name, unit) = ("worker_heartbeat_age", Some(&Unit::Seconds));
        let encoder = encoder.encode_descriptor(name, help, unit, gauge.metric_type())?;
        gauge.encode(encoder)
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;

    use super::*;

    #[test]
    fn what_was_counted_can_be_read() {
        let (metrics, mut registry) = (WorkerMetrics::default(), Registry::default());
        metrics.register(registry.sub_registry_with_prefix("trainyard"), "/".into());
        let running = metrics.runs();
        metrics.ended(Outcome::GivenUp);
        metrics.uploaded(7);
        let mut text = String::new();
        encode(&mut text, &registry).expect("a string takes any text");
        for line in [
            "trainyard_worker_jobs_running 1",
            "trainyard_worker_attempts_total{outcome=\"given_up\"} 1",
            "trainyard_worker_uploaded_bytes_total 7",
            "trainyard_worker_heartbeat_age_seconds ",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
        drop(running);
        assert_eq!(metrics.running.get(), 0);
    }
}
