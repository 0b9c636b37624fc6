//! Step measurements and console lines: many, soon forgotten, and never part of a job's history.

use std::collections::VecDeque;
use std::time::Duration;

use async_nats::header;
use async_nats::jetstream::message::PublishMessage;
use futures::stream::BoxStream;
use futures::{StreamExt, future};
use serde::Serialize;
use serde::de::DeserializeOwned;
use time::OffsetDateTime;
use trainyard_events::trainer::{LookTold, Telemetry};
use trainyard_events::{ConsoleLines, TenantId, subject};
use uuid::Uuid;

use crate::BusError;
use crate::error::unavailable;
use crate::link::Link;
use crate::ordered::{From, Ordered, Read};
use crate::publish::publish_surely;

/// A week of one job, a measurement each second, is read in a few seconds.
const READ_DEADLINE: Duration = Duration::from_secs(15);
/// A message takes the place of all others of its subject.
const ROLLUP_SUBJECT: &str = "sub";

/// How a search for an attempt's first measurement has gone.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sought {
    /// When the server has stored it.
    pub found: Option<OffsetDateTime>,
    /// Up to here nothing of the attempt stands: where to search on.
    pub seen: u64,
}

/// What is told of a job while it runs.
#[derive(Clone, Debug, PartialEq)]
pub enum Telling {
    Step(Telemetry),
    Console(ConsoleLines),
}

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
        self.store(subject::telemetry(tenant, job), telemetry, PublishMessage::build()).await
    }

    /// Stores lines of an attempt's console. Where they are `all` that is worth keeping, what was stored of the attempt
    /// before is dropped: so a console takes little room, however much is printed.
    pub async fn publish_console(
        &self,
        tenant: &TenantId,
        job: Uuid,
        lines: &ConsoleLines,
        all: bool,
    ) -> Result<(), BusError> {
        let mut message = PublishMessage::build();
        if all {
            message = message.header(header::NATS_ROLLUP, ROLLUP_SUBJECT);
        }
        self.store(subject::console(tenant, job, lines.token), lines, message).await
    }

    /// Stores how far a look is, in place of what was stored of looks at the dataset before.
    pub async fn publish_look(
        &self,
        tenant: &TenantId,
        dataset: Uuid,
        told: &LookTold,
    ) -> Result<(), BusError> {
        let message = PublishMessage::build().header(header::NATS_ROLLUP, ROLLUP_SUBJECT);
        self.store(subject::look(tenant, dataset), told, message).await
    }

    /// How far the newest look at the dataset is, or was.
    pub async fn look(&self, tenant: &TenantId, dataset: Uuid) -> Result<Option<LookTold>, BusError> {
        let mut newest = None;
        self.read(subject::look(tenant, dataset), |told| newest = Some(told)).await?;
        Ok(newest)
    }

    async fn store(
        &self,
        subject: String,
        telemetry: &impl Serialize,
        message: PublishMessage,
    ) -> Result<(), BusError> {
        let payload =
            serde_json::to_vec(telemetry).expect("telemetry is plain data, which always serialises");
        let bytes = payload.len();
        publish_surely(&self.link.context, subject, message.payload(payload.into()), bytes).await.map(drop)
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
        take: impl FnMut(Telemetry) + Send,
    ) -> Result<(), BusError> {
        self.read(subject::telemetry(tenant, job), take).await
    }

    /// Searches what is kept for the first measurement of the attempt `token`, on from where a search before it has ended.
    pub async fn first(
        &self,
        tenant: &TenantId,
        job: Uuid,
        token: u64,
        seen: u64,
    ) -> Result<Sought, BusError> {
        let search = async {
            let filter = subject::telemetry(tenant, job);
            let mut ordered = Ordered::new(self.link.clone(), subject::TELEMETRY, filter, From::After(seen));
            let mut sought = Sought { found: None, seen };
            loop {
                let waiting = match ordered.next().await {
                    Read::Opened { waiting } => waiting,
                    Read::Message(message) => {
                        let told: Option<Telemetry> = decode(&message.subject, &message.payload);
                        if told.is_some_and(|told| told.token == token) {
                            sought.found = Some(message.at);
                        } else {
                            sought.seen = message.sequence;
                        }
                        message.waiting
                    }
                };
                if waiting == 0 || sought.found.is_some() {
                    ordered.close().await;
                    return sought;
                }
            }
        };
        let silent = |_| BusError::Unavailable("telemetry does not answer".to_owned());
        tokio::time::timeout(READ_DEADLINE, search).await.map_err(silent)
    }

    /// Likewise what is kept of the consoles of all attempts at the job.
    pub async fn each_console(
        &self,
        tenant: &TenantId,
        job: Uuid,
        take: impl FnMut(ConsoleLines) + Send,
    ) -> Result<(), BusError> {
        self.read(subject::consoles(tenant, job), take).await
    }

    async fn read<T: DeserializeOwned>(
        &self,
        filter: String,
        mut take: impl FnMut(T) + Send,
    ) -> Result<(), BusError> {
        let read = async {
            let mut ordered =
                Ordered::new(self.link.clone(), subject::TELEMETRY, filter.clone(), From::After(0));
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

    /// What is told of every job from now on. What is told during an outage does not come here, it is only stored.
    pub async fn follow_all(&self) -> Result<BoxStream<'static, (TenantId, Uuid, Telling)>, BusError> {
        let messages =
            self.link.context.client().subscribe(subject::ALL_TELEMETRY).await.map_err(unavailable)?;
        Ok(messages.filter_map(|message| future::ready(telling(&message.subject, &message.payload))).boxed())
    }
}

/// What a message tells, and of whom: its subject says both. `None` for what is none of ours.
fn telling(subject: &str, payload: &[u8]) -> Option<(TenantId, Uuid, Telling)> {
    let mut words = subject.split('.').skip(2);
    let tenant: TenantId = words.next()?.parse().ok()?;
    let kind = words.next()?;
    let job = Uuid::parse_str(words.next()?).ok()?;
    let told = match kind {
        "job" if subject::telemetry(&tenant, job) == subject => decode(subject, payload).map(Telling::Step),
        "console" => {
            let lines: ConsoleLines = decode(subject, payload)?;
            (subject::console(&tenant, job, lines.token) == subject).then_some(Telling::Console(lines))
        }
        _ => None,
    };
    Some((tenant, job, told?))
}

/// One that cannot be read is left out: it is only telemetry.
fn decode<T: DeserializeOwned>(subject: &str, payload: &[u8]) -> Option<T> {
    serde_json::from_slice(payload)
        .inspect_err(|error| tracing::warn!(subject, %error, "telemetry that does not decode; left out"))
        .ok()
}
