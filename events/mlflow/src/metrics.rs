//! What the role `mlflow` shows of itself, without anybody's name.

use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

#[derive(Clone, Default)]
pub struct MlflowMetrics {
    pub(crate) told: Counter,
    pub(crate) points: Counter,
    pub(crate) misses: Counter,
    pub(crate) behind: Gauge<u64, AtomicU64>,
    pub(crate) refused: Gauge<u64, AtomicU64>,
    pub(crate) stuck: Gauge,
}

impl MlflowMetrics {
    pub fn register(&self, registry: &mut Registry) {
        let own = self.clone();
        registry.register("mlflow_told", "Times that a job or a model was written to MLflow", own.told);
        registry.register("mlflow_points", "Measurements that were written to MLflow", own.points);
        registry.register("mlflow_misses", "Tries that MLflow has not taken", own.misses);
        registry.register("mlflow_behind", "Events of the log that MLflow does not show yet", own.behind);
        registry.register("mlflow_refused", "Jobs and models that MLflow does not take", own.refused);
        registry.register("mlflow_stuck", "1 while nothing can be written to MLflow", own.stuck);
    }
}
