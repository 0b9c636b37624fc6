//! Epochs that 8 trainers print as fast as they are taken, until every one is in the log and in the views; and then an MLflow
//! server that 8 clients log to as fast as it answers. Neither works while the other is measured.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use trainyard_e2e::Platform;

use crate::asking::{Asker, Order};
use crate::mlflow::Mlflow;
use crate::table::Table;

const ATTEMPTS: usize = 8;
/// Measurements of an epoch: one, as a call of `log_metric` has, and as many as one of `log_batch`.
const SIZES: [(u64, u32, &str); 2] = [(1, 1, ">= 20 times"), (100, 2, ">= 15 times")];
const DEADLINE: Duration = Duration::from_secs(600);
const LOOK: Duration = Duration::from_millis(20);

/// `epochs` of each attempt; MLflow is called for as long as `lasting`.
pub async fn measure(platform: &Platform, epochs: u32, lasting: Duration, table: &mut Table) -> Result<()> {
    let asker = Asker::new(platform, "epochs").await?;
    let mut ours = Vec::new();
    for (measurements, part, _) in SIZES {
        let order = Order { epochs: epochs / part, measurements, ..Order::default() };
        ours.push(logged(platform, &asker, &order).await? * measurements as f64);
    }
    let mlflow = Mlflow::start().await?;
    for ((measurements, _, goal), ours) in SIZES.into_iter().zip(ours) {
        let theirs = mlflow.metrics_per_s(ATTEMPTS, measurements, lasting).await?;
        let figure = format!("{ours:.0}/s, MLflow {theirs:.0}/s: {:.1} times", ours / theirs);
        table.row(format!("measurements logged and seen, {measurements} an epoch, 8 at once"), figure, goal);
    }
    Ok(())
}

/// Epochs a second, from the question for the jobs until the views have the end of all.
async fn logged(platform: &Platform, asker: &Asker, order: &Order) -> Result<f64> {
    let begun = Instant::now();
    let mut jobs = BTreeSet::new();
    for _ in 0..ATTEMPTS {
        jobs.insert(asker.order(order).await?.to_string());
    }
    loop {
        let answer = platform.get(&format!("/v1/jobs?limit={ATTEMPTS}")).await?;
        let rows = answer["jobs"].as_array().context("jobs")?;
        let ended = rows.iter().filter(|job| {
            job["finished_at"].is_string() && job["id"].as_str().is_some_and(|id| jobs.contains(id))
        });
        let (finished, failed): (Vec<&Value>, Vec<&Value>) =
            ended.partition(|job| job["status"] == "finished");
        ensure!(failed.is_empty(), "{failed:?}");
        if finished.len() == ATTEMPTS {
            return Ok(f64::from(order.epochs) * ATTEMPTS as f64 / begun.elapsed().as_secs_f64());
        }
        ensure!(begun.elapsed() < DEADLINE, "they do not end: {answer}");
        tokio::time::sleep(LOOK).await;
    }
}
