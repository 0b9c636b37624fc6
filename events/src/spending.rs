//! What the attempts of one job have held their leases for, and what that costs: a fold of its facts.
//!
//! The price is the one that its dispatch states, so that a change of prices changes nothing that was spent, and nothing of what
//! an attempt costs that runs. A lease is held from the fact that begins the attempt to the one that ends it.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::job::JobEvent;
use crate::price::{Price, Taken};

/// Of the attempt that runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HeldLease {
    pub token: u64,
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub began_at: OffsetDateTime,
    /// As the trainer names it, once it has.
    pub device: Option<String>,
    /// Millionths for an hour; null where nothing is asked for.
    pub hour: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Spending {
    /// That the newest dispatch states.
    pub price: Option<Price>,
    pub lease: Option<HeldLease>,
    /// Of attempts that have ended, in milliseconds.
    pub held_ms: u64,
    /// Of the same, in millionths of `currency`.
    pub cost: u64,
    /// Null while nothing has had a price.
    pub currency: Option<String>,
}

impl Spending {
    /// Folds one fact of the job in, and gives back the lease that it ended. What carries another token than the lease's is
    /// not believed.
    pub fn evolve(&mut self, event: &JobEvent, sequence: u64, at: OffsetDateTime) -> Option<HeldLease> {
        if event.token().is_some_and(|token| self.lease.as_ref().is_none_or(|lease| lease.token != token)) {
            return None;
        }
        match event {
            JobEvent::Dispatched { withdrawn: false, price, .. } => self.price = price.clone(),
            JobEvent::AttemptStarted { .. } => {
                let hour = self.price.as_ref().map(|price| price.hour);
                self.lease = Some(HeldLease { token: sequence, began_at: at, device: None, hour });
                if let Some(price) = &self.price {
                    self.currency = Some(price.currency.clone());
                }
            }
            JobEvent::TrainingStarted { device, .. } => {
                if let Some(lease) = &mut self.lease {
                    lease.device = Some(device.clone());
                    lease.hour = self.price.as_ref().map(|price| price.of(Some(device)));
                }
            }
            JobEvent::AttemptPreempted { .. }
            | JobEvent::AttemptLost { .. }
            | JobEvent::AttemptFailed { .. }
            | JobEvent::Cancelled { .. }
            | JobEvent::Finished { .. }
            | JobEvent::Failed { .. } => {
                let Taken { held_ms, cost } = self.until(at);
                let ended = self.lease.take();
                (self.held_ms, self.cost) = (held_ms, cost);
                return ended;
            }
            _ => {}
        }
        None
    }

    /// All until then, the attempt that runs among it.
    pub fn until(&self, at: OffsetDateTime) -> Taken {
        let mut taken = Taken { held_ms: self.held_ms, cost: self.cost };
        if let Some(lease) = &self.lease {
            taken.add(Taken::between(lease.began_at, at, lease.hour.unwrap_or(0)));
        }
        taken
    }
}
