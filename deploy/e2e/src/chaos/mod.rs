//! Chaos: a fleet of real processes trains while servers, roles, trainers and the network fail at random moments drawn
//! from a seed, and a checker reads everything back at the end.

mod check;
mod disk;
mod fault;
mod feed;
mod fleet;
mod links;
mod load;
mod outage;
mod processes;
mod proxy;
mod report;
mod role;
mod servers;
mod suffer;
mod watcher;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use time::OffsetDateTime;
use tokio::time::{Instant, sleep};

pub use fault::Fault;
pub use links::Silence;
pub use outage::outages;
pub use report::Report;

use fleet::Fleet;
use load::Acknowledged;
use watcher::Watcher;

/// How long all jobs may take to end once the last fault is over.
const END_DEADLINE: Duration = Duration::from_secs(300);
/// Sockets hear of the last event within this long.
const HEARD_DEADLINE: Duration = Duration::from_secs(30);
const SOCKETS: usize = 3;
const COLLECT_PAUSE: Duration = Duration::from_secs(4);
const THREADS: usize = 2;

/// One run. The same seed draws the same faults; what they meet depends on the machine's timing.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub seed: u64,
    pub jobs: usize,
    /// Between two jobs that are asked for.
    pub job_pause: Duration,
    /// Besides those that every storm has.
    pub faults: usize,
    /// Gateways, and as many projectors, dispatchers and feeds.
    pub twins: usize,
    pub workers: usize,
    pub slots: usize,
    /// Whether NATS is three servers, with three copies of each stream.
    pub cluster: bool,
    /// For so long one storm follows another, each with as many jobs and faults; zero is one storm.
    pub lasting: Duration,
}

/// What came of the storms.
#[derive(Default)]
struct Weathered {
    storms: u64,
    acknowledged: Vec<Acknowledged>,
    suffered: Vec<(OffsetDateTime, Fault)>,
}

/// Runs the plan. An error says what did not hold; the seed is in it.
pub fn run(plan: Plan) -> Result<Report> {
    // Before there is any other thread that should see the small disks.
    let small_disks = disk::own_mounts();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build()?;
    let outcome = runtime.block_on(run_on(plan, small_disks));
    outcome.with_context(|| format!("chaos with seed {} and {plan:?}", plan.seed))
}

async fn run_on(plan: Plan, small_disks: bool) -> Result<Report> {
    let mut fleet = Fleet::start(&plan, small_disks).await?;
    let outcome = live_through(plan, small_disks, &mut fleet).await;
    if outcome.is_err() {
        println!("chaos: what all processes wrote lies in {}", fleet.keep_logs()?.display());
    }
    let report = outcome?;
    let left = fleet.stop_servers().await?;
    ensure!(left.is_empty(), "orphans are left: {left:?}");
    Ok(report)
}

async fn live_through(plan: Plan, small_disks: bool, fleet: &mut Fleet) -> Result<Report> {
    let begun = Instant::now();
    crate::few_digits(&fleet.path().join("digits"), &["0", "1"], 12)?;
    let live = || Watcher::start(fleet.urls("ws", "/v1/live"), fleet.token.clone());
    let watchers: Vec<Watcher> = (0..SOCKETS).map(|_| live()).collect();
    let before = fleet.memory();
    let mut collected = 0;
    let Weathered { storms, acknowledged, suffered } = tokio::select! {
        outcome = weather(fleet, &plan, begun) => outcome?,
        () = collecting(fleet, &mut collected) => unreachable!("it collects for ever"),
    };
    let events = check::whole_log(fleet).await?;
    let newest = events.last().context("events")?.sequence;
    all_heard(&watchers, newest).await?;
    let memory = report::grown(&before, fleet.memory());
    let failures = fleet.failures();
    let findings = check::check(fleet, &events, &acknowledged).await?;
    let audited = check::auditor(fleet, newest).await?;
    let copies = feed::whole_feed(fleet, newest).await?;
    feed::check(&copies, &events)?;
    let (mut connections, mut stretches) = (0, 0);
    for watcher in watchers {
        let heard = watcher.stop().await?;
        heard.check(&findings.sequences)?;
        connections += heard.connections;
        stretches += heard.stretches.len();
    }
    ensure!(fleet.trainers().is_empty(), "trainers run although every job has ended");
    fleet.stop_roles().await?;
    let deaths = report::visible_deaths(&suffered, &findings);
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for (_, fault) in &suffered {
        *kinds.entry(fault.kind()).or_default() += 1;
    }
    let filled = kinds.contains_key("fill disk of postgres");
    ensure!(filled || !small_disks, "no disk was filled although it could have been");
    let seconds = begun.elapsed().as_secs_f64();
    let copies = copies.len();
    Ok(Report {
        plan,
        storms,
        findings,
        audited,
        faults: kinds,
        seconds,
        deaths,
        collected,
        copies,
        connections,
        stretches,
        memory,
        failures,
    })
}

