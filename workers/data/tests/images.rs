//! What is known of an image without decoding it, and what its pixels tell.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use image::{DynamicImage, ImageBuffer, ImageFormat, Luma, Rgb, RgbImage};
use sha2::{Digest, Sha256};
use support::{Found, Tree, encoded, picture};
use trainyard_data::decode::decode;
use trainyard_events::config::Task;
use trainyard_events::problems::{ImageProblem, ProblemKind};
use trainyard_events::reason::{Caution, Flaw, LabelFormat};

/// A JPEG whose EXIF says how it is to be turned.
fn turned(path: &str, width: u32, height: u32, orientation: u8) -> Vec<u8> {
    let plain = picture(path, width, height);
    let mut exif =
        b"\xff\xe1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0".to_vec();
    exif[29] = orientation;
    [&plain[..2], &exif, &plain[2..]].concat()
}

#[test]
fn a_size_is_that_of_the_upright_image() {
    for (orientation, size) in [(1, (40, 20)), (3, (40, 20)), (6, (20, 40)), (8, (20, 40)), (5, (20, 40))] {
        let tree = Tree::new();
        tree.bytes("a.jpg", &turned("a.jpg", 40, 20, orientation));
        tree.text("a.txt", "0 0.5 0.5 0.5 0.5");
        let dataset = tree.good();
        let image = dataset.image("a.jpg");
        assert_eq!((image.width, image.height), size, "{orientation}");
        let (width, height) = (f64::from(size.0), f64::from(size.1));
        assert_eq!(image.labels[0].bounds, Some([width / 4.0, height / 4.0, width / 2.0, height / 2.0]));
        assert_eq!(dataset.has(|caution| *caution == Caution::ImagesTurned { images: 1 }), orientation != 1);
    }
    // Labels of the image as it is stored are not taken for the upright one's.
    let tree = Tree::new();
    tree.bytes("a.jpg", &turned("a.jpg", 40, 20, 6));
    let sheet = "<annotation><size><width>40</width><height>20</height></size><object><name>a</name><bndbox>\
        <xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object></annotation>";
    tree.text("a.xml", sheet);
    let refusal = tree.refused();
    assert!(matches!(refusal.report[0].flaws[0], Flaw::OtherSize { turned: true, .. }), "{refusal:?}");
}

#[test]
fn the_hash_is_that_of_the_bytes() {
    let tree = Tree::new();
    tree.images(&["a/1.png", "a/2.jpg", "b/1.png"]);
    let dataset = tree.good();
    for (index, image) in dataset.manifest.images.iter().enumerate() {
        let bytes = dataset.bytes(index).unwrap();
        assert_eq!(bytes, std::fs::read(tree.path().join(&image.name)).unwrap());
        assert_eq!(
            (image.sha256.clone(), image.bytes),
            (hex::encode(Sha256::digest(&bytes)), bytes.len() as u64)
        );
    }
}

#[test]
fn webp_and_bmp_are_images() {
    let tree = Tree::new();
    tree.images(&["a/1.png", "b/1.png"]);
    let pixels = DynamicImage::ImageRgb8(RgbImage::from_pixel(9, 5, Rgb([1, 2, 3])));
    tree.bytes("a/2.webp", &encoded(pixels.clone(), ImageFormat::WebP));
    tree.bytes("b/2.bmp", &encoded(pixels, ImageFormat::Bmp));
    let dataset = tree.good();
    for name in ["a/2.webp", "b/2.bmp"] {
        assert_eq!((dataset.image(name).width, dataset.image(name).height), (9, 5));
    }
}

/// A PNG whose pixels are numbers of a palette, at four bits each.
fn palette(value: impl Fn(u32, u32) -> u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 32, 32);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Four);
    encoder.set_palette((0..48).collect::<Vec<u8>>());
    let mut writer = encoder.write_header().unwrap();
    let value = &value;
    let data: Vec<u8> =
        (0..32).flat_map(|y| (0..16).map(move |x| value(2 * x, y) << 4 | value(2 * x + 1, y))).collect();
    writer.write_image_data(&data).unwrap();
    writer.finish().unwrap();
    bytes
}

