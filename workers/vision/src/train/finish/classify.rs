//! What a classifier's reports say.

use serde_json::{Value, json};

use crate::data::cache::Images;
use crate::failure::Failure;
use crate::train::evaluate::Classified;

use super::{Account, bytes};

/// Images shown in `sample_predictions`.
const SAMPLES: usize = 24;

pub(super) fn account(
    classes: &[String],
    images: &Images,
    classified: &Classified,
) -> Result<Account, Failure> {
    let scores = classified.confusion.scores();
    let of_class = classes.iter().zip(&scores).map(|(name, score)| {
        json!({ "name": name, "precision": score.precision, "recall": score.recall, "support": score.support })
    });
    let samples = bytes(&samples(images, classes, &classified.answers))?;
    Ok(Account {
        classes: of_class.collect(),
        counts: classified.confusion.counts.clone(),
        rows: classes.to_vec(),
        others: vec![("sample_predictions", "sample_predictions.json", samples)],
    })
}

/// The most confident mistakes first, then the least sure right answers.
fn samples(images: &Images, classes: &[String], answers: &[(usize, f64)]) -> Value {
    let mut order: Vec<usize> = (0..images.len()).collect();
    order.sort_by(|&a, &b| {
        let key = |index: usize| {
            let (answer, confidence) = answers[index];
            let right = answer as i64 == images.label(index);
            (right, if right { confidence } else { -confidence })
        };
        let (a, b) = (key(a), key(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    let shown: Vec<_> = order
        .into_iter()
        .take(SAMPLES)
        .map(|index| {
            let (answer, confidence) = answers[index];
            let truth = &classes[images.label(index) as usize];
            json!({ "path": images.path(index), "truth": truth, "answer": classes[answer], "confidence": confidence })
        })
        .collect();
    json!(shown)
}
