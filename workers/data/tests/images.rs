//! What is known of an image without decoding it, and what its pixels tell.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use sha2::{Digest, Sha256};
use support::{Found, Tree, encoded, picture};
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
