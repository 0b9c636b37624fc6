//! Random changes to training images that move along what is labelled in them: mosaic, scale and shift, colour, flip.

use trainyard_events::config::Augmentation;

use crate::augment::flip;
use crate::boxes::{area, common_area};
use crate::object::{Object, Placement};
use crate::random::Random;

/// Grey where there is no image, as letterboxing leaves it.
const FILL: u8 = 114;
/// Zoom from 1 - .5 to 1 + .5.
const SCALE: f64 = 0.5;
/// Shift of the middle, in parts of the side.
const TRANSLATE: f64 = 0.1;
/// Hue in parts of the circle, then saturation and value in parts of themselves.
const HUE: f64 = 0.015;
const SATURATION: f64 = 0.7;
const VALUE: f64 = 0.4;
/// A box stays when more than this is left of it: pixels of each side, and part of its area.
const SIDE_MIN: f32 = 2.0;
const AREA_MIN: f32 = 0.1;

/// A letterboxed square of RGB, the part of it that is image (x1, y1, x2, y2), and what is in it.
pub struct Source<'a, O> {
    pub pixels: &'a [u8],
    pub window: [f32; 4],
    pub objects: &'a [O],
}

/// The scenes that one image of an epoch is made of: the one at `index`, and for a mosaic three of all `count`, by chance.
pub fn parts(is_mosaic: bool, index: usize, count: usize, random: &mut Random) -> Vec<usize> {
    let mut parts = vec![index];
    if is_mosaic {
        parts.extend([(); 3].map(|()| random.below(count)));
    }
    parts
}

/// Fills `out` (`side` x `side` RGB) from the sources, the [`parts`] of one image, and returns what is still to be seen.
pub fn augment<O: Object>(
    kind: Augmentation,
    sources: &[Source<O>],
    out: &mut [u8],
    side: usize,
    random: &mut Random,
) -> Vec<O> {
    if kind == Augmentation::None {
        out.copy_from_slice(sources[0].pixels);
        return sources[0].objects.to_vec();
    }
    let mut objects = compose(sources, out, side, random);
    // A flipped digit is another one, and grey images have no colour to change: light is for those.
    if kind == Augmentation::Standard {
        colour(out, random);
        maybe_flip(out, &mut objects, side, random);
    }
    objects
}

/// Fills `out` (`side` x `side` RGB) from one source, or from four that meet in a random point, zoomed and shifted.
/// Returns what is still to be seen.
fn compose<O: Object>(sources: &[Source<O>], out: &mut [u8], side: usize, random: &mut Random) -> Vec<O> {
    let length = side as f64;
    // A point of a square goes to (point + corner - middle) x zoom + centre; `corner` is where the square lies on a
    // canvas of twice the side, or of the side when there is one.
    let (meeting, middle) = if sources.len() == 4 {
        ([0, 1].map(|_| random.between(length / 2.0, length * 1.5)), length)
    } else {
        ([0.0; 2], length / 2.0)
    };
    let zoom = random.between(1.0 - SCALE, 1.0 + SCALE);
    let centre = [0, 1].map(|_| length * random.between(0.5 - TRANSLATE, 0.5 + TRANSLATE));
    out.fill(FILL);
    let mut objects = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        let corner = match sources.len() {
            4 => corner(source.window, index, meeting),
            _ => [0.0; 2],
        };
        let offset = [0, 1].map(|axis| (corner[axis] - middle) * zoom + centre[axis]);
        let window = on_canvas(source.window, corner, middle * 2.0);
        paste(source.pixels, window, zoom, offset, out, side);
        objects.extend(source.objects.iter().filter_map(|object| moved(object, window, zoom, offset, side)));
    }
    objects
}

/// Where a square has to lie for its image to touch the meeting point: 0 from the upper left, 1 from the upper right,
/// 2 from the lower left, 3 from the lower right.
fn corner([x1, y1, x2, y2]: [f32; 4], index: usize, [x, y]: [f64; 2]) -> [f64; 2] {
    let touching_x = if index.is_multiple_of(2) { x2 } else { x1 };
    let touching_y = if index < 2 { y2 } else { y1 };
    [x - f64::from(touching_x), y - f64::from(touching_y)]
}

/// The part of a window that lies on a canvas of `length` pixels.
fn on_canvas(window: [f32; 4], [x, y]: [f64; 2], length: f64) -> [f32; 4] {
    let cut = |at: f32, start: f64| f64::from(at).clamp(-start, length - start) as f32;
    [cut(window[0], x), cut(window[1], y), cut(window[2], x), cut(window[3], y)]
}

