//! A folder of images for each class, with or without folders for splits above them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use trainyard_events::limits::{CLASS_NAME_CHARS, CLASSES};
use trainyard_events::reason::{Advice, Caution, LabelFormat, Place, Unfit};

use super::classes::Classes;
use super::draft::{Draft, DraftImage, DraftLabel};
use super::masks::{is_image_folder, is_mask_folder};
use super::split::split_of_folder;
use crate::manifest::{Label, Split};
use crate::names::Names;
use crate::refusal::Refusal;
use crate::root::{Listing, name_of};

/// Which image is of which class and split, by names alone.
#[derive(Debug, PartialEq)]
pub struct Layout {
    pub images: Vec<(usize, Split, String)>,
    /// Images of no class or split.
    others: Vec<usize>,
}

/// Whether it could be one: at least two folders hold images, below splits or not.
pub fn recognise(listing: &Listing) -> bool {
    layout(listing).is_ok_and(|layout| {
        layout.images.iter().map(|(_, _, class)| class).collect::<BTreeSet<_>>().len() >= 2
    })
}

/// The folder that everything lies in, as archives have it.
fn wrapper(listing: &Listing) -> String {
    let mut inside = String::new();
    loop {
        let start = if inside.is_empty() { String::new() } else { format!("{inside}/") };
        let mut next: BTreeSet<&str> = BTreeSet::new();
        for (_, file) in listing.images() {
            let Some((folder, _)) = file.name.strip_prefix(&start).and_then(|rest| rest.split_once('/'))
            else {
                return inside;
            };
            next.insert(folder);
        }
        let folders: Vec<&str> = listing
            .folders
            .iter()
            .filter_map(|folder| folder.strip_prefix(&start))
            .filter(|rest| !rest.contains('/'))
            .collect();
        match (next.iter().next(), &folders[..]) {
            (Some(only), [_]) if next.len() == 1 && split_of_folder(only).is_none() => {
                let longer = format!("{start}{only}");
                // The last folder before the images is a class, not a wrapper.
                let holds_folders =
                    listing.folders.iter().any(|folder| folder.starts_with(&format!("{longer}/")));
                if !holds_folders {
                    return inside;
                }
                inside = longer;
            }
            _ => return inside,
        }
    }
}

pub fn layout(listing: &Listing) -> Result<Layout, Refusal> {
    let wrapper = wrapper(listing);
    let start = if wrapper.is_empty() { String::new() } else { format!("{wrapper}/") };
    let inner = |path: &str| path.strip_prefix(&start).map(str::to_owned);
    let folders: Vec<String> = listing.folders.iter().filter_map(|folder| inner(folder)).collect();
    let top: Vec<&str> = folders.iter().map(String::as_str).filter(|folder| !folder.contains('/')).collect();
    let splits: Vec<Split> = top.iter().filter_map(|folder| split_of_folder(folder)).collect();
    if !splits.is_empty() && !splits.contains(&Split::Train) {
        let folders = top.into_iter().map(str::to_owned).collect();
        return Err(Refusal::new(Unfit::NoTrainFolder { folders }, Advice::NameFolderTrain));
    }
    let place = |path: &str| -> Option<(Split, String)> {
        let mut parts: Vec<&str> = path.split('/').collect();
        parts.pop();
        let mut parts = parts.into_iter().peekable();
        let mut split = Split::Train;
        if !splits.is_empty() {
            split = split_of_folder(parts.next()?)?;
            // Archives hold a folder of the same name once more.
            while parts
                .peek()
                .is_some_and(|part| split_of_folder(part) == Some(split) || is_image_folder(part))
            {
                parts.next();
            }
        }
        Some((split, parts.next()?.to_owned()))
    };
    let mut layout = Layout { images: Vec::new(), others: Vec::new() };
    for (index, file) in listing.images() {
        match inner(&file.name).and_then(|path| place(&path)) {
            Some((split, class)) => layout.images.push((index, split, class)),
            None => layout.others.push(index),
        }
    }
    refuse_alike(listing, &start, &layout, splits.is_empty())?;
    refuse_structure(&layout)?;
    Ok(layout)
}

/// Folders without images of their own whose folders are called the same are sites or dates, and no classes.
fn refuse_alike(listing: &Listing, start: &str, layout: &Layout, has_no_splits: bool) -> Result<(), Refusal> {
    if !has_no_splits {
        return Ok(());
    }
    let mut inner: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (index, _, class) in &layout.images {
        let path = listing.files[*index].name.strip_prefix(start).unwrap_or_default();
        let rest = path.strip_prefix(class.as_str()).unwrap_or_default().trim_start_matches('/');
        let Some((folder, _)) = rest.split_once('/') else { return Ok(()) };
        inner.entry(class).or_default().insert(folder);
    }
    let mut all = inner.values();
    let Some(first) = all.next() else { return Ok(()) };
    let is_alike = inner.len() > 1 && all.all(|folders| folders.intersection(first).count() >= 2);
    if !is_alike {
        return Ok(());
    }
    let folders: Vec<String> = inner.keys().take(5).map(|folder| format!("{start}{folder}")).collect();
    let folder = folders[0].clone();
    Err(Refusal::new(Unfit::FoldersAlike { folders }, Advice::NameInnerFolder { folder }))
}

