//! Pascal VOC: an XML file with names and corners for each image, and perhaps a mask of its objects.

mod sheet;

use std::collections::{BTreeSet, HashMap, HashSet};

use trainyard_events::reason::{Advice, Caution, Flaw, LabelFormat, Place, Unfit};

use super::classes::{Classes, lines};
use super::draft::{Draft, DraftImage, DraftLabel};
use super::masks::{self, ByClass};
use super::split::{split_in_folders, unused};
use super::xml::first_element;
use crate::limits::LABEL_FILE_BYTES;
use crate::manifest::{Label, Split};
use crate::names::{Names, fold};
use crate::refusal::{Refusal, flawed};
use crate::root::{Listing, folder_of, join, name_of, stem_of};
use sheet::Sheet;

/// The XML files, where one of them is known to be of this format: a broken one is reported, not passed over.
pub fn recognise(listing: &Listing) -> Option<Vec<usize>> {
    let xml: Vec<usize> = listing.ending(&["xml"]).map(|(index, _)| index).collect();
    let is_annotation =
        |file: &usize| first_element(listing, &listing.files[*file]).as_deref() == Some("annotation");
    xml.iter().any(is_annotation).then_some(xml)
}

pub fn read(names: &Names, files: &[usize]) -> Result<Draft, Refusal> {
    let listing = names.listing;
    let sets = image_sets(names)?;
    let sheets: Vec<(usize, Result<Sheet, Flaw>)> = files
        .iter()
        .map(|file| {
            let text = listing.text(&listing.files[*file], LABEL_FILE_BYTES);
            (*file, text.and_then(|text| sheet::parse(&text)))
        })
        .collect();
    let objects =
        || sheets.iter().filter_map(|(_, sheet)| sheet.as_ref().ok()).flat_map(|sheet| &sheet.objects);
    let classes = classes(names, objects().map(|object| object.class.as_str()).collect());
    // VOC counts pixels from 1 and names the first and the last inside: the box's edges are min - 1 and max. Where some
    // box begins below 1, the tool wrote edges from 0.
    let starts_at_one = objects().flat_map(|object| &object.corners[..2]).all(|start| *start >= 1.0);
    let first = if starts_at_one { 1.0 } else { 0.0 };

    let images: Vec<Option<usize>> = sheets
        .iter()
        .map(|(file, sheet)| {
            image_of(
                names,
                names.name(*file),
                sheet.as_ref().ok().and_then(|sheet| sheet.file_name.as_deref()),
            )
        })
        .collect();
    let mut masks_of_classes = ByClass::read(names, &classes, &used(&sheets, &images, &classes))?;
    let mut draft = Draft::new(LabelFormat::PascalVoc, Vec::new());
    let mut labelled: HashSet<usize> = HashSet::new();
    let mut unlisted = 0;
    for ((file, sheet), image) in sheets.into_iter().zip(images) {
        let path = names.name(file);
        let Some(image) = image else {
            // What cannot be read cannot say whose it is.
            draft.problems.push(flawed(path, vec![sheet.err().unwrap_or(Flaw::LabelWithoutImage)]));
            continue;
        };
        labelled.insert(image);
        let Some(split) = split_of(&sets, names.name(image)) else {
            unlisted += 1;
            continue;
        };
        let stated = sheet.as_ref().ok().and_then(|sheet| sheet.stated);
        let labels = sheet
            .map(|sheet| labels(&sheet, path, &classes, first))
            .map_err(|flaw| flawed(path, vec![flaw]))
            .and_then(|labels| match (masks::object_mask(names, image), &mut masks_of_classes) {
                (None, Some(masks)) => masks.share(names, image, labels),
                _ => masks::of_objects(names, image, labels),
            });
        draft.images.push(DraftImage { file: image, split, is_labelled: true, stated, labels });
    }
    add_background(listing, &sets, &labelled, &mut draft);
    if unlisted > 0 {
        draft.cautions.push(Caution::LabelsInNoSplit { labels: unlisted });
    }
    labelled.extend(draft.images.iter().map(|image| image.file));
    let (objects, others): (Vec<_>, Vec<_>) = listing
        .images()
        .filter(|(_, file)| masks::is_mask(&file.name))
        .partition(|(_, file)| masks::is_object_mask(&file.name));
    if let Some((objects, Some(first))) = masks_of_classes.as_ref().map(|masks| masks.shared.clone()) {
        draft.cautions.push(Caution::MasksShared { objects, first });
    }
    // Which class a value is, nothing says.
    if !others.is_empty() && masks_of_classes.is_none() {
        let (shapes, kind) = (others.len() as u64, "SegmentationClass".to_owned());
        draft.cautions.push(Caution::ShapesLeftOut { shapes, kind });
    }
    labelled.extend(objects.into_iter().chain(others).map(|(index, _)| index));
    draft.cautions.extend(unused(listing, &labelled));
    draft.classes = classes.into_names();
    Ok(draft)
}

