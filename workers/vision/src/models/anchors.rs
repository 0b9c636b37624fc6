//! Where the cells of a detection head lie, and from what they say to boxes.

use tch::{Device, Kind, TchError, Tensor};

/// Pixels between cells, level by level.
pub const STRIDES: [i64; 3] = [8, 16, 32];
/// A side of an image is a whole number of these.
pub const COARSEST: u32 = STRIDES[2] as u32;
/// A distance is the expectation over this many whole numbers of strides: 0, 1, 2, ...
pub const BINS: i64 = 16;

/// The cells of all levels for squares of one side: A of them, rows of the finest grid first.
#[derive(Debug)]
pub struct Anchors {
    /// `[A, 2]`, x and y in pixels.
    pub centres: Tensor,
    /// `[A, 1]`, pixels.
    pub strides: Tensor,
    levels: Vec<Grid>,
    count: usize,
}

#[derive(Debug)]
struct Grid {
    stride: f64,
    /// Cells along one side.
    cells: usize,
    /// Index of its first cell.
    first: usize,
}

impl Anchors {
    /// `side` in pixels, a multiple of the largest stride.
    pub fn new(side: u32, device: Device) -> Result<Self, TchError> {
        let (mut centres, mut strides, mut levels, mut count) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for stride in STRIDES {
            let cells = (i64::from(side) / stride) as usize;
            let at = |cell: usize| (cell as f32 + 0.5) * stride as f32;
            for row in 0..cells {
                for column in 0..cells {
                    centres.extend([at(column), at(row)]);
                    strides.push(stride as f32);
                }
            }
            levels.push(Grid { stride: stride as f64, cells, first: count });
            count += cells * cells;
        }
        Ok(Anchors {
            centres: Tensor::f_from_slice(&centres)?.f_view([-1, 2])?.f_to_device(device)?,
            strides: Tensor::f_from_slice(&strides)?.f_view([-1, 1])?.f_to_device(device)?,
            levels,
            count,
        })
    }

    pub fn count(&self) -> usize {
        self.count
    }

    /// The cells whose centre lies inside a box, not on its edge; `corners` x1, y1, x2, y2 in pixels.
    pub fn inside(&self, corners: [f32; 4]) -> impl Iterator<Item = usize> + '_ {
        let [x1, y1, x2, y2] = corners.map(f64::from);
        self.levels.iter().flat_map(move |grid| {
            let range = |low: f64, high: f64| {
                let first = ((low / grid.stride - 0.5).floor() + 1.0).max(0.0) as usize;
                let end = (high / grid.stride - 0.5).ceil().clamp(0.0, grid.cells as f64) as usize;
                first..end
            };
            let columns = range(x1, x2);
            range(y1, y2).flat_map(move |row| {
                columns.clone().map(move |column| grid.first + row * grid.cells + column)
            })
        })
    }
}

/// `[.., 4 x BINS]` logits to distances `[.., 4]` in strides: left, top, right, bottom.
pub fn distances(bins: &Tensor) -> Result<Tensor, TchError> {
    let mut shape = bins.size();
    shape.pop();
    shape.extend([4, BINS]);
    let numbers = Tensor::f_arange(BINS, (Kind::Float, bins.device()))?;
    bins.f_reshape(&shape)?.f_softmax(-1, Kind::Float)?.f_matmul(&numbers)
}

/// Boxes as corners `[.., 4]` in pixels, from distances and the cells that say them.
pub fn corners(distances: &Tensor, centres: &Tensor, strides: &Tensor) -> Result<Tensor, TchError> {
    let pixels = distances.f_mul(strides)?;
    let sides = pixels.f_chunk(2, -1)?;
    Tensor::f_cat(&[centres.f_sub(&sides[0])?, centres.f_add(&sides[1])?], -1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_8400_at_640_and_their_centres_are_in_the_middle() {
        let anchors = Anchors::new(640, Device::Cpu).unwrap();
        assert_eq!((anchors.count(), anchors.centres.size()), (8_400, vec![8_400, 2]));
        let at = |index| Vec::<f32>::try_from(anchors.centres.get(index)).unwrap();
        assert_eq!((at(0), at(1), at(80)), (vec![4.0, 4.0], vec![12.0, 4.0], vec![4.0, 12.0]));
        assert_eq!((at(6_400), at(8_000)), (vec![8.0, 8.0], vec![16.0, 16.0]));
        assert_eq!(anchors.strides.double_value(&[8_399, 0]), 32.0);
    }

    #[test]
    fn the_cells_inside_are_those_that_a_search_finds() {
        let anchors = Anchors::new(96, Device::Cpu).unwrap();
        let centres: Vec<f32> = anchors.centres.flatten(0, -1).try_into().unwrap();
        for corners in [
            [0.0f32, 0.0, 96.0, 96.0],
            [10.3, 20.7, 50.2, 33.3],
            [4.0, 4.0, 12.0, 12.0],
            [13.0, 13.0, 14.0, 14.0],
            [-50.0, -50.0, 500.0, 20.0],
            [90.0, 90.0, 200.0, 200.0],
        ] {
            let [x1, y1, x2, y2] = corners;
            let inside = |&index: &usize| {
                let (x, y) = (centres[2 * index], centres[2 * index + 1]);
                x1 < x && x < x2 && y1 < y && y < y2
            };
            let expected: Vec<usize> = (0..anchors.count()).filter(inside).collect();
            assert_eq!(anchors.inside(corners).collect::<Vec<_>>(), expected, "{corners:?}");
        }
    }

    #[test]
    fn a_cell_that_is_sure_of_its_bins_gives_that_box() {
        let mut bins = [0.0f32; 4 * BINS as usize];
        for (side, bin) in [1usize, 2, 3, 15].into_iter().enumerate() {
            bins[side * BINS as usize + bin] = 100.0;
        }
        let distances = distances(&Tensor::from_slice(&bins).view([1, 64])).unwrap();
        let found = corners(
            &distances,
            &Tensor::from_slice(&[100.0f32, 200.0]).view([1, 2]),
            &Tensor::from_slice(&[8.0f32]).view([1, 1]),
        )
        .unwrap();
        let expected = Tensor::from_slice(&[92.0f32, 184.0, 124.0, 320.0]).view([1, 4]);
        assert!(found.allclose(&expected, 1e-6, 1e-3, false), "{found:?}");
    }
}
