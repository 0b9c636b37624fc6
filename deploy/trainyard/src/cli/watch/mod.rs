//! `trainyard watch`: a job's training as it happens, over the websocket.

use anyhow::{Result, anyhow, bail};
use indicatif::{ProgressBar, ProgressStyle};
use std::time::{Duration, Instant};
use trainyard_api::activity::PublicEvent;
use trainyard_api::jobs::JobAnswer;
use trainyard_api::live::{ServerFrame, TopicRows};
use trainyard_events::JobEvent;
use trainyard_events::job::Failure;
use trainyard_events::results::Measurements;
use trainyard_events::trainer::StepMeasurement;
use trainyard_views::{JobRow, JobStatus};

use crate::cli::client::Client;
use crate::cli::live::Live;
use crate::cli::print_json;
use crate::out::{self, line};

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
    let id = client.get::<JobAnswer>(&format!("/v1/jobs/{job}")).await?.job.id;
    let mut live = Live::subscribe(client, &format!("job:{id}")).await?;
    let mut view = View::new(json);
    loop {
        match live.next().await? {
            ServerFrame::Initial { rows: TopicRows::Job(rows), .. } => {
                let Some(job) = &rows.job else { continue };
                view.begin(job);
                if let Some(outcome) = ended(job) {
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
fn ended(job: &JobRow) -> Option<Result<()>> {
    match (job.status, &job.failure) {
        (JobStatus::Finished, _) => Some(Ok(())),
        (JobStatus::Failed, Some(failure)) => Some(failed(failure)),
        (JobStatus::Failed, None) => Some(Err(anyhow!("the job failed"))),
        (JobStatus::Cancelled, _) => Some(Err(anyhow!("the job was cancelled"))),
        _ => None,
    }
}

fn failed(failure: &Failure) -> Result<()> {
    for line in &failure.console {
        out::note(format_args!("  | {line}"));
    }
    let Failure { class, message, next_step, .. } = failure;
    bail!("the job failed ({}): {message} ({next_step})", class.name())
}

struct View {
    bar: ProgressBar,
    quiet: bool,
    since: Instant,
    epochs: u32,
    watched: Watched,
}

impl View {
    fn new(quiet: bool) -> View {
        let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(0) };
        let style = ProgressStyle::with_template("  {bar:30.cyan/blue} {percent:>3} %  {msg}");
        bar.set_style(style.expect("the template is a constant that parses"));
        View { bar, quiet, since: Instant::now(), epochs: 0, watched: Watched::default() }
    }

    fn say(&self, said: &str) {
        if !self.quiet {
            // `suspend` keeps the line when there is no terminal to draw a bar on.
            self.bar.suspend(|| line(said));
        }
    }

    fn begin(&mut self, job: &JobRow) {
        self.epochs = job.config.epochs;
        self.say(&format!("  job {} · {}", job.number, job.status.name()));
    }

    /// Shows one event, and says whether it was the last.
    fn event(&mut self, event: &PublicEvent) -> Result<bool> {
        let sequence = event.sequence();
        let Some(event) = event.read::<JobEvent>() else { return Ok(false) };
        match event {
            JobEvent::Dispatched { reason, .. } => self.say(&format!("  queued: {reason}")),
            JobEvent::AttemptStarted { worker, attempt, .. } => {
                self.say(&format!("  attempt {attempt} on {worker}"));
            }
            JobEvent::TrainingStarted {
                device,
                parameters,
                train_images,
                validation_images,
                classes,
                ..
            } => self.say(&format!(
                "  training on {device}: {train_images} images, {validation_images} for validation, {}, \
                 {parameters} parameters",
                match classes.len() {
                    1 => "1 class".to_owned(),
                    count => format!("{count} classes"),
                },
            )),
            JobEvent::EpochLogged { .. } => self.say(&self.epoch(&event)),
            JobEvent::AttemptFailed { failure, .. } => {
                self.say(&format!("  attempt failed: {}", failure.message));
            }
            JobEvent::AttemptLost { .. } => self.say("  the worker is gone; the job waits for another"),
            JobEvent::AttemptPreempted { .. } => self.say("  preempted; the job goes on elsewhere"),
            JobEvent::CancelRequested { .. } => self.say("  cancelling"),
            JobEvent::Finished { best_epoch, measurements, .. } => {
                self.watched.finished = Some(Finished { sequence, best_epoch, measurements });
                self.close();
                return Ok(true);
            }
            JobEvent::Failed { failure } => {
                self.close();
                failed(&failure)?;
            }
            JobEvent::Cancelled { .. } => {
                self.close();
                bail!("the job was cancelled");
            }
            JobEvent::Requested { .. } | JobEvent::CheckpointCommitted { .. } => {}
        }
        Ok(false)
    }

    fn epoch(&self, event: &JobEvent) -> String {
        let JobEvent::EpochLogged { epoch, train, validation, primary, is_best, seconds, .. } = event else {
            return String::new();
        };
        let number = |measurements: &Measurements, name: &str| {
            measurements.get(name).map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"))
        };
        format!(
            "  epoch {epoch:>3}/{}  loss {}  val loss {}  {primary} {}{}  {seconds:.1} s{}",
            self.epochs,
            number(train, "loss"),
            number(validation, "loss"),
            number(validation, primary),
            // What people know a detector by, beside the mean that decides.
            if primary == "ap50_95" {
                format!("  ap50 {}", number(validation, "ap50"))
            } else {
                String::new()
            },
            if *is_best { "  best" } else { "" },
        )
    }

    fn step(&mut self, measured: &StepMeasurement) {
        self.watched.first_step.get_or_insert_with(|| self.since.elapsed());
        self.bar.set_length(measured.steps);
        self.bar.set_position(measured.step);
        let loss = measured.losses.get("loss").copied().unwrap_or(f64::NAN);
        let (epoch, speed) = (measured.epoch, measured.images_per_second);
        let said = format!("epoch {epoch} · loss {loss:.3} · {speed:.0} images/s");
        self.bar.set_message(out::cell(&said).into_owned());
    }

    fn close(&self) {
        self.bar.finish_and_clear();
    }
}
