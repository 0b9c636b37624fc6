//! Answers drawn on images: boxes (what is there as thin white lines, what was found in the colour
//! of its class), and captions.

use font8x8::legacy::BASIC_LEGACY;
use image::{Rgb, RgbImage, imageops};
use trainyard_data::page::{BACKGROUND, fit};

use crate::metrics::average_precision::{Found, Truth};

/// Images with boxes on a page, in rows of [`SCENE_COLUMNS`]; the longer side of one, in pixels.
pub const PAGE_SCENES: usize = 16;
pub const SCENE_COLUMNS: u32 = 4;
const SCENE_SIDE: u32 = 320;
/// Images with a caption on a page, in rows of [`CAPTIONED_COLUMNS`]; the longer side of one, in pixels.
pub const PAGE_CAPTIONED: usize = 24;
pub const CAPTIONED_COLUMNS: u32 = 6;
const CAPTIONED_SIDE: u32 = 144;
const RIGHT: Rgb<u8> = Rgb([120, 200, 120]);
const WRONG: Rgb<u8> = Rgb([240, 130, 110]);
pub const TRUTH: Rgb<u8> = Rgb([255; 3]);
/// Side of a letter, in pixels.
const LETTER: i64 = 8;

/// Distinct on photographs and for most colour-blind eyes (Okabe and Ito 2008, without its black).
const COLOURS: [[u8; 3]; 7] = [
    [230, 159, 0],
    [86, 180, 233],
    [0, 158, 115],
    [240, 228, 66],
    [0, 114, 178],
    [213, 94, 0],
    [204, 121, 167],
];

/// Draws truths thin and dashed, then answers two pixels wide with the name of their class and their score,
/// where their width has room for that. Corners
/// are in pixels of the image.
pub fn draw(image: &mut RgbImage, truths: &[Truth], found: &[Found], classes: &[String]) {
    for truth in truths {
        rectangle(image, truth.corners, 1, true, TRUTH);
    }
    let mut found: Vec<&Found> = found.iter().collect();
    // The surest is drawn last, over the others.
    found.sort_by(|a, b| a.score.total_cmp(&b.score));
    for answer in found {
        let colour = colour_of(answer.class);
        rectangle(image, answer.corners, 2, false, colour);
        let name = classes.get(answer.class).map_or("?", String::as_str);
        let [left, top, right, _] = answer.corners.map(|corner| corner as i64);
        // As much as is no wider than its box: among many small ones, names would hide what they name.
        let texts = [format!("{name} {:.2}", answer.score), format!("{:.2}", answer.score)];
        let fits = |text: &&String| text.chars().count() as i64 * LETTER <= right.saturating_sub(left);
        if let Some(text) = texts.iter().find(fits) {
            label(image, left, top, text, colour);
        }
    }
}

/// The image in the size that it has on a page, with boxes of classes on it, each with its name where its width has room for
/// that. `paint` is told by how much the image is scaled, and draws what lies under the boxes.
pub fn labelled(
    image: &RgbImage,
    boxes: &[(usize, [f32; 4])],
    classes: &[String],
    paint: impl FnOnce(&mut RgbImage, f32),
) -> RgbImage {
    let (mut fitted, scale) = fit(image, SCENE_SIDE);
    paint(&mut fitted, scale);
    for (class, corners) in boxes {
        let corners = corners.map(|corner| corner * scale);
        let colour = colour_of(*class);
        rectangle(&mut fitted, corners, 2, false, colour);
        let name = classes.get(*class).map_or("?", String::as_str);
        let [left, top, right, _] = corners.map(|corner| corner as i64);
        if name.chars().count() as i64 * LETTER <= right - left {
            label(&mut fitted, left, top, name, colour);
        }
    }
    fitted
}

/// The image in the size that it has on a page, with its boxes drawn on it; `paint` as of [`labelled`].
pub fn sample(
    image: &RgbImage,
    truths: &[Truth],
    found: &[Found],
    classes: &[String],
    paint: impl FnOnce(&mut RgbImage, f32),
) -> RgbImage {
    let (mut fitted, scale) = fit(image, SCENE_SIDE);
    paint(&mut fitted, scale);
    let scaled = |corners: [f32; 4]| corners.map(|corner| corner * scale);
    let truths: Vec<Truth> =
        truths.iter().map(|truth| Truth { corners: scaled(truth.corners), ..*truth }).collect();
    let found: Vec<Found> =
        found.iter().map(|answer| Found { corners: scaled(answer.corners), ..*answer }).collect();
    draw(&mut fitted, &truths, &found, classes);
    fitted
}

