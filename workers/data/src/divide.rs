//! Sets a part of every class aside to validate on, when the dataset does not.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::limits::VALIDATION_SHARE;
use crate::manifest::{Image, Split};
use crate::random::Random;

/// Moves [`VALIDATION_SHARE`] of the training images to validation: at least one, never all. An image's place depends on
/// its content and the seed, so renaming changes nothing, other files hardly anything, and copies of one image stay on one
/// side.
pub fn divide(images: &mut [Image], seed: u64) {
    if images.iter().all(|image| matches!(&image.labels[..], [label] if label.is_of_image())) {
        of_each_class(images, seed);
    } else {
        with_and_without_objects(images, seed);
    }
}

fn content(image: &Image) -> [u8; 32] {
    let mut content = [0; 32];
    // A manifest that was checked has 64 digits; another one is divided all the same.
    let _ = hex::decode_to_slice(&image.sha256, &mut content);
    content
}

fn of_each_class(images: &mut [Image], seed: u64) {
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, image) in images.iter().enumerate().filter(|(_, image)| image.split == Split::Train) {
        members.entry(image.labels[0].class).or_default().push(index);
    }
    for class in members.into_values() {
        for index in share(class, |index| content(&images[index]), seed) {
            images[index].split = Split::Validation;
        }
    }
}

/// A share of those with objects, and of those without. A class with two images or more is then on both sides, as far as
/// its images may be parted from those of other classes.
fn with_and_without_objects(images: &mut [Image], seed: u64) {
    let own: Vec<usize> = (0..images.len()).filter(|&index| images[index].split == Split::Train).collect();
    for with_objects in [true, false] {
        let members = own.iter().copied().filter(|&index| has_objects(&images[index]) == with_objects);
        for index in share(members.collect(), |index| content(&images[index]), seed) {
            images[index].split = Split::Validation;
        }
    }
    represent(images, own, seed);
}

/// Whether there is anything to learn or judge; crowds alone are not.
fn has_objects(image: &Image) -> bool {
    image.labels.iter().any(|label| !label.crowd)
}

/// Moves images so that every class of the images `own` can be learned, and then, where that stays so, validated.
fn represent(images: &mut [Image], own: Vec<usize>, seed: u64) {
    let mut copies: HashMap<[u8; 32], Vec<usize>> = HashMap::new();
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut learned: HashMap<usize, usize> = HashMap::new();
    for index in shuffled(own, |index| content(&images[index]), seed) {
        let image = &images[index];
        copies.entry(content(image)).or_default().push(index);
        for class in classes_of(image) {
            members.entry(class).or_default().push(index);
            *learned.entry(class).or_default() += usize::from(image.split == Split::Train);
        }
    }
    let mut rarest: Vec<(usize, Vec<usize>)> = members.into_iter().collect();
    rarest.sort_by_key(|(_, members)| members.len());
    for (class, members) in &rarest {
        if learned[class] == 0 {
            for &copy in &copies[&content(&images[members[0]])] {
                images[copy].split = Split::Train;
                classes_of(&images[copy])
                    .into_iter()
                    .for_each(|class| *learned.entry(class).or_default() += 1);
            }
        }
    }
    for (_, members) in &rarest {
        if members.iter().any(|&index| images[index].split == Split::Validation) {
            continue;
        }
        // What would be missed in training, were this image and its copies taken away.
        let missed = |index: usize| -> HashMap<usize, usize> {
            let mut missed = HashMap::new();
            let classes = copies[&content(&images[index])].iter().flat_map(|&copy| classes_of(&images[copy]));
            classes.for_each(|class| *missed.entry(class).or_default() += 1);
            missed
        };
        let spare = members.iter().map(|&index| (index, missed(index)));
        let spare =
            spare.into_iter().find(|(_, missed)| missed.iter().all(|(class, count)| learned[class] > *count));
        if let Some((index, missed)) = spare {
            copies[&content(&images[index])].iter().for_each(|&copy| images[copy].split = Split::Validation);
            missed.iter().for_each(|(class, count)| *learned.entry(*class).or_default() -= count);
        }
    }
}

