//! Step measurements on their way out: the newest, at most one in a while, and never in the way of training.

use tokio::sync::watch;
use tokio::time::sleep;
use trainyard_bus::TelemetryStream;
use trainyard_events::trainer::{StepMeasurement, Telemetry};
use trainyard_events::{TenantId, limits};
use uuid::Uuid;

/// Publishes the first measurement at once, then the newest of each interval, and the last one when the sender is gone.
/// One that cannot be published is forgotten.
pub(crate) async fn publish(
    stream: TelemetryStream,
    tenant: TenantId,
    job: Uuid,
    token: u64,
    mut steps: watch::Receiver<Option<StepMeasurement>>,
) {
    while steps.changed().await.is_ok() {
        let Some(step) = steps.borrow_and_update().clone() else { continue };
        if let Err(error) = stream.publish(&tenant, job, &Telemetry { token, step }).await {
            tracing::debug!(%error, "a step measurement is lost");
        }
        sleep(limits::TELEMETRY_INTERVAL).await;
    }
}
