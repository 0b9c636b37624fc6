//! A look into a dataset: a page of small images, and what their labels say of them.

use std::fs;
use std::path::Path;

use image::RgbImage;
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::data::decode::decode;
use crate::data::folder::Split;
use crate::data::survey::{Samples, Survey};
use crate::metrics::drawing::{Page, page, thumbnail};
use crate::weights::file::write_bytes;

/// Images on the page, in rows of [`COLUMNS`].
const IMAGES: usize = 24;
const COLUMNS: u32 = 6;
/// Boxes told of one image.
const BOXES: usize = 200;
/// Names in the folder that was asked for.
pub const PAGE: &str = "samples.jpg";
pub const LABELS: &str = "samples.json";

/// Writes [`PAGE`] and [`LABELS`] into `folder`: images evenly spread over the dataset. One that cannot be read any more
/// is left out.
pub fn write(root: &Path, survey: &Survey, folder: &Path) -> Result<(), String> {
    let classes: Vec<&str> = survey.profile.classes.iter().map(|class| class.name.as_str()).collect();
    let told: Vec<(&str, Value)> = match &survey.samples {
        Samples::Classified(samples) => spread(samples)
            .map(|sample| {
                (
                    sample.path.as_str(),
                    json!({ "split": split(sample.split), "class": classes[sample.class] }),
                )
            })
            .collect(),
        Samples::Scenes(samples) => spread(samples)
            .map(|(scene, of, _)| {
                let boxes = scene.boxes.iter().take(BOXES).map(|object| {
                    json!({ "class": classes[object.class], "bbox": object.corners, "crowd": object.crowd })
                });
                let boxes: Vec<Value> = boxes.collect();
                (
                    scene.path.as_str(),
                    json!({ "split": split(*of), "objects": scene.boxes.len(), "boxes": boxes }),
                )
            })
            .collect(),
    };
    let seen: Vec<(RgbImage, Value)> = told
        .into_par_iter()
        .filter_map(|(path, mut told)| {
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
    put(LABELS, labels.to_string().as_bytes())
}

/// At most [`IMAGES`], from the first on.
fn spread<T>(all: &[T]) -> impl Iterator<Item = &T> {
    let shown = all.len().min(IMAGES);
    (0..shown).map(move |index| &all[index * all.len() / shown])
}

fn split(split: Split) -> &'static str {
    match split {
        Split::Train => "train",
        Split::Validation => "validation",
        Split::Test => "test",
    }
}
