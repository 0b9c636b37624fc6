//! Random changes to training images that keep their class. Every number comes from the sample's own [`Random`].

pub mod scene;

use trainyard_events::config::Augmentation;

use crate::random::Random;

/// Up to this side, a crop is a shift: a smaller window would leave too few pixels.
const SMALL_SIDE: usize = 64;
/// A shift goes at most this part of the side, as padding by 4 does at 32 pixels.
const SHIFT_PART: usize = 8;
/// Area of a random window, of the whole, and its aspect ratio.
const WINDOW_AREA: (f64, f64) = (0.35, 1.0);
const WINDOW_RATIO: (f64, f64) = (3.0 / 4.0, 4.0 / 3.0);
const JITTER: f64 = 0.2;
const ERASE_CHANCE: f64 = 0.25;
const ERASE_AREA: (f64, f64) = (0.02, 0.2);

/// Side of the square to keep in memory for a network that sees `side`: larger when windows are cut out of it.
pub fn source_side(kind: Augmentation, side: usize) -> usize {
    if kind == Augmentation::Standard && side > SMALL_SIDE { side + side / 4 } else { side }
}

/// Fills `out` (`side` x `side` RGB) from `source` (square, of [`source_side`]). `fill` is the colour of erased
/// areas, best the dataset's mean.
pub fn augment(
    kind: Augmentation,
    source: &[u8],
    out: &mut [u8],
    side: usize,
    fill: [u8; 3],
    random: &mut Random,
) {
    match kind {
        Augmentation::None => out.copy_from_slice(source),
        Augmentation::Light => shift(source, out, side, random),
        Augmentation::Standard => {
            if side > SMALL_SIDE {
                window(source, source_side(kind, side), out, side, random);
            } else {
                shift(source, out, side, random);
            }
            if random.chance(0.5) {
                flip(out, side);
            }
            jitter(out, random);
            if random.chance(ERASE_CHANCE) {
                erase(out, side, fill, random);
            }
        }
    }
}

/// Moves the image; the outermost pixels are repeated where it left.
fn shift(source: &[u8], out: &mut [u8], side: usize, random: &mut Random) {
    let reach = side / SHIFT_PART;
    let (right, down) = (random.below(2 * reach + 1), random.below(2 * reach + 1));
    for y in 0..side {
        let from_y = (y + down).saturating_sub(reach).min(side - 1);
        for x in 0..side {
            let from_x = (x + right).saturating_sub(reach).min(side - 1);
            let (to, from) = ((y * side + x) * 3, (from_y * side + from_x) * 3);
            out[to..to + 3].copy_from_slice(&source[from..from + 3]);
        }
    }
}

/// A random window, scaled to the whole by bilinear interpolation.
fn window(source: &[u8], from: usize, out: &mut [u8], side: usize, random: &mut Random) {
    let whole = from as f64;
    let area = random.between(WINDOW_AREA.0, WINDOW_AREA.1) * whole * whole;
    let ratio = random.between(WINDOW_RATIO.0.ln(), WINDOW_RATIO.1.ln()).exp();
    let (width, height) = ((area * ratio).sqrt().min(whole), (area / ratio).sqrt().min(whole));
    let (left, top) = (random.between(0.0, whole - width), random.between(0.0, whole - height));
    // For each output coordinate: the two source coordinates around it, and the weight of the second in 1/256.
    let taps = |start: f64, length: f64| -> Vec<(usize, usize, u32)> {
        (0..side)
            .map(|index| {
                let at = (start + (index as f64 + 0.5) * length / side as f64 - 0.5).clamp(0.0, whole - 1.0);
                let low = at as usize;
                (low, (low + 1).min(from - 1), ((at - low as f64) * 256.0) as u32)
            })
            .collect()
    };
    let columns = taps(left, width);
    for (row, (up, low, weight_y)) in out.chunks_exact_mut(side * 3).zip(taps(top, height)) {
        let (up, low) =
            (&source[up * from * 3..(up + 1) * from * 3], &source[low * from * 3..(low + 1) * from * 3]);
        for (pixel, &(one, two, weight_x)) in row.as_chunks_mut::<3>().0.iter_mut().zip(&columns) {
            for (channel, value) in pixel.iter_mut().enumerate() {
                let mix = |line: &[u8]| {
                    u32::from(line[one * 3 + channel]) * (256 - weight_x)
                        + u32::from(line[two * 3 + channel]) * weight_x
                };
                *value = ((mix(up) * (256 - weight_y) + mix(low) * weight_y + (1 << 15)) >> 16) as u8;
            }
        }
    }
}

