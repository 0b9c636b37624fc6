//! Which image is of which class and split, by the names of folders alone.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use trainyard_events::reason::{Advice, Unfit};

use crate::good::good_class;
use crate::manifest::Split;
use crate::read::masks::{is_image_folder, is_mask_folder, shared_key};
use crate::read::split::split_of_folder;
use crate::refusal::Refusal;
use crate::root::{Listing, join};

/// Folders that are named where several are alike.
const FOLDERS_NAMED: usize = 5;

#[derive(Debug)]
pub struct Layout {
    /// Index into the listing's files, split and class.
    pub images: Vec<(usize, Split, String)>,
    /// Images of no class or split.
    pub others: Vec<usize>,
    /// Of images with a defect, the mask that lies beside the splits.
    pub masks: HashMap<usize, usize>,
    /// Every folder that is of a class, with images in it or without.
    pub classes: BTreeSet<String>,
    /// Of each class, the folders inside its own.
    pub within: BTreeMap<String, BTreeSet<String>>,
    /// Whether images lie in the folder of some class itself.
    any_direct: bool,
    /// The folder that everything lies in.
    wrapper: String,
    has_splits: bool,
}

/// Where an image lies.
struct Place<'a> {
    split: Split,
    class: &'a str,
    /// The folder inside that of its class.
    within: Option<&'a str>,
}

/// A path below the wrapper. Archives hold a folder of a split's name once more, or one for its images.
fn place(path: &str, has_splits: bool) -> Option<Place<'_>> {
    let mut parts = path.split('/').peekable();
    let mut split = Split::Train;
    if has_splits {
        split = split_of_folder(parts.next()?)?;
        while parts.next_if(|part| split_of_folder(part) == Some(split) || is_image_folder(part)).is_some() {}
    }
    let class = parts.next()?;
    let next = parts.next()?;
    Some(Place { split, class, within: parts.peek().is_some().then_some(next) })
}

pub fn layout(listing: &Listing) -> Result<Layout, Refusal> {
    let wrapper = wrapper(listing);
    let inside = |path: &'_ str| -> Option<String> {
        if wrapper.is_empty() {
            return Some(path.to_owned());
        }
        path.strip_prefix(&wrapper)?.strip_prefix('/').map(str::to_owned)
    };
    let folders: Vec<String> = listing.folders.iter().filter_map(|folder| inside(folder)).collect();
    let top: Vec<&String> = folders.iter().filter(|folder| !folder.contains('/')).collect();
    let splits: Vec<Split> = top.iter().filter_map(|folder| split_of_folder(folder)).collect();
    if !splits.is_empty() && !splits.contains(&Split::Train) {
        let folders = top.into_iter().cloned().collect();
        return Err(Refusal::new(Unfit::NoTrainFolder { folders }, Advice::NameFolderTrain));
    }
    let has_splits = !splits.is_empty();
    // A folder is of a class where an image in it would be.
    let class_of = |folder: &String| {
        let path = format!("{folder}/");
        let place = place(&path, has_splits)?;
        place.within.is_none().then(|| place.class.to_owned())
    };
    let mut layout = Layout {
        images: Vec::new(),
        others: Vec::new(),
        masks: HashMap::new(),
        classes: folders.iter().filter_map(class_of).collect(),
        within: BTreeMap::new(),
        any_direct: false,
        wrapper: wrapper.clone(),
        has_splits,
    };
    for (index, file) in listing.images() {
        let path = inside(&file.name).unwrap_or_default();
        match place(&path, has_splits) {
            Some(place) => layout.add(index, place),
            None => layout.others.push(index),
        }
    }
    layout.refuse_alike()?;
    layout.refuse_structure()?;
    if layout.learns_good() {
        layout.find_masks(listing);
    }
    Ok(layout)
}

impl Layout {
    fn add(&mut self, index: usize, place: Place) {
        self.images.push((index, place.split, place.class.to_owned()));
        match place.within {
            Some(folder) => {
                self.within.entry(place.class.to_owned()).or_default().insert(folder.to_owned());
            }
            None => self.any_direct = true,
        }
    }

