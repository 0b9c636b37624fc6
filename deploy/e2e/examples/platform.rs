//! Measures the platform from outside: approval to first step, epoch event to websocket frame, memory of each process.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use trainyard_e2e::{Platform, few_digits};

type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// Jobs whose start is measured, and epochs of the one job whose frames are.
const JOBS: usize = 50;
const EPOCHS: u32 = 60;

#[tokio::main]
async fn main() -> Result<()> {
    let mut platform = Platform::start().await?;
    few_digits(&platform.folder().join("digits"), &["0", "1"], 24)?;

    let mut socket = subscribe(&platform, "activity").await?;
    let job = request(&platform, EPOCHS).await?;
    let frames = epoch_frames(&mut socket, &job).await?;
    print("epoch event -> websocket frame, ms", &frames);
    memory(&platform)?;

    let mut starts = Vec::new();
    for _ in 0..JOBS {
        starts.push(first_step(&platform).await?);
    }
    print("approval -> first training step seen, ms", &starts);
    platform.stop().await
}

async fn request(platform: &Platform, epochs: u32) -> Result<String> {
    let body = json!({ "model": "resnet18", "dataset": "digits", "epochs": epochs, "image_size": 16, "batch_size": 8 });
    let answer = platform.post("/v1/jobs", body).await?;
    Ok(answer["job"]["id"].as_str().context("a job id")?.to_owned())
}

async fn subscribe(platform: &Platform, topic: &str) -> Result<Socket> {
    let (mut socket, _) =
        connect_async(format!("{}/v1/live", platform.url().replacen("http", "ws", 1))).await?;
    for frame in
        [json!({ "type": "auth", "token": platform.token() }), json!({ "type": "subscribe", "topic": topic })]
    {
        socket.send(Message::text(frame.to_string())).await?;
    }
    while next(&mut socket).await?["type"] != "initial" {}
    Ok(socket)
}

async fn next(socket: &mut Socket) -> Result<Value> {
    loop {
        match socket.next().await.context("the socket was closed")?? {
            Message::Text(frame) => return Ok(serde_json::from_str(&frame)?),
            _ => continue,
        }
    }
}

/// Milliseconds from the time that an epoch's event carries to its frame.
async fn epoch_frames(socket: &mut Socket, job: &str) -> Result<Vec<f64>> {
    let mut taken = Vec::new();
    loop {
        let frame = next(socket).await?;
        let (event, now) = (&frame["event"], now());
        if event["aggregate"] != format!("job/{job}") {
            continue;
        }
        match event["kind"].as_str().unwrap_or_default() {
            "job.epoch_logged" => {
                let at = OffsetDateTime::parse(event["at"].as_str().context("a time")?, &Rfc3339)?;
                taken.push((now - at).as_seconds_f64() * 1e3);
            }
            "job.finished" => return Ok(taken),
            "job.failed" => bail!("{event}"),
            _ => {}
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a latency is measured against the wall clock that events carry"
)]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// Milliseconds from the approval of a job on a known dataset to its first step on a socket.
async fn first_step(platform: &Platform) -> Result<f64> {
    let begun = Instant::now();
    let job = request(platform, 1).await?;
    let mut socket = subscribe(platform, &format!("job:{job}")).await?;
    while next(&mut socket).await?["type"] != "telemetry" {}
    let taken = begun.elapsed();
    platform.job_until(&job, Duration::from_secs(120), |job| job["status"] == "finished").await?;
    Ok(taken.as_secs_f64() * 1e3)
}

fn print(what: &str, values: &[f64]) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
    println!(
        "{what}: median {:.1}, p99 {:.1}, worst {:.1} over {}",
        at(0.5),
        at(0.99),
        at(1.0),
        sorted.len()
    );
}

/// Resident memory of every process that descends from the platform, by name.
fn memory(platform: &Platform) -> Result<()> {
    let mut parents: BTreeMap<u32, (u32, String, u64)> = BTreeMap::new();
    for entry in std::fs::read_dir("/proc")? {
        let Ok(pid) = entry?.file_name().to_string_lossy().parse::<u32>() else { continue };
        let Ok(status) = std::fs::read_to_string(format!("/proc/{pid}/status")) else { continue };
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
            line.split_whitespace().nth(1).unwrap_or_default().to_owned()
        };
        let kib = field("VmRSS:").parse().unwrap_or(0);
        parents.insert(pid, (field("PPid:").parse().unwrap_or(0), field("Name:"), kib));
    }
    let root = platform.pid().context("the platform runs")?;
    let descends = |pid: u32| {
        let mut at = pid;
        while at != root && at > 1 {
            at = parents.get(&at).map_or(0, |(parent, ..)| *parent);
        }
        at == root
    };
    let mut by_name: BTreeMap<&str, (u64, u32)> = BTreeMap::new();
    for (pid, (_, name, kib)) in &parents {
        if descends(*pid) {
            let sum = by_name.entry(name).or_default();
            *sum = (sum.0 + kib, sum.1 + 1);
        }
    }
    for (name, (kib, processes)) in by_name {
        println!("memory of {name}: {:.1} MiB in {processes} processes", kib as f64 / 1024.0);
    }
    Ok(())
}
