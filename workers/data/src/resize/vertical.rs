//! Rows of bytes to fewer or more rows: the vertical half of an antialiased bilinear resize, in whole numbers, so that every
//! machine makes the same bytes.

/// Bytes that are summed side by side: as many sums as fit into the registers of any x86-64 or ARM machine.
const TILE: usize = 32;
/// A weight of 1.
const ONE: i32 = 1 << ONE_BITS;
const ONE_BITS: u32 = 14;

/// The rows that one row is made of, and their weights, which sum to [`ONE`].
struct Taps {
    start: usize,
    weights: Vec<i16>,
}

/// Makes each row of `out` of the rows in the window `(top, height)` of `rows`; both have `stride` bytes a row.
/// The kernel is a triangle, as wide as two rows of whichever of source and target has the larger ones.
pub(super) fn scaled(rows: &[u8], stride: usize, (top, height): (f64, f64), out: &mut [u8]) {
    let taps = taps(rows.len() / stride, (top, height), out.len() / stride);
    for (row, taps) in out.chunks_exact_mut(stride).zip(&taps) {
        let lines = &rows[taps.start * stride..];
        let (tiles, rest) = row.as_chunks_mut::<TILE>();
        let tiled = tiles.len() * TILE;
        for (index, tile) in tiles.iter_mut().enumerate() {
            *tile = mixed(lines, stride, index * TILE, &taps.weights);
        }
        // In a loop of its own, for the compiler knows the length of a tile and not of this.
        for (index, value) in rest.iter_mut().enumerate() {
            *value = mixed::<1>(lines, stride, tiled + index, &taps.weights)[0];
        }
    }
}

/// `N` bytes of a row, from `at` on.
fn mixed<const N: usize>(lines: &[u8], stride: usize, at: usize, weights: &[i16]) -> [u8; N] {
    let mut sums = [ONE / 2; N];
    for (line, weight) in lines.chunks_exact(stride).zip(weights) {
        let line: &[u8; N] = line[at..].first_chunk().expect("a tile lies within its row");
        for (sum, value) in sums.iter_mut().zip(line) {
            *sum += i32::from(*value) * i32::from(*weight);
        }
    }
    let mut out = [0; N];
    for (value, sum) in out.iter_mut().zip(sums) {
        *value = (sum >> ONE_BITS) as u8;
    }
    out
}

/// For each of `count` rows to make, of `rows` that there are.
fn taps(rows: usize, (top, height): (f64, f64), count: usize) -> Vec<Taps> {
    let scale = height / count as f64;
    let reach = scale.max(1.0);
    let taps = |index: usize| {
        let centre = top + (index as f64 + 0.5) * scale;
        let start = (centre - reach).floor().max(0.0) as usize;
        let end = ((centre + reach).ceil() as usize).min(rows);
        let near = |row: usize| (1.0 - (row as f64 + 0.5 - centre).abs() / reach).max(0.0);
        let sum: f64 = (start..end).map(near).sum();
        let mut weights: Vec<i16> =
            (start..end).map(|row| (near(row) / sum * f64::from(ONE)).round() as i16).collect();
        // What rounding has added, the heaviest gives back: an even area stays as it is.
        let added = weights.iter().map(|weight| i32::from(*weight)).sum::<i32>() - ONE;
        if let Some(heaviest) = weights.iter_mut().max() {
            *heaviest -= added as i16;
        }
        Taps { start, weights }
    };
    (0..count).map(taps).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_even_area_stays_even_at_any_scale() {
        for (rows, count) in [(1, 1), (1, 9), (2, 1), (480, 280), (20_000, 3), (7, 500)] {
            let mut out = vec![0; count * 35];
            scaled(&vec![203; rows * 35], 35, (0.0, rows as f64), &mut out);
            assert!(out.iter().all(|&value| value == 203), "{rows} to {count}");
        }
    }
}
