//! `trainyard train`, `jobs`, `job`, `cancel`, `resume` and `deploy`.

use anyhow::Result;
use serde_json::{Value, json};

use crate::args::Train;
use crate::cli::client::Client;
use crate::cli::{print_json, table, text, watch};
use crate::out::line;

pub(crate) async fn train(client: &Client, train: Train, json: bool) -> Result<()> {
    let answer = client.post("/v1/jobs", &serde_json::to_value(&train)?).await?;
    let job = text(&answer["job"], "id").to_owned();
    if train.watch {
        return watch::run(client, &job, json).await.map(|_| ());
    }
    if json {
        return print_json(&answer);
    }
    line(format_args!("job {job} is requested; follow it with: trainyard watch {job}"));
    Ok(())
}

pub(crate) async fn list(client: &Client, status: Option<&str>, limit: u32, json: bool) -> Result<()> {
    let filter = status.map(|status| format!("&status={status}")).unwrap_or_default();
    let answer = client.get(&format!("/v1/jobs?limit={limit}{filter}")).await?;
    if json {
        return print_json(&answer);
    }
    let jobs = answer["jobs"].as_array().cloned().unwrap_or_default();
    if jobs.is_empty() {
        line(format_args!(
            "no jobs yet; begin with: trainyard chat \"resnet18로 이미지 분류 모델 만들어줘\""
        ));
        return Ok(());
    }
    let rows: Vec<Vec<String>> = jobs.iter().map(row).collect();
    table::print(&["job", "status", "model", "epochs", "best", "dataset", "requested"], &rows);
    Ok(())
}

fn row(job: &Value) -> Vec<String> {
    let config = &job["config"];
    vec![
        job["number"].to_string(),
        text(job, "status").to_owned(),
        text(config, "model").to_owned(),
        format!("{}/{}", job["epochs_done"], config["epochs"]),
        best(job),
        text(config, "dataset").to_owned(),
        text(job, "requested_at").get(..19).unwrap_or_default().replace('T', " "),
    ]
}

/// The best value of the measurement that decides, such as `accuracy 0.985`.
pub(crate) fn best(job: &Value) -> String {
    let primary = job["primary"].as_str().unwrap_or("accuracy");
    job["best"][primary].as_f64().map_or_else(String::new, |value| format!("{primary} {value:.4}"))
}

pub(crate) async fn show(client: &Client, job: &str, json: bool) -> Result<()> {
    let answer = client.get(&format!("/v1/jobs/{job}")).await?;
    if json {
        return print_json(&answer);
    }
    let job = &answer["job"];
    line(format_args!("job {} ({})", job["number"], text(job, "id")));
    let lines = [
        ("status", status(&answer)),
        ("waits because", text(job, "waiting_reason").to_owned()),
        ("worker", text(job, "worker").to_owned()),
        ("epochs", format!("{} of {}", job["epochs_done"], job["config"]["epochs"])),
        ("continues", continues(&job["config"]["continues"])),
        ("best", best(job)),
        ("stopped early", text(job, "stopped_early").to_owned()),
        ("failure", text(&job["failure"], "message").to_owned()),
        ("next step", text(&job["failure"], "next_step").to_owned()),
    ];
    for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        line(format_args!("  {name}: {value}"));
    }
    line(format_args!("  configuration:"));
    for (name, value) in job["config"].as_object().into_iter().flatten() {
        line(format_args!("    {name}: {}", plain(value)));
    }
    for said in job["failure"]["console"].as_array().into_iter().flatten() {
        line(format_args!("  | {}", said.as_str().unwrap_or_default()));
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
fn continues(from: &Value) -> String {
    match from["job"].as_str() {
        Some(job) => format!("job {job} after epoch {}", from["checkpoint"]["epoch"]),
        None => String::new(),
    }
}

/// The status in words, also when its worker has gone silent.
fn status(answer: &Value) -> String {
    let status = text(&answer["job"], "status");
    match answer["unreachable"].as_bool() {
        Some(true) => format!("{status}, but its worker cannot be reached; it comes back or is replaced"),
        _ => status.to_owned(),
    }
}

pub(crate) async fn cancel(client: &Client, job: &str, json: bool) -> Result<()> {
    let answer = client.post(&format!("/v1/jobs/{job}/cancel"), &json!({})).await?;
    if json {
        return print_json(&answer);
    }
    line(format_args!("job {job} is told to stop; see it end with: trainyard watch {job}"));
    Ok(())
}

pub(crate) async fn resume(client: &Client, job: &str, watch: bool, json: bool) -> Result<()> {
    let answer = client.post(&format!("/v1/jobs/{job}/resume"), &json!({})).await?;
    let new = text(&answer["job"], "id").to_owned();
    if watch {
        return watch::run(client, &new, json).await.map(|_| ());
    }
    if json {
        return print_json(&answer);
    }
    let epoch = &answer["proposal"]["config"]["continues"]["checkpoint"]["epoch"];
    line(format_args!(
        "job {new} is requested; it goes on with job {job} after epoch {epoch}; follow it with: trainyard watch {new}"
    ));
    Ok(())
}

pub(crate) async fn deploy(client: &Client, job: &str, withdraw: bool, json: bool) -> Result<()> {
    let path = format!("/v1/jobs/{job}/deploy");
    let answer = if withdraw { client.delete(&path).await? } else { client.post(&path, &json!({})).await? };
    if json {
        return print_json(&answer);
    }
    if withdraw {
        line(format_args!("the model of job {job} answers no more"));
    } else {
        line(format_args!("the model of job {job} answers at {}", endpoint_url(client, &answer)));
    }
    Ok(())
}

/// Where a deployed model answers, as anybody can use it.
pub(crate) fn endpoint_url(client: &Client, answer: &Value) -> String {
    let url = text(&answer["endpoint"], "url");
    if url.starts_with('/') { format!("{}{url}", client.url) } else { url.to_owned() }
}