/// One storm after another. After each of them every job ends, and what the log says is looked at while it is fresh.
async fn weather(fleet: &Fleet, plan: &Plan, begun: Instant) -> Result<Weathered> {
    let mut weathered = Weathered::default();
    loop {
        let seed = plan.seed.wrapping_add(weathered.storms);
        let asked = load::ask_for(fleet, seed, plan.jobs, plan.job_pause);
        let (acknowledged, suffered) = tokio::try_join!(asked, faults(fleet, plan, seed))?;
        weathered.acknowledged.extend(acknowledged);
        weathered.suffered.extend(suffered);
        weathered.storms += 1;
        fleet.answers().await?;
        load::until_all_ended(fleet, END_DEADLINE).await?;
        // A view may be behind.
        let events = check::calm_log(fleet, HEARD_DEADLINE).await?;
        check::promises(&events, &weathered.acknowledged)?;
        let (storms, events, elapsed) = (weathered.storms, events.len(), begun.elapsed().as_secs());
        println!("chaos: {storms} storms in {elapsed} s, {events} events, nothing lost, nothing twice");
        if begun.elapsed() >= plan.lasting {
            return Ok(weathered);
        }
    }
}

/// Rids the store of what is of no use again and again, far more often than anybody would, while workers upload.
async fn collecting(fleet: &Fleet, collected: &mut u64) {
    loop {
        sleep(COLLECT_PAUSE).await;
        match fleet.collect().await {
            Ok(objects) => *collected += objects,
            Err(error) => println!("chaos: nothing is collected this time: {error:#}"),
        }
    }
}

/// Draws and inflicts the faults, some of them at once; returns those that met something, with their moments.
async fn faults(fleet: &Fleet, plan: &Plan, seed: u64) -> Result<Vec<(OffsetDateTime, Fault)>> {
    let mut random = StdRng::seed_from_u64(seed);
    let roles = fleet.role_names();
    let mut suffered = Vec::new();
    let mut going_on = FuturesUnordered::new();
    let mut certain = Fault::certain(plan).into_iter();
    for _ in 0..certain.len() + plan.faults {
        let fault = certain.next().unwrap_or_else(|| Fault::draw(&mut random, plan, &roles));
        let gap = Duration::from_millis(random.random_range(300..2_500));
        let mut own = StdRng::seed_from_u64(random.random());
        let fault = fleet.aimed(fault);
        println!("chaos: {fault}");
        going_on.push(async move {
            let at = now();
            fleet.suffer(&fault, &mut own).await.then_some((at, fault))
        });
        let pause = sleep(gap);
        tokio::pin!(pause);
        loop {
            tokio::select! {
                () = &mut pause => break,
                Some(over) = going_on.next() => suffered.extend(over),
            }
        }
    }
    while let Some(over) = going_on.next().await {
        suffered.extend(over);
    }
    Ok(suffered)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a fault's moment is compared with the times that events carry"
)]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

async fn all_heard(watchers: &[Watcher], newest: u64) -> Result<()> {
    let begun = Instant::now();
    while watchers.iter().any(|watcher| watcher.until() < newest) {
        ensure!(
            begun.elapsed() < HEARD_DEADLINE,
            "sockets have been told up to {:?} of {newest}",
            watchers.iter().map(Watcher::until).collect::<Vec<_>>()
        );
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}
