//! Object key point similarity, as COCO defines it: how near points are to where they should be, in parts of their object's
//! size and of how much people differ about such a point.

use crate::data::points::Points;
use crate::metrics::average_precision::Truth;

/// How far apart people label each of COCO's 17 points of a person, in parts of the root of the object's area.
const COCO: [f64; 17] = [
    0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107, 0.087, 0.087,
    0.089, 0.089,
];

/// The same for each point of a dataset. Other sets than persons of 17 points have not been measured: COCO's mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Spreads(pub Vec<f64>);

impl Spreads {
    pub fn of(names: &[String]) -> Spreads {
        if is_person(names) {
            return Spreads(COCO.to_vec());
        }
        Spreads(vec![COCO.iter().sum::<f64>() / COCO.len() as f64; names.len()])
    }

    /// In parts of the object's area: of two spreads.
    pub fn variances(&self) -> impl Iterator<Item = f64> {
        self.0.iter().map(|spread| (2.0 * spread).powi(2))
    }
}

/// Whether these are COCO's, which begin with the nose and end with the ankles; a set may leave them without names.
fn is_person(names: &[String]) -> bool {
    let is = |at: usize, word: &str| names[at].to_lowercase().contains(word);
    names.len() == COCO.len() && is(0, "nose") && is(15, "ankle") && is(16, "ankle")
}

/// 0 to 1. Where none of the truth's points is labelled, what counts is how far the answer is outside of its box, taken
/// three times as large.
pub fn similarity(answer: &Points, truth: &Truth, points: &Points, spreads: &Spreads) -> f64 {
    let [x1, y1, x2, y2] = truth.corners.map(f64::from);
    let (width, height) = (x2 - x1, y2 - y1);
    let is_blank = points.points.iter().all(|point| point[2] <= 0.0);
    let outside = |at: f64, low: f64, high: f64| (low - at).max(0.0) + (at - high).max(0.0);
    let (mut sum, mut count) = (0.0, 0u32);
    for ((found, labelled), variance) in answer.points.iter().zip(&points.points).zip(spreads.variances()) {
        let [dx, dy] = if is_blank {
            [outside(found[0], x1 - width, x2 + width), outside(found[1], y1 - height, y2 + height)]
        } else {
            [found[0] - labelled[0], found[1] - labelled[1]]
        };
        if is_blank || labelled[2] > 0.0 {
            sum += (-(dx * dx + dy * dy) / variance / (points.area + f64::EPSILON) / 2.0).exp();
            count += 1;
        }
    }
    sum / f64::from(count.max(1))
}
