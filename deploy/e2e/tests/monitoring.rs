//! Whatever a rule, an alert or a panel of a dashboard asks for, a platform that works says; and Prometheus reads it so.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use trainyard_e2e::{Platform, few_digits, root};

const MINUTES: Duration = Duration::from_secs(300);
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// What a name of ours goes on with.
const PREFIX: &str = "trainyard_";
const DASHBOARDS: [&str; 6] = ["platform", "fleet", "jobs", "endpoints", "nats", "postgres"];

fn deployed(file: &str) -> Result<String> {
    let path = root().join("deploy").join(file);
    std::fs::read_to_string(&path).with_context(|| path.display().to_string())
}

/// Of one training that ended, and a model that has answered well and been asked badly.
async fn work(platform: &Platform) -> Result<()> {
    few_digits(&platform.folder().join("digits"), &["0", "1"], 12)?;
    let asked = json!({
        "model": "resnet18", "dataset": "./digits", "epochs": 1, "image_size": 16, "batch_size": 8, "device": "cpu",
    });
    let job = platform.post("/v1/jobs", asked).await?["job"]["id"].as_str().context("a job")?.to_owned();
    let ended = platform
        .job_until(&job, MINUTES, |job| {
            ["finished", "failed"].contains(&job["status"].as_str().unwrap_or_default())
        })
        .await?;
    ensure!(ended["status"] == "finished", "{ended}");
    platform.post(&format!("/v1/jobs/{job}/deploy"), json!({})).await?;
    ask(platform, &job).await
}

async fn ask(platform: &Platform, job: &str) -> Result<()> {
    let folder = root().join(".tools/data/digits/test/0");
    let image = std::fs::read_dir(folder)?.next().context("a held-out image")??.path();
    let (status, answer) = platform.predict(job, std::fs::read(image)?).await?;
    ensure!(status == StatusCode::OK, "{answer}");
    let (status, answer) = platform.predict(job, b"no image".to_vec()).await?;
    ensure!(status == StatusCode::BAD_REQUEST, "{answer}");
    Ok(())
}

/// The names of metrics in a text of any kind, each up to where it ends.
fn names(text: &str) -> BTreeSet<String> {
    let of = |at: usize| -> String {
        text[at..].chars().take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_').collect()
    };
    text.match_indices(PREFIX).map(|(at, _)| of(at)).collect()
}

/// What the dashboards ask: where, and the query as Prometheus reads it.
fn panels() -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for name in DASHBOARDS {
        let board: Value = serde_json::from_str(&deployed(&format!("grafana/{name}.json"))?)?;
        for panel in board["panels"].as_array().context("panels")? {
            for target in panel["targets"].as_array().context("targets")? {
                let query = target["expr"].as_str().context("a query")?.replace("$__rate_interval", "1m");
                found.push((format!("{name}: {}", panel["title"].as_str().unwrap_or_default()), query));
            }
        }
    }
    Ok(found)
}

async fn text(url: &str) -> Result<String> {
    Ok(trainyard_fetch::client().build()?.get(url).send().await?.error_for_status()?.text().await?)
}

