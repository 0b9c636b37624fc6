//! A look into a dataset: a page of small images, and what their labels say of them.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::Path;

use image::RgbImage;
use rayon::prelude::*;
use serde_json::{Value, json};
use trainyard_events::trainer::TrainerLine;

use crate::data::decode::decode;
use crate::data::folder::Split;
use crate::data::random::Random;
use crate::data::survey::{Samples, Survey};
use crate::metrics::drawing::{Page, page, thumbnail};
use crate::weights::file::write_bytes;

/// Images on the page, in rows of [`COLUMNS`].
const IMAGES: usize = 24;
const COLUMNS: u32 = 6;
/// Boxes told of one image.
const BOXES: usize = 200;
/// An image without an object is shown as seldom as if it had been there this often before.
const BACKGROUND: usize = 4;
/// Names in the folder that was asked for.
pub const PAGE: &str = "samples.jpg";
pub const LABELS: &str = "samples.json";

/// Writes [`PAGE`] and [`LABELS`] into `folder`, and announces them. The page holds pixels alone: nothing that the files
/// say of camera, place or time. An image that cannot be read any more is left out.
pub fn write(root: &Path, survey: &Survey, folder: &Path) -> Result<Vec<TrainerLine>, String> {
    let classes: Vec<&str> = survey.profile.classes.iter().map(|class| class.name.as_str()).collect();
    let chosen = choose(&survey.samples, classes.len(), &survey.profile.content_hash);
    let seen: Vec<(RgbImage, Value)> = chosen
        .into_par_iter()
        .filter_map(|index| {
            let (path, mut told) = told(&survey.samples, index, &classes);
            let image = decode(&fs::read(root.join(path)).ok()?).ok()?;
            told["path"] = json!(path);
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
        "task": survey.profile.task, "width": size[0], "height": size[1], "classes": classes, "images": told,
    });
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        write_bytes(&path, bytes).map_err(|error| format!("{} cannot be written: {error}", path.display()))
    };
    fs::create_dir_all(folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    put(PAGE, &jpeg)?;
    put(LABELS, labels.to_string().as_bytes())?;
    let artifact =
        |role: &str, name: &str| TrainerLine::Artifact { role: role.to_owned(), path: name.into() };
    Ok(vec![artifact("sample_images", PAGE), artifact("sample_labels", LABELS)])
}

/// The path of an image, and what its labels say.
fn told<'a>(samples: &'a Samples, index: usize, classes: &[&str]) -> (&'a str, Value) {
    match samples {
        Samples::Classified(all) => {
            let sample = &all[index];
            (&sample.path, json!({ "split": split(sample.split), "class": classes[sample.class] }))
        }
        Samples::Scenes(all) => {
            let (scene, of, _) = &all[index];
            let boxes = scene.boxes.iter().take(BOXES).map(|object| {
                json!({ "class": classes[object.class], "bbox": object.corners, "crowd": object.crowd })
            });
            let boxes: Vec<Value> = boxes.collect();
            (&scene.path, json!({ "split": split(*of), "objects": scene.boxes.len(), "boxes": boxes }))
        }
    }
}

/// At most [`IMAGES`], one after the other: always one whose rarest class was shown least, then whose split was shown
/// least. Among equals the content of the dataset decides, so that the same dataset shows the same images. None is there
/// twice, under whatever name.
fn choose(samples: &Samples, classes: usize, content_hash: &str) -> Vec<usize> {
    let seed = Random::new(&content_hash.bytes().map(u64::from).collect::<Vec<_>>()).draw();
    let known: Vec<(Split, [u8; 32])> = match samples {
        Samples::Classified(all) => all.iter().map(|sample| (sample.split, sample.content)).collect(),
        Samples::Scenes(all) => all.iter().map(|(_, split, content)| (*split, *content)).collect(),
    };
    let chance = |content: &[u8; 32]| {
        let first = content.first_chunk().expect("a hash is longer than eight bytes");
        Random::new(&[seed, u64::from_le_bytes(*first)]).draw()
    };
    // One more class for images without an object.
    let (mut of_class, mut of_split) = (vec![0; classes + 1], [0; 3]);
    let (mut chosen, mut contents) = (Vec::new(), HashSet::new());
    while chosen.len() < IMAGES {
        let next = (0..known.len())
            .into_par_iter()
            .filter(|&index| !contents.contains(&known[index].1))
            .min_by_key(|&index| {
                let (split, content) = &known[index];
                let rarest = classes_of(samples, index, classes).map(|class| of_class[class]).min();
                (rarest, of_split[*split as usize], chance(content), index)
            });
        let Some(index) = next else { break };
        let there: BTreeSet<usize> = classes_of(samples, index, classes).collect();
        there.into_iter().for_each(|class| of_class[class] += if class == classes { BACKGROUND } else { 1 });
        of_split[known[index].0 as usize] += 1;
        contents.insert(known[index].1);
        chosen.push(index);
    }
    chosen
}

