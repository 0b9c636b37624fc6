//! What the tasks have in common that find objects with a YOLO: cells that say boxes, and what belongs to a box.

mod measure;
mod part;
mod report;

use std::sync::Arc;

use tch::{Device, Kind, TchError, Tensor, no_grad};
use trainyard_data::manifest::{Header, Image, Label};
use trainyard_events::card::Card;
use trainyard_events::config::{self, Augmentation, Resize, TrainingConfig};
use trainyard_events::prediction::Prediction;
use trainyard_events::reason::{Advice, Trouble};
use trainyard_events::trainer::TrainerSpec;

use crate::data::loader::Loader;
use crate::data::scenes::Scenes;
use crate::failure::Failure;
use crate::metrics::average_precision::{Found, Truth};
use crate::models::anchors::{Anchors, COARSEST};
use crate::models::head::{Head, RawBoxes};
use crate::models::yolo11::Yolo11;
use crate::models::{Model, Shape as NetworkShape};
use crate::optim::ema::Decay;
use crate::predict::Prepared;
use crate::predict::nms::{Detection, PREDICT, detections};
use crate::tasks::{Account, Evaluation, Judge, Learnt, Recipe, Share, Splits, Task};
use crate::train::setup::Notes;
use trainyard_data::boxes::{Frame, LabelledBox};
use trainyard_data::object::{Object, Shape};
use trainyard_libtorch::Group;

use measure::Seen;

/// Gradients are shortened to this norm.
const GRADIENT_NORM: f64 = 10.0;
/// Images of a step that published learning rates are meant for.
const NOMINAL_BATCH: usize = 64;
/// Epochs at the end that are spent on whole images, and the part of a short training.
const CLOSING_EPOCHS: u32 = 10;
const CLOSING_SHARE: f64 = 0.2;

pub type ShapeOf<F> = <<F as Find>::Object as Object>::Shape;
pub type ScenesOf<F> = Arc<Scenes<<F as Find>::Object>>;
pub type Raw<F> = <<F as Find>::Head as Head>::Output;

/// What tells the tasks apart that find objects.
pub trait Find: Sized + Sync + 'static {
    const TASK: config::Task;
    /// The whole loss, then what [`Find::losses`] gives.
    const MEASURED: &'static [&'static str];
    /// Answers that count for each image and class.
    const ANSWERS: usize;
    /// Answers of an image that are measured, whatever their class.
    const DETAILED: usize;
    const HAS_KEYPOINTS: bool = false;
    /// Whether boxes are measured beside what the task is about.
    const IS_MORE_THAN_BOXES: bool = true;
    type Head: Head;
    type Object: Object;

    fn new(card: &Card) -> Self;

    /// `None` for a label that is none of such an object.
    fn object(label: &Label, header: &Header) -> Option<Self::Object>;

    fn raw(output: &Raw<Self>) -> &RawBoxes;

    /// The parts of the loss, each with its gain; scalars for a batch of any size, which add up over a group. Training
    /// minimises their sum times the number of images.
    fn losses(
        &self,
        output: &Raw<Self>,
        anchors: &Anchors,
        truth: &[Vec<Self::Object>],
        group: &Group,
    ) -> Result<Vec<Tensor>, TchError>;

    /// Of what is seen in one image of a batch, in pixels of that image.
    fn shapes(
        &self,
        output: &Raw<Self>,
        anchors: &Anchors,
        image: usize,
        seen: &[Detection],
        frame: &Frame,
    ) -> Result<Vec<ShapeOf<Self>>, TchError>;

    /// How alike an answer and a truth are, 0 to 1.
    fn alike(&self, answer: (&Found, &ShapeOf<Self>), truth: (&Truth, &ShapeOf<Self>)) -> f64;
}

/// The box of a label.
pub fn bounds(label: &Label) -> Option<LabelledBox> {
    let [x, y, width, height] = label.bounds?;
    let corners = [x, y, x + width, y + height].map(|side| side as f32);
    Some(LabelledBox { class: label.class, corners, crowd: label.crowd })
}

pub struct Finder<F> {
    anchors: Anchors,
    kind: F,
}

