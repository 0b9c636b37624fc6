//! A look into a dataset: a page of small images, and what their labels say of them.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::Path;

use image::RgbImage;
use rayon::prelude::*;
use serde_json::{Value, json};
use trainyard_events::trainer::TrainerLine;

use crate::dataset::Dataset;
use crate::decode::decode;
use crate::manifest::{Image, Label, Manifest};
use crate::page::{Page, page, thumbnail};
use crate::random::Random;

/// Images on the page, in rows of [`COLUMNS`].
const IMAGES: usize = 24;
const COLUMNS: u32 = 6;
/// Boxes told of one image.
const BOXES: usize = 200;
/// An image without an object is shown as seldom as if it had been there this often before.
const BACKGROUND: usize = 4;
/// Names in the folder that was asked for.
const PAGE: &str = "samples.jpg";
const LABELS: &str = "samples.json";

/// Writes [`PAGE`] and [`LABELS`] into `folder`, and announces them. The page holds pixels alone: nothing that the files
/// say of camera, place or time. An image that cannot be read any more is left out.
pub fn write(dataset: &Dataset, folder: &Path) -> Result<Vec<TrainerLine>, String> {
    let Manifest { header, images } = &dataset.manifest;
    let seen: Vec<(RgbImage, Value)> = choose(images, header.classes.len(), &dataset.content_hash)
        .into_par_iter()
        .filter_map(|index| {
            let image = decode(&dataset.bytes(index).ok()?, header.sample_bits).ok()?;
            let mut told = told(&images[index], &header.classes);
            (told["width"], told["height"]) = (json!(image.width()), json!(image.height()));
            Some((thumbnail(&image), told))
        })
        .collect();
    let (images, mut told): (Vec<RgbImage>, Vec<Value>) = seen.into_iter().unzip();
    let Page { jpeg, size, places } = page(&images, COLUMNS).map_err(|error| error.to_string())?;
    for (told, place) in told.iter_mut().zip(places) {
        told["place"] = json!(place);
    }
    let labels = json!({
        "task": dataset.manifest.task(), "width": size[0], "height": size[1], "classes": header.classes,
        "images": told,
    });
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, bytes).map_err(|error| format!("{} cannot be written: {error}", path.display()))
    };
    fs::create_dir_all(folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    put(PAGE, &jpeg)?;
    put(LABELS, labels.to_string().as_bytes())?;
    let artifact =
        |role: &str, name: &str| TrainerLine::Artifact { role: role.to_owned(), path: name.into() };
    Ok(vec![artifact("sample_images", PAGE), artifact("sample_labels", LABELS)])
}

/// What the labels of an image say.
fn told(image: &Image, classes: &[String]) -> Value {
    let Image { name, split, labels, .. } = image;
    if let [label] = &labels[..]
        && label.is_of_image()
    {
        return json!({ "path": name, "split": split, "class": classes[label.class] });
    }
    let corners = |[x, y, width, height]: [f64; 4]| [x, y, x + width, y + height];
    let boxes = labels.iter().take(BOXES).filter_map(|label| {
        Some(json!({ "class": classes[label.class], "bbox": corners(label.bounds?), "crowd": label.crowd }))
    });
    let boxes: Vec<Value> = boxes.collect();
    json!({ "path": name, "split": split, "objects": labels.len(), "boxes": boxes })
}

/// At most [`IMAGES`], one after the other: always one whose rarest class was shown least, then whose split was shown
/// least. Among equals the content of the dataset decides, so that the same dataset shows the same images. None is there
/// twice, under whatever name.
fn choose(images: &[Image], classes: usize, content_hash: &str) -> Vec<usize> {
    let seed = Random::new(&content_hash.bytes().map(u64::from).collect::<Vec<_>>()).draw();
    let chance = |image: &Image| {
        let first = u64::from_str_radix(image.sha256.get(..16).unwrap_or_default(), 16).unwrap_or_default();
        Random::new(&[seed, first.swap_bytes()]).draw()
    };
    // One more class for images without an object.
    let (mut of_class, mut of_split) = (vec![0; classes + 1], [0; 3]);
    let (mut chosen, mut contents) = (Vec::new(), HashSet::new());
    while chosen.len() < IMAGES {
        let next = (0..images.len())
            .into_par_iter()
            .filter(|&index| !contents.contains(&images[index].sha256.as_str()))
            .min_by_key(|&index| {
                let image = &images[index];
                let rarest = classes_of(image, classes).into_iter().map(|class| of_class[class]).min();
                (rarest, of_split[image.split as usize], chance(image), index)
            });
        let Some(index) = next else { break };
        let there = classes_of(&images[index], classes);
        there.into_iter().for_each(|class| of_class[class] += if class == classes { BACKGROUND } else { 1 });
        of_split[images[index].split as usize] += 1;
        contents.insert(images[index].sha256.as_str());
        chosen.push(index);
    }
    chosen
}

