//! Masks: an image of numbers beside each image, in a folder of its own or with an ending to its name.

mod by_class;
mod pairs;
mod palette;

use std::collections::{BTreeSet, HashSet};

use rayon::prelude::*;
use trainyard_events::dataset::FileProblem;
use trainyard_events::limits::CLASSES;
use trainyard_events::reason::{Flaw, LabelFormat, Place};

use super::draft::{Draft, DraftImage, DraftLabel};
use super::split::unused;
use super::voc::{sets_in, split_of};
use crate::limits::{IMAGE_FILE_BYTES, IMAGE_LABELS};
use crate::manifest::Label;
use crate::mask::{Rle, read_indices};
use crate::names::Names;
use crate::refusal::{Refusal, flawed};
use crate::root::Listing;
pub use by_class::ByClass;
pub use pairs::{
    Pair, is_image_folder, is_mask, is_mask_folder, is_object_mask, object_mask, recognise, shared_key,
};
use palette::Palette;

/// Values of one mask beyond which they are shades, where nothing names them.
const VALUES_MAX: usize = 32;
/// The same where a list names them.
const VALUES_NAMED_MAX: usize = CLASSES + 2;

/// What one mask holds: each value but that of the background, and where it is.
struct Parts {
    size: (u32, u32),
    in_colours: bool,
    parts: Vec<(u32, Rle)>,
}

pub fn read(names: &Names, pairs: &[Pair]) -> Result<Draft, Refusal> {
    let listing = names.listing;
    let mut draft = Draft::new(LabelFormat::Masks, Vec::new());
    let palette = Palette::of(names)?;
    let sets = sets_in(names, "imagesets/segmentation")?;
    let read: Vec<(&Pair, Result<Parts, FileProblem>)> =
        pairs.par_iter().map(|pair| (pair, parts(listing, pair, &palette))).collect();
    let good = || read.iter().filter_map(|(_, parts)| parts.as_ref().ok());
    let values: BTreeSet<u32> =
        good().flat_map(|parts| parts.parts.iter().map(|(value, _)| *value)).collect();
    let numbering = palette.number(&values, good().any(|parts| parts.in_colours))?;
    let mut used: HashSet<usize> =
        listing.images().filter(|(_, file)| is_mask(&file.name)).map(|(index, _)| index).collect();
    used.extend(pairs.iter().map(|pair| pair.mask));
    for (pair, parts) in read {
        let Some(split) = split_of(&sets, names.name(pair.image)) else { continue };
        let place =
            |value: u32| Place::Object { object: u64::from(value), file: names.name(pair.mask).to_owned() };
        let stated = parts.as_ref().ok().map(|parts| parts.size);
        let labels = parts.map(|parts| {
            let label = |(value, mask): (u32, Rle)| {
                let class = *numbering.classes.get(&value)?;
                let label = Label { mask: Some(mask), ..Label::of_class(class) };
                Some(DraftLabel::pixels(label, place(value)))
            };
            parts.parts.into_iter().filter_map(label).collect()
        });
        used.insert(pair.image);
        draft.images.push(DraftImage { file: pair.image, split, is_labelled: true, stated, labels });
    }
    // An image without a mask in a set of masks is not known to be empty.
    draft.cautions.extend(unused(listing, &used));
    draft.classes = numbering.names;
    Ok(draft)
}

fn parts(listing: &Listing, pair: &Pair, palette: &Palette) -> Result<Parts, FileProblem> {
    let file = &listing.files[pair.mask];
    let wrong = |flaw| flawed(&file.name, vec![flaw]);
    let bytes = listing.bytes(file, IMAGE_FILE_BYTES).map_err(wrong)?;
    let indices = read_indices(&bytes).map_err(wrong)?;
    if indices.in_colours && !palette.has_colours() {
        return Err(wrong(Flaw::MaskInColours));
    }
    let limit = if palette.is_empty() { VALUES_MAX } else { VALUES_NAMED_MAX };
    let mut parts = indices.parts(limit).ok_or_else(|| wrong(Flaw::MaskLossy))?;
    parts.remove(&if indices.in_colours { palette.background() } else { 0 });
    Ok(Parts {
        size: (indices.width, indices.height),
        in_colours: indices.in_colours,
        parts: parts.into_iter().collect(),
    })
}

/// Pascal VOC's masks of objects: the value of each is its object's place in the XML file, from 1.
pub fn of_objects(
    names: &Names,
    image: usize,
    mut labels: Vec<DraftLabel>,
) -> Result<Vec<DraftLabel>, FileProblem> {
    let Some(mask) = pairs::object_mask(names, image) else { return Ok(labels) };
    let file = &names.listing.files[mask];
    let wrong = |flaw| flawed(&file.name, vec![flaw]);
    let bytes = names.listing.bytes(file, IMAGE_FILE_BYTES).map_err(wrong)?;
    let indices = read_indices(&bytes).map_err(wrong)?;
    if indices.in_colours {
        return Err(wrong(Flaw::MaskInColours));
    }
    let mut parts = indices.parts(IMAGE_LABELS).ok_or_else(|| wrong(Flaw::MaskLossy))?;
    for (value, label) in (1..).zip(&mut labels) {
        label.label.mask = parts.remove(&value);
    }
    Ok(labels)
}
