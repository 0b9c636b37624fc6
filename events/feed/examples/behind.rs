//! Measures a feed: how many events a second it copies when it has to catch up, and how far it is behind at 1,000 a second.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on ends")]

#[path = "../tests/servers/mod.rs"]
mod servers;

use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::pull;
use futures::StreamExt;
use servers::{Servers, prompt, write};
use tokio::time::Instant;
use trainyard_events::subject;

const TO_CATCH_UP: usize = 60_000;
const A_SECOND: u32 = 1_000;
const SECONDS: u32 = 10;

#[tokio::main]
async fn main() {
    let servers = Servers::start().await;
    let platform = servers.jetstream().await;
    write(&platform, TO_CATCH_UP).await;
    let begun = Instant::now();
    let stop = servers.feed().await;
    loop {
        let copied = match platform.get_stream(subject::FEED).await {
            Ok(stream) => stream.cached_info().state.last_sequence,
            Err(_) => 0,
        };
        if copied == TO_CATCH_UP as u64 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let took = begun.elapsed().as_secs_f64();
    println!("{TO_CATCH_UP} events copied in {took:.2} s: {:.0} a second", TO_CATCH_UP as f64 / took);
    behind(&servers, &platform).await;
    stop.cancel();
}

/// From when the log has acknowledged an event to when a reader has its copy.
async fn behind(servers: &Servers, platform: &jetstream::Context) {
    let readers = servers.jetstream().await;
    let stream = readers.get_stream(subject::FEED).await.unwrap();
    let config = pull::Config {
        deliver_policy: jetstream::consumer::DeliverPolicy::New,
        ack_policy: jetstream::consumer::AckPolicy::None,
        ..Default::default()
    };
    let mut copies = stream.create_consumer(config).await.unwrap().messages().await.unwrap();
    let count = A_SECOND * SECONDS;
    let reading = tokio::spawn(async move {
        let mut seen = Vec::new();
        while seen.len() < count as usize {
            copies.next().await.unwrap().unwrap();
            seen.push(Instant::now());
        }
        seen
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut tick = tokio::time::interval(Duration::from_secs(1) / A_SECOND);
    let mut stored = Vec::new();
    for number in 0..count {
        tick.tick().await;
        let (on, payload) = prompt("acme", &format!("number {number}"));
        let acknowledged = platform.publish(on, payload.into()).await.unwrap();
        stored.push(tokio::spawn(async move {
            acknowledged.await.unwrap();
            Instant::now()
        }));
    }
    let seen = reading.await.unwrap();
    let mut behind = Vec::new();
    for (stored, seen) in stored.into_iter().zip(seen) {
        behind.push(seen.saturating_duration_since(stored.await.unwrap()).as_secs_f64() * 1e3);
    }
    behind.sort_by(f64::total_cmp);
    let at = |share: f64| behind[((behind.len() - 1) as f64 * share) as usize];
    println!(
        "{A_SECOND} events a second: {:.1} ms behind, p99 {:.1} ms, at most {:.1} ms",
        at(0.5),
        at(0.99),
        at(1.0)
    );
}
