//! Who does the work: an agent that takes training commands, runs each trainer as a process of its own, and turns what
//! it says into facts under the attempt's token. No torch here.

mod adopt;
mod agent;
mod artifacts;
mod attempt;
mod bucket;
mod cache;
mod claim;
mod console;
mod devices;
mod duty;
mod fetch;
mod files;
mod folder;
mod folders;
mod gpu;
mod host;
mod inspect;
mod intake;
mod keep;
mod lease;
mod lines;
mod look;
mod manifest;
mod metrics;
mod notices;
mod paths;
mod predictor;
mod prepare;
mod presence;
mod programs;
mod progress;
mod queue;
mod report;
pub mod runners;
mod samples;
mod sources;
mod taken;
mod telemetry;
mod trainer;
mod training;
mod upload;
pub mod weights;
mod why;
mod worker;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use trainyard_events::fleet::Pool;

pub use devices::{Giving, Unclear, labels};
pub use gpu::driver;
pub use metrics::WorkerMetrics;
pub use paths::Root;
pub use sources::Sources;
pub use trainyard_fetch::Allowed;
pub use worker::run;

/// What one worker is and has.
#[derive(Clone)]
pub struct WorkerConfig {
    /// Letters, digits, `-` and `_`; no two workers share one. `None`: the host's name and a few random letters,
    /// kept in the work folder.
    pub name: Option<String>,
    pub pool: Pool,
    /// Trainings at once, 1 or more.
    pub slots: u32,
    /// What jobs get, where the pool is that of GPUs.
    pub giving: Giving,
    /// What jobs may ask for besides.
    pub labels: BTreeMap<String, String>,
    /// Attempts work below it, and clear up after themselves.
    pub work_dir: PathBuf,
    /// The `trainyard-vision` program, or another that speaks its protocol.
    pub trainer: PathBuf,
    /// The program that looks at datasets: `inspect --path FOLDER --samples FOLDER --manifest FILE`.
    pub inspector: PathBuf,
    /// The program that answers predict calls: `predictor`.
    pub predictor: PathBuf,
    /// Paths that users write are read below these folders only.
    pub dataset_roots: Vec<Root>,
    /// From where datasets may be fetched beside public addresses.
    pub sources: Sources,
    /// Files of datasets that are kept for later, in bytes.
    pub cache_bytes: u64,
    /// The folder of the runners that are installed here ([`runners::installed`]).
    pub runners: PathBuf,
    /// Where `hf://` leads.
    pub hub: weights::Hub,
    /// Of each trainer; 0 means all cores.
    pub threads: u32,
    /// A trainer that prints nothing for this long hangs, and is killed: [`trainyard_events::limits::TRAINER_SILENCE`].
    pub trainer_silence: Duration,
    /// What the predictor finds in its environment, secrets included. Empty: this worker answers no predictions.
    pub predictor_environment: Vec<(String, String)>,
}

impl fmt::Debug for WorkerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerConfig")
            .field("name", &self.name)
            .field("pool", &self.pool)
            .field("slots", &self.slots)
            .field("giving", &self.giving)
            .field("labels", &self.labels)
            .field("work_dir", &self.work_dir)
            .field("trainer", &self.trainer)
            .field("inspector", &self.inspector)
            .field("dataset_roots", &self.dataset_roots)
            .field("sources", &self.sources)
            .field("cache_bytes", &self.cache_bytes)
            .field("runners", &self.runners)
            .field("hub", &self.hub)
            .field("threads", &self.threads)
            .field("trainer_silence", &self.trainer_silence)
            .field("predictor", &self.predictor)
            .field("predicts", &!self.predictor_environment.is_empty())
            .finish()
    }
}

/// Why a worker does not work.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    #[error("the worker is not set up: {0}")]
    Config(String),
}
