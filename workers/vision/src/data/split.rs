//! Sets a part of every class aside to validate on, when the dataset does not.

use std::collections::{BTreeMap, BTreeSet, HashMap};

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

/// The same for images with boxes: a share of those with objects, and of those without. A class with two images or
/// more is then on both sides, as far as its images may be parted from those of other classes.
pub fn divide(scenes: &mut [(Scene, Split, [u8; 32])], seed: u64) {
    let own: Vec<usize> = (0..scenes.len()).filter(|&index| scenes[index].1 == Split::Train).collect();
    for with_objects in [true, false] {
        let members = (0..scenes.len()).filter(|&index| {
            let (scene, split, _) = &scenes[index];
            *split == Split::Train && scene.has_objects() == with_objects
        });
        for index in share(members.collect(), |index| scenes[index].2, seed) {
            scenes[index].1 = Split::Validation;
        }
    }
    represent(scenes, own, seed);
}

/// Moves images so that every class of the images `own` can be learned, and then, where that stays so, validated.
fn represent(scenes: &mut [(Scene, Split, [u8; 32])], own: Vec<usize>, seed: u64) {
    let mut copies: HashMap<[u8; 32], Vec<usize>> = HashMap::new();
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut learned: HashMap<usize, usize> = HashMap::new();
    for index in shuffled(own, |index| scenes[index].2, seed) {
        let (scene, split, content) = &scenes[index];
        copies.entry(*content).or_default().push(index);
        for class in classes_of(scene) {
            members.entry(class).or_default().push(index);
            *learned.entry(class).or_default() += usize::from(*split == Split::Train);
        }
    }
    let mut rarest: Vec<(usize, Vec<usize>)> = members.into_iter().collect();
    rarest.sort_by_key(|(_, members)| members.len());
    for (class, members) in &rarest {
        if learned[class] == 0 {
            for &copy in &copies[&scenes[members[0]].2] {
                scenes[copy].1 = Split::Train;
                classes_of(&scenes[copy].0)
                    .into_iter()
                    .for_each(|class| *learned.entry(class).or_default() += 1);
            }
        }
    }
    for (_, members) in &rarest {
        if members.iter().any(|&index| scenes[index].1 == Split::Validation) {
            continue;
        }
        // What would be missed in training, were this image and its copies taken away.
        let missed = |index: usize| -> HashMap<usize, usize> {
            let mut missed = HashMap::new();
            let classes = copies[&scenes[index].2].iter().flat_map(|&copy| classes_of(&scenes[copy].0));
            classes.for_each(|class| *missed.entry(class).or_default() += 1);
            missed
        };
        let spare = members.iter().map(|&index| (index, missed(index)));
        let spare =
            spare.into_iter().find(|(_, missed)| missed.iter().all(|(class, count)| learned[class] > *count));
        if let Some((index, missed)) = spare {
            copies[&scenes[index].2].iter().for_each(|&copy| scenes[copy].1 = Split::Validation);
            missed.iter().for_each(|(class, count)| *learned.entry(*class).or_default() -= count);
        }
    }
}

/// The classes with an object in the scene, each once.
fn classes_of(scene: &Scene) -> BTreeSet<usize> {
    scene.boxes.iter().filter(|object| !object.crowd).map(|object| object.class).collect()
}

/// In an order that only contents and the seed decide.
fn shuffled(mut members: Vec<usize>, content: impl Fn(usize) -> [u8; 32], seed: u64) -> Vec<usize> {
    members.sort_by_cached_key(|&index| {
        let content = content(index);
        let keys = content.as_chunks::<8>().0.iter().map(|bytes| u64::from_be_bytes(*bytes));
        (Random::new(&[seed, keys.fold(0, |all, key| all ^ key)]).draw(), content)
    });
    members
}

/// The members to validate on.
fn share(members: Vec<usize>, content: impl Fn(usize) -> [u8; 32], seed: u64) -> Vec<usize> {
    let mut members = shuffled(members, &content, seed);
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

    /// Scenes that hold an object of each of these classes; content by position, or as told.
    fn scenes(of: &[(&[usize], u8)]) -> Vec<(Scene, Split, [u8; 32])> {
        let scene = |(classes, content): &(&[usize], u8)| {
            let object = |&class: &usize| LabelledBox { class, corners: [0.0, 0.0, 9.0, 9.0], crowd: false };
            let boxes = classes.iter().map(object).collect();
            let mut hash = [7; 32];
            hash[0] = *content;
            (Scene { path: String::new(), width: 9, height: 9, boxes }, Split::Train, hash)
        };
        of.iter().map(scene).collect()
    }

    fn sides(scenes: &[(Scene, Split, [u8; 32])], class: usize) -> (usize, usize) {
        let on = |split| {
            let holds = |scene: &Scene| scene.boxes.iter().any(|object| object.class == class);
            scenes.iter().filter(|(scene, of, _)| *of == split && holds(scene)).count()
        };
        (on(Split::Train), on(Split::Validation))
    }

    #[test]
    fn every_class_is_learned_and_validated() {
        for seed in 0..50 {
            // 40 images of class 0; classes 1 and 2 are in two of them each, class 3 in one.
            let plain = (0..35).map(|index| (&[0usize][..], index));
            let rare =
                [(&[0, 1][..], 40), (&[1][..], 41), (&[0, 2][..], 42), (&[2][..], 43), (&[0, 3][..], 44)];
            let mut all = scenes(&plain.chain(rare).collect::<Vec<_>>());
            divide(&mut all, seed);
            assert_eq!([1, 2, 3].map(|class| sides(&all, class)), [(1, 1), (1, 1), (1, 0)], "seed {seed}");
            assert!((5..=11).contains(&sides(&all, 0).1), "{:?}", sides(&all, 0));
        }
    }

    #[test]
    fn copies_stay_together_and_classes_that_cannot_be_parted_stay_learned() {
        for seed in 0..20 {
            let mut all =
                scenes(&[(&[0], 1), (&[0], 2), (&[0], 3), (&[1], 4), (&[1], 4), (&[2, 3], 5), (&[2], 6)]);
            divide(&mut all, seed);
            assert_eq!(sides(&all, 1), (2, 0), "copies of one image only");
            assert_eq!(sides(&all, 3), (1, 0));
            assert_eq!(sides(&all, 2), (1, 1));
        }
    }
}
