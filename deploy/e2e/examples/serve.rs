//! Measures predicting over HTTP, beside the servers of workers/predict/bench/peers.py: gateway, bus and predictor as people
//! run them, with a ResNet-18 that has just been trained.

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use futures::future::try_join_all;
use serde_json::json;
use tokio::process::{Child, Command};
use trainyard_e2e::{Platform, few_digits, root};

const CLIENTS: [usize; 3] = [1, 8, 32];
const WARM_UP: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_secs(120);
const BOUNDARY: &str = "an-image-and-nothing-else";

/// One that is asked.
struct Server {
    name: &'static str,
    url: String,
    token: String,
    _process: Option<Child>,
}

/// What came of one round.
#[derive(Clone, Copy)]
struct Measured {
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [python, seconds, rounds] = arguments.as_slice() else { bail!("serve PYTHON SECONDS ROUNDS") };
    let (seconds, rounds) = (Duration::from_secs(seconds.parse()?), rounds.parse::<usize>()?);
    let mut platform = Platform::start().await?;
    let form = form(python, platform.folder()).await?;
    let servers = [ours(&platform).await?, peer(python, "fastapi")?, peer(python, "litserve")?];
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
    few_digits(&platform.folder().join("digits"), &["0", "1"], 8)?;
    let wanted =
        json!({ "model": "resnet18", "dataset": "digits", "epochs": 1, "image_size": 224, "batch_size": 8 });
    let job = platform.post("/v1/jobs", wanted).await?["job"]["id"].as_str().context("a job")?.to_owned();
    platform.job_until(&job, PATIENCE, |job| job["status"] == "finished").await?;
    platform.post(&format!("/v1/jobs/{job}/deploy"), json!({})).await?;
    let url = format!("{}/inference/{job}/predict", platform.url());
    Ok(Server { name: "trainyard", url, token: platform.token().to_owned(), _process: None })
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
    Ok(Server { name, url, token: String::new(), _process: Some(process) })
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
    let begun = Instant::now();
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
    taken.sort_by(f64::total_cmp);
    let at = |share: f64| taken[((taken.len() - 1) as f64 * share).round() as usize];
    Ok(Measured { per_second, p50_ms: at(0.5), p99_ms: at(0.99) })
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
            "{clients:>2} clients, {:>9}: {per_second:6.1} requests/s, p50 {:6.1} ms, p99 {:6.1} ms, ours are {:.2} of it",
            server.name,
            median(measured, |one| one.p50_ms),
            median(measured, |one| one.p99_ms),
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
