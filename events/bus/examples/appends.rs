//! Measures the log: guarded appends by one writer and by 64, and reading histories, on one server and on three of its own,
//! or on others: `appends [nats://... [REPLICAS]]`.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures::future::try_join_all;
use time::macros::datetime;
use trainyard_bus::{Bus, BusConfig, EventLog, JetStreamLog};
use trainyard_events::job::JobEvent;
use trainyard_events::{Actor, Aggregate, Envelope, Event, TenantId, event_id};
use trainyard_local::harness;
use uuid::Uuid;

const MEASURED: Duration = Duration::from_secs(5);
const READS: u32 = 20;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    if let Some(url) = arguments.next() {
        let replicas = arguments.next().map_or(Ok(1), |it| it.parse()).context("replicas are 1 or 3")?;
        return measure(url, replicas).await;
    }
    println!("one server");
    let server = harness::nats_of(1, &[]).await;
    measure(server.url(), 1).await?;
    println!("three servers on this machine, three replicas");
    let cluster = harness::nats_of(3, &[]).await;
    measure(cluster.url(), 3).await
}

async fn measure(url: String, replicas: usize) -> Result<()> {
    let bus = Bus::connect(BusConfig { url, replicas }).await?;
    bus.ensure().await?;
    for writers in [1, 64] {
        measure_appends(&bus.log(), writers).await?;
    }
    for events in [1, 10, 100, 1_000] {
        measure_history(&bus.log(), events).await?;
    }
    Ok(())
}

/// Each writer appends to its own job, one event after the other.
async fn measure_appends(log: &JetStreamLog, writers: usize) -> Result<()> {
    let started = Instant::now();
    let writers_done = (0..writers).map(|_| async {
        let job = Aggregate::Job(Uuid::new_v4());
        let (mut last, mut latencies) = (0, Vec::new());
        while started.elapsed() < MEASURED {
            let begun = Instant::now();
            last = log.append(&envelope(&job), last).await?;
            latencies.push(begun.elapsed());
        }
        anyhow::Ok(latencies)
    });
    let mut latencies = try_join_all(writers_done).await?.concat();
    let elapsed = started.elapsed();
    latencies.sort();
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize];
    println!(
        "{writers:>3} writers: {:>6.0} appends/s, p50 {:?}, p99 {:?}",
        latencies.len() as f64 / elapsed.as_secs_f64(),
        at(0.5),
        at(0.99)
    );
    Ok(())
}

async fn measure_history(log: &JetStreamLog, events: usize) -> Result<()> {
    let job = Aggregate::Job(Uuid::new_v4());
    let mut last = 0;
    for _ in 0..events {
        last = log.append(&envelope(&job), last).await?;
    }
    let started = Instant::now();
    for _ in 0..READS {
        anyhow::ensure!(
            log.history(&tenant(), &job, 0).await?.len() == events,
            "the history is not complete"
        );
    }
    println!("history of {events:>4} events: {:?}", started.elapsed() / READS);
    Ok(())
}

fn tenant() -> TenantId {
    "bench".parse().expect("a valid name")
}

/// As large as a usual epoch's event.
fn envelope(job: &Aggregate) -> Envelope {
    let command_id = Uuid::new_v4();
    let event = JobEvent::EpochLogged {
        token: 22,
        epoch: 3,
        train: [("accuracy".to_owned(), 0.88), ("loss".to_owned(), 0.4125)].into(),
        validation: [("accuracy".to_owned(), 0.8625), ("loss".to_owned(), 0.5)].into(),
        primary: "accuracy".to_owned(),
        is_best: true,
        learning_rate: 0.0475,
        seconds: 12.75,
    };
    Envelope {
        event_id: event_id(command_id),
        tenant: tenant(),
        aggregate: job.clone(),
        command_id,
        correlation_id: command_id,
        causation_id: None,
        actor: Actor::Worker("bench".to_owned()),
        at: datetime!(2026-03-01 12:00 UTC),
        sealed: None,
        event: Event::Job(event),
    }
}