/// What everything of a class is drawn in.
pub fn colour_of(class: usize) -> Rgb<u8> {
    Rgb(COLOURS[class % COLOURS.len()])
}

fn put(image: &mut RgbImage, x: i64, y: i64, colour: Rgb<u8>) {
    if let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y))
        && x < image.width()
        && y < image.height()
    {
        image.put_pixel(x, y, colour);
    }
}

fn rectangle(image: &mut RgbImage, corners: [f32; 4], width: i64, dashed: bool, colour: Rgb<u8>) {
    // Nothing outside of the image is walked along.
    let (last_x, last_y) = (image.width() as f32, image.height() as f32);
    let [x1, y1, x2, y2] = corners;
    let (x1, x2) =
        (x1.clamp(-8.0, last_x + 8.0).round() as i64, x2.clamp(-8.0, last_x + 8.0).round() as i64 - 1);
    let (y1, y2) =
        (y1.clamp(-8.0, last_y + 8.0).round() as i64, y2.clamp(-8.0, last_y + 8.0).round() as i64 - 1);
    let drawn = |at: i64| !dashed || at.rem_euclid(6) < 4;
    for inset in 0..width {
        for x in (x1..=x2).filter(|&x| drawn(x)) {
            put(image, x, y1 + inset, colour);
            put(image, x, y2 - inset, colour);
        }
        for y in (y1..=y2).filter(|&y| drawn(y)) {
            put(image, x1 + inset, y, colour);
            put(image, x2 - inset, y, colour);
        }
    }
}

/// Dark letters on the colour, above the box or, at the upper edge, inside it.
fn label(image: &mut RgbImage, left: i64, top: i64, text: &str, colour: Rgb<u8>) {
    let length = text.chars().count() as i64;
    let left = left.min(i64::from(image.width()) - length * LETTER).max(0);
    let top = if top >= LETTER + 2 { top - LETTER - 2 } else { top.max(0) };
    for y in 0..LETTER + 2 {
        for x in 0..length * LETTER {
            put(image, left + x, top + y, colour);
        }
    }
    write(image, left, top + 1, text);
}

/// Black letters; those beyond ASCII show as `?`.
fn write(image: &mut RgbImage, left: i64, top: i64, text: &str) {
    for (index, letter) in text.chars().enumerate() {
        let glyph = BASIC_LEGACY.get(letter as usize).unwrap_or(&BASIC_LEGACY['?' as usize]);
        for (y, row) in glyph.iter().enumerate() {
            for x in (0..8).filter(|x| row & (1 << x) != 0) {
                put(image, left + index as i64 * LETTER + x, top + y as i64, Rgb([0; 3]));
            }
        }
    }
}

