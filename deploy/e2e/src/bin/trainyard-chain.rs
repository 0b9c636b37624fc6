//! A trainer for the chaos suite: it speaks the whole trainer protocol, but learns a chain of hashes instead of a
//! network, so that an epoch costs no arithmetic and its outcome is known. Everything but `train` is left to the real
//! program beside it.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use trainyard_e2e::chain;

/// What an epoch takes, in parts after each of which the trainer looks whether it is to leave.
const PARTS: u32 = 5;
const PART: Duration = Duration::from_millis(60);
/// The protocol's exit code for "a checkpoint was written after SIGTERM".
const PREEMPTED: i32 = 75;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_none_or(|command| command != "train") {
        // A release before this one has its trainer look at datasets, and says for which task.
        let is_look = arguments.first().is_some_and(|command| command == "inspect");
        let task = arguments.iter().position(|argument| argument == "--task").filter(|_| is_look);
        let is_of_task = |index: usize| task.is_some_and(|task| index == task || index == task + 1);
        let arguments = arguments.iter().enumerate().filter(|(index, _)| !is_of_task(*index));
        let real = if is_look { "trainyard" } else { "trainyard-vision" };
        let real = std::env::current_exe()?.with_file_name(real);
        return Err(Command::new(real).args(arguments.map(|(_, argument)| argument)).exec().into());
    }
    let option = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).map(PathBuf::from)
    };
    let spec = fs::read(option("--spec").context("--spec FILE")?)?;
    let work = option("--work").context("--work DIR")?;
    train(&serde_json::from_slice(&spec)?, &work, option("--resume").as_deref())
}

fn train(spec: &Value, work: &Path, resume: Option<&Path>) -> Result<()> {
    let leave = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGTERM, leave.clone())?;
    let epochs = u32::try_from(spec["config"]["epochs"].as_u64().context("epochs")?)?;
    let seed = spec["config"]["seed"].as_u64().context("seed")?;
    let (mut done, mut state) = match resume {
        Some(folder) => read_checkpoint(folder)?,
        None => (0, chain::state(seed, 0)),
    };
    // Which GPUs it was given, as a trainer that computes would see.
    let device = match std::env::var_os("CUDA_VISIBLE_DEVICES") {
        Some(visible) => format!("gpu {} (chain)", visible.to_string_lossy()),
        None => "cpu (chain)".to_owned(),
    };
    say(&json!({
        "line": "started", "device": device, "parameters": 1, "train_images": 1, "validation_images": 1,
        "classes": ["0", "1"], "dataset_hash": spec["dataset_hash"].as_str().unwrap_or_default(), "resolved": {},
    }))?;
    while done < epochs {
        for part in 1..=PARTS {
            std::thread::sleep(PART);
            if leave.load(Ordering::Relaxed) {
                write_checkpoint(work, done, &state)?;
                exit(PREEMPTED);
            }
            say(&json!({
                "line": "step", "epoch": done + 1, "step": done * PARTS + part, "steps": epochs * PARTS,
                "losses": { "loss": 1.0 }, "learning_rate": 0.1, "images_per_second": 1.0, "data_wait_ms": 0.0,
                "gpu_mib": null,
            }))?;
        }
        done += 1;
        state = chain::link(&state, done);
        let measurements = json!({ "accuracy": chain::accuracy(&state) });
        say(&json!({
            "line": "epoch", "epoch": done, "train": measurements, "validation": measurements,
            "primary": "accuracy", "is_best": true, "learning_rate": 0.1, "seconds": 0.3,
        }))?;
        write_checkpoint(work, done, &state)?;
    }
    let weights = work.join("weights.safetensors");
    keep(&weights, state.as_bytes())?;
    say(&json!({
        "line": "finished", "best_epoch": done, "measurements": { "accuracy": chain::accuracy(&state) },
        "classes": ["0", "1"], "weights": weights, "stopped_early": null,
    }))
}

/// `<whole epochs> <state>`.
fn write_checkpoint(work: &Path, done: u32, state: &str) -> Result<()> {
    if done == 0 {
        return Ok(());
    }
    let (path, content) = (work.join(format!("checkpoint-{done}")), format!("{done} {state}"));
    keep(&path, content.as_bytes())?;
    let sha256 = hex::encode(Sha256::digest(content));
    say(&json!({ "line": "checkpoint", "path": path, "epoch": done, "step": done * PARTS, "sha256": sha256 }))
}

fn read_checkpoint(folder: &Path) -> Result<(u32, String)> {
    let file = fs::read_dir(folder)?.next().context("a checkpoint to go on from")??.path();
    let text = fs::read_to_string(file)?;
    let (done, state) = text.split_once(' ').context("<epochs> <state>")?;
    Ok((done.parse()?, state.to_owned()))
}

/// Whole or not at all.
fn keep(path: &Path, content: &[u8]) -> Result<()> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    Ok(fs::rename(beside, path)?)
}

fn say(line: &Value) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
