//! Two neighbouring releases on one log: side by side, up and back again, and an event that only the next one knows.

use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use trainyard_bus::{Bus, BusConfig, EventLog};
use trainyard_e2e::servers::environment;
use trainyard_e2e::{Platform, binary, few_digits, previous, root};
use trainyard_events::{Aggregate, Entry};
use trainyard_local::{LocalConfig, Platform as Servers, Tools};

const MINUTES: Duration = Duration::from_secs(300);

/// The servers of a company, on which any number of platforms may run.
struct Site {
    folder: tempfile::TempDir,
    servers: Servers,
}

impl Site {
    async fn start() -> Result<Site> {
        let folder = tempfile::TempDir::with_prefix("trainyard-site-")?;
        let config = LocalConfig::new(folder.path().join("servers"), Tools::find(&root().join(".tools"))?);
        let servers = Servers::start(config).await?;
        few_digits(&folder.path().join("digits"), &["0", "1", "2", "3"], 20)?;
        Ok(Site { folder, servers })
    }

    fn digits(&self) -> String {
        self.folder.path().join("digits").to_string_lossy().into_owned()
    }

    async fn platform(&self, program: std::path::PathBuf, worker: &str) -> Result<Platform> {
        let of_servers = environment(self.servers.urls());
        let trainer = binary("trainyard-chain")?;
        let own = [
            ("TRAINYARD_TRAINER", trainer.to_str().context("a path")?),
            ("TRAINYARD_DATASET_ROOTS", "/"),
            ("TRAINYARD_WORKER_NAME", worker),
        ];
        Platform::start_as(program, &[&of_servers[..], &own].concat()).await
    }

