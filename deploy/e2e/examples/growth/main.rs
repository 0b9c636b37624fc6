//! Measures how the platform grows, and what it takes. `make bench-platform` measures everything; `growth WORD` one part,
//! and the environment says how much of it:
//!
//! | word | measures | by |
//! | --- | --- | --- |
//! | `latency` | from an event to its frame, at 1,000 events a second | `SECONDS=10` |
//! | `fan-out` | deliveries to many sockets | `SOCKETS=500 SECONDS=10` |
//! | `cuts` | sockets that are cut every second: what is lost, what comes twice | `SOCKETS=500 SECONDS=10` (600 is the goal's) |
//! | `log` | a long log: the start, pages, a job as it was, a rebuild | `EVENTS=100000` (1000000 is the goal's) |
//! | `crowd` | a dispatcher with many open jobs | `RUNNING=1000 WAITING=10000` (10000, 100000) |
//! | `approve` | from an approval to the start of the attempt | `JOBS=300` |
//! | `jobs` | jobs a second, end to end | `JOBS=1000` |
//! | `epochs` | epochs logged and seen, beside MLflow | `EPOCHS=2000 SECONDS=10` |
//! | `finish` | from the last epoch of a ResNet-18 to its end | `JOBS=10` |
//! | `memory` | of the whole platform, at rest and after many jobs | `JOBS=10 MINUTES=0` (50, 60) |

mod approve;
mod asking;
mod crowd;
mod cuts;
mod epochs;
mod fill;
mod finish;
mod log;
mod memory;
mod mlflow;
mod process;
mod sockets;
mod story;
mod table;
mod throughput;
mod trainer;

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use trainyard_bus::{Bus, BusConfig};
use trainyard_e2e::Platform;

use asking::{first_job, idle_platform};
use table::Table;

const PARTS: [&str; 10] =
    ["latency", "fan-out", "cuts", "log", "crowd", "approve", "jobs", "epochs", "finish", "memory"];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["train", rest @ ..] => trainer::train(rest),
        ["dispatcher", url] => run(crowd::dispatcher(url)),
        [] => run(measure(&PARTS)),
        words => run(measure(words)),
    }
}

fn run(work: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(work)
}

async fn measure(parts: &[&str]) -> Result<()> {
    if let Some(word) = parts.iter().find(|part| !PARTS.contains(part)) {
        bail!("{word} is no part: say some of {}, or nothing for all", PARTS.join(", "));
    }
    let mut table = Table::new();
    for part in parts {
        Box::pin(measure_part(part, &mut table)).await?;
    }
    table.print();
    Ok(())
}

async fn measure_part(part: &str, table: &mut Table) -> Result<()> {
    match part {
        "log" => return log::measure(number("EVENTS", 100_000)?, table).await,
        "crowd" => return crowd::measure(number("RUNNING", 1_000)?, number("WAITING", 10_000)?, table).await,
        _ => {}
    }
    let mut platform = match part {
        "approve" | "jobs" | "epochs" => idle_platform().await?,
        _ => Platform::start().await?,
    };
    let bus = bus(&platform).await?;
    let lasting = Duration::from_secs(number("SECONDS", 10)?);
    match part {
        "latency" => sockets::latency(&platform, &bus, lasting, table).await?,
        "fan-out" => sockets::fan_out(&platform, &bus, sockets()?, lasting, table).await?,
        "cuts" => cuts::measure(&platform, &bus, sockets()?, lasting, table).await?,
        "approve" => approve::measure(&platform, &bus, number("JOBS", 300)?, table).await?,
        "jobs" => throughput::measure(&platform, &bus, number("JOBS", 1_000)?, table).await?,
        "epochs" => epochs::measure(&platform, number("EPOCHS", 2_000)?.try_into()?, lasting, table).await?,
        "finish" => {
            first_job(&platform).await?;
            finish::measure(&platform, &bus, number("JOBS", 10)?, table).await?;
        }
        _ => {
            let minutes = Duration::from_secs(60 * number("MINUTES", 0)?);
            memory::measure(&platform, &bus, number("JOBS", 10)?, minutes, table).await?;
        }
    }
    bus.drain().await;
    platform.stop().await
}

fn sockets() -> Result<usize> {
    Ok(number("SOCKETS", 500)?.try_into()?)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a measurement has no configuration but what it is called with"
)]
fn number(name: &str, otherwise: u64) -> Result<u64> {
    match std::env::var(name) {
        Ok(said) => said.parse().with_context(|| format!("{name} is {said}: say a number")),
        Err(_) => Ok(otherwise),
    }
}

async fn bus(platform: &Platform) -> Result<Bus> {
    let ready = std::fs::read(platform.folder().join("ready.json"))?;
    let ready: Value = serde_json::from_slice(&ready)?;
    let url = ready["nats"].as_str().context("an address")?.to_owned();
    Ok(Bus::connect(BusConfig { url, replicas: 1 }).await?)
}
