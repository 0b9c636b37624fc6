//! Small datasets of one coloured square on noise, in every form that a task wants.

use std::fs;
use std::path::{Path, PathBuf};

use image::{Rgb, RgbImage};
use sha2::{Digest, Sha256};
use trainyard_data::manifest::{FORM, Header, Image, Label, Manifest, Split};
use trainyard_data::random::Random;
use trainyard_events::config::Task;

/// Coloured noise, with a square of the class's colour in it.
fn picture(random: &mut Random, class: usize) -> (RgbImage, [f64; 4]) {
    let side = 64;
    let mut image = RgbImage::from_fn(side, side, |_, _| Rgb([(); 3].map(|()| random.below(120) as u8)));
    let (length, left, top) = (20, random.below(40) as u32, random.below(40) as u32);
    let colour = [Rgb([230, 60, 40]), Rgb([40, 200, 240])][class];
    for (x, y) in (0..length).flat_map(|x| (0..length).map(move |y| (left + x, top + y))) {
        image.put_pixel(x, y, colour);
    }
    let part = |pixels: u32| f64::from(pixels) / f64::from(side);
    (image, [part(left + length / 2), part(top + length / 2), part(length), part(length)])
}

/// A folder for each class.
pub fn classified(folder: &Path, count: usize) {
    let mut random = Random::new(&[1]);
    for number in 0..count {
        let class = number % 2;
        let to = folder.join(["square-red", "square-blue"][class]);
        fs::create_dir_all(&to).unwrap();
        picture(&mut random, class).0.save(to.join(format!("{number}.png"))).unwrap();
    }
}

/// The layout of YOLO.
pub fn labelled(folder: &Path, train: usize, validation: usize) {
    let mut random = Random::new(&[2]);
    for (split, count) in [("train", train), ("val", validation)] {
        let (images, labels) = (folder.join("images").join(split), folder.join("labels").join(split));
        fs::create_dir_all(&images).unwrap();
        fs::create_dir_all(&labels).unwrap();
        for number in 0..count {
            let class = number % 2;
            let (image, [x, y, width, height]) = picture(&mut random, class);
            image.save(images.join(format!("{number}.png"))).unwrap();
            fs::write(labels.join(format!("{number}.txt")), format!("{class} {x} {y} {width} {height}\n"))
                .unwrap();
        }
    }
    let yaml = "train: images/train\nval: images/val\nnames: [red, blue]\n";
    fs::write(folder.join("data.yaml"), yaml).unwrap();
}

/// The same pictures with an outline of each square, or with its corners.
pub fn detailed(folder: &Path, task: Task) -> PathBuf {
    let mut random = Random::new(&[3]);
    let mut images = Vec::new();
    for number in 0..40 {
        let (class, name) = (number % 2, format!("{number:02}.png"));
        let (image, part) = picture(&mut random, class);
        let [x, y, width, height] = part.map(|part| part * 64.0);
        image.save(folder.join(&name)).unwrap();
        let bytes = fs::read(folder.join(&name)).unwrap();
        let [left, top, right, low] = [x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0];
        let corners = [[left, top], [right, top], [right, low], [left, low]];
        let bounds = Some([left, top, width, height]);
        let label = match task {
            Task::Segment => {
                Label { bounds, polygon: Some(vec![corners.concat()]), ..Label::of_class(class) }
            }
            _ => Label {
                bounds,
                keypoints: Some(corners.map(|[x, y]| [x, y, 2.0]).to_vec()),
                ..Label::of_class(class)
            },
        };
        let split = if number < 32 { Split::Train } else { Split::Validation };
        let (sha256, bytes) = (hex::encode(Sha256::digest(&bytes)), bytes.len() as u64);
        images.push(Image { sha256, name, bytes, width: 64, height: 64, split, labels: vec![label] });
    }
    let corners = ["left_top", "right_top", "right_low", "left_low"].map(str::to_owned).to_vec();
    let is_posed = task == Task::Pose;
    let header = Header {
        form: FORM,
        classes: ["red", "blue"].map(str::to_owned).to_vec(),
        keypoints: is_posed.then_some(corners),
        mirrored: is_posed.then(|| vec![1, 0, 3, 2]),
        kinds: Manifest::kinds_of(&[], &images),
        ..Header::default()
    };
    let path = folder.join("manifest.jsonl");
    Manifest { header, images }.write(&mut fs::File::create(&path).unwrap()).unwrap();
    path
}
