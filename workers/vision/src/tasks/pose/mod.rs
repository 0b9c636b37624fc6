//! Where the key points of objects are.

mod loss;
pub mod oks;

use std::sync::Arc;

use tch::{TchError, Tensor, no_grad};
use trainyard_data::manifest::{Header, Label};
use trainyard_events::card::Card;
use trainyard_events::config;

use crate::data::mask::{Outline, Segmented};
use crate::data::points::{Points, Posed};
use crate::metrics::average_precision::{ANSWERS, Found, Truth};
use crate::models::anchors::Anchors;
use crate::models::head::{PoseHead, RawBoxes, RawPoints};
use crate::predict::nms::Detection;
use crate::tasks::detect::loss::detection_loss;
use crate::tasks::find::{Find, bounds};
use trainyard_data::boxes::{Frame, LabelledBox, area};
use trainyard_data::object::{Object, Placement};
use trainyard_libtorch::Group;

use loss::{placed, pose_loss};
use oks::{Spreads, similarity};

/// COCO's number of poses.
pub const POSES: usize = 20;

pub struct Poses {
    spreads: Spreads,
}

impl Find for Poses {
    const TASK: config::Task = config::Task::Pose;
    const MEASURED: &'static [&'static str] =
        &["loss", "box_loss", "class_loss", "dfl_loss", "point_loss", "seen_loss"];
    const ANSWERS: usize = POSES;
    const DETAILED: usize = ANSWERS;
    const HAS_KEYPOINTS: bool = true;
    type Head = PoseHead;
    type Object = Posed;

    fn new(card: &Card) -> Self {
        Poses { spreads: Spreads::of(&card.keypoints) }
    }

    /// An object whose points nobody labelled has a box to be found by, and nothing to be wrong about.
    fn object(label: &Label, header: &Header) -> Option<Posed> {
        let bounds = bounds(label)?;
        let count = header.keypoints.as_ref().map_or(0, Vec::len);
        let points = label.keypoints.clone().unwrap_or_else(|| vec![[0.0; 3]; count]);
        let share = Outline::of(label).map_or(1.0, |outline| share_of(bounds, outline));
        Some(Posed { bounds, points, mirrored: header.mirrored.clone().map(Arc::from), share })
    }

    fn raw(output: &RawPoints) -> &RawBoxes {
        &output.boxes
    }

    fn losses(
        &self,
        output: &RawPoints,
        anchors: &Anchors,
        truth: &[Vec<Posed>],
        group: &Group,
    ) -> Result<Vec<Tensor>, TchError> {
        let loss = detection_loss(&output.boxes, anchors, truth, group)?;
        let poses = pose_loss(output, anchors, &loss.assigned, loss.learners, truth, &self.spreads)?;
        Ok(vec![loss.boxes, loss.classes, loss.dfl, poses.points, poses.seen])
    }

    fn shapes(
        &self,
        output: &RawPoints,
        anchors: &Anchors,
        image: usize,
        seen: &[Detection],
        frame: &Frame,
    ) -> Result<Vec<Points>, TchError> {
        let cells: Vec<i64> = seen.iter().map(|seen| seen.cell as i64).collect();
        let cells = Tensor::f_from_slice(&cells)?.f_to_device(output.points.device())?;
        let of = |values: &Tensor| values.f_index_select(0, &cells);
        let own = of(&output.points.f_get(image as i64)?)?;
        let (x, y, sure) = placed(&own, &of(&anchors.centres)?, &of(&anchors.strides)?)?;
        let numbers = no_grad(|| Tensor::f_stack(&[x, y, sure.f_sigmoid()?], 2)?.f_reshape([-1]))?;
        let numbers = Vec::<f32>::try_from(numbers)?;
        let count = self.spreads.0.len();
        let to_image = |&[x, y, sure]: &[f32; 3]| {
            let [x, y, ..] = frame.to_image([x, y, x, y]);
            [x, y, sure].map(f64::from)
        };
        let points: Vec<[f64; 3]> = numbers.as_chunks::<3>().0.iter().map(to_image).collect();
        Ok(points.chunks_exact(count).map(|points| Points::found(points.to_vec())).collect())
    }

    fn alike(&self, (_, answer): (&Found, &Points), (truth, points): (&Truth, &Points)) -> f64 {
        similarity(answer, truth, points, &self.spreads)
    }
}

/// How much of its box an outline fills.
fn share_of(bounds: LabelledBox, outline: Outline) -> f64 {
    let [_, _, right, bottom] = bounds.corners.map(|corner| corner.ceil().max(0.0) as u32);
    let object = Segmented { bounds, outline: Arc::new(outline), placement: Placement::STAY };
    let pixels = object.shape([right, bottom]).pixels() as f64;
    (pixels / f64::from(area(bounds.corners)).max(1.0)).clamp(f64::EPSILON, 1.0)
}
