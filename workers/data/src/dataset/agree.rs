//! Whether two formats that lie in one folder say the same.

use std::collections::BTreeMap;

use crate::manifest::{Image, Label};
use crate::read::Draft;
use crate::settle::Settled;

/// Pixels between two boxes that are the same but for rounding.
const NEAR: f64 = 2.0;

/// The first image of which they say different things.
pub fn disagreement([(one, first), (other, second)]: [(&Draft, &Settled); 2]) -> Option<String> {
    let by_name = |settled: &'_ Settled| -> BTreeMap<String, Image> {
        settled.images.iter().map(|image| (image.name.clone(), image.clone())).collect()
    };
    let (first, second) = (by_name(first), by_name(second));
    let differs = |name: &&String| match (first.get(*name), second.get(*name)) {
        (Some(a), Some(b)) => !same(&one.classes, &a.labels, &other.classes, &b.labels),
        // One that is background in one and not named by the other is the same.
        (Some(only), None) | (None, Some(only)) => !only.labels.is_empty(),
        (None, None) => false,
    };
    first.keys().chain(second.keys()).find(differs).cloned()
}

/// Each label of one has its own in the other.
fn same(classes: &[String], labels: &[Label], others: &[String], other: &[Label]) -> bool {
    if labels.len() != other.len() {
        return false;
    }
    let mut left: Vec<&Label> = other.iter().collect();
    labels.iter().all(|label| {
        let is_same = |other: &&Label| {
            classes.get(label.class) == others.get(other.class) && near(label.bounds, other.bounds)
        };
        left.iter().position(is_same).map(|at| left.swap_remove(at)).is_some()
    })
}

fn near(one: Option<[f64; 4]>, other: Option<[f64; 4]>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.iter().zip(other).all(|(a, b)| (a - b).abs() <= NEAR),
        (None, None) => true,
        _ => false,
    }
}
