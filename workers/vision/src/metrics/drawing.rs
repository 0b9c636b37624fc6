//! Answers drawn on images: boxes (what is there as thin dashed lines, what was found in the colour of its class), and frames.
//! No letters: whoever shows a page writes what is to be said in the language of its reader.

use image::{Rgb, RgbImage, imageops};
use trainyard_data::page::{BACKGROUND, fit};

use crate::metrics::average_precision::{Found, Truth};

/// Images with boxes on a page, in rows of [`SCENE_COLUMNS`]; the longer side of one, in pixels.
pub const PAGE_SCENES: usize = 16;
pub const SCENE_COLUMNS: u32 = 4;
const SCENE_SIDE: u32 = 320;
/// Images in a frame on a page, in rows of [`FRAMED_COLUMNS`]; the side of one, in pixels.
pub const PAGE_FRAMED: usize = 24;
pub const FRAMED_COLUMNS: u32 = 6;
const FRAMED_SIDE: u32 = 144;
/// Of a frame, without the light line within it.
const FRAME: i64 = 4;
const RIGHT: Rgb<u8> = Rgb([46, 158, 91]);
const WRONG: Rgb<u8> = Rgb([224, 83, 61]);
pub const TRUTH: Rgb<u8> = Rgb([255; 3]);
/// Around every line, so that it is seen on an image of its own colour.
const HALO: Rgb<u8> = Rgb([0; 3]);

/// As the dashboard marks classes: bright, since photographs are seldom so.
const COLOURS: [[u8; 3]; 9] = [
    [255, 225, 77],
    [255, 138, 61],
    [92, 200, 255],
    [242, 140, 255],
    [125, 255, 107],
    [255, 111, 145],
    [77, 255, 240],
    [215, 255, 61],
    [255, 199, 161],
];

/// Draws truths thin and dashed, then answers two pixels wide, all in a dark halo. Corners are in pixels of the image.
pub fn draw(image: &mut RgbImage, truths: &[Truth], found: &[Found]) {
    for truth in truths {
        rectangle(image, truth.corners, 1, true, TRUTH);
    }
    let mut found: Vec<&Found> = found.iter().collect();
    // The surest is drawn last, over the others.
    found.sort_by(|a, b| a.score.total_cmp(&b.score));
    for answer in found {
        rectangle(image, answer.corners, 2, false, colour_of(answer.class));
    }
}

/// The image in the size that it has on a page, with boxes of classes on it. `paint` is told by how much the image is scaled,
/// and draws what lies under the boxes.
pub fn labelled(
    image: &RgbImage,
    boxes: &[(usize, [f32; 4])],
    paint: impl FnOnce(&mut RgbImage, f32),
) -> RgbImage {
    let (mut fitted, scale) = fit(image, SCENE_SIDE);
    paint(&mut fitted, scale);
    for (class, corners) in boxes {
        rectangle(&mut fitted, corners.map(|corner| corner * scale), 2, false, colour_of(*class));
    }
    fitted
}

