//! Task-aligned assignment (TOOD, arXiv 2108.07755): which cells learn which box, and how sure they should be of it.
//!
//! What a cell must do with a box is decided by what it does already: score^0.5 x CIoU^6. The pairs of box and cell to
//! look at follow from the boxes alone, so they are listed here and only they are computed, on the device.

use tch::{Kind, TchError, Tensor, no_grad};

use crate::loss::ciou::ciou;
use crate::models::anchors::Anchors;
use trainyard_data::boxes::LabelledBox;
use trainyard_data::object::Object;

/// Cells that a box may get.
const TOP: usize = 10;
const SCORE_POWER: f64 = 0.5;
const OVERLAP_POWER: f64 = 6.0;
const EPSILON: f32 = 1e-9;
/// Pairs computed at once: what bounds the memory when an image has very many boxes.
const PAIRS_AT_ONCE: usize = 1 << 20;

/// The cells that learn a box, in the order of images and cells: one entry of each field for each of them.
#[derive(Debug, Default, PartialEq)]
pub struct Assigned {
    /// `image x A + cell`.
    pub rows: Vec<i64>,
    /// Which box it is, counted over the batch.
    pub of: Vec<usize>,
    pub classes: Vec<i64>,
    /// Four for each cell: the box it learns, in pixels.
    pub corners: Vec<f32>,
    /// What its class should be told, 0 to 1.
    pub scores: Vec<f32>,
}

/// A box that would have a cell.
struct Claim {
    row: i64,
    /// Counted over the batch.
    of: usize,
    overlap: f32,
    metric: f32,
}

/// `corners` `[N, A, 4]` and `classes` `[N, A, classes]` (logits) are what the network finds now; `truth` is by image.
pub fn assign<O: Object>(
    anchors: &Anchors,
    corners: &Tensor,
    classes: &Tensor,
    truth: &[Vec<O>],
) -> Result<Assigned, TchError> {
    let boxes: Vec<(usize, LabelledBox)> = truth
        .iter()
        .enumerate()
        .flat_map(|(image, objects)| objects.iter().map(move |object| (image, *object.bounds())))
        .collect();
    let found = Found { corners: corners.f_detach()?, classes: classes.f_detach()? };
    let mut claims = Vec::new();
    let mut pairs = Pairs::default();
    for (of, (image, labelled)) in boxes.iter().enumerate() {
        for cell in anchors.inside(labelled.corners) {
            pairs.add((image * anchors.count() + cell) as i64, of, labelled);
        }
        if pairs.rows.len() >= PAIRS_AT_ONCE {
            claims.extend(pairs.claims(&found)?);
            pairs = Pairs::default();
        }
    }
    claims.extend(pairs.claims(&found)?);
    Ok(settle(claims, &boxes))
}

struct Found {
    corners: Tensor,
    classes: Tensor,
}

/// Boxes and the cells inside them, all pairs of a box next to each other.
#[derive(Default)]
struct Pairs {
    rows: Vec<i64>,
    of: Vec<usize>,
    classes: Vec<i64>,
    corners: Vec<f32>,
}

impl Pairs {
    fn add(&mut self, row: i64, of: usize, labelled: &LabelledBox) {
        self.rows.push(row);
        self.of.push(of);
        self.classes.push(labelled.class as i64);
        self.corners.extend(labelled.corners);
    }

    /// The best [`TOP`] cells of each box; of equals, the first.
    fn claims(&self, found: &Found) -> Result<Vec<Claim>, TchError> {
        let (overlaps, metrics) = no_grad(|| self.measure(found))?;
        let mut claims = Vec::new();
        let mut start = 0;
        while start < self.of.len() {
            let of = self.of[start];
            let count = self.of[start..].iter().take_while(|other| **other == of).count();
            let mut best: Vec<usize> = (start..start + count).filter(|&at| metrics[at] > 0.0).collect();
            best.sort_by(|&a, &b| metrics[b].total_cmp(&metrics[a]).then(self.rows[a].cmp(&self.rows[b])));
            claims.extend(best.into_iter().take(TOP).map(|at| Claim {
                row: self.rows[at],
                of,
                overlap: overlaps[at],
                metric: metrics[at],
            }));
            start += count;
        }
        Ok(claims)
    }

    /// CIoU, at least 0, and score^0.5 x CIoU^6 of each pair.
    fn measure(&self, found: &Found) -> Result<(Vec<f32>, Vec<f32>), TchError> {
        let device = found.corners.device();
        let here = |values: &[i64]| Tensor::f_from_slice(values)?.f_to_device(device);
        let (rows, classes) = (here(&self.rows)?, here(&self.classes)?);
        let truth = Tensor::f_from_slice(&self.corners)?.f_view([-1, 4])?.f_to_device(device)?;
        let boxes = found.corners.f_view([-1, 4])?.f_index_select(0, &rows)?;
        let count = found.classes.size()[2];
        let at = rows.f_mul_scalar(count)?.f_add(&classes)?;
        let scores = found.classes.f_reshape([-1])?.f_index_select(0, &at)?;
        let scores = scores.f_to_kind(Kind::Float)?.f_sigmoid()?;
        let overlaps = ciou(&boxes, &truth)?.f_clamp_min(0.0)?;
        let metrics =
            scores.f_pow_tensor_scalar(SCORE_POWER)?.f_mul(&overlaps.f_pow_tensor_scalar(OVERLAP_POWER)?)?;
        Ok((Vec::try_from(overlaps)?, Vec::try_from(metrics)?))
    }
}

