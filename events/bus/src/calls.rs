//! How the versions of models are asked, as each gateway tells it: every gateway can say it of all.

use std::time::Duration;

use trainyard_events::calls::CallsOfGateway;
use trainyard_events::subject;
use uuid::Uuid;

use crate::BusError;
use crate::bucket::Bucket;
use crate::link::Link;
use crate::streams::CALLS_STREAM;

const DEADLINE: Duration = Duration::from_secs(5);

/// Questions to models, by model and gateway.
#[derive(Clone)]
pub struct Calls {
    kept: Bucket,
}

impl Calls {
    pub(crate) fn new(link: Link) -> Calls {
        Calls { kept: Bucket::new(link, CALLS_STREAM, subject::CALLS) }
    }

    /// Replaces what was kept of this gateway.
    pub async fn keep(&self, model: Uuid, gateway: Uuid, calls: &CallsOfGateway) -> Result<(), BusError> {
        let json = serde_json::to_vec(calls).expect("counts are plain data, which always serialise");
        let kept = self.kept.put(&format!("{model}.{gateway}"), json.into()).await;
        kept.map(drop).map_err(|error| BusError::Unavailable(format!("{error:?}")))
    }

    /// Of each gateway that has been asked in the last days, this one included as far as it has told.
    pub async fn of(&self, model: Uuid) -> Result<Vec<CallsOfGateway>, BusError> {
        let model = model.to_string();
        let reading = tokio::time::timeout(DEADLINE, self.kept.all_below(&model));
        let kept = reading
            .await
            .map_err(|_| BusError::Unavailable("what gateways tell of calls does not come".to_owned()))?;
        // What a later release has written otherwise is as if it was not known.
        Ok(kept.iter().filter_map(|json| serde_json::from_slice(json).ok()).collect())
    }
}
