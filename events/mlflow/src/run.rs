//! Pure: a job as a run, folded from its history. Times are those of the events, in milliseconds.

use std::collections::BTreeMap;

use serde_json::Value;
use time::OffsetDateTime;
use trainyard_events::results::{Artifact, Measurements};
use trainyard_events::{Event, JobEvent, Recorded, TrainingConfig};

use crate::names::{PARAM_CHARS, TAG_CHARS, cut, key, key_beside};

/// Before the tags that are ours.
pub(crate) const OURS: &str = "trainyard.";
/// The trainer of a configuration that names none.
const OWN_RUNNER: &str = "trainyard-vision";

/// As MLflow knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Status {
    /// Waits, at first or again.
    #[default]
    Scheduled,
    Running,
    Finished,
    Failed,
    Killed,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Status::Scheduled => "SCHEDULED",
            Status::Running => "RUNNING",
            Status::Finished => "FINISHED",
            Status::Failed => "FAILED",
            Status::Killed => "KILLED",
        }
    }

    pub(crate) fn has_ended(self) -> bool {
        matches!(self, Status::Finished | Status::Failed | Status::Killed)
    }
}

/// A measurement. MLflow takes what is the same in all of this as the same.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) key: String,
    pub(crate) value: f64,
    pub(crate) timestamp: i64,
    /// The epoch.
    pub(crate) step: i64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Run {
    pub(crate) name: String,
    /// `None` before it was requested.
    pub(crate) started: Option<i64>,
    pub(crate) ended: Option<i64>,
    pub(crate) status: Status,
    pub(crate) params: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
    /// Those that have not been told.
    pub(crate) points: Vec<Point>,
}

impl Run {
    /// Takes in the next event of the job. `number` is what people call it; `bucket` is where its artifacts are.
    pub(crate) fn take(&mut self, recorded: &Recorded, number: u64, bucket: &str) {
        let at = milliseconds(recorded.envelope.at);
        let Event::Job(event) = &recorded.envelope.event else { return };
        match event {
            JobEvent::Requested { config, config_hash, dataset, .. } => {
                self.started = Some(at);
                self.name = format!("{number} {}", config.model);
                self.params = params(config);
                self.say("mlflow.source.name", "trainyard");
                self.say("mlflow.source.type", "JOB");
                self.say("mlflow.user", &recorded.envelope.actor.to_string());
                self.tag("tenant", recorded.envelope.tenant.as_str());
                self.tag("job", &recorded.envelope.aggregate.id());
                self.tag("number", &number.to_string());
                self.tag("model", &config.model);
                self.tag("runner", config.runner.as_deref().unwrap_or(OWN_RUNNER));
                self.tag("dataset", config.dataset.as_deref().unwrap_or_default());
                self.tag("dataset_id", &dataset.to_string());
                self.tag("config_hash", config_hash);
                self.stands(Status::Scheduled, "requested");
            }
            JobEvent::Dispatched { pool, withdrawn, .. } => {
                self.tag("pool", &word(pool));
                self.stands(Status::Scheduled, if *withdrawn { "requested" } else { "queued" });
            }
            JobEvent::AttemptStarted { worker, attempt, .. } => {
                self.tag("worker", worker);
                self.tag("attempts", &attempt.to_string());
                self.stands(Status::Running, "starting");
            }
            JobEvent::TrainingStarted {
                device,
                parameters,
                train_images,
                validation_images,
                dataset_hash,
                resolved,
                ..
            } => {
                self.tag("device", device);
                self.tag("parameters", &parameters.to_string());
                self.tag("train_images", &train_images.to_string());
                self.tag("validation_images", &validation_images.to_string());
                self.tag("dataset_hash", dataset_hash);
                for (name, value) in resolved {
                    self.tag(&format!("resolved.{name}"), value);
                }
                self.stands(Status::Running, "training");
            }
            JobEvent::EpochLogged {
                epoch,
                train,
                validation,
                primary,
                is_best,
                learning_rate,
                seconds,
                ..
            } => {
                self.measure("train/", train, *epoch, at);
                self.measure("validation/", validation, *epoch, at);
                let own = [("learning_rate", *learning_rate), ("epoch_seconds", *seconds)];
                self.measure("", &own.map(|(name, value)| (name.to_owned(), value)).into(), *epoch, at);
                self.tag("epoch", &epoch.to_string());
                self.tag("primary", primary);
                if *is_best {
                    self.tag("best_epoch", &epoch.to_string());
                }
            }
            JobEvent::CheckpointCommitted { .. } | JobEvent::PreemptRequested { .. } => {}
            JobEvent::AttemptPreempted { .. } | JobEvent::AttemptLost { .. } => {
                self.stands(Status::Scheduled, "requested");
            }
            JobEvent::AttemptFailed { console, .. } => {
                self.link(console.as_slice(), bucket);
                self.stands(Status::Scheduled, "requested");
            }
            JobEvent::CancelRequested { .. } => self.tag("status", "cancelling"),
            JobEvent::Cancelled { console, .. } => {
                self.link(console.as_slice(), bucket);
                self.ends(Status::Killed, "cancelled", at);
            }
            JobEvent::Finished { best_epoch, measurements, artifacts, stopped_early, .. } => {
                self.measure("best/", measurements, *best_epoch, at);
                self.tag("best_epoch", &best_epoch.to_string());
                self.link(artifacts, bucket);
                if let Some(reason) = stopped_early {
                    self.tag("stopped_early", reason);
                }
                self.ends(Status::Finished, "finished", at);
            }
            JobEvent::Failed { failure } => {
                self.tag("failure", failure.class.name());
                self.tag("failure.message", &failure.message);
                self.tag("failure.next_step", &failure.next_step);
                self.ends(Status::Failed, "failed", at);
            }
            // Notes stay here, as all that is said in sentences.
            JobEvent::Annotated { annotation } => {
                self.tag("title", &annotation.title);
                self.tag("tags", &annotation.tags.join(" "));
                self.tag("archived", &annotation.archived.to_string());
            }
        }
    }

