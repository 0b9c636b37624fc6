//! Why attempts failed. Frozen.

use super::cause::cause;
use super::flaw::flaw;
use super::pattern::{Phrase, list, n, quoted, read, word};
use crate::reason::{Cause, Doing, Fact, Rejection, Trouble};

pub(super) const TROUBLES: &[Phrase<Trouble>] = &[
    // The agent's.
    ("{} cannot be written: {}", |v| {
        Some(Trouble::FolderUnwritable { path: v[0].to_owned(), cause: cause(v[1]) })
    }),
    ("the dataset's history: {}", |v| Some(Trouble::DatasetHistoryUnreadable { cause: cause(v[0]) })),
    ("the checkpoint to go on from cannot be had: {}", |v| {
        Some(Trouble::CheckpointUnavailable { cause: cause(v[0]) })
    }),
    ("the checkpoint cannot be unpacked: {}", |v| Some(Trouble::CheckpointUnpackable { cause: cause(v[0]) })),
    ("{} cannot be started: {}", |v| {
        Some(Trouble::TrainerNotStarted { trainer: v[0].to_owned(), cause: cause(v[1]) })
    }),
    ("the system killed the trainer because memory ran out", |_| Some(Trouble::MemoryRanOut)),
    ("the trainer was ended by {} without a word", |v| {
        Some(Trouble::TrainerKilled { signal: v[0].to_owned() })
    }),
    ("the trainer refuses the configuration", |_| Some(Trouble::TrainerRefusesConfig)),
    ("the trainer refuses the dataset", |_| Some(Trouble::TrainerRefusesDataset)),
    ("the trainer ended without saying that it finished", |_| Some(Trouble::TrainerSaidNothing)),
    ("the trainer ended with exit code {} and without saying why", |v| {
        Some(Trouble::TrainerExited { exit_code: n(v[0])? })
    }),
    ("the artifact store cannot take {}: {}", |v| {
        Some(Trouble::StoreRefuses { what: v[0].to_owned(), cause: cause(v[1]) })
    }),
    ("{} cannot be uploaded: {}", |v| {
        Some(Trouble::NotUploaded { what: v[0].to_owned(), cause: cause(v[1]) })
    }),
    ("the trainer cannot be listened to: {}", |v| Some(Trouble::TrainerUnheard { cause: cause(v[0]) })),
    ("epoch {}: {}", |v| refused(Fact::Epoch { epoch: n(v[0])? }, v[1])),
    ("checkpoint of step {}: {}", |v| refused(Fact::Checkpoint { step: n(v[0])? }, v[1])),
    ("training started: {}", |v| refused(Fact::TrainingStarted, v[0])),
    ("preempted: {}", |v| refused(Fact::Preempted, v[0])),
    ("attempt failed: {}", |v| refused(Fact::AttemptFailed, v[0])),
    ("cancelled: {}", |v| refused(Fact::Cancelled, v[0])),
    ("finished: {}", |v| refused(Fact::Finished, v[0])),
    // The trainer's, before it trains.
    ("the specification {} cannot be read: {}", |v| {
        Some(Trouble::SpecUnreadable { path: v[0].to_owned(), cause: cause(v[1]) })
    }),
    ("the specification is not one: {}", |v| Some(Trouble::SpecBroken { cause: cause(v[0]) })),
    ("this trainer cannot {} yet", |v| Some(Trouble::TaskNotTrained { task: word(v[0])? })),
    ("no model {} that can {} is built in", |v| {
        Some(Trouble::NoSuchModel { model: quoted(v[0])?, task: word(v[1])? })
    }),
    ("batch normalisation cannot learn from one image", |_| Some(Trouble::BatchOfOne)),
    ("image_size {} is no multiple of {}, the cells of a detector", |v| {
        Some(Trouble::NotInCells { image_size: n(v[0])?, cells: n(v[1])? })
    }),
    ("a detector sees whole images in their own shape", |_| Some(Trouble::NotWholeImages)),
    ("batch_size {} is larger than the {} training images", |v| {
        Some(Trouble::BatchAboveImages { batch_size: n(v[0])?, images: n(v[1])? })
    }),
    (
        "a batch of {} in {} parts leaves parts that are too small for batch normalisation to learn from",
        |v| Some(Trouble::PartsTooSmall { batch: n(v[0])?, parts: n(v[1])? }),
    ),
    ("no image of the chosen classes is left to validate on", |_| Some(Trouble::NothingToValidate)),
    ("libtorch finds no GPU on this worker", |_| Some(Trouble::NoGpu)),
    ("the dataset is not the one that was validated: its files have changed", |_| {
        Some(Trouble::DatasetChanged)
    }),
    ("the dataset has no class {}", |v| Some(Trouble::NoSuchClasses { classes: list(v[0]) })),
    ("a classifier tells at least two classes apart", |_| Some(Trouble::OneClassChosen)),
    ("no training image has a box of the chosen classes", |_| Some(Trouble::NoBoxOfClasses)),
    ("the initial weights cannot be used: {}", |v| Some(Trouble::WeightsUnusable { cause: cause(v[0]) })),
    ("the initial weights are of another model: {} of {} tensors loaded{}", |v| {
        Some(Trouble::WeightsOfOtherModel { loaded: n(v[0])?, tensors: n(v[1])? })
    }),
    ("the initial weights {} are not on this worker", |v| {
        Some(Trouble::WeightsNotHere { path: quoted(v[0])? })
    }),
    ("the checkpoint is of another configuration or of other data", |_| Some(Trouble::CheckpointOfOther)),
    // The trainer's, at work.
    ("the loss is no longer a number at step {}", |v| Some(Trouble::LossNotANumber { step: n(v[0])? })),
    ("the validation loss is no longer a number", |_| Some(Trouble::ValidationNotANumber)),
    ("cannot make the work folder: {}", |v| inside(Doing::MakeWorkFolder, v[0])),
    ("cannot listen for SIGTERM: {}", |v| inside(Doing::ListenForSignals, v[0])),
    ("cannot start decoding threads: {}", |v| inside(Doing::StartDecoding, v[0])),
    ("a decoding thread: {}", |v| inside(Doing::Decode, v[0])),
    ("cannot start the thread of libtorch: {}", |v| inside(Doing::StartTorch, v[0])),
    ("learning from a batch: {}", |v| inside(Doing::LearnBatch, v[0])),
    ("measuring a model: {}", |v| inside(Doing::MeasureModel, v[0])),
    ("measuring the weights: {}", |v| inside(Doing::MeasureWeights, v[0])),
    ("finishing: {}", |v| inside(Doing::Finish, v[0])),
    ("cannot write the weights: {}", |v| inside(Doing::WriteWeights, v[0])),
    ("cannot write a checkpoint: {}", |v| inside(Doing::WriteCheckpoint, v[0])),
    ("cannot write a report: {}", |v| inside(Doing::WriteReport, v[0])),
    ("cannot write {}: {}", |v| inside(Doing::WriteFile { path: v[0].to_owned() }, v[1])),
    ("cannot draw sample predictions: {}", |v| inside(Doing::DrawSamples, v[0])),
    ("cannot resume: {}", |v| inside(Doing::Resume, v[0])),
];

