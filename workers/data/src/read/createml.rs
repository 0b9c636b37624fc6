//! CreateML: a JSON list of images with boxes around a centre.

use std::collections::HashSet;

use serde::Deserialize;
use trainyard_events::reason::{Flaw, LabelFormat, Place};

use super::classes::Classes;
use super::draft::{Draft, DraftImage, DraftLabel};
use super::json::{Kind, Shape, read_or_refuse};
use super::split::{split_in_folders, split_in_name, unused};
use crate::limits::IMAGE_LABELS;
use crate::manifest::{Label, Split};
use crate::names::Names;
use crate::refusal::{Refusal, flawed};
use crate::root::{folder_of, name_of};

pub fn recognise(shapes: &[(usize, Shape)]) -> Option<Vec<usize>> {
    let is_one = |shape: &Shape| {
        shape.is_list
            && (shape.has("image") || shape.has("imagefilename"))
            && (shape.is("annotations", Kind::List) || shape.is("annotation", Kind::List))
            && !shape.has("data")
    };
    let files: Vec<usize> = shapes.iter().filter(|(_, shape)| is_one(shape)).map(|(file, _)| *file).collect();
    (!files.is_empty()).then_some(files)
}

#[derive(Deserialize)]
struct Image {
    #[serde(alias = "imagefilename")]
    image: String,
    #[serde(alias = "annotation")]
    annotations: Vec<Annotation>,
}

#[derive(Deserialize)]
struct Annotation {
    label: String,
    coordinates: Coordinates,
}

#[derive(Deserialize)]
struct Coordinates {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

pub fn read(names: &Names, files: &[usize]) -> Result<Draft, Refusal> {
    let listing = names.listing;
    let mut draft = Draft::new(LabelFormat::CreateMl, Vec::new());
    let mut all: Vec<(usize, Vec<Image>)> = Vec::new();
    for file in files {
        all.push((*file, read_or_refuse(listing, &listing.files[*file], LabelFormat::CreateMl)?));
    }
    let labels = all.iter().flat_map(|(_, images)| images).flat_map(|image| &image.annotations);
    let classes = Classes::sorted(labels.map(|annotation| annotation.label.as_str()));
    for (file, images) in all {
        let path = names.name(file);
        let told = split_in_name(name_of(path)).or_else(|| split_in_folders(path));
        for image in images {
            let should = |name: &str| split_in_folders(name) == told;
            match names.find_image(&[folder_of(path), "", "images"], &image.image, should) {
                Ok(index) => {
                    let name = names.name(index);
                    let split = told.or_else(|| split_in_folders(name)).unwrap_or(Split::Train);
                    let labels = labels_of(image, path, &classes).map_err(|flaw| flawed(name, vec![flaw]));
                    draft.images.push(DraftImage {
                        file: index,
                        split,
                        is_labelled: true,
                        stated: None,
                        labels,
                    });
                }
                Err(missing) => draft.problems.push(flawed(&image.image, vec![missing.flaw(path)])),
            }
        }
    }
    draft.classes = classes.into_names();
    let used: HashSet<usize> = draft.images.iter().map(|image| image.file).collect();
    draft.cautions.extend(unused(listing, &used));
    Ok(draft)
}

fn labels_of(image: Image, file: &str, classes: &Classes) -> Result<Vec<DraftLabel>, Flaw> {
    if image.annotations.len() > IMAGE_LABELS {
        return Err(Flaw::MoreBoxesThan { limit: IMAGE_LABELS as u64 });
    }
    let label = |(object, annotation): (u64, Annotation)| {
        let Coordinates { x, y, width, height } = annotation.coordinates;
        let bounds = Some([x - width / 2.0, y - height / 2.0, width, height]);
        let label = Label { bounds, ..Label::of_class(classes.find(&annotation.label)?) };
        Some(DraftLabel::pixels(label, Place::Object { object, file: file.to_owned() }))
    };
    Ok((1..).zip(image.annotations).filter_map(label).collect())
}
