//! How many answers there are of each confidence, and how many of them are right: what a threshold would leave, and whether a
//! model is as sure as it is right.

use serde::Serialize;

/// Of one per cent each.
const BINS: usize = 100;

/// One number for each per cent of confidence, from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Answered {
    pub answers: Vec<u64>,
    pub right: Vec<u64>,
}

impl Answered {
    /// Of answers with their confidence, 0 to 1, and whether they are right.
    pub fn of(judged: impl IntoIterator<Item = (f64, bool)>) -> Answered {
        let mut counted = Answered { answers: vec![0; BINS], right: vec![0; BINS] };
        for (confidence, is_right) in judged {
            let bin = ((confidence * BINS as f64) as usize).min(BINS - 1);
            counted.answers[bin] += 1;
            counted.right[bin] += u64::from(is_right);
        }
        counted
    }
}

#[cfg(test)]
mod tests {
    use super::Answered;

    #[test]
    fn every_answer_is_counted_once() {
        let counted = Answered::of([(0.0, false), (0.259, true), (0.25, false), (1.0, true), (0.999, true)]);
        let filled = |counts: &[u64]| {
            counts
                .iter()
                .enumerate()
                .filter(|(_, count)| **count > 0)
                .map(|(bin, n)| (bin, *n))
                .collect::<Vec<_>>()
        };
        assert_eq!(filled(&counted.answers), [(0, 1), (25, 2), (99, 2)]);
        assert_eq!(filled(&counted.right), [(25, 1), (99, 2)]);
    }
}
