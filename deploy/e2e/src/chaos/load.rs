//! A user who keeps asking for trainings, and asks again with the same key until there is an answer.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::fleet::Fleet;

const RETRY_PAUSE: Duration = Duration::from_millis(200);
/// No single request may need longer, whatever goes wrong.
const ANSWER_DEADLINE: Duration = Duration::from_secs(120);
/// What passes: of the older release, a gateway whose views are not up knows neither jobs nor tokens.
const PASSING: [StatusCode; 2] = [StatusCode::NOT_FOUND, StatusCode::UNAUTHORIZED];
/// One job in so many is cancelled soon after it was asked for.
const CANCEL_EVERY: usize = 8;

/// A job that the platform has acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Acknowledged {
    pub(super) job: Uuid,
    /// Of the approval that it stands on.
    pub(super) sequence: u64,
    pub(super) epochs: u32,
    pub(super) seed: u64,
    pub(super) cancelled: bool,
}

/// Asks for `count` jobs, one every `pause`.
pub(super) async fn ask_for(
    fleet: &Fleet,
    seed: u64,
    count: usize,
    pause: Duration,
) -> Result<Vec<Acknowledged>> {
    let mut acknowledged = Vec::new();
    for number in 1..=count {
        let (epochs, job_seed) = (6 + number as u32 % 11, seed.wrapping_mul(1_000) + number as u64);
        let mut promise = ask(fleet, epochs, job_seed).await?;
        if number % CANCEL_EVERY == 0 {
            let path = format!("/v1/jobs/{}/cancel", promise.job);
            insist(fleet, Method::POST, &path, &json!({}), &format!("{job_seed}-cancel")).await?;
            promise.cancelled = true;
        }
        acknowledged.push(promise);
        sleep(pause).await;
    }
    Ok(acknowledged)
}

/// Asks for one job; the same seed is the same job.
pub(super) async fn ask(fleet: &Fleet, epochs: u32, seed: u64) -> Result<Acknowledged> {
    let body = json!({
        "model": "resnet18", "dataset": "digits", "epochs": epochs, "image_size": 16, "batch_size": 8,
        "device": "cpu", "seed": seed,
    });
    let answer = insist(fleet, Method::POST, "/v1/jobs", &body, &seed.to_string()).await?;
    let job: Uuid = answer["job"]["id"].as_str().context("a job id")?.parse()?;
    let sequence = answer["sequence"].as_u64().context("a sequence")?;
    Ok(Acknowledged { job, sequence, epochs, seed, cancelled: false })
}

/// Until no job is open any more.
pub(super) async fn until_all_ended(fleet: &Fleet, deadline: Duration) -> Result<()> {
    let begun = Instant::now();
    let path = "/v1/jobs?status=requested,queued,starting,training,cancelling&limit=200";
    loop {
        let answer = insist(fleet, Method::GET, path, &Value::Null, "").await?;
        let open = answer["jobs"].as_array().context("jobs")?;
        if open.is_empty() {
            return Ok(());
        }
        if begun.elapsed() > deadline {
            bail!("{} jobs are still open after {deadline:?}, such as {}", open.len(), open[0]);
        }
        sleep(Duration::from_millis(500)).await;
    }
}

/// Asks until somebody answers. What is refused for good is an error.
pub(super) async fn insist(
    fleet: &Fleet,
    method: Method,
    path: &str,
    body: &Value,
    key: &str,
) -> Result<Value> {
    let begun = Instant::now();
    loop {
        let mut request = fleet.http.request(method.clone(), fleet.url(path)).bearer_auth(&fleet.token);
        if method == Method::POST {
            request = request.header("idempotency-key", key).json(body);
        }
        let problem = match request.send().await {
            Ok(answer) => {
                let (status, text) = (answer.status(), answer.text().await.unwrap_or_default());
                // A job that has ended before it could be cancelled is no fault of anybody's.
                let ended = status == StatusCode::CONFLICT && path.ends_with("/cancel");
                if status.is_success() || ended {
                    match serde_json::from_str(&text) {
                        Ok(answer) => return Ok(answer),
                        Err(error) => format!("{status}, cut off: {error}"),
                    }
                } else if status.is_client_error() && !PASSING.contains(&status) {
                    bail!("{method} {path}: {status} {text}");
                } else {
                    format!("{status} {text}")
                }
            }
            Err(error) => error.to_string(),
        };
        if begun.elapsed() > ANSWER_DEADLINE {
            bail!("{method} {path} has had no answer for {ANSWER_DEADLINE:?}: {problem}");
        }
        sleep(RETRY_PAUSE).await;
    }
}