    fn stands(&mut self, status: Status, word: &str) {
        self.status = status;
        self.tag("status", word);
    }

    fn ends(&mut self, status: Status, word: &str, at: i64) {
        self.stands(status, word);
        self.ended = Some(at);
    }

    fn tag(&mut self, name: &str, value: &str) {
        self.say(&key(&format!("{OURS}{name}")), value);
    }

    fn say(&mut self, key: &str, value: &str) {
        self.tags.insert(key.to_owned(), cut(value, TAG_CHARS));
    }

    fn measure(&mut self, before: &str, measurements: &Measurements, epoch: u32, timestamp: i64) {
        let begin = self.points.len();
        for (name, value) in measurements {
            let said = &self.points[begin..];
            let key = key_beside(&format!("{before}{name}"), |key| said.iter().any(|it| it.key == key));
            self.points.push(Point { key, value: *value, timestamp, step: epoch.into() });
        }
    }

    /// Names artifacts by where they are and what they hold: `artifact.weights`, the second of a role `artifact.weights.2`.
    fn link(&mut self, artifacts: &[Artifact], bucket: &str) {
        let mut roles: BTreeMap<&str, u32> = BTreeMap::new();
        for artifact in artifacts {
            let count = roles.entry(&artifact.role).or_default();
            *count += 1;
            let beside = if *count > 1 { format!(".{count}") } else { String::new() };
            let name = format!("artifact.{}{beside}", artifact.role);
            self.tag(&name, &link(artifact, bucket));
            self.tag(&format!("{name}.sha256"), &artifact.sha256);
        }
    }
}

pub(crate) fn link(artifact: &Artifact, bucket: &str) -> String {
    format!("s3://{bucket}/{}", artifact.key)
}

pub(crate) fn milliseconds(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or_default()
}

/// Every value of the configuration, those that a newer release has written among them; what lies within others has the names of
/// both.
fn params(config: &TrainingConfig) -> BTreeMap<String, String> {
    let mut params = BTreeMap::new();
    let config =
        serde_json::to_value(config).expect("a configuration is plain data, which always serialises");
    flatten("", &config, &mut params);
    params
}

fn flatten(name: &str, value: &Value, params: &mut BTreeMap<String, String>) {
    let text = match value {
        Value::Null => return,
        Value::Object(fields) => {
            let below =
                |field: &str| if name.is_empty() { field.to_owned() } else { format!("{name}.{field}") };
            return fields.iter().for_each(|(field, value)| flatten(&below(field), value, params));
        }
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    let key = key_beside(name, |key| params.contains_key(key));
    params.insert(key, cut(&text, PARAM_CHARS));
}

fn word(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
