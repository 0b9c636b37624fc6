//! From an approval to the start of the attempt, as one who follows the log sees both: one job after the other on a platform
//! that has nothing else to do.

use std::time::Instant;

use anyhow::{Context, Result};
use trainyard_bus::Bus;
use trainyard_e2e::Platform;

use crate::asking::{Asker, Milestone, Order, Watch};
use crate::table::{Table, median_ms, ms};

pub async fn measure(platform: &Platform, bus: &Bus, jobs: u64, table: &mut Table) -> Result<()> {
    let asker = Asker::new(platform, "approve").await?;
    let mut watch = Watch::begin(bus).await?;
    let mut taken = Vec::new();
    for _ in 0..jobs {
        let order = Order::default();
        let (_, started) = tokio::try_join!(asker.order(&order), until_done(&mut watch))?;
        taken.push(started);
    }
    let what = format!("from an approval to attempt_started, {jobs} one by one");
    table.row(what, median_ms(&taken), "p50 5 ms, p99 20 ms");
    Ok(())
}

/// Returns when the job has finished: the next one finds everybody at rest.
async fn until_done(watch: &mut Watch) -> Result<f64> {
    let (mut approved, mut started) = (None, None);
    loop {
        match watch.next().await? {
            Milestone::Approved => approved = Some(Instant::now()),
            Milestone::Started => started = Some(Instant::now()),
            Milestone::Epoch(..) => {}
            Milestone::Finished(_) => break,
        }
    }
    let (approved, started) = approved.zip(started).context("a job finished without a beginning")?;
    Ok(ms(started - approved))
}
