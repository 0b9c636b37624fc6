//! An MLflow server as it comes, over sqlite, and clients that call it over HTTP with less effort than its own would.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use trainyard_e2e::root;

const START_DEADLINE: Duration = Duration::from_secs(120);
/// Its processes are called for so long before anything counts: some of them begin long after it answers.
const WARMING: Duration = Duration::from_secs(20);

pub struct Mlflow {
    url: String,
    server: Child,
    folder: TempDir,
}

impl Mlflow {
    pub async fn start() -> Result<Mlflow> {
        let folder = TempDir::with_prefix("trainyard-mlflow-")?;
        let port = TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port();
        let database = format!("sqlite:///{}/mlflow.db", folder.path().display());
        let server = Command::new(root().join("deploy/tools/mlflow"))
            .args(["server", "--host", "127.0.0.1", "--port", &port.to_string()])
            .args(["--backend-store-uri", &database, "--artifacts-destination"])
            .arg(folder.path().join("artifacts"))
            .envs([("MLFLOW_DISABLE_TELEMETRY", "true"), ("DO_NOT_TRACK", "true")])
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.path().join("mlflow.log"))?)
            .process_group(0)
            .spawn()?;
        let mlflow = Mlflow { url: format!("http://127.0.0.1:{port}"), server, folder };
        let (http, health) = (client()?, format!("{}/health", mlflow.url));
        let begun = Instant::now();
        while !http.get(&health).send().await.is_ok_and(|answer| answer.status().is_success()) {
            let log = || std::fs::read_to_string(mlflow.folder.path().join("mlflow.log")).unwrap_or_default();
            ensure!(begun.elapsed() < START_DEADLINE, "MLflow does not answer: {}", log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        mlflow.metrics_per_s(8, 1, WARMING).await?;
        Ok(mlflow)
    }

    /// So many clients, each with a run of its own, and so many metrics a call.
    pub async fn metrics_per_s(&self, clients: usize, batch: u64, lasting: Duration) -> Result<f64> {
        // Connections that have rested it has closed.
        let http = client()?;
        let runs = try_join_all((0..clients).map(|_| self.begin_run(&http))).await?;
        let begun = Instant::now();
        let calls = try_join_all(runs.iter().map(|run| self.log(&http, run, batch, lasting))).await?;
        Ok((calls.into_iter().sum::<u64>() * batch) as f64 / begun.elapsed().as_secs_f64())
    }

    /// Calls answered.
    async fn log(&self, http: &reqwest::Client, run: &str, batch: u64, lasting: Duration) -> Result<u64> {
        let (begun, mut step) = (Instant::now(), 0);
        while begun.elapsed() < lasting {
            let metric = |number: u64| {
                let value = 1.0 / (step + number + 1) as f64;
                json!({ "key": format!("m{number}"), "value": value, "timestamp": 1_700_000_000_000_u64 + step, "step": step })
            };
            if batch == 1 {
                let mut body = metric(0);
                body["run_id"] = run.into();
                self.post(http, "runs/log-metric", body).await?;
            } else {
                let metrics: Vec<Value> = (0..batch).map(metric).collect();
                self.post(http, "runs/log-batch", json!({ "run_id": run, "metrics": metrics })).await?;
            }
            step += 1;
        }
        Ok(step)
    }

    async fn begin_run(&self, http: &reqwest::Client) -> Result<String> {
        let made = self.post(http, "runs/create", json!({ "experiment_id": "0" })).await?;
        Ok(made["run"]["info"]["run_id"].as_str().context("its id")?.to_owned())
    }

    async fn post(&self, http: &reqwest::Client, path: &str, body: Value) -> Result<Value> {
        let answer = http.post(format!("{}/api/2.0/mlflow/{path}", self.url)).json(&body).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "MLflow: {path}: {status} {text}");
        Ok(serde_json::from_str(&text)?)
    }
}

/// It starts processes of its own, which end with it.
impl Drop for Mlflow {
    fn drop(&mut self) {
        if let Some(pid) = self.server.id().and_then(|pid| pid.try_into().ok())
            && let Err(error) = killpg(Pid::from_raw(pid), Signal::SIGKILL)
        {
            println!("MLflow does not end: {error}");
        }
    }
}

fn client() -> Result<reqwest::Client> {
    Ok(trainyard_fetch::client().build()?)
}
