//! Which class an image is of.

mod balance;
pub mod loss;
mod measure;
mod mixing;
mod part;
mod report;

use tch::{Device, Kind, TchError, Tensor, no_grad};
use trainyard_data::manifest::{Header, Image};
use trainyard_events::card::Card;
use trainyard_events::config::{self, Augmentation, TrainingConfig};
use trainyard_events::job::FailureClass;
use trainyard_events::prediction::Prediction;
use trainyard_events::reason::{Advice, ConfigProblem, Reason, Trouble};
use trainyard_events::trainer::TrainerSpec;

use crate::data::loader::{Loader, training_plan};
use crate::failure::Failure;
use crate::limits::PREDICTIONS;
use crate::models::classifier::Classifier;
use crate::models::{Model, Shape, convnext};
use crate::optim::ema::Decay;
use crate::options::{Balance, Freeze, Options};
use crate::predict::Prepared;
use crate::tasks::{Account, Evaluation, Judge, Learnt, Recipe, Share, Splits, Task};
use crate::train::setup::Notes;
use trainyard_data::augment::source_side;
use trainyard_data::random::Random;

use loss::{cross_entropy, weighted_cross_entropy};
use measure::Classified;
use mixing::Mixing;
use part::Squares;

pub struct Classify {
    label_smoothing: f64,
    /// How much an image of each class counts.
    weights: Option<Tensor>,
    is_balanced: bool,
    mixing: Mixing,
}

