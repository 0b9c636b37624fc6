//! The lease of one attempt: held for as long as the attempt lives, so that its silence can be noticed.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};
use trainyard_bus::{LeaseError, Leases};
use trainyard_events::fleet::Lease;
use trainyard_events::limits;
use uuid::Uuid;

/// An attempt that cannot reach the bus for this long gives up. Until then its token fences what it writes, so at worst
/// it makes garbage.
pub(crate) const BUS_AWAY: Duration = Duration::from_secs(600);

pub(crate) struct Holder {
    leases: Leases,
    job: Uuid,
    lease: Lease,
    /// Of the last renewal.
    revision: Option<u64>,
}

/// Why a lease is held no longer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Lost {
    #[error("{} runs the job now, under token {}", .0.worker, .0.token)]
    Fenced(Lease),
    #[error("the bus has been away for {} s", BUS_AWAY.as_secs())]
    Away,
}

impl Holder {
    pub(crate) fn new(leases: Leases, job: Uuid, lease: Lease) -> Holder {
        Holder { leases, job, lease, revision: None }
    }

    /// Takes the lease and renews it until that is no use any more.
    pub(crate) async fn hold(&mut self) -> Lost {
        let mut renewals = interval(limits::LEASE_RENEWAL);
        renewals.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        let mut away = false;
        loop {
            renewals.tick().await;
            match self.renew().await {
                Ok(revision) => {
                    self.revision = Some(revision);
                    (heard, away) = (Instant::now(), false);
                }
                Err(LeaseError::Fenced { current }) => return Lost::Fenced(current),
                Err(LeaseError::Unavailable(_)) if heard.elapsed() >= BUS_AWAY => return Lost::Away,
                Err(LeaseError::Unavailable(reason)) => {
                    if !away {
                        tracing::warn!(reason, "the lease cannot be renewed; training goes on");
                    }
                    away = true;
                }
            }
        }
    }

    async fn renew(&self) -> Result<u64, LeaseError> {
        match self.revision {
            Some(revision) => self.leases.renew(self.job, &self.lease, revision).await,
            None => self.leases.acquire(self.job, &self.lease).await,
        }
    }

    /// Lets go of the lease, rather than leaving it to expire.
    pub(crate) async fn release(self) {
        if let Some(revision) = self.revision
            && let Err(error) = self.leases.release(self.job, revision).await
        {
            tracing::debug!(%error, "the lease is left to expire");
        }
    }
}