#[tokio::test]
async fn a_platform_says_whatever_rules_and_dashboards_ask_for() -> Result<()> {
    // Nothing waits for an MLflow that is not there.
    let mut platform = Platform::start_with(&[("TRAINYARD_MLFLOW_URL", "http://127.0.0.1:9")]).await?;
    work(&platform).await?;
    let mut asked = names(&deployed("prometheus/rules.yml")?);
    asked.extend(panels()?.iter().flat_map(|(_, query)| names(query)));
    assert!(asked.len() > 30, "{asked:?}");
    // The servers are asked every few seconds, and a machine that is busy takes longer.
    let deadline = Instant::now() + MINUTES;
    loop {
        let metrics = text(&format!("{}/metrics", platform.url())).await?;
        let said =
            names(&metrics.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n"));
        let missing: Vec<_> = asked.difference(&said).collect();
        if missing.is_empty() {
            break;
        }
        ensure!(Instant::now() < deadline, "nobody says {missing:?}");
        sleep(LOOK_AGAIN).await;
    }
    platform.stop().await
}

#[test]
fn each_alert_is_tested_to_fire_and_to_stay_silent() -> Result<()> {
    let (rules, tests) = (deployed("prometheus/rules.yml")?, deployed("prometheus/rules.test.yml")?);
    let alerts: Vec<_> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(alerts.len() > 10);
    for alert in alerts {
        for what in ["fires", "is silent"] {
            assert!(tests.contains(&format!("- name: {alert} {what}\n")), "{alert} {what}: no test");
        }
    }
    Ok(())
}

/// `make test-monitoring`: with the Prometheus of `deploy/tools/prometheus`.
#[tokio::test]
#[ignore = "needs Prometheus, which `make test-monitoring` fetches"]
async fn every_panel_shows_something_once_prometheus_has_looked() -> Result<()> {
    let programs = std::env::var_os("PROMETHEUS").map(PathBuf::from).context("PROMETHEUS is its folder")?;
    let path = std::env::join_paths(
        std::iter::once(programs).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
    )?;
    let listen = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let path = path.to_str().context("a path of letters")?;
    let mut platform = Platform::start_with(&[("PATH", path), ("TRAINYARD_MONITORING", &listen)]).await?;
    let deadline = Instant::now() + MINUTES;
    // What it has not seen grow has no rate.
    while value(&listen, "trainyard_dispatcher_open_jobs").await?.is_none() {
        ensure!(Instant::now() < deadline, "Prometheus does not look");
        sleep(LOOK_AGAIN).await;
    }
    work(&platform).await?;
    let mut left = panels()?;
    let all = left.len();
    while !left.is_empty() {
        let mut silent = Vec::new();
        for (panel, query) in left {
            match value(&listen, &query).await? {
                Some(value) => println!("{panel:40} {value:>14}  {query}"),
                None => silent.push((panel, query)),
            }
        }
        left = silent;
        ensure!(
            left.is_empty() || Instant::now() < deadline,
            "{} of {all} panels show nothing: {left:#?}",
            left.len()
        );
        sleep(LOOK_AGAIN).await;
        // Somebody goes on asking, so that there is a rate.
        text(&format!("{}/healthz", platform.url())).await?;
        ask_again(&platform).await?;
    }
    let alerts: Value =
        serde_json::from_str(&text(&format!("http://{listen}/api/v1/rules?type=alert")).await?)?;
    let groups = alerts["data"]["groups"].as_array().context("groups")?;
    let rules: Vec<&Value> = groups.iter().flat_map(|group| group["rules"].as_array()).flatten().collect();
    assert!(rules.len() > 10, "{alerts}");
    for rule in rules {
        assert_eq!((&rule["state"], &rule["health"]), (&json!("inactive"), &json!("ok")), "{rule}");
    }
    platform.stop().await
}

async fn ask_again(platform: &Platform) -> Result<()> {
    let jobs = platform.get("/v1/jobs").await?;
    let job = jobs["jobs"][0]["id"].as_str().context("the job")?.to_owned();
    ask(platform, &job).await
}

/// The first of what a query gives; `None` of nothing and of no number.
async fn value(listen: &str, query: &str) -> Result<Option<String>> {
    let client = trainyard_fetch::client().build()?;
    let answer = client.get(format!("http://{listen}/api/v1/query")).query(&[("query", query)]).send().await;
    // It may not have started yet.
    let Ok(answer) = answer else { return Ok(None) };
    let (status, said) = (answer.status(), answer.text().await?);
    ensure!(status != StatusCode::BAD_REQUEST, "{query}: {said}");
    if status != StatusCode::OK {
        return Ok(None);
    }
    let said: Value = serde_json::from_str(&said)?;
    let first = said["data"]["result"][0]["value"][1].as_str().map(str::to_owned);
    Ok(first.filter(|value| value != "NaN"))
}