impl<F: Find> Task for Finder<F> {
    const TASK: config::Task = F::TASK;
    const RECIPE: Recipe = Recipe {
        gradient_norm: Some(GRADIENT_NORM),
        decay: Decay::Detector,
        nominal_batch: Some(NOMINAL_BATCH),
        // By a tenth when it learns, and by half when it does not.
        channels_last: true,
        follows_weights: false,
        has_keypoints: F::HAS_KEYPOINTS,
    };
    const PRIMARY: &'static str = "ap50_95";
    const MEASURED: &'static [&'static str] = F::MEASURED;
    type Network = Yolo11<F::Head>;
    type Part = ScenesOf<F>;
    type Seen = Seen<ShapeOf<F>>;

    fn check(config: &TrainingConfig) -> Result<(), Failure> {
        let image_size = config.image_size;
        if !image_size.is_multiple_of(COARSEST) {
            let above = image_size.next_multiple_of(COARSEST);
            let sizes = [above - COARSEST, above].into_iter().filter(|size| *size > 0).collect();
            let because = Trouble::NotInCells { image_size, cells: COARSEST };
            return Err(Failure::config(because, Advice::SetImageSize { sizes }));
        }
        if config.resize != Resize::Letterbox {
            return Err(Failure::config(Trouble::NotWholeImages, Advice::SetLetterbox));
        }
        Ok(())
    }

    fn open(
        spec: &TrainerSpec,
        images: &[Image],
        header: &Header,
        _loader: &Loader,
        notes: &mut Notes,
    ) -> Result<Splits<ScenesOf<F>>, Failure> {
        part::open::<F>(spec, images, header, notes)
    }

    fn new(card: &Card, device: Device) -> Result<Self, TchError> {
        Ok(Finder { anchors: Anchors::new(card.preprocessing.image_size, device)?, kind: F::new(card) })
    }

    fn learn(&self, output: &Raw<F>, truth: &[Vec<F::Object>], share: Share) -> Result<Learnt, Failure> {
        let [images] = share.group.totals([truth.len() as f64])?;
        let mut parts = self.kind.losses(output, &self.anchors, truth, share.group)?;
        let mut total = parts[0].shallow_clone();
        for part in &parts[1..] {
            total = total.f_add(part)?;
        }
        parts.insert(0, total.shallow_clone());
        let sums = no_grad(|| Tensor::f_stack(&parts, 0)?.f_to_kind(Kind::Double)?.f_mul_scalar(images))?;
        Ok(Learnt { loss: total.f_mul_scalar(images)?, sums })
    }

    fn measure(
        judge: &Judge<Self>,
        model: &Model<Yolo11<F::Head>>,
        part: &ScenesOf<F>,
    ) -> Result<Option<Evaluation<Seen<ShapeOf<F>>>>, Failure> {
        measure::measure(judge, model, part)
    }

    fn account(classes: &[String], part: &ScenesOf<F>, seen: &Seen<ShapeOf<F>>) -> Account {
        report::account(classes, part, seen)
    }

    fn sheet(part: &ScenesOf<F>, seen: &Seen<ShapeOf<F>>) -> Result<Vec<u8>, Failure> {
        report::sheet(part, seen)
    }

    /// In pixels of the images.
    fn answers(
        &self,
        output: &Raw<F>,
        card: &Card,
        images: &[Prepared],
    ) -> Result<Vec<Vec<Prediction>>, TchError> {
        let side = card.preprocessing.image_size;
        let found = detections(F::raw(output), &self.anchors, PREDICT)?;
        let of_image = |(at, (found, image)): (usize, (Vec<Detection>, &Prepared))| {
            let frame = Frame::of(image.width, image.height, side);
            let shapes = self.kind.shapes(output, &self.anchors, at, &found, &frame)?;
            let told = found.iter().zip(&shapes).map(|(found, shape)| {
                shape.told(Prediction {
                    bbox: Some(frame.to_image(found.corners).map(f64::from)),
                    ..Prediction::of(&card.classes[found.class], f64::from(found.score))
                })
            });
            Ok(told.collect())
        };
        found.into_iter().zip(images).enumerate().map(of_image).collect()
    }

    fn has_mosaic(config: &TrainingConfig, epoch: u32) -> bool {
        config.augmentation == Augmentation::Standard
            && epoch + closing_epochs(config.epochs) <= config.epochs
    }

    fn notes(&self, config: &TrainingConfig, _shape: &NetworkShape) -> Notes {
        let augmentation = match config.augmentation {
            Augmentation::None => "none",
            Augmentation::Light => "shift up to 10 %, scale up to 50 %",
            Augmentation::Standard => "mosaic, shift up to 10 %, scale up to 50 %, HSV .015/.7/.4, flip",
        };
        let last = closing_epochs(config.epochs);
        let mosaic = if Self::has_mosaic(config, 1) {
            format!("until epoch {}, off for the last {last}", config.epochs - last)
        } else {
            "off".to_owned()
        };
        let notes = [
            ("augmentation", augmentation.to_owned()),
            ("mosaic", mosaic),
            ("gradient_norm", format!("at most {GRADIENT_NORM}")),
            ("cells", self.anchors.count().to_string()),
        ];
        notes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// [`CLOSING_EPOCHS`], or [`CLOSING_SHARE`] of a training that has few.
fn closing_epochs(epochs: u32) -> u32 {
    CLOSING_EPOCHS.min((f64::from(epochs) * CLOSING_SHARE).ceil() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::classify::Classify;
    use crate::tasks::detect::Boxes;
    use crate::train::tests::config;

    #[test]
    fn mosaic_ends_before_the_training_does() {
        let with = |epochs, augmentation| TrainingConfig { epochs, augmentation, ..config() };
        for (epochs, last_with) in [(100, 90), (20, 16), (5, 4), (2, 1), (1, 0)] {
            let config = with(epochs, Augmentation::Standard);
            let found = (1..=epochs).filter(|&epoch| Finder::<Boxes>::has_mosaic(&config, epoch)).max();
            assert_eq!(found.unwrap_or(0), last_with, "of {epochs}");
        }
        assert!(!Finder::<Boxes>::has_mosaic(&with(100, Augmentation::Light), 1));
        assert!(!Classify::has_mosaic(&with(100, Augmentation::Standard), 1));
    }
}