/// The classes of the objects of each image.
fn used(
    sheets: &[(usize, Result<Sheet, Flaw>)],
    images: &[Option<usize>],
    classes: &Classes,
) -> HashMap<usize, Vec<usize>> {
    let known =
        sheets.iter().zip(images).filter_map(|((_, sheet), image)| Some(((*image)?, sheet.as_ref().ok()?)));
    let numbers =
        |sheet: &Sheet| sheet.objects.iter().filter_map(|object| classes.find(&object.class)).collect();
    known.map(|(image, sheet)| (image, numbers(sheet))).collect()
}

/// In the order of a list beside, where it names them all; else by their letters.
fn classes(names: &Names, used: BTreeSet<&str>) -> Classes {
    let listing = names.listing;
    let listed = listing.files.iter().find(|file| fold(&file.name) == "classes.txt").and_then(|file| {
        let text = listing.text(file, LABEL_FILE_BYTES).ok()?;
        let listed = lines(&text);
        let classes = Classes::of(listed.iter().map(String::as_str));
        used.iter().all(|name| classes.find(name).is_some()).then_some(classes)
    });
    listed.unwrap_or_else(|| Classes::sorted(used))
}

/// An image of a split without a sheet is background; without image sets, any image beside them is.
fn add_background(listing: &Listing, sets: &Option<Sets>, labelled: &HashSet<usize>, draft: &mut Draft) {
    for (index, file) in listing.images() {
        if labelled.contains(&index) || masks::is_mask(&file.name) {
            continue;
        }
        draft.images.extend(split_of(sets, &file.name).map(|split| DraftImage::background(index, split)));
    }
}

/// `first` is what the first pixel of a side is called.
fn labels(sheet: &Sheet, file: &str, classes: &Classes, first: f64) -> Vec<DraftLabel> {
    let label = |(index, object): (usize, &sheet::Object)| {
        let [x1, y1, x2, y2] = object.corners;
        let (left, top) = (x1 - first, y1 - first);
        let label = Label {
            bounds: Some([left, top, x2 - left, y2 - top]),
            difficult: object.difficult,
            ..Label::of_class(classes.find(&object.class)?)
        };
        let place = Place::Object { object: index as u64 + 1, file: file.to_owned() };
        Some(DraftLabel::pixels(label, place))
    };
    sheet.objects.iter().enumerate().filter_map(label).collect()
}

type Sets = HashMap<String, Split>;

/// ImageSets/Main/{train,val,trainval,test}.txt: the split of each image by its name without ending.
fn image_sets(names: &Names) -> Result<Option<Sets>, Refusal> {
    sets_in(names, "imagesets/main")
}

