//! Objects with an outline: what is inside of it, wherever its image goes.

use std::ops::Range;
use std::sync::Arc;

use image::{Rgb, RgbImage};
use trainyard_data::manifest::{Label, Rle};
use trainyard_data::outline::outlines;
use trainyard_events::prediction::Prediction;

use trainyard_data::boxes::LabelledBox;
use trainyard_data::object::{Object, Placement, Shape};

/// Of a pixel on a page, what is the mask's colour and not the image's: one part of so many.
const TINT: u16 = 2;

/// What is inside, in pixels of the image that was labelled.
#[derive(Clone, Debug, PartialEq)]
pub enum Outline {
    /// Around parts that together are one object.
    Rings(Vec<Vec<[f64; 2]>>),
    Runs(Runs),
}

impl Outline {
    pub fn of(label: &Label) -> Option<Outline> {
        let ring = |numbers: &Vec<f64>| numbers.as_chunks::<2>().0.to_vec();
        match (&label.polygon, &label.mask) {
            (Some(rings), _) => Some(Outline::Rings(rings.iter().map(ring).collect())),
            (None, Some(runs)) => Some(Outline::of_runs(runs)),
            (None, None) => None,
        }
    }

    pub fn of_runs(runs: &Rle) -> Outline {
        Outline::Runs(Runs::of(runs))
    }

    /// Of a column of cells those rows whose middle is inside once `to` has put the image there.
    fn column(&self, column: usize, rows: &Range<usize>, to: Placement) -> Vec<Range<usize>> {
        let x = column as f64 + 0.5;
        match self {
            Outline::Rings(rings) => {
                let mut inside: Vec<Range<usize>> =
                    rings.iter().flat_map(|ring| between_crossings(ring, x, rows, to)).collect();
                inside.sort_by_key(|stretch| stretch.start);
                joined(inside)
            }
            Outline::Runs(runs) => {
                let is_inside = |row: &usize| runs.has(to.back([x, *row as f64 + 0.5]));
                joined(rows.clone().filter(is_inside).map(|row| row..row + 1).collect())
            }
        }
    }
}

/// The even-odd rule down one column.
fn between_crossings(ring: &[[f64; 2]], x: f64, rows: &Range<usize>, to: Placement) -> Vec<Range<usize>> {
    let placed = |at: usize| to.there(ring[at % ring.len()]);
    let mut crossings: Vec<f64> = (0..ring.len())
        .filter_map(|at| {
            let ([x1, y1], [x2, y2]) = (placed(at), placed(at + 1));
            ((x1 <= x) != (x2 <= x)).then(|| y1 + (x - x1) / (x2 - x1) * (y2 - y1))
        })
        .collect();
    crossings.sort_by(f64::total_cmp);
    // The first row whose middle is not above.
    let row = |y: f64| ((y - 0.5).ceil().max(0.0) as usize).clamp(rows.start, rows.end);
    crossings.as_chunks::<2>().0.iter().map(|[from, to]| row(*from)..row(*to)).collect()
}

/// Sorted stretches, none of which touches the next.
fn joined(stretches: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = Vec::new();
    for stretch in stretches.into_iter().filter(|stretch| !stretch.is_empty()) {
        match all.last_mut() {
            Some(last) if stretch.start <= last.end => last.end = last.end.max(stretch.end),
            _ => all.push(stretch),
        }
    }
    all
}

/// Where the runs of a mask end, to look a pixel up.
#[derive(Clone, Debug, PartialEq)]
pub struct Runs {
    size: [u32; 2],
    ends: Vec<u64>,
}

impl Runs {
    fn of(runs: &Rle) -> Runs {
        let ends = runs.counts.iter().scan(0u64, |at, run| {
            *at += u64::from(*run);
            Some(*at)
        });
        Runs { size: runs.size, ends: ends.collect() }
    }

    fn has(&self, [x, y]: [f64; 2]) -> bool {
        let [height, width] = self.size.map(f64::from);
        if !(0.0..width).contains(&x) || !(0.0..height).contains(&y) {
            return false;
        }
        let at = x as u64 * u64::from(self.size[0]) + y as u64;
        self.ends.partition_point(|end| *end <= at) % 2 == 1
    }
}

/// An object with its outline.
#[derive(Clone, Debug, PartialEq)]
pub struct Segmented {
    pub bounds: LabelledBox,
    pub outline: Arc<Outline>,
    /// Where the image that the outline was labelled in has gone.
    pub placement: Placement,
}

/// The cells of a grid that lie in a box, and which of them are inside of an outline.
#[derive(Clone, Debug, PartialEq)]
pub struct Cells {
    pub columns: Range<usize>,
    pub rows: Range<usize>,
    /// Row by row.
    pub inside: Vec<bool>,
}

