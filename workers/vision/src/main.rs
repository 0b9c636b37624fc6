//! `trainyard-vision`: trains, inspects and predicts; what a worker runs as a child process.

use std::path::PathBuf;
use std::process::exit;

use clap::{Parser, Subcommand};
use trainyard_events::config::Task;
use trainyard_vision::{inspect, protocol, train};

#[derive(Parser)]
#[command(version, about = "Trains image models with libtorch")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Look at every file of a dataset and print one JSON line: good with its profile, or bad with the reason.
    Inspect {
        #[arg(long)]
        path: PathBuf,
        #[arg(long)]
        task: Task,
    },
    /// Train by a specification; JSON lines on standard output, exit 75 after SIGTERM.
    Train {
        #[arg(long)]
        spec: PathBuf,
        /// Everything that is written goes below this folder.
        #[arg(long)]
        work: PathBuf,
        /// A checkpoint, or a folder that holds one.
        #[arg(long)]
        resume: Option<PathBuf>,
    },
}

fn main() {
    let code = match Arguments::parse().command {
        Command::Inspect { path, task } => {
            protocol::say(&inspect::inspect(&path, task));
            0
        }
        Command::Train { spec, work, resume } => train::main(&spec, &work, resume.as_deref()),
    };
    exit(code);
}
