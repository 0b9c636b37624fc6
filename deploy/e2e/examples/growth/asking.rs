//! Asks a platform for jobs, as several of its users who each have a token of their own.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures::StreamExt;
use serde_json::{Value, json};
use trainyard_bus::{Bus, EntryStream, EventLog};
use trainyard_e2e::{Platform, few_digits};
use trainyard_events::{ChatEvent, Event, JobEvent, Recorded};
use uuid::Uuid;

const DATASET: &str = "digits";
/// Of the two classes each: enough to be trained on.
const IMAGES: usize = 8;
const FIRST_JOB: Duration = Duration::from_secs(120);
/// Jobs at a time of the one worker.
const SLOTS: &str = "8";

/// A platform whose one worker, of 8 slots, starts a trainer that does nothing, and that knows the dataset by now.
pub async fn idle_platform() -> Result<Platform> {
    let ourselves = std::env::current_exe()?;
    let trainer = ourselves.to_str().context("a path that can be written")?;
    let platform =
        Platform::start_with(&[("TRAINYARD_TRAINER", trainer), ("TRAINYARD_WORKER_SLOTS", SLOTS)]).await?;
    first_job(&platform).await?;
    Ok(platform)
}

/// Gives the platform a dataset and has it look at that: the jobs that are measured wait for no look.
pub async fn first_job(platform: &Platform) -> Result<()> {
    few_digits(&platform.folder().join(DATASET), &["0", "1"], IMAGES)?;
    let job = Asker::new(platform, "first").await?.order(&Order::default()).await?;
    platform.job_until(&job.to_string(), FIRST_JOB, |job| job["status"] == "finished").await?;
    Ok(())
}

/// What a job is asked for with.
#[derive(Clone, Copy)]
pub struct Order {
    pub epochs: u32,
    /// Of an epoch, where the trainer does nothing.
    pub measurements: u64,
    pub image_size: u32,
}

impl Default for Order {
    fn default() -> Order {
        Order { epochs: 1, measurements: 1, image_size: 16 }
    }
}

/// One user.
pub struct Asker {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Asker {
    pub async fn new(platform: &Platform, name: &str) -> Result<Asker> {
        let http = trainyard_fetch::client().build()?;
        Ok(Asker { http, url: platform.url().to_owned(), token: new_token(platform, name).await? })
    }

    /// Approved when this returns; its id.
    pub async fn order(&self, order: &Order) -> Result<Uuid> {
        let Order { epochs, measurements, image_size } = order;
        let body = json!({
            "model": "resnet18", "dataset": DATASET, "epochs": epochs, "image_size": image_size, "batch_size": 8,
            "device": "cpu", "seed": measurements,
        });
        let asking = self.http.post(format!("{}/v1/jobs", self.url)).bearer_auth(&self.token).json(&body);
        let answer = asking.send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        if !status.is_success() {
            bail!("a job is refused: {status} {text}");
        }
        let answer: Value = serde_json::from_str(&text)?;
        Ok(answer["job"]["id"].as_str().context("an id")?.parse()?)
    }
}

pub async fn new_token(platform: &Platform, name: &str) -> Result<String> {
    let made = platform.post("/v1/tokens", json!({ "name": name, "role": "admin" })).await?;
    Ok(made["token"].as_str().context("its text")?.to_owned())
}

/// What a measurement waits for in the log.
pub enum Milestone {
    Approved,
    Started,
    Epoch(Uuid, u32),
    Finished(Uuid),
}

/// The log from now on.
pub struct Watch(EntryStream);

impl Watch {
    pub async fn begin(bus: &Bus) -> Result<Watch> {
        let log = bus.log();
        let newest = log.last_sequence().await?;
        Ok(Watch(log.follow(newest).await?))
    }

    /// The next one, when it comes; an error when a job comes to no good.
    pub async fn next(&mut self) -> Result<Milestone> {
        loop {
            let entry = self.0.next().await.context("the log ended")??;
            let Some(recorded) = entry.as_event() else { continue };
            if let Some(milestone) = milestone(recorded)? {
                return Ok(milestone);
            }
        }
    }
}

fn milestone(recorded: &Recorded) -> Result<Option<Milestone>> {
    let envelope = &recorded.envelope;
    let job = || envelope.aggregate.id().parse::<Uuid>();
    Ok(match &envelope.event {
        Event::Chat(ChatEvent::ProposalApproved { .. }) => Some(Milestone::Approved),
        Event::Job(JobEvent::AttemptStarted { .. }) => Some(Milestone::Started),
        Event::Job(JobEvent::EpochLogged { epoch, .. }) => Some(Milestone::Epoch(job()?, *epoch)),
        Event::Job(JobEvent::Finished { .. }) => Some(Milestone::Finished(job()?)),
        Event::Job(event @ (JobEvent::AttemptFailed { .. } | JobEvent::Failed { .. })) => bail!("{event:?}"),
        _ => None,
    })
}
