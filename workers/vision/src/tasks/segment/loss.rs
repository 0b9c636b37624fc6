//! The loss of masks (YOLACT, arXiv 1904.02689): of each cell that learns an object, cross entropy with the object's mask
//! within its box, as the mean over the cells of the mask there.

use std::collections::BTreeMap;

use tch::{Kind, TchError, Tensor};

use crate::data::mask::{Cells, Segmented};
use crate::loss::assign::Assigned;
use crate::models::anchors::Anchors;
use crate::models::head::{MASK_STRIDE, RawMasks};

/// The paper's weight of masks.
const GAIN: f64 = 6.125;

/// Of the cells that were given an object, `learners` in all shares of the batch. Image by image: what is held at once is a logit for each learning cell and
/// each place of one image.
pub fn mask_loss(
    raw: &RawMasks,
    anchors: &Anchors,
    assigned: &Assigned,
    learners: f64,
    truth: &[Vec<Segmented>],
) -> Result<Tensor, TchError> {
    let count = raw.prototypes.size()[3];
    let objects: Vec<&Segmented> = truth.iter().flatten().collect();
    let mut sum = Tensor::f_zeros([1], (Kind::Float, raw.prototypes.device()))?;
    for image in 0..truth.len() {
        let of_image = |at: &usize| assigned.rows[*at] as usize / anchors.count() == image;
        let learners: Vec<usize> = (0..assigned.rows.len()).filter(of_image).collect();
        let Wanted { places, inside, weights } = Wanted::of(&learners, assigned, &objects, count as usize);
        let here = |values: Tensor| values.f_to_device(raw.prototypes.device());
        let cells: Vec<i64> = learners.iter().map(|at| assigned.rows[*at] % anchors.count() as i64).collect();
        let cells = here(Tensor::f_from_slice(&cells)?)?;
        let coefficients = raw.coefficients.f_get(image as i64)?.f_index_select(0, &cells)?;
        let prototypes = raw.prototypes.f_get(image as i64)?.f_flatten(1, 2)?;
        let logits = coefficients.f_to_kind(Kind::Float)?.f_matmul(&prototypes.f_to_kind(Kind::Float)?)?;
        let logits = logits.f_reshape([-1])?.f_index_select(0, &here(Tensor::f_from_slice(&places)?)?)?;
        // Cross entropy of x with target t is softplus(x) - t x.
        let inside = here(Tensor::f_from_slice(&inside)?)?;
        let missed = logits.f_softplus()?.f_sub(&logits.f_mul(&inside)?)?;
        let missed = missed.f_mul(&here(Tensor::f_from_slice(&weights)?)?)?;
        sum = sum.f_add(&missed.f_sum(Kind::Float)?)?;
    }
    sum.f_sum(Kind::Float)?.f_mul_scalar(GAIN / learners)
}

/// What the learners of one image should say.
#[derive(Default)]
struct Wanted {
    /// `learner x cells of the mask + cell`, for the cells of each one's box.
    places: Vec<i64>,
    /// 1 inside of the object, 0 outside.
    inside: Vec<f32>,
    /// 1 over the cells of the box.
    weights: Vec<f32>,
}

impl Wanted {
    /// On masks of `count` cells a side.
    fn of(learners: &[usize], assigned: &Assigned, objects: &[&Segmented], count: usize) -> Wanted {
        let mut wanted = Wanted::default();
        let mut known: BTreeMap<usize, Cells> = BTreeMap::new();
        for (learner, at) in learners.iter().enumerate() {
            let of = assigned.of[*at];
            let cells = known.entry(of).or_insert_with(|| objects[of].cells(MASK_STRIDE as f64, count));
            for row in cells.rows.clone() {
                let start = learner * count * count + row * count;
                wanted.places.extend(cells.columns.clone().map(|column| (start + column) as i64));
            }
            wanted.inside.extend(cells.inside.iter().map(|inside| f32::from(u8::from(*inside))));
            let weight = 1.0 / cells.inside.len() as f32;
            wanted.weights.extend(std::iter::repeat_n(weight, cells.inside.len()));
        }
        wanted
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::data::mask::Outline;
    use crate::models::head::{PROTOTYPES, RawBoxes};
    use tch::Device;
    use trainyard_data::boxes::LabelledBox;
    use trainyard_data::object::Placement;

    const SIDE: i64 = 64;

    /// The left half of a box of 32 pixels.
    fn object() -> Segmented {
        let ring = vec![[16.0, 16.0], [32.0, 16.0], [32.0, 48.0], [16.0, 48.0]];
        Segmented {
            bounds: LabelledBox { class: 0, corners: [16.0, 16.0, 48.0, 48.0], crowd: false },
            outline: Arc::new(Outline::Rings(vec![ring])),
            placement: Placement::STAY,
        }
    }

    /// The first prototype is `left` in the left half of the image and `right` in the other, and outside of the box
    /// whatever; every cell takes it as it is.
    fn raw(images: i64, left: f64, right: f64) -> RawMasks {
        let anchors = Anchors::new(SIDE as u32, Device::Cpu).unwrap().count() as i64;
        let float = (Kind::Float, Device::Cpu);
        let prototypes = Tensor::zeros([images, PROTOTYPES, 16, 16], float);
        let _ = prototypes.narrow(1, 0, 1).narrow(3, 0, 8).fill_(left);
        let _ = prototypes.narrow(1, 0, 1).narrow(3, 8, 8).fill_(right);
        let coefficients = Tensor::zeros([images, anchors, PROTOTYPES], float);
        let _ = coefficients.narrow(2, 0, 1).fill_(1.0);
        let (bins, classes) = (Tensor::zeros([1], float), Tensor::zeros([1], float));
        RawMasks {
            boxes: RawBoxes { bins, classes },
            coefficients: coefficients.set_requires_grad(true),
            prototypes: prototypes.set_requires_grad(true),
        }
    }

    fn loss(raw: &RawMasks, rows: &[i64], truth: &[Vec<Segmented>]) -> Tensor {
        let anchors = Anchors::new(SIDE as u32, Device::Cpu).unwrap();
        let assigned = Assigned { rows: rows.to_vec(), of: vec![0; rows.len()], ..Assigned::default() };
        mask_loss(raw, &anchors, &assigned, rows.len().max(1) as f64, truth).unwrap()
    }

    #[test]
    fn by_hand() {
        let truth = [vec![object()]];
        let of = |left, right| loss(&raw(1, left, right), &[10, 11], &truth).double_value(&[]);
        assert!((of(0.0, 0.0) - GAIN * 2f64.ln()).abs() < 1e-5, "nothing known");
        assert!(of(20.0, -20.0) < 1e-6, "all known");
        assert!((of(-4.0, 4.0) - GAIN * (4.0 + (1.0 + (-4f64).exp()).ln())).abs() < 1e-4, "all wrong");
    }

    #[test]
    fn gradients_flow_even_where_nothing_is() {
        let truth = [vec![], vec![object()]];
        let anchors = Anchors::new(SIDE as u32, Device::Cpu).unwrap();
        for rows in [vec![], vec![anchors.count() as i64 + 10]] {
            let raw = raw(2, 0.5, 0.5);
            let loss = loss(&raw, &rows, &truth);
            let inputs = [&raw.coefficients, &raw.prototypes];
            let gradients = Tensor::f_run_backward(&[loss], &inputs, false, false).unwrap();
            let largest = gradients.iter().map(|gradient| gradient.abs().max().double_value(&[]));
            assert_eq!(largest.filter(|largest| *largest > 0.0).count(), 2 * rows.len());
        }
    }
}
