//! `trainyard-vision`: trains, exports and predicts; what a worker runs as a child process.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::exit;
use std::time::Duration;

use clap::{Parser, Subcommand};
use trainyard_events::trainer::exit as codes;
use trainyard_onnx::{ExportError, export_to};
use trainyard_vision::train::checkpoint::When;
use trainyard_vision::train::{Order, Seat};
use trainyard_vision::{bench, describe, limits, predict, protocol, train};

#[derive(Parser)]
#[command(version, about = "Trains image models with libtorch")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Say in one JSON object what it trains and how.
    Describe,
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
        /// Which of several processes this is that train together, and where they meet: the first starts the others with these.
        #[arg(long, hide = true, requires = "meet")]
        rank: Option<usize>,
        #[arg(long, hide = true, requires = "rank")]
        meet: Option<SocketAddr>,
    },
    /// Write the ONNX file of trained weights.
    Export {
        #[arg(long)]
        weights: PathBuf,
        #[arg(long)]
        out: PathBuf,
    },
    /// Classify image files with trained weights, one JSON line each.
    Predict {
        #[arg(long)]
        weights: PathBuf,
        #[arg(required = true)]
        images: Vec<PathBuf>,
    },
    /// Measure images a second, beside PyTorch: see bench/.
    #[command(hide = true)]
    Bench(bench::Settings),
}

fn main() {
    let code = match Arguments::parse().command {
        Command::Describe => {
            protocol::say(&describe::description());
            codes::DONE
        }
        Command::Train { spec, work, resume, checkpoint_after, checkpoint_epochs, rank, meet } => {
            let after = Duration::from_secs_f64(checkpoint_after);
            let checkpoints = When { after, epochs: checkpoint_epochs };
            let seat = rank.zip(meet).map(|(rank, meet)| Seat { rank, meet });
            train::main(&Order { spec, work, resume, checkpoints, seat })
        }
        Command::Export { weights, out } => match export_to(&weights, &out) {
            Ok(()) => codes::DONE,
            Err(error) => {
                eprintln!("{error}");
                if matches!(error, ExportError::Write { .. }) { codes::INTERNAL } else { codes::CONFIG }
            }
        },
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
