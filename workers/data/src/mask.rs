//! Masks as runs: COCO's form, column by column, beginning with what is outside.

mod coded;
mod indices;

use serde::{Deserialize, Serialize};

pub use coded::{decode_coded, encode_coded};
pub use indices::{Indices, read_indices};

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

    /// Of the pixels for which `inside(x, y)`; `None` when there are none.
    pub fn of(width: u32, height: u32, inside: impl Fn(u32, u32) -> bool) -> Option<Rle> {
        let mut counts = Vec::new();
        let (mut run, mut within, mut any) = (0u32, false, false);
        for x in 0..width {
            for y in 0..height {
                if inside(x, y) != within {
                    counts.push(run);
                    (run, within) = (0, !within);
                    any = true;
                }
                run += 1;
            }
        }
        counts.push(run);
        any.then_some(Rle { size: [height, width], counts })
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
        let mask = Rle::of(3, 2, |x, y| x == 1 || (x == 2 && y == 0)).unwrap();
        assert_eq!(mask, Rle { size: [2, 3], counts: vec![2, 3, 1] });
        assert_eq!(mask.pixels(), [0, 1, 1, 0, 1, 0]);
        assert_eq!((mask.area(), mask.bounds()), (3, Some([1.0, 0.0, 2.0, 2.0])));
        assert!(mask.fits(3, 2) && !mask.fits(2, 3));
        assert_eq!(Rle::of(3, 2, |_, _| false), None);
        assert_eq!(Rle::of(2, 2, |_, _| true).unwrap().counts, [0, 4]);
    }
}
