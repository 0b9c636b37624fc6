//! labelme: a JSON file with shapes for each image.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;
use serde_json::Value;
use trainyard_events::reason::{Caution, Flaw, LabelFormat, Place};

use super::classes::Classes;
use super::draft::{Draft, DraftImage, DraftLabel};
use super::json::{self, Kind, Shape};
use super::split::{split_in_folders, unused};
use crate::limits::{IMAGE_LABELS, IMAGE_POINTS};
use crate::manifest::{Label, Split};
use crate::names::Names;
use crate::refusal::{Refusal, flawed};
use crate::root::{File, folder_of, name_of, stem_of};

pub fn recognise(shapes: &[(usize, Shape)]) -> Option<Vec<usize>> {
    let is_one = |shape: &Shape| {
        !shape.is_list
            && (shape.is("shapes", Kind::List) || shape.broken.is_some() && shape.has("shapes"))
            && ["imagePath", "imageData", "version", "flags"].iter().any(|name| shape.has(name))
    };
    let files: Vec<usize> = shapes.iter().filter(|(_, shape)| is_one(shape)).map(|(file, _)| *file).collect();
    (!files.is_empty()).then_some(files)
}

#[derive(Deserialize)]
struct Sheet {
    shapes: Vec<Drawn>,
    #[serde(rename = "imagePath")]
    path: Option<String>,
    #[serde(rename = "imageWidth", default)]
    width: Value,
    #[serde(rename = "imageHeight", default)]
    height: Value,
}

#[derive(Deserialize)]
struct Drawn {
    label: Value,
    #[serde(default)]
    points: Vec<Vec<f64>>,
    shape_type: Option<String>,
}

pub fn read(names: &Names, files: &[usize]) -> Result<Draft, Refusal> {
    let listing = names.listing;
    let sheets: Vec<(&File, Result<Sheet, Flaw>)> = files
        .iter()
        .map(|file| &listing.files[*file])
        .map(|file| (file, json::read(listing, file, LabelFormat::Labelme)))
        .collect();
    let drawn = || sheets.iter().filter_map(|(_, sheet)| sheet.as_ref().ok()).flat_map(|sheet| &sheet.shapes);
    let labels: Vec<String> = drawn().map(|shape| text(&shape.label)).collect();
    let classes = Classes::sorted(labels.iter().map(String::as_str));
    let mut unread: BTreeMap<String, u64> = BTreeMap::new();
    let mut draft = Draft::new(LabelFormat::Labelme, Vec::new());
    for (file, sheet) in sheets {
        let Some(image) = image_of(names, file, sheet.as_ref().ok()) else {
            draft.problems.push(flawed(&file.name, vec![Flaw::LabelWithoutImage]));
            continue;
        };
        let stated = sheet.as_ref().ok().and_then(stated);
        let labels = sheet
            .and_then(|sheet| labels_of(sheet, file, &classes, &mut unread))
            .map_err(|flaw| flawed(&file.name, vec![flaw]));
        let split = split_in_folders(names.name(image)).unwrap_or(Split::Train);
        draft.images.push(DraftImage { file: image, split, is_labelled: true, stated, labels });
    }
    let used: HashSet<usize> = draft.images.iter().map(|image| image.file).collect();
    draft.cautions.extend(unread.into_iter().map(|(kind, shapes)| Caution::ShapesLeftOut { shapes, kind }));
    draft.cautions.extend(unused(listing, &used));
    draft.classes = classes.into_names();
    Ok(draft)
}

/// Names of classes may look like numbers.
fn text(label: &Value) -> String {
    label.as_str().map_or_else(|| label.to_string(), str::to_owned)
}

fn stated(sheet: &Sheet) -> Option<(u32, u32)> {
    let side =
        |value: &Value| value.as_u64().and_then(|side| u32::try_from(side).ok()).filter(|side| *side > 0);
    side(&sheet.width).zip(side(&sheet.height))
}

fn image_of(names: &Names, file: &File, sheet: Option<&Sheet>) -> Option<usize> {
    let here = folder_of(&file.name);
    let beside = || {
        let start = stem_of(&file.name);
        ["jpg", "jpeg", "png", "bmp", "webp"].iter().find_map(|end| names.beside(&format!("{start}.{end}")))
    };
    let images = format!("{}/images", folder_of(here));
    let named = sheet.and_then(|sheet| sheet.path.as_deref());
    let find = |path: &str| names.find_image(&[here, &images, ""], path, |_| false).ok();
    named
        .filter(|path| stem_of(name_of(&path.replace('\\', "/"))) == stem_of(name_of(&file.name)))
        .and_then(find)
        .or_else(beside)
        .or_else(|| named.and_then(find))
}

fn labels_of(
    sheet: Sheet,
    file: &File,
    classes: &Classes,
    unread: &mut BTreeMap<String, u64>,
) -> Result<Vec<DraftLabel>, Flaw> {
    let mut labels = Vec::new();
    let mut left = IMAGE_POINTS;
    if sheet.shapes.len() > IMAGE_LABELS {
        return Err(Flaw::MoreBoxesThan { limit: IMAGE_LABELS as u64 });
    }
    for (object, shape) in (1..).zip(sheet.shapes) {
        let place = Place::Object { object, file: file.name.clone() };
        left = left
            .checked_sub(shape.points.len())
            .ok_or(Flaw::MorePointsThan { limit: IMAGE_POINTS as u64 })?;
        let Some(class) = classes.find(&text(&shape.label)) else { continue };
        let unusable = || Flaw::NumbersUnusable { place: place.clone() };
        let points: Vec<f64> = shape
            .points
            .iter()
            .map(|point| if let [x, y] = point[..] { Some([x, y]) } else { None })
            .collect::<Option<Vec<_>>>()
            .ok_or_else(unusable)?
            .concat();
        let label = Label::of_class(class);
        let label = match shape.shape_type.as_deref().unwrap_or("polygon") {
            "rectangle" => {
                let [x1, y1, x2, y2] = points[..] else { return Err(unusable()) };
                let (left, top) = (x1.min(x2), y1.min(y2));
                Label { bounds: Some([left, top, x1.max(x2) - left, y1.max(y2) - top]), ..label }
            }
            "polygon" if points.len() >= 6 => Label { polygon: Some(vec![points]), ..label },
            "polygon" => return Err(unusable()),
            kind => {
                *unread.entry(kind.chars().take(100).collect()).or_default() += 1;
                continue;
            }
        };
        labels.push(DraftLabel::pixels(label, place));
    }
    Ok(labels)
}
