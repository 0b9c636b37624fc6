//! Sets a part of every class aside to validate on, when the dataset does not.

use crate::data::folder::Split;
use crate::data::random::Random;
use crate::data::scenes::Scene;
use crate::data::survey::Sample;
use crate::limits::VALIDATION_SHARE;

/// Moves [`VALIDATION_SHARE`] of each class from training to validation: at least one image, never all. A file's
/// place depends on its content and the seed, so renaming changes nothing, other files hardly anything, and copies
/// of one image stay on one side.
pub fn stratify(samples: &mut [Sample], seed: u64) {
    let classes = samples.iter().map(|sample| sample.class + 1).max().unwrap_or(0);
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); classes];
    for (index, sample) in samples.iter().enumerate().filter(|(_, sample)| sample.split == Split::Train) {
        members[sample.class].push(index);
    }
    for class in members {
        for index in share(class, |index| samples[index].content, seed) {
            samples[index].split = Split::Validation;
        }
    }
}

/// The same for images with boxes: a share of those with objects, and of those without.
pub fn divide(scenes: &mut [(Scene, Split, [u8; 32])], seed: u64) {
    for with_objects in [true, false] {
        let members = (0..scenes.len()).filter(|&index| {
            let (scene, split, _) = &scenes[index];
            *split == Split::Train && scene.has_objects() == with_objects
        });
        for index in share(members.collect(), |index| scenes[index].2, seed) {
            scenes[index].1 = Split::Validation;
        }
    }
}

/// The members to validate on.
fn share(mut members: Vec<usize>, content: impl Fn(usize) -> [u8; 32], seed: u64) -> Vec<usize> {
    members.sort_by_cached_key(|&index| {
        let content = content(index);
        let keys = content.as_chunks::<8>().0.iter().map(|bytes| u64::from_be_bytes(*bytes));
        (Random::new(&[seed, keys.fold(0, |all, key| all ^ key)]).draw(), content)
    });
    let same = |a: usize, b: usize| content(members[a]) == content(members[b]);
    let mut taken = (members.len() as f64 * VALIDATION_SHARE).round() as usize;
    taken = taken.max(1).min(members.len().saturating_sub(1));
    while taken > 0 && taken < members.len() && same(taken - 1, taken) {
        taken += 1;
    }
    // Copies of one image only: better learned from than only asked about.
    if taken == members.len() {
        taken = 0;
    }
    members.truncate(taken);
    members
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::boxes::LabelledBox;

    fn samples(sizes: &[usize]) -> Vec<Sample> {
        let mut samples = Vec::new();
        for (class, &size) in sizes.iter().enumerate() {
            for index in 0..size {
                let mut content = [class as u8; 32];
                content[..8].copy_from_slice(&(index as u64).to_be_bytes());
                samples.push(Sample {
                    path: format!("{class}/{index}"),
                    class,
                    split: Split::Train,
                    content,
                });
            }
        }
        samples
    }

    fn validating(samples: &[Sample]) -> Vec<&str> {
        samples.iter().filter(|s| s.split == Split::Validation).map(|s| s.path.as_str()).collect()
    }

    #[test]
    fn every_class_gives_its_share() {
        let mut all = samples(&[100, 50, 7, 2, 1]);
        stratify(&mut all, 42);
        let count = |class| all.iter().filter(|s| s.class == class && s.split == Split::Validation).count();
        assert_eq!([0, 1, 2, 3, 4].map(count), [20, 10, 1, 1, 0]);
    }

    #[test]
    fn the_seed_decides_and_other_files_hardly_matter() {
        let (mut one, mut two, mut other_seed, mut grown) =
            (samples(&[100]), samples(&[100]), samples(&[100]), samples(&[105]));
        two.reverse();
        stratify(&mut one, 1);
        stratify(&mut two, 1);
        stratify(&mut other_seed, 2);
        stratify(&mut grown, 1);
        let mut reversed = validating(&two);
        reversed.reverse();
        assert_eq!(validating(&one), reversed);
        assert_ne!(validating(&one), validating(&other_seed));
        let kept = validating(&one).iter().filter(|path| validating(&grown).contains(path)).count();
        assert!(kept >= 17, "{kept} of 20 stayed");
    }

    #[test]
    fn copies_of_an_image_stay_on_one_side() {
        let mut all = samples(&[40]);
        for index in 0..40 {
            all[index].content = all[index / 8 * 8].content;
        }
        stratify(&mut all, 3);
        for group in all.chunks(8) {
            assert!(group.iter().all(|sample| sample.split == group[0].split));
        }
        assert!(!validating(&all).is_empty());
    }

    #[test]
    fn only_training_images_are_taken() {
        let mut all = samples(&[10]);
        all[0].split = Split::Test;
        stratify(&mut all, 3);
        assert_eq!(all[0].split, Split::Test);
    }

    #[test]
    fn images_with_and_without_objects_both_give_their_share() {
        let object = LabelledBox { class: 0, corners: [0.0, 0.0, 9.0, 9.0], crowd: false };
        let mut scenes: Vec<(Scene, Split, [u8; 32])> = samples(&[50, 10])
            .into_iter()
            .map(|sample| {
                let boxes = if sample.class == 0 { vec![object] } else { Vec::new() };
                (Scene { path: sample.path, width: 9, height: 9, boxes }, sample.split, sample.content)
            })
            .collect();
        let mut again = scenes.clone();
        divide(&mut scenes, 4);
        divide(&mut again, 4);
        assert_eq!(scenes, again);
        let count = |with: bool| {
            let validates = |(scene, split, _): &&(Scene, Split, _)| {
                *split == Split::Validation && scene.has_objects() == with
            };
            scenes.iter().filter(validates).count()
        };
        assert_eq!((count(true), count(false)), (10, 2));
    }
}
