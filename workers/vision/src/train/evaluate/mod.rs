//! Measures a model on images it does not learn from.

mod classify;
mod detect;

use trainyard_events::reason::{Cause, Doing};
use trainyard_events::results::Measurements;

use crate::data::loader::Loader;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::models::Model;
use crate::train::lesson::Lesson;
use crate::train::part::Part;
use trainyard_events::card::Preprocessing;

pub use classify::Classified;
pub use detect::Detected;

/// One pass over a split.
#[derive(Debug)]
pub struct Evaluation {
    /// With `loss` and the lesson's primary one.
    pub measurements: Measurements,
    pub detail: Detail,
}

#[derive(Debug)]
pub enum Detail {
    Classified(Classified),
    Detected(Detected),
}

/// How models are measured in one training.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    pub lesson: &'a Lesson,
    pub preprocessing: &'a Preprocessing,
    pub loader: &'a Loader,
    pub batch_size: usize,
    pub channels_last: bool,
    pub interrupt: &'a Interrupt,
}

impl Judge<'_> {
    /// `None` when interrupted on the way.
    pub fn evaluate(&self, model: &Model, part: &Part) -> Result<Option<Evaluation>, Failure> {
        match (self.lesson, part) {
            (Lesson::Classify { .. }, Part::Labelled(images)) => {
                classify::evaluate(self, model, part, images)
            }
            (Lesson::Detect { anchors }, Part::Scenes(scenes)) => {
                detect::evaluate(self, model, part, scenes, anchors)
            }
            _ => Err(Failure::internal(Doing::MeasureModel, Cause::OtherTask)),
        }
    }
}
