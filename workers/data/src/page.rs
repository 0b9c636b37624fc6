//! Pages of images: many small ones in one file.

use image::codecs::jpeg::JpegEncoder;
use image::{ImageError, Rgb, RgbImage, imageops};

use crate::resize::scaled_to;

/// The longer side of an image of a dataset, in pixels: no more than that.
const THUMBNAIL_SIDE: u32 = 320;
/// Between two images of a page, in pixels.
const GAP: u32 = 8;
/// Of a page, 1 to 100.
const JPEG_QUALITY: u8 = 88;
pub const BACKGROUND: Rgb<u8> = Rgb([24; 3]);

/// Images side by side.
#[derive(Debug)]
pub struct Page {
    pub jpeg: Vec<u8>,
    /// Width and height in pixels.
    pub size: [u32; 2],
    /// Of each image: left, top, width, height in pixels of the page.
    pub places: Vec<[u32; 4]>,
}

/// The images in rows of `columns`, each in the middle of a cell that the largest fills.
pub fn page(images: &[RgbImage], columns: u32) -> Result<Page, ImageError> {
    let largest = |side: fn(&RgbImage) -> u32| images.iter().map(side).max().unwrap_or(1);
    let (width, height) = (largest(RgbImage::width), largest(RgbImage::height));
    let count = images.len() as u32;
    let columns = count.clamp(1, columns);
    let length = |cells: u32, side: u32| cells * (side + GAP) + GAP;
    let rows = count.div_ceil(columns).max(1);
    let mut page = RgbImage::from_pixel(length(columns, width), length(rows, height), BACKGROUND);
    let mut places = Vec::new();
    for (index, image) in (0..).zip(images) {
        let (x, y) = (length(index % columns, width), length(index / columns, height));
        let (x, y) = (x + (width - image.width()) / 2, y + (height - image.height()) / 2);
        imageops::replace(&mut page, image, i64::from(x), i64::from(y));
        places.push([x, y, image.width(), image.height()]);
    }
    let mut jpeg = Vec::new();
    page.write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY))?;
    Ok(Page { jpeg, size: [page.width(), page.height()], places })
}

/// The image in the size that it has on a page of a dataset. The pixels of a small one are repeated, so that they are
/// still seen as what they are.
pub fn thumbnail(image: &RgbImage) -> RgbImage {
    let (width, height) = image.dimensions();
    match THUMBNAIL_SIDE / width.max(height) {
        0 => fit(image, THUMBNAIL_SIDE).0,
        times => imageops::resize(image, width * times, height * times, imageops::FilterType::Nearest),
    }
}

/// Scaled to touch the edges of a square, and by how much.
pub fn fit(image: &RgbImage, square: u32) -> (RgbImage, f32) {
    let longest = image.width().max(image.height());
    if longest == square {
        return (image.clone(), 1.0);
    }
    let scale = f64::from(square) / f64::from(longest);
    let side = |length: u32| ((f64::from(length) * scale).round() as u32).clamp(1, square);
    (scaled_to(image, side(image.width()), side(image.height())), scale as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_holds_its_images_in_rows() {
        for (count, columns, width, height) in [(1, 4, 336, 116), (5, 4, 1320, 224), (7, 6, 1976, 224)] {
            let images = vec![fit(&RgbImage::from_pixel(640, 200, Rgb([200; 3])), 320).0; count];
            let Page { jpeg, size, places } = page(&images, columns).unwrap();
            let page = image::load_from_memory(&jpeg).unwrap().into_rgb8();
            assert_eq!((page.dimensions(), size), ((width, height), [width, height]));
            assert_eq!((places.len(), places[0]), (count, [8, 8, 320, 100]));
            let near = |x, y, value: u8| page.get_pixel(x, y).0.iter().all(|part| part.abs_diff(value) < 6);
            assert!(near(168, 58, 200) && near(3, 58, 24));
        }
        assert!(page(&[], 4).is_ok());
    }

    #[test]
    fn a_thumbnail_is_never_too_large_and_never_blurred_up() {
        for (size, becomes) in [
            ((640, 320), (320, 160)),
            ((10_000, 1), (320, 1)),
            ((320, 20), (320, 20)),
            ((200, 300), (200, 300)),
            ((100, 80), (300, 240)),
            ((1, 1), (320, 320)),
        ] {
            assert_eq!(thumbnail(&RgbImage::new(size.0, size.1)).dimensions(), becomes, "{size:?}");
        }
        let two = RgbImage::from_fn(2, 1, |x, _| Rgb([if x == 0 { 0 } else { 255 }; 3]));
        assert!(thumbnail(&two).pixels().all(|pixel| matches!(pixel[0], 0 | 255)));
    }
}