/// The image in the size that it has on a page, with its boxes drawn on it; `paint` as of [`labelled`].
pub fn sample(
    image: &RgbImage,
    truths: &[Truth],
    found: &[Found],
    paint: impl FnOnce(&mut RgbImage, f32),
) -> RgbImage {
    let (mut fitted, scale) = fit(image, SCENE_SIDE);
    paint(&mut fitted, scale);
    let scaled = |corners: [f32; 4]| corners.map(|corner| corner * scale);
    let truths: Vec<Truth> =
        truths.iter().map(|truth| Truth { corners: scaled(truth.corners), ..*truth }).collect();
    let found: Vec<Found> =
        found.iter().map(|answer| Found { corners: scaled(answer.corners), ..*answer }).collect();
    draw(&mut fitted, &truths, &found);
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

/// `width` pixels inwards from the corners, with a halo of one on either side.
fn rectangle(image: &mut RgbImage, corners: [f32; 4], width: i64, dashed: bool, colour: Rgb<u8>) {
    // Nothing outside of the image is walked along.
    let (last_x, last_y) = (image.width() as f32, image.height() as f32);
    let [x1, y1, x2, y2] = corners;
    let (x1, x2) =
        (x1.clamp(-8.0, last_x + 8.0).round() as i64, x2.clamp(-8.0, last_x + 8.0).round() as i64 - 1);
    let (y1, y2) =
        (y1.clamp(-8.0, last_y + 8.0).round() as i64, y2.clamp(-8.0, last_y + 8.0).round() as i64 - 1);
    let drawn = |at: i64| !dashed || at.rem_euclid(6) < 4;
    let mut line = |inset: i64, colour| {
        for x in (x1 + inset.min(0)..=x2 - inset.min(0)).filter(|&x| drawn(x)) {
            put(image, x, y1 + inset, colour);
            put(image, x, y2 - inset, colour);
        }
        for y in (y1 + inset.min(0)..=y2 - inset.min(0)).filter(|&y| drawn(y)) {
            put(image, x1 + inset, y, colour);
            put(image, x2 - inset, y, colour);
        }
    };
    line(-1, HALO);
    line(width, HALO);
    (0..width).for_each(|inset| line(inset, colour));
}

/// The image in the middle of a square as it is on a page, in a frame of green or red with a light line within.
pub fn framed(image: &RgbImage, is_right: bool) -> RgbImage {
    let (fitted, _) = fit(image, FRAMED_SIDE);
    let mut whole = RgbImage::from_pixel(FRAMED_SIDE, FRAMED_SIDE, BACKGROUND);
    let middle = |length: u32| i64::from((FRAMED_SIDE - length) / 2);
    imageops::replace(&mut whole, &fitted, middle(fitted.width()), middle(fitted.height()));
    let colour = if is_right { RIGHT } else { WRONG };
    let side = i64::from(FRAMED_SIDE);
    for (x, y) in (0..side).flat_map(|y| (0..side).map(move |x| (x, y))) {
        match x.min(y).min(side - 1 - x).min(side - 1 - y) {
            edge if edge < FRAME => put(&mut whole, x, y, colour),
            FRAME => put(&mut whole, x, y, TRUTH),
            _ => {}
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(corners: [f32; 4], score: f32) -> Found {
        Found { class: 1, score, corners, ..Found::default() }
    }

    #[test]
    fn boxes_lie_where_they_say() {
        let ground = Rgb([90; 3]);
        let mut image = RgbImage::from_pixel(100, 80, ground);
        let truth = Truth { corners: [60.0, 40.0, 90.0, 70.0], ..Truth::default() };
        draw(&mut image, &[truth], &[answer([10.0, 30.0, 40.0, 60.0], 0.5)]);
        let own = Rgb(COLOURS[1]);
        for (x, y) in [(10, 30), (39, 59), (11, 45), (38, 45), (20, 31), (20, 58)] {
            assert_eq!(*image.get_pixel(x, y), own, "{x}, {y}");
        }
        for (x, y) in [(12, 45), (9, 45), (40, 45), (20, 60), (9, 29), (40, 60)] {
            assert_eq!(*image.get_pixel(x, y), HALO, "{x}, {y}");
        }
        for (x, y) in [(13, 45), (8, 45), (41, 45), (20, 61)] {
            assert_eq!(*image.get_pixel(x, y), ground, "{x}, {y}");
        }
        assert_eq!((*image.get_pixel(60, 42), *image.get_pixel(60, 47)), (TRUTH, ground), "dashes");
    }

    #[test]
    fn of_two_answers_in_one_place_the_surer_is_seen() {
        let (mut image, corners) = (RgbImage::new(40, 40), [5.0, 5.0, 30.0, 30.0]);
        let other = Found { class: 2, ..answer(corners, 0.9) };
        draw(&mut image, &[], &[other, answer(corners, 0.5)]);
        assert_eq!(*image.get_pixel(5, 5), Rgb(COLOURS[2]));
    }

    #[test]
    fn what_lies_outside_is_no_trouble() {
        let mut image = RgbImage::new(20, 10);
        for corners in [[-1e9, -1e9, 1e9, 1e9], [50.0, 50.0, 60.0, 60.0], [5.0, 5.0, 1.0, 1.0], [f32::NAN; 4]]
        {
            draw(&mut image, &[], &[answer(corners, f32::NAN)]);
        }
    }

    #[test]
    fn a_frame_says_whether_it_is_right_and_leaves_the_image() {
        let image = RgbImage::from_pixel(8, 16, Rgb([200; 3]));
        for (is_right, colour) in [(true, RIGHT), (false, WRONG)] {
            let framed = framed(&image, is_right);
            assert_eq!(framed.dimensions(), (144, 144));
            assert_eq!(*framed.get_pixel(72, 72), Rgb([200; 3]));
            for (x, y) in [(0, 0), (143, 143), (3, 72), (140, 72), (72, 140)] {
                assert_eq!(*framed.get_pixel(x, y), colour, "{x}, {y}");
            }
            assert_eq!((*framed.get_pixel(4, 72), *framed.get_pixel(5, 72)), (TRUTH, BACKGROUND));
        }
    }

    #[test]
    fn boxes_of_classes_have_their_colours() {
        let image = RgbImage::new(640, 640);
        let boxes = [(1, [100.0, 100.0, 300.0, 300.0]), (11, [400.0, 400.0, 404.0, 404.0])];
        let drawn = labelled(&image, &boxes, |_, _| ());
        assert_eq!(drawn.dimensions(), (320, 320));
        assert_eq!(
            (*drawn.get_pixel(50, 100), *drawn.get_pixel(201, 201)),
            (Rgb(COLOURS[1]), Rgb(COLOURS[2]))
        );
    }

    #[test]
    fn a_sample_scales_its_boxes_along() {
        let image = RgbImage::new(640, 320);
        let sample = sample(&image, &[], &[answer([100.0, 100.0, 300.0, 300.0], 0.5)], |_, _| ());
        assert_eq!(sample.dimensions(), (320, 160));
        assert_eq!(*sample.get_pixel(50, 100), Rgb(COLOURS[1]));
        assert_eq!(*sample.get_pixel(149, 100), Rgb(COLOURS[1]));
    }
}
