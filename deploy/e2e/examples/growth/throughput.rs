//! Jobs a second, from the first question to the last job's end, with a trainer that does nothing.

use std::time::Instant;

use anyhow::Result;
use futures::future::try_join_all;
use trainyard_bus::Bus;
use trainyard_e2e::Platform;

use crate::asking::{Asker, Milestone, Order, Watch};
use crate::table::Table;

/// Users who ask at once, each for one job after the other.
const ASKERS: u64 = 16;

pub async fn measure(platform: &Platform, bus: &Bus, jobs: u64, table: &mut Table) -> Result<()> {
    let mut askers = Vec::new();
    for number in 0..ASKERS {
        askers.push(Asker::new(platform, &format!("asker-{number}")).await?);
    }
    let each = jobs.div_ceil(ASKERS);
    let mut watch = Watch::begin(bus).await?;
    let begun = Instant::now();
    let asking = askers.iter().map(async |asker| {
        for _ in 0..each {
            asker.order(&Order::default()).await?;
        }
        anyhow::Ok(begun.elapsed())
    });
    let all = each * ASKERS;
    let (asked, ended) = tokio::try_join!(try_join_all(asking), finished(&mut watch, all))?;
    let last = asked.into_iter().max().unwrap_or_default();
    let rate = all as f64 / (ended - begun).as_secs_f64();
    let figure = format!("{rate:.0}/s; asked for at {:.0}/s", all as f64 / last.as_secs_f64());
    table.row(format!("{all} jobs that do nothing, one worker with 8 slots"), figure, ">= 200/s");
    Ok(())
}

async fn finished(watch: &mut Watch, jobs: u64) -> Result<Instant> {
    let mut done = 0;
    while done < jobs {
        done += u64::from(matches!(watch.next().await?, Milestone::Finished(_)));
    }
    Ok(Instant::now())
}
