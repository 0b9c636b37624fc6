//! Leases and the fleet on real servers: held, fenced, expired, and told to whoever watches.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod servers;

use std::time::Duration;

use futures::StreamExt;
use futures::stream::BoxStream;
use servers::Servers;
use time::macros::datetime;
use tokio::time::{Instant, timeout};
use trainyard_bus::{FleetChange, LeaseChange, LeaseError};
use trainyard_events::fleet::{Lease, Pool, WorkerRecord};
use trainyard_events::limits;
use uuid::Uuid;

/// What the server may add to the age of a lease before its marker comes.
const MARGIN: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_server_keeps_leases() {
    let servers = Servers::single().await;
    keeps_leases(&servers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_keeps_leases() {
    let servers = Servers::cluster_of_three().await;
    keeps_leases(&servers).await;
}

async fn keeps_leases(servers: &Servers) {
    let leases = servers.bus().await.leases();
    let mut changes = leases.watch();
    assert_eq!(next(&mut changes).await, LeaseChange::Current, "nothing is held at first");

    let job = Uuid::new_v4();
    let (first, second) = (lease("one", 5), lease("two", 9));
    let revision = leases.acquire(job, &first).await.unwrap();
    assert_eq!(next(&mut changes).await, LeaseChange::Held { job, lease: first.clone() });
    let renewed = leases.renew(job, &first, revision).await.unwrap();
    assert!(renewed > revision);
    assert_eq!(next(&mut changes).await, LeaseChange::Held { job, lease: first.clone() });
    let late = leases.renew(job, &first, revision).await.unwrap();
    assert!(late > renewed, "an own renewal whose answer was lost is no fence");
    assert_eq!(next(&mut changes).await, LeaseChange::Held { job, lease: first.clone() });

    let taken = leases.acquire(job, &second).await.unwrap();
    assert_eq!(next(&mut changes).await, LeaseChange::Held { job, lease: second.clone() });
    let fenced = leases.renew(job, &first, late).await;
    assert!(matches!(fenced, Err(LeaseError::Fenced { current }) if current == second));
    let fenced = leases.acquire(job, &first).await;
    assert!(matches!(fenced, Err(LeaseError::Fenced { current }) if current == second));
    leases.release(job, late).await.unwrap();
    assert_eq!(
        leases.current().await.unwrap(),
        [(job, second.clone())],
        "releasing what is another's does nothing"
    );

    leases.release(job, taken).await.unwrap();
    assert_eq!(next(&mut changes).await, LeaseChange::Ended { job });
    assert_eq!(leases.current().await.unwrap(), []);

    let started = Instant::now();
    let expired = leases.acquire(job, &second).await.unwrap();
    assert_eq!(next(&mut changes).await, LeaseChange::Held { job, lease: second.clone() });
    assert_eq!(next(&mut changes).await, LeaseChange::Ended { job });
    let took = started.elapsed();
    println!("the marker came after {took:?}");
    assert!((limits::LEASE..limits::LEASE + MARGIN).contains(&took), "the marker came after {took:?}");
    leases.renew(job, &second, expired).await.unwrap();
    assert_eq!(next(&mut changes).await, LeaseChange::Held { job, lease: second });
}

/// Who watches hears of what ended while nobody could tell, after it has heard of all that is held.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_hides_no_end() {
    let mut servers = Servers::start().await;
    let leases = servers.bus().await.leases();
    let (ended, held) = (Uuid::new_v4(), Uuid::new_v4());
    leases.acquire(ended, &lease("one", 5)).await.unwrap();
    let mut changes = leases.watch();
    assert_eq!(next(&mut changes).await, LeaseChange::Held { job: ended, lease: lease("one", 5) });
    assert_eq!(next(&mut changes).await, LeaseChange::Current);
    servers.nats.kill().await;
    // Nothing to wait for but time itself: longer than the lease.
    tokio::time::sleep(limits::LEASE + MARGIN).await;
    servers.nats.restart().await;
    let taken = async { while leases.acquire(held, &lease("two", 6)).await.is_err() {} };
    timeout(PATIENCE, taken).await.expect("the server is back");
    let mut told = Vec::new();
    while !told.contains(&LeaseChange::Ended { job: ended }) || told.len() < 3 {
        told.push(next(&mut changes).await);
    }
    let place = |change| told.iter().position(|told| *told == change).expect("it was told");
    assert!(place(LeaseChange::Current) < place(LeaseChange::Ended { job: ended }), "{told:?}");
    assert!(told.contains(&LeaseChange::Held { job: held, lease: lease("two", 6) }), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_are_seen_and_gone() {
    let servers = Servers::start().await;
    let fleet = servers.bus().await.fleet();
    let (stays, leaves) = (worker("gpu-1"), worker("cpu_2"));
    fleet.report(&stays).await.unwrap();
    fleet.report(&leaves).await.unwrap();
    assert_eq!(fleet.list().await.unwrap(), [stays.clone(), leaves.clone()]);
    let mut changes = fleet.watch();
    assert_eq!(next(&mut changes).await, FleetChange::Seen(Box::new(stays.clone())));
    assert_eq!(next(&mut changes).await, FleetChange::Seen(Box::new(leaves.clone())));
    fleet.remove("cpu_2").await.unwrap();
    assert_eq!(next(&mut changes).await, FleetChange::Gone("cpu_2".to_owned()));
    assert_eq!(fleet.list().await.unwrap(), [stays]);
    let silent = timeout(limits::FLEET_RECORD + MARGIN, changes.next()).await;
    assert_eq!(silent.expect("a silent worker is told").unwrap(), FleetChange::Gone("gpu-1".to_owned()));
    assert!(fleet.report(&worker("no.such>name")).await.is_err());
}

fn lease(worker: &str, token: u64) -> Lease {
    Lease { tenant: "ours".parse().unwrap(), worker: worker.to_owned(), token }
}

fn worker(name: &str) -> WorkerRecord {
    WorkerRecord {
        worker: name.to_owned(),
        pool: Pool::Cpu,
        device: "cpu (2 threads)".to_owned(),
        host: "laptop".to_owned(),
        version: "0.1.0".to_owned(),
        started_at: datetime!(2026-03-01 12:00 UTC),
        seen_at: datetime!(2026-03-01 12:00 UTC),
        jobs: Vec::new(),
        slots: 1,
        draining: false,
        runners: Vec::new(),
        gpus: Vec::new(),
        devices: Vec::new(),
        cores: None,
        memory_bytes: None,
        machine: None,
        labels: Default::default(),
        takes_own: false,
    }
}

async fn next<T>(changes: &mut BoxStream<'static, T>) -> T {
    timeout(PATIENCE, changes.next()).await.expect("a change comes").expect("a watch does not end")
}
