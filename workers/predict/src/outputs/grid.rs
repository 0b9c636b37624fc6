//! The cells that a square is divided into, and what is set of them as pixels of the image: outlines and runs.

use trainyard_data::mask::{Rle, encode_coded};
use trainyard_data::outline::outlines;
use trainyard_events::prediction::CodedMask;

use crate::frame::Frame;

/// Cells that the square is divided into.
pub struct Grid {
    pub rows: usize,
    pub columns: usize,
    pub side: u32,
}

impl Grid {
    /// The middle of a cell, in pixels of the square.
    pub fn middle(&self, cell: usize) -> [f32; 2] {
        let side = self.side as f32;
        [
            ((cell % self.columns) as f32 + 0.5) * side / self.columns as f32,
            ((cell / self.columns) as f32 + 0.5) * side / self.rows as f32,
        ]
    }

    pub fn is_within(&self, cell: usize, [x1, y1, x2, y2]: [f32; 4]) -> bool {
        let [x, y] = self.middle(cell);
        x1 <= x && x < x2 && y1 <= y && y < y2
    }

    /// The outlines of the cells that are set, in pixels of the image to a hundredth.
    pub fn polygons(&self, mask: &[bool], frame: &Frame) -> Vec<Vec<[f64; 2]>> {
        let side = self.side as f32;
        let placed = |[x, y]: [f32; 2]| {
            let at = frame.to_image([x * side / self.columns as f32, y * side / self.rows as f32]);
            at.map(|at| (f64::from(at) * 100.0).round() / 100.0)
        };
        outlines(mask, self.columns).into_iter().map(|ring| ring.into_iter().map(placed).collect()).collect()
    }

    /// The cells that are set as runs of the image's own pixels; `None` where nothing of it is.
    pub fn coded(&self, mask: &[bool], frame: &Frame) -> Option<CodedMask> {
        let (width, height) = (frame.width, frame.height);
        let columns = self.cells_of(width, self.columns, |x| frame.to_square([x, 0.0])[0]);
        let rows = self.cells_of(height, self.rows, |y| frame.to_square([0.0, y])[1]);
        // All pixels of one column of cells have the same runs.
        let runs: Vec<Vec<(u64, u64)>> =
            (0..self.columns).map(|column| runs(&rows, |row| mask[row * self.columns + column])).collect();
        let placed = columns.iter().enumerate().flat_map(|(x, column)| {
            let above = x as u64 * u64::from(height);
            let own = column.map_or(&[][..], |column| &runs[column]);
            own.iter().map(move |(start, end)| (above + start, above + end))
        });
        let rle = Rle::of_stretches(width, height, placed)?;
        Some(CodedMask { size: rle.size, counts: encode_coded(&rle.counts) })
    }

    /// Of each pixel along a side of the image the cell that its middle lies in, `None` beside the square.
    fn cells_of(&self, pixels: u32, cells: usize, to_square: impl Fn(f32) -> f32) -> Vec<Option<usize>> {
        let cell = |pixel: u32| {
            let at = to_square(pixel as f32 + 0.5) * cells as f32 / self.side as f32;
            (at >= 0.0 && at < cells as f32).then_some(at as usize)
        };
        (0..pixels).map(cell).collect()
    }
}

/// The stretches, from first up to end, of pixels whose cells are set.
fn runs(cells: &[Option<usize>], is_set: impl Fn(usize) -> bool) -> Vec<(u64, u64)> {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    let set = cells.iter().enumerate().filter(|(_, cell)| cell.is_some_and(&is_set));
    for at in set.map(|(at, _)| at as u64) {
        match runs.last_mut() {
            Some((_, end)) if *end == at => *end += 1,
            _ => runs.push((at, at + 1)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use trainyard_data::mask::decode_coded;
    use trainyard_events::config::Resize;

    /// Every pixel of the image is set whose middle lies in a cell that is.
    #[test]
    fn runs_are_the_cells_as_pixels_of_the_image() {
        for (resize, width, height) in
            [(Resize::Letterbox, 40, 20), (Resize::Stretch, 13, 31), (Resize::Crop, 30, 50)]
        {
            let (grid, frame) =
                (Grid { rows: 8, columns: 8, side: 32 }, Frame::of(width, height, 32, resize));
            let mask: Vec<bool> = (0..64).map(|cell| cell % 3 == 0 || cell / 8 == 4).collect();
            let coded = grid.coded(&mask, &frame).unwrap();
            assert_eq!(coded.size, [height, width]);
            let mut found = Vec::new();
            for (index, run) in decode_coded(&coded.counts).unwrap().iter().enumerate() {
                found.extend(std::iter::repeat_n(index % 2 == 1, *run as usize));
            }
            let expected: Vec<bool> = (0..width * height)
                .map(|at| {
                    let [x, y] = frame.to_square([(at / height) as f32 + 0.5, (at % height) as f32 + 0.5]);
                    let inside = |at: f32| (0.0..32.0).contains(&at);
                    inside(x) && inside(y) && mask[(y / 4.0) as usize * 8 + (x / 4.0) as usize]
                })
                .collect();
            assert_eq!(found, expected, "{resize:?}");
            assert_eq!(grid.coded(&[false; 64], &frame), None);
        }
    }
}
