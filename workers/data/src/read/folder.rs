//! A folder of images for each class, with or without folders for splits above them.

mod layout;

use std::collections::{BTreeSet, HashSet};

use trainyard_events::dataset::FileProblem;
use trainyard_events::limits::{CLASS_NAME_CHARS, CLASSES};
use trainyard_events::reason::{Advice, Caution, LabelFormat, Place, Unfit};

use super::classes::Classes;
use super::draft::{Draft, DraftImage, DraftLabel};
use crate::decode::decode;
use crate::limits::{CLASSES_NAMED, IMAGE_FILE_BYTES};
use crate::manifest::{Label, Rle, Split};
use crate::names::Names;
use crate::refusal::{Refusal, flawed};
use crate::root::Listing;
use layout::{Layout, layout};

/// Whether it could be one: at least two folders hold images, below splits or not.
pub fn recognise(listing: &Listing) -> bool {
    layout(listing).is_ok_and(|layout| {
        let classes: BTreeSet<&String> = layout.images.iter().map(|(.., class)| class).collect();
        classes.len() >= 2 || layout.learns_good()
    })
}

pub fn read(names: &Names) -> Result<Draft, Refusal> {
    let layout = layout(names.listing)?;
    refuse_too_few(names.listing, &layout)?;
    refuse_empty(&layout)?;
    let classes = Classes::sorted(layout.images.iter().map(|(_, _, class)| class.as_str()));
    let mut draft = Draft::new(LabelFormat::ImageFolder, Vec::new());
    for (file, split, class) in &layout.images {
        let place = Place::Object { object: 1, file: names.name(*file).to_owned() };
        let mask = layout.masks.get(file).map_or(Ok(None), |mask| defect(names.listing, *mask));
        let labels = mask.map(|mask| {
            let label = classes.find(class).map(|class| Label { mask, ..Label::of_class(class) });
            label.map(|label| DraftLabel::pixels(label, place)).into_iter().collect()
        });
        draft.images.push(DraftImage { file: *file, split: *split, is_labelled: true, stated: None, labels });
    }
    draft.classes = classes.into_names();
    refuse_strange_names(&draft.classes)?;
    if let Some(first) = layout.others.first() {
        let (images, first) = (layout.others.len() as u64, names.name(*first).to_owned());
        draft.cautions.push(Caution::InNoSplit { images, first });
    }
    for (class, folders) in layout.within.into_iter().filter(|(_, folders)| folders.len() > 1) {
        let folders = folders.into_iter().take(CLASSES_NAMED).collect();
        draft.cautions.push(Caution::FoldersWithin { class, folders });
    }
    Ok(draft)
}

/// Where a mask is lighter than half, something is not as it should be.
fn defect(listing: &Listing, mask: usize) -> Result<Option<Rle>, FileProblem> {
    let file = &listing.files[mask];
    let wrong = |flaw| flawed(&file.name, vec![flaw]);
    let bytes = listing.bytes(file, IMAGE_FILE_BYTES).map_err(wrong)?;
    let image = decode(&bytes, None).map_err(wrong)?;
    let (width, height) = image.dimensions();
    let is_defect = |x: u32, y: u32| image.get_pixel(x, y).0[0] > u8::MAX / 2;
    Ok(Rle::of((width, height), 0..width, 0..height, is_defect))
}

fn refuse_too_few(listing: &Listing, layout: &Layout) -> Result<(), Refusal> {
    let mut classes = layout.images.iter().map(|(_, _, class)| class).collect::<BTreeSet<_>>().into_iter();
    let (because, advice) = match (classes.next(), classes.next()) {
        (None, _) if listing.files.is_empty() && listing.folders.is_empty() => {
            (Unfit::EmptyFolder, Advice::NameFolderOfClasses)
        }
        (None, _) if listing.images().next().is_none() => {
            (Unfit::NothingToLearn { images: 0 }, Advice::NameImagesAndLabels)
        }
        (None, _) => (Unfit::NoClassFolders, Advice::MakeClassFolders),
        (Some(_), None) if layout.learns_good() => return Ok(()),
        // What is inside it looks like the classes.
        (Some(only), None) if layout.within.get(only).is_some_and(|folders| folders.len() > 1) => {
            (Unfit::OnlyFolder { folder: only.clone() }, Advice::NameInnerFolder { folder: only.clone() })
        }
        (Some(only), None) => (Unfit::OnlyClass { class: only.clone() }, Advice::AddClassFolder),
        (Some(_), Some(_)) => return Ok(()),
    };
    Err(Refusal::new(because, advice))
}

/// A class without an image to train on, or a folder for one without any.
fn refuse_empty(layout: &Layout) -> Result<(), Refusal> {
    if layout.learns_good() {
        return Ok(());
    }
    let trained = layout.images.iter().filter(|(_, split, _)| *split == Split::Train);
    let trained: HashSet<&str> = trained.map(|(_, _, class)| class.as_str()).collect();
    match layout.classes.iter().find(|class| !trained.contains(class.as_str())) {
        Some(class) => {
            let (class, folder) = (class.clone(), class.clone());
            Err(Refusal::new(Unfit::ClassWithoutImage { class }, Advice::FillOrRemoveFolder { folder }))
        }
        None => Ok(()),
    }
}

fn refuse_strange_names(classes: &[String]) -> Result<(), Refusal> {
    if classes.len() > CLASSES {
        let (folders, limit) = (classes.len() as u64, CLASSES as u64);
        return Err(Refusal::new(Unfit::TooManyClassFolders { folders, limit }, Advice::FolderForEachClass));
    }
    match classes.iter().find(|name| name.chars().count() > CLASS_NAME_CHARS) {
        Some(long) => {
            let because = Unfit::ClassNameTooLong { class: long.clone(), limit: CLASS_NAME_CHARS as u64 };
            Err(Refusal::new(because, Advice::ShortenFolderName))
        }
        None => Ok(()),
    }
}
