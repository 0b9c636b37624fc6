//! `trainyard train`, `jobs`, `job`, `cancel`, `resume` and `deploy`.

use anyhow::Result;
use serde_json::Value;
use trainyard_api::endpoints::Deployed;
use trainyard_api::jobs::{JobAnswer, JobChanged, JobList, JobsQuery, Ordered, Statuses};
use trainyard_api::page::Nothing;
use trainyard_events::config::Continuation;
use trainyard_views::JobRow;

use crate::args::Train;
use crate::cli::client::Client;
use crate::cli::{print_json, table, watch};
use crate::out::line;

pub(crate) async fn train(client: &Client, train: Train, json: bool) -> Result<()> {
    let answer = client.post::<Ordered>("/v1/jobs", &train).await?;
    let job = answer.job.id.to_string();
    if train.watch {
        return watch::run(client, &job, json).await.map(|_| ());
    }
    if json {
        return print_json(&answer.json);
    }
    line(format_args!("job {job} is requested; follow it with: trainyard watch {job}"));
    Ok(())
}

pub(crate) async fn list(client: &Client, status: Option<String>, limit: u32, json: bool) -> Result<()> {
    let query = JobsQuery { status: status.map(Statuses), limit: Some(limit), ..JobsQuery::default() };
    let answer = client.find::<JobList>("/v1/jobs", &query).await?;
    if json {
        return print_json(&answer.json);
    }
    if answer.jobs.is_empty() {
        line(format_args!(
            "no jobs yet; begin with: trainyard chat \"resnet18로 이미지 분류 모델 만들어줘\""
        ));
        return Ok(());
    }
    let rows: Vec<Vec<String>> = answer.jobs.iter().map(row).collect();
    table::print(&["job", "status", "model", "epochs", "best", "dataset", "requested"], &rows);
    Ok(())
}

fn row(job: &JobRow) -> Vec<String> {
    let (date, (hour, minute, second)) = (job.requested_at.date(), job.requested_at.to_hms());
    vec![
        job.number.to_string(),
        job.status.name().to_owned(),
        job.config.model.clone(),
        format!("{}/{}", job.epochs_done, job.config.epochs),
        best(job),
        job.config.dataset.clone().unwrap_or_default(),
        format!("{date} {hour:02}:{minute:02}:{second:02}"),
    ]
}

/// The best value of the measurement that decides, such as `accuracy 0.985`.
fn best(job: &JobRow) -> String {
    let primary = job.primary.as_deref().unwrap_or("accuracy");
    let value = job.best.as_ref().and_then(|best| best.get(primary));
    value.map_or_else(String::new, |value| format!("{primary} {value:.4}"))
}

pub(crate) async fn show(client: &Client, job: &str, json: bool) -> Result<()> {
    let answer = client.get::<JobAnswer>(&format!("/v1/jobs/{job}")).await?;
    if json {
        return print_json(&answer.json);
    }
    let job = &answer.job;
    line(format_args!("job {} ({})", job.number, job.id));
    let failure = job.failure.as_ref();
    let said = |text: Option<&String>| text.cloned().unwrap_or_default();
    let lines = [
        ("status", status(&answer)),
        ("waits because", said(job.waiting_reason.as_ref())),
        ("worker", said(job.worker.as_ref())),
        ("epochs", format!("{} of {}", job.epochs_done, job.config.epochs)),
        ("continues", job.config.continues.as_deref().map_or_else(String::new, continues)),
        ("best", best(job)),
        ("stopped early", said(job.stopped_early.as_ref())),
        ("failure", said(failure.map(|failure| &failure.message))),
        ("next step", said(failure.map(|failure| &failure.next_step))),
    ];
    for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        line(format_args!("  {name}: {value}"));
    }
    line(format_args!("  configuration:"));
    for (name, value) in answer.json["job"]["config"].as_object().into_iter().flatten() {
        line(format_args!("    {name}: {}", plain(value)));
    }
    for said in failure.iter().flat_map(|failure| &failure.console) {
        line(format_args!("  | {said}"));
    }
    Ok(())
}

/// A value of the configuration, for people.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Where it began, if not at the beginning.
fn continues(from: &Continuation) -> String {
    format!("job {} after epoch {}", from.job, from.checkpoint.epoch)
}

/// The status in words, also when its worker has gone silent.
fn status(answer: &JobAnswer) -> String {
    let status = answer.job.status.name();
    match answer.unreachable {
        true => format!("{status}, but its worker cannot be reached; it comes back or is replaced"),
        false => status.to_owned(),
    }
}

pub(crate) async fn cancel(client: &Client, job: &str, json: bool) -> Result<()> {
    let answer = client.post::<JobChanged>(&format!("/v1/jobs/{job}/cancel"), &Nothing {}).await?;
    if json {
        return print_json(&answer.json);
    }
    line(format_args!("job {job} is told to stop; see it end with: trainyard watch {job}"));
    Ok(())
}

pub(crate) async fn resume(client: &Client, job: &str, watch: bool, json: bool) -> Result<()> {
    let answer = client.post::<Ordered>(&format!("/v1/jobs/{job}/resume"), &Nothing {}).await?;
    let new = answer.job.id.to_string();
    if watch {
        return watch::run(client, &new, json).await.map(|_| ());
    }
    if json {
        return print_json(&answer.json);
    }
    let epoch = answer.proposal.config.continues.as_ref().map_or(0, |from| from.checkpoint.epoch);
    line(format_args!(
        "job {new} is requested; it goes on with job {job} after epoch {epoch}; follow it with: trainyard watch {new}"
    ));
    Ok(())
}

pub(crate) async fn deploy(client: &Client, job: &str, withdraw: bool, json: bool) -> Result<()> {
    let path = format!("/v1/jobs/{job}/deploy");
    if withdraw {
        let answer = client.delete::<JobChanged>(&path).await?;
        if json {
            return print_json(&answer.json);
        }
        line(format_args!("the model of job {job} answers no more"));
        return Ok(());
    }
    let answer = client.post::<Deployed>(&path, &Nothing {}).await?;
    if json {
        return print_json(&answer.json);
    }
    line(format_args!("the model of job {job} answers at {}", endpoint_url(client, &answer)));
    Ok(())
}

/// Where a deployed model answers, as anybody can use it.
pub(crate) fn endpoint_url(client: &Client, deployed: &Deployed) -> String {
    let url = &deployed.endpoint.url;
    if url.starts_with('/') { format!("{}{url}", client.url) } else { url.clone() }
}
