//! Who works: each worker's own word about itself, gone shortly after it stops saying it.

use std::time::Duration;

use futures::stream::BoxStream;
use futures::{StreamExt, future};
use trainyard_events::fleet::WorkerRecord;
use trainyard_events::subject;

use crate::BusError;
use crate::bucket::{Bucket, Change};
use crate::link::Link;
use crate::publish::NotStored;
use crate::streams::FLEET_STREAM;

const LIST_DEADLINE: Duration = Duration::from_secs(5);
const WORKER_NAME_CHARS: usize = 100;

/// What a watch tells.
#[derive(Clone, Debug, PartialEq)]
pub enum FleetChange {
    Seen(Box<WorkerRecord>),
    /// Left, or was not heard of for [`trainyard_events::limits::FLEET_RECORD`].
    Gone(String),
}

/// The workers that are there now.
#[derive(Clone)]
pub struct Fleet {
    bucket: Bucket,
}

impl Fleet {
    pub(crate) fn new(link: Link) -> Fleet {
        Fleet { bucket: Bucket::new(link, FLEET_STREAM, subject::FLEET) }
    }

    /// Says that the worker is there; to be said again before [`trainyard_events::limits::FLEET_RECORD`] is over.
    pub async fn report(&self, record: &WorkerRecord) -> Result<(), BusError> {
        let value = serde_json::to_vec(record).expect("a record is plain data, which always serialises");
        let bytes = value.len();
        self.bucket
            .put(key(&record.worker)?, value.into())
            .await
            .map(drop)
            .map_err(|error| not_told(error, bytes))
    }

    /// Says that the worker leaves.
    pub async fn remove(&self, worker: &str) -> Result<(), BusError> {
        self.bucket.delete(key(worker)?, None).await.map(drop).map_err(|error| not_told(error, 0))
    }

    pub async fn list(&self) -> Result<Vec<WorkerRecord>, BusError> {
        let list = async {
            let mut records = Vec::new();
            let mut changes = Box::pin(self.bucket.watch());
            while let Some(change) = changes.next().await {
                match change {
                    Change::Put { key, value } => records.extend(decode(&key, &value)),
                    Change::Current => break,
                    Change::Ended { .. } => {}
                }
            }
            records
        };
        tokio::time::timeout(LIST_DEADLINE, list)
            .await
            .map_err(|_| BusError::Unavailable("the list of workers does not answer".to_owned()))
    }

    /// Every worker that is there, then every change; goes on through outages for ever.
    pub fn watch(&self) -> BoxStream<'static, FleetChange> {
        let changes = self.bucket.watch().filter_map(|change| {
            future::ready(match change {
                Change::Put { key, value } => {
                    decode(&key, &value).map(|record| FleetChange::Seen(Box::new(record)))
                }
                Change::Ended { key } => Some(FleetChange::Gone(key)),
                Change::Current => None,
            })
        });
        changes.boxed()
    }
}

/// A worker's name is its key: letters, digits, `-`, `_`.
fn key(worker: &str) -> Result<&str, BusError> {
    let fits = (1..=WORKER_NAME_CHARS).contains(&worker.len())
        && worker.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if fits {
        Ok(worker)
    } else {
        Err(BusError::Config(format!("{worker:?} is no name for a worker: a-z, A-Z, 0-9, - and _")))
    }
}

fn decode(key: &str, value: &[u8]) -> Option<WorkerRecord> {
    serde_json::from_slice(value)
        .inspect_err(|error| tracing::error!(key, %error, "a worker's record does not decode; left out"))
        .ok()
}

fn not_told(error: NotStored, bytes: usize) -> BusError {
    match error {
        NotStored::TooLarge { limit } => BusError::TooLarge { bytes, limit },
        NotStored::Conflict => BusError::Unavailable("another write came first".to_owned()),
        NotStored::Unknown(reason) => BusError::Unavailable(reason),
    }
}
