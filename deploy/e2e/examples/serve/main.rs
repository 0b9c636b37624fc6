//! Measures predicting over HTTP, beside the servers of workers/predict/bench/peers.py: gateway, bus and predictor as people
//! run them, with a ResNet-18 that has just been trained; and, where a runner of timm is named, with one in int8; then with a
//! YOLO11n at 640. Beside what came in a second stands what it cost in time of processors, which a busy machine changes less.

mod load;
mod servers;

use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use trainyard_e2e::Platform;

use load::{Measured, load, until_it_answers};
use servers::{Server, form, in_int8, peer, resnet18, yolo11n};

const CLIENTS: [usize; 3] = [1, 8, 32];
const WARM_UP: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [python, seconds, rounds, runner @ ..] = arguments.as_slice() else {
        bail!("serve PYTHON SECONDS ROUNDS [PYTHON OF THE RUNNER timm]")
    };
    let (seconds, rounds) = (Duration::from_secs(seconds.parse()?), rounds.parse::<usize>()?);
    let mut platform = Platform::start().await?;
    let form = form(python, platform.folder()).await?;
    println!("predictor at rest: {} kB", predictor_kb(&platform)?);
    let ours = resnet18(&platform).await?;
    let mut servers = vec![ours, peer(python, "fastapi", None)?, peer(python, "litserve", None)?];
    if let Some(runner) = runner.first() {
        servers.extend(in_int8(&platform, runner).await?);
    }
    println!("== ResNet-18");
    table(&servers, &form, seconds, rounds).await?;
    // Those that are not asked any more would wait with threads that count.
    drop(servers);
    let (ours, file) = yolo11n(&platform).await?;
    println!("== YOLO11n at 640, the peer with ONNX Runtime and the same file");
    table(&[ours, peer(python, "fastapi-yolo", Some(&file))?], &form, seconds, rounds).await?;
    println!("predictor, all of them loaded: {} kB", predictor_kb(&platform)?);
    platform.stop().await
}

/// All servers in turn, at each number of clients.
async fn table(servers: &[Server], form: &Bytes, seconds: Duration, rounds: usize) -> Result<()> {
    println!("load before: {}", std::fs::read_to_string("/proc/loadavg")?.trim());
    for server in servers {
        until_it_answers(server, form).await?;
        load(server, form, 8, WARM_UP).await?;
    }
    for clients in CLIENTS {
        let mut measured = vec![Vec::new(); servers.len()];
        for _ in 0..rounds {
            for (server, measured) in servers.iter().zip(&mut measured) {
                measured.push(load(server, form, clients, seconds).await?);
            }
        }
        print(clients, servers, &measured);
    }
    println!("load after: {}", std::fs::read_to_string("/proc/loadavg")?.trim());
    Ok(())
}

fn print(clients: usize, servers: &[Server], measured: &[Vec<Measured>]) {
    let median = |of: &[Measured], what: fn(&Measured) -> f64| {
        let mut values: Vec<f64> = of.iter().map(what).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let ours = median(&measured[0], |one| one.per_second);
    for (server, measured) in servers.iter().zip(measured) {
        let per_second = median(measured, |one| one.per_second);
        println!(
            "{clients:>2} clients, {:>12}: {per_second:6.1} requests/s, p50 {:6.1} ms, p99 {:6.1} ms, {:5.1} ms of CPU each, ours are {:.2} of it",
            server.name,
            median(measured, |one| one.p50_ms),
            median(measured, |one| one.p99_ms),
            median(measured, |one| one.cpu_ms),
            ours / per_second,
        );
    }
}

/// The proportional memory of the platform's predictor.
fn predictor_kb(platform: &Platform) -> Result<u64> {
    let folder = platform.folder().join(".trainyard/work").canonicalize()?;
    for entry in std::fs::read_dir("/proc")? {
        let process = entry?.path();
        let line = std::fs::read(process.join("cmdline")).unwrap_or_default();
        let mut words = line.split(|byte| *byte == 0);
        let is_it = words.next().is_some_and(|name| name.ends_with(b"trainyard"))
            && words.next() == Some(b"predictor");
        if is_it && std::fs::read_link(process.join("cwd")).is_ok_and(|at| at == folder) {
            let rollup = std::fs::read_to_string(process.join("smaps_rollup"))?;
            let pss = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).context("no Pss")?;
            return Ok(pss.trim().trim_end_matches(" kB").parse()?);
        }
    }
    bail!("there is no predictor")
}
