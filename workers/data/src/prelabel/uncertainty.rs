//! How unsure a model is of an image, from its answer alone: the margin of its least sure decision.
//!
//! To name the class of an image is one decision, and its margin is what the likeliest class is ahead of the next (Scheffer,
//! Decomain and Wrobel, 2001). Whether there is an object is a decision, too, between yes at `c` and no at `1 - c`.

use trainyard_events::config::Task;
use trainyard_events::prediction::Prediction;

/// What confidences of classes of which one is right may add up to, rounding apart.
const WHOLE: f64 = 1.0 + 1e-3;

/// 1 where the model could as well have said something else, 0 where it is certain, or has said nothing.
pub fn uncertainty(task: Task, predictions: &[Prediction]) -> f64 {
    let sure = |found: &Prediction| found.confidence.clamp(0.0, 1.0);
    let doubt = |found: &Prediction| 1.0 - (2.0 * sure(found) - 1.0).abs();
    match predictions {
        [first, second, ..]
            if task == Task::Classify && predictions.iter().map(sure).sum::<f64>() <= WHOLE =>
        {
            1.0 - (sure(first) - sure(second)).abs()
        }
        all => all.iter().map(doubt).fold(0.0, f64::max),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(confidences: &[f64]) -> Vec<Prediction> {
        confidences.iter().map(|confidence| Prediction::of("x", *confidence)).collect()
    }

    #[track_caller]
    fn is(task: Task, confidences: &[f64], expected: f64) {
        let found = uncertainty(task, &of(confidences));
        assert!((found - expected).abs() < 1e-9, "{task:?} {confidences:?}: {found}, not {expected}");
    }

    #[test]
    fn of_an_image_it_is_the_margin_of_its_two_likeliest_classes() {
        is(Task::Classify, &[0.5, 0.5], 1.0);
        is(Task::Classify, &[0.4, 0.35, 0.25], 0.95);
        is(Task::Classify, &[0.9, 0.1], 0.2);
        is(Task::Classify, &[1.0, 0.0], 0.0);
        // As much is left to the others, and less of it to one of them.
        is(Task::Classify, &[0.6, 0.1, 0.1, 0.1, 0.1], 0.5);
    }

    #[test]
    fn of_classes_that_are_right_each_for_itself_it_is_the_least_sure() {
        is(Task::Classify, &[0.99, 0.98], 0.04);
        is(Task::Classify, &[0.99, 0.6], 0.8);
        is(Task::Classify, &[0.7], 0.6);
        is(Task::Classify, &[], 0.0);
    }

    #[test]
    fn of_objects_it_is_the_least_sure_one_however_many_there_are() {
        for task in [Task::Detect, Task::Segment, Task::Pose] {
            is(task, &[0.99, 0.5], 1.0);
            is(task, &[0.95, 0.9, 0.8], 0.4);
            is(task, &[0.25], 0.5);
            is(task, &[0.9; 100], 0.2);
            is(task, &[], 0.0);
        }
    }

    #[test]
    fn what_is_no_number_hides_nothing() {
        is(Task::Detect, &[f64::NAN, 0.6], 0.8);
    }

    proptest! {
        #[test]
        fn it_is_from_0_to_1_and_an_object_more_never_makes_it_less(
            confidences in proptest::collection::vec(0.0..=1.0_f64, 0..8), more in 0.0..=1.0_f64,
        ) {
            let before = uncertainty(Task::Detect, &of(&confidences));
            let after = uncertainty(Task::Detect, &of(&[confidences.clone(), vec![more]].concat()));
            prop_assert!((0.0..=1.0).contains(&before) && after >= before);
            prop_assert!((0.0..=1.0).contains(&uncertainty(Task::Classify, &of(&confidences))));
        }
    }
}
