//! RandAugment (arXiv 1909.13719): two changes of one strength, drawn for each image, of all that keep its class.

use crate::random::Random;

/// The strongest, as published.
pub const STRENGTH_MAX: u32 = 30;
/// Changes made to an image.
const CHANGES: usize = 2;
/// What the strongest of each is.
const SHEAR: f64 = 0.3;
/// Of the side.
const SHIFT: f64 = 150.0 / 331.0;
const DEGREES: f64 = 30.0;
const FACTOR: f64 = 0.9;
/// Bits taken away of eight.
const BITS: f64 = 4.0;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Change {
    Nothing,
    ShearX,
    ShearY,
    ShiftX,
    ShiftY,
    Rotate,
    Brightness,
    Colour,
    Contrast,
    Sharpness,
    Posterise,
    Solarise,
    Stretch,
    Equalise,
}

const ALL: [Change; 14] = [
    Change::Nothing,
    Change::ShearX,
    Change::ShearY,
    Change::ShiftX,
    Change::ShiftY,
    Change::Rotate,
    Change::Brightness,
    Change::Colour,
    Change::Contrast,
    Change::Sharpness,
    Change::Posterise,
    Change::Solarise,
    Change::Stretch,
    Change::Equalise,
];

/// Changes an RGB square in place. `fill` is the colour of what comes in from outside.
pub fn rand_augment(image: &mut [u8], side: usize, fill: [u8; 3], strength: u32, random: &mut Random) {
    let part = f64::from(strength.min(STRENGTH_MAX)) / f64::from(STRENGTH_MAX);
    for _ in 0..CHANGES {
        let change = ALL[random.below(ALL.len())];
        let sign = if random.chance(0.5) { 1.0 } else { -1.0 };
        make(change, image, side, fill, (part, sign));
    }
}

/// `part` of its strongest form, in one direction or the other where there are two.
fn make(change: Change, image: &mut [u8], side: usize, fill: [u8; 3], (part, sign): (f64, f64)) {
    let both = sign * part;
    match change {
        Change::Nothing => {}
        Change::ShearX => warp(image, side, fill, [1.0, both * SHEAR, 0.0, 0.0, 1.0, 0.0]),
        Change::ShearY => warp(image, side, fill, [1.0, 0.0, 0.0, both * SHEAR, 1.0, 0.0]),
        Change::ShiftX => warp(image, side, fill, [1.0, 0.0, both * SHIFT * side as f64, 0.0, 1.0, 0.0]),
        Change::ShiftY => warp(image, side, fill, [1.0, 0.0, 0.0, 0.0, 1.0, both * SHIFT * side as f64]),
        Change::Rotate => {
            let (sin, cos) = (both * DEGREES).to_radians().sin_cos();
            warp(image, side, fill, [cos, -sin, 0.0, sin, cos, 0.0]);
        }
        Change::Brightness => image.iter_mut().for_each(|value| *value = mixed(0.0, *value, both)),
        Change::Contrast => {
            let pixels = image.as_chunks::<3>().0;
            let mean = pixels.iter().map(grey).sum::<f64>() / pixels.len().max(1) as f64;
            image.iter_mut().for_each(|value| *value = mixed(mean.round(), *value, both));
        }
        Change::Colour => {
            for pixel in image.as_chunks_mut::<3>().0 {
                let grey = grey(pixel);
                pixel.iter_mut().for_each(|value| *value = mixed(grey, *value, both));
            }
        }
        Change::Sharpness => sharpen(image, side, both),
        Change::Posterise => {
            let mask = u8::MAX << (part * BITS).round() as u32;
            image.iter_mut().for_each(|value| *value &= mask);
        }
        Change::Solarise => {
            let from = 256.0 * (1.0 - part);
            let inverted = image.iter_mut().filter(|value| f64::from(**value) >= from);
            inverted.for_each(|value| *value = u8::MAX - *value);
        }
        Change::Stretch => by_channel(image, stretched),
        Change::Equalise => by_channel(image, equalised),
    }
}

