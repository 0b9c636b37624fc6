//! Training on classes of which some have few images as if all had as many.

use trainyard_data::random::Random;

use crate::data::loader::even_batches;

/// How much an image of each class counts in the loss: in all as much as if each counted 1, and each class the same.
pub(super) fn weights(labels: &[i64]) -> Vec<f32> {
    let counts: Vec<usize> = by_class(labels).iter().map(Vec::len).collect();
    let there = counts.iter().filter(|count| **count > 0).count();
    let weight = |count: usize| if count == 0 { 1.0 } else { labels.len() as f64 / (there * count) as f64 };
    counts.into_iter().map(|count| weight(count) as f32).collect()
}

/// The batches of an epoch of as many images as there are, of each class as many as of any other, give or take one. Those of
/// a small class come again once all of them have come.
pub(super) fn plan(labels: &[i64], batch: usize, seed: u64, epoch: u64) -> Vec<Vec<usize>> {
    let mut random = Random::new(&[seed, epoch]);
    let mut classes = by_class(labels);
    classes.retain(|images| !images.is_empty());
    // What is left over in one epoch goes to other classes in another.
    random.shuffle(&mut classes);
    let mut taken = vec![0; classes.len()];
    let mut order = Vec::with_capacity(labels.len());
    for slot in 0..labels.len() {
        let class = slot % classes.len();
        let (images, place) = (&mut classes[class], taken[class]);
        if place % images.len() == 0 {
            random.shuffle(images);
        }
        order.push(images[place % images.len()]);
        taken[class] += 1;
    }
    random.shuffle(&mut order);
    even_batches(&order, batch)
}

/// The images of each class.
fn by_class(labels: &[i64]) -> Vec<Vec<usize>> {
    let classes = labels.iter().max().map_or(0, |most| *most as usize + 1);
    let mut images = vec![Vec::new(); classes];
    for (index, label) in labels.iter().enumerate() {
        images[*label as usize].push(index);
    }
    images
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twelve of class 0, none of 1, three of 2.
    fn labels() -> Vec<i64> {
        [vec![0; 12], vec![2; 3]].concat()
    }

    #[test]
    fn classes_weigh_the_same_and_all_together_as_before() {
        let weights = weights(&labels());
        assert_eq!(weights, [15.0 / 24.0, 1.0, 2.5]);
        let all: f32 = labels().iter().map(|label| weights[*label as usize]).sum();
        assert_eq!(all, 15.0);
    }

    #[test]
    fn an_epoch_shows_each_class_as_often_and_small_ones_evenly() {
        let plan = plan(&labels(), 4, 1, 2);
        assert_eq!(plan.iter().map(Vec::len).collect::<Vec<_>>(), [3, 4, 4, 4]);
        let order = plan.concat();
        let of_large = order.iter().filter(|index| **index < 12).count();
        assert!(order.len() == 15 && (7..=8).contains(&of_large), "{order:?}");
        let times = |image| order.iter().filter(|index| **index == image).count();
        let small: Vec<usize> = (12..15).map(times).collect();
        assert!(small.iter().all(|times| (2..=3).contains(times)), "{small:?}");
        assert!((0..12).all(|image| times(image) <= 1));
    }

    #[test]
    fn an_epoch_is_the_same_whenever_it_is_asked_for_and_not_like_another() {
        assert_eq!(plan(&labels(), 4, 1, 2), plan(&labels(), 4, 1, 2));
        assert_ne!(plan(&labels(), 4, 1, 2), plan(&labels(), 4, 1, 3));
    }
}
