//! Where an image lies in the square that the network sees, and the way back.

use trainyard_events::config::Resize;

/// Pixels of the square are those of the image times `scale`, plus `left` and `top`.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Of the image, in pixels.
    pub width: u32,
    pub height: u32,
    pub scale: [f32; 2],
    pub left: f32,
    pub top: f32,
}

impl Frame {
    /// As `trainyard_data::resize::square` puts it there.
    pub fn of(width: u32, height: u32, side: u32, resize: Resize) -> Frame {
        let (w, h, s) = (f64::from(width), f64::from(height), f64::from(side));
        let (scale, left, top) = match resize {
            Resize::Stretch => ([s / w, s / h], 0.0, 0.0),
            Resize::Crop => {
                let scale = s / w.min(h);
                ([scale; 2], (s - w * scale) / 2.0, (s - h * scale) / 2.0)
            }
            Resize::Letterbox => {
                let scale = s / w.max(h);
                let border =
                    |length: f64| f64::from((side - ((length * scale).round() as u32).clamp(1, side)) / 2);
                ([scale; 2], border(w), border(h))
            }
        };
        Frame { width, height, scale: scale.map(|scale| scale as f32), left: left as f32, top: top as f32 }
    }

    /// A point of the square in pixels of the image, clipped to it.
    pub fn to_image(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let clipped = |at: f32, most: u32| at.clamp(0.0, most as f32);
        [
            clipped((x - self.left) / self.scale[0], self.width),
            clipped((y - self.top) / self.scale[1], self.height),
        ]
    }

    pub fn to_square(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        [x * self.scale[0] + self.left, y * self.scale[1] + self.top]
    }

    pub fn box_to_image(&self, [x1, y1, x2, y2]: [f32; 4]) -> [f32; 4] {
        let ([x1, y1], [x2, y2]) = (self.to_image([x1, y1]), self.to_image([x2, y2]));
        [x1, y1, x2, y2]
    }

    /// The part of the square that the image covers, as corners.
    pub fn window(&self, side: u32) -> [f32; 4] {
        let ([x1, y1], [x2, y2]) =
            (self.to_square([0.0; 2]), self.to_square([self.width as f32, self.height as f32]));
        let within = |at: f32| at.clamp(0.0, side as f32);
        [within(x1), within(y1), within(x2), within(y2)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage};
    use trainyard_data::resize::square;

    /// A white rectangle on black, made a square as pixels, comes back to where it was.
    #[test]
    fn what_lies_in_the_square_comes_back_to_the_image() {
        for resize in [Resize::Letterbox, Resize::Stretch, Resize::Crop] {
            for (width, height, side) in
                [(300u32, 200u32, 96u32), (120, 400, 160), (50, 40, 128), (64, 64, 64)]
            {
                let (middle, edge) = ([width / 2, height / 2], width.min(height) / 5);
                let inside = |x: u32, y: u32| x.abs_diff(middle[0]) < edge && y.abs_diff(middle[1]) < edge;
                let image =
                    RgbImage::from_fn(width, height, |x, y| Rgb([if inside(x, y) { 255 } else { 0 }; 3]));
                let pixels = square(&image, side, resize);
                let white: Vec<[f32; 2]> = (0..(side * side) as usize)
                    .filter(|at| pixels[at * 3] > 127)
                    .map(|at| [(at % side as usize) as f32 + 0.5, (at / side as usize) as f32 + 0.5])
                    .collect();
                let frame = Frame::of(width, height, side, resize);
                let mean = |axis: usize| {
                    white.iter().map(|at| frame.to_image(*at)[axis]).sum::<f32>() / white.len() as f32
                };
                for axis in [0, 1] {
                    let pixel = 1.0 / frame.scale[axis];
                    let off = (mean(axis) - middle[axis] as f32).abs();
                    assert!(off <= pixel.max(1.0), "{resize:?} {width}x{height} in {side}: {off} off");
                }
            }
        }
    }

    #[test]
    fn what_lies_beside_the_image_is_clipped() {
        let frame = Frame::of(100, 50, 100, Resize::Letterbox);
        assert_eq!(frame.box_to_image([-10.0, 0.0, 900.0, 900.0]), [0.0, 0.0, 100.0, 50.0]);
        assert_eq!(frame.window(100), [0.0, 25.0, 100.0, 75.0]);
        assert_eq!(Frame::of(100, 50, 50, Resize::Crop).window(50), [0.0, 0.0, 50.0, 50.0]);
    }
}
