//! What there is to say of a dataset that can be used: files left out, files to know of, and what is unusual.

use std::collections::HashSet;

use trainyard_events::config::Task;
use trainyard_events::dataset::FileProblem;
use trainyard_events::limits::REPORTED_FILES;
use trainyard_events::reason::{Caution, LabelFormat};

use crate::limits::{CLASSES_NAMED, IMBALANCE};
use crate::manifest::{Header, Image, Split};
use crate::settle::Tally;

#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub format: LabelFormat,
    pub cautions: Vec<Caution>,
    /// The first [`REPORTED_FILES`] that were left out, and how many there are.
    pub skipped: Vec<FileProblem>,
    pub skipped_files: u64,
    /// The same of files that are used all the same.
    pub noted: Vec<FileProblem>,
    pub noted_files: u64,
}

impl Report {
    pub fn of(
        format: LabelFormat,
        skipped: &[FileProblem],
        noted: &[FileProblem],
        cautions: Vec<Caution>,
    ) -> Report {
        let first = |all: &[FileProblem]| all.iter().take(REPORTED_FILES).cloned().collect::<Vec<_>>();
        let mut seen = HashSet::new();
        let is_new = |caution: &Caution| seen.insert(serde_json::to_string(caution).unwrap_or_default());
        Report {
            format,
            cautions: left_out(skipped).into_iter().chain(cautions).filter(is_new).collect(),
            skipped: first(skipped),
            skipped_files: skipped.len() as u64,
            noted: first(noted),
            noted_files: noted.len() as u64,
        }
    }
}

fn left_out(skipped: &[FileProblem]) -> Option<Caution> {
    let first = skipped.first()?;
    let flaw = first.flaws.first()?.clone();
    Some(Caution::LeftOut { files: skipped.len() as u64, first: first.path.clone(), flaw })
}

/// What was counted while labels were settled.
pub fn of_tally(tally: &Tally) -> Vec<Caution> {
    let Tally { cut, dropped, repeated, turned, unlabelled, in_two_splits } = tally;
    let counted = [
        (*cut, Caution::BoxesCut { boxes: *cut }),
        (*dropped, Caution::BoxesDropped { boxes: *dropped }),
        (*repeated, Caution::BoxesRepeated { boxes: *repeated }),
        (*turned, Caution::ImagesTurned { images: *turned }),
        (*unlabelled, Caution::ImagesUnlabelled { images: *unlabelled }),
    ];
    let two = in_two_splits.1.clone().map(|first| Caution::InTwoSplits { images: in_two_splits.0, first });
    counted.into_iter().filter(|(count, _)| *count > 0).map(|(_, caution)| caution).chain(two).collect()
}

/// How the classes are spread, and which of them have nothing to learn from or to judge by.
pub fn of_classes(header: &Header, images: &[Image]) -> Vec<Caution> {
    let mut counts = vec![[0u64; 3]; header.classes.len()];
    let mut are_objects = false;
    for image in images {
        for label in image.labels.iter().filter(|label| !label.crowd) {
            counts[label.class][image.split as usize] += 1;
            are_objects |= !label.is_of_image();
        }
    }
    let named = |fits: &dyn Fn(&[u64; 3]) -> bool| -> Option<(u64, Vec<String>)> {
        let all = counts.iter().zip(&header.classes).filter(|(counts, _)| fits(counts)).map(|(_, name)| name);
        let names: Vec<String> = all.clone().take(CLASSES_NAMED).cloned().collect();
        (!names.is_empty()).then(|| (all.count() as u64, names))
    };
    let has_validation = images.iter().any(|image| image.split == Split::Validation);
    let without = named(&|counts| counts.iter().sum::<u64>() == 0);
    let untrained = named(&|counts| counts[0] == 0 && counts[1] + counts[2] > 0);
    let unjudged = named(&|counts| has_validation && counts[0] > 0 && counts[1] == 0);
    let learns_good = header.kinds == [Task::Anomaly];
    let lone = named(&|counts| !has_validation && !are_objects && counts[0] == 1);
    let lone = lone.map(|(classes, names)| Caution::WithOneImage { classes, names });
    let without = without.map(|(classes, names)| Caution::WithoutObject { classes, names });
    let untrained = untrained.map(|(classes, names)| Caution::WithoutTrainObject { classes, names });
    let unjudged = unjudged.map(|(classes, names)| match are_objects {
        true => Caution::WithoutValidationObject { classes, names },
        false => Caution::WithoutValidation { classes, names },
    });
    // Where good ones alone teach, defects are few or none, and no class is missed.
    let spread =
        uneven(header, &counts, are_objects).into_iter().chain(without).chain(untrained).chain(unjudged);
    spread.chain(lone).filter(|_| !learns_good).collect()
}

fn uneven(header: &Header, counts: &[[u64; 3]], are_objects: bool) -> Option<Caution> {
    let sizes = || {
        let all = counts.iter().map(|counts| counts.iter().sum::<u64>()).zip(&header.classes);
        all.filter(|(count, _)| *count > 0)
    };
    let ((least, rare), (most, common)) = (sizes().min()?, sizes().max()?);
    if most <= IMBALANCE * least {
        return None;
    }
    let (common, rare) = (common.clone(), rare.clone());
    Some(match are_objects {
        true => Caution::UnevenObjects { most, common, least, rare },
        false => Caution::UnevenImages { most, common, least, rare },
    })
}
