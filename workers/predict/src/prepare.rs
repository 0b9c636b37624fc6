//! An image as a model wants it, with the same pixels as in training.

use image::RgbImage;
use trainyard_data::resize::square;
use trainyard_events::card::Preprocessing;

use crate::frame::Frame;
use crate::limits::CONFIDENCE;

#[derive(Clone, Debug)]
pub struct Prepared {
    /// Normalised, `[3, S, S]`.
    pub planes: Vec<f32>,
    pub frame: Frame,
    /// Objects less sure than this are not told.
    pub least: f32,
    /// Whether masks are told as runs besides.
    pub rle: bool,
}

/// How an image's answer is to be told.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish {
    /// Objects are told from it on; `None` for what is held to be right.
    pub confidence: Option<f32>,
    pub rle: bool,
}

impl Prepared {
    pub fn new(image: &RgbImage, preprocessing: &Preprocessing) -> Prepared {
        let (side, resize) = (preprocessing.image_size, preprocessing.resize);
        Prepared {
            planes: normalise(&square(image, side, resize), preprocessing),
            frame: Frame::of(image.width(), image.height(), side, resize),
            least: CONFIDENCE,
            rle: false,
        }
    }

    pub fn told_as(self, wish: Wish) -> Prepared {
        Prepared { least: wish.confidence.unwrap_or(self.least), rle: wish.rle, ..self }
    }
}

/// Rows of RGB bytes as three planes of floats. A byte has 256 values: each is computed once, as training does, and looked
/// up.
fn normalise(pixels: &[u8], preprocessing: &Preprocessing) -> Vec<f32> {
    let tables: [[f32; 256]; 3] = std::array::from_fn(|channel| {
        let mean = (preprocessing.mean[channel] * 255.0) as f32;
        let deviation = (preprocessing.std[channel] * 255.0) as f32;
        std::array::from_fn(|value| (value as f32 - mean) / deviation)
    });
    let pixels = pixels.as_chunks::<3>().0;
    let mut planes = vec![0.0; 3 * pixels.len()];
    let (red, others) = planes.split_at_mut(pixels.len());
    let (green, blue) = others.split_at_mut(pixels.len());
    for (((pixel, red), green), blue) in pixels.iter().zip(red).zip(green).zip(blue) {
        *red = tables[0][usize::from(pixel[0])];
        *green = tables[1][usize::from(pixel[1])];
        *blue = tables[2][usize::from(pixel[2])];
    }
    planes
}

#[cfg(test)]
mod tests {
    use super::*;
    use trainyard_events::config::Resize;

    #[test]
    fn planes_by_hand() {
        let preprocessing = Preprocessing {
            image_size: 2,
            resize: Resize::Stretch,
            mean: [0.5, 0.0, 0.0],
            std: [0.5, 1.0, 2.0],
            sample_bits: None,
        };
        let planes = normalise(&[0, 51, 102, 255, 51, 102, 0, 51, 102, 255, 51, 102], &preprocessing);
        let expected = [-1.0, 1.0, -1.0, 1.0, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2];
        assert!(planes.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{planes:?}");
    }
}
