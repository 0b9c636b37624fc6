//! Chaos: a fleet of real processes trains while servers, roles, trainers and the network fail at random moments drawn
//! from a seed, and a checker reads everything back at the end.

mod check;
mod disk;
mod fault;
mod feed;
mod fleet;
mod load;
mod outage;
mod proxy;
mod role;
mod watcher;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use time::OffsetDateTime;
use tokio::time::{Instant, sleep};

pub use fault::Fault;
pub use outage::outages;

use check::Findings;
use fleet::Fleet;
use watcher::Watcher;

/// How long all jobs may take to end once the last fault is over.
const END_DEADLINE: Duration = Duration::from_secs(300);
/// Sockets hear of the last event within this long.
const HEARD_DEADLINE: Duration = Duration::from_secs(30);
const SOCKETS: usize = 3;
const COLLECT_PAUSE: Duration = Duration::from_secs(4);
const THREADS: usize = 2;
/// What a stepping clock has dated says nothing of how long something took.
const STEPPED: time::Duration = time::Duration::minutes(30);

/// One run. The same seed draws the same faults; what they meet depends on the machine's timing.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub seed: u64,
    pub jobs: usize,
    /// Between two jobs that are asked for.
    pub job_pause: Duration,
    /// Besides those that every run has.
    pub faults: usize,
    pub workers: usize,
    pub slots: usize,
    /// Whether NATS is three servers, with three copies of each stream.
    pub cluster: bool,
}

/// What happened, for people.
pub struct Report {
    plan: Plan,
    findings: Findings,
    faults: BTreeMap<String, usize>,
    seconds: f64,
    /// From a worker's death or stillness to the event that says so.
    deaths: Vec<f64>,
    /// Objects that were of no use any more, while others were being written.
    collected: u64,
    /// Events that others have read.
    copies: usize,
    connections: u32,
    stretches: usize,
    memory: Vec<(String, f64, f64)>,
}

/// Runs the plan. An error says what did not hold; the seed is in it.
pub fn run(plan: Plan) -> Result<Report> {
    // Before there is any other thread that should see the small disks.
    let small_disks = disk::own_mounts();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build()?;
    let outcome = runtime.block_on(storm(plan, small_disks));
    outcome.with_context(|| format!("chaos with seed {} and {plan:?}", plan.seed))
}

