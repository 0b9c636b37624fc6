//! Complete IoU (arXiv 1911.08287): overlap, less the distance of the centres, less the difference of the shapes.

use std::f64::consts::PI;

use tch::{TchError, Tensor};

const EPSILON: f64 = 1e-7;

/// Of pairs of boxes `[.., 4]`, corners x1, y1, x2, y2: `[..]`, 1 where they are equal, down to about -1.5.
pub fn ciou(found: &Tensor, truth: &Tensor) -> Result<Tensor, TchError> {
    let side = |boxes: &Tensor, at: i64| boxes.f_select(-1, at);
    let [x1, y1, x2, y2] = [side(found, 0)?, side(found, 1)?, side(found, 2)?, side(found, 3)?];
    let [u1, v1, u2, v2] = [side(truth, 0)?, side(truth, 1)?, side(truth, 2)?, side(truth, 3)?];
    let (width, height) = (x2.f_sub(&x1)?, y2.f_sub(&y1)?.f_add_scalar(EPSILON)?);
    let (true_width, true_height) = (u2.f_sub(&u1)?, v2.f_sub(&v1)?.f_add_scalar(EPSILON)?);

    let common = |low: (&Tensor, &Tensor), high: (&Tensor, &Tensor)| {
        high.0.f_minimum(high.1)?.f_sub(&low.0.f_maximum(low.1)?)?.f_clamp_min(0.0)
    };
    let overlap = common((&x1, &u1), (&x2, &u2))?.f_mul(&common((&y1, &v1), (&y2, &v2))?)?;
    let areas = width.f_mul(&height)?.f_add(&true_width.f_mul(&true_height)?)?;
    let iou = overlap.f_div(&areas.f_sub(&overlap)?.f_add_scalar(EPSILON)?)?;

    let hull_width = x2.f_maximum(&u2)?.f_sub(&x1.f_minimum(&u1)?)?;
    let hull_height = y2.f_maximum(&v2)?.f_sub(&y1.f_minimum(&v1)?)?;
    let diagonal = hull_width.f_square()?.f_add(&hull_height.f_square()?)?.f_add_scalar(EPSILON)?;
    let apart = |a: (&Tensor, &Tensor), b: (&Tensor, &Tensor)| {
        b.0.f_add(b.1)?.f_sub(a.0)?.f_sub(a.1)?.f_square()?.f_div_scalar(4.0)
    };
    let distance = apart((&x1, &x2), (&u1, &u2))?.f_add(&apart((&y1, &y2), (&v1, &v2))?)?;

    let slope = |width: &Tensor, height: &Tensor| width.f_div(height)?.f_atan();
    let shape = slope(&true_width, &true_height)?.f_sub(&slope(&width, &height)?)?;
    let shape = shape.f_square()?.f_mul_scalar(4.0 / (PI * PI))?;
    // The weight of the shape is no function to differentiate: equation 11 of the paper and the text after it.
    let (iou_now, shape_now) = (iou.f_detach()?, shape.f_detach()?);
    let weight = shape_now.f_div(&shape_now.f_sub(&iou_now)?.f_add_scalar(1.0 + EPSILON)?)?;
    iou.f_sub(&distance.f_div(&diagonal)?)?.f_sub(&shape.f_mul(&weight)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(one: [f64; 4], other: [f64; 4]) -> f64 {
        let boxes = |corners: [f64; 4]| Tensor::from_slice(&corners).view([1, 4]);
        ciou(&boxes(one), &boxes(other)).unwrap().double_value(&[0])
    }

    #[test]
    fn by_hand() {
        assert!((of([1.0, 2.0, 5.0, 9.0], [1.0, 2.0, 5.0, 9.0]) - 1.0).abs() < 1e-6);
        // Squares of 2 moved by 1: IoU 2/6; centres 1 apart, hull 3 x 2.
        let moved = of([0.0, 0.0, 2.0, 2.0], [1.0, 0.0, 3.0, 2.0]);
        assert!((moved - (1.0 / 3.0 - 1.0 / 13.0)).abs() < 1e-6, "{moved}");
        // Same centre, 4 x 1 in 4 x 4: IoU 1/4, shapes differ.
        let v = 4.0 / (PI * PI) * (1f64.atan() - 4f64.atan()).powi(2);
        let thin = of([0.0, 1.5, 4.0, 2.5], [0.0, 0.0, 4.0, 4.0]);
        assert!((thin - (0.25 - v * v / (1.0 - 0.25 + v))).abs() < 1e-6, "{thin}");
        // Far apart there is still somewhere to go.
        assert!(of([0.0, 0.0, 1.0, 1.0], [50.0, 0.0, 51.0, 1.0]) < -0.9);
    }

    #[test]
    fn boxes_without_area_have_a_finite_gradient() {
        let found = Tensor::from_slice(&[3.0f32, 3.0, 3.0, 3.0]).view([1, 4]).set_requires_grad(true);
        let truth = Tensor::from_slice(&[3.0f32, 3.0, 3.0, 3.0]).view([1, 4]);
        ciou(&found, &truth).unwrap().sum(tch::Kind::Float).backward();
        assert!(bool::try_from(found.grad().isfinite().all()).unwrap(), "{:?}", found.grad());
    }
}
