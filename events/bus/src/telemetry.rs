//! Step measurements: many, soon forgotten, and never part of a job's history.

use std::collections::VecDeque;
use std::time::Duration;

use async_nats::jetstream::message::PublishMessage;
use futures::stream::BoxStream;
use futures::{StreamExt, future};
use trainyard_events::trainer::Telemetry;
use trainyard_events::{TenantId, subject};
use uuid::Uuid;

use crate::BusError;
use crate::error::unavailable;
use crate::link::Link;
use crate::ordered::{From, Ordered, Read};
use crate::publish::publish_surely;

/// A week of one job, a measurement each second, is read in a few seconds.
const READ_DEADLINE: Duration = Duration::from_secs(15);

#[derive(Clone)]
pub struct TelemetryStream {
    link: Link,
}

impl TelemetryStream {
    pub(crate) fn new(link: Link) -> TelemetryStream {
        TelemetryStream { link }
    }

    /// Stores one measurement. After an outage it may be stored twice.
    pub async fn publish(&self, tenant: &TenantId, job: Uuid, telemetry: &Telemetry) -> Result<(), BusError> {
        let payload =
            serde_json::to_vec(telemetry).expect("telemetry is plain data, which always serialises");
        let bytes = payload.len();
        let message = PublishMessage::build().payload(payload.into());
        publish_surely(&self.link.context, subject::telemetry(tenant, job), message, bytes).await.map(drop)
    }

    /// The job's last `limit` measurements, oldest first.
    pub async fn history(
        &self,
        tenant: &TenantId,
        job: Uuid,
        limit: usize,
    ) -> Result<Vec<Telemetry>, BusError> {
        let mut kept = VecDeque::new();
        let keep = |telemetry| {
            kept.push_back(telemetry);
            if kept.len() > limit {
                kept.pop_front();
            }
        };
        self.each(tenant, job, keep).await?;
        Ok(Vec::from(kept))
    }

    /// Gives `take` every measurement of the job that is kept, oldest first, one at a time.
    pub async fn each(
        &self,
        tenant: &TenantId,
        job: Uuid,
        mut take: impl FnMut(Telemetry) + Send,
    ) -> Result<(), BusError> {
        let subject = subject::telemetry(tenant, job);
        let read = async {
            let mut ordered =
                Ordered::new(self.link.clone(), subject::TELEMETRY, subject.clone(), From::After(0));
            loop {
                let waiting = match ordered.next().await {
                    Read::Opened { waiting } => waiting,
                    Read::Message(message) => {
                        decode(&message.subject, &message.payload).into_iter().for_each(&mut take);
                        message.waiting
                    }
                };
                if waiting == 0 {
                    ordered.close().await;
                    return;
                }
            }
        };
        tokio::time::timeout(READ_DEADLINE, read)
            .await
            .map_err(|_| BusError::Unavailable("telemetry does not answer".to_owned()))
    }

    /// Measurements of every job from now on. What is measured during an outage is not told here, only stored.
    pub async fn follow_all(&self) -> Result<BoxStream<'static, (TenantId, Uuid, Telemetry)>, BusError> {
        let messages =
            self.link.context.client().subscribe(subject::ALL_TELEMETRY).await.map_err(unavailable)?;
        let telemetry = messages.filter_map(|message| {
            let place = place(&message.subject);
            let telemetry = decode(&message.subject, &message.payload);
            future::ready(place.zip(telemetry).map(|((tenant, job), telemetry)| (tenant, job, telemetry)))
        });
        Ok(telemetry.boxed())
    }
}

/// Whose telemetry a subject carries: the inverse of [`subject::telemetry`].
fn place(subject: &str) -> Option<(TenantId, Uuid)> {
    let mut words = subject.split('.').skip(2);
    let tenant = words.next()?.parse().ok()?;
    let job = Uuid::parse_str(words.nth(1)?).ok()?;
    (subject::telemetry(&tenant, job) == subject).then_some((tenant, job))
}

/// One that cannot be read is left out: it is only a measurement.
fn decode(subject: &str, payload: &[u8]) -> Option<Telemetry> {
    serde_json::from_slice(payload)
        .inspect_err(|error| tracing::warn!(subject, %error, "telemetry that does not decode; left out"))
        .ok()
}
