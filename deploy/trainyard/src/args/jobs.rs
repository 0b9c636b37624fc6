//! What is asked of a job's checkpoints.

use clap::Subcommand;
use serde_json::Value;

use super::train::parse_setting;

#[derive(Debug, Subcommand)]
pub(crate) enum JobsAction {
    /// Train on from a checkpoint of a job as a new one, with other values where they are given.
    Fork {
        /// Number or id.
        job: String,
        /// From the first checkpoint after so many epochs [default: the newest].
        #[arg(long, conflicts_with = "step")]
        epoch: Option<u32>,
        /// From the checkpoint of this step.
        #[arg(long)]
        step: Option<u64>,
        /// Another value of a field of the configuration or of an option, NAME=VALUE; again for another.
        #[arg(long = "set", value_parser = parse_setting)]
        settings: Vec<(String, Value)>,
        /// Follow it until it ends.
        #[arg(long)]
        watch: bool,
    },
    /// List the checkpoints of a job that can be forked.
    Checkpoints {
        /// Number or id.
        job: String,
    },
}