/// `images` and `masks` are what a set is made of, and no classes.
fn refuse_structure(layout: &Layout) -> Result<(), Refusal> {
    let classes: BTreeSet<&str> = layout.images.iter().map(|(_, _, class)| class.as_str()).collect();
    let is_structure = |name: &&str| is_image_folder(name) || is_mask_folder(name);
    if !classes.is_empty() && classes.iter().all(is_structure) {
        let images = layout.images.len() as u64;
        return Err(Refusal::new(Unfit::NothingToLearn { images }, Advice::NameImagesAndLabels));
    }
    Ok(())
}

pub fn read(names: &Names) -> Result<Draft, Refusal> {
    let listing = names.listing;
    let layout = layout(listing)?;
    let classes = Classes::sorted(layout.images.iter().map(|(_, _, class)| class.as_str()));
    let mut draft = Draft::new(LabelFormat::ImageFolder, Vec::new());
    for (file, split, class) in &layout.images {
        let place = Place::Object { object: 1, file: names.name(*file).to_owned() };
        let label = classes.find(class).map(|class| DraftLabel::pixels(Label::of_class(class), place));
        let labels = Ok(label.into_iter().collect());
        draft.images.push(DraftImage { file: *file, split: *split, is_labelled: true, stated: None, labels });
    }
    draft.classes = classes.into_names();
    refuse_strange_classes(listing, &draft)?;
    if let Some(first) = layout.others.first() {
        let (images, first) = (layout.others.len() as u64, names.name(*first).to_owned());
        draft.cautions.push(Caution::InNoSplit { images, first });
    }
    Ok(draft)
}

/// Whether the one class has images in several folders of its own: then these are the classes.
fn holds_folders(listing: &Listing, draft: &Draft, class: &str) -> bool {
    let folders: BTreeSet<&str> =
        draft.images.iter().map(|image| crate::root::folder_of(&listing.files[image.file].name)).collect();
    folders.len() > 1 && folders.iter().all(|folder| name_of(folder) != class)
}

fn refuse_strange_classes(listing: &Listing, draft: &Draft) -> Result<(), Refusal> {
    let images = listing.images().count() as u64;
    match &draft.classes[..] {
        [] if listing.files.is_empty() && listing.folders.is_empty() => {
            return Err(Refusal::new(Unfit::EmptyFolder, Advice::NameFolderOfClasses));
        }
        [] if images == 0 => {
            return Err(Refusal::new(Unfit::NothingToLearn { images }, Advice::NameImagesAndLabels));
        }
        [] => return Err(Refusal::new(Unfit::NoClassFolders, Advice::MakeClassFolders)),
        [only] if holds_folders(listing, draft, only) => {
            let folder = || only.clone();
            let because = Unfit::OnlyFolder { folder: folder() };
            return Err(Refusal::new(because, Advice::NameInnerFolder { folder: folder() }));
        }
        [only] => return Err(Refusal::new(Unfit::OnlyClass { class: only.clone() }, Advice::AddClassFolder)),
        _ => {}
    }
    if draft.classes.len() > CLASSES {
        let (folders, limit) = (draft.classes.len() as u64, CLASSES as u64);
        return Err(Refusal::new(Unfit::TooManyClassFolders { folders, limit }, Advice::FolderForEachClass));
    }
    if let Some(long) = draft.classes.iter().find(|name| name.chars().count() > CLASS_NAME_CHARS) {
        let because = Unfit::ClassNameTooLong { class: long.clone(), limit: CLASS_NAME_CHARS as u64 };
        return Err(Refusal::new(because, Advice::ShortenFolderName));
    }
    let trained: HashSet<usize> = draft
        .images
        .iter()
        .filter(|image| image.split == Split::Train)
        .filter_map(|image| Some(image.labels.as_ref().ok()?.first()?.label.class))
        .collect();
    // A folder for a class without an image in it is not among the classes: it has no path. Say so.
    let empty = listing.folders.iter().find(|folder| {
        let is_class = split_of_folder(name_of(folder)).is_none() && !is_image_folder(name_of(folder));
        let depth_of_classes = draft.images.iter().any(|image| {
            crate::root::folder_of(crate::root::folder_of(&listing.files[image.file].name))
                == crate::root::folder_of(folder)
        });
        let start = format!("{folder}/");
        is_class && depth_of_classes && !listing.files.iter().any(|file| file.name.starts_with(&start))
    });
    let untrained = draft.classes.iter().enumerate().find(|(number, _)| !trained.contains(number));
    let untrained =
        untrained.map(|(_, class)| class.clone()).or_else(|| empty.map(|folder| name_of(folder).to_owned()));
    match untrained {
        Some(class) => {
            let folder = class.clone();
            Err(Refusal::new(Unfit::ClassWithoutImage { class }, Advice::FillOrRemoveFolder { folder }))
        }
        None => Ok(()),
    }
}
