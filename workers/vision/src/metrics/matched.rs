//! The confusion matrix of a detector: every answer above a score against the truth that it lies on.

use crate::metrics::average_precision::{Found, Truth, overlap};
use crate::metrics::confusion::{ClassScore, Confusion};

/// An answer counts from this score, and lies on a truth from this IoU.
pub const SCORE: f32 = 0.25;
pub const OVERLAP: f64 = 0.5;

/// Answers and truths of a whole split.
#[derive(Clone, Debug, PartialEq)]
pub struct Matched {
    /// `counts[truth][answer]`; the last row are answers where nothing is, the last column truths that nothing found.
    pub confusion: Confusion,
}

impl Matched {
    /// Truths get the surest answer of their own class first; what is left on both sides is matched across classes,
    /// to show what is taken for what. Unmatched answers on a crowd are not counted.
    pub fn new(classes: usize, truths: &[Truth], found: &[Found]) -> Self {
        let mut confusion = Confusion::new(classes + 1);
        let images = truths.iter().map(|truth| truth.image).chain(found.iter().map(|answer| answer.image));
        let count = images.max().map_or(0, |last| last + 1);
        let (mut truths_of, mut found_of) = (vec![Vec::new(); count], vec![Vec::new(); count]);
        truths
            .iter()
            .filter(|truth| truth.class < classes)
            .for_each(|truth| truths_of[truth.image].push(truth));
        found
            .iter()
            .filter(|answer| answer.class < classes && answer.score >= SCORE)
            .for_each(|answer| found_of[answer.image].push(answer));
        for (truths, found) in truths_of.iter().zip(&mut found_of) {
            found.sort_by(|a, b| b.score.total_cmp(&a.score));
            count_image(truths, found, &mut confusion);
        }
        Matched { confusion }
    }

    /// By class, without the background.
    pub fn scores(&self) -> Vec<ClassScore> {
        let mut scores = self.confusion.scores();
        scores.pop();
        scores
    }

    /// Means over the classes that occur; a class never answered has precision 0.
    pub fn macro_scores(&self) -> (f64, f64) {
        let present: Vec<ClassScore> = self.scores().into_iter().filter(|score| score.support > 0).collect();
        let mean = |value: fn(&ClassScore) -> Option<f64>| {
            present.iter().map(|score| value(score).unwrap_or(0.0)).sum::<f64>() / present.len().max(1) as f64
        };
        (mean(|score| score.precision), mean(|score| score.recall))
    }
}

/// The harmonic mean of precision and recall; 0 when both are.
pub fn f1(precision: f64, recall: f64) -> f64 {
    if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 }
}

fn count_image(truths: &[&Truth], found: &[&Found], confusion: &mut Confusion) {
    let background = confusion.counts.len() - 1;
    let mut taken = vec![false; truths.len()];
    let mut matched = vec![false; found.len()];
    for same_class in [true, false] {
        for (answer, matched) in found.iter().zip(&mut matched).filter(|(_, matched)| !**matched) {
            let best = (0..truths.len())
                .filter(|&at| !taken[at] && !truths[at].crowd)
                .filter(|&at| (truths[at].class == answer.class) == same_class)
                .map(|at| (overlap(answer, truths[at]), at))
                .filter(|(overlap, _)| *overlap >= OVERLAP)
                .max_by(|a, b| a.0.total_cmp(&b.0));
            if let Some((_, at)) = best {
                (*matched, taken[at]) = (true, true);
                confusion.add(truths[at].class, answer.class);
            }
        }
    }
    for (truth, _) in truths.iter().zip(&taken).filter(|(truth, taken)| !**taken && !truth.crowd) {
        confusion.add(truth.class, background);
    }
    let on_crowd = |answer: &Found| {
        truths
            .iter()
            .any(|truth| truth.crowd && truth.class == answer.class && overlap(answer, truth) >= OVERLAP)
    };
    for (answer, _) in found.iter().zip(&matched).filter(|(answer, matched)| !**matched && !on_crowd(answer))
    {
        confusion.add(background, answer.class);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(class: usize, left: f32) -> Truth {
        Truth { image: 0, class, corners: [left, 0.0, left + 10.0, 10.0], crowd: false, area: None }
    }

    fn answer(class: usize, left: f32, score: f32) -> Found {
        Found { image: 0, class, score, corners: [left, 0.0, left + 10.0, 10.0] }
    }

    #[test]
    fn by_hand() {
        let truths = [truth(0, 0.0), truth(0, 100.0), truth(1, 200.0), truth(1, 300.0)];
        let found = [
            answer(0, 1.0, 0.9),   // right
            answer(0, 0.0, 0.8),   // right again, which is once too often
            answer(1, 100.0, 0.7), // taken for another
            answer(1, 200.0, 0.2), // too unsure
            answer(1, 306.0, 0.9), // too far off
        ];
        let matched = Matched::new(2, &truths, &found);
        assert_eq!(matched.confusion.counts, [[1, 1, 0], [0, 0, 2], [1, 1, 0]]);
        let scores = matched.scores();
        assert_eq!(scores[0], ClassScore { precision: Some(0.5), recall: Some(0.5), support: 2 });
        assert_eq!(scores[1], ClassScore { precision: Some(0.0), recall: Some(0.0), support: 2 });
        assert_eq!(matched.macro_scores(), (0.25, 0.25));
        assert_eq!((f1(0.5, 0.5), f1(0.0, 0.0)), (0.5, 0.0));
    }

    #[test]
    fn an_object_goes_to_its_own_class_even_when_another_is_surer() {
        let matched = Matched::new(2, &[truth(0, 0.0)], &[answer(1, 0.0, 0.9), answer(0, 0.0, 0.5)]);
        assert_eq!(matched.confusion.counts, [[1, 0, 0], [0, 0, 0], [0, 1, 0]]);
    }

    #[test]
    fn what_lies_on_a_crowd_is_not_counted() {
        let crowd = Truth { crowd: true, corners: [0.0, 0.0, 100.0, 100.0], ..truth(0, 0.0) };
        let found = [answer(0, 0.0, 0.9), answer(0, 20.0, 0.9), answer(1, 40.0, 0.9)];
        let matched = Matched::new(2, &[crowd], &found);
        assert_eq!(matched.confusion.counts, [[0, 0, 0], [0, 0, 0], [0, 1, 0]]);
    }

    #[test]
    fn nothing_is_nothing() {
        assert_eq!(Matched::new(2, &[], &[]).confusion.total(), 0);
        assert_eq!(Matched::new(1, &[], &[]).macro_scores(), (0.0, 0.0));
    }
}
