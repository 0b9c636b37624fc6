//! Clients that ask a server again and again, and what came of it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use futures::future::try_join_all;

use crate::servers::Server;

pub const BOUNDARY: &str = "an-image-and-nothing-else";
pub const PATIENCE: Duration = Duration::from_secs(120);
/// Ticks of the kernel's clock of processes, in a second.
const TICKS: f64 = 100.0;

/// What came of one round.
#[derive(Clone, Copy)]
pub struct Measured {
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// Of all processors, for one request.
    pub cpu_ms: f64,
}

pub async fn until_it_answers(server: &Server, form: &Bytes) -> Result<()> {
    let (client, begun) = (client()?, Instant::now());
    while ask(&client, server, form).await.is_err() {
        ensure!(begun.elapsed() < PATIENCE, "{} does not answer", server.name);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("{}: the first answer after {:.1} s", server.name, begun.elapsed().as_secs_f64());
    Ok(())
}

fn client() -> Result<reqwest::Client> {
    Ok(trainyard_fetch::client().timeout(PATIENCE).build()?)
}

async fn ask(client: &reqwest::Client, server: &Server, form: &Bytes) -> Result<()> {
    let asked = client
        .post(&server.url)
        .bearer_auth(&server.token)
        .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
        .body(form.clone());
    let answer = asked.send().await?.error_for_status()?.bytes().await?;
    ensure!(answer.starts_with(b"{\"predictions\":["), "{}", String::from_utf8_lossy(&answer));
    Ok(())
}

/// Each client asks again when it is answered. An answer that is none ends the measurement.
pub async fn load(server: &Server, form: &Bytes, clients: usize, time: Duration) -> Result<Measured> {
    let (begun, busy) = (Instant::now(), cpu_s(server.pid)?);
    let one = async || -> Result<Vec<f64>> {
        let (client, mut taken) = (client()?, Vec::new());
        while begun.elapsed() < time {
            let asked = Instant::now();
            ask(&client, server, form).await?;
            taken.push(asked.elapsed().as_secs_f64() * 1e3);
        }
        Ok(taken)
    };
    let mut taken = try_join_all((0..clients).map(|_| one())).await?.concat();
    let per_second = taken.len() as f64 / begun.elapsed().as_secs_f64();
    let cpu_ms = (cpu_s(server.pid)? - busy) * 1e3 / taken.len() as f64;
    taken.sort_by(f64::total_cmp);
    let at = |share: f64| taken[((taken.len() - 1) as f64 * share).round() as usize];
    Ok(Measured { per_second, p50_ms: at(0.5), p99_ms: at(0.99), cpu_ms })
}

/// What a process and all below it have computed.
fn cpu_s(first: u32) -> Result<f64> {
    let mut processes = HashMap::new();
    for entry in std::fs::read_dir("/proc")? {
        let Ok(pid) = entry?.file_name().to_string_lossy().parse::<u32>() else { continue };
        // It may have ended meanwhile.
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        let fields: Vec<&str> =
            stat.rsplit_once(") ").context("a name in brackets")?.1.split_whitespace().collect();
        let ticks = fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
        processes.insert(pid, (fields[1].parse::<u32>()?, ticks));
    }
    let is_below = |pid: &u32| {
        let parent = |pid: &u32| processes.get(pid).map(|(parent, _)| *parent);
        std::iter::successors(Some(*pid), parent).any(|above| above == first)
    };
    Ok(processes.iter().filter(|(pid, _)| is_below(pid)).map(|(_, (_, ticks))| ticks / TICKS).sum())
}
