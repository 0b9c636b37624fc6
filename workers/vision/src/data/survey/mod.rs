//! Looks at every file of a dataset before a second of training is spent on it.

mod classes;
mod found;
mod histogram;
mod scenes;
mod settle;

use std::fs;
use std::path::Path;

use trainyard_events::config::Task;
use trainyard_events::reason::{Advice, Unfit};

use crate::data::folder;
use crate::data::formats;
use crate::data::refusal::Refusal;
use crate::failure::cause;

pub use found::{Sample, Samples, Survey};

/// Reads every file with rayon's threads. Images that cannot be read are left out as long as they are few and
/// leave no class empty.
pub fn survey(root: &Path, task: Task) -> Result<Survey, Refusal> {
    check_root(root)?;
    match task {
        Task::Classify => classes::classes(root),
        Task::Detect => scenes::scenes(root),
        task => Err(Refusal::new(Unfit::TaskNotRead { task }, Advice::ClassifyOrDetect)),
    }
}

/// What a folder looks like. In doubt, classifying: its refusal says what is missing.
pub fn likely_task(root: &Path) -> Task {
    certain_task(root).unwrap_or(Task::Classify)
}

/// What a folder can only be meant for, from names and the beginnings of label files: images in a folder for each
/// class, or else boxes beside them. `None` when it is neither, or both.
pub fn certain_task(root: &Path) -> Option<Task> {
    let tree = folder::walk(root).ok()?;
    let is_of_classes = folder::layout(&tree).is_ok_and(|layout| {
        let mut empty = vec![true; layout.classes.len()];
        layout.images.iter().for_each(|image| empty[image.class] = false);
        !empty.contains(&true)
    });
    match (is_of_classes, formats::are_there(root, &tree)) {
        (true, false) => Some(Task::Classify),
        (false, true) => Some(Task::Detect),
        _ => None,
    }
}

fn check_root(root: &Path) -> Result<(), Refusal> {
    let path = root.display().to_string();
    match fs::metadata(root) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(Refusal::new(Unfit::NothingThere { path }, Advice::CheckPath))
        }
        Err(error) => {
            Err(Refusal::new(Unfit::CannotBeLookedAt { path, cause: cause(&error) }, Advice::GiveReadRight))
        }
        Ok(found) if !found.is_dir() => Err(Refusal::new(Unfit::NotAFolder { path }, Advice::UnpackIt)),
        Ok(_) => Ok(()),
    }
}
