//! A platform whose log is long: how soon it is up, what people read of it, a job as it was at any event, and a rebuild.

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;
use trainyard_bus::EventLog;
use trainyard_e2e::Platform;
use trainyard_events::{Envelope, Recorded};
use trainyard_views::JobRow;
use uuid::Uuid;

use crate::story::LONG_EPOCHS;
use crate::table::{Table, at, median_ms, ms};
use crate::{bus, fill, story};

/// How far the views and the auditor are, which reads the log from its first event at every start.
const VIEWS: &str = "trainyard_views_sequence ";
const AUDIT: &str = "trainyard_audit_position ";
/// A long log may take as long to come into the views.
const TAKING_IN: Duration = Duration::from_secs(1_800);
const QUESTIONS: usize = 100;
/// Events that a job is looked at after, and of a page of a history.
const MOMENTS: usize = 1_000;
const PAGE: usize = 200;
/// Between two questions: a token may ask 100 in a second.
const PAUSE: Duration = Duration::from_millis(25);

pub async fn measure(events: u64, table: &mut Table) -> Result<()> {
    let mut platform = Platform::start().await?;
    let tenant = platform.get("/v1/whoami").await?["tenant"].as_str().context("a tenant")?.to_owned();
    let before = bus(&platform).await?.log().last_sequence().await?;
    platform.stop().await?;
    let empty = started(&mut platform).await?;
    platform.stop().await?;

    let story = story::Ended::new(&tenant, before, events);
    let long = story.long;
    let begun = Instant::now();
    let end = fill::fill(platform.folder(), story).await?;
    println!("{} events written in {:.1} s", end - before, begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    platform.start_again_within(TAKING_IN).await?;
    reaches(&platform, VIEWS, end).await?;
    let taken = begun.elapsed().as_secs_f64();
    table.row("events taken into the views", format!("{:.0}/s", (end - before) as f64 / taken), "");
    platform.stop().await?;
    let full = started(&mut platform).await?;
    table.row(
        format!("`up` with {end} events, and empty"),
        format!("{:.1} s, {:.1} s", full.as_secs_f64(), empty.as_secs_f64()),
        "< 1 s more",
    );
    reaches(&platform, VIEWS, end).await?;
    let reader = Reader::new(&platform)?;
    pages(&reader, long, ", while the auditor reads the log anew", table).await?;
    reaches(&platform, AUDIT, end).await?;
    pages(&reader, long, "", table).await?;
    travel(&reader, before + 1..=end, long, table).await?;
    let begun = Instant::now();
    let (good, said, errors) = platform.trainyard(&["rebuild", "--verify"]).await?;
    ensure!(good, "{said}{errors}");
    let verified = format!("{:.1} s for {end} events", begun.elapsed().as_secs_f64());
    table.row("a rebuild with verification", verified, "< 60 s for 1,000,000");
    platform.stop().await
}

async fn started(platform: &mut Platform) -> Result<Duration> {
    let begun = Instant::now();
    platform.start_again().await?;
    Ok(begun.elapsed())
}

async fn pages(reader: &Reader, long: Uuid, when: &str, table: &mut Table) -> Result<()> {
    for (what, path) in [
        ("a page of 100 jobs with measurements", "/v1/jobs?limit=100".to_owned()),
        ("one job of 1,000 epochs", format!("/v1/jobs/{long}")),
    ] {
        table.row(format!("{what}{when}"), median_ms(&reader.timed(&path).await?), "p50 5 ms");
    }
    Ok(())
}

async fn reaches(platform: &Platform, position: &str, end: u64) -> Result<()> {
    let http = trainyard_fetch::client().build()?;
    loop {
        let text = http.get(format!("{}/metrics", platform.url())).send().await?.text().await?;
        let at = text.lines().find_map(|line| line.strip_prefix(position)?.trim().parse::<u64>().ok());
        if at.is_some_and(|at| at >= end) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A client that takes answers as bytes: to read them is no work of the platform.
struct Reader {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Reader {
    fn new(platform: &Platform) -> Result<Reader> {
        let http = trainyard_fetch::client().build()?;
        Ok(Reader { http, url: platform.url().to_owned(), token: platform.token().to_owned() })
    }

    async fn get(&self, path: &str) -> Result<Bytes> {
        let answer = self.http.get(format!("{}{path}", self.url)).bearer_auth(&self.token).send().await?;
        ensure!(answer.status().is_success(), "GET {path}: {}", answer.text().await?);
        Ok(answer.bytes().await?)
    }

    /// Milliseconds from the question to the last byte of the answer, again and again.
    async fn timed(&self, path: &str) -> Result<Vec<f64>> {
        let mut taken = Vec::new();
        for _ in 0..QUESTIONS {
            let begun = Instant::now();
            self.get(path).await?;
            taken.push(ms(begun.elapsed()));
            tokio::time::sleep(PAUSE).await;
        }
        Ok(taken)
    }

    /// The events of a page.
    async fn events(&self, path: &str) -> Result<Vec<Value>> {
        let mut page: Value = serde_json::from_slice(&self.get(path).await?)?;
        Ok(page["events"].as_array_mut().map(std::mem::take).unwrap_or_default())
    }

    /// The job right after an event of it, as the page makes it: its history is read and folded as far as there.
    async fn job_at(&self, job: Uuid, moment: u64) -> Result<Option<JobRow>> {
        let (mut row, mut after) = (None, 0);
        while after < moment {
            let path = format!("/v1/jobs/{job}/events?after={after}&limit={PAGE}");
            for event in self.events(&path).await? {
                after = event["sequence"].as_u64().context("a sequence")?;
                if after > moment {
                    break;
                }
                let envelope = Envelope::from_json(&serde_json::to_vec(&event)?)?;
                JobRow::fold(&mut row, &Recorded::new(after, envelope), 1);
            }
        }
        Ok(row)
    }
}

/// A job as it was right after a random event of all there are, and after one of the job of 1,000 epochs.
async fn travel(reader: &Reader, events: RangeInclusive<u64>, long: Uuid, table: &mut Table) -> Result<()> {
    let mut random = StdRng::seed_from_u64(1);
    let (mut taken, mut of_long) = (Vec::new(), Vec::new());
    let (mut moments, last) = (0, *events.end());
    while moments < MOMENTS {
        let path = format!("/v1/activity?after={}&limit=1", random.random_range(events.clone()) - 1);
        let event = reader.events(&path).await?.pop().context("an event")?;
        let Some(job) = event["aggregate"].as_str().and_then(|of| of.strip_prefix("job/")) else { continue };
        let (job, moment) = (job.parse()?, event["sequence"].as_u64().context("a sequence")?);
        taken.push(timed_moment(reader, job, moment).await?);
        moments += 1;
        if moments % 10 == 0 {
            // Its events are the last ones there are.
            of_long.push(timed_moment(reader, long, random.random_range(last - LONG_EPOCHS..=last)).await?);
        }
        tokio::time::sleep(PAUSE).await;
    }
    let figure = format!(
        "p50 {:.1} ms, p95 {:.1} ms; of the job of 1,000 epochs p95 {:.1} ms",
        at(0.5, &taken),
        at(0.95, &taken),
        at(0.95, &of_long)
    );
    table.row(format!("a job as it was at any of {MOMENTS} events"), figure, "p95 < 100 ms");
    Ok(())
}

async fn timed_moment(reader: &Reader, job: Uuid, moment: u64) -> Result<f64> {
    let begun = Instant::now();
    let row = reader.job_at(job, moment).await?.context("a job that has begun")?;
    let taken = ms(begun.elapsed());
    ensure!(row.sequence == moment, "the job is as after event {} and not {moment}", row.sequence);
    Ok(taken)
}