#[test]
fn a_palette_is_read_as_its_numbers() {
    let tree = Tree::new();
    for number in 0..4 {
        tree.image(&format!("JPEGImages/{number}.jpg"));
        tree.bytes(
            &format!("SegmentationClass/{number}.png"),
            &palette(|x, _| if x > 20 { 9 } else { u8::from(x < 4) }),
        );
    }
    tree.text("ImageSets/Segmentation/train.txt", "0\n1\n2\n");
    tree.text("ImageSets/Segmentation/val.txt", "3\n");
    let dataset = tree.good();
    assert_eq!((dataset.report.format, dataset.splits()), (LabelFormat::Masks, [3, 1, 0]));
    assert_eq!(dataset.manifest.header.kinds, [Task::Segment]);
    assert_eq!(dataset.classes(), ["class 1", "class 9"]);
    let areas: Vec<u64> = dataset
        .image("JPEGImages/0.jpg")
        .labels
        .iter()
        .map(|label| label.mask.as_ref().unwrap().area())
        .collect();
    assert_eq!(areas, [4 * 32, 11 * 32]);
}

#[test]
fn colours_are_the_classes_that_a_label_map_names() {
    let tree = Tree::new();
    let colour = |x: u32| if x > 20 { Rgb([0, 128, 255]) } else { Rgb([0, 0, 0]) };
    let mask = DynamicImage::ImageRgb8(RgbImage::from_fn(32, 32, |x, _| colour(x)));
    for number in 0..4 {
        tree.image(&format!("images/{number}.jpg"));
        tree.bytes(&format!("masks/{number}.png"), &encoded(mask.clone(), ImageFormat::Png));
    }
    assert_eq!(tree.refused().report[0].flaws, [Flaw::MaskInColours]);
    tree.text("labelmap.txt", "# label:color_rgb:parts:actions\nbackground:0,0,0::\nsky:0,128,255::\n");
    let dataset = tree.good();
    assert_eq!((dataset.classes(), dataset.classes_of("images/0.jpg")), (vec!["sky"], vec!["sky"]));
    tree.text("labelmap.txt", "background:0,0,0::\nsky:0,128,254::\n");
    tree.refused();
    // A JPEG has other values than were drawn.
    let tree = Tree::new();
    for number in 0..4 {
        tree.image(&format!("images/{number}.png"));
        tree.image(&format!("masks/{number}.jpg"));
    }
    assert_eq!(tree.refused().report[0].flaws, [Flaw::MaskLossy]);
}

#[test]
fn images_that_look_alike_across_splits_are_told() {
    let wave = |shift: u8, phase: u32| {
        let pixel = |x: u32, y: u32| {
            let value = ((x + phase) * 5 % 97) as u8 / 2 + ((y * 3 + x * phase) % 61) as u8 + shift;
            Rgb([value, value, value])
        };
        encoded(DynamicImage::ImageRgb8(RgbImage::from_fn(72, 64, pixel)), ImageFormat::Png)
    };
    let tree = Tree::new();
    tree.bytes("train/a/1.png", &wave(0, 1));
    tree.bytes("train/b/2.png", &wave(0, 7));
    tree.bytes("val/a/3.png", &wave(9, 1));
    tree.bytes("val/b/4.png", &wave(0, 23));
    tree.bytes("val/b/white.png", &encoded(DynamicImage::new_luma8(64, 64), ImageFormat::Png));
    let near = tree.good().near;
    assert_eq!(near.first, [("train/a/1.png".to_owned(), "val/a/3.png".to_owned())]);
    assert_eq!(near.judging, [("val/a/3.png".to_owned(), "train/a/1.png".to_owned())]);
    let told = |problem: &ImageProblem| (problem.kind, problem.file.path.clone(), problem.file.flaws.clone());
    let looks = Flaw::LooksLike { path: "train/a/1.png".to_owned() };
    let near = (ProblemKind::NearDuplicate, "val/a/3.png".to_owned(), vec![looks]);
    assert!(tree.good().problems.iter().map(told).any(|problem| problem == near));
    let near = tree.good().near;
    assert!(matches!(near.caution(), Some(Caution::NearDuplicates { pairs: 1, .. })));
}

