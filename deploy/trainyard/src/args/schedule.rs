//! What a recorded log is played again with.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum ScheduleAction {
    /// Play a recorded log again under these rules, and print who would have waited how long.
    Replay(Replay),
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The log, as `trainyard --json events --after 0 --no-follow` prints it.
    pub log: PathBuf,
    /// The workers, as `trainyard --json workers` prints them [default: those that the log tells of].
    #[arg(long)]
    pub fleet: Option<PathBuf>,
    /// Send jobs with GPUs of their own to the emptiest worker.
    #[arg(long)]
    pub no_packing: bool,
    /// Keep no room for jobs that need more than is free.
    #[arg(long)]
    pub no_keeping: bool,
    /// How much later comes who is a class lower, in minutes [default: 30].
    #[arg(long)]
    pub class_minutes: Option<u64>,
    /// How much later comes whose tenant runs one more, in seconds [default: 60].
    #[arg(long)]
    pub share_seconds: Option<u64>,
    /// Write each decision into this file, one a line.
    #[arg(long)]
    pub decisions: Option<PathBuf>,
}
