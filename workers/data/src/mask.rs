//! Masks as runs: COCO's form, column by column, beginning with what is outside.

mod coded;
mod indices;

use std::ops::Range;

use serde::{Deserialize, Serialize};

pub use coded::{decode_coded, encode_coded};
pub use indices::read_indices;

/// Lengths of runs, outside and inside in turns, down the columns from the left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rle {
    /// Height and width in pixels, as COCO has them.
    pub size: [u32; 2],
    pub counts: Vec<u32>,
}

impl Rle {
    pub fn fits(&self, width: u32, height: u32) -> bool {
        let whole = u64::from(width) * u64::from(height);
        self.size == [height, width] && self.counts.iter().map(|run| u64::from(*run)).sum::<u64>() == whole
    }

    /// Of the stretches from `start` up to `end` down the columns, in their order; `None` when there are none.
    pub fn of_stretches(
        width: u32,
        height: u32,
        stretches: impl IntoIterator<Item = (u64, u64)>,
    ) -> Option<Rle> {
        let mut counts: Vec<u32> = Vec::new();
        let mut at = 0u64;
        for (start, end) in stretches.into_iter().filter(|(start, end)| start < end) {
            if start == at && !counts.is_empty() {
                *counts.last_mut()? += (end - start) as u32;
            } else {
                counts.extend([(start - at) as u32, (end - start) as u32]);
            }
            at = end;
        }
        let rest = (u64::from(width) * u64::from(height)).checked_sub(at)?;
        let is_some = !counts.is_empty();
        counts.extend((rest > 0).then_some(rest as u32));
        is_some.then_some(Rle { size: [height, width], counts })
    }

    /// Of the pixels for which `inside(x, y)`, none of which is outside `columns` and `rows`.
    pub fn of(
        (width, height): (u32, u32),
        columns: Range<u32>,
        rows: Range<u32>,
        inside: impl Fn(u32, u32) -> bool,
    ) -> Option<Rle> {
        let pixels = columns.flat_map(|x| rows.clone().map(move |y| (x, y)));
        let stretches = pixels.filter(|(x, y)| inside(*x, *y)).map(|(x, y)| {
            let at = u64::from(x) * u64::from(height) + u64::from(y);
            (at, at + 1)
        });
        Rle::of_stretches(width, height, stretches)
    }

    pub fn area(&self) -> u64 {
        self.counts.iter().skip(1).step_by(2).map(|run| u64::from(*run)).sum()
    }

    /// Left, top, width, height around what is inside.
    pub fn bounds(&self) -> Option<[f64; 4]> {
        let height = u64::from(self.size[0]).max(1);
        let (mut left, mut top, mut right, mut bottom) = (u64::MAX, u64::MAX, 0, 0);
        let mut at = 0u64;
        for (index, run) in self.counts.iter().enumerate() {
            let end = at + u64::from(*run);
            if index % 2 == 1 && *run > 0 {
                left = left.min(at / height);
                right = right.max((end - 1) / height);
                // A run that goes on in the next column touches top and bottom.
                let is_long = at / height != (end - 1) / height;
                top = top.min(if is_long { 0 } else { at % height });
                bottom = bottom.max(if is_long { height - 1 } else { (end - 1) % height });
            }
            at = end;
        }
        let side = |low: u64, high: u64| (high + 1 - low) as f64;
        (left != u64::MAX).then(|| [left as f64, top as f64, side(left, right), side(top, bottom)])
    }

    /// Row by row, one byte a pixel, 1 inside.
    pub fn pixels(&self) -> Vec<u8> {
        let [height, width] = self.size.map(|side| side as usize);
        let mut pixels = vec![0; width * height];
        let mut at = 0usize;
        for (index, run) in self.counts.iter().enumerate() {
            let end = (at + *run as usize).min(pixels.len());
            if index % 2 == 1 {
                (at..end).for_each(|place| pixels[place % height * width + place / height] = 1);
            }
            at = end;
        }
        pixels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_go_down_the_columns() {
        let of = |inside: fn(u32, u32) -> bool| Rle::of((3, 2), 0..3, 0..2, inside);
        let mask = of(|x, y| x == 1 || (x == 2 && y == 0)).unwrap();
        assert_eq!(mask, Rle { size: [2, 3], counts: vec![2, 3, 1] });
        assert_eq!(mask.pixels(), [0, 1, 1, 0, 1, 0]);
        assert_eq!((mask.area(), mask.bounds()), (3, Some([1.0, 0.0, 2.0, 2.0])));
        assert!(mask.fits(3, 2) && !mask.fits(2, 3));
        assert_eq!(of(|_, _| false), None);
        assert_eq!(of(|_, _| true).unwrap().counts, [0, 6]);
        assert_eq!(Rle::of((3, 2), 1..2, 1..2, |_, _| true).unwrap().counts, [3, 1, 2]);
    }
}
