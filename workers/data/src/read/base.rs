//! Corrections of a version that there is already: what an export does not name stays as that version's manifest says.

use std::collections::{HashMap, HashSet};

use trainyard_events::reason::{Advice, Cause, Caution, Flaw, Place};

use super::draft::{Draft, DraftImage, DraftLabel};
use super::split::unused;
use crate::limits::ANNOTATION_FILE_BYTES;
use crate::manifest::{Image, Label, Manifest};
use crate::refusal::Refusal;
use crate::root::Listing;

/// The manifest of that version, as a file beside the export.
pub const BASE_FILE: &str = "trainyard-base.jsonl";

/// Whether corrections lie here: then no folder of classes says anything against them.
pub fn is_there(listing: &Listing) -> bool {
    listing.files.iter().any(|file| file.name == BASE_FILE)
}

pub fn find(listing: &Listing) -> Result<Option<Manifest>, Refusal> {
    let Some(file) = listing.files.iter().find(|file| file.name == BASE_FILE) else { return Ok(None) };
    let refused = |flaw| Refusal::of_file(BASE_FILE, flaw, Advice::RewriteFile);
    let bytes = listing.bytes(file, ANNOTATION_FILE_BYTES).map_err(refused)?;
    let wrong = |error: crate::manifest::ManifestError| {
        refused(Flaw::NotJson { cause: Cause::said(error.to_string()) })
    };
    Manifest::read(&bytes[..]).map(Some).map_err(wrong)
}

/// Of images that the draft says nothing of, `base` speaks; all stay in their splits, classes keep their numbers, and those that
/// are new come behind.
pub fn fill(base: &Manifest, draft: &mut Draft, listing: &Listing) {
    let known: HashMap<&str, &Image> = base.images.iter().map(|image| (image.name.as_str(), image)).collect();
    let (classes, class_of) = merged(&base.header.classes, &draft.classes);
    let of = |points: &Option<Vec<String>>| points.clone().unwrap_or_default();
    let (points, point_of) = merged(&of(&base.header.keypoints), &of(&draft.keypoints));
    let kept = |image: &Image| Ok(labels(image, points.len()));
    let mut named = HashSet::new();
    for image in &mut draft.images {
        for label in image.labels.iter_mut().flatten() {
            renumber(&mut label.label, &class_of, &point_of, points.len());
        }
        named.insert(image.file);
        let Some(before) = known.get(listing.files[image.file].name.as_str()) else { continue };
        image.split = before.split;
        if !image.is_labelled {
            (image.labels, image.is_labelled) = (kept(before), !before.labels.is_empty());
        }
    }
    for (file, listed) in listing.images().filter(|(file, _)| !named.contains(file)) {
        let Some(before) = known.get(listed.name.as_str()) else { continue };
        let is_labelled = !before.labels.is_empty();
        let labels = kept(before);
        draft.images.push(DraftImage { file, split: before.split, is_labelled, stated: None, labels });
    }
    if base.header.keypoints.is_some() {
        let pairs = base.header.mirrored.clone();
        draft.mirrored = pairs.map(|pairs| pairs.iter().copied().chain(pairs.len()..points.len()).collect());
    }
    draft.keypoints = (!points.is_empty()).then_some(points);
    draft.classes = classes;
    let used: HashSet<usize> = draft.images.iter().map(|image| image.file).collect();
    draft.cautions.retain(|caution| !matches!(caution, Caution::InNoSplit { .. }));
    draft.cautions.extend(unused(listing, &used));
}

/// Names of both, those of `first` before the others, and which of them each of `second` is.
fn merged(first: &[String], second: &[String]) -> (Vec<String>, Vec<usize>) {
    let mut all = first.to_vec();
    let mut places = Vec::new();
    for name in second {
        let place = all.iter().position(|known| known == name);
        places.push(place.unwrap_or(all.len()));
        all.extend(place.is_none().then(|| name.clone()));
    }
    (all, places)
}

fn renumber(label: &mut Label, class_of: &[usize], point_of: &[usize], points: usize) {
    label.class = class_of.get(label.class).copied().unwrap_or(label.class);
    if let Some(said) = &mut label.keypoints {
        let mut all = vec![[0.0; 3]; points];
        for (point, place) in said.iter().zip(point_of) {
            all[*place] = *point;
        }
        *said = all;
    }
}

fn labels(image: &Image, points: usize) -> Vec<DraftLabel> {
    let of = |(object, label): (u64, &Label)| {
        let mut label = label.clone();
        label.keypoints.iter_mut().for_each(|said| said.resize(points, [0.0; 3]));
        DraftLabel::pixels(label, Place::Object { object, file: BASE_FILE.to_owned() })
    };
    (1..).zip(&image.labels).map(of).collect()
}
