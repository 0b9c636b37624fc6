//! Sizes counted in fixed bins: any two datasets can be compared, and an event stays small.

use trainyard_events::dataset::{Histogram, Histograms, SplitCounts};

use crate::manifest::{Image, Label, Split};

/// Sides of images in pixels: powers of two, and halfway between them.
const SIDES: [u32; 32] = [
    1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096,
    6144, 8192, 12288, 16384, 24576, 32768, 49152, 65536,
];
/// Objects in an image.
const OBJECTS: [u32; 18] = [0, 1, 2, 3, 4, 5, 6, 8, 11, 16, 21, 31, 51, 101, 201, 501, 1001, 5001];
/// An object's size beside its image, in percent of the side; finer where small objects are lost.
const SIZES: [u32; 17] = [0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50, 60, 70, 80, 90, 100];

/// Of all images, and where there are boxes of those; crowds are no objects.
pub fn histograms(images: &[Image]) -> Histograms {
    let side = |of: fn(&Image) -> u32| histogram(&SIDES, images.iter().map(|image| (of(image), image.split)));
    let boxes = |image: &Image| {
        image.labels.iter().filter(|label| !label.crowd).filter_map(|label| label.bounds).collect()
    };
    let boxes: Vec<(&Image, Vec<[f64; 4]>)> = images.iter().map(|image| (image, boxes(image))).collect();
    let counts = boxes.iter().map(|(image, boxes)| (boxes.len() as u32, image.split));
    let sizes = boxes.iter().flat_map(|(image, boxes)| {
        let whole = f64::from(image.width) * f64::from(image.height);
        let size = move |[.., width, height]: &[f64; 4]| ((width * height / whole).sqrt() * 100.0) as u32;
        boxes.iter().map(move |bounds| (size(bounds), image.split))
    });
    let has_boxes = images.iter().flat_map(|image| &image.labels).any(|label: &Label| !label.is_of_image());
    Histograms {
        width: side(|image| image.width),
        height: side(|image| image.height),
        objects: has_boxes.then(|| histogram(&OBJECTS, counts)),
        object_size: has_boxes.then(|| histogram(&SIZES, sizes)),
    }
}

/// Counts one more of this split.
pub fn count(split: Split, counts: &mut SplitCounts) {
    match split {
        Split::Train => counts.train += 1,
        Split::Validation => counts.validation += 1,
        Split::Test => counts.test += 1,
    }
}

/// The first and the last bin take what lies beyond them.
fn histogram(edges: &[u32], values: impl Iterator<Item = (u32, Split)>) -> Histogram {
    let mut counts = vec![SplitCounts::default(); edges.len() - 1];
    for (value, split) in values {
        let bin = edges.partition_point(|edge| *edge <= value).clamp(1, counts.len()) - 1;
        count(split, &mut counts[bin]);
    }
    let holds = |counts: &SplitCounts| counts.total() > 0;
    let first = counts.iter().position(holds).unwrap_or(0);
    let end = counts.iter().rposition(holds).map_or(first, |last| last + 1);
    Histogram { edges: edges[first..=end].to_vec(), counts: counts[first..end].to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn train(train: u64) -> SplitCounts {
        SplitCounts { train, ..SplitCounts::default() }
    }

    #[test]
    fn a_value_is_in_the_bin_that_begins_at_or_before_it() {
        let values = [640, 640, 512, 511, 1023, 1024].map(|side| (side, Split::Train));
        let found = histogram(&SIDES, values.into_iter());
        assert_eq!(found.edges, [384, 512, 768, 1024, 1536]);
        assert_eq!(found.counts, [train(1), train(3), train(1), train(1)]);
    }

    #[test]
    fn splits_are_apart_and_empty_bins_between_stay() {
        let found =
            histogram(&SIDES, [(1, Split::Train), (1, Split::Validation), (6, Split::Test)].into_iter());
        assert_eq!(found.edges, [1, 2, 3, 4, 6, 8]);
        assert_eq!(found.counts[0], SplitCounts { train: 1, validation: 1, test: 0 });
        assert_eq!((found.counts[2], found.counts[4].test), (SplitCounts::default(), 1));
    }

    #[test]
    fn what_lies_beyond_is_counted_all_the_same() {
        let found = histogram(&OBJECTS, [(0, Split::Train), (1_000_000, Split::Train)].into_iter());
        assert_eq!((found.edges.len(), found.counts.len()), (OBJECTS.len(), OBJECTS.len() - 1));
        assert_eq!(found.counts.iter().map(SplitCounts::total).sum::<u64>(), 2);
        let none = histogram(&SIZES, [].into_iter());
        assert_eq!((none.edges, none.counts), (vec![0], vec![]));
    }

    #[test]
    fn objects_are_measured_by_their_part_of_the_image() {
        let object = |bounds, crowd| Label { bounds: Some(bounds), crowd, ..Label::default() };
        let image = |labels| Image {
            sha256: String::new(),
            name: String::new(),
            bytes: 0,
            width: 200,
            height: 50,
            split: Split::Train,
            labels,
        };
        let found = histograms(&[
            // A quarter of the area is half of the side; the whole image is the last bin's.
            image(vec![object([0.0, 0.0, 50.0, 50.0], false), object([0.0, 0.0, 200.0, 50.0], false)]),
            image(vec![object([0.0, 0.0, 9.0, 9.0], true)]),
        ]);
        let sizes = found.object_size.unwrap();
        assert_eq!((sizes.edges[0], *sizes.edges.last().unwrap(), sizes.counts.len()), (50, 100, 5));
        assert_eq!((sizes.counts[0], sizes.counts[4]), (train(1), train(1)));
        let objects = found.objects.unwrap();
        assert_eq!((objects.edges, objects.counts), (vec![0, 1, 2, 3], vec![train(1), train(0), train(1)]));
        assert_eq!((found.width.edges, found.height.counts), (vec![192, 256], vec![train(2)]));
    }
}
