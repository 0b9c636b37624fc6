//! Any image to the square that a network sees.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::RgbImage;
use trainyard_events::config::Resize;

mod vertical;

/// Where letterboxing leaves borders.
const BORDER: u8 = 114;

/// A square of `side` pixels as rows of RGB, antialiased bilinear.
pub fn square(image: &RgbImage, side: u32, resize: Resize) -> Vec<u8> {
    let (width, height) = image.dimensions();
    if (width, height) == (side, side) {
        return image.as_raw().clone();
    }
    let (w, h) = (f64::from(width), f64::from(height));
    match resize {
        Resize::Stretch => scaled(image, (0.0, 0.0, w, h), side, side),
        Resize::Crop => {
            let edge = w.min(h);
            scaled(image, ((w - edge) / 2.0, (h - edge) / 2.0, edge, edge), side, side)
        }
        Resize::Letterbox => {
            let scale = f64::from(side) / w.max(h);
            let fit = |length: f64| ((length * scale).round() as u32).clamp(1, side);
            let (inner_width, inner_height) = (fit(w), fit(h));
            let inner = scaled(image, (0.0, 0.0, w, h), inner_width, inner_height);
            let mut out = vec![BORDER; side as usize * side as usize * 3];
            let (left, top) = ((side - inner_width) / 2, (side - inner_height) / 2);
            for (row, pixels) in inner.chunks_exact(inner_width as usize * 3).enumerate() {
                let start = ((top as usize + row) * side as usize + left as usize) * 3;
                out[start..start + pixels.len()].copy_from_slice(pixels);
            }
            out
        }
    }
}

/// The whole image in another size, antialiased bilinear.
pub fn scaled_to(image: &RgbImage, width: u32, height: u32) -> RgbImage {
    let whole = (0.0, 0.0, f64::from(image.width()), f64::from(image.height()));
    RgbImage::from_raw(width, height, scaled(image, whole, width, height))
        .expect("three bytes for every pixel have just been made")
}

/// The window `(left, top, width, height)` of an image, scaled: first across, then down, each rounded to bytes.
fn scaled(image: &RgbImage, window: (f64, f64, f64, f64), width: u32, height: u32) -> Vec<u8> {
    let (left, top, window_width, window_height) = window;
    // In full height: the library's way down is slower than ours by a factor.
    let mut across = vec![0; width as usize * image.height() as usize * 3];
    let source = TypedImageRef::<U8x3>::from_buffer(image.width(), image.height(), image.as_raw())
        .expect("an RGB image holds three bytes for every pixel");
    let mut target = TypedImage::<U8x3>::from_buffer(width, image.height(), &mut across)
        .expect("three bytes for every pixel have just been made");
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear)).crop(
        left,
        0.0,
        window_width,
        f64::from(image.height()),
    );
    // For the one pixel type that there is: the untyped call would compile every other into this crate.
    Resizer::new().resize_typed(&source, &mut target, &options).expect("the window lies inside the image");
    let mut out = vec![0; width as usize * height as usize * 3];
    vertical::scaled(&across, width as usize * 3, (top, window_height), &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    /// 4 wide and 2 high: left half black, right half white.
    fn wide() -> RgbImage {
        RgbImage::from_fn(4, 2, |x, _| if x < 2 { Rgb([0; 3]) } else { Rgb([255; 3]) })
    }

    fn reds(square: &[u8]) -> Vec<u8> {
        square.iter().step_by(3).copied().collect()
    }

    #[test]
    fn each_way_to_a_square() {
        let border = [BORDER; 4];
        assert_eq!(reds(&square(&wide(), 4, Resize::Letterbox))[..4], border);
        assert_eq!(reds(&square(&wide(), 4, Resize::Letterbox))[4..8], [0, 0, 255, 255]);
        assert_eq!(reds(&square(&wide(), 4, Resize::Letterbox))[12..], border);
        assert_eq!(reds(&square(&wide(), 2, Resize::Stretch)).len(), 4);
        assert_eq!(reds(&square(&wide(), 2, Resize::Crop)), [0, 255, 0, 255]);
        let exact = RgbImage::from_fn(2, 2, |x, y| Rgb([x as u8, y as u8, 9]));
        assert_eq!(square(&exact, 2, Resize::Letterbox), *exact.as_raw());
    }

    #[test]
    fn an_extreme_shape_keeps_a_pixel() {
        let line = RgbImage::from_pixel(1_000, 1, Rgb([9; 3]));
        assert_eq!(reds(&square(&line, 8, Resize::Letterbox)).iter().filter(|&&red| red == 9).count(), 8);
    }

    /// The triangle kernel in both directions at once, in floating point and without rounding in between.
    fn plain(image: &RgbImage, window: (f64, f64, f64, f64), width: u32, height: u32) -> Vec<u8> {
        let taps = |start: f64, length: f64, count: u32, most: u32| -> Vec<Vec<(u32, f64)>> {
            let scale = length / f64::from(count);
            let near = |at: u32, centre: f64| 1.0 - ((f64::from(at) + 0.5 - centre) / scale.max(1.0)).abs();
            let of = |index: u32| {
                let centre = start + (f64::from(index) + 0.5) * scale;
                (0..most).map(|at| (at, near(at, centre))).filter(|(_, weight)| *weight > 0.0).collect()
            };
            (0..count).map(of).collect()
        };
        let columns = taps(window.0, window.2, width, image.width());
        let mut out = Vec::new();
        for rows in taps(window.1, window.3, height, image.height()) {
            for columns in &columns {
                let both =
                    || rows.iter().flat_map(|(y, a)| columns.iter().map(move |(x, b)| (*x, *y, a * b)));
                let whole: f64 = both().map(|(.., weight)| weight).sum();
                for channel in 0..3 {
                    let at = |(x, y, weight)| f64::from(image.get_pixel(x, y)[channel]) * weight;
                    out.push((both().map(at).sum::<f64>() / whole).round() as u8);
                }
            }
        }
        out
    }

    #[test]
    fn scaling_is_within_a_level_of_the_plain_kernel_at_any_size() {
        let mut random = crate::random::Random::new(&[11]);
        let sizes =
            [(1, 1), (1, 37), (41, 1), (3, 2), (64, 48), (97, 203), (640, 480), (1_500, 7), (5, 3_000)];
        for (from_width, from_height) in sizes {
            let image = RgbImage::from_fn(from_width, from_height, |_, _| {
                Rgb(random.draw().to_le_bytes()[..3].try_into().unwrap())
            });
            let (w, h) = (f64::from(from_width), f64::from(from_height));
            let edge = w.min(h);
            let windows = [(0.0, 0.0, w, h), ((w - edge) / 2.0, (h - edge) / 2.0, edge, edge)];
            for (window, (width, height)) in windows
                .into_iter()
                .flat_map(|window| [(1, 1), (28, 28), (50, 7), (9, 130)].map(|size| (window, size)))
            {
                let (fast, plain) =
                    (scaled(&image, window, width, height), plain(&image, window, width, height));
                let most = fast.iter().zip(&plain).map(|(fast, plain)| fast.abs_diff(*plain)).max();
                assert!(
                    most <= Some(1),
                    "{from_width} x {from_height} {window:?} to {width} x {height}: {most:?}"
                );
            }
        }
    }
}
