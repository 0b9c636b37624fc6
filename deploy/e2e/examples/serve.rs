//! Measures predicting over HTTP, beside the servers of workers/predict/bench/peers.py: gateway, bus and predictor as people
//! run them, with a ResNet-18 that has just been trained; and, where a runner of timm is named, with one in int8. Beside what
//! came in a second stands what it cost in time of processors, which a busy machine changes less.

use std::collections::HashMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use futures::future::try_join_all;
use serde_json::{Value, json};
use tokio::process::{Child, Command};
use trainyard_e2e::{Platform, few_digits, root};

const CLIENTS: [usize; 3] = [1, 8, 32];
const WARM_UP: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_secs(120);
const BOUNDARY: &str = "an-image-and-nothing-else";

/// Ticks of the kernel's clock of processes, in a second.
const TICKS: f64 = 100.0;

/// One that is asked.
struct Server {
    name: &'static str,
    url: String,
    token: String,
    /// Of all whose work it is the first.
    pid: u32,
    _process: Option<Child>,
}

/// What came of one round.
#[derive(Clone, Copy)]
struct Measured {
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    /// Of all processors, for one request.
    cpu_ms: f64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [python, seconds, rounds, runner @ ..] = arguments.as_slice() else {
        bail!("serve PYTHON SECONDS ROUNDS [PYTHON OF THE RUNNER timm]")
    };
    let (seconds, rounds) = (Duration::from_secs(seconds.parse()?), rounds.parse::<usize>()?);
    let mut platform = Platform::start().await?;
    let form = form(python, platform.folder()).await?;
    let mut servers = vec![ours(&platform).await?, peer(python, "fastapi")?, peer(python, "litserve")?];
    if let Some(runner) = runner.first() {
        servers.extend(in_int8(&platform, runner).await?);
    }
    println!("load before: {}", std::fs::read_to_string("/proc/loadavg")?.trim());
    for server in &servers {
        until_it_answers(server, &form).await?;
        load(server, &form, 8, WARM_UP).await?;
    }
    for clients in CLIENTS {
        let mut measured = vec![Vec::new(); servers.len()];
        for _ in 0..rounds {
            for (server, measured) in servers.iter().zip(&mut measured) {
                measured.push(load(server, &form, clients, seconds).await?);
            }
        }
        print(clients, &servers, &measured);
    }
    println!("predictor, a model loaded: {} kB", predictor_kb(&platform)?);
    println!("load after: {}", std::fs::read_to_string("/proc/loadavg")?.trim());
    platform.stop().await
}

/// The photo as it is uploaded.
async fn form(python: &str, folder: &Path) -> Result<Bytes> {
    let photo = folder.join("photo.jpg");
    let made = Command::new(python).arg(script()).arg("photo").arg(&photo).status().await?;
    ensure!(made.success(), "the photo was not made");
    let photo = std::fs::read(photo)?;
    println!("the photo has {} kB", photo.len() / 1_000);
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
    );
    Ok([head.as_bytes(), &photo, format!("\r\n--{BOUNDARY}--\r\n").as_bytes()].concat().into())
}

fn script() -> std::path::PathBuf {
    root().join("workers/predict/bench/peers.py")
}

/// A ResNet-18 of one epoch, deployed.
async fn ours(platform: &Platform) -> Result<Server> {
    println!("predictor at rest: {} kB", predictor_kb(platform)?);
    few_digits(&platform.folder().join("digits"), &["0", "1"], 40)?;
    let wanted =
        json!({ "model": "resnet18", "dataset": "digits", "epochs": 1, "image_size": 224, "batch_size": 8 });
    deployed(platform, "trainyard", wanted).await
}

/// The same by a runner, in whole numbers; none where validation has lost too much by them.
async fn in_int8(platform: &Platform, python: &str) -> Result<Option<Server>> {
    let python = root().join(python).display().to_string();
    let (is_added, _, said) =
        platform.trainyard(&["runners", "add", &python, "-m", "trainyard_timm"]).await?;
    ensure!(is_added, "{said}");
    let wanted = json!({
        "model": "resnet18", "runner": "timm", "dataset": "digits", "epochs": 2, "image_size": 224, "batch_size": 8,
        "options": { "answers": "int8" },
    });
    let server = deployed(platform, "in int8", wanted).await?;
    let job = server.url.rsplit('/').nth(1).unwrap_or_default();
    let left = platform.get(&format!("/v1/jobs/{job}/artifacts")).await?;
    let is_kept = left["artifacts"].as_array().into_iter().flatten().any(|one| one["role"] == "onnx_fp32");
    if !is_kept {
        println!("in int8 validation has lost too much: it is not measured");
    }
    Ok(is_kept.then_some(server))
}

async fn deployed(platform: &Platform, name: &'static str, wanted: Value) -> Result<Server> {
    let job = platform.post("/v1/jobs", wanted).await?["job"]["id"].as_str().context("a job")?.to_owned();
    let ended = |job: &Value| ["finished", "failed"].contains(&job["status"].as_str().unwrap_or_default());
    let job = platform.job_until(&job, PATIENCE, ended).await?;
    ensure!(job["status"] == "finished", "{job}");
    let id = job["id"].as_str().context("an id")?;
    platform.post(&format!("/v1/jobs/{id}/deploy"), json!({})).await?;
    let (url, pid) = (format!("{}/inference/{id}/predict", platform.url()), platform.pid());
    let pid = pid.context("the platform has ended")?;
    Ok(Server { name, url, token: platform.token().to_owned(), pid, _process: None })
}

fn peer(python: &str, name: &'static str) -> Result<Server> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let process = Command::new(python)
        .arg(script())
        .args([name, &port.to_string()])
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let url = format!("http://127.0.0.1:{port}/predict");
    let pid = process.id().with_context(|| format!("{name} has ended"))?;
    Ok(Server { name, url, token: String::new(), pid, _process: Some(process) })
}

async fn until_it_answers(server: &Server, form: &Bytes) -> Result<()> {
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
async fn load(server: &Server, form: &Bytes, clients: usize, time: Duration) -> Result<Measured> {
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
            "{clients:>2} clients, {:>9}: {per_second:6.1} requests/s, p50 {:6.1} ms, p99 {:6.1} ms, {:5.1} ms of CPU each, ours are {:.2} of it",
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
