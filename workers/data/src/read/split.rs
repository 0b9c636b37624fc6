//! Splits as the names of folders and files tell them.

use std::collections::HashSet;

use trainyard_events::reason::Caution;

use crate::manifest::Split;
use crate::root::{Listing, folder_of};

/// Words that stand beside the word of a split and mean nothing.
const NEUTRAL: [&str; 14] = [
    "set", "seg", "cls", "det", "data", "dataset", "images", "image", "img", "imgs", "obj", "folder",
    "split", "labels",
];

fn of_word(word: &str) -> Option<Split> {
    match word {
        "train" | "training" | "trainset" | "trainval" => Some(Split::Train),
        "val" | "valid" | "validation" | "dev" | "valset" | "eval" => Some(Split::Validation),
        "test" | "testing" | "testset" => Some(Split::Test),
        "학습" | "학습용" | "훈련" => Some(Split::Train),
        "검증" | "검증용" => Some(Split::Validation),
        "테스트" | "시험" => Some(Split::Test),
        _ => None,
    }
}

fn words(name: &str) -> impl Iterator<Item = String> {
    let lower = name.to_lowercase();
    let words = lower
        .split(['_', '-', '.', ' '])
        .map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().into_iter()
}

/// The split that a folder holds whose name says that and nothing else: `training_set`, `seg_train`, `Val`.
pub fn split_of_folder(name: &str) -> Option<Split> {
    let mut rest = words(name).filter(|word| !NEUTRAL.contains(&word.as_str()));
    match (rest.next(), rest.next()) {
        (Some(word), None) => of_word(&word),
        _ => None,
    }
}

/// The split that a name tells among other things: `instances_train2017`.
pub fn split_in_name(name: &str) -> Option<Split> {
    words(name).find_map(|word| of_word(&word))
}

/// The split that the innermost such folder of a path is named after.
pub fn split_in_folders(path: &str) -> Option<Split> {
    folder_of(path).rsplit('/').find_map(split_of_folder)
}

/// The split of each image from its folders: all to train on where none tells, none where others tell.
/// `None` when there are splits and none of them is to train on.
pub fn by_folders(listing: &Listing, images: &[usize]) -> Option<Vec<(usize, Split)>> {
    let named: Vec<Option<Split>> =
        images.iter().map(|file| split_in_folders(&listing.files[*file].name)).collect();
    if named.contains(&Some(Split::Train)) {
        return Some(images.iter().zip(named).filter_map(|(file, split)| Some((*file, split?))).collect());
    }
    let is_told = named.iter().any(Option::is_some);
    (!is_told).then(|| images.iter().map(|file| (*file, Split::Train)).collect())
}

/// Images that no split names are worth a word.
pub fn unused(listing: &Listing, used: &HashSet<usize>) -> Option<Caution> {
    let mut unused = listing.images().filter(|(index, _)| !used.contains(index));
    let first = unused.next()?.1.name.clone();
    Some(Caution::InNoSplit { images: unused.count() as u64 + 1, first })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_go_by_the_words_people_use() {
        for (name, split) in [
            ("train", Some(Split::Train)),
            ("Training", Some(Split::Train)),
            ("training_set", Some(Split::Train)),
            ("seg_train", Some(Split::Train)),
            ("train2017", Some(Split::Train)),
            ("obj_train_data", Some(Split::Train)),
            ("obj_valid_data", Some(Split::Validation)),
            ("val", Some(Split::Validation)),
            ("dev", Some(Split::Validation)),
            ("validation", Some(Split::Validation)),
            ("test_set", Some(Split::Test)),
            ("훈련", Some(Split::Train)),
            ("test tube", None),
            ("trained", None),
            ("set", None),
            ("", None),
        ] {
            assert_eq!(split_of_folder(name), split, "{name}");
        }
        assert_eq!(split_in_name("instances_val2017.json"), Some(Split::Validation));
        assert_eq!(split_in_folders("train/test tube/1.jpg"), Some(Split::Train));
    }
}
