//! Boxes around objects, and where they go when an image becomes a square.

/// One labelled object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelledBox {
    /// Index into the dataset's classes.
    pub class: usize,
    /// x1, y1, x2, y2 in pixels of the image that it is given with, after EXIF rotation.
    pub corners: [f32; 4],
    /// A region of many objects, as COCO marks them: never trained on, and what is found there is not judged.
    pub crowd: bool,
}

/// Where an image lies in the square that the network sees, as `preprocess::square` puts it there: centred.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Letterbox {
    /// Pixels of the square for one of the image.
    pub scale: f32,
    pub left: f32,
    pub top: f32,
}

impl Letterbox {
    pub fn of(width: u32, height: u32, side: u32) -> Self {
        let scale = f64::from(side) / f64::from(width.max(height));
        let border = |length: u32| {
            let inner = ((f64::from(length) * scale).round() as u32).clamp(1, side);
            ((side - inner) / 2) as f32
        };
        Letterbox { scale: scale as f32, left: border(width), top: border(height) }
    }

    /// The part of the square that is image and not border: x1, y1, x2, y2.
    pub fn window(&self, width: u32, height: u32) -> [f32; 4] {
        let [x1, y1, x2, y2] = self.to_square([0.0, 0.0, width as f32, height as f32]).map(f32::round);
        [x1, y1, x2.max(x1 + 1.0), y2.max(y1 + 1.0)]
    }

    pub fn to_square(&self, [x1, y1, x2, y2]: [f32; 4]) -> [f32; 4] {
        let (x, y) = (|x: f32| x * self.scale + self.left, |y: f32| y * self.scale + self.top);
        [x(x1), y(y1), x(x2), y(y2)]
    }

    /// Clipped to the image.
    pub fn to_image(&self, [x1, y1, x2, y2]: [f32; 4], width: u32, height: u32) -> [f32; 4] {
        let x = |x: f32| ((x - self.left) / self.scale).clamp(0.0, width as f32);
        let y = |y: f32| ((y - self.top) / self.scale).clamp(0.0, height as f32);
        [x(x1), y(y1), x(x2), y(y2)]
    }
}

/// An image and where it lies in its square.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    pub letterbox: Letterbox,
    /// Width and height of the image in pixels.
    pub size: [u32; 2],
}

impl Frame {
    pub fn of(width: u32, height: u32, side: u32) -> Self {
        Frame { letterbox: Letterbox::of(width, height, side), size: [width, height] }
    }

    /// Clipped to the image.
    pub fn to_image(&self, corners: [f32; 4]) -> [f32; 4] {
        self.letterbox.to_image(corners, self.size[0], self.size[1])
    }
}

/// In square pixels; 0 for corners that are the wrong way round.
pub fn area([x1, y1, x2, y2]: [f32; 4]) -> f32 {
    (x2 - x1).max(0.0) * (y2 - y1).max(0.0)
}

/// Of two boxes, the area that both cover.
pub fn common_area(a: [f32; 4], b: [f32; 4]) -> f32 {
    area([a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resize::square;
    use image::{Rgb, RgbImage};
    use trainyard_events::config::Resize;

    #[test]
    fn there_and_back_again() {
        for (width, height, side) in
            [(640, 480, 320), (333, 1000, 320), (20, 10, 64), (64, 64, 64), (1000, 1, 8)]
        {
            let letterbox = Letterbox::of(width, height, side);
            let corners = [0.25, 0.5, width as f32 * 0.75, height as f32 * 0.875];
            let back = letterbox.to_image(letterbox.to_square(corners), width, height);
            for (a, b) in corners.into_iter().zip(back) {
                assert!(
                    (a - b).abs() < 1e-3 * (width.max(height) as f32),
                    "{width}x{height}: {corners:?} {back:?}"
                );
            }
        }
        let whole = Letterbox::of(100, 50, 100).to_image([-10.0, 0.0, 900.0, 900.0], 100, 50);
        assert_eq!(whole, [0.0, 0.0, 100.0, 50.0]);
    }

    /// A white rectangle on black, letterboxed as pixels, lies where its box goes.
    #[test]
    fn boxes_go_where_the_pixels_go() {
        for (width, height, side) in [(300u32, 200u32, 96u32), (120, 400, 160), (50, 40, 128)] {
            let corners = [width / 5, height / 4, width * 4 / 5, height * 3 / 4];
            let inside =
                |x: u32, y: u32| x >= corners[0] && x < corners[2] && y >= corners[1] && y < corners[3];
            let image = RgbImage::from_fn(width, height, |x, y| Rgb([if inside(x, y) { 255 } else { 0 }; 3]));
            let pixels = square(&image, side, Resize::Letterbox);
            let is_white = |at: &usize| pixels[at * 3] > 127;
            let found: Vec<usize> = (0..(side * side) as usize).filter(is_white).collect();
            let column = |at: &usize| (at % side as usize) as f32;
            let row = |at: &usize| (at / side as usize) as f32;
            let low = |of: &dyn Fn(&usize) -> f32| found.iter().map(of).fold(f32::MAX, f32::min);
            let high = |of: &dyn Fn(&usize) -> f32| found.iter().map(of).fold(0.0, f32::max) + 1.0;
            let expected = Letterbox::of(width, height, side).to_square(corners.map(|corner| corner as f32));
            let found = [low(&column), low(&row), high(&column), high(&row)];
            for (a, b) in found.into_iter().zip(expected) {
                assert!((a - b).abs() <= 1.0, "{width}x{height} in {side}: {found:?} {expected:?}");
            }
        }
    }
}
