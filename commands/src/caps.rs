//! Pure: whether a training has taken as much as its configuration lets it: money, or hours of its attempts together.
//!
//! What it has taken is told by its facts up to the newest one, and from there by the clock of whoever looks, as deadlines are.

use std::time::Duration;

use trainyard_events::price::MILLIONTHS;
use trainyard_events::reason::Ending;

use crate::job::JobCommand;
use crate::world::OpenJob;

const HOUR_MS: f64 = 3_600_000.0;

/// What stops the job, `waited` after its newest fact: a wish to cancel with a reason of its own, which leaves a checkpoint to go
/// on from.
pub(crate) fn stop(open: &OpenJob, waited: Duration) -> Option<JobCommand> {
    if open.job.cancel_requested {
        return None;
    }
    Some(JobCommand::RequestCancel { because: vec![reached(open, waited)?.into()] })
}

fn reached(open: &OpenJob, waited: Duration) -> Option<Ending> {
    let config = open.job.config.as_deref()?;
    if config.max_cost.is_none() && config.max_hours.is_none() {
        return None;
    }
    let taken = open.spending.until(open.newest_at + waited);
    if let Some(max_hours) = config.max_hours.filter(|hours| taken.held_ms as f64 >= hours * HOUR_MS) {
        return Some(Ending::HoursCapReached { max_hours });
    }
    let max_cost = config.max_cost.filter(|most| taken.cost as f64 >= most * MILLIONTHS as f64)?;
    Some(Ending::CostCapReached { max_cost, currency: open.spending.currency.clone()? })
}