/// One box for each cell, the one it overlaps most. The best cell of a box should be as sure as it overlaps; the others
/// less, by their metric.
fn settle(mut claims: Vec<Claim>, boxes: &[(usize, LabelledBox)]) -> Assigned {
    claims.sort_by(|a, b| a.row.cmp(&b.row).then(b.overlap.total_cmp(&a.overlap)).then(a.of.cmp(&b.of)));
    claims.dedup_by_key(|claim| claim.row);
    let mut most = vec![(0f32, 0f32); boxes.len()];
    for Claim { of, overlap, metric, .. } in &claims {
        most[*of] = (most[*of].0.max(*overlap), most[*of].1.max(*metric));
    }
    let mut assigned = Assigned::default();
    for Claim { row, of, metric, .. } in claims {
        let labelled = &boxes[of].1;
        let (overlap, highest) = most[of];
        assigned.rows.push(row);
        assigned.of.push(of);
        assigned.classes.push(labelled.class as i64);
        assigned.corners.extend(labelled.corners);
        assigned.scores.push(metric * overlap / (highest + EPSILON));
    }
    assigned
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Device;

    const SIDE: u32 = 64;

    fn labelled(class: usize, corners: [f32; 4]) -> LabelledBox {
        LabelledBox { class, corners, crowd: false }
    }

    /// Every cell finds a box of `size` around itself, and thinks nothing of any class.
    fn found(anchors: &Anchors, images: i64, size: f64, classes: i64) -> (Tensor, Tensor) {
        let half = size / 2.0;
        let corners = Tensor::cat(&[&anchors.centres - half, &anchors.centres + half], 1);
        let count = anchors.count() as i64;
        (
            corners.expand([images, count, 4], false).contiguous(),
            Tensor::zeros([images, count, classes], (Kind::Float, Device::Cpu)),
        )
    }

    #[test]
    fn the_nearest_ten_cells_inside_learn_a_box() {
        let anchors = Anchors::new(SIDE, Device::Cpu).unwrap();
        let (corners, classes) = found(&anchors, 2, 24.0, 3);
        let truth = vec![vec![], vec![labelled(2, [9.0, 10.0, 31.0, 30.0])]];
        let assigned = assign(&anchors, &corners, &classes, &truth).unwrap();
        assert!(assigned.rows.len() <= TOP && !assigned.rows.is_empty());
        assert!(assigned.classes.iter().all(|&class| class == 2));
        let count = anchors.count() as i64;
        for row in &assigned.rows {
            assert_eq!(row / count, 1, "the first image has no box");
            let centre: Vec<f64> = anchors.centres.get(row % count).try_into().unwrap();
            assert!((9.0..31.0).contains(&centre[0]) && (10.0..30.0).contains(&centre[1]), "{centre:?}");
        }
        // The best cell is told its own overlap.
        let best = assigned.scores.iter().copied().fold(0.0, f32::max);
        let row = assigned.rows[assigned.scores.iter().position(|&score| score == best).unwrap()] % count;
        let truth = Tensor::from_slice(&[9.0f32, 10.0, 31.0, 30.0]).view([1, 4]);
        let overlap = ciou(&corners.get(1).narrow(0, row, 1), &truth).unwrap().double_value(&[0]) as f32;
        assert!((best - overlap).abs() < 1e-5, "{best} {overlap}");
    }

    #[test]
    fn a_cell_in_two_boxes_learns_the_one_it_overlaps_more() {
        let anchors = Anchors::new(SIDE, Device::Cpu).unwrap();
        let (corners, classes) = found(&anchors, 1, 16.0, 2);
        let truth = vec![vec![labelled(0, [0.0, 0.0, 40.0, 40.0]), labelled(1, [12.0, 12.0, 28.0, 28.0])]];
        let assigned = assign(&anchors, &corners, &classes, &truth).unwrap();
        let mut rows = assigned.rows.clone();
        rows.dedup();
        assert_eq!(rows, assigned.rows, "every cell once, in order");
        let cell = (2 * 8 + 2) as i64;
        let at = rows.iter().position(|&row| row == cell).unwrap();
        assert_eq!(assigned.classes[at], 1);
        assert!(assigned.scores[at] > 0.9);
    }

    #[test]
    fn nothing_to_learn_is_nothing() {
        let anchors = Anchors::new(SIDE, Device::Cpu).unwrap();
        let (corners, classes) = found(&anchors, 2, 16.0, 2);
        // The second lies between the centres of cells.
        let truth = vec![vec![], vec![labelled(0, [5.0, 5.0, 7.0, 7.0])]];
        assert_eq!(assign(&anchors, &corners, &classes, &truth).unwrap(), Assigned::default());
    }

    #[test]
    fn ten_thousand_large_boxes_fit_into_memory() {
        let anchors = Anchors::new(320, Device::Cpu).unwrap();
        let (corners, classes) = found(&anchors, 1, 300.0, 1);
        let truth = vec![
            (0..10_000).map(|index| labelled(0, [0.0, 0.0, 320.0, 310.0 + (index % 10) as f32])).collect(),
        ];
        let assigned = assign(&anchors, &corners, &classes, &truth).unwrap();
        assert!(!assigned.rows.is_empty() && assigned.rows.len() <= anchors.count());
    }
}
