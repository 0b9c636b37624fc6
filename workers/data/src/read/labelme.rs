//! labelme: a JSON file with shapes for each image.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;
use serde_json::Value;
use trainyard_events::reason::{Caution, Flaw, LabelFormat, Place};

use super::classes::Classes;
use super::draft::{Draft, DraftImage, DraftLabel};
use super::json::{self, Kind, Shape};
use super::split::{split_in_folders, unused};
use crate::limits::{IMAGE_LABELS, IMAGE_POINTS, OBJECT_KEYPOINTS};
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
    /// Shapes with the same one are of one object.
    #[serde(default)]
    group_id: Value,
}

impl Drawn {
    fn kind(&self) -> &str {
        self.shape_type.as_deref().unwrap_or("polygon")
    }

    /// A point of an object, which a box or an outline of its group is.
    fn is_key_point(&self, sheet: &[Drawn]) -> bool {
        self.kind() == "point" && self.owner(sheet).is_some()
    }

    /// The one box or outline of the same group, by its place in the sheet.
    fn owner(&self, sheet: &[Drawn]) -> Option<usize> {
        let is_of_group = |shape: &Drawn| shape.group_id == self.group_id && shape.kind() != "point";
        // A sheet with more is refused, and would take long.
        let is_grouped = !self.group_id.is_null() && sheet.len() <= IMAGE_LABELS;
        let mut found = (0..sheet.len()).filter(|at| is_grouped && is_of_group(&sheet[*at]));
        found.next().filter(|_| found.next().is_none())
    }
}

pub fn read(names: &Names, files: &[usize]) -> Result<Draft, Refusal> {
    let listing = names.listing;
    let sheets: Vec<(&File, Result<Sheet, Flaw>)> = files
        .iter()
        .map(|file| &listing.files[*file])
        .map(|file| (file, json::read(listing, file, LabelFormat::Labelme)))
        .collect();
    let named = |is_point: bool| -> Classes {
        let sheets = sheets.iter().filter_map(|(_, sheet)| sheet.as_ref().ok());
        let shapes = sheets.flat_map(|sheet| sheet.shapes.iter().map(|shape| (shape, &sheet.shapes)));
        let labels: Vec<String> = shapes
            .filter(|(shape, sheet)| shape.is_key_point(sheet) == is_point)
            .map(|(shape, _)| text(&shape.label))
            .collect();
        Classes::sorted(labels.iter().map(String::as_str))
    };
    let named = Named { classes: named(false), points: named(true) };
    let mut unread: BTreeMap<String, u64> = BTreeMap::new();
    let mut draft = Draft::new(LabelFormat::Labelme, Vec::new());
    for (file, sheet) in sheets {
        let Some(image) = image_of(names, file, sheet.as_ref().ok()) else {
            draft.problems.push(flawed(&file.name, vec![Flaw::LabelWithoutImage]));
            continue;
        };
        let stated = sheet.as_ref().ok().and_then(stated);
        let labels = sheet
            .and_then(|sheet| labels_of(sheet, file, &named, &mut unread))
            .map_err(|flaw| flawed(&file.name, vec![flaw]));
        let split = split_in_folders(names.name(image)).unwrap_or(Split::Train);
        draft.images.push(DraftImage { file: image, split, is_labelled: true, stated, labels });
    }
    let used: HashSet<usize> = draft.images.iter().map(|image| image.file).collect();
    draft.cautions.extend(unread.into_iter().map(|(kind, shapes)| Caution::ShapesLeftOut { shapes, kind }));
    draft.cautions.extend(unused(listing, &used));
    draft.classes = named.classes.into_names();
    let points = named.points.into_names();
    draft.keypoints = (!points.is_empty()).then_some(points);
    Ok(draft)
}

