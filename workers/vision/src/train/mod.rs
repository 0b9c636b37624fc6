//! The `train` command: from a specification to weights, in the words of the trainer protocol.

mod augmented;
pub mod checkpoint;
pub mod dataset;
mod epoch;
pub mod finish;
mod followers;
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
use std::path::{Path, PathBuf};

use trainyard_events::reason::{Advice, Cause, Doing, Trouble};
use trainyard_events::trainer::{TrainerSpec, exit};
use trainyard_libtorch::Group;

use crate::failure::{Failure, cause};
use crate::interrupt::Interrupt;
use crate::protocol::say;
use crate::tasks::{Task, of_task};
use crate::train::checkpoint::When;
use crate::train::followers::Followers;

pub use dataset::Dataset;
pub use followers::Seat;
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

/// What the command line asks for.
#[derive(Debug)]
pub struct Order {
    pub spec: PathBuf,
    pub work: PathBuf,
    pub resume: Option<PathBuf>,
    pub checkpoints: When,
    /// Of a process that another one has started to train with it.
    pub seat: Option<Seat>,
}

/// Runs a whole training and returns the exit code; the last line says why when it is not 0.
pub fn main(order: &Order) -> i32 {
    let outcome = catch_unwind(AssertUnwindSafe(|| train(order)))
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

fn train(order: &Order) -> Result<Outcome, Failure> {
    let interrupt = Interrupt::on_signals()?;
    let spec = read_spec(&order.spec)?;
    fs::create_dir_all(&order.work).map_err(|error| Failure::internal(Doing::MakeWorkFolder, error))?;
    check_config(&spec.config)?;
    let run = |group| of_task!(spec.config.task, T => run::<T>(order, &spec, interrupt, group));
    let size = spec.devices.max(1) as usize;
    match &order.seat {
        Some(seat) => run(Group::join(seat.meet, seat.rank, size)?),
        None if size > 1 => {
            let (group, followers) = Followers::gather(order, size)?;
            run(group).map_err(|failure| followers.explain(failure))
        }
        None => run(Group::alone()),
    }
}

fn run<T: Task>(
    order: &Order,
    spec: &TrainerSpec,
    interrupt: Interrupt,
    group: Group,
) -> Result<Outcome, Failure> {
    let hardware = Hardware::choose(spec.config.device, spec.threads, &group)?;
    let mut notes = BTreeMap::new();
    let dataset = Dataset::open::<T>(spec, &hardware, &mut notes)?;
    let mut run = Run::<T>::new(spec, &order.work, hardware, dataset, interrupt, group, &mut notes)?;
    run.checkpoints = order.checkpoints;
    if let Some(folder) = &order.resume {
        run.resume(folder)?;
    }
    run.agree()?;
    if !run.group.leads() {
        return run.follow();
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
    use std::path::PathBuf;

    use trainyard_events::TrainingConfig;
    use trainyard_events::config::{Augmentation, Device, Optimizer, Priority, Resize, Schedule, Task};
    use trainyard_events::trainer::TrainerSpec;

    /// To train `config`, each batch in so many parts.
    pub(crate) fn spec(config: TrainingConfig, batch_divisor: u32) -> TrainerSpec {
        TrainerSpec {
            job: uuid::Uuid::nil(),
            config,
            manifest: PathBuf::new(),
            images: PathBuf::new(),
            dataset_hash: String::new(),
            initial_weights: None,
            checkpoint_config: None,
            batch_divisor,
            threads: 1,
            devices: 0,
        }
    }

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
