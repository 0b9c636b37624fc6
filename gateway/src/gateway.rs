//! What every handler shares.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use trainyard_assistant::Assistant;
use trainyard_bus::{Bus, JetStreamLog};
use trainyard_commands::Command;
use trainyard_door::{Clock, Door, Handled};
use trainyard_events::Aggregate;
use trainyard_projections::Views;
use trainyard_store::Store;
use trainyard_views::{DatasetRow, JobRow};
use uuid::Uuid;

use crate::config::GatewayConfig;
use crate::error::ApiError;
use crate::extract::id;
use crate::idempotency::Asker;
use crate::live::hub::Hub;
use crate::live::places::Places;
use crate::live::resume::Resumes;
use crate::metrics::{HttpMetrics, Metrics};
use crate::tokens::{Identity, Tokens};

/// How long a read waits for the views to reach what it asks for.
const VIEWS_TIMEOUT: Duration = Duration::from_secs(2);

/// Shared by all requests of one gateway.
pub(crate) struct Shared {
    pub(crate) config: GatewayConfig,
    pub(crate) bus: Bus,
    pub(crate) door: Door<JetStreamLog>,
    pub(crate) views: Views,
    pub(crate) store: Store,
    pub(crate) assistant: Assistant,
    pub(crate) clock: Clock,
    pub(crate) tokens: Tokens,
    pub(crate) places: Places,
    pub(crate) hub: Arc<Hub>,
    pub(crate) resumes: Resumes,
    pub(crate) registry: Metrics,
    pub(crate) metrics: HttpMetrics,
    /// Told to stop: sockets say goodbye.
    pub(crate) stop: CancellationToken,
    /// What must have ended before the gateway has.
    pub(crate) tasks: TaskTracker,
}

#[derive(Clone)]
pub(crate) struct Gateway(pub(crate) Arc<Shared>);

impl Deref for Gateway {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Gateway {
    /// Asks for one step of a request at the one door for facts.
    pub(crate) async fn ask(
        &self,
        asker: &Asker,
        step: &str,
        aggregate: Aggregate,
        command: Command,
    ) -> Result<Handled, ApiError> {
        let handled = self.door.handle(asker.request(step, aggregate, command)).await?;
        if let Handled::Recorded(recorded) = &handled {
            // What was done to a token holds here before the answer leaves.
            self.tokens.take_in(recorded);
        }
        Ok(handled)
    }

    /// Waits a moment for the views to reach `sequence`; whether they did.
    pub(crate) async fn shown(&self, sequence: u64) -> Result<bool, ApiError> {
        Ok(self.views.wait_for(sequence, VIEWS_TIMEOUT).await?)
    }

    /// The tenant's dataset.
    pub(crate) async fn dataset(&self, identity: &Identity, reference: &str) -> Result<DatasetRow, ApiError> {
        let found = self.views.dataset(&identity.tenant, id(reference, "dataset")?).await?;
        found.ok_or_else(|| ApiError::not_found("dataset"))
    }

    /// The tenant's job by id, or by the number people call it.
    pub(crate) async fn job(&self, identity: &Identity, reference: &str) -> Result<JobRow, ApiError> {
        let found = match (Uuid::parse_str(reference), reference.trim_start_matches('#').parse()) {
            (Ok(id), _) => self.views.job(&identity.tenant, id).await?,
            (_, Ok(number)) => self.views.job_by_number(&identity.tenant, number).await?,
            _ => None,
        };
        found.ok_or_else(|| ApiError::not_found("job"))
    }
}
