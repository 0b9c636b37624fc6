//! Leases: proof of life of attempts, renewed or gone within seconds. The log decides; a lease only tells.

use std::time::Duration;

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, future};
use trainyard_events::fleet::Lease;
use trainyard_events::subject;
use uuid::Uuid;

use crate::bucket::{Bucket, Change};
use crate::link::Link;
use crate::publish::{Backoff, NotStored};
use crate::streams::LEASES_STREAM;

/// How long one call tries. Less than a lease, so that a late answer is not taken for a fresh one.
const LEASE_DEADLINE: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// The attempt is over: another one, with a higher token, holds the lease.
    #[error("the lease is held by {} under token {}", current.worker, current.token)]
    Fenced { current: Lease },
    /// Try again; until then nobody knows.
    #[error("leases cannot be used now: {0}")]
    Unavailable(String),
}

/// What a watch tells.
#[derive(Clone, Debug, PartialEq)]
pub enum LeaseChange {
    /// Taken or renewed.
    Held { job: Uuid, lease: Lease },
    /// Expired or released.
    Ended { job: Uuid },
    /// Every lease there is has been told: comes first after the start, and again after every interruption. What ended
    /// during the interruption is told after it, so whoever waits for one whole lease from here is fair to everybody
    /// who could not renew.
    Current,
}

/// The table of leases. A lease that is not renewed is gone after [`trainyard_events::limits::LEASE`].
#[derive(Clone)]
pub struct Leases {
    bucket: Bucket,
}

impl Leases {
    pub(crate) fn new(link: Link) -> Leases {
        Leases { bucket: Bucket::new(link, LEASES_STREAM, subject::LEASES) }
    }

    /// Takes the lease of `job`, if need be from an attempt with a lower token: the log has decided against that one.
    /// Returns the revision to renew with.
    pub async fn acquire(&self, job: Uuid, lease: &Lease) -> Result<u64, LeaseError> {
        let key = job.to_string();
        let value =
            Bytes::from(serde_json::to_vec(lease).expect("a lease is plain data, which always serialises"));
        within_deadline(|| self.try_acquire(&key, &value, lease)).await
    }

    async fn try_acquire(&self, key: &str, value: &Bytes, lease: &Lease) -> Attempt<u64> {
        let entry = self.bucket.get(key).await.map_err(|error| format!("{error:?}"))?;
        if let Some(current) = entry.as_ref().and_then(|entry| decode(key, entry.value.as_ref()?))
            && (current.token > lease.token || current.token == lease.token && current.worker != lease.worker)
        {
            return Ok(Err(LeaseError::Fenced { current }));
        }
        let guard = entry.map_or(0, |entry| entry.revision);
        self.bucket.put_if(key, value.clone(), guard).await.map(Ok).map_err(|error| format!("{error:?}"))
    }

    /// Renews what `revision` holds. An own lease that has just expired, and that nobody has taken, is taken again.
    pub async fn renew(&self, job: Uuid, lease: &Lease, revision: u64) -> Result<u64, LeaseError> {
        let value = serde_json::to_vec(lease).expect("a lease is plain data, which always serialises");
        match self.bucket.put_if(&job.to_string(), value.into(), revision).await {
            Ok(revision) => Ok(revision),
            // Another's, expired, or ours by a renewal whose answer was lost: a look at the table tells.
            Err(_) => self.acquire(job, lease).await,
        }
    }

    /// Gives the lease back, unless `revision` no longer holds it.
    pub async fn release(&self, job: Uuid, revision: u64) -> Result<(), LeaseError> {
        let key = job.to_string();
        within_deadline(|| self.try_release(&key, revision)).await
    }

    async fn try_release(&self, key: &str, revision: u64) -> Attempt<()> {
        match self.bucket.delete(key, Some(revision)).await {
            Ok(_) | Err(NotStored::Conflict) => Ok(Ok(())),
            Err(error) => Err(format!("{error:?}")),
        }
    }

    /// The leases held now.
    pub async fn current(&self) -> Result<Vec<(Uuid, Lease)>, LeaseError> {
        let list = async {
            let mut leases = Vec::new();
            let mut changes = self.watch();
            while let Some(change) = changes.next().await {
                match change {
                    LeaseChange::Held { job, lease } => leases.push((job, lease)),
                    LeaseChange::Current => break,
                    LeaseChange::Ended { .. } => {}
                }
            }
            leases
        };
        tokio::time::timeout(LEASE_DEADLINE, list)
            .await
            .map_err(|_| LeaseError::Unavailable("the table of leases does not answer".to_owned()))
    }

    /// Every lease held now, then [`LeaseChange::Current`], then every change; goes on through outages for ever.
    pub fn watch(&self) -> BoxStream<'static, LeaseChange> {
        let changes = self.bucket.watch().filter_map(|change| {
            future::ready(match change {
                Change::Put { key, value } => {
                    job(&key).zip(decode(&key, &value)).map(|(job, lease)| LeaseChange::Held { job, lease })
                }
                Change::Ended { key } => job(&key).map(|job| LeaseChange::Ended { job }),
                Change::Current => Some(LeaseChange::Current),
            })
        });
        changes.boxed()
    }
}

fn job(key: &str) -> Option<Uuid> {
    Uuid::parse_str(key)
        .inspect_err(|error| tracing::error!(key, %error, "a lease of no job; left alone"))
        .ok()
}

/// A lease that cannot be read counts as none: it expires in seconds.
fn decode(key: &str, value: &Bytes) -> Option<Lease> {
    serde_json::from_slice(value)
        .inspect_err(
            |error| tracing::error!(key, %error, "a lease that does not decode; waiting for it to expire"),
        )
        .ok()
}

/// A certain outcome, or why to try again.
type Attempt<T> = Result<Result<T, LeaseError>, String>;

/// Calls `attempt` until it has an outcome or time is up.
async fn within_deadline<T, F>(mut attempt: impl FnMut() -> F) -> Result<T, LeaseError>
where
    F: Future<Output = Attempt<T>>,
{
    let deadline = tokio::time::Instant::now() + LEASE_DEADLINE;
    let mut backoff = Backoff::default();
    let mut reason = "no answer in time".to_owned();
    loop {
        match tokio::time::timeout_at(deadline, attempt()).await {
            Ok(Ok(outcome)) => return outcome,
            Ok(Err(error)) => reason = error,
            Err(_) => return Err(LeaseError::Unavailable(reason)),
        }
        if tokio::time::timeout_at(deadline, backoff.wait()).await.is_err() {
            return Err(LeaseError::Unavailable(reason));
        }
    }
}
