//! Who is asked: the platform, and servers as people write them, of workers/predict/bench/peers.py.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::process::{Child, Command};
use trainyard_e2e::{Platform, few_digits, few_trees, root};

use crate::load::{BOUNDARY, PATIENCE};

/// One that is asked.
pub struct Server {
    pub name: &'static str,
    pub url: String,
    pub token: String,
    /// Of all whose work it is the first.
    pub pid: u32,
    _process: Option<Child>,
}

/// The photo as it is uploaded.
pub async fn form(python: &str, folder: &Path) -> Result<Bytes> {
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
pub async fn resnet18(platform: &Platform) -> Result<Server> {
    few_digits(&platform.folder().join("digits"), &["0", "1"], 40)?;
    let wanted =
        json!({ "model": "resnet18", "dataset": "digits", "epochs": 1, "image_size": 224, "batch_size": 8 });
    deployed(platform, "trainyard", wanted).await
}

/// The same by a runner, in whole numbers; none where validation has lost too much by them.
pub async fn in_int8(platform: &Platform, python: &str) -> Result<Option<Server>> {
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

/// A YOLO11n of one epoch, deployed, and its file for the peer: both answer with the same weights.
pub async fn yolo11n(platform: &Platform) -> Result<(Server, PathBuf)> {
    few_trees(&platform.folder().join("trees"), 4, 1)?;
    let wanted =
        json!({ "model": "yolo11n", "dataset": "trees", "epochs": 1, "image_size": 640, "batch_size": 2 });
    let server = deployed(platform, "trainyard", wanted).await?;
    let (job, path) =
        (server.url.rsplit('/').nth(1).unwrap_or_default(), platform.folder().join("yolo11n.onnx"));
    let out = path.display().to_string();
    let (is_written, _, said) =
        platform.trainyard(&["export", job, "--format", "onnx", "--to", &out]).await?;
    ensure!(is_written, "{said}");
    Ok((server, path))
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

/// `model` is a file that it answers with, where it does not make one itself.
pub fn peer(python: &str, name: &'static str, model: Option<&Path>) -> Result<Server> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let process = Command::new(python)
        .arg(script())
        .args([name, &port.to_string()])
        .args(model)
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let url = format!("http://127.0.0.1:{port}/predict");
    let pid = process.id().with_context(|| format!("{name} has ended"))?;
    Ok(Server { name, url, token: String::new(), pid, _process: Some(process) })
}
