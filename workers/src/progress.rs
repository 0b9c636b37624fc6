//! How far a look at a dataset is, told while it goes on: the newest word, a little while after the one before.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;
use trainyard_bus::TelemetryStream;
use trainyard_events::TenantId;
use trainyard_events::trainer::{LookStage, LookTold, Looked};
use uuid::Uuid;

use crate::agent::Agent;

/// Between two words.
const EVERY: Duration = Duration::from_millis(500);

/// Of one look. It is told no more when this is dropped.
pub(crate) struct Progress {
    newest: watch::Sender<Looked>,
}

impl Progress {
    /// Its files are fetched first.
    pub(crate) fn begin(agent: &Agent, tenant: &TenantId, dataset: Uuid, inspection: u64) -> Progress {
        let (newest, mut heard) = watch::channel(Looked { stage: LookStage::Fetch, images: 0, of: 0 });
        heard.mark_changed();
        tokio::spawn(tell(agent.bus.telemetry(), (tenant.clone(), dataset, inspection), heard));
        Progress { newest }
    }

    pub(crate) fn at(&self, stage: LookStage, images: u64, of: u64) {
        self.newest.send_replace(Looked { stage, images, of });
    }
}

async fn tell(
    telemetry: TelemetryStream,
    (tenant, dataset, inspection): (TenantId, Uuid, u64),
    mut heard: watch::Receiver<Looked>,
) {
    while heard.changed().await.is_ok() {
        let looked = *heard.borrow_and_update();
        if let Err(error) = telemetry.publish_look(&tenant, dataset, &LookTold { inspection, looked }).await {
            tracing::debug!(%dataset, %error, "how far the look is cannot be told now");
        }
        sleep(EVERY).await;
    }
}