/// Of all sheets.
struct Named {
    classes: Classes,
    points: Classes,
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
    named: &Named,
    unread: &mut BTreeMap<String, u64>,
) -> Result<Vec<DraftLabel>, Flaw> {
    let mut labels = Vec::new();
    let mut of_shape: HashMap<usize, usize> = HashMap::new();
    let mut left = IMAGE_POINTS;
    if sheet.shapes.len() > IMAGE_LABELS {
        return Err(Flaw::MoreBoxesThan { limit: IMAGE_LABELS as u64 });
    }
    for (index, shape) in sheet.shapes.iter().enumerate() {
        let place = Place::Object { object: index as u64 + 1, file: file.name.clone() };
        left = left
            .checked_sub(shape.points.len())
            .ok_or(Flaw::MorePointsThan { limit: IMAGE_POINTS as u64 })?;
        if shape.is_key_point(&sheet.shapes) {
            continue;
        }
        let Some(class) = named.classes.find(&text(&shape.label)) else { continue };
        let unusable = || Flaw::NumbersUnusable { place: place.clone() };
        let points: Vec<f64> = shape
            .points
            .iter()
            .map(|point| if let [x, y] = point[..] { Some([x, y]) } else { None })
            .collect::<Option<Vec<_>>>()
            .ok_or_else(unusable)?
            .concat();
        let label = Label::of_class(class);
        let label = match shape.kind() {
            "rectangle" => Label { bounds: Some(rectangle(&points).ok_or_else(unusable)?), ..label },
            "circle" => Label { polygon: Some(vec![circle(&points).ok_or_else(unusable)?]), ..label },
            "polygon" if points.len() >= 6 => Label { polygon: Some(vec![points]), ..label },
            "polygon" => return Err(unusable()),
            kind => {
                *unread.entry(kind.chars().take(100).collect()).or_default() += 1;
                continue;
            }
        };
        of_shape.insert(index, labels.len());
        labels.push(DraftLabel::pixels(label, place));
    }
    for (index, shape) in sheet.shapes.iter().enumerate().filter(|(_, shape)| shape.kind() == "point") {
        let Some(owner) = shape.owner(&sheet.shapes) else { continue };
        let unusable = || Flaw::NumbersUnusable {
            place: Place::Object { object: index as u64 + 1, file: file.name.clone() },
        };
        let [x, y] = shape.points.first().map_or(&[][..], Vec::as_slice) else { return Err(unusable()) };
        let point = named.points.find(&text(&shape.label)).filter(|point| *point < OBJECT_KEYPOINTS);
        let count = named.points.len().min(OBJECT_KEYPOINTS);
        let slot = of_shape.get(&owner).zip(point).and_then(|(at, point)| {
            let points = labels[*at].label.keypoints.get_or_insert_with(|| vec![[0.0; 3]; count]);
            points.get_mut(point).filter(|slot| slot[2] == 0.0)
        });
        match slot {
            Some(slot) => *slot = [*x, *y, 2.0],
            None => *unread.entry("point".to_owned()).or_default() += 1,
        }
    }
    Ok(labels)
}

/// Two opposite corners, or all four as newer releases write them: one that is turned is none.
fn rectangle(points: &[f64]) -> Option<[f64; 4]> {
    let upright = |points: &[f64; 8]| {
        let [x1, y1, x2, y2, x3, y3, x4, y4] = *points;
        let is_upright =
            (x1 == x2 && y2 == y3 && x3 == x4 && y4 == y1) || (y1 == y2 && x2 == x3 && y3 == y4 && x4 == x1);
        is_upright.then_some([x1, y1, x3, y3])
    };
    let [x1, y1, x2, y2] = match points.try_into() {
        Ok(corners) => upright(&corners)?,
        Err(_) => points.try_into().ok()?,
    };
    let (left, top) = (x1.min(x2), y1.min(y2));
    Some([left, top, x1.max(x2) - left, y1.max(y2) - top])
}

/// Corners of the outline that stands for a circle.
const CIRCLE_CORNERS: u32 = 36;

/// From its centre and a point on it.
fn circle(points: &[f64]) -> Option<Vec<f64>> {
    let [x, y, edge_x, edge_y] = *points else { return None };
    let radius = (edge_x - x).hypot(edge_y - y);
    let corner = |number: u32| {
        let angle = f64::from(number) * std::f64::consts::TAU / f64::from(CIRCLE_CORNERS);
        [x + radius * angle.cos(), y + radius * angle.sin()]
    };
    (radius > 0.0).then(|| (0..CIRCLE_CORNERS).flat_map(corner).collect())
}
