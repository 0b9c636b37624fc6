//! The loss of key points (YOLO-Pose, arXiv 2204.06806): what is missing to an object key point similarity of 1, and cross
//! entropy on whether a point is labelled. The similarity of a point that is far off is 0 wherever it goes, so the logarithm of
//! how far it is leads it back.

use tch::{Kind, TchError, Tensor};

use super::oks::Spreads;
use crate::data::points::Posed;
use crate::loss::assign::Assigned;
use crate::models::anchors::Anchors;
use crate::models::head::{POINT, RawPoints};

const POINT_GAIN: f64 = 12.0;
const SEEN_GAIN: f64 = 1.0;
/// The logarithm's part beside what is missing to the similarity.
const FAR_GAIN: f64 = 0.2;
/// Square pixels: no object is taken for smaller.
const AREA_LEAST: f64 = 1.0;

pub struct PoseLoss {
    pub points: Tensor,
    pub seen: Tensor,
}

/// Of cells `[K, 3 x points]`: x and y in pixels `[K, points]`, and the logit of being seen.
pub fn placed(
    points: &Tensor,
    centres: &Tensor,
    strides: &Tensor,
) -> Result<(Tensor, Tensor, Tensor), TchError> {
    let points = points.f_reshape([points.size()[0], points.size()[1] / POINT, POINT])?;
    let corner = centres.f_sub(&strides.f_mul_scalar(0.5)?)?;
    let axis = |axis: i64| -> Result<Tensor, TchError> {
        let far = points.f_select(2, axis)?.f_mul_scalar(2.0)?.f_mul(strides)?;
        far.f_add(&corner.f_narrow(1, axis, 1)?)
    };
    Ok((axis(0)?, axis(1)?, points.f_select(2, 2)?))
}

