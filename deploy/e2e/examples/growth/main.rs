//! Measures how the platform grows: sockets, a long log, many open jobs. `make bench-platform`, and sizes by the environment.

mod crowd;
mod fill;
mod process;
mod sockets;
mod story;
mod table;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use trainyard_bus::{Bus, BusConfig, EventLog};
use trainyard_e2e::Platform;

use table::{Table, median_ms, ms};

/// A long log may take as long to come into the views.
const TAKING_IN: Duration = Duration::from_secs(1_800);

/// What is measured of, where the environment does not say otherwise: a short form.
struct Sizes {
    events: u64,
    sockets: usize,
    seconds: u64,
    running: u64,
    waiting: u64,
}

impl Sizes {
    fn read() -> Result<Sizes> {
        Ok(Sizes {
            events: number("EVENTS", 100_000)?,
            sockets: number("SOCKETS", 500)?.try_into()?,
            seconds: number("SECONDS", 10)?,
            running: number("RUNNING", 1_000)?,
            waiting: number("WAITING", 10_000)?,
        })
    }
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

/// `growth` measures everything, `growth fan-out`, `growth latency`, `growth log` and `growth crowd` a part.
#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let sizes = Sizes::read()?;
    let mut table = Table::new();
    match arguments.as_slice() {
        ["dispatcher", url] => return crowd::dispatcher(url).await,
        ["fan-out"] => fan_out(&sizes, &mut table).await?,
        ["latency"] => latency(&sizes, &mut table).await?,
        ["log"] => log(&sizes, &mut table).await?,
        ["crowd"] => crowd::measure(sizes.running, sizes.waiting, &mut table).await?,
        _ => {
            latency(&sizes, &mut table).await?;
            fan_out(&sizes, &mut table).await?;
            log(&sizes, &mut table).await?;
            crowd::measure(sizes.running, sizes.waiting, &mut table).await?;
        }
    }
    table.print();
    Ok(())
}

async fn bus(platform: &Platform) -> Result<Bus> {
    let ready = std::fs::read(platform.folder().join("ready.json"))?;
    let ready: Value = serde_json::from_slice(&ready)?;
    let url = ready["nats"].as_str().context("an address")?.to_owned();
    Ok(Bus::connect(BusConfig { url, replicas: 1 }).await?)
}

async fn latency(sizes: &Sizes, table: &mut Table) -> Result<()> {
    let mut platform = Platform::start().await?;
    let bus = bus(&platform).await?;
    sockets::latency(&platform, &bus, Duration::from_secs(sizes.seconds), table).await?;
    bus.drain().await;
    platform.stop().await
}

async fn fan_out(sizes: &Sizes, table: &mut Table) -> Result<()> {
    let mut platform = Platform::start().await?;
    let bus = bus(&platform).await?;
    let seconds = Duration::from_secs(sizes.seconds);
    sockets::fan_out(&platform, &bus, sizes.sockets, seconds, table).await?;
    bus.drain().await;
    platform.stop().await
}

/// A platform whose log is long: how soon it is up, what people read of it, and a rebuild.
async fn log(sizes: &Sizes, table: &mut Table) -> Result<()> {
    let mut platform = Platform::start().await?;
    let tenant = platform.get("/v1/whoami").await?["tenant"].as_str().context("a tenant")?.to_owned();
    let before = bus(&platform).await?.log().last_sequence().await?;
    platform.stop().await?;
    let empty = started(&mut platform).await?;
    platform.stop().await?;

    let story = story::Ended::new(&tenant, before, sizes.events);
    let long = story.long;
    let begun = Instant::now();
    let end = fill::fill(platform.folder(), story).await?;
    println!("{} events written in {:.1} s", end - before, begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    platform.start_again_within(TAKING_IN).await?;
    reaches(&platform, end).await?;
    let taken = begun.elapsed().as_secs_f64();
    table.row("events taken into the views", format!("{:.0}/s", (end - before) as f64 / taken), "");
    platform.stop().await?;
    let full = started(&mut platform).await?;
    table.row(
        format!("`up` with {} events, and empty", end),
        format!("{:.1} s, {:.1} s", full.as_secs_f64(), empty.as_secs_f64()),
        "< 1 s more",
    );
    reaches(&platform, end).await?;
    for (what, path) in [
        ("a page of 100 jobs with measurements", "/v1/jobs?limit=100".to_owned()),
        ("one job of 1,000 epochs", format!("/v1/jobs/{long}")),
    ] {
        let taken = asked(&platform, &path).await?;
        table.row(what, median_ms(&taken), "p50 5 ms");
    }
    let begun = Instant::now();
    let (good, said, errors) = platform.trainyard(&["rebuild", "--verify"]).await?;
    ensure!(good, "{said}{errors}");
    let verified = format!("{:.1} s for {end} events", begun.elapsed().as_secs_f64());
    table.row("a rebuild with verification", verified, "< 60 s for 1,000,000");
    platform.stop().await
}

async fn started(platform: &mut Platform) -> Result<Duration> {
    let begun = Instant::now();
    platform.start_again().await?;
    Ok(begun.elapsed())
}

async fn reaches(platform: &Platform, end: u64) -> Result<()> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    loop {
        let text = http.get(format!("{}/metrics", platform.url())).send().await?.text().await?;
        let at = text.lines().find_map(|line| line.strip_prefix("trainyard_views_sequence "));
        if at.is_some_and(|at| at.parse::<u64>().is_ok_and(|at| at >= end)) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn asked(platform: &Platform, path: &str) -> Result<Vec<f64>> {
    let mut taken = Vec::new();
    for _ in 0..100 {
        let begun = Instant::now();
        platform.get(path).await?;
        taken.push(ms(begun.elapsed()));
    }
    Ok(taken)
}
