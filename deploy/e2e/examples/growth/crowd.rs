//! A dispatcher, alone on a NATS server, with many jobs that run and renew their leases, and many more that wait.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures::{StreamExt, TryStreamExt, stream};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;
use trainyard_bus::{Bus, BusConfig};
use trainyard_dispatcher::DispatcherMetrics;
use trainyard_events::fleet::Lease;
use trainyard_events::limits;
use trainyard_local::harness;
use uuid::Uuid;

use crate::fill::Writer;
use crate::process::{cpu_s, memory_mib};
use crate::story::{self, Telling};
use crate::table::Table;

const TENANT: &str = "acme";
const MEASURED: Duration = Duration::from_secs(20);
/// Leases asked for at once.
const AT_ONCE: usize = 64;

/// What the measured process is: a dispatcher until it is killed.
pub async fn dispatcher(url: &str) -> Result<()> {
    let bus = Bus::connect(BusConfig { url: url.to_owned(), replicas: 1 }).await?;
    let (metrics, stop) = (DispatcherMetrics::default(), CancellationToken::new());
    Ok(trainyard_dispatcher::run(bus, story::now, metrics, stop).await?)
}

pub async fn measure(running: u64, waiting: u64, table: &mut Table) -> Result<()> {
    let nats = harness::nats_of(1, &[]).await;
    let url = nats.url();
    let bus = Bus::connect(BusConfig { url: url.clone(), replicas: 1 }).await?;
    bus.ensure().await?;
    let mut telling = Telling::new(TENANT, 0);
    let dataset = trainyard_events::Aggregate::dataset_id(&TENANT.parse()?, story::DATASET);
    let mut leases = Vec::new();
    let running_jobs = (0..running).map(|number| {
        let id = Uuid::from_u128(u128::from(number));
        let told = telling.begin(id, dataset, &format!("worker-{}", number % 1_000));
        leases.push((id, telling.sequence()));
        told.to_vec()
    });
    let running_jobs: Vec<_> = running_jobs.collect();
    let waiting_jobs = (running..running + waiting)
        .map(|number| vec![telling.job(Uuid::from_u128(u128::from(number)), story::requested(dataset))]);
    let who = url.trim_start_matches("nats://");
    let (login, address) = who.split_once('@').context("a user")?;
    let (user, password) = login.split_once(':').context("a password")?;
    let mut writer = Writer::log_in(address, user, password).await?;
    writer.write_all(running_jobs.into_iter().chain(waiting_jobs)).await?;

    let held = acquire(&bus, leases).await?;
    let mut child =
        Command::new(std::env::current_exe()?).args(["dispatcher", &url]).kill_on_drop(true).spawn()?;
    let pid = child.id().context("it runs")?;
    let renewing = tokio::spawn(renew(bus.clone(), held));
    // Until it has read the log and done what there was to do: then it is at rest.
    tokio::time::sleep(Duration::from_secs(30)).await;
    let (cpu, begun) = (cpu_s(pid)?, Instant::now());
    tokio::time::sleep(MEASURED).await;
    let share = (cpu_s(pid)? - cpu) / begun.elapsed().as_secs_f64() * 100.0;
    let figure = format!("{share:.1} % of a core, {:.0} MiB", memory_mib(pid)?);
    table.row(
        format!("dispatcher: {running} running and {waiting} waiting jobs"),
        figure,
        "< 20 % of a core",
    );
    renewing.abort();
    child.kill().await?;
    Ok(())
}

type Held = (Uuid, Lease, u64);

async fn acquire(bus: &Bus, jobs: Vec<(Uuid, u64)>) -> Result<Vec<Held>> {
    let lease = |token| Lease { tenant: TENANT.parse().expect("a name"), worker: "bench".to_owned(), token };
    let asked = jobs.into_iter().map(|(job, token)| {
        let (leases, lease) = (bus.leases(), lease(token));
        async move {
            let revision = leases.acquire(job, &lease).await?;
            anyhow::Ok((job, lease, revision))
        }
    });
    stream::iter(asked).buffer_unordered(AT_ONCE).try_collect().await
}

/// As the agents do: every lease every [`limits::LEASE_RENEWAL`].
async fn renew(bus: Bus, mut held: Vec<Held>) {
    loop {
        let begun = Instant::now();
        let renewals = held.into_iter().map(|(job, lease, revision)| {
            let leases = bus.leases();
            async move {
                let revision = leases.renew(job, &lease, revision).await.unwrap_or(revision);
                (job, lease, revision)
            }
        });
        held = stream::iter(renewals).buffer_unordered(AT_ONCE).collect().await;
        tokio::time::sleep(limits::LEASE_RENEWAL.saturating_sub(begun.elapsed())).await;
    }
}
