//! A folder of images for each class, below a folder for each split where there is more than one.

use std::collections::BTreeSet;

use trainyard_events::reason::LabelPart;

use super::place::{Folder, flat, folder_of};
use super::{Bytes, WriteError};
use crate::manifest::{Image, Manifest, Split};
use crate::read::{is_image_folder, split_of_folder};
use crate::root::is_junk;

pub fn write(manifest: &Manifest, folder: &mut Folder, bytes: Bytes) -> Result<(), WriteError> {
    let splits: BTreeSet<Split> = manifest.images.iter().map(|image| image.split).collect();
    for (index, image) in manifest.images.iter().enumerate() {
        let Some(class) = class_of(image, folder) else { continue };
        let Some(name) = manifest.header.classes.get(class) else { continue };
        // What would be read back as two folders, as nobody's, or as a split is no name for the folder of a class.
        if name.contains('/') || is_junk(name) || split_of_folder(name).is_some() || is_image_folder(name) {
            return Err(WriteError::Name { name: name.clone() });
        }
        let name = if splits.len() > 1 || splits.first() != Some(&Split::Train) {
            format!("{}/{name}", folder_of(image.split))
        } else {
            name.clone()
        };
        folder.image(&format!("{name}/{}", flat(image)), index, image, bytes)?;
    }
    Ok(())
}

/// The one class of an image; nothing else of its labels is kept.
fn class_of(image: &Image, folder: &mut Folder) -> Option<usize> {
    let losses = &mut folder.losses;
    let Some((first, others)) = image.labels.split_first() else {
        losses.add(LabelPart::Background, true);
        return None;
    };
    others.iter().for_each(|_| losses.add(LabelPart::Further, true));
    losses.add(LabelPart::Box, first.bounds.is_some());
    losses.add(LabelPart::Polygon, first.polygon.is_some());
    losses.add(LabelPart::Mask, first.mask.is_some());
    losses.add(LabelPart::Keypoints, first.keypoints.is_some());
    Some(first.class)
}