async fn storm(plan: Plan, small_disks: bool) -> Result<Report> {
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
    let live = fleet.url("/v1/live").replacen("http", "ws", 1);
    let watchers: Vec<Watcher> =
        (0..SOCKETS).map(|_| Watcher::start(live.clone(), fleet.token.clone())).collect();
    let before = fleet.memory();
    let mut collected = 0;
    let storm = async {
        let asked = load::ask_for(fleet, plan.seed, plan.jobs, plan.job_pause);
        let both = tokio::try_join!(asked, faults(fleet, plan))?;
        fleet.answers().await?;
        load::until_all_ended(fleet, END_DEADLINE).await?;
        anyhow::Ok(both)
    };
    let (acknowledged, suffered) = tokio::select! {
        outcome = storm => outcome?,
        () = collecting(fleet, &mut collected) => unreachable!("it collects for ever"),
    };
    let events = check::whole_log(fleet).await?;
    let newest = events.last().context("events")?.sequence;
    all_heard(&watchers, newest).await?;
    let memory = grown(&before, fleet.memory());
    let findings = check::check(fleet, &events, &acknowledged).await?;
    let copies = feed::whole_feed(fleet, newest).await?;
    feed::check(&copies, &events)?;
    let (mut connections, mut stretches) = (0, 0);
    for watcher in watchers {
        let heard = watcher.stop().await?;
        heard.check(&findings.sequences)?;
        connections += heard.connections;
        stretches += heard.stretches.len();
    }
    ensure!(fleet.processes("trainyard-chain").is_empty(), "trainers run although every job has ended");
    fleet.stop_roles().await?;
    let deaths = visible_deaths(&suffered, &findings);
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
        findings,
        faults: kinds,
        seconds,
        deaths,
        collected,
        copies,
        connections,
        stretches,
        memory,
    })
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
async fn faults(fleet: &Fleet, plan: Plan) -> Result<Vec<(OffsetDateTime, Fault)>> {
    let mut random = StdRng::seed_from_u64(plan.seed);
    let roles = fleet.role_names();
    let mut suffered = Vec::new();
    let mut going_on = FuturesUnordered::new();
    let mut certain = Fault::certain().into_iter();
    for _ in 0..certain.len() + plan.faults {
        let fault = certain.next().unwrap_or_else(|| Fault::draw(&mut random, &roles));
        let gap = Duration::from_millis(random.random_range(300..2_500));
        let mut own = StdRng::seed_from_u64(random.random());
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

/// Resident MiB of each role at first and at last.
fn grown(before: &[(String, f64)], after: Vec<(String, f64)>) -> Vec<(String, f64, f64)> {
    let first = |name: &str| before.iter().find(|(known, _)| known == name).map_or(0.0, |(_, mib)| *mib);
    after.into_iter().map(|(name, mib)| (name.clone(), first(&name), mib)).collect()
}

/// Seconds from a worker's death, or from a stillness longer than its lease, to the loss of each of its attempts.
fn visible_deaths(suffered: &[(OffsetDateTime, Fault)], findings: &Findings) -> Vec<f64> {
    let mut seconds = Vec::new();
    for (at, worker) in &findings.lost {
        let died = suffered.iter().filter(|(moment, fault)| {
            let died = match fault {
                Fault::KillRole(role) => role == worker,
                Fault::FreezeRole(role, lasting) => {
                    role == worker && *lasting > trainyard_events::limits::LEASE
                }
                _ => false,
            };
            died && moment < at
        });
        let since = died.map(|(moment, _)| *at - *moment).filter(|since| *since < STEPPED);
        // The newest death before the loss is its cause; an older one was answered by an older loss.
        seconds.extend(since.min().map(time::Duration::as_seconds_f64));
    }
    seconds.sort_by(f64::total_cmp);
    seconds
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { plan, findings, .. } = self;
        let count = |kind: &str| findings.kinds.get(kind).copied().unwrap_or(0);
        let servers = if plan.cluster { "three NATS servers" } else { "one NATS server" };
        writeln!(
            out,
            "chaos, seed {}, {servers}: {:.0} s, nothing lost, nothing twice",
            plan.seed, self.seconds
        )?;
        writeln!(
            out,
            "{} jobs ({} finished, {} cancelled), {} events, {} attempts ({} lost, {} preempted, {} failed)",
            findings.jobs,
            count("job.finished"),
            count("job.cancelled"),
            findings.events,
            findings.attempts,
            count("job.attempt_lost"),
            count("job.attempt_preempted"),
            count("job.attempt_failed"),
        )?;
        let faults: Vec<String> = self.faults.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        writeln!(out, "faults: {}", faults.join(", "))?;
        writeln!(
            out,
            "artifacts read back: {}; collected on the way: {}",
            findings.artifacts, self.collected
        )?;
        writeln!(
            out,
            "sockets: {SOCKETS}, connected {} times, begun anew {} times",
            self.connections, self.stretches
        )?;
        writeln!(out, "feed: {} events, each once and in order", self.copies)?;
        writeln!(out, "death of a worker visible after: {}", spread(&self.deaths))?;
        let trusted = findings.recoveries.iter().filter(|gap| gap.abs() < STEPPED);
        let mut recoveries: Vec<f64> = trusted.map(|gap| gap.as_seconds_f64()).collect();
        recoveries.sort_by(f64::total_cmp);
        writeln!(out, "next attempt after a loss: {}", spread(&recoveries))?;
        for (name, first, last) in &self.memory {
            writeln!(out, "memory of {name}: {first:.0} MiB at first, {last:.0} MiB at last")?;
        }
        Ok(())
    }
}

fn spread(sorted: &[f64]) -> String {
    match (sorted.get(sorted.len() / 2), sorted.last()) {
        (Some(median), Some(worst)) => {
            format!("median {median:.1} s, worst {worst:.1} s over {}", sorted.len())
        }
        _ => "there was none".to_owned(),
    }
}
