//! Sets a part of every class aside to validate on, when the dataset does not.

use crate::data::folder::Split;
use crate::data::random::Random;
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
    for mut class in members {
        class.sort_by_cached_key(|&index| {
            let content = samples[index].content;
            let keys = content.as_chunks::<8>().0.iter().map(|bytes| u64::from_be_bytes(*bytes));
            (Random::new(&[seed, keys.fold(0, |all, key| all ^ key)]).draw(), content)
        });
        let same = |a: usize, b: usize| samples[class[a]].content == samples[class[b]].content;
        let mut taken = (class.len() as f64 * VALIDATION_SHARE).round() as usize;
        taken = taken.max(1).min(class.len().saturating_sub(1));
        while taken > 0 && taken < class.len() && same(taken - 1, taken) {
            taken += 1;
        }
        // A class of copies of one image: better learned from than only asked about.
        if taken == class.len() {
            continue;
        }
        for &index in &class[..taken] {
            samples[index].split = Split::Validation;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