/// A file that was another one when the dataset was looked at. It may read like much else: asked last.
pub(super) fn file_changed(text: &str) -> Option<Trouble> {
    read(&[("{} {}", |v| Some(Trouble::FileChanged { path: v[0].to_owned(), flaw: flaw(v[1])? }))], text)
}

fn inside(doing: Doing, text: &str) -> Option<Trouble> {
    let cause: Cause = cause(text);
    Some(Trouble::Inside { doing, cause })
}

fn refused(fact: Fact, text: &str) -> Option<Trouble> {
    Some(Trouble::FactRefused { fact, rejection: read(REJECTIONS, text)? })
}

/// Those that a report could meet.
const REJECTIONS: &[Phrase<Rejection>] = &[
    ("epoch {} does not follow: the next one is {}", |v| {
        Some(Rejection::EpochOutOfOrder { given: n(v[0])?, expected: n(v[1])? })
    }),
    ("epoch {} is more than the {} that were approved", |v| {
        Some(Rejection::TooManyEpochs { given: n(v[0])?, epochs: n(v[1])? })
    }),
    ("a measurement is not a finite number: {}", |v| {
        Some(Rejection::NotFinite { measurement: v[0].to_owned() })
    }),
    ("the job's results name no weights", |_| Some(Rejection::NoWeights)),
    ("nobody has asked to cancel the job", |_| Some(Rejection::CancelNotRequested)),
    ("that is not a fact an attempt may report", |_| Some(Rejection::NotAReport)),
    ("the event is {} bytes; {} is the most: make it smaller", |v| {
        Some(Rejection::TooLarge { bytes: n(v[0])?, limit: n(v[1])? })
    }),
];
