//! Why jobs waited, were put aside, were cancelled or stopped early, and what was wrong with configurations. Frozen.

use super::pattern::{Phrase, n, quoted, word};
use crate::reason::{ConfigProblem, Ending, Field, Wait};

pub(super) const DISPATCHED: &[Phrase<Wait>] = &[
    ("no device was asked for, so the {} pool with {} workers", |v| {
        Some(Wait::PoolChosen { pool: word(v[0])?, workers: n(v[1])? })
    }),
    ("no device was asked for, so the {} pool with 1 worker", |v| {
        Some(Wait::PoolChosen { pool: word(v[0])?, workers: 1 })
    }),
    ("no device was asked for, so the {} pool", |v| Some(Wait::PoolChosen { pool: word(v[0])?, workers: 0 })),
    ("the {} pool, as asked with {} workers", |v| {
        Some(Wait::PoolAsAsked { pool: word(v[0])?, workers: n(v[1])? })
    }),
    ("the {} pool, as asked with 1 worker", |v| Some(Wait::PoolAsAsked { pool: word(v[0])?, workers: 1 })),
    ("the {} pool, as asked", |v| Some(Wait::PoolAsAsked { pool: word(v[0])?, workers: 0 })),
    ("no {} worker is up, it starts when one joins", |v| Some(Wait::NoWorkerInPool { pool: word(v[0])? })),
    ("{} priority", |v| Some(Wait::OfPriority { class: word(v[0])? })),
    ("attempt {}", |v| Some(Wait::NextAttempt { attempt: n(v[0])? })),
];

pub(super) const PREEMPTED: &[Phrase<Ending>] = &[
    ("the worker stops before training began", |_| Some(Ending::WorkerStopsBeforeTraining)),
    ("the worker stops; no checkpoint was written in time", |_| Some(Ending::WorkerStopsWithoutCheckpoint)),
    ("the worker stops", |_| Some(Ending::WorkerStops)),
    ("somebody told the trainer to stop", |_| Some(Ending::TrainerToldToStop)),
];

pub(super) const CANCELLED: &[Phrase<Ending>] = &[
    ("asked for by {} in a chat", |v| Some(Ending::AskedInChatBy { who: v[0].to_owned() })),
    ("asked for by {}", |v| Some(Ending::AskedBy { who: v[0].to_owned() })),
];

pub(super) const STOPPED_EARLY: &[Phrase<Ending>] =
    &[("validation {} did not rise above {} of epoch {} for {} epochs", |v| {
        Some(Ending::NoImprovement {
            measurement: v[0].to_owned(),
            value: n(v[1])?,
            best_epoch: n(v[2])?,
            epochs: n(v[3])?,
        })
    })];

pub(super) const CONFIG: &[Phrase<ConfigProblem>] = &[
    ("image_size: {} is not between {} and {} pixels", |v| {
        Some(ConfigProblem::OutOfRange {
            field: Field::ImageSize,
            given: n(v[0])?,
            low: n(v[1])?,
            high: n(v[2])?,
        })
    }),
    ("warmup_epochs: {} is not between 0 and the {} epochs", |v| {
        Some(ConfigProblem::WarmupTooLong { given: n(v[0])?, epochs: n(v[1])? })
    }),
    ("classes: a name of {} characters is not between 1 and {}", |v| {
        Some(ConfigProblem::AskedNameLength { length: n(v[0])?, limit: n(v[1])? })
    }),
    ("{}: a path of {} characters is not between 1 and {}", |v| {
        Some(ConfigProblem::PathLength { field: word(v[0])?, length: n(v[1])?, limit: n(v[2])? })
    }),
    ("{}: {} is not between {} and {}", |v| {
        Some(ConfigProblem::OutOfRange { field: word(v[0])?, given: n(v[1])?, low: n(v[2])?, high: n(v[3])? })
    }),
    ("learning_rate: {} is not a number above 0 and at most {}", |v| {
        let (given, high) = (n(v[0])?, n(v[1])?);
        Some(ConfigProblem::NotAbove { field: Field::LearningRate, given, low: 0.0, high })
    }),
    ("patience: 0 would stop before the first epoch; 1 or more", |_| Some(ConfigProblem::PatienceZero)),
    ("classes: {} are more than {}", |v| {
        Some(ConfigProblem::TooManyClassesAsked { given: n(v[0])?, limit: n(v[1])? })
    }),
    ("classes: {} is named twice", |v| Some(ConfigProblem::ClassAskedTwice { class: quoted(v[0])? })),
    ("continues: {} is no checkpoint of job {}", |v| {
        Some(ConfigProblem::NotACheckpoint { key: v[0].to_owned(), job: n(v[1])? })
    }),
    ("continues: epoch {}, step {} is no place within {} epochs", |v| {
        Some(ConfigProblem::CheckpointOutside { epoch: n(v[0])?, step: n(v[1])?, epochs: n(v[2])? })
    }),
    ("continues: epoch {} comes after the checkpoint", |v| {
        Some(ConfigProblem::BestAfterCheckpoint { epoch: n(v[0])? })
    }),
];