pub(super) fn sets_in(names: &Names, folder: &str) -> Result<Option<Sets>, Refusal> {
    let listing = names.listing;
    let lists: HashMap<String, usize> = listing
        .ending(&["txt"])
        .filter(|(_, file)| fold(folder_of(&file.name)).ends_with(folder))
        .map(|(index, file)| (fold(name_of(&file.name)), index))
        .collect();
    let train = lists.get("train.txt").or(lists.get("trainval.txt"));
    let Some(train) = train else { return Ok(None) };
    let stems: HashSet<String> =
        listing.images().map(|(_, file)| fold(stem_of(name_of(&file.name)))).collect();
    let mut sets = HashMap::new();
    // An image that is in two is trained on.
    let all = [
        (lists.get("test.txt"), Split::Test),
        (lists.get("val.txt"), Split::Validation),
        (Some(train), Split::Train),
    ];
    for (list, split) in all.into_iter().filter_map(|(list, split)| Some((list?, split))) {
        let file = &listing.files[*list];
        let text = listing.text(file, LABEL_FILE_BYTES).map_err(|flaw| {
            Refusal::new(Unfit::ImageSet { path: file.name.clone(), flaw }, Advice::OneImagePerLine)
        })?;
        sets.extend(text.lines().filter_map(|line| Some((set_key(line, &stems)?, split))));
    }
    Ok(Some(sets))
}

/// The name on a line of a set. Lists of one class have a second column; these have none, but some tools write it:
/// it is one where no image is called by the whole line.
fn set_key(line: &str, stems: &HashSet<String>) -> Option<String> {
    let line = line.trim();
    let whole = [fold(name_of(line)), fold(stem_of(name_of(line)))];
    if let Some(known) = whole.iter().find(|name| stems.contains(*name)) {
        return Some(known.clone());
    }
    let name = match line.rsplit_once(char::is_whitespace) {
        Some((name, "-1" | "0" | "1")) => name.trim(),
        _ => line,
    };
    (!name.is_empty()).then(|| fold(name_of(name)))
}

/// From the image sets, else from the names of folders, else to train on.
pub(super) fn split_of(sets: &Option<Sets>, path: &str) -> Option<Split> {
    match sets {
        Some(sets) => sets.get(&fold(stem_of(name_of(path)))).copied(),
        None => Some(split_in_folders(path).unwrap_or(Split::Train)),
    }
}

/// Beside its label, in a folder for images beside the label's, or the only one that is called so.
fn image_of(names: &Names, file: &str, named: Option<&str>) -> Option<usize> {
    let bases = bases(file);
    let bases: Vec<&str> = bases.iter().map(String::as_str).collect();
    let is_image = |name: &str| names.listing.is_image(name) && !masks::is_mask(name);
    let start = stem_of(name_of(file));
    let find = |name: &str| names.find_among(&bases, name, is_image, |_| false).ok();
    let written = named.map(|path| path.replace('\\', "/"));
    let written = written.as_deref().map(name_of);
    let own: Vec<String> = ENDINGS.iter().map(|end| format!("{start}.{end}")).collect();
    let beside = |name: &String| {
        let found = bases.iter().filter_map(|base| names.beside(&join(base, name)));
        found.into_iter().find(|at| is_image(names.name(*at)))
    };
    // What the sheet says is often the name that the image had before: its own name stands first.
    written
        .filter(|written| fold(stem_of(written)) == fold(start))
        .and_then(find)
        .or_else(|| own.iter().find_map(beside))
        .or_else(|| written.and_then(find))
        .or_else(|| own.iter().find_map(|name| find(name)))
}

const ENDINGS: [&str; 6] = ["jpg", "jpeg", "png", "bmp", "webp", "jfif"];

/// Where the image of a sheet may lie: beside it, above it, and with any one folder of its path in place of another.
fn bases(file: &str) -> Vec<String> {
    let here = folder_of(file);
    let above = folder_of(here);
    let mut bases = vec![here.to_owned()];
    let parts: Vec<&str> = here.split('/').collect();
    for at in (0..parts.len()).rev() {
        for images in ["JPEGImages", "images"] {
            let mut moved = parts.clone();
            moved[at] = images;
            bases.push(moved.join("/"));
        }
    }
    bases.push(above.to_owned());
    bases
}