/// Away from `from` or towards it: `from` where `both` is -1/0.9, the value itself where it is 0.
fn mixed(from: f64, value: u8, both: f64) -> u8 {
    let factor = 1.0 + both * FACTOR;
    (from + (f64::from(value) - from) * factor).round().clamp(0.0, 255.0) as u8
}

fn grey([red, green, blue]: &[u8; 3]) -> f64 {
    0.299 * f64::from(*red) + 0.587 * f64::from(*green) + 0.114 * f64::from(*blue)
}

/// Each pixel from where `[a, b, c, d, e, f]` takes it, from the middle: `(a x + b y + c, d x + e y + f)`, the nearest one.
fn warp(image: &mut [u8], side: usize, fill: [u8; 3], [a, b, c, d, e, f]: [f64; 6]) {
    let source = image.to_vec();
    let middle = (side as f64 - 1.0) / 2.0;
    let place = |value: f64| {
        let value = (value + middle).round();
        (0.0..side as f64).contains(&value).then_some(value as usize)
    };
    for (index, pixel) in image.as_chunks_mut::<3>().0.iter_mut().enumerate() {
        let (x, y) = ((index % side) as f64 - middle, (index / side) as f64 - middle);
        let from = place(a * x + b * y + c).zip(place(d * x + e * y + f));
        *pixel = from.map_or(fill, |(x, y)| {
            let at = (y * side + x) * 3;
            [source[at], source[at + 1], source[at + 2]]
        });
    }
}

/// Away from a smoothed one or towards it; the outermost pixels stay.
fn sharpen(image: &mut [u8], side: usize, both: f64) {
    let source = image.to_vec();
    for y in 1..side.saturating_sub(1) {
        for at in (y * side + 1) * 3..(y * side + side - 1) * 3 {
            let row =
                |at: usize| u32::from(source[at - 3]) + u32::from(source[at]) + u32::from(source[at + 3]);
            let around = row(at - side * 3) + row(at) + row(at + side * 3) + 4 * u32::from(source[at]);
            image[at] = mixed(f64::from(around) / 13.0, source[at], both);
        }
    }
}

/// Each channel by a table made of how often its values occur.
fn by_channel(image: &mut [u8], table: fn(&[usize; 256]) -> [u8; 256]) {
    for channel in 0..3 {
        let values = || image.iter().skip(channel).step_by(3);
        let mut counts = [0; 256];
        values().for_each(|value| counts[usize::from(*value)] += 1);
        let table = table(&counts);
        image.iter_mut().skip(channel).step_by(3).for_each(|value| *value = table[usize::from(*value)]);
    }
}

/// The darkest value becomes 0, the lightest 255.
fn stretched(counts: &[usize; 256]) -> [u8; 256] {
    let low = counts.iter().position(|count| *count > 0).unwrap_or(0);
    let high = counts.iter().rposition(|count| *count > 0).unwrap_or(0);
    let range = high.saturating_sub(low) as f64;
    std::array::from_fn(|value| match range > 0.0 {
        true => ((value as f64 - low as f64) * 255.0 / range).round().clamp(0.0, 255.0) as u8,
        false => value as u8,
    })
}