/// Of the cells that were given an object, as means over them, `learners` in all shares of the batch. Computed in 32-bit floats.
pub fn pose_loss(
    raw: &RawPoints,
    anchors: &Anchors,
    assigned: &Assigned,
    learners: f64,
    truth: &[Vec<Posed>],
    spreads: &Spreads,
) -> Result<PoseLoss, TchError> {
    let objects: Vec<&Posed> = truth.iter().flatten().collect();
    let learned = || assigned.of.iter().map(|of| objects[*of]);
    let here = |values: Vec<f32>, width: i64| {
        Tensor::f_from_slice(&values)?.f_view([-1, width])?.f_to_device(raw.points.device())
    };
    let count = spreads.0.len() as i64;
    let number = |at: usize| learned().flat_map(move |posed| posed.points.iter().map(move |p| p[at] as f32));
    let labelled = |label: f32| f32::from(u8::from(label > 0.0));
    let is_seen = here(number(2).map(labelled).collect(), count)?;
    let (true_x, true_y) = (here(number(0).collect(), count)?, here(number(1).collect(), count)?);
    let area = here(learned().map(|posed| posed.area().max(AREA_LEAST) as f32).collect(), 1)?;
    let variances = here(spreads.variances().map(|variance| variance as f32).collect(), count)?;

    let rows = Tensor::f_from_slice(&assigned.rows)?.f_to_device(raw.points.device())?;
    let cells = rows.f_remainder(anchors.count() as i64)?;
    let own = raw.points.f_reshape([-1, raw.points.size()[2]])?.f_index_select(0, &rows)?;
    let centres = anchors.centres.f_index_select(0, &cells)?;
    let strides = anchors.strides.f_index_select(0, &cells)?;
    let (x, y, seen) = placed(&own.f_to_kind(Kind::Float)?, &centres, &strides)?;

    let far = x.f_sub(&true_x)?.f_square()?.f_add(&y.f_sub(&true_y)?.f_square()?)?;
    let far = far.f_div(&area.f_mul(&variances)?.f_mul_scalar(2.0)?)?;
    let missing = far.f_neg()?.f_exp()?.f_neg()?.f_add_scalar(1.0)?;
    let missing = missing.f_add(&far.f_log1p()?.f_mul_scalar(FAR_GAIN)?)?.f_mul(&is_seen)?;
    let points = is_seen.f_sum_dim_intlist([1i64].as_slice(), false, Kind::Float)?.f_clamp_min(1.0)?;
    let missing = missing.f_sum_dim_intlist([1i64].as_slice(), false, Kind::Float)?.f_div(&points)?;
    // Cross entropy of x with target t is softplus(x) - t x.
    let unsure = seen.f_softplus()?.f_sub(&seen.f_mul(&is_seen)?)?;
    Ok(PoseLoss {
        points: missing.f_sum(Kind::Float)?.f_mul_scalar(POINT_GAIN / learners)?,
        seen: unsure.f_sum(Kind::Float)?.f_mul_scalar(SEEN_GAIN / (learners * count as f64))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::head::RawBoxes;
    use tch::Device;
    use trainyard_data::boxes::LabelledBox;

    fn spreads() -> Spreads {
        Spreads::of(&["a", "b", "c"].map(str::to_owned))
    }

    fn object() -> Posed {
        Posed {
            bounds: LabelledBox { class: 0, corners: [0.0, 0.0, 40.0, 40.0], crowd: false },
            points: vec![[12.0, 20.0, 2.0], [28.0, 4.0, 1.0], [0.0, 0.0, 0.0]],
            mirrored: None,
            share: 1.0,
        }
    }

    /// Every cell says the same of three points.
    fn raw(numbers: [f32; 9]) -> (RawPoints, Anchors) {
        let anchors = Anchors::new(64, Device::Cpu).unwrap();
        let points = Tensor::from_slice(&numbers.repeat(anchors.count()));
        let points = points.view([1, anchors.count() as i64, 9]).set_requires_grad(true);
        let none = || Tensor::zeros([1], (Kind::Float, Device::Cpu));
        (RawPoints { boxes: RawBoxes { bins: none(), classes: none() }, points }, anchors)
    }

    fn loss(raw: &RawPoints, anchors: &Anchors, rows: &[i64]) -> PoseLoss {
        let assigned = Assigned { rows: rows.to_vec(), of: vec![0; rows.len()], ..Assigned::default() };
        pose_loss(raw, anchors, &assigned, rows.len().max(1) as f64, &[vec![object()]], &spreads()).unwrap()
    }

    #[test]
    fn by_hand() {
        // Cell 9 has its corner at (8, 8) and a stride of 8: 0.25 is 4 pixels, 0.75 is 12.
        let (raw, anchors) = raw([0.25, 0.75, 30.0, 1.25, -0.25, 30.0, 9.0, 9.0, -30.0]);
        let known = loss(&raw, &anchors, &[9]);
        assert!(known.points.double_value(&[]).abs() < 1e-6 && known.seen.double_value(&[]).abs() < 1e-6);
        // From the cell beside it both labelled points are 8 pixels off.
        let beside = loss(&raw, &anchors, &[10]).points.double_value(&[]);
        let variance = spreads().variances().next().unwrap();
        let far = 64.0 / (2.0 * 1600.0 * variance);
        let expected = POINT_GAIN * (1.0 - (-far).exp() + FAR_GAIN * far.ln_1p());
        assert!((beside - expected).abs() < 1e-4, "{beside} {expected}");
    }

    #[test]
    fn gradients_flow_even_where_nothing_is() {
        for rows in [vec![], vec![10, 11]] {
            let (raw, anchors) = raw([0.2; 9]);
            let loss = loss(&raw, &anchors, &rows);
            let total = loss.points + loss.seen;
            let gradient = Tensor::f_run_backward(&[total], &[&raw.points], false, false).unwrap().remove(0);
            assert_eq!(gradient.abs().max().double_value(&[]) > 0.0, !rows.is_empty());
            assert!(bool::try_from(gradient.isfinite().all()).unwrap());
        }
    }
}