impl Segmented {
    /// On a grid of `count` cells a side, `stride` pixels each: those of its box, at least one.
    pub fn cells(&self, stride: f64, count: usize) -> Cells {
        let [x1, y1, x2, y2] = self.bounds.corners.map(f64::from);
        let range = |low: f64, high: f64| {
            let first = ((low / stride - 0.5).ceil().max(0.0) as usize).min(count - 1);
            let end = ((high / stride - 0.5).ceil().max(0.0) as usize).min(count);
            first..end.max(first + 1)
        };
        let (columns, rows) = (range(x1, x2), range(y1, y2));
        let to = self.placement.then(Placement { scale: [1.0 / stride; 2], offset: [0.0; 2] });
        let mut inside = vec![false; columns.len() * rows.len()];
        for column in columns.clone() {
            for stretch in self.outline.column(column, &rows, to) {
                for row in stretch {
                    inside[(row - rows.start) * columns.len() + column - columns.start] = true;
                }
            }
        }
        Cells { columns, rows, inside }
    }
}

impl Object for Segmented {
    type Shape = Mask;

    fn shape(&self, [width, height]: [u32; 2]) -> Mask {
        let rows = 0..height as usize;
        let columns = (0..width as usize).map(|column| self.outline.column(column, &rows, self.placement));
        Mask::of_columns(height, 0, columns)
    }

    fn bounds(&self) -> &LabelledBox {
        &self.bounds
    }

    fn moved(&self, corners: [f32; 4], to: Placement, _seen: [f32; 4]) -> Self {
        Segmented {
            bounds: LabelledBox { corners, ..self.bounds },
            outline: self.outline.clone(),
            placement: self.placement.then(to),
        }
    }
}

/// Pixels of an image, as stretches down its columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mask {
    height: u32,
    /// Pixels counted down the columns from the left: the first, and the one after the last.
    stretches: Vec<[u64; 2]>,
}

impl Mask {
    /// The rows inside of each column, from the column `first` on.
    pub fn of_columns(height: u32, first: usize, columns: impl Iterator<Item = Vec<Range<usize>>>) -> Mask {
        let mut stretches: Vec<[u64; 2]> = Vec::new();
        for (column, rows) in (first..).zip(columns) {
            let top = column as u64 * u64::from(height);
            for rows in rows {
                let (start, end) = (top + rows.start as u64, top + rows.end as u64);
                match stretches.last_mut() {
                    Some(last) if last[1] == start => last[1] = end,
                    _ => stretches.push([start, end]),
                }
            }
        }
        Mask { height, stretches }
    }

    pub fn pixels(&self) -> u64 {
        self.stretches.iter().map(|[start, end]| end - start).sum()
    }

    /// Pixels of both.
    pub fn common(&self, other: &Mask) -> u64 {
        let (mut mine, mut theirs) = (self.stretches.iter().peekable(), other.stretches.iter().peekable());
        let mut common = 0;
        while let (Some(a), Some(b)) = (mine.peek(), theirs.peek()) {
            common += a[1].min(b[1]).saturating_sub(a[0].max(b[0]));
            if a[1] < b[1] {
                mine.next()
            } else {
                theirs.next()
            };
        }
        common
    }

    /// Intersection over union; over the answer's own pixels where the truth is a crowd.
    pub fn overlap(&self, truth: &Mask, crowd: bool) -> f64 {
        let (common, own) = (self.common(truth), self.pixels());
        let whole = if crowd { own } else { own + truth.pixels() - common };
        if whole == 0 { 0.0 } else { common as f64 / whole as f64 }
    }

    fn has(&self, [x, y]: [f64; 2]) -> bool {
        if x < 0.0 || !(0.0..f64::from(self.height)).contains(&y) {
            return false;
        }
        let at = x as u64 * u64::from(self.height) + y as u64;
        let next = self.stretches.partition_point(|[start, _]| *start <= at);
        next > 0 && at < self.stretches[next - 1][1]
    }

    /// Left, top, right, bottom around it, in whole pixels; `None` of nothing.
    fn around(&self) -> Option<[u64; 4]> {
        let height = u64::from(self.height).max(1);
        let [first, last] = [self.stretches.first()?[0], self.stretches.last()?[1] - 1];
        let (mut top, mut bottom) = (height, 0);
        for [start, end] in &self.stretches {
            let is_long = start / height != (end - 1) / height;
            top = top.min(if is_long { 0 } else { start % height });
            bottom = bottom.max(if is_long { height } else { (end - 1) % height + 1 });
        }
        Some([first / height, top, last / height + 1, bottom])
    }

    /// Rings around it; a ring within another is a hole.
    fn rings(&self) -> Vec<Vec<[f64; 2]>> {
        let Some([left, top, right, bottom]) = self.around() else { return Vec::new() };
        let middle = |low: u64, at: u64| (low + at) as f64 + 0.5;
        let rows =
            (0..bottom - top).flat_map(|y| (0..right - left).map(move |x| [middle(left, x), middle(top, y)]));
        let inside: Vec<bool> = rows.map(|at| self.has(at)).collect();
        let placed = |[x, y]: [f32; 2]| [f64::from(x) + left as f64, f64::from(y) + top as f64];
        let rings = outlines(&inside, (right - left) as usize);
        rings.into_iter().map(|ring| ring.into_iter().map(placed).collect()).collect()
    }
}