/// A PNG of 16 bits a sample, the highest of which is `most`.
fn deep(most: u16, phase: u32) -> Vec<u8> {
    let pixel = |x: u32, y: u32| {
        let part = (x * 5 + y * 3 + phase * 7) % 100;
        Luma([(u32::from(most) * part / 99) as u16])
    };
    encoded(DynamicImage::ImageLuma16(ImageBuffer::from_fn(40, 40, pixel)), ImageFormat::Png)
}

#[test]
fn sixteen_bits_of_which_twelve_are_used_are_scaled_by_those_of_the_whole_set() {
    let tree = Tree::new();
    for (number, most) in [(0, 4095), (1, 1000), (2, 3000), (3, 700)] {
        tree.bytes(&format!("{}/{number}.png", ["a", "b"][number % 2]), &deep(most, number as u32));
    }
    let dataset = tree.good();
    assert_eq!(dataset.manifest.header.sample_bits, Some(12));
    assert!(dataset.has(|caution| *caution == Caution::SampleBits { images: 4, bits: 12 }));
    let lightest = |name: &str, bits| {
        let index = dataset.manifest.images.iter().position(|image| image.name == name).unwrap();
        let image = decode(&dataset.bytes(index).unwrap(), bits).unwrap();
        image.pixels().map(|pixel| pixel[0]).max().unwrap()
    };
    assert_eq!(
        [lightest("a/0.png", Some(12)), lightest("b/1.png", Some(12)), lightest("a/0.png", None)],
        [255, 62, 16]
    );
    // One that uses them all is the measure of the others.
    tree.bytes("a/4.png", &deep(65_535, 4));
    assert_eq!(tree.good().manifest.header.sample_bits, None);
    // Beside what has 8 bits, only those of 16 are scaled.
    std::fs::remove_file(tree.path().join("a/4.png")).unwrap();
    tree.image("b/5.png");
    assert_eq!(tree.good().manifest.header.sample_bits, Some(12));
    assert_eq!(
        decode(&picture("b/5.png", 32, 32), Some(12)).unwrap(),
        decode(&picture("b/5.png", 32, 32), None).unwrap()
    );
}

#[test]
fn images_that_show_nothing_are_counted_and_named() {
    let tree = Tree::new();
    for number in 0..4 {
        tree.image(&format!("a/{number}.png"));
        tree.image(&format!("b/{number}.png"));
    }
    let dataset = tree.good();
    assert!(
        !dataset.has(|caution| matches!(caution, Caution::OneColour { .. } | Caution::NearlyBlack { .. }))
    );
    let png = |pixel: fn(u32, u32) -> u8| {
        let image = RgbImage::from_fn(40, 40, |x, y| Rgb([pixel(x, y); 3]));
        encoded(DynamicImage::ImageRgb8(image), ImageFormat::Png)
    };
    tree.bytes("a/white.png", &png(|_, _| 255));
    tree.bytes("b/black.png", &png(|_, _| 0));
    // A hot pixel lights nothing.
    tree.bytes("b/night.png", &png(|x, y| if (x, y) == (3, 3) { 255 } else { (x % 9) as u8 }));
    let dataset = tree.good();
    let (white, night) = ("a/white.png".to_owned(), "b/night.png".to_owned());
    assert!(dataset.has(|caution| *caution == Caution::OneColour { images: 2, first: white.clone() }));
    assert!(dataset.has(|caution| *caution == Caution::NearlyBlack { images: 1, first: night.clone() }));
    let flaws = |name: &str| {
        let noted = dataset.report.noted.iter().find(|problem| problem.path == name);
        noted.map(|problem| problem.flaws.clone()).unwrap_or_default()
    };
    assert_eq!(
        (flaws("b/black.png"), flaws("b/night.png")),
        (vec![Flaw::OneColour], vec![Flaw::NearlyBlack])
    );
}
