//! What operators take out of work, and give back.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum WorkerAction {
    /// Who works, and on what.
    List,
    /// Give a worker nothing new until it is returned, whatever becomes of its process.
    Drain {
        worker: String,
        /// Why: people read it beside the worker.
        #[arg(long)]
        because: Option<String>,
        /// Tell its jobs to stop with a checkpoint too; they go on elsewhere, and no failure is counted.
        #[arg(long)]
        now: bool,
    },
    /// Give it work again.
    Return { worker: String },
}

#[derive(Debug, Subcommand)]
pub(crate) enum QueueAction {
    /// Dispatch nothing; what runs goes on.
    Pause {
        /// Why: people whose jobs wait read it.
        #[arg(long)]
        because: Option<String>,
    },
    /// Dispatch again.
    Resume,
}
