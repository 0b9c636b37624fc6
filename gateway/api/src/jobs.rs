//! `/v1/jobs`: asking for a training without a conversation, watching it, stopping it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use trainyard_events::config::Proposal;
#[cfg(feature = "schema")]
use trainyard_events::limits::{
    CAP_COST_MAX, CAP_HOURS_MAX, JOB_NOTE_CHARS, JOB_TAG_CHARS, JOB_TAGS, TITLE_CHARS,
};
#[cfg(feature = "schema")]
use trainyard_events::schema::{LINES, ONE_LINE};
use trainyard_views::{EpochRow, JobRow, JobStatus};
use uuid::Uuid;

use crate::chats::Changes;
use crate::error::Problem;

/// A word without control characters.
#[cfg(feature = "schema")]
const TAG: &str = r"^[^\s\u0000-\u001f\u007f-\u009f]+$";

/// Fields of a training configuration: what is left out is recommended, what is null is meant so. Kept as they are
/// written, so that a value that cannot be is refused with what can.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NewJob(pub Map<String, Value>);

/// A job that a request has led to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobRef {
    pub id: Uuid,
    /// Null where the views do not know it yet.
    pub number: Option<u64>,
}

/// A job that is asked for, and what was proposed and approved for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ordered {
    pub job: JobRef,
    pub proposal: Proposal,
    /// Of the approval.
    pub sequence: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct JobsQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Statuses>,
    /// Words in the number, title, tags, note, model, task, dataset, owner, worker or status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// The conversation that they were approved in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The name of the token that asked for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Only those that are put away, or only the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// A column (`number`, `title`, `tags`, `owner`, `model`, `dataset`, `version`, `status`, `progress`, `result`, `test`,
    /// `best_epoch`, `requested`, `started`, `took`, `cost`, `worker`, `device_used`, `failure`), a measurement or a field of the configuration; with `-` before
    /// it the largest come first. Jobs without it come last. Without any, the newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// `next` of the page before this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// Rows at most; 200 are the most there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// States of jobs, with commas between; without any, all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = statuses_pattern())))]
#[serde(transparent)]
pub struct Statuses(pub String);

impl Statuses {
    /// Each of them; the problem names the first that is none.
    pub fn each(&self) -> Result<Vec<JobStatus>, Problem> {
        let words = self.0.split(',').filter(|_| !self.0.is_empty());
        words
            .map(|word| status(word).ok_or_else(|| Problem::NoSuchStatus { word: word.to_owned() }))
            .collect()
    }
}

fn status(word: &str) -> Option<JobStatus> {
    serde_json::from_value(Value::String(word.to_owned())).ok()
}

#[cfg(feature = "schema")]
fn statuses_pattern() -> String {
    let any = JobStatus::ALL.map(JobStatus::name).join("|");
    format!("^(({any})(,({any}))*)?$")
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobList {
    pub jobs: Vec<JobRow>,
    /// The `before` of the next page; null at the end.
    pub next: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobAnswer {
    pub job: JobRow,
    /// In order.
    pub epochs: Vec<EpochRow>,
    /// Its worker has not been heard of in time. It may come back, or the attempt is declared lost.
    pub unreachable: bool,
}

/// A job by both its names.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobNamed {
    pub id: Uuid,
    pub number: u64,
}

/// What is said of a job from now on: what is left out stays, and what is empty is taken away.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct JobPatch {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = TITLE_CHARS), regex(pattern = ONE_LINE)))]
    pub title: Option<String>,
    /// All of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = JOB_TAGS)))]
    #[cfg_attr(feature = "schema", schemars(inner(length(min = 1, max = JOB_TAG_CHARS), regex(pattern = TAG))))]
    pub tags: Option<Vec<String>>,
    /// Plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = JOB_NOTE_CHARS), regex(pattern = LINES)))]
    pub note: Option<String>,
    /// Put away: the page leaves it out of its lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
}

/// What a job that goes on may take; left out, as much as the one before it. It is counted from the start of the new job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// In units of the tenant's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("exclusiveMinimum" = 0), range(max = CAP_COST_MAX)))]
    pub max_cost: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("exclusiveMinimum" = 0), range(max = CAP_HOURS_MAX)))]
    pub max_hours: Option<f64>,
}

/// A new job from a checkpoint of another, and what is different about it. Without a place it is the newest that is kept; of both
/// places both have to hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fork {
    /// From the first checkpoint after so many whole epochs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u32>,
    /// From the checkpoint of this step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<u64>,
    /// Other values of its configuration; what is left out stays. The name of an option may stand beside those of fields.
    #[serde(default)]
    pub set: Changes,
}

/// A checkpoint that is in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeptCheckpoint {
    /// Whole epochs done.
    pub epoch: u32,
    /// Optimizer steps done.
    pub step: u64,
    pub bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CheckpointList {
    /// The newest few, the newest first.
    pub checkpoints: Vec<KeptCheckpoint>,
}

/// Something asked of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobChanged {
    pub job: JobNamed,
    /// Of the event that it is; null where it was so already.
    pub sequence: Option<u64>,
}