/// The image as it is on a page, above two lines of text on green or red.
pub fn captioned(image: &RgbImage, lines: [&str; 2], is_right: bool) -> RgbImage {
    let (fitted, _) = fit(image, CAPTIONED_SIDE);
    let strip = 2 * (LETTER as u32 + 2) + 2;
    let colour = if is_right { RIGHT } else { WRONG };
    let mut whole = RgbImage::from_pixel(CAPTIONED_SIDE, CAPTIONED_SIDE + strip, colour);
    let ground = RgbImage::from_pixel(CAPTIONED_SIDE, CAPTIONED_SIDE, BACKGROUND);
    imageops::replace(&mut whole, &ground, 0, 0);
    let middle = |length: u32| i64::from((CAPTIONED_SIDE - length) / 2);
    imageops::replace(&mut whole, &fitted, middle(fitted.width()), middle(fitted.height()));
    for (row, line) in (0..).zip(lines) {
        write(&mut whole, 2, i64::from(CAPTIONED_SIDE) + 2 + row * (LETTER + 2), line);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(corners: [f32; 4], score: f32) -> Found {
        Found { class: 1, score, corners, ..Found::default() }
    }

    fn classes() -> Vec<String> {
        vec!["cat".to_owned(), "나무".to_owned()]
    }

    #[test]
    fn boxes_lie_where_they_say() {
        let mut image = RgbImage::new(100, 80);
        let truth = Truth { corners: [60.0, 40.0, 90.0, 70.0], ..Truth::default() };
        draw(&mut image, &[truth], &[answer([10.0, 30.0, 40.0, 60.0], 0.5)], &classes());
        let own = Rgb(COLOURS[1]);
        for (x, y) in [(10, 30), (39, 59), (11, 45), (38, 45), (20, 31), (20, 58)] {
            assert_eq!(*image.get_pixel(x, y), own, "{x}, {y}");
        }
        for (x, y) in [(12, 45), (9, 45), (40, 45), (20, 60)] {
            assert_eq!(*image.get_pixel(x, y), Rgb([0; 3]), "{x}, {y}");
        }
        assert_eq!((*image.get_pixel(60, 42), *image.get_pixel(60, 47)), (TRUTH, Rgb([0; 3])), "dashes");
        let labelled =
            |image: &RgbImage| (0..100).filter(|&x| (20..29).any(|y| *image.get_pixel(x, y) == own)).count();
        assert_eq!(labelled(&image), 0, "a box of 30 pixels has no room for letters");
        for (right, letters) in [(45.0, 4), (80.0, 7)] {
            let mut image = RgbImage::new(100, 80);
            draw(&mut image, &[], &[answer([10.0, 30.0, right, 60.0], 0.5)], &classes());
            assert_eq!(labelled(&image), letters * 8, "0.50, or ?? 0.50 above the box");
        }
    }

    #[test]
    fn what_lies_outside_is_no_trouble() {
        let mut image = RgbImage::new(20, 10);
        for corners in [[-1e9, -1e9, 1e9, 1e9], [50.0, 50.0, 60.0, 60.0], [5.0, 5.0, 1.0, 1.0], [f32::NAN; 4]]
        {
            draw(&mut image, &[], &[answer(corners, f32::NAN)], &classes());
        }
    }

    #[test]
    fn a_caption_says_what_and_whether_it_is_right() {
        let image = RgbImage::from_pixel(8, 16, Rgb([200; 3]));
        for (is_right, colour) in [(true, RIGHT), (false, WRONG)] {
            let captioned = captioned(&image, ["7 0.98", "is 1"], is_right);
            assert_eq!(captioned.dimensions(), (144, 166));
            assert_eq!(*captioned.get_pixel(72, 72), Rgb([200; 3]));
            assert_eq!((*captioned.get_pixel(10, 72), *captioned.get_pixel(140, 160)), (BACKGROUND, colour));
            let letters = captioned.enumerate_pixels().filter(|(_, y, dot)| *y > 144 && dot.0 == [0; 3]);
            assert!(letters.count() > 50);
        }
    }

    #[test]
    fn boxes_of_classes_have_their_colours_and_names() {
        let image = RgbImage::new(640, 640);
        let boxes = [(1, [100.0, 100.0, 300.0, 300.0]), (9, [400.0, 400.0, 404.0, 404.0])];
        let drawn = labelled(&image, &boxes, &classes(), |_, _| ());
        assert_eq!(drawn.dimensions(), (320, 320));
        assert_eq!(
            (*drawn.get_pixel(50, 100), *drawn.get_pixel(201, 201)),
            (Rgb(COLOURS[1]), Rgb(COLOURS[2]))
        );
        let named = (0..320).filter(|x| *drawn.get_pixel(*x, 40) == Rgb(COLOURS[1])).count();
        assert_eq!(named, 2 * LETTER as usize, "two letters above the box");
    }

    #[test]
    fn a_sample_scales_its_boxes_along() {
        let image = RgbImage::new(640, 320);
        let sample = sample(&image, &[], &[answer([100.0, 100.0, 300.0, 300.0], 0.5)], &classes(), |_, _| ());
        assert_eq!(sample.dimensions(), (320, 160));
        assert_eq!(*sample.get_pixel(50, 100), Rgb(COLOURS[1]));
        assert_eq!(*sample.get_pixel(149, 100), Rgb(COLOURS[1]));
    }
}
