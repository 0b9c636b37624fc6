//! From boxes with scores to the objects that are told: sure enough, and not twice.

use crate::limits::{BOXES, CANDIDATES, OVERLAP};

/// One object that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Its place in the outputs.
    pub at: usize,
    pub class: usize,
    pub score: f32,
    /// x1, y1, x2, y2 in pixels of the square.
    pub corners: [f32; 4],
}

/// Of each place its likeliest class where that is at least `least` sure, the surest first. `scores` is `[A, C]`, `corners`
/// told of a place.
pub fn candidates(
    scores: &[f32],
    classes: usize,
    least: f32,
    corners: impl Fn(usize) -> [f32; 4],
) -> Vec<Found> {
    let likeliest = |(at, scores): (usize, &[f32])| {
        let (class, score) = likeliest(scores);
        (score >= least).then(|| Found { at, class, score, corners: corners(at) })
    };
    let mut found: Vec<Found> = scores.chunks_exact(classes).enumerate().filter_map(likeliest).collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found.truncate(CANDIDATES);
    found
}

/// The first of the greatest.
fn likeliest(scores: &[f32]) -> (usize, f32) {
    let first = (0, f32::NEG_INFINITY);
    scores
        .iter()
        .enumerate()
        .fold(first, |best, (at, score)| if *score > best.1 { (at, *score) } else { best })
}

/// Of candidates from sure to unsure those that overlap none of their class before them too much, at most [`BOXES`].
pub fn suppress(candidates: Vec<Found>) -> Vec<Found> {
    let mut kept: Vec<Found> = Vec::new();
    for candidate in candidates {
        let is_told = |other: &Found| {
            other.class == candidate.class && overlap(other.corners, candidate.corners) > OVERLAP
        };
        if !kept.iter().any(is_told) {
            kept.push(candidate);
        }
        if kept.len() == BOXES {
            break;
        }
    }
    kept
}

/// Intersection over union; 0 of boxes without area.
fn overlap(a: [f32; 4], b: [f32; 4]) -> f32 {
    let both = area([a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])]);
    let either = area(a) + area(b) - both;
    if either > 0.0 { both / either } else { 0.0 }
}

fn area([x1, y1, x2, y2]: [f32; 4]) -> f32 {
    (x2 - x1).max(0.0) * (y2 - y1).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sure_ones_come_first_and_the_unsure_not_at_all() {
        let scores = [0.9, 0.1, 0.2, 0.95, 0.24, 0.1, f32::NAN, f32::NAN];
        let told = |least| -> Vec<_> {
            let found = candidates(&scores, 2, least, |at| [at as f32; 4]);
            found.iter().map(|found| (found.at, found.class)).collect()
        };
        assert_eq!(told(0.25), [(1, 1), (0, 0)]);
        assert_eq!(told(0.01), [(1, 1), (0, 0), (2, 0)]);
    }

    #[test]
    fn one_object_is_told_once_for_each_class() {
        let at = |x: f32, class, score| Found { at: 0, class, score, corners: [x, 0.0, x + 10.0, 10.0] };
        let kept = suppress(vec![at(0.0, 0, 0.9), at(1.0, 0, 0.8), at(1.0, 1, 0.7), at(5.0, 0, 0.6)]);
        assert_eq!(kept.iter().map(|kept| kept.score).collect::<Vec<_>>(), [0.9, 0.7, 0.6]);
        let many = (0..1_000).map(|index| at(index as f32 * 20.0, 0, 0.5)).collect();
        assert_eq!(suppress(many).len(), BOXES);
    }
}
