//! What happens to a square before the network. Stored with the weights, so that predicting does as training did.

use tch::{Kind, TchError, Tensor};
use trainyard_events::card::Preprocessing;

/// ImageNet's, with which published weights were trained.
pub const IMAGENET: ([f64; 3], [f64; 3]) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);

/// `[N, H, W, 3]` bytes to normalised floats `[N, 3, H, W]`, laid out channels-last or contiguous.
pub fn normalise(
    preprocessing: &Preprocessing,
    pixels: &Tensor,
    channels_last: bool,
) -> Result<Tensor, TchError> {
    let device = pixels.device();
    let shape = |values: [f64; 3]| {
        Tensor::f_from_slice(&values.map(|value| (value * 255.0) as f32))?
            .f_view([1, 3, 1, 1])?
            .f_to_device(device)
    };
    let (mean, std) = (shape(preprocessing.mean)?, shape(preprocessing.std)?);
    // Permuted bytes are channels-last already; the conversion keeps that.
    let planes = pixels.f_permute([0, 3, 1, 2])?;
    let planes = if channels_last { planes } else { planes.f_contiguous()? };
    planes.f_to_kind(Kind::Float)?.f_sub_(&mean)?.f_div_(&std)
}

/// Mean and standard deviation for each channel of `squares`, scaled to 0..1. Sums are of integers, so their order
/// does not matter. A channel that never changes gets the deviation 1.
pub fn channel_statistics(squares: impl Iterator<Item = [(u64, u64, u64); 3]>) -> ([f64; 3], [f64; 3]) {
    let mut totals = [(0u64, 0u64, 0u64); 3];
    for channels in squares {
        for (total, channel) in totals.iter_mut().zip(channels) {
            *total = (total.0 + channel.0, total.1 + channel.1, total.2 + channel.2);
        }
    }
    let mean = totals.map(|(count, sum, _)| sum as f64 / count.max(1) as f64 / 255.0);
    let std = totals.map(|(count, sum, squares)| {
        let (count, sum, squares) = (count.max(1) as f64, sum as f64, squares as f64);
        let deviation = (squares / count - (sum / count).powi(2)).max(0.0).sqrt() / 255.0;
        if deviation < 1e-3 { 1.0 } else { deviation }
    });
    (mean, std)
}

/// Count, sum and sum of squares of each channel of one square.
pub fn channel_sums(square: &[u8]) -> [(u64, u64, u64); 3] {
    let mut sums = [(0, 0, 0); 3];
    for pixel in square.as_chunks::<3>().0 {
        for (sum, &value) in sums.iter_mut().zip(pixel) {
            let value = u64::from(value);
            *sum = (sum.0 + 1, sum.1 + value, sum.2 + value * value);
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use trainyard_events::config::Resize;

    #[test]
    fn statistics_by_hand() {
        let (mean, std) = channel_statistics([channel_sums(&[0, 10, 255, 255, 10, 255])].into_iter());
        assert_eq!(mean, [0.5, 10.0 / 255.0, 1.0]);
        assert_eq!(std, [0.5, 1.0, 1.0]);
    }

    #[test]
    fn normalising_gives_the_same_numbers_in_both_layouts() {
        let preprocessing = Preprocessing {
            image_size: 2,
            resize: Resize::Stretch,
            mean: [0.5, 0.0, 0.0],
            std: [0.5, 1.0, 2.0],
            sample_bits: None,
        };
        let bytes: Vec<u8> = vec![0, 51, 102, 255, 51, 102, 0, 51, 102, 255, 51, 102];
        let pixels = Tensor::from_slice(&bytes).view([1, 2, 2, 3]);
        let planes = normalise(&preprocessing, &pixels, false).unwrap();
        let last = normalise(&preprocessing, &pixels, true).unwrap();
        assert!(planes.is_contiguous() && !last.is_contiguous());
        assert_eq!(planes, last);
        let values: Vec<f32> = planes.flatten(0, -1).try_into().unwrap();
        let expected = [-1.0, 1.0, -1.0, 1.0, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2];
        assert!(values.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{values:?}");
    }
}