impl Shape for Mask {
    fn area(&self) -> Option<f32> {
        Some(self.pixels() as f32)
    }

    fn told(&self, of: Prediction) -> Prediction {
        Prediction { polygons: self.rings(), ..of }
    }

    fn paint(&self, page: &mut RgbImage, to: Placement, colour: Rgb<u8>) {
        for (x, y, pixel) in page.enumerate_pixels_mut() {
            if self.has(to.back([f64::from(x) + 0.5, f64::from(y) + 0.5])) {
                for (value, tint) in pixel.0.iter_mut().zip(colour.0) {
                    *value = ((u16::from(*value) * (TINT - 1) + u16::from(tint)) / TINT) as u8;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(left: f64, top: f64, side: f64) -> Vec<[f64; 2]> {
        vec![[left, top], [left + side, top], [left + side, top + side], [left, top + side]]
    }

    fn segmented(outline: Outline, corners: [f32; 4]) -> Segmented {
        let bounds = LabelledBox { class: 0, corners, crowd: false };
        Segmented { bounds, outline: Arc::new(outline), placement: Placement::STAY }
    }

    #[test]
    fn rings_and_runs_of_the_same_pixels_are_the_same_mask() {
        let rings = Outline::Rings(vec![square(2.0, 3.0, 4.0), square(4.0, 5.0, 4.0)]);
        let inside = |x: u32, y: u32| {
            ((2..6).contains(&x) && (3..7).contains(&y)) || ((4..8).contains(&x) && (5..9).contains(&y))
        };
        let runs = Outline::of_runs(&Rle::of((10, 12), 0..10, 0..12, inside).unwrap());
        let corners = [2.0, 3.0, 8.0, 9.0];
        let masks = [rings, runs].map(|outline| segmented(outline, corners).shape([10, 12]));
        assert_eq!(masks[0], masks[1]);
        assert_eq!((masks[0].pixels(), masks[0].around()), (28, Some([2, 3, 8, 9])));
        assert!(masks[0].has([7.5, 8.5]) && !masks[0].has([7.5, 3.5]) && !masks[0].has([-1.0, 4.0]));
    }

    #[test]
    fn cells_go_where_the_image_goes() {
        let whole = segmented(Outline::Rings(vec![square(0.0, 0.0, 8.0)]), [0.0, 0.0, 8.0, 8.0]);
        // The lower right quarter of a square of 32, mirrored: the lower left one.
        let to = Placement { scale: [2.0; 2], offset: [16.0; 2] };
        let moved = whole.moved([16.0, 16.0, 32.0, 32.0], to, [0.0; 4]);
        let mirrored = moved.moved([0.0, 16.0, 16.0, 32.0], Placement::mirror(32), [0.0; 4]);
        for (object, columns) in [(&moved, 4..8), (&mirrored, 0..4)] {
            let cells = object.cells(4.0, 8);
            assert_eq!((cells.columns, cells.rows, cells.inside), (columns, 4..8, vec![true; 16]));
        }
        let runs = Outline::of_runs(&Rle::of((8, 8), 0..8, 0..8, |x, _| x < 4).unwrap());
        let half = segmented(runs, [0.0, 0.0, 8.0, 8.0]).moved([16.0, 16.0, 32.0, 32.0], to, [0.0; 4]);
        assert_eq!(half.cells(4.0, 8).inside, [true, true, false, false].repeat(4));
        // What is smaller than a cell still has one.
        let small = segmented(Outline::Rings(vec![square(5.0, 5.0, 1.0)]), [5.0, 5.0, 6.0, 6.0]);
        assert_eq!(small.cells(4.0, 8).inside.len(), 1);
    }

    #[test]
    fn overlaps_by_hand() {
        let mask =
            |left: f64| segmented(Outline::Rings(vec![square(left, 0.0, 4.0)]), [0.0; 4]).shape([12, 5]);
        let [one, other, far] = [0.0, 2.0, 6.0].map(mask);
        assert_eq!((one.common(&other), one.common(&far), one.common(&one)), (8, 0, 16));
        assert_eq!(one.overlap(&other, false), 8.0 / 24.0);
        assert_eq!(one.overlap(&other, true), 0.5);
        assert_eq!(Mask::default().overlap(&Mask::default(), false), 0.0);
    }

    #[test]
    fn a_mask_is_told_as_rings_and_painted_as_a_tint() {
        let mask = segmented(Outline::Rings(vec![square(2.0, 3.0, 4.0)]), [0.0; 4]).shape([10, 12]);
        let told = mask.told(Prediction::of("a", 1.0));
        assert_eq!(told.polygons, [[[2.0, 3.0], [6.0, 3.0], [6.0, 7.0], [2.0, 7.0]]]);
        let mut page = RgbImage::new(20, 24);
        mask.paint(&mut page, Placement::scaled(2.0), Rgb([200, 100, 0]));
        assert_eq!((page.get_pixel(4, 6).0, page.get_pixel(3, 6).0), ([100, 50, 0], [0; 3]));
        assert_eq!(page.pixels().filter(|pixel| pixel[0] > 0).count(), 64);
    }
}
