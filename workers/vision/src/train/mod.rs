//! The `train` command: from a specification to weights, in the words of the trainer protocol.

mod augmented;
pub mod checkpoint;
pub mod dataset;
pub mod finish;
mod hardware;
pub mod precision;
mod resume;
mod rhythm;
mod run;
pub mod setup;
mod step;
mod writing;

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use trainyard_events::reason::{Advice, Cause, Doing, Trouble};
use trainyard_events::trainer::{TrainerSpec, exit};

use crate::failure::{Failure, cause};
use crate::interrupt::Interrupt;
use crate::protocol::say;
use crate::tasks::{Task, of_task};
use crate::train::checkpoint::When;

pub use dataset::Dataset;
pub use hardware::Hardware;
pub use run::Run;
pub use setup::check_config;

/// How training came to its end, when it did not fail.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// A checkpoint was written because somebody asked this process to leave.
    Preempted,
}

/// Runs a whole training and returns the exit code; the last line says why when it is not 0.
pub fn main(spec: &Path, work: &Path, resume: Option<&Path>, checkpoints: When) -> i32 {
    let outcome = catch_unwind(AssertUnwindSafe(|| train(spec, work, resume, checkpoints)))
        .unwrap_or_else(|payload| Err(Failure::from_panic(payload.as_ref())));
    match outcome {
        Ok(Outcome::Done) => exit::DONE,
        Ok(Outcome::Preempted) => exit::PREEMPTED,
        Err(failure) => {
            eprintln!("failed ({:?}): {failure}", failure.class);
            let code = failure.exit_code();
            say(&failure.line());
            code
        }
    }
}

fn train(spec: &Path, work: &Path, resume: Option<&Path>, checkpoints: When) -> Result<Outcome, Failure> {
    let interrupt = Interrupt::on_signals()?;
    let spec = read_spec(spec)?;
    fs::create_dir_all(work).map_err(|error| Failure::internal(Doing::MakeWorkFolder, error))?;
    check_config(&spec.config)?;
    of_task!(spec.config.task, T => run::<T>(&spec, work, resume, checkpoints, interrupt))
}

fn run<T: Task>(
    spec: &TrainerSpec,
    work: &Path,
    resume: Option<&Path>,
    checkpoints: When,
    interrupt: Interrupt,
) -> Result<Outcome, Failure> {
    let hardware = Hardware::choose(spec.config.device, spec.threads)?;
    let mut notes = BTreeMap::new();
    let dataset = Dataset::open::<T>(spec, &hardware, &mut notes)?;
    let mut run = Run::<T>::new(spec, work, hardware, dataset, interrupt, &mut notes)?;
    run.checkpoints = checkpoints;
    if let Some(folder) = resume {
        run.resume(folder)?;
    }
    run.announce(notes);
    run.show_augmented();
    while !run.is_over() {
        if run.epoch()? == Outcome::Preempted {
            return Ok(Outcome::Preempted);
        }
    }
    run.finish()?;
    Ok(Outcome::Done)
}

fn read_spec(path: &Path) -> Result<TrainerSpec, Failure> {
    let refuse = |because| Failure::config(because, Advice::SpecOfAgent);
    let text = fs::read_to_string(path).map_err(|error| {
        let path = path.display().to_string();
        refuse(Trouble::SpecUnreadable { path, cause: cause(&error) })
    })?;
    serde_json::from_str(&text)
        .map_err(|error| refuse(Trouble::SpecBroken { cause: Cause::said(error.to_string()) }))
}

#[cfg(test)]
pub(crate) mod tests {
    use trainyard_events::TrainingConfig;
    use trainyard_events::config::{Augmentation, Device, Optimizer, Priority, Resize, Schedule, Task};

    /// A small valid configuration to vary.
    pub(crate) fn config() -> TrainingConfig {
        TrainingConfig {
            task: Task::Classify,
            model: "resnet18".to_owned(),
            dataset: Some("digits".to_owned()),
            classes: vec![],
            epochs: 2,
            image_size: 16,
            batch_size: 8,
            learning_rate: 0.05,
            optimizer: Optimizer::Sgd,
            momentum: 0.9,
            weight_decay: 5e-4,
            schedule: Schedule::Cosine,
            warmup_epochs: 0.0,
            label_smoothing: 0.0,
            ema: false,
            augmentation: Augmentation::None,
            resize: Resize::Stretch,
            patience: None,
            seed: 7,
            device: Device::Cpu,
            priority: Priority::Normal,
            initial_weights: None,
            runner: None,
            options: Default::default(),
            continues: None,
            resources: None,
            max_cost: None,
            max_hours: None,
            unread: Default::default(),
        }
    }
}
