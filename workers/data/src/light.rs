//! How light the images of a set are: how many of 16 bits they use, and which of them show nothing.

use image::DynamicImage;
use trainyard_events::dataset::FileProblem;
use trainyard_events::reason::{Caution, Flaw};

use crate::limits::{DARK_PART, LIGHT_SHARE};
use crate::manifest::Image;
use crate::refusal::flawed;

/// What the samples of one image are, alpha left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Light {
    /// Whether they have 16 bits.
    pub is_deep: bool,
    pub highest: u16,
    /// Hardly any pixel is lighter than this.
    pub common: u16,
    pub is_one_colour: bool,
}

impl Light {
    pub fn of(image: &DynamicImage) -> Light {
        match image {
            DynamicImage::ImageLuma8(image) => measured(image, 1, 1),
            DynamicImage::ImageRgb8(image) => measured(image, 3, 3),
            DynamicImage::ImageLuma16(image) => measured(image, 1, 1),
            DynamicImage::ImageRgb16(image) => measured(image, 3, 3),
            // What is seen of the others is not only what their samples say.
            DynamicImage::ImageLumaA16(image) => unjudged(measured(image, 2, 1)),
            DynamicImage::ImageRgba16(image) => unjudged(measured(image, 4, 3)),
            other => measured(&crate::decode::flatten(other.clone()), 3, 3),
        }
    }

    /// The bits that the highest sample takes.
    pub fn bits(&self) -> u32 {
        u16::BITS - self.highest.leading_zeros()
    }
}

/// Of `channels` samples a pixel, the first `colours` count.
fn measured<T: Copy + PartialEq + Into<u16>>(samples: &[T], channels: usize, colours: usize) -> Light {
    let is_deep = size_of::<T>() > 1;
    let mut counts = vec![0u64; if is_deep { 1 << 16 } else { 1 << 8 }];
    let first = &samples[..channels.min(samples.len())];
    let mut is_one_colour = true;
    for pixel in samples.chunks_exact(channels) {
        let lightest = pixel[..colours].iter().map(|sample| (*sample).into()).max().unwrap_or(0);
        counts[usize::from(lightest)] += 1;
        is_one_colour &= pixel == first;
    }
    let highest = counts.iter().rposition(|count| *count > 0).unwrap_or(0);
    let pixels = (samples.len() / channels) as f64;
    let mut lighter = 0;
    let common = (0..=highest).rev().find(|level| {
        lighter += counts[*level];
        lighter as f64 > LIGHT_SHARE * pixels
    });
    let level = |level: usize| u16::try_from(level).unwrap_or(u16::MAX);
    Light { is_deep, highest: level(highest), common: level(common.unwrap_or(0)), is_one_colour }
}

fn unjudged(light: Light) -> Light {
    Light { common: u16::MAX, is_one_colour: false, ..light }
}

/// Of a whole set.
#[derive(Debug, Default)]
pub struct Lights {
    /// The bits that the 16-bit images use, where that is fewer than 16.
    pub sample_bits: Option<u32>,
    pub cautions: Vec<Caution>,
}

impl Lights {
    /// Notes at each image that shows nothing that it does.
    pub fn of(images: &[Image], lights: &[Light], noted: &mut Vec<FileProblem>) -> Lights {
        let deep = || lights.iter().filter(|light| light.is_deep);
        let bits = deep().map(Light::bits).max().map(|bits| bits.max(u8::BITS));
        let range = |light: &Light| (1u32 << if light.is_deep { bits.unwrap_or(16) } else { 8 }) - 1;
        let is_dark = |light: &Light| f64::from(light.common) < DARK_PART * f64::from(range(light));
        let mut with = |flaw: Flaw, fits: &dyn Fn(&Light) -> bool| -> (u64, Option<String>) {
            let found: Vec<&str> = images
                .iter()
                .zip(lights)
                .filter(|(_, light)| fits(light))
                .map(|(image, _)| &*image.name)
                .collect();
            noted.extend(found.iter().map(|name| flawed(name, vec![flaw.clone()])));
            (found.len() as u64, found.first().map(|name| (*name).to_owned()))
        };
        let (images, first) = with(Flaw::OneColour, &|light| light.is_one_colour);
        let one_colour = first.map(|first| Caution::OneColour { images, first });
        let (images, first) = with(Flaw::NearlyBlack, &|light| !light.is_one_colour && is_dark(light));
        let dark = first.map(|first| Caution::NearlyBlack { images, first });
        let sample_bits = bits.filter(|bits| *bits < u16::BITS);
        let images = deep().count() as u64;
        let fewer = sample_bits.map(|bits| Caution::SampleBits { images, bits: u64::from(bits) });
        Lights { sample_bits, cautions: fewer.into_iter().chain(one_colour).chain(dark).collect() }
    }
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, ImageBuffer, Luma, Rgb, RgbImage, Rgba};

    use super::*;

    #[test]
    fn samples_are_measured() {
        let deep = ImageBuffer::from_fn(10, 10, |x, y| Luma([if (x, y) == (0, 0) { 1023 } else { 40u16 }]));
        let light = Light::of(&DynamicImage::ImageLuma16(deep));
        assert_eq!((light.is_deep, light.bits(), light.common, light.is_one_colour), (true, 10, 40, false));
        let flat = RgbImage::from_pixel(9, 9, Rgb([7, 200, 7]));
        let light = Light::of(&DynamicImage::ImageRgb8(flat));
        assert_eq!(
            (light.is_deep, light.highest, light.common, light.is_one_colour),
            (false, 200, 200, true)
        );
        let half = GrayImage::from_fn(10, 10, |x, _| Luma([if x < 5 { 0 } else { 90 }]));
        assert_eq!(Light::of(&DynamicImage::ImageLuma8(half)).common, 90);
    }

    #[test]
    fn alpha_is_no_colour() {
        let deep = ImageBuffer::from_fn(4, 4, |_, _| Rgba([300u16, 9, 9, u16::MAX]));
        let light = Light::of(&DynamicImage::ImageRgba16(deep));
        assert_eq!((light.bits(), light.is_one_colour), (9, false));
        // An icon: what is seen is its alpha over white.
        let icon = ImageBuffer::from_fn(4, 4, |x, _| Rgba([0u8, 0, 0, if x < 2 { 0 } else { 255 }]));
        let light = Light::of(&DynamicImage::ImageRgba8(icon));
        assert_eq!((light.common, light.is_one_colour), (255, false));
    }
}