#[cfg(feature = "schema")]
mod schema {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
    use serde_json::{Value, json};
    use trainyard_events::config::{Augmentation, Device, Optimizer, Priority, Resize, Schedule, Task};
    use trainyard_events::schema::ONE_LINE;
    use trainyard_events::{TrainingConfig, limits};

    use super::NewJob;

    impl JsonSchema for NewJob {
        fn schema_name() -> Cow<'static, str> {
            "NewJob".into()
        }

        /// That of a configuration, every field of which may be left out but two, and where each value may be.
        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            // In a generator of its own: a new job does not say what it continues, so nobody asks for what that needs.
            let mut own = generator.settings().clone().into_generator();
            let mut whole = TrainingConfig::json_schema(&mut own);
            let words: [fn(&mut SchemaGenerator) -> Schema; 7] = [
                SchemaGenerator::subschema_for::<Task>,
                SchemaGenerator::subschema_for::<Optimizer>,
                SchemaGenerator::subschema_for::<Schedule>,
                SchemaGenerator::subschema_for::<Augmentation>,
                SchemaGenerator::subschema_for::<Resize>,
                SchemaGenerator::subschema_for::<Device>,
                SchemaGenerator::subschema_for::<Priority>,
            ];
            for word in words {
                word(generator);
            }
            let mut fields = whole.remove("properties").unwrap_or_default();
            if let Some(fields) = fields.as_object_mut() {
                fields.remove("continues");
            }
            fields["resources"] = resources();
            for (field, keyword, limit) in limits() {
                fields[field][keyword] = limit;
            }
            json_schema!({
                "description": "Fields of a training configuration; what is left out is recommended",
                "type": "object",
                "properties": fields,
                "required": ["model", "dataset"],
                "additionalProperties": false,
            })
        }
    }

    /// What a job asks of its worker, in full: nothing that a newer binary knows is taken.
    fn resources() -> Value {
        use trainyard_events::limits::{GPU_MEMORY_GB, GPUS_OF_JOB, LABEL_CHARS, WORKER_LABELS};
        let label = json!({
            "type": "string", "minLength": 1, "maxLength": LABEL_CHARS, "pattern": "^[A-Za-z0-9._/-]+$",
        });
        json!({
            "description": "What a job asks for besides a pool; what is left out is not asked. GPUs are its own",
            "type": ["object", "null"],
            "properties": {
                "gpus": { "type": ["integer", "null"], "minimum": 1, "maximum": GPUS_OF_JOB },
                "gpu": {
                    "description": "A word or more of the name of each, whatever its case",
                    "type": ["string", "null"],
                    "minLength": 1,
                    "maxLength": LABEL_CHARS,
                    "pattern": "^[A-Za-z0-9-]*[A-Za-z0-9]$",
                    "examples": ["H100"],
                },
                "gpu_memory_gb": { "type": ["integer", "null"], "minimum": 1, "maximum": GPU_MEMORY_GB },
                "labels": {
                    "type": "object",
                    "maxProperties": WORKER_LABELS,
                    "propertyNames": label,
                    "additionalProperties": label,
                },
            },
            "additionalProperties": false,
        })
    }

    /// As [`TrainingConfig::problems`] has them, and what a job can be made of.
    fn limits() -> [(&'static str, &'static str, Value); 28] {
        [
            ("model", "examples", json!(["resnet18"])),
            ("dataset", "examples", json!(["data/digits"])),
            ("epochs", "minimum", json!(1)),
            ("epochs", "maximum", json!(limits::EPOCHS)),
            ("image_size", "minimum", json!(limits::IMAGE_SIZE_MIN)),
            ("image_size", "maximum", json!(limits::IMAGE_SIZE_MAX)),
            ("batch_size", "minimum", json!(1)),
            ("batch_size", "maximum", json!(limits::BATCH_SIZE)),
            ("learning_rate", "exclusiveMinimum", json!(0)),
            ("learning_rate", "maximum", json!(limits::LEARNING_RATE_MAX)),
            ("momentum", "minimum", json!(0)),
            ("momentum", "maximum", json!(0.9999)),
            ("weight_decay", "minimum", json!(0)),
            ("weight_decay", "maximum", json!(1)),
            ("warmup_epochs", "minimum", json!(0)),
            ("label_smoothing", "minimum", json!(0)),
            ("label_smoothing", "maximum", json!(0.5)),
            ("patience", "minimum", json!(1)),
            ("seed", "maximum", json!(i64::MAX)),
            ("classes", "maxItems", json!(limits::CLASSES)),
            ("max_cost", "exclusiveMinimum", json!(0)),
            ("max_cost", "maximum", json!(limits::CAP_COST_MAX)),
            ("max_hours", "exclusiveMinimum", json!(0)),
            ("max_hours", "maximum", json!(limits::CAP_HOURS_MAX)),
            ("dataset", "type", json!("string")),
            ("dataset", "minLength", json!(1)),
            ("dataset", "maxLength", json!(limits::PATH_CHARS)),
            ("dataset", "pattern", json!(ONE_LINE)),
        ]
    }
}