    async fn bus(&self) -> Result<Bus> {
        Ok(Bus::connect(BusConfig { url: self.servers.urls().nats.clone(), replicas: 1 }).await?)
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn training(digits: &str, seed: u64, epochs: u32) -> Value {
    json!({
        "model": "resnet18", "dataset": digits, "epochs": epochs, "image_size": 16, "batch_size": 8,
        "device": "cpu", "seed": seed,
    })
}

async fn train(platform: &Platform, digits: &str, seed: u64, epochs: u32) -> Result<String> {
    let ordered = platform.post("/v1/jobs", training(digits, seed, epochs)).await?;
    Ok(text(&ordered["job"], "id").to_owned())
}

async fn has_status(platform: &Platform, job: &str, status: &str) -> Result<Value> {
    platform.job_until(job, MINUTES, |row| row["status"] == status).await
}

/// Says something in a conversation; the number of messages that the other platform then shows of it.
async fn talk(one: &Platform, other: &Platform, chat: &str, words: &str) -> Result<usize> {
    let said = one.post(&format!("/v1/chats/{chat}/messages"), json!({ "text": words })).await?;
    let sequence = said["sequence"].as_u64().context("a sequence")?;
    let shown = other.get(&format!("/v1/chats/{chat}?wait_for={sequence}")).await?;
    Ok(shown["messages"].as_array().context("messages")?.len())
}

async fn verified(platform: &Platform) -> Result<()> {
    let (good, out, errors) = platform.trainyard(&["rebuild", "--verify"]).await?;
    assert!(good, "{out}{errors}");
    Ok(())
}

#[tokio::test]
async fn two_releases_side_by_side_read_and_write_one_log() -> Result<()> {
    let site = Site::start().await?;
    let digits = site.digits();
    let mut old = site.platform(previous()?, "worker-old").await?;
    let before = train(&old, &digits, 1, 4).await?;
    has_status(&old, &before, "finished").await?;
    let mut new = site.platform(binary("trainyard")?, "worker-new").await?;
    has_status(&new, &before, "finished").await?;

    // Each asks, both work, both show the same.
    let mut jobs = Vec::new();
    for seed in 10..14 {
        let asker = if seed % 2 == 0 { &old } else { &new };
        jobs.push(train(asker, &digits, seed, 6).await?);
    }
    for job in &jobs {
        let (left, right) =
            (has_status(&old, job, "finished").await?, has_status(&new, job, "finished").await?);
        for field in ["number", "best", "best_epoch", "artifacts", "classes", "config_hash", "sequence"] {
            assert_eq!(left[field], right[field], "{field} of {job}");
        }
    }
    // One cancels what the other asked for.
    for (asker, stopper, seed) in [(&old, &new, 20), (&new, &old, 21)] {
        let job = train(asker, &digits, seed, 500).await?;
        has_status(stopper, &job, "training").await?;
        stopper.post(&format!("/v1/jobs/{job}/cancel"), json!({})).await?;
        has_status(asker, &job, "cancelled").await?;
        has_status(stopper, &job, "cancelled").await?;
    }
    // Whoever has no answer from one asks the other with the same key, and it is one request.
    for (first, second, key) in [(&old, &new, "up"), (&new, &old, "down")] {
        let body = Some(training(&digits, 30, 2));
        let ask = async |of: &Platform, path: &str, body: Option<Value>| {
            let (status, answer) = of.ask_keyed(Method::POST, path, body, Some(key)).await?;
            anyhow::ensure!(status.is_success(), "{key}: {status} {answer}");
            Ok(answer)
        };
        let (asked, again) =
            (ask(first, "/v1/jobs", body.clone()).await?, ask(second, "/v1/jobs", body).await?);
        assert_eq!(
            (&asked["job"]["id"], &asked["sequence"]),
            (&again["job"]["id"], &again["sequence"]),
            "{key}"
        );
        let said = format!("/v1/chats/{}/messages", text(&old.post("/v1/chats", json!({})).await?, "id"));
        let words = Some(json!({ "text": "train resnet18 on 5 epochs" }));
        let (said, again) = (ask(first, &said, words.clone()).await?, ask(second, &said, words).await?);
        assert_eq!(said["sequence"], again["sequence"], "{key}");
    }
    // One conversation through both.
    let chat = text(&old.post("/v1/chats", json!({})).await?, "id").to_owned();
    assert_eq!(talk(&old, &new, &chat, "train resnet18 on 5 epochs").await?, 2);
    assert_eq!(talk(&new, &old, &chat, "batch size 32").await?, 4);
    let proposal = old.get(&format!("/v1/chats/{chat}")).await?["proposal"]["config"].clone();
    assert_eq!((&proposal["epochs"], &proposal["batch_size"]), (&json!(5), &json!(32)));
    verified(&old).await?;
    verified(&new).await?;
    new.stop().await?;
    old.stop().await
}

#[tokio::test]
async fn an_upgrade_and_the_way_back_lose_nothing_and_stop_nothing() -> Result<()> {
    let site = Site::start().await?;
    let digits = site.digits();
    let mut platform = site.platform(previous()?, "worker").await?;
    let mut jobs = vec![train(&platform, &digits, 1, 5).await?];
    has_status(&platform, &jobs[0], "finished").await?;
    for (round, program) in [binary("trainyard")?, previous()?, binary("trainyard")?].into_iter().enumerate()
    {
        // In the middle of a training, which goes on under the other release.
        let running = train(&platform, &digits, 10 + round as u64, 30).await?;
        has_status(&platform, &running, "training").await?;
        platform.stop().await?;
        platform.start_again_as(program).await?;
        jobs.push(running);
        for job in &jobs {
            has_status(&platform, job, "finished").await?;
        }
        let newest = train(&platform, &digits, 20 + round as u64, 3).await?;
        has_status(&platform, &newest, "finished").await?;
        jobs.push(newest);
        verified(&platform).await?;
    }
    platform.stop().await
}

#[tokio::test]
async fn an_event_of_the_next_release_stops_its_own_job_and_nothing_else() -> Result<()> {
    let site = Site::start().await?;
    let digits = site.digits();
    let mut platform = site.platform(binary("trainyard")?, "worker").await?;
    let job = train(&platform, &digits, 1, 400).await?;
    has_status(&platform, &job, "training").await?;
    let log = site.bus().await?.log();
    let sequence = put_stranger(&log, &job).await?;

    // Its row says so, and the fleet goes on.
    let held = platform.job_until(&job, MINUTES, |row| !row["quarantine"].is_null()).await?;
    assert_eq!(
        (&held["quarantine"]["sequence"], text(&held["quarantine"], "kind")),
        (&json!(sequence), "job.paused")
    );
    let (status, answer) =
        platform.ask(Method::POST, &format!("/v1/jobs/{job}/cancel"), Some(json!({}))).await?;
    assert_eq!((status.as_u16(), text(&answer["error"], "code")), (409, "quarantined"), "{answer}");
    platform.stop().await?;
    platform.start_again().await?;
    let other = train(&platform, &digits, 2, 3).await?;
    verified(&platform).await?;
    let (good, out, errors) = platform.trainyard(&["events", "quarantine"]).await?;
    assert!(good && out.contains("job.paused") && out.contains(&sequence.to_string()), "{out}{errors}");
    let (good, out, errors) =
        platform.trainyard(&["events", "skip", &sequence.to_string(), "--because", "a test"]).await?;
    assert!(good, "{out}{errors}");

    // From here on it is a job like any other.
    platform.job_until(&job, MINUTES, |row| row["quarantine"].is_null()).await?;
    platform.post(&format!("/v1/jobs/{job}/cancel"), json!({})).await?;
    has_status(&platform, &job, "cancelled").await?;
    has_status(&platform, &other, "finished").await?;
    verified(&platform).await?;
    platform.stop().await
}

/// Writes what no binary of this release knows into the history of a job.
async fn put_stranger(log: &impl EventLog, job: &str) -> Result<u64> {
    let aggregate = Aggregate::Job(job.parse()?);
    let tenant = "local".parse()?;
    let subject = trainyard_events::subject::event(&tenant, &aggregate);
    loop {
        let last = log.entries(&tenant, &aggregate, 0).await?.last().map_or(0, Entry::sequence);
        let stranger = Entry::read(1, &subject, br#"{"kind":"job.paused","body":{"until":"tomorrow"}}"#);
        // The job trains meanwhile: whoever is faster is first.
        match log.put_back(&stranger, last).await {
            Ok(sequence) => return Ok(sequence),
            Err(trainyard_bus::AppendError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
