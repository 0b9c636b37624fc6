//! `trainyard watch`: a job's training as it happens, over the websocket.

mod told;
mod view;

use std::time::Duration;

use anyhow::{Error, Result, anyhow};
use trainyard_api::jobs::JobAnswer;
use trainyard_api::live::{ServerFrame, TopicRows};
use trainyard_events::chat::Language;
use trainyard_events::job::Failure;
use trainyard_events::results::Measurements;
use trainyard_views::{JobRow, JobStatus};

use crate::cli::client::Client;
use crate::cli::live::Live;
use crate::cli::{job, print_json};
use crate::language::pick;
use crate::out;
use view::View;

/// What watching saw.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    /// From the start of watching to the first step that arrived.
    pub first_step: Option<Duration>,
    /// What the job ended with, if it has been seen to end.
    pub finished: Option<Finished>,
}

#[derive(Debug)]
pub(crate) struct Finished {
    /// Of `job.finished`.
    pub sequence: u64,
    pub best_epoch: u32,
    pub measurements: Measurements,
}

/// Follows a job until it ends; an error when it fails or is cancelled.
pub(crate) async fn run(client: &Client, job: &str, json: bool) -> Result<Watched> {
    let language = client.language;
    let id = client.get::<JobAnswer>(&format!("/v1/jobs/{job}")).await?.job.id;
    let mut live = Live::subscribe(client, &format!("job:{id}")).await?;
    let mut view = View::new(json, language);
    loop {
        match live.next().await? {
            ServerFrame::Initial { rows: TopicRows::Job(rows), .. } => {
                let Some(job) = &rows.job else { continue };
                view.begin(job);
                if let Some(outcome) = ended(job, language) {
                    view.close();
                    outcome?;
                    return Ok(view.watched);
                }
            }
            ServerFrame::Event { event, .. } => {
                if json {
                    print_json(&event.0)?;
                }
                if view.event(&event)? {
                    return Ok(view.watched);
                }
            }
            ServerFrame::Telemetry { telemetry, .. } => view.step(&telemetry.step),
            ServerFrame::Refetch { .. } => live = Live::subscribe(client, &format!("job:{id}")).await?,
            _ => {}
        }
    }
}

/// How a job that has ended already ended.
fn ended(job: &JobRow, language: Language) -> Option<Result<()>> {
    match (job.status, &job.failure) {
        (JobStatus::Finished, _) => Some(Ok(())),
        (JobStatus::Failed, Some(failure)) => Some(Err(failed(failure, language))),
        (JobStatus::Failed, None) => {
            Some(Err(anyhow!(pick(language, "작업이 실패했습니다", "the job failed"))))
        }
        (JobStatus::Cancelled, _) => Some(Err(cancelled(language))),
        _ => None,
    }
}

/// Tells the trainer's last lines first.
fn failed(failure: &Failure, language: Language) -> Error {
    for line in &failure.console {
        out::note(format_args!("  | {line}"));
    }
    let class = job::class_name(failure.class, language);
    let (message, next_step) = job::failure(failure, language);
    anyhow!(pick(
        language,
        format!("작업이 실패했습니다({class}): {message} ({next_step})"),
        format!("the job failed ({class}): {message} ({next_step})"),
    ))
}

fn cancelled(language: Language) -> Error {
    anyhow!(pick(language, "작업이 취소되었습니다", "the job was cancelled"))
}