    /// Folders without images of their own whose folders are called the same are sites or dates, and no classes.
    fn refuse_alike(&self) -> Result<(), Refusal> {
        let mut all = self.within.values();
        let Some(first) = all.next().filter(|_| !self.has_splits && !self.any_direct) else { return Ok(()) };
        let is_alike = self.within.len() > 1 && all.all(|folders| folders.intersection(first).count() >= 2);
        if !is_alike {
            return Ok(());
        }
        let folders = self.within.keys().take(FOLDERS_NAMED).map(|folder| join(&self.wrapper, folder));
        let folders: Vec<String> = folders.collect();
        let folder = folders[0].clone();
        Err(Refusal::new(Unfit::FoldersAlike { folders }, Advice::NameInnerFolder { folder }))
    }

    /// Whether good ones are all there is to learn from: defects are there to judge by, if at all.
    pub fn learns_good(&self) -> bool {
        let trained: BTreeSet<&String> = self
            .images
            .iter()
            .filter(|(_, split, _)| *split == Split::Train)
            .map(|(.., class)| class)
            .collect();
        trained.len() == 1
            && trained.into_iter().all(|class| good_class(std::slice::from_ref(class)).is_some())
    }

    /// As MVTec AD has them: `ground_truth/CLASS/NAME_mask.png` of `test/CLASS/NAME.png`.
    fn find_masks(&mut self, listing: &Listing) {
        let below = |file: usize| {
            let path = &listing.files[file].name;
            path.strip_prefix(&self.wrapper).unwrap_or(path).trim_start_matches('/').split_once('/')
        };
        let of_masks = |file: &usize| below(*file).is_some_and(|(folder, _)| is_mask_folder(folder));
        let (masks, others) = self.others.iter().copied().partition::<Vec<usize>, _>(of_masks);
        let by_key = |file: usize| below(file).map(|(_, rest)| (shared_key(rest), file));
        let masks: HashMap<String, usize> = masks.into_iter().filter_map(by_key).collect();
        let images = self.images.iter().filter_map(|(file, ..)| by_key(*file));
        self.masks = images.filter_map(|(key, file)| Some((file, *masks.get(&key)?))).collect();
        self.others = others;
    }

    /// `images` and `masks` are what a set is made of, and no classes.
    fn refuse_structure(&self) -> Result<(), Refusal> {
        let is_structure =
            |(_, _, class): &(usize, Split, String)| is_image_folder(class) || is_mask_folder(class);
        if !self.images.is_empty() && self.images.iter().all(is_structure) {
            let images = self.images.len() as u64;
            return Err(Refusal::new(Unfit::NothingToLearn { images }, Advice::NameImagesAndLabels));
        }
        Ok(())
    }
}

/// The folder that everything lies in, as archives have it.
fn wrapper(listing: &Listing) -> String {
    let mut wrapper = String::new();
    while let Some(inner) = only_folder(listing, &wrapper) {
        let longer = join(&wrapper, inner);
        let start = format!("{longer}/");
        // The last folder before the images is a class, not a wrapper.
        let holds_folders = listing.folders.iter().any(|folder| folder.starts_with(&start));
        if split_of_folder(inner).is_some() || !holds_folders {
            break;
        }
        wrapper = longer;
    }
    wrapper
}

/// The one folder directly below another, where no image lies beside it.
fn only_folder<'a>(listing: &'a Listing, below: &str) -> Option<&'a str> {
    let rest = |path: &'a str| {
        if below.is_empty() { Some(path) } else { path.strip_prefix(below)?.strip_prefix('/') }
    };
    let has_images =
        listing.images().any(|(_, file)| rest(&file.name).is_some_and(|rest| !rest.contains('/')));
    let mut folders =
        listing.folders.iter().filter_map(|folder| rest(folder)).filter(|rest| !rest.contains('/'));
    folders.next().filter(|_| !has_images && folders.next().is_none())
}
