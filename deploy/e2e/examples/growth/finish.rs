//! From the last epoch of a small ResNet-18 to the job's end: 45 MB of weights and as much ONNX are hashed and stored between.

use std::time::Instant;

use anyhow::{Context, Result};
use trainyard_bus::Bus;
use trainyard_e2e::Platform;

use crate::asking::{Asker, Milestone, Order, Watch};
use crate::table::{Table, at, ms};

const ORDER: Order = Order { epochs: 2, measurements: 1, image_size: 32 };

/// Of a platform whose trainer is our own.
pub async fn measure(platform: &Platform, bus: &Bus, jobs: u64, table: &mut Table) -> Result<()> {
    let asker = Asker::new(platform, "finish").await?;
    let mut watch = Watch::begin(bus).await?;
    let mut taken = Vec::new();
    for _ in 0..jobs {
        let job = asker.order(&ORDER).await?;
        let mut last = None;
        loop {
            match watch.next().await? {
                Milestone::Epoch(of, epoch) if of == job && epoch == ORDER.epochs => {
                    last = Some(Instant::now())
                }
                Milestone::Finished(of) if of == job => break,
                _ => {}
            }
        }
        taken.push(ms(last.context("a job finished without its last epoch")?.elapsed()));
    }
    let figure = format!("p50 {:.0} ms, worst {:.0} ms of {jobs}", at(0.5, &taken), at(1.0, &taken));
    table.row("from the last epoch of a ResNet-18 to `finished`", figure, "< 600 ms");
    Ok(())
}
