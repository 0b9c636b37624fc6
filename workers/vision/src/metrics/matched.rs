//! The confusion matrix of what finds objects: every answer above a score against the truth that it is like.

use crate::metrics::average_precision::{Comparison, Found, Truth};
use crate::metrics::confusion::{ClassScore, Confusion};

/// An answer counts from this score, and is one of a truth from this likeness.
pub const SCORE: f32 = 0.25;
pub const LIKENESS: f64 = 0.5;

/// Answers and truths of a whole split.
#[derive(Clone, Debug, PartialEq)]
pub struct Matched {
    /// `counts[truth][answer]`; the last row are answers where nothing is, the last column truths that nothing found.
    pub confusion: Confusion,
    /// Of each image, up to the last that has something: answers that are no truth's of their class, and truths that nothing found.
    wrong: Vec<u64>,
}

impl Matched {
    /// Truths get the surest answer of their own class first; what is left on both sides is matched across classes,
    /// to show what is taken for what. Unmatched answers on a crowd are not counted.
    pub fn new(classes: usize, truths: &[Truth], found: &[Found], comparison: &Comparison) -> Self {
        let mut confusion = Confusion::new(classes + 1);
        let images = truths.iter().map(|truth| truth.image).chain(found.iter().map(|answer| answer.image));
        let count = images.max().map_or(0, |last| last + 1);
        let (mut truths_of, mut found_of) = (vec![Vec::new(); count], vec![Vec::new(); count]);
        for numbered in truths.iter().enumerate().filter(|(_, truth)| truth.class < classes) {
            truths_of[numbered.1.image].push(numbered);
        }
        let counts = |answer: &Found| answer.class < classes && answer.score >= SCORE;
        for numbered in found.iter().enumerate().filter(|(_, answer)| counts(answer)) {
            found_of[numbered.1.image].push(numbered);
        }
        let mut wrong = Vec::with_capacity(count);
        for (truths, found) in truths_of.iter().zip(&mut found_of) {
            found.sort_by(|(_, a), (_, b)| b.score.total_cmp(&a.score));
            wrong.push(count_image(truths, found, comparison, &mut confusion));
        }
        Matched { confusion, wrong }
    }

    /// How much is wrong about an image.
    pub fn wrong(&self, image: usize) -> u64 {
        self.wrong.get(image).copied().unwrap_or(0)
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

type Numbered<'a, T> = (usize, &'a T);

/// Gives how many of them are wrong.
fn count_image(
    truths: &[Numbered<Truth>],
    found: &[Numbered<Found>],
    comparison: &Comparison,
    confusion: &mut Confusion,
) -> u64 {
    let mut wrong = 0;
    let background = confusion.counts.len() - 1;
    let is_judged = |truth: &Truth| !truth.crowd && !truth.is_blank;
    let mut taken = vec![false; truths.len()];
    let mut matched = vec![false; found.len()];
    for same_class in [true, false] {
        for ((number, answer), matched) in found.iter().zip(&mut matched).filter(|(_, matched)| !**matched) {
            let best = (0..truths.len())
                .filter(|&at| !taken[at] && is_judged(truths[at].1))
                .filter(|&at| (truths[at].1.class == answer.class) == same_class)
                .map(|at| ((comparison.alike)(*number, truths[at].0), at))
                .filter(|(alike, _)| *alike >= LIKENESS)
                .max_by(|a, b| a.0.total_cmp(&b.0));
            if let Some((_, at)) = best {
                (*matched, taken[at]) = (true, true);
                confusion.add(truths[at].1.class, answer.class);
                wrong += u64::from(!same_class);
            }
        }
    }
    for ((_, truth), taken) in truths.iter().zip(&taken) {
        if !taken && is_judged(truth) {
            confusion.add(truth.class, background);
            wrong += 1;
        }
    }
    let on_none = |(number, answer): &Numbered<Found>| {
        truths.iter().any(|(at, truth)| {
            !is_judged(truth) && truth.class == answer.class && (comparison.alike)(*number, *at) >= LIKENESS
        })
    };
    for (answer, matched) in found.iter().zip(&matched) {
        if !matched && !on_none(answer) {
            confusion.add(background, answer.1.class);
            wrong += 1;
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::average_precision::{ANSWERS, overlap};

    fn truth(class: usize, left: f32) -> Truth {
        Truth { class, corners: [left, 0.0, left + 10.0, 10.0], ..Truth::default() }
    }

    fn answer(class: usize, left: f32, score: f32) -> Found {
        Found { class, score, corners: [left, 0.0, left + 10.0, 10.0], ..Found::default() }
    }

    fn matched(classes: usize, truths: &[Truth], found: &[Found]) -> Matched {
        let alike = |answer: usize, truth: usize| overlap(&found[answer], &truths[truth]);
        Matched::new(classes, truths, found, &Comparison { alike: &alike, answers: ANSWERS })
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
        let matched = matched(2, &truths, &found);
        assert_eq!(matched.confusion.counts, [[1, 1, 0], [0, 0, 2], [1, 1, 0]]);
        assert_eq!(
            (matched.wrong(0), matched.wrong(1)),
            (5, 0),
            "all that is not on the diagonal; an image of nothing"
        );
        let scores = matched.scores();
        assert_eq!(scores[0], ClassScore { precision: Some(0.5), recall: Some(0.5), support: 2 });
        assert_eq!(scores[1], ClassScore { precision: Some(0.0), recall: Some(0.0), support: 2 });
        assert_eq!(matched.macro_scores(), (0.25, 0.25));
        assert_eq!((f1(0.5, 0.5), f1(0.0, 0.0)), (0.5, 0.0));
    }

    #[test]
    fn an_object_goes_to_its_own_class_even_when_another_is_surer() {
        let matched = matched(2, &[truth(0, 0.0)], &[answer(1, 0.0, 0.9), answer(0, 0.0, 0.5)]);
        assert_eq!(matched.confusion.counts, [[1, 0, 0], [0, 0, 0], [0, 1, 0]]);
    }

    #[test]
    fn what_lies_on_a_crowd_is_not_counted() {
        let crowd = Truth { crowd: true, corners: [0.0, 0.0, 100.0, 100.0], ..truth(0, 0.0) };
        let found = [answer(0, 0.0, 0.9), answer(0, 20.0, 0.9), answer(1, 40.0, 0.9)];
        let matched = matched(2, &[crowd], &found);
        assert_eq!(matched.confusion.counts, [[0, 0, 0], [0, 0, 0], [0, 1, 0]]);
    }

    #[test]
    fn nothing_is_nothing() {
        assert_eq!(matched(2, &[], &[]).confusion.total(), 0);
        assert_eq!(matched(1, &[], &[]).macro_scores(), (0.0, 0.0));
    }
}
