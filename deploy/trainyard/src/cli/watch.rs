//! `trainyard watch`: a job's training as it happens, over the websocket.

use anyhow::{Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use std::time::{Duration, Instant};

use crate::cli::client::Client;
use crate::cli::live::Live;
use crate::cli::{print_json, text};
use crate::out::{self, line};

/// What watching saw.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    /// From the start of watching to the first step that arrived.
    pub first_step: Option<Duration>,
    /// The job's `job.finished` event.
    pub finished: Value,
}

/// Follows a job until it ends; an error when it fails or is cancelled.
pub(crate) async fn run(client: &Client, job: &str, json: bool) -> Result<Watched> {
    let found = wait_for_job(client, job).await?;
    let id = text(&found["job"], "id").to_owned();
    let mut live = Live::subscribe(client, &format!("job:{id}")).await?;
    let mut view = View::new(json);
    loop {
        let frame = live.next().await?;
        match text(&frame, "type") {
            "initial" => {
                let rows = &frame["rows"];
                view.begin(&rows["job"]);
                if let Some(outcome) = ended(&rows["job"]) {
                    view.close();
                    outcome?;
                    return Ok(view.watched);
                }
            }
            "event" => {
                if json {
                    print_json(&frame["event"])?;
                }
                if view.event(&frame["event"])? {
                    return Ok(view.watched);
                }
            }
            "telemetry" => view.step(&frame["telemetry"]["step"]),
            "refetch" => live = Live::subscribe(client, &format!("job:{id}")).await?,
            _ => {}
        }
    }
}

/// An approved job is in the views a moment after the approval.
async fn wait_for_job(client: &Client, job: &str) -> Result<Value> {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        match client.get(&format!("/v1/jobs/{job}")).await {
            Ok(found) => return Ok(found),
            Err(error) if Instant::now() > deadline => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// How a job that has ended already ended.
fn ended(job: &Value) -> Option<Result<()>> {
    match text(job, "status") {
        "finished" => Some(Ok(())),
        "failed" => Some(failed(&job["failure"])),
        "cancelled" => Some(Err(anyhow::anyhow!("the job was cancelled"))),
        _ => None,
    }
}

fn failed(failure: &Value) -> Result<()> {
    for line in failure["console"].as_array().into_iter().flatten() {
        out::note(format_args!("  | {}", line.as_str().unwrap_or_default()));
    }
    bail!(
        "the job failed ({}): {} ({})",
        text(failure, "class"),
        text(failure, "message"),
        text(failure, "next_step")
    )
}

struct View {
    bar: ProgressBar,
    quiet: bool,
    since: Instant,
    epochs: u64,
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

    fn begin(&mut self, job: &Value) {
        self.epochs = job["config"]["epochs"].as_u64().unwrap_or(0);
        self.say(&format!("  job {} · {}", job["number"], text(job, "status")));
    }

    /// Shows one event, and says whether it was the last.
    fn event(&mut self, event: &Value) -> Result<bool> {
        let body = &event["body"];
        match text(event, "kind") {
            "job.dispatched" => self.say(&format!("  queued: {}", text(body, "reason"))),
            "job.attempt_started" => {
                self.say(&format!("  attempt {} on {}", body["attempt"], text(body, "worker")));
            }
            "job.training_started" => self.say(&format!(
                "  training on {}: {} images, {} for validation, {}, {} parameters",
                text(body, "device"),
                body["train_images"],
                body["validation_images"],
                match body["classes"].as_array().map_or(0, Vec::len) {
                    1 => "1 class".to_owned(),
                    count => format!("{count} classes"),
                },
                body["parameters"],
            )),
            "job.epoch_logged" => self.say(&self.epoch(body)),
            "job.attempt_failed" => {
                self.say(&format!("  attempt failed: {}", text(&body["failure"], "message")))
            }
            "job.attempt_lost" => self.say("  the worker is gone; the job waits for another"),
            "job.attempt_preempted" => self.say("  preempted; the job goes on elsewhere"),
            "job.cancel_requested" => self.say("  cancelling"),
            "job.finished" => {
                self.watched.finished = event.clone();
                self.close();
                return Ok(true);
            }
            "job.failed" => {
                self.close();
                failed(&body["failure"])?;
            }
            "job.cancelled" => {
                self.close();
                bail!("the job was cancelled");
            }
            _ => {}
        }
        Ok(false)
    }

    fn epoch(&self, body: &Value) -> String {
        let number = |measurements: &Value, name: &str| {
            measurements[name].as_f64().map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"))
        };
        let primary = text(body, "primary");
        format!(
            "  epoch {:>3}/{}  loss {}  val loss {}  {primary} {}{}  {:.1} s{}",
            body["epoch"],
            self.epochs,
            number(&body["train"], "loss"),
            number(&body["validation"], "loss"),
            number(&body["validation"], primary),
            // What people know a detector by, beside the mean that decides.
            if primary == "ap50_95" {
                format!("  ap50 {}", number(&body["validation"], "ap50"))
            } else {
                String::new()
            },
            body["seconds"].as_f64().unwrap_or(0.0),
            if body["is_best"] == true { "  best" } else { "" },
        )
    }

    fn step(&mut self, step: &Value) {
        self.watched.first_step.get_or_insert_with(|| self.since.elapsed());
        self.bar.set_length(step["steps"].as_u64().unwrap_or(0));
        self.bar.set_position(step["step"].as_u64().unwrap_or(0));
        let loss = step["losses"]["loss"].as_f64().unwrap_or(f64::NAN);
        let speed = step["images_per_second"].as_f64().unwrap_or(0.0);
        let said = format!("epoch {} · loss {loss:.3} · {speed:.0} images/s", step["epoch"]);
        self.bar.set_message(out::cell(&said).into_owned());
    }

    fn close(&self) {
        self.bar.finish_and_clear();
    }
}