/// Every value becomes about as frequent as every other.
fn equalised(counts: &[usize; 256]) -> [u8; 256] {
    let lightest = counts.iter().rev().find(|count| **count > 0).copied().unwrap_or(0);
    let step = (counts.iter().sum::<usize>() - lightest) / 255;
    if step == 0 {
        return std::array::from_fn(|value| value as u8);
    }
    let mut before = step / 2;
    std::array::from_fn(|value| {
        let level = (before / step).min(255) as u8;
        before += counts[value];
        level
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: usize = 9;

    fn ramp() -> Vec<u8> {
        (0..SIDE * SIDE * 3).map(|index| (index * 7 % 251) as u8).collect()
    }

    fn made(change: Change, part: f64, sign: f64) -> Vec<u8> {
        let mut image = ramp();
        make(change, &mut image, SIDE, [1, 2, 3], (part, sign));
        image
    }

    #[test]
    fn an_image_of_an_epoch_always_changes_the_same_way_and_by_its_key() {
        let run = |key: u64, strength: u32| {
            let mut image = ramp();
            rand_augment(&mut image, SIDE, [1, 2, 3], strength, &mut Random::new(&[key]));
            image
        };
        assert!((0..20).all(|key| run(key, 15) == run(key, 15)));
        assert!((0..20).filter(|key| run(*key, 15) != ramp()).count() > 10);
        assert_ne!(run(3, 15), run(4, 15));
    }

    #[test]
    fn what_has_a_strength_does_nothing_without_one() {
        for change in ALL.into_iter().filter(|change| !matches!(change, Change::Stretch | Change::Equalise)) {
            assert_eq!(made(change, 0.0, 1.0), ramp(), "{change:?}");
        }
    }

    #[test]
    fn a_quarter_turn_by_warping_is_one() {
        let mut image = ramp();
        warp(&mut image, SIDE, [0; 3], [0.0, -1.0, 0.0, 1.0, 0.0, 0.0]);
        for (x, y) in (0..SIDE).flat_map(|x| (0..SIDE).map(move |y| (x, y))) {
            let (to, from) = ((y * SIDE + x) * 3, (x * SIDE + (SIDE - 1 - y)) * 3);
            assert_eq!(image[to..to + 3], ramp()[from..from + 3], "{x} {y}");
        }
    }

    #[test]
    fn a_shift_fills_what_comes_in() {
        let shifted = made(Change::ShiftX, 331.0 / 150.0 / SIDE as f64 * 2.0, 1.0);
        for row in 0..SIDE {
            let (own, from) = (&shifted[row * SIDE * 3..], &ramp()[row * SIDE * 3..]);
            assert_eq!(own[..(SIDE - 2) * 3], from[2 * 3..SIDE * 3]);
            assert_eq!(own[(SIDE - 2) * 3..SIDE * 3], [1, 2, 3, 1, 2, 3]);
        }
    }

    #[test]
    fn values_become_what_each_change_says() {
        let darker = made(Change::Brightness, 1.0, -1.0);
        assert!(
            darker
                .iter()
                .zip(ramp())
                .all(|(dark, was)| *dark == (f64::from(was) * (1.0 - FACTOR)).round() as u8)
        );
        let grey = made(Change::Colour, 1.0 / FACTOR, -1.0);
        assert!(grey.as_chunks::<3>().0.iter().all(|[red, green, blue]| red == green && green == blue));
        assert!(made(Change::Posterise, 1.0, 1.0).iter().all(|value| value % 16 == 0));
        let inverted = made(Change::Solarise, 1.0, 1.0);
        assert!(inverted.iter().zip(ramp()).all(|(found, was)| *found == 255 - was));
        let half = made(Change::Solarise, 0.5, 1.0);
        assert!(
            half.iter().zip(ramp()).all(|(found, was)| *found == if was < 128 { was } else { 255 - was })
        );
    }

    #[test]
    fn stretching_and_equalising_use_all_levels() {
        let mut narrow: Vec<u8> = (0..SIDE * SIDE * 3).map(|index| 100 + (index / 3 % 41) as u8).collect();
        make(Change::Stretch, &mut narrow, SIDE, [0; 3], (1.0, 1.0));
        assert_eq!((narrow.iter().min(), narrow.iter().max()), (Some(&0), Some(&255)));
        let mut flat = vec![77; SIDE * SIDE * 3];
        make(Change::Stretch, &mut flat, SIDE, [0; 3], (1.0, 1.0));
        make(Change::Equalise, &mut flat, SIDE, [0; 3], (1.0, 1.0));
        assert!(flat.iter().all(|value| *value == 77), "one value stays");
        // Four values, each as often, in a large image.
        let mut four: Vec<u8> = (0..64 * 64).flat_map(|index| [10 + (index % 4) as u8; 3]).collect();
        make(Change::Equalise, &mut four, 64, [0; 3], (1.0, 1.0));
        let mut levels: Vec<u8> = four.clone();
        levels.sort_unstable();
        levels.dedup();
        assert_eq!(levels.len(), 4);
        assert!(levels[3] - levels[0] > 250, "{levels:?}");
    }
}
