//! Classes of a whole image.

use trainyard_events::prediction::Prediction;

use super::Part;
use crate::limits::{BOXES, CLASSES_TOLD, LABEL};

/// The likeliest of classes of which one is right.
pub fn one_of(classes: &[String], logits: &Part) -> Vec<Prediction> {
    told(classes, softmax(logits.values), CLASSES_TOLD)
}

/// Those that are right, of classes of which any number is.
pub fn any_of(classes: &[String], logits: &Part) -> Vec<Prediction> {
    let mut right = told(classes, logits.values.iter().map(|logit| sigmoid(*logit)).collect(), BOXES);
    right.retain(|label| label.confidence >= LABEL);
    right
}

fn told(classes: &[String], confidences: Vec<f64>, most: usize) -> Vec<Prediction> {
    let mut order: Vec<usize> = (0..classes.len()).collect();
    order.sort_by(|a, b| confidences[*b].total_cmp(&confidences[*a]));
    order.iter().take(most).map(|class| Prediction::of(&classes[*class], confidences[*class])).collect()
}

pub(super) fn softmax(logits: &[f32]) -> Vec<f64> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f64> = logits.iter().map(|logit| f64::from(logit - most).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

pub(super) fn sigmoid(logit: f32) -> f64 {
    1.0 / (1.0 + (-f64::from(logit)).exp())
}
