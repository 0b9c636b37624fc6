//! Outages: one part after another is away for minutes while jobs train, and no training stops or loses a measurement.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::future::join_all;
use rand::SeedableRng;
use rand::rngs::StdRng;
use reqwest::Method;
use serde_json::Value;
use tokio::time::{Instant, sleep};
use trainyard_local::Server;

use super::fault::Fault;
use super::fleet::Fleet;
use super::watcher::Watcher;
use super::{Plan, all_heard, check, load};

/// What the trainer of this suite takes for an epoch.
const EPOCH: Duration = Duration::from_millis(300);
const JOBS: u64 = 2;
/// Trained between two outages, and after the last one.
const BETWEEN: Duration = Duration::from_secs(10);
/// What is held back by an outage is told within this long after the last epoch.
const END_DEADLINE: Duration = Duration::from_secs(120);

/// Freezes NATS, Postgres, the store, both gateways and both dispatchers, one after another, each for so long.
pub fn outages(lasting: Duration) -> Result<String> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(super::THREADS).enable_all().build()?;
    runtime.block_on(async {
        let plan = Plan {
            seed: 1,
            jobs: JOBS as usize,
            job_pause: Duration::ZERO,
            faults: 0,
            twins: 2,
            workers: 1,
            slots: JOBS as usize,
            cluster: false,
            lasting: Duration::ZERO,
        };
        let mut fleet = Fleet::start(&plan, false).await?;
        let outcome = live_through(&mut fleet, lasting).await;
        if outcome.is_err() {
            println!("outages: what all processes wrote lies in {}", fleet.keep_logs()?.display());
        }
        let report = outcome?;
        let left = fleet.stop_servers().await?;
        ensure!(left.is_empty(), "orphans are left: {left:?}");
        Ok(report)
    })
}

async fn live_through(fleet: &mut Fleet, lasting: Duration) -> Result<String> {
    crate::few_digits(&fleet.path().join("digits"), &["0", "1"], 12)?;
    let watcher = Watcher::start(fleet.urls("ws", "/v1/live"), fleet.token.clone());
    let server = |server| vec![Fault::FreezeServer(server, lasting)];
    let role = |name: &str| Fault::FreezeRole(name.to_owned(), lasting);
    let outages = [
        server(Server::Nats),
        server(Server::Postgres),
        server(Server::S3),
        vec![role("gateway-1"), role("gateway-2")],
        vec![role("dispatcher-1"), role("dispatcher-2")],
    ];
    let whole = (lasting + BETWEEN) * (outages.len() as u32) + BETWEEN;
    let epochs = u32::try_from(whole.as_millis() / EPOCH.as_millis())?;
    let mut promises = Vec::new();
    for seed in 1..=JOBS {
        promises.push(load::ask(fleet, epochs, seed).await?);
    }
    for promise in &promises {
        until_training(fleet, &promise.job.to_string()).await?;
    }
    let began = Instant::now();
    for faults in &outages {
        println!("outages: {} for {lasting:?}", faults[0].kind());
        let fall =
            faults.iter().map(|fault| async { fleet.suffer(fault, &mut StdRng::seed_from_u64(1)).await });
        ensure!(join_all(fall).await.into_iter().all(|met| met), "{faults:?} met nothing");
        sleep(BETWEEN).await;
    }
    fleet.answers().await?;
    load::until_all_ended(fleet, END_DEADLINE).await?;
    let took = began.elapsed();
    let events = check::whole_log(fleet).await?;
    all_heard(std::slice::from_ref(&watcher), events.last().context("events")?.sequence).await?;
    let findings = check::check(fleet, &events, &promises).await?;
    watcher.stop().await?.check(&findings.sequences)?;
    let count = |kind: &str| findings.kinds.get(kind).copied().unwrap_or(0);
    let told = (findings.attempts, count("job.finished"), count("job.epoch_logged"));
    let jobs = promises.len();
    ensure!(told == (jobs, jobs, jobs * epochs as usize), "attempts, ends and epochs: {told:?}");
    fleet.stop_roles().await?;
    Ok(format!(
        "{} outages of {} s each: {jobs} jobs of {epochs} epochs in one attempt each, {} events, every epoch told once; \
         {:.0} s, of which {:.0} s are training",
        outages.len(),
        lasting.as_secs(),
        findings.events,
        took.as_secs_f64(),
        whole.as_secs_f64(),
    ))
}

async fn until_training(fleet: &Fleet, job: &str) -> Result<()> {
    let begun = Instant::now();
    loop {
        let answer = load::insist(fleet, Method::GET, &format!("/v1/jobs/{job}"), &Value::Null, "").await?;
        if answer["job"]["status"] == "training" {
            return Ok(());
        }
        ensure!(begun.elapsed() < END_DEADLINE, "it does not begin: {answer}");
        sleep(Duration::from_millis(200)).await;
    }
}
