//! Darknet's description: `obj.data` names lists of images and of classes; or a list of images stands alone.

use std::collections::HashMap;

use trainyard_events::reason::{Advice, Caution, Flaw, Unfit};

use super::{Described, is_of, missing_test};
use crate::limits::{DESCRIPTION_BYTES, LABEL_FILE_BYTES};
use crate::manifest::Split;
use crate::names::{Names, fold};
use crate::read::classes::lines;
use crate::read::split::{split_in_name, split_of_folder};
use crate::refusal::{Refusal, flawed};
use crate::root::{Listing, folder_of, name_of, stem_of};

/// A `.data` file with a line for the lists, in the root or one folder down.
pub fn find_data(listing: &Listing) -> Option<usize> {
    let is_one = |(_, file): &(usize, &crate::root::File)| {
        let head = listing.head(file);
        let text = String::from_utf8_lossy(&head);
        file.name.matches('/').count() <= 1
            && pairs(&text).keys().any(|key| matches!(key.as_str(), "train" | "names"))
    };
    listing.ending(&["data"]).find(is_one).map(|(index, _)| index)
}

/// `train.txt` in the root or one folder down whose first line names an image.
pub fn find_list(listing: &Listing) -> Option<usize> {
    let is_one = |(_, file): &(usize, &crate::root::File)| {
        let is_named = split_of_folder(stem_of(name_of(&file.name))) == Some(Split::Train);
        let head = listing.head(file);
        let text = String::from_utf8_lossy(&head);
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let ending = crate::root::extension(first.trim());
        is_named
            && file.name.matches('/').count() <= 1
            && matches!(ending.as_str(), "jpg" | "jpeg" | "png" | "bmp" | "webp")
    };
    listing.ending(&["txt"]).find(is_one).map(|(index, _)| index)
}

fn pairs(text: &str) -> HashMap<String, String> {
    let pair = |line: &str| {
        let (key, value) = line.split_once('=')?;
        Some((fold(key.trim()), value.trim().to_owned()))
    };
    text.lines().filter_map(pair).collect()
}

pub fn read_data(names: &Names, data: usize) -> Result<Described, Refusal> {
    let file = &names.listing.files[data];
    let wrong = |flaw| Refusal::of_file(&file.name, flaw, Advice::CorrectAndNameAgain);
    let text = names.listing.text(file, DESCRIPTION_BYTES).map_err(wrong)?;
    let pairs = pairs(&text);
    let folder = folder_of(&file.name);
    let classes = pairs.get("names").map(|path| class_list(names, folder, path)).transpose()?.flatten();
    let mut described = Described::new(classes);
    let splits = [
        ("train", Split::Train),
        ("valid", Split::Validation),
        ("val", Split::Validation),
        ("test", Split::Test),
    ];
    for (key, split) in splits {
        let Some(path) = pairs.get(key) else { continue };
        match names.find(&[folder, ""], path) {
            Ok(list) => add_list(names, list, split, &mut described)?,
            Err(_) if split == Split::Test => described.draft.cautions.push(missing_test(&file.name, path)),
            // An export without its lists: folders say which images there are.
            Err(_) => {
                let (file, path) = (file.name.clone(), path.clone());
                described.draft.cautions.push(Caution::TakenAs { file, path, place: None });
            }
        }
    }
    Ok(described)
}

fn class_list(names: &Names, folder: &str, path: &str) -> Result<Option<Vec<String>>, Refusal> {
    // Without it, any other list of classes will do.
    let Ok(list) = names.find(&[folder, ""], path) else { return Ok(None) };
    let file = &names.listing.files[list];
    let text = names.listing.text(file, LABEL_FILE_BYTES).map_err(|flaw| {
        Refusal::new(Unfit::ClassList { path: file.name.clone(), flaw }, Advice::OneClassPerLine)
    })?;
    Ok(Some(lines(&text)))
}

/// Lists alone: those beside it are of the splits that their names tell.
pub fn read_list(names: &Names, list: usize) -> Result<Described, Refusal> {
    let folder = folder_of(names.name(list));
    let mut described = Described::new(None);
    let beside: Vec<(usize, Split)> = names
        .listing
        .ending(&["txt"])
        .filter(|(_, file)| folder_of(&file.name) == folder)
        .filter_map(|(index, file)| Some((index, split_in_name(stem_of(name_of(&file.name)))?)))
        .filter(|(_, split)| *split != Split::Train)
        .collect();
    for (list, split) in [(list, Split::Train)].into_iter().chain(beside) {
        add_list(names, list, split, &mut described)?;
    }
    Ok(described)
}

/// A text file with the path of an image on each line.
pub(super) fn add_list(
    names: &Names,
    list: usize,
    split: Split,
    described: &mut Described,
) -> Result<(), Refusal> {
    let file = &names.listing.files[list];
    let text = names.listing.text(file, LABEL_FILE_BYTES).map_err(|flaw| {
        Refusal::new(Unfit::ImageSet { path: file.name.clone(), flaw }, Advice::OneImagePerLine)
    })?;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match names.find_image(&[folder_of(&file.name), ""], line, |name| is_of(split, name)) {
            Ok(image) => described.images.push((image, split)),
            Err(missing) => {
                let flaw = match missing {
                    crate::names::Missing::Nowhere => Flaw::NamedButMissing { list: file.name.clone() },
                    ambiguous => ambiguous.flaw(&file.name),
                };
                described.draft.problems.push(flawed(line, vec![flaw]));
            }
        }
    }
    Ok(())
}
