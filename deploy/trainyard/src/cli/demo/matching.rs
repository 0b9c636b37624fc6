//! Which of a detector's answers are right.

/// An answer is right when it overlaps a tree by at least this (intersection over union).
const OVERLAP: f64 = 0.5;

/// x1, y1, x2, y2 in pixels.
pub(super) type Corners = [f64; 4];

/// For each answer, of which the surest come first: the tree it lies on and their overlap. A tree is found once.
pub(super) fn matched(truths: &[Corners], boxes: &[Corners]) -> Vec<Option<(usize, f64)>> {
    let mut taken = vec![false; truths.len()];
    let best = |found: &Corners| {
        let free = (0..truths.len()).filter(|&index| !taken[index]);
        let (truth, overlap) = free
            .map(|index| (index, overlap(found, &truths[index])))
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .filter(|(_, overlap)| *overlap >= OVERLAP)?;
        taken[truth] = true;
        Some((truth, overlap))
    };
    boxes.iter().map(best).collect()
}

/// Intersection over union.
fn overlap(a: &Corners, b: &Corners) -> f64 {
    let area = |[x1, y1, x2, y2]: Corners| (x2 - x1).max(0.0) * (y2 - y1).max(0.0);
    let both = area([a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])]);
    let either = area(*a) + area(*b) - both;
    if either > 0.0 { both / either } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_found_once_and_only_by_what_overlaps_it() {
        let truths = [[0.0, 0.0, 10.0, 10.0], [20.0, 0.0, 30.0, 10.0]];
        let boxes = [
            [1.0, 0.0, 11.0, 10.0],
            [0.0, 0.0, 10.0, 10.0],  // the same tree again
            [26.0, 0.0, 36.0, 10.0], // too far off
            [20.0, 1.0, 30.0, 11.0],
        ];
        let found = matched(&truths, &boxes);
        assert_eq!(
            found.iter().map(|found| found.map(|(truth, _)| truth)).collect::<Vec<_>>(),
            [Some(0), None, None, Some(1)]
        );
        assert!((found[0].unwrap().1 - 90.0 / 110.0).abs() < 1e-9);
        assert_eq!(matched(&[], &boxes), [None; 4]);
    }
}
