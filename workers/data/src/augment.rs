//! Random changes to training images that keep their class. Every number comes from the sample's own [`Random`].

pub mod rand;
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
                let from = source_side(kind, side);
                let window = Window::draw(from, random);
                window.cut(source, from, out, side, random.chance(0.5));
            } else {
                shift(source, out, side, random);
                if random.chance(0.5) {
                    flip(out, side);
                }
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

/// A part of a square, in its pixels.
struct Window {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl Window {
    /// A random one of a square of `from`.
    fn draw(from: usize, random: &mut Random) -> Window {
        let whole = from as f64;
        let area = random.between(WINDOW_AREA.0, WINDOW_AREA.1) * whole * whole;
        let ratio = random.between(WINDOW_RATIO.0.ln(), WINDOW_RATIO.1.ln()).exp();
        let (width, height) = ((area * ratio).sqrt().min(whole), (area / ratio).sqrt().min(whole));
        let (left, top) = (random.between(0.0, whole - width), random.between(0.0, whole - height));
        Window { left, top, width, height }
    }

    /// Scales it to the whole by bilinear interpolation, `mirrored` left to right or not. Each row is mixed of two before
    /// its pixels are mixed of two: nothing is rounded in between.
    fn cut(&self, source: &[u8], from: usize, out: &mut [u8], side: usize, mirrored: bool) {
        let mut columns = taps(self.left, self.width, from, side);
        if mirrored {
            columns.reverse();
        }
        // One pixel more, so that the last has a neighbour too.
        let mut line = vec![0; (from + 1) * 3];
        let rows = out.chunks_exact_mut(side * 3).zip(taps(self.top, self.height, from, side));
        for (row, (up, weight)) in rows {
            let source = |row: usize| &source[row * from * 3..(row + 1) * from * 3];
            let (up, low) = (source(up), source((up + 1).min(from - 1)));
            for ((value, up), low) in line.iter_mut().zip(up).zip(low) {
                *value = u16::from(*up) * (256 - weight) + u16::from(*low) * weight;
            }
            line.copy_within((from - 1) * 3..from * 3, from * 3);
            for (pixel, &(at, weight)) in row.as_chunks_mut::<3>().0.iter_mut().zip(&columns) {
                let near: &[u16; 6] = line[at * 3..].first_chunk().expect("two pixels from any on");
                let mix = |one: u16, two: u16| {
                    u32::from(one) * u32::from(256 - weight) + u32::from(two) * u32::from(weight)
                };
                for (channel, value) in pixel.iter_mut().enumerate() {
                    *value = ((mix(near[channel], near[channel + 3]) + (1 << 15)) >> 16) as u8;
                }
            }
        }
    }
}

/// For each of `side` coordinates: the one before it of `from`, and the weight of the one after that in 1/256.
fn taps(start: f64, length: f64, from: usize, side: usize) -> Vec<(usize, u16)> {
    let tap = |index: usize| {
        let at = start + (index as f64 + 0.5) * length / side as f64 - 0.5;
        let at = at.clamp(0.0, (from - 1) as f64);
        (at as usize, ((at - at.floor()) * 256.0) as u16)
    };
    (0..side).map(tap).collect()
}

/// Left becomes right.
pub fn flip(out: &mut [u8], side: usize) {
    for row in out.chunks_exact_mut(side * 3) {
        row.as_chunks_mut::<3>().0.reverse();
    }
}

/// Brightness, contrast around the mean, and saturation, each up to [`JITTER`]. What the three do to a channel is to add to a
/// part of it a part of the pixel's grey and a constant: so it is done, in 1/65536 of a level.
fn jitter(out: &mut [u8], random: &mut Random) {
    let mut factor = || random.between(1.0 - JITTER, 1.0 + JITTER);
    let (brightness, contrast, saturation) = (factor(), factor(), factor());
    let sum: u64 = out.iter().map(|&value| u64::from(value)).sum();
    let mean = sum as f64 / out.len().max(1) as f64;
    let whole = |value: f64| (value * f64::from(1 << 16)).round() as i32;
    let table = |part: f64, more: f64| -> [i32; 256] {
        std::array::from_fn(|value| whole(value as f64 * part + more))
    };
    let own = table(saturation * contrast * brightness, 0.0);
    let grey = (1.0 - saturation) * contrast * brightness;
    let red = table(0.299 * grey, mean * (1.0 - contrast) * brightness + 0.5);
    let (green, blue) = (table(0.587 * grey, 0.0), table(0.114 * grey, 0.0));
    for pixel in out.as_chunks_mut::<3>().0 {
        let [r, g, b] = *pixel;
        let more = red[usize::from(r)] + green[usize::from(g)] + blue[usize::from(b)];
        for value in pixel {
            *value = ((own[usize::from(*value)] + more) >> 16).clamp(0, 255) as u8;
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
        let window = Window::draw(125, &mut Random::new(&[3]));
        window.cut(&[77; 125 * 125 * 3], 125, &mut out, 100, false);
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

    #[test]
    fn a_window_is_what_four_pixels_around_each_place_say() {
        for (from, side, key) in [(1, 5, 1), (2, 70, 2), (90, 72, 3), (280, 224, 4)] {
            let window = Window::draw(from, &mut Random::new(&[key]));
            let source = ramp(from);
            let mut out = vec![0; side * side * 3];
            window.cut(&source, from, &mut out, side, false);
            let at = |row: usize, column: usize, channel: usize| {
                let (row, column) = (row.min(from - 1), column.min(from - 1));
                f64::from(source[(row * from + column) * 3 + channel])
            };
            for (index, &found) in out.iter().enumerate() {
                let (row, column, channel) = (index / 3 / side, index / 3 % side, index % 3);
                let place = |start: f64, length: f64, index: usize| {
                    let place = start + (index as f64 + 0.5) * length / side as f64 - 0.5;
                    let place = place.clamp(0.0, (from - 1) as f64);
                    (place as usize, place.fract())
                };
                let (y, down) = place(window.top, window.height, row);
                let (x, right) = place(window.left, window.width, column);
                let across = |y: usize| at(y, x, channel) * (1.0 - right) + at(y, x + 1, channel) * right;
                let expected = across(y) * (1.0 - down) + across(y + 1) * down;
                // Weights are cut off at 1/256, in both directions.
                assert!((f64::from(found) - expected).abs() <= 2.5, "{from} {index}: {found} for {expected}");
            }
            let mut mirrored = vec![0; out.len()];
            window.cut(&source, from, &mut mirrored, side, true);
            flip(&mut mirrored, side);
            assert_eq!(mirrored, out, "a mirrored window is the window, mirrored");
        }
    }

    #[test]
    fn jitter_is_brightness_contrast_and_saturation_within_a_level() {
        for key in 0..40 {
            let mut draws = Random::new(&[key]);
            let mut out: Vec<u8> = (0..300).map(|_| draws.draw() as u8).collect();
            let before = out.clone();
            jitter(&mut out, &mut Random::new(&[key, 1]));
            let mut random = Random::new(&[key, 1]);
            let mut factor = || random.between(1.0 - JITTER, 1.0 + JITTER);
            let (brightness, contrast, saturation) = (factor(), factor(), factor());
            let mean = before.iter().map(|&value| f64::from(value)).sum::<f64>() / 300.0;
            for (pixel, found) in before.as_chunks::<3>().0.iter().zip(out.as_chunks::<3>().0) {
                let [red, green, blue] = pixel.map(f64::from);
                let grey = 0.299 * red + 0.587 * green + 0.114 * blue;
                for (value, found) in pixel.map(f64::from).into_iter().zip(found) {
                    let saturated = grey + (value - grey) * saturation;
                    let expected = ((mean + (saturated - mean) * contrast) * brightness).clamp(0.0, 255.0);
                    assert!((f64::from(*found) - expected).abs() < 0.51, "{found} for {expected}");
                }
            }
        }
    }
}