/// Left becomes right.
pub fn flip(out: &mut [u8], side: usize) {
    for row in out.chunks_exact_mut(side * 3) {
        row.as_chunks_mut::<3>().0.reverse();
    }
}

/// Brightness, contrast around the mean, and saturation, each up to [`JITTER`].
fn jitter(out: &mut [u8], random: &mut Random) {
    let mut factor = || random.between(1.0 - JITTER, 1.0 + JITTER) as f32;
    let (brightness, contrast, saturation) = (factor(), factor(), factor());
    let mean = out.iter().map(|&value| u64::from(value)).sum::<u64>() as f32 / out.len().max(1) as f32;
    for pixel in out.as_chunks_mut::<3>().0 {
        let [red, green, blue] = pixel.map(f32::from);
        let grey = 0.299 * red + 0.587 * green + 0.114 * blue;
        for value in pixel {
            let saturated = grey + (f32::from(*value) - grey) * saturation;
            let contrasted = mean + (saturated - mean) * contrast;
            *value = (contrasted * brightness).round().clamp(0.0, 255.0) as u8;
        }
    }
}

fn erase(out: &mut [u8], side: usize, fill: [u8; 3], random: &mut Random) {
    let area = random.between(ERASE_AREA.0, ERASE_AREA.1) * (side * side) as f64;
    let ratio = random.between(0.3f64.ln(), (1.0 / 0.3f64).ln()).exp();
    let edge = |length: f64| (length.round() as usize).clamp(1, side);
    let (width, height) = (edge((area * ratio).sqrt()), edge((area / ratio).sqrt()));
    let (left, top) = (random.below(side - width + 1), random.below(side - height + 1));
    for row in out.chunks_exact_mut(side * 3).skip(top).take(height) {
        row.as_chunks_mut::<3>().0[left..left + width].fill(fill);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(side: usize) -> Vec<u8> {
        (0..side * side * 3).map(|index| (index * 7 % 251) as u8).collect()
    }

    fn run(kind: Augmentation, side: usize, keys: &[u64]) -> Vec<u8> {
        let from = source_side(kind, side);
        let mut out = vec![0; side * side * 3];
        augment(kind, &ramp(from), &mut out, side, [1, 2, 3], &mut Random::new(keys));
        out
    }

    #[test]
    fn a_sample_of_an_epoch_always_changes_the_same_way() {
        for kind in [Augmentation::Light, Augmentation::Standard] {
            for side in [32, 96] {
                assert_eq!(run(kind, side, &[7, 1, 5]), run(kind, side, &[7, 1, 5]));
                let others = [[7, 1, 6], [7, 2, 5], [8, 1, 5]];
                assert!(others.iter().any(|keys| run(kind, side, keys) != run(kind, side, &[7, 1, 5])));
            }
        }
    }

    #[test]
    fn none_changes_nothing() {
        assert_eq!(run(Augmentation::None, 16, &[1]), ramp(16));
    }

    #[test]
    fn a_shift_moves_and_repeats_the_edge() {
        let source: Vec<u8> = (0..64).flat_map(|index| [index as u8; 3]).collect();
        for key in 0..50 {
            let mut out = vec![0; source.len()];
            shift(&source, &mut out, 8, &mut Random::new(&[key]));
            // The middle comes from at most one pixel away.
            let middle = i32::from(out[(4 * 8 + 4) * 3]) - 36;
            assert!([-9, -8, -7, -1, 0, 1, 7, 8, 9].contains(&middle), "{middle}");
        }
    }

    #[test]
    fn flipping_twice_is_nothing() {
        let mut image = ramp(9);
        flip(&mut image, 9);
        assert_ne!(image, ramp(9));
        flip(&mut image, 9);
        assert_eq!(image, ramp(9));
    }

    #[test]
    fn a_flat_image_stays_flat_in_any_window() {
        let mut out = vec![0; 100 * 100 * 3];
        window(&vec![77; 125 * 125 * 3], 125, &mut out, 100, &mut Random::new(&[3]));
        assert!(out.iter().all(|&value| value == 77));
    }

    #[test]
    fn erasing_stays_inside_and_within_its_area() {
        for key in 0..200 {
            let mut image = vec![0; 20 * 20 * 3];
            erase(&mut image, 20, [9, 9, 9], &mut Random::new(&[key]));
            let erased = image.iter().filter(|&&value| value == 9).count() / 3;
            assert!((1..=140).contains(&erased), "{erased}");
        }
    }
}