/// The classes with an object in the image, each once.
fn classes_of(image: &Image) -> BTreeSet<usize> {
    image.labels.iter().filter(|label| !label.crowd).map(|label| label.class).collect()
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
    use crate::manifest::Label;

    fn image(name: String, content: [u8; 32], labels: Vec<Label>) -> Image {
        let (sha256, split) = (hex::encode(content), Split::Train);
        Image { sha256, name, bytes: 0, width: 9, height: 9, split, labels }
    }

    /// Of each class so many images.
    fn samples(sizes: &[usize]) -> Vec<Image> {
        let mut samples = Vec::new();
        for (class, &size) in sizes.iter().enumerate() {
            for index in 0..size {
                let mut content = [class as u8; 32];
                content[..8].copy_from_slice(&(index as u64).to_be_bytes());
                samples.push(image(format!("{class}/{index}"), content, vec![Label::of_class(class)]));
            }
        }
        samples
    }

    fn object(class: usize) -> Label {
        Label { bounds: Some([0.0, 0.0, 9.0, 9.0]), ..Label::of_class(class) }
    }

    fn validating(images: &[Image]) -> Vec<&str> {
        images.iter().filter(|s| s.split == Split::Validation).map(|s| s.name.as_str()).collect()
    }

    #[test]
    fn every_class_gives_its_share() {
        let mut all = samples(&[100, 50, 7, 2, 1]);
        divide(&mut all, 42);
        let count =
            |class| all.iter().filter(|s| s.labels[0].class == class && s.split == Split::Validation).count();
        assert_eq!([0, 1, 2, 3, 4].map(count), [20, 10, 1, 1, 0]);
    }

    #[test]
    fn the_seed_decides_and_other_files_hardly_matter() {
        let (mut one, mut two, mut other_seed, mut grown) =
            (samples(&[100]), samples(&[100]), samples(&[100]), samples(&[105]));
        two.reverse();
        divide(&mut one, 1);
        divide(&mut two, 1);
        divide(&mut other_seed, 2);
        divide(&mut grown, 1);
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
            all[index].sha256 = all[index / 8 * 8].sha256.clone();
        }
        divide(&mut all, 3);
        for group in all.chunks(8) {
            assert!(group.iter().all(|sample| sample.split == group[0].split));
        }
        assert!(!validating(&all).is_empty());
    }

    #[test]
    fn only_training_images_are_taken() {
        let mut all = samples(&[10]);
        all[0].split = Split::Test;
        divide(&mut all, 3);
        assert_eq!(all[0].split, Split::Test);
    }

    #[test]
    fn images_with_and_without_objects_both_give_their_share() {
        let mut scenes = samples(&[50, 10]);
        for scene in &mut scenes {
            scene.labels = if scene.labels[0].class == 0 { vec![object(0)] } else { Vec::new() };
        }
        let mut again = scenes.clone();
        divide(&mut scenes, 4);
        divide(&mut again, 4);
        assert_eq!(scenes, again);
        let count = |with: bool| {
            let validates = |scene: &&Image| scene.split == Split::Validation && has_objects(scene) == with;
            scenes.iter().filter(validates).count()
        };
        assert_eq!((count(true), count(false)), (10, 2));
    }

    /// Scenes that hold an object of each of these classes; content by position, or as told.
    fn scenes(of: &[(&[usize], u8)]) -> Vec<Image> {
        let scene = |(classes, content): &(&[usize], u8)| {
            let mut hash = [7; 32];
            hash[0] = *content;
            image(String::new(), hash, classes.iter().map(|class| object(*class)).collect())
        };
        of.iter().map(scene).collect()
    }

    fn sides(scenes: &[Image], class: usize) -> (usize, usize) {
        let on = |split| {
            let holds = |scene: &Image| scene.labels.iter().any(|label| label.class == class);
            scenes.iter().filter(|scene| scene.split == split && holds(scene)).count()
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
