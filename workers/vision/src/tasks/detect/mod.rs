//! Where objects are, as boxes.

pub mod loss;

use tch::{TchError, Tensor};
use trainyard_data::manifest::{Header, Label};
use trainyard_events::card::Card;
use trainyard_events::config;

use crate::metrics::average_precision::{ANSWERS, Found, Truth, overlap};
use crate::models::anchors::Anchors;
use crate::models::head::{DetectHead, RawBoxes};
use crate::predict::nms::Detection;
use crate::tasks::find::{Find, bounds};
use trainyard_data::boxes::{Frame, LabelledBox};
use trainyard_libtorch::Group;

use loss::detection_loss;

pub struct Boxes;

impl Find for Boxes {
    const TASK: config::Task = config::Task::Detect;
    const MEASURED: &'static [&'static str] = &["loss", "box_loss", "class_loss", "dfl_loss"];
    const ANSWERS: usize = ANSWERS;
    const DETAILED: usize = usize::MAX;
    const IS_MORE_THAN_BOXES: bool = false;
    type Head = DetectHead;
    type Object = LabelledBox;

    fn new(_card: &Card) -> Self {
        Boxes
    }

    fn object(label: &Label, _header: &Header) -> Option<LabelledBox> {
        bounds(label)
    }

    fn raw(output: &RawBoxes) -> &RawBoxes {
        output
    }

    fn losses(
        &self,
        output: &RawBoxes,
        anchors: &Anchors,
        truth: &[Vec<LabelledBox>],
        group: &Group,
    ) -> Result<Vec<Tensor>, TchError> {
        let loss = detection_loss(output, anchors, truth, group)?;
        Ok(vec![loss.boxes, loss.classes, loss.dfl])
    }

    fn shapes(
        &self,
        _output: &RawBoxes,
        _anchors: &Anchors,
        _image: usize,
        seen: &[Detection],
        _frame: &Frame,
    ) -> Result<Vec<()>, TchError> {
        Ok(vec![(); seen.len()])
    }

    fn alike(&self, (answer, ()): (&Found, &()), (truth, ()): (&Truth, &())) -> f64 {
        overlap(answer, truth)
    }
}
