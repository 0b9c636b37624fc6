//! Measures a model on images it does not learn from.

use trainyard_events::card::Preprocessing;
use trainyard_events::results::Measurements;

use crate::data::loader::{Loader, evaluation_plan};
use crate::data::lot::Lots;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::models::Model;
use crate::tasks::{LabelOf, Part, Task};

/// One pass over a split.
#[derive(Debug)]
pub struct Evaluation<S> {
    /// With `loss` and the task's primary one.
    pub measurements: Measurements,
    pub seen: S,
}

/// How models are measured in one training.
pub struct Judge<'a, T> {
    pub task: &'a T,
    pub preprocessing: &'a Preprocessing,
    pub loader: &'a Loader,
    pub batch_size: usize,
    pub channels_last: bool,
    pub interrupt: &'a Interrupt,
}

impl<T: Task> Judge<'_, T> {
    /// `None` when interrupted on the way.
    pub fn evaluate(
        &self,
        model: &Model<T::Network>,
        part: &T::Part,
    ) -> Result<Option<Evaluation<T::Seen>>, Failure> {
        T::measure(self, model, part)
    }

    /// Every image once, in order.
    pub fn lots(&self, part: &T::Part) -> Lots<LabelOf<T>> {
        let side = self.preprocessing.image_size as usize;
        part.batches(self.loader, side, evaluation_plan(part.len(), self.batch_size), None)
    }
}