impl Task for Classify {
    const TASK: config::Task = config::Task::Classify;
    const RECIPE: Recipe = Recipe {
        gradient_norm: None,
        decay: Decay::Classifier,
        nominal_batch: None,
        channels_last: true,
        follows_weights: true,
        has_keypoints: false,
    };
    const PRIMARY: &'static str = "accuracy";
    const MEASURED: &'static [&'static str] = &["loss", "accuracy"];
    type Network = Classifier;
    type Part = Squares;
    type Seen = Classified;

    fn check(config: &TrainingConfig) -> Result<(), Failure> {
        if config.batch_size < 2 {
            return Err(Failure::config(Trouble::BatchOfOne, Advice::BatchOfTwo));
        }
        let Options { freeze, unfreeze_every, .. } = Options::of(config);
        if freeze == Freeze::Backbone && unfreeze_every > 0 {
            // What is frozen for good does not begin to learn.
            let (option, given) = ("unfreeze_every".to_owned(), unfreeze_every.to_string());
            let problem =
                ConfigProblem::OptionUnfit { option, given, takes: "0 (freeze=backbone)".to_owned() };
            let because = vec![Reason::Config(problem)];
            return Err(Failure { class: FailureClass::Config, because, advice: Advice::CorrectConfig });
        }
        let (image_size, cells) = (config.image_size, convnext::SIDE_MIN);
        if config.model.starts_with("convnext") && image_size < cells {
            let because = Trouble::NotInCells { image_size, cells };
            return Err(Failure::config(because, Advice::SetImageSize { sizes: vec![cells] }));
        }
        Ok(())
    }

    fn open(
        spec: &TrainerSpec,
        images: &[Image],
        header: &Header,
        loader: &Loader,
        _notes: &mut Notes,
    ) -> Result<Splits<Squares>, Failure> {
        part::open(spec, images, header, loader)
    }

    fn new(_card: &Card, _device: Device) -> Result<Self, TchError> {
        Ok(Classify { label_smoothing: 0.0, weights: None, is_balanced: false, mixing: Mixing::default() })
    }

    fn configured(self, config: &TrainingConfig, train: &Squares) -> Self {
        let options = Options::of(config);
        let weights = || Tensor::from_slice(&balance::weights(train.labels()));
        Classify {
            label_smoothing: config.label_smoothing,
            weights: (options.class_weights == Balance::Balanced).then(weights),
            is_balanced: options.sampling == Balance::Balanced,
            mixing: Mixing { mixup: options.mixup, cutmix: options.cutmix },
        }
    }

    fn plan(&self, config: &TrainingConfig, train: &Squares, epoch: u64) -> Vec<Vec<usize>> {
        let batch = config.batch_size as usize;
        if self.is_balanced {
            return balance::plan(train.labels(), batch, config.seed, epoch);
        }
        training_plan(train.len(), batch, config.seed, epoch)
    }

    fn mixed(&self, images: Tensor, random: &mut Random) -> Result<(Tensor, f64), TchError> {
        self.mixing.mixed(images, random)
    }

    fn learn(&self, logits: &Tensor, labels: &[i64], share: Share) -> Result<Learnt, Failure> {
        let Share { batch, own, .. } = share;
        let images = labels.len() as f64;
        let labels = Tensor::f_from_slice(labels)?.f_to_device(logits.device())?;
        let mut mean = self.loss(logits, &labels)?;
        if own < 1.0 {
            let others = self.loss(logits, &labels.f_flip([0])?)?;
            mean = mean.f_mul_scalar(own)?.f_add(&others.f_mul_scalar(1.0 - own)?)?;
        }
        let sums = no_grad(|| -> Result<Tensor, Failure> {
            let right = logits.f_argmax(1, false)?.f_eq_tensor(&labels)?.f_sum(Kind::Double)?;
            let sum = mean.f_to_kind(Kind::Double)?.f_mul_scalar(images)?;
            Ok(Tensor::f_stack(&[sum, right], 0)?)
        })?;
        Ok(Learnt { loss: mean.f_mul_scalar(images / batch as f64)?, sums })
    }

    fn measure(
        judge: &Judge<Self>,
        model: &Model<Classifier>,
        part: &Squares,
    ) -> Result<Option<Evaluation<Classified>>, Failure> {
        measure::measure(judge, model, part)
    }

    fn account(classes: &[String], part: &Squares, seen: &Classified) -> Account {
        report::account(classes, part, seen)
    }

    fn sheet(part: &Squares, seen: &Classified) -> Result<Vec<u8>, Failure> {
        report::sheet(part, seen)
    }

    /// At most [`PREDICTIONS`] classes.
    fn answers(
        &self,
        logits: &Tensor,
        card: &Card,
        _images: &[Prepared],
    ) -> Result<Vec<Vec<Prediction>>, TchError> {
        let shown = card.classes.len().min(PREDICTIONS);
        let confidences = logits.f_softmax(1, Kind::Double)?;
        let (confidences, classes) = confidences.f_topk(shown as i64, 1, true, true)?;
        let confidences = Vec::<f64>::try_from(confidences.f_flatten(0, 1)?)?;
        let classes = Vec::<i64>::try_from(classes.f_flatten(0, 1)?)?;
        let named =
            |(&confidence, &class): (&f64, &i64)| Prediction::of(&card.classes[class as usize], confidence);
        Ok(confidences
            .chunks(shown)
            .zip(classes.chunks(shown))
            .map(|(confidences, classes)| confidences.iter().zip(classes).map(named).collect())
            .collect())
    }

    fn has_mosaic(_config: &TrainingConfig, _epoch: u32) -> bool {
        false
    }

    fn notes(&self, config: &TrainingConfig, shape: &Shape) -> Notes {
        let stem = match shape.name.split('_').next() {
            Some("convnext") => "4x4 stride 4",
            Some("efficientnet" | "mobilenetv3") if shape.has_small_stem() => "3x3 stride 1",
            Some("efficientnet" | "mobilenetv3") => "3x3 stride 2",
            _ if shape.has_small_stem() => "3x3 stride 1",
            _ => "7x7 stride 2",
        };
        let mut augmentation = augmentation_in_words(config.augmentation, config.image_size);
        let strength = Options::of(config).rand_augment;
        if strength > 0 {
            augmentation += &format!(", RandAugment of strength {strength}");
        }
        Notes::from([("augmentation".to_owned(), augmentation), ("stem".to_owned(), stem.to_owned())])
    }
}

impl Classify {
    fn loss(&self, logits: &Tensor, labels: &Tensor) -> Result<Tensor, TchError> {
        match &self.weights {
            None => cross_entropy(logits, labels, self.label_smoothing),
            Some(weights) => {
                let weights = weights.f_to_device(logits.device())?;
                weighted_cross_entropy(logits, labels, self.label_smoothing, &weights)
            }
        }
    }
}

fn augmentation_in_words(kind: Augmentation, side: u32) -> String {
    let others = "flip, colour jitter 20 %, erasing";
    match kind {
        Augmentation::None => "none".to_owned(),
        Augmentation::Light => format!("shift by up to {} pixels", side / 8),
        Augmentation::Standard if source_side(kind, side as usize) > side as usize => {
            format!("random window of 35-100 % area, {others}")
        }
        Augmentation::Standard => format!("shift by up to {} pixels, {others}", side / 8),
    }
}
