//! The loss of a detector: every cell's classes, and the boxes of the cells that were given one.

use tch::{Kind, TchError, Tensor, no_grad};

use crate::loss::assign::{Assigned, assign};
use crate::loss::ciou::ciou;
use crate::loss::dfl::distribution_focal_loss;
use crate::models::anchors::{Anchors, corners, distances};
use crate::models::head::RawBoxes;
use trainyard_data::object::Object;
use trainyard_libtorch::Group;

const BOX_GAIN: f64 = 7.5;
const CLASS_GAIN: f64 = 0.5;
const DFL_GAIN: f64 = 1.5;

/// The parts of the loss, each with its gain; scalars for a batch of any size.
#[derive(Debug)]
pub struct DetectionLoss {
    /// Complete IoU.
    pub boxes: Tensor,
    /// Binary cross entropy.
    pub classes: Tensor,
    /// Distribution focal loss.
    pub dfl: Tensor,
    pub assigned: Assigned,
    /// Cells that were given a box, in all shares of the batch; 1 where none was.
    pub learners: f64,
}

/// `truth` is by image, in pixels of the square that `anchors` are for; the parts add up over the shares of `group`. Computed in
/// 32-bit floats.
pub fn detection_loss<O: Object>(
    raw: &RawBoxes,
    anchors: &Anchors,
    truth: &[Vec<O>],
    group: &Group,
) -> Result<DetectionLoss, TchError> {
    let (bins, classes) = (raw.bins.f_to_kind(Kind::Float)?, raw.classes.f_to_kind(Kind::Float)?);
    let now = no_grad(|| corners(&distances(&bins)?, &anchors.centres, &anchors.strides))?;
    let assigned = assign(anchors, &now, &classes, truth)?;

    let device = bins.device();
    let rows = Tensor::f_from_slice(&assigned.rows)?.f_to_device(device)?;
    let cells = rows.f_remainder(anchors.count() as i64)?;
    let scores = Tensor::f_from_slice(&assigned.scores)?.f_to_device(device)?;
    let targets = Tensor::f_from_slice(&assigned.corners)?.f_view([-1, 4])?.f_to_device(device)?;
    let of_class = Tensor::f_from_slice(&assigned.classes)?.f_to_device(device)?;
    let centres = anchors.centres.f_index_select(0, &cells)?;
    let strides = anchors.strides.f_index_select(0, &cells)?;
    let sum = assigned.scores.iter().map(|&score| f64::from(score)).sum();
    let [sum, learners] = group.totals([sum, assigned.rows.len() as f64])?.map(|total| total.max(1.0));
    let weighted =
        |loss: Tensor, gain: f64| loss.f_mul(&scores)?.f_sum(Kind::Float)?.f_mul_scalar(gain / sum);

    let own = bins.f_view([-1, bins.size()[2]])?.f_index_select(0, &rows)?;
    let found = corners(&distances(&own)?, &centres, &strides)?;
    let boxes = weighted(ciou(&found, &targets)?.f_neg()?.f_add_scalar(1.0)?, BOX_GAIN)?;

    let near = centres.f_sub(&targets.f_narrow(1, 0, 2)?)?;
    let far = targets.f_narrow(1, 2, 2)?.f_sub(&centres)?;
    let reach = Tensor::f_cat(&[near, far], 1)?.f_div(&strides)?;
    let dfl = weighted(distribution_focal_loss(&own, &reach)?, DFL_GAIN)?;

    // Cross entropy of x with target t is softplus(x) - t x, and nearly all targets are 0.
    let at = rows.f_mul_scalar(classes.size()[2])?.f_add(&of_class)?;
    let chosen = classes.f_reshape([-1])?.f_index_select(0, &at)?;
    let rest = classes.f_softplus()?.f_sum(Kind::Float)?;
    let classes = rest.f_sub(&chosen.f_mul(&scores)?.f_sum(Kind::Float)?)?.f_mul_scalar(CLASS_GAIN / sum)?;
    Ok(DetectionLoss { boxes, classes, dfl, assigned, learners })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Device;
    use trainyard_data::boxes::LabelledBox;

    const SIDE: u32 = 64;

    /// Bins by which every cell inside `truth` is sure of it; ten of them, too, that it is of class 1.
    fn knowing(anchors: &Anchors, truth: [f32; 4]) -> RawBoxes {
        let count = anchors.count();
        let mut bins = vec![0f32; count * 64];
        let mut classes = vec![-9f32; count * 2];
        let centres: Vec<f32> = anchors.centres.flatten(0, -1).try_into().unwrap();
        let strides: Vec<f32> = anchors.strides.flatten(0, -1).try_into().unwrap();
        for (order, cell) in anchors.inside(truth).enumerate() {
            let (x, y) = (centres[2 * cell], centres[2 * cell + 1]);
            for (side, far) in
                [x - truth[0], y - truth[1], truth[2] - x, truth[3] - y].into_iter().enumerate()
            {
                let reach = far / strides[cell];
                let (bin, part) = (reach as usize, reach.fract());
                let row = &mut bins[cell * 64 + side * 16..][..16];
                row.fill(-30.0);
                (row[bin], row[bin + 1]) = ((1.0 - part).max(1e-9).ln(), part.max(1e-9).ln());
            }
            if order < 10 {
                classes[cell * 2 + 1] = 9.0;
            }
        }
        let shaped = |values: &[f32], last| {
            Tensor::from_slice(values).view([1, count as i64, last]).set_requires_grad(true)
        };
        RawBoxes { bins: shaped(&bins, 64), classes: shaped(&classes, 2) }
    }

    fn parts(loss: &DetectionLoss) -> [f64; 3] {
        [&loss.boxes, &loss.classes, &loss.dfl].map(|part| part.double_value(&[]))
    }

    #[test]
    fn who_knows_loses_little_and_who_errs_loses_more() {
        let anchors = Anchors::new(SIDE, Device::Cpu).unwrap();
        let truth = [8.0f32, 12.0, 40.0, 44.0];
        let labelled = |class| vec![vec![LabelledBox { class, corners: truth, crowd: false }]];
        let raw = knowing(&anchors, truth);
        let [boxes, classes, _] =
            parts(&detection_loss(&raw, &anchors, &labelled(1), &Group::alone()).unwrap());
        assert!(boxes < 1e-3 && classes < 0.1, "{boxes} {classes}");
        let [_, wrong, _] = parts(&detection_loss(&raw, &anchors, &labelled(0), &Group::alone()).unwrap());
        assert!(wrong > 5.0, "{wrong}");
    }

    #[test]
    fn an_image_without_boxes_still_teaches_and_every_logit_has_a_gradient() {
        let anchors = Anchors::new(SIDE, Device::Cpu).unwrap();
        let raw = knowing(&anchors, [8.0, 12.0, 40.0, 44.0]);
        let loss = detection_loss::<LabelledBox>(&raw, &anchors, &[vec![]], &Group::alone()).unwrap();
        let [boxes, classes, dfl] = parts(&loss);
        assert_eq!((boxes, dfl), (0.0, 0.0));
        assert!(classes > 1.0, "{classes}");
        let total = &loss.boxes + &loss.classes + &loss.dfl;
        let gradients = Tensor::f_run_backward(&[total], &[&raw.bins, &raw.classes], false, false).unwrap();
        assert!(gradients.iter().all(Tensor::defined));
        assert_eq!(gradients[0].abs().max().double_value(&[]), 0.0);
    }
}
