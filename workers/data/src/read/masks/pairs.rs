//! Which image a mask is of: the same name in a folder for masks, or the same name with an ending.

use std::collections::HashMap;

use crate::names::{Names, fold};
use crate::root::{Listing, folder_of, name_of, stem_of};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    pub image: usize,
    pub mask: usize,
}

const MASKS: [&str; 17] = [
    "mask",
    "masks",
    "label",
    "labels",
    "annotation",
    "annotations",
    "gt",
    "ground_truth",
    "groundtruth",
    "seg",
    "segmentation",
    "segmentations",
    "segmentationclass",
    "segmentationobject",
    "trimaps",
    "mask_images",
    "마스크",
];
const IMAGES: [&str; 13] = [
    "image",
    "images",
    "img",
    "imgs",
    "jpegimages",
    "photo",
    "photos",
    "input",
    "inputs",
    "original",
    "rgb",
    "data",
    "이미지",
];
const ENDINGS: [&str; 8] = ["_mask", "-mask", "_masks", "_label", "_seg", "_gt", "_segmentation", ".mask"];

/// Whether an image lies in a folder for masks, or is called one.
pub fn is_mask(path: &str) -> bool {
    is_in(path, &MASKS) || without_ending(&fold(stem_of(name_of(path)))).is_some()
}

pub fn is_image_folder(name: &str) -> bool {
    IMAGES.contains(&fold(name).as_str())
}

pub fn is_mask_folder(name: &str) -> bool {
    MASKS.contains(&fold(name).as_str())
}

fn is_in(path: &str, words: &[&str]) -> bool {
    folder_of(path).split('/').any(|part| words.contains(&fold(part).as_str()))
}

fn without_ending(stem: &str) -> Option<&str> {
    ENDINGS.iter().find_map(|ending| stem.strip_suffix(ending)).filter(|rest| !rest.is_empty())
}

/// What an image and its mask have in common: the path without folders for either, and without endings.
fn key(path: &str, words: &[&str]) -> String {
    let folded = fold(stem_of(path));
    let folder = folder_of(&folded).split('/').filter(|part| !words.contains(part));
    let name = name_of(&folded);
    folder.chain([without_ending(name).unwrap_or(name)]).collect::<Vec<_>>().join("/")
}

/// What an image below the folder of its split has in common with its mask below a folder for masks.
pub fn shared_key(path: &str) -> String {
    key(path, &MASKS)
}

/// The pairs, where at least half of the images have a mask.
pub fn recognise(listing: &Listing) -> Option<Vec<Pair>> {
    let (pairs, images, masks) = paired(listing);
    (!pairs.is_empty() && pairs.len() * 2 >= images && pairs.len() * 2 >= masks).then_some(pairs)
}

/// Every image that has a mask, and how many images and masks there are.
pub fn paired(listing: &Listing) -> (Vec<Pair>, usize, usize) {
    let (masks, images): (Vec<_>, Vec<_>) = listing
        .images()
        .filter(|(_, file)| !is_object_mask(&file.name))
        .partition(|(_, file)| is_mask(&file.name));
    let by_key: HashMap<String, usize> =
        masks.iter().map(|(index, file)| (key(&file.name, &MASKS), *index)).collect();
    let pairs: Vec<Pair> = images
        .iter()
        .filter_map(|(image, file)| {
            Some(Pair { image: *image, mask: *by_key.get(&key(&file.name, &IMAGES))? })
        })
        .collect();
    (pairs, images.len(), masks.len())
}

/// Whether its values are objects instead of classes.
pub fn is_object_mask(path: &str) -> bool {
    is_in(path, &["segmentationobject"])
}

/// The mask of single objects that lies beside the folder of an image.
pub fn object_mask(names: &Names, image: usize) -> Option<usize> {
    let path = names.name(image);
    let above = folder_of(folder_of(path));
    let mask = format!("{above}/SegmentationObject/{}.png", stem_of(name_of(path)));
    names.beside(mask.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_and_its_mask_have_one_key() {
        for (image, mask) in [
            ("images/1.jpg", "masks/1.png"),
            ("train/images/a/1.jpg", "train/masks/a/1.png"),
            ("images/train/1.jpg", "Masks/train/1_mask.png"),
            ("1.jpg", "1_mask.png"),
            ("JPEGImages/2007.jpg", "SegmentationClass/2007.png"),
        ] {
            assert!(is_mask(mask) && !is_mask(image), "{image} {mask}");
            assert_eq!(key(image, &IMAGES), key(mask, &MASKS));
        }
        assert!(!is_mask("with_mask/1.jpg") && !is_mask("_mask.png"));
    }
}
