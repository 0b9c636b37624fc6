//! What images are learned for: a folder for each task, which alone knows its samples, truth, output, loss, figures and
//! pages. The run, its rhythm, checkpoints and reports know no task; what does not belong together does not compile.

pub mod classify;
pub mod detect;
pub mod find;
mod judge;
pub mod pose;
pub mod segment;
mod told;

use image::RgbImage;
use serde_json::Value;
use tch::{Device, TchError, Tensor};
use trainyard_data::manifest::{Header, Image};
use trainyard_data::page::page;
use trainyard_data::random::Random;
use trainyard_events::card::Card;
use trainyard_events::config::{self, TrainingConfig};
use trainyard_events::prediction::Prediction;
use trainyard_events::reason::{Cause, Doing};
use trainyard_events::trainer::TrainerSpec;
use trainyard_libtorch::Group;

use crate::data::loader::{Loader, training_plan};
use crate::data::lot::{Lots, Variation};
use crate::failure::Failure;
use crate::models::{Model, Network, Shape};
use crate::optim::ema::Decay;
use crate::predict::Prepared;
use crate::train::setup::Notes;

pub use judge::{Evaluation, Judge};

/// Does something with the type of a task that is known by its name. A new task is a line here and a folder.
macro_rules! of_task {
    ($task:expr, $name:ident => $what:expr) => {
        match $task {
            // Of anomalies our own trainer has no model: by that it refuses them, whichever type is named here.
            trainyard_events::config::Task::Classify | trainyard_events::config::Task::Anomaly => {
                type $name = $crate::tasks::classify::Classify;
                $what
            }
            trainyard_events::config::Task::Detect => {
                type $name = $crate::tasks::find::Finder<$crate::tasks::detect::Boxes>;
                $what
            }
            trainyard_events::config::Task::Segment => {
                type $name = $crate::tasks::find::Finder<$crate::tasks::segment::Masks>;
                $what
            }
            trainyard_events::config::Task::Pose => {
                type $name = $crate::tasks::find::Finder<$crate::tasks::pose::Poses>;
                $what
            }
        }
    };
}
pub(crate) use of_task;

/// What a model answers to a task.
pub type OutputOf<T> = <<T as Task>::Network as Network>::Output;
/// What is true of one image.
pub type LabelOf<T> = <<T as Task>::Part as Part>::Label;

pub trait Task: Sized + 'static {
    const TASK: config::Task;
    const RECIPE: Recipe;
    /// The validation measurement that decides which epoch is best; more is better.
    const PRIMARY: &'static str;
    /// What is summed over the training images, the whole loss first. Parts of it come with their gains.
    const MEASURED: &'static [&'static str];
    type Network: Network;
    type Part: Part;
    /// What a pass over a split leaves for the reports.
    type Seen;

    /// Refuses what this task cannot be trained with, before a file is read.
    fn check(config: &TrainingConfig) -> Result<(), Failure>;

    /// The images of each split.
    fn open(
        spec: &TrainerSpec,
        images: &[Image],
        header: &Header,
        loader: &Loader,
        notes: &mut Notes,
    ) -> Result<Splits<Self::Part>, Failure>;

    /// Of the models with such a card.
    fn new(card: &Card, device: Device) -> Result<Self, TchError>;

    /// As a training on `train` wants it.
    fn configured(self, _config: &TrainingConfig, _train: &Self::Part) -> Self {
        self
    }

    /// The images of each batch of an epoch, counted from 1.
    fn plan(&self, config: &TrainingConfig, train: &Self::Part, epoch: u64) -> Vec<Vec<usize>> {
        training_plan(train.len(), config.batch_size as usize, config.seed, epoch)
    }

    /// Images of a batch as they are learned from, and which share of each is its own: the rest is of the one that stands as
    /// far from the end as it from the beginning.
    fn mixed(&self, images: Tensor, _random: &mut Random) -> Result<(Tensor, f64), TchError> {
        Ok((images, 1.0))
    }

    /// `truth` is of the images that `output` answers.
    fn learn(
        &self,
        output: &OutputOf<Self>,
        truth: &[LabelOf<Self>],
        share: Share,
    ) -> Result<Learnt, Failure>;

    /// `None` when interrupted on the way.
    fn measure(
        judge: &Judge<Self>,
        model: &Model<Self::Network>,
        part: &Self::Part,
    ) -> Result<Option<Evaluation<Self::Seen>>, Failure>;

    /// For the reports.
    fn account(classes: &[String], part: &Self::Part, seen: &Self::Seen) -> Account;

    /// The first of the images that [`Account::samples`] tells of on a page, as JPEG, with what was answered drawn on them.
    fn sheet(part: &Self::Part, seen: &Self::Seen) -> Result<Vec<u8>, Failure>;

    /// For each image what is told of it, the most confident first.
    fn answers(
        &self,
        output: &OutputOf<Self>,
        card: &Card,
        images: &[Prepared],
    ) -> Result<Vec<Vec<Prediction>>, TchError>;

    /// Whether the images of an epoch, counted from 1, are made of four.
    fn has_mosaic(config: &TrainingConfig, epoch: u32) -> bool;

    /// What it resolves by itself, for `started`.
    fn notes(&self, config: &TrainingConfig, shape: &Shape) -> Notes;
}

