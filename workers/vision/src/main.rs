//! `trainyard-vision`: trains, inspects and predicts; what a worker runs as a child process.

use std::path::PathBuf;
use std::process::exit;
use std::time::Duration;

use clap::{Parser, Subcommand};
use serde_json::json;
use trainyard_events::config::Task;
use trainyard_events::trainer::exit as codes;
use trainyard_vision::data::survey::{certain_task, likely_task};
use trainyard_vision::train::checkpoint::When;
use trainyard_vision::{bench, inspect, limits, predict, protocol, serve, train};

#[derive(Parser)]
#[command(version, about = "Trains image models with libtorch")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Look at every file of a dataset and print a JSON line: good with its profile, or bad with the reason.
    Inspect {
        #[arg(long)]
        path: PathBuf,
        /// What it is to be used for; what it looks like when left out.
        #[arg(long)]
        task: Option<Task>,
        /// Write a page of its images, and their labels, into this folder, and announce them after the verdict.
        #[arg(long)]
        samples: Option<PathBuf>,
    },
    /// Say as JSON what a folder can only be meant for: `{"task":"classify"}`, `detect`, or null.
    Task {
        #[arg(long)]
        path: PathBuf,
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
        /// The longest stretch of training without a checkpoint, in seconds; there is one after every epoch, too.
        #[arg(long, default_value_t = limits::CHECKPOINT_INTERVAL.as_secs_f64(), value_parser = seconds)]
        checkpoint_after: f64,
        /// Epochs from one checkpoint to the next; 0: none for an epoch's sake. Only bench/checkpoints says another.
        #[arg(long, default_value_t = 1, hide = true)]
        checkpoint_epochs: u32,
    },
    /// Classify image files with trained weights, one JSON line each.
    Predict {
        #[arg(long)]
        weights: PathBuf,
        #[arg(required = true)]
        images: Vec<PathBuf>,
    },
    /// Answer the predict calls of the bus until SIGTERM.
    Serve(serve::Settings),
    /// Measure images a second, beside PyTorch: see bench/.
    #[command(hide = true)]
    Bench(bench::Settings),
}

fn main() {
    let code = match Arguments::parse().command {
        Command::Inspect { path, task, samples } => {
            let task = task.unwrap_or_else(|| likely_task(&path));
            let inspected = inspect::inspect(&path, task);
            protocol::say(&inspected.verdict);
            let drawn = samples.map_or_else(Vec::new, |folder| inspected.draw(&path, &folder));
            drawn.iter().for_each(protocol::say);
            codes::DONE
        }
        Command::Task { path } => {
            protocol::say(&json!({ "task": certain_task(&path) }));
            codes::DONE
        }
        Command::Train { spec, work, resume, checkpoint_after, checkpoint_epochs } => {
            let after = Duration::from_secs_f64(checkpoint_after);
            train::main(&spec, &work, resume.as_deref(), When { after, epochs: checkpoint_epochs })
        }
        Command::Predict { weights, images } => match predict::predict_files(&weights, &images) {
            Ok(answers) => {
                answers.iter().for_each(protocol::say);
                codes::DONE
            }
            Err(error) => {
                eprintln!("{error}");
                codes::CONFIG
            }
        },
        Command::Serve(settings) => serve::main(settings),
        Command::Bench(settings) => match bench::bench(&settings) {
            Ok(measured) => {
                protocol::say(&measured);
                codes::DONE
            }
            Err(failure) => {
                eprintln!("{failure}");
                failure.exit_code()
            }
        },
    };
    exit(code);
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    Duration::try_from_secs_f64(seconds).map(|_| seconds).map_err(|error| error.to_string())
}