/// The classes of what is in an image; `none` for an image without an object.
fn classes_of(image: &Image, none: usize) -> BTreeSet<usize> {
    let objects = image.labels.iter().filter(|label: &&Label| !label.crowd);
    let classes: BTreeSet<usize> = objects.map(|label| label.class).collect();
    if classes.is_empty() { BTreeSet::from([none]) } else { classes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Split;

    fn image(index: usize, split: Split, labels: Vec<Label>) -> Image {
        let (sha256, name) = (format!("{:016x}{index:048x}", index.swap_bytes()), index.to_string());
        Image { sha256, name, bytes: 1, width: 10, height: 10, split, labels }
    }

    /// `counts[class][split]` images.
    fn classified(counts: &[[usize; 3]]) -> Vec<Image> {
        let mut images = Vec::new();
        for (class, splits) in counts.iter().enumerate() {
            for (split, count) in [Split::Train, Split::Validation, Split::Test].into_iter().zip(splits) {
                for _ in 0..*count {
                    images.push(image(images.len(), split, vec![Label::of_class(class)]));
                }
            }
        }
        images
    }

    /// Of each class and of each split, how many are chosen.
    fn spread(images: &[Image], classes: usize) -> (Vec<usize>, [usize; 3]) {
        let (mut of_class, mut of_split) = (vec![0; classes], [0; 3]);
        for index in choose(images, classes, "hash") {
            of_class[images[index].labels[0].class] += 1;
            of_split[images[index].split as usize] += 1;
        }
        (of_class, of_split)
    }

    #[test]
    fn every_class_and_split_has_its_part() {
        assert_eq!(spread(&classified(&[[900, 50, 50], [900, 50, 50]]), 2), (vec![12, 12], [8, 8, 8]));
        assert_eq!(spread(&classified(&[[1_000, 0, 0], [3, 0, 0], [1, 0, 0]]), 3).0, [20, 3, 1]);
        assert_eq!(spread(&classified(&[[1, 0, 0], [1, 1, 0]]), 2), (vec![1, 2], [2, 1, 0]), "all there are");
        let many = vec![[5, 0, 0]; 300];
        let (of_class, _) = spread(&classified(&many), 300);
        assert_eq!(of_class.iter().filter(|count| **count == 1).count(), IMAGES);
    }

    #[test]
    fn the_content_decides_and_nothing_else() {
        let images = classified(&[[400, 40, 0], [400, 40, 0], [90, 9, 0]]);
        let first = choose(&images, 3, "one");
        assert_eq!(first, choose(&images, 3, "one"));
        assert_ne!(first, choose(&images, 3, "two"));
        let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(first, one_thread.install(|| choose(&images, 3, "one")));
    }

    #[test]
    fn the_same_image_is_there_once() {
        let mut all = classified(&[[10, 0, 0], [10, 0, 0]]);
        all.iter_mut().for_each(|image| image.sha256 = "7".repeat(64));
        assert_eq!(choose(&all, 2, "hash").len(), 1);
    }

    #[test]
    fn images_without_objects_are_few_and_rare_classes_are_found() {
        let object =
            |class, crowd| Label { bounds: Some([0.0, 0.0, 9.0, 9.0]), crowd, ..Label::of_class(class) };
        let scene = |index: usize| {
            let labels = match index {
                0..500 => vec![],
                500..510 => vec![object(0, true)],
                997 => vec![object(0, false), object(1, false)],
                _ => vec![object(0, false); 40],
            };
            image(index, Split::Train, labels)
        };
        let chosen = choose(&(0..1_000).map(scene).collect::<Vec<_>>(), 2, "hash");
        assert!(chosen.contains(&997), "{chosen:?}");
        let empty = chosen.iter().filter(|index| **index < 510).count();
        assert!((3..=6).contains(&empty), "{chosen:?}");
    }
}
