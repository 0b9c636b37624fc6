//! Which images of a split the reports tell of: what a model is most wrong about, and some that are the same whatever model it is.

use std::collections::HashSet;

/// Of a split that has more than both together.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    pub worst: usize,
    /// Evenly spread over the split, so that two models have images in common.
    pub spread: usize,
}

/// Indices of images, in the order that they come in, which is of all there are with the worst first.
pub fn told(worst_first: Vec<usize>, most: Most) -> Vec<usize> {
    let count = worst_first.len();
    if count <= most.worst + most.spread {
        return worst_first;
    }
    let common: HashSet<usize> = (0..most.spread).map(|at| at * count / most.spread).collect();
    let ranked = worst_first.into_iter().enumerate();
    ranked
        .filter(|(rank, index)| *rank < most.worst || common.contains(index))
        .map(|(_, index)| index)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Most, told};

    const MOST: Most = Most { worst: 2, spread: 3 };

    #[test]
    fn a_small_split_is_told_whole() {
        assert_eq!(told(vec![4, 0, 1, 3, 2], MOST), [4, 0, 1, 3, 2]);
    }

    #[test]
    fn two_models_have_images_in_common_and_each_its_worst() {
        let one = told((0..90).rev().collect(), MOST);
        let other = told((0..90).collect(), MOST);
        assert_eq!((&one[..2], &other[..2]), (&[89, 88][..], &[0, 1][..]));
        for index in [0, 30, 60] {
            assert!(one.contains(&index) && other.contains(&index), "{index}");
        }
        assert_eq!((one.len(), other.len()), (5, 4), "an image is told once");
    }
}