/// For each pixel of one axis of the output: the two source pixels around it and the weight of the second in 1/256;
/// and which pixels of the output the window covers.
fn taps(from: f32, to: f32, zoom: f64, offset: f64, side: usize) -> (usize, Vec<(usize, usize, u32)>) {
    let (first, last) = (from.round() as usize, (to.round() as usize).max(1) - 1);
    let place = |edge: f32| (f64::from(edge) * zoom + offset).round().clamp(0.0, side as f64) as usize;
    let (start, end) = (place(from), place(to));
    let tap = |index: usize| {
        let at = ((index as f64 + 0.5 - offset) / zoom - 0.5).clamp(first as f64, last.max(first) as f64);
        let low = at as usize;
        (low, (low + 1).min(last.max(first)), ((at - low as f64) * 256.0) as u32)
    };
    (start, (start..end).map(tap).collect())
}

/// Draws the window of a square where it goes, by bilinear interpolation.
fn paste(source: &[u8], window: [f32; 4], zoom: f64, offset: [f64; 2], out: &mut [u8], side: usize) {
    let [x1, y1, x2, y2] = window;
    if x2 - x1 < 1.0 || y2 - y1 < 1.0 {
        return;
    }
    let (left, columns) = taps(x1, x2, zoom, offset[0], side);
    let (top, rows) = taps(y1, y2, zoom, offset[1], side);
    let stride = side * 3;
    for (line, &(up, low, weight_y)) in out.chunks_exact_mut(stride).skip(top).zip(&rows) {
        let (up, low) = (&source[up * stride..][..stride], &source[low * stride..][..stride]);
        let pixels = line[left * 3..].as_chunks_mut::<3>().0;
        for (pixel, &(one, two, weight_x)) in pixels.iter_mut().zip(&columns) {
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

/// The object where its image went, its box cut to what is seen of it; `None` when too little is.
fn moved<O: Object>(object: &O, window: [f32; 4], zoom: f64, offset: [f64; 2], side: usize) -> Option<O> {
    let go = |[x1, y1, x2, y2]: [f32; 4]| {
        let x = |x: f32| (f64::from(x) * zoom + offset[0]) as f32;
        let y = |y: f32| (f64::from(y) * zoom + offset[1]) as f32;
        [x(x1), y(y1), x(x2), y(y2)]
    };
    let (whole, seen, last) = (go(object.bounds().corners), go(window), side as f32);
    let seen = [seen[0].max(0.0), seen[1].max(0.0), seen[2].min(last), seen[3].min(last)];
    let left = common_area(whole, seen);
    let corners =
        [whole[0].max(seen[0]), whole[1].max(seen[1]), whole[2].min(seen[2]), whole[3].min(seen[3])];
    let fits = corners[2] - corners[0] > SIDE_MIN
        && corners[3] - corners[1] > SIDE_MIN
        && left > AREA_MIN * area(whole);
    fits.then(|| object.moved(corners, Placement { scale: [zoom; 2], offset }, seen))
}

/// Turns left to right half of the time, where it is known what that makes of everything in the image.
fn maybe_flip<O: Object>(out: &mut [u8], objects: &mut [O], side: usize, random: &mut Random) {
    if random.chance(0.5) && objects.iter().all(Object::has_mirror) {
        flip(out, side);
        let length = side as f32;
        for object in objects {
            let [x1, y1, x2, y2] = object.bounds().corners;
            let corners = [length - x2, y1, length - x1, y2];
            *object = object.moved(corners, Placement::mirror(side), [0.0, 0.0, length, length]);
        }
    }
}

/// Shifts the hue and scales saturation and value, the same for every pixel.
fn colour(out: &mut [u8], random: &mut Random) {
    let turn = (random.between(-HUE, HUE) * 6.0) as f32;
    let saturation = random.between(1.0 - SATURATION, 1.0 + SATURATION) as f32;
    let value = random.between(1.0 - VALUE, 1.0 + VALUE) as f32;
    recolour(out, turn, saturation, value);
}

/// Pixels that are worked on together, so that the compiler uses wide registers: three times as fast as one by one.
const LANES: usize = 16;

/// `turn` in sixths of the circle of hues, at most two; the others as factors.
fn recolour(out: &mut [u8], turn: f32, saturation: f32, value: f32) {
    let (blocks, rest) = out.as_chunks_mut::<{ LANES * 3 }>();
    for block in blocks {
        recolour_block(block, turn, saturation, value);
    }
    let mut block = [0; LANES * 3];
    block[..rest.len()].copy_from_slice(rest);
    recolour_block(&mut block, turn, saturation, value);
    rest.copy_from_slice(&block[..rest.len()]);
}

/// Without branches, rounding functions and remainders: those would not fit into wide registers.
fn recolour_block(block: &mut [u8; LANES * 3], turn: f32, saturation: f32, value: f32) {
    let mut planes = [[0f32; LANES]; 3];
    for (at, pixel) in block.as_chunks::<3>().0.iter().enumerate() {
        (0..3).for_each(|channel| planes[channel][at] = f32::from(pixel[channel]));
    }
    for at in 0..LANES {
        let [red, green, blue] = [planes[0][at], planes[1][at], planes[2][at]];
        let larger = |a: f32, b: f32| if a > b { a } else { b };
        let smaller = |a: f32, b: f32| if a < b { a } else { b };
        let most = larger(larger(red, green), blue);
        let spread = most - smaller(smaller(red, green), blue);
        let bright = smaller(most * value, 255.0);
        // Both are whole numbers: at least 1 where they are not 0, and where they are, so is what they divide.
        let depth = smaller(spread / larger(most, 1.0) * saturation, 1.0) * bright;
        let part = 1.0 / larger(spread, 1.0);
        // The hue in sixths of the circle, from red over green to blue.
        let of_red = (green - blue) * part;
        let of_green = (blue - red) * part + 2.0;
        let of_blue = (red - green) * part + 4.0;
        let hue = turn
            + if most == red {
                of_red
            } else if most == green {
                of_green
            } else {
                of_blue
            };
        // Each channel is bright for two sixths around its own hue and falls off over the next on either side.
        for (plane, own) in planes.iter_mut().zip([0.0, 2.0, 4.0]) {
            let away = 3.0 - (3.0 - (hue - own).abs()).abs();
            plane[at] = bright - depth * smaller(larger(away - 1.0, 0.0), 1.0);
        }
    }
    for (at, pixel) in block.as_chunks_mut::<3>().0.iter_mut().enumerate() {
        // From 2^23 on, a float holds whole numbers only: the sum is rounded, and its last bits are the number.
        (0..3).for_each(|channel| pixel[channel] = (planes[channel][at] + 8_388_608.0).to_bits() as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boxes::LabelledBox;

    const SIDE: usize = 64;

    /// A white rectangle on black, and its box.
    fn scene(class: usize, corners: [usize; 4]) -> (Vec<u8>, Vec<LabelledBox>) {
        let inside =
            |x: usize, y: usize| x >= corners[0] && x < corners[2] && y >= corners[1] && y < corners[3];
        let white = |at: usize| if inside(at % SIDE, at / SIDE) { [255; 3] } else { [0; 3] };
        let pixels = (0..SIDE * SIDE).flat_map(white).collect();
        let corners = corners.map(|corner| corner as f32);
        (pixels, vec![LabelledBox { class, corners, crowd: false }])
    }

    /// x1, y1, x2, y2 around everything white.
    fn white(pixels: &[u8]) -> Option<[f32; 4]> {
        let found = || (0..SIDE * SIDE).filter(|at| pixels[at * 3] > 127);
        let (x, y) = (|at: usize| at % SIDE, |at: usize| at / SIDE);
        Some([
            found().map(x).min()? as f32,
            found().map(y).min()? as f32,
            found().map(x).max()? as f32 + 1.0,
            found().map(y).max()? as f32 + 1.0,
        ])
    }

    const WHOLE: [f32; 4] = [0.0, 0.0, SIDE as f32, SIDE as f32];

    #[test]
    fn boxes_go_with_their_pixels() {
        let (pixels, boxes) = scene(3, [20, 24, 44, 36]);
        let (empty, none) = (vec![0; SIDE * SIDE * 3], Vec::<LabelledBox>::new());
        let (mut seen, mut cut) = (0, 0);
        for key in 0..200 {
            let random = &mut Random::new(&[key]);
            let own = Source { pixels: &pixels, window: WHOLE, objects: &boxes };
            let others = || Source { pixels: &empty, window: [0.0, 10.0, 64.0, 54.0], objects: &none };
            let sources = if key % 2 == 0 { vec![own] } else { vec![others(), own, others(), others()] };
            let mut out = vec![0; SIDE * SIDE * 3];
            let mut found = compose(&sources, &mut out, SIDE, random);
            maybe_flip(&mut out, &mut found, SIDE, random);
            let Some(object) = found.first() else {
                cut += 1;
                let left = white(&out).map_or(0.0, area);
                assert!(left < 0.45 * 24.0 * 12.0, "{key}: {left} pixels are seen without a box");
                continue;
            };
            seen += 1;
            assert_eq!((found.len(), object.class), (1, 3));
            let expected = white(&out).unwrap();
            for (a, b) in object.corners.iter().zip(expected) {
                assert!((a - b).abs() <= 1.5, "{key}: {:?} around {expected:?}", object.corners);
            }
        }
        assert!(seen > 120 && cut > 5, "{seen} {cut}");
    }

    #[test]
    fn four_images_fill_their_corners_and_the_rest_is_grey() {
        let flat: Vec<Vec<u8>> = [10, 60, 160, 240].map(|value| vec![value; SIDE * SIDE * 3]).to_vec();
        let mut all_seen = 0;
        for key in 0..100 {
            let source = |pixels| Source { pixels, window: WHOLE, objects: &[] };
            let sources: Vec<Source<LabelledBox>> = flat.iter().map(|pixels| source(pixels)).collect();
            let mut out = vec![0; SIDE * SIDE * 3];
            compose(&sources, &mut out, SIDE, &mut Random::new(&[key]));
            let values: std::collections::BTreeSet<u8> = out.iter().copied().collect();
            assert!(values.iter().all(|value| [10, 60, 114, 160, 240].contains(value)), "{values:?}");
            all_seen += usize::from([10, 60, 160, 240].iter().all(|value| values.contains(value)));
        }
        assert!(all_seen > 50, "{all_seen}");
    }

    #[test]
    fn what_is_left_of_a_box_decides() {
        let object = LabelledBox { class: 0, corners: [0.0, 0.0, 20.0, 20.0], crowd: false };
        let cut = |offset: [f64; 2]| moved(&object, WHOLE, 1.0, offset, SIDE).map(|object| object.corners);
        assert_eq!(cut([5.0, 5.0]), Some([5.0, 5.0, 25.0, 25.0]));
        assert_eq!(cut([-15.0, 0.0]), Some([0.0, 0.0, 5.0, 20.0]));
        assert_eq!(cut([-18.5, 0.0]), None, "1.5 pixels wide");
        assert_eq!(cut([-15.0, -14.0]), None, "7.5 % of the area");
        assert_eq!(cut([-30.0, 0.0]), None);
    }

    #[test]
    fn colours_change_by_their_share_and_greys_stay_grey() {
        let mut changed = 0;
        for key in 0..100 {
            let mut out = [200, 100, 50, 80, 80, 80, 0, 0, 0, 255, 255, 255];
            colour(&mut out, &mut Random::new(&[key]));
            assert!(out[3] == out[4] && out[4] == out[5] && out[9] == out[10] && out[10] == out[11]);
            assert_eq!(out[6..9], [0; 3]);
            assert!(f32::from(out[0]) >= 200.0 * 0.59 && out[0] > out[1] && out[1] >= out[2], "{out:?}");
            changed += usize::from(out[..3] != [200, 100, 50]);
        }
        assert!(changed > 90);
    }

    #[test]
    fn colours_by_hand() {
        let recoloured = |rgb: [u8; 3], turn, saturation, value| {
            let mut out = rgb;
            recolour(&mut out, turn, saturation, value);
            out
        };
        // Every hue: the way there and back is exact.
        for rgb in [[255, 0, 0], [10, 200, 30], [30, 10, 200], [200, 10, 190], [200, 190, 10], [10, 180, 190]]
        {
            assert_eq!(recoloured(rgb, 0.0, 1.0, 1.0), rgb);
        }
        assert_eq!(recoloured([255, 0, 0], 2.0, 1.0, 1.0), [0, 255, 0]);
        assert_eq!(recoloured([0, 0, 255], 1.0, 1.0, 1.0), [255, 0, 255]);
        assert_eq!(recoloured([255, 0, 0], -1.0, 1.0, 1.0), [255, 0, 255]);
        assert_eq!(recoloured([200, 100, 100], 0.0, 0.5, 1.0), [200, 150, 150]);
        assert_eq!(recoloured([200, 100, 100], 0.0, 1.0, 0.5), [100, 50, 50]);
        assert_eq!(recoloured([200, 100, 100], 0.0, 9.0, 9.0), [255, 0, 0]);
    }
}