/// The classes of what is in an image; `none` for an image without an object.
fn classes_of(samples: &Samples, index: usize, none: usize) -> impl Iterator<Item = usize> {
    let (of_image, boxes) = match samples {
        Samples::Classified(all) => (Some(all[index].class), &[][..]),
        Samples::Scenes(all) => {
            let scene = &all[index].0;
            ((!scene.has_objects()).then_some(none), &scene.boxes[..])
        }
    };
    let objects = boxes.iter().filter(|object| !object.crowd).map(|object| object.class);
    of_image.into_iter().chain(objects)
}

fn split(split: Split) -> &'static str {
    match split {
        Split::Train => "train",
        Split::Validation => "validation",
        Split::Test => "test",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::boxes::LabelledBox;
    use crate::data::scenes::Scene;
    use crate::data::survey::Sample;

    fn content(index: usize) -> [u8; 32] {
        let mut content = [7; 32];
        content[..8].copy_from_slice(&index.to_le_bytes());
        content
    }

    /// `counts[class][split]` images.
    fn classified(counts: &[[usize; 3]]) -> Samples {
        let mut samples = Vec::new();
        for (class, splits) in counts.iter().enumerate() {
            for (split, count) in [Split::Train, Split::Validation, Split::Test].into_iter().zip(splits) {
                for _ in 0..*count {
                    let index = samples.len();
                    samples.push(Sample { path: index.to_string(), class, split, content: content(index) });
                }
            }
        }
        Samples::Classified(samples)
    }

    /// Of each class and of each split, how many are chosen.
    fn spread(samples: &Samples, classes: usize) -> (Vec<usize>, [usize; 3]) {
        let Samples::Classified(all) = samples else { panic!("no classes") };
        let (mut of_class, mut of_split) = (vec![0; classes], [0; 3]);
        for index in choose(samples, classes, "hash") {
            of_class[all[index].class] += 1;
            of_split[all[index].split as usize] += 1;
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
        let samples = classified(&[[400, 40, 0], [400, 40, 0], [90, 9, 0]]);
        let first = choose(&samples, 3, "one");
        assert_eq!(first, choose(&samples, 3, "one"));
        assert_ne!(first, choose(&samples, 3, "two"));
        let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(first, one_thread.install(|| choose(&samples, 3, "one")));
    }

    #[test]
    fn the_same_image_is_there_once() {
        let Samples::Classified(mut all) = classified(&[[10, 0, 0], [10, 0, 0]]) else {
            panic!("no classes")
        };
        all.iter_mut().for_each(|sample| sample.content = content(3));
        assert_eq!(choose(&Samples::Classified(all), 2, "hash").len(), 1);
    }

    #[test]
    fn images_without_objects_are_few_and_rare_classes_are_found() {
        let object = |class, crowd| LabelledBox { class, corners: [0.0, 0.0, 9.0, 9.0], crowd };
        let scene = |index: usize| {
            let boxes = match index {
                0..500 => vec![],
                500..510 => vec![object(0, true)],
                997 => vec![object(0, false), object(1, false)],
                _ => vec![object(0, false); 40],
            };
            (Scene { path: index.to_string(), width: 10, height: 10, boxes }, Split::Train, content(index))
        };
        let chosen = choose(&Samples::Scenes((0..1_000).map(scene).collect()), 2, "hash");
        assert!(chosen.contains(&997), "{chosen:?}");
        let empty = chosen.iter().filter(|index| **index < 510).count();
        assert!((3..=6).contains(&empty), "{chosen:?}");
    }
}