/// How a task is trained whatever the configuration says.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    /// Gradients are shortened to this norm.
    pub gradient_norm: Option<f64>,
    pub decay: Decay,
    /// Images of a step that published learning rates are meant for, where small batches make one step together.
    pub nominal_batch: Option<usize>,
    /// Whether convolutions are faster on a CPU with the channels next to each other.
    pub channels_last: bool,
    /// Whether pixels are normalised as they were for the weights that it starts from.
    pub follows_weights: bool,
    /// Whether its objects have the dataset's key points.
    pub has_keypoints: bool,
}

/// One split of the data and its batches.
pub trait Part: Clone {
    type Label: Clone + Send + 'static;

    fn len(&self) -> usize;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of squares that are kept in memory, where they fit.
    fn kept(&self) -> Option<u64>;

    /// The same with nothing kept: each image is decoded whenever it is asked for.
    fn not_kept(&self) -> Self;

    /// `plan` names the images of each batch; `variation` is for training only.
    fn batches(
        &self,
        loader: &Loader,
        side: usize,
        plan: Vec<Vec<usize>>,
        variation: Option<Variation>,
    ) -> Lots<Self::Label>;

    /// Those worth showing: with something in them where there are any.
    fn shown(&self) -> Vec<usize>;

    /// One as it comes from the disk, with what is true of it.
    fn original(&self, index: usize) -> Result<RgbImage, Failure>;

    /// A square of a batch with what is true of it.
    fn drawn(square: RgbImage, truth: &Self::Label) -> RgbImage;
}

pub struct Splits<P> {
    pub train: P,
    pub validation: P,
    pub test: Option<P>,
    /// Mean and deviation that pixels are normalised with.
    pub statistics: ([f64; 3], [f64; 3]),
}

/// A part of a batch that is learned from at once.
#[derive(Clone, Copy)]
pub struct Share<'a> {
    /// Images of the whole batch.
    pub batch: usize,
    /// As [`Task::mixed`] has told.
    pub own: f64,
    /// Whose shares count as one.
    pub group: &'a Group,
}

/// What a part of a batch teaches.
pub struct Learnt {
    /// The scalar to differentiate: gradients of the parts of a batch add up to those of the batch.
    pub loss: Tensor,
    /// For each of [`Task::MEASURED`] its sum over the images, in doubles on the device.
    pub sums: Tensor,
}

/// What one task has to tell.
pub struct Account {
    /// Of the report, one for each class.
    pub classes: Vec<Value>,
    /// `counts[truth][answer]`.
    pub counts: Vec<Vec<u64>>,
    /// What the rows and columns of `counts` are.
    pub rows: Vec<String>,
    /// Precision over recall by class, of what finds objects.
    pub curves: Option<Value>,
    /// What was answered to single images, the worst answers first.
    pub samples: Vec<Value>,
}

/// As many images in a row as `columns` on one page, as JPEG.
pub fn sheet_of(drawn: &[RgbImage], columns: u32) -> Result<Vec<u8>, Failure> {
    let page = page(drawn, columns);
    let page = page.map_err(|error| Failure::internal(Doing::DrawSamples, Cause::said(error.to_string())))?;
    Ok(page.jpeg)
}

/// Rows of RGB as an image.
pub fn picture(side: usize, pixels: Vec<u8>) -> RgbImage {
    let side = side as u32;
    RgbImage::from_raw(side, side, pixels).expect("a square holds three bytes for every pixel")
}
