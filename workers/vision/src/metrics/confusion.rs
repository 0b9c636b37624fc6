//! The confusion matrix, and everything that follows from it.

use serde::{Deserialize, Serialize};

/// `counts[truth][answer]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    pub counts: Vec<Vec<u64>>,
}

/// Of one class. Precision is absent when it was never answered, recall when it never occurred.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassScore {
    pub precision: Option<f64>,
    pub recall: Option<f64>,
    /// Images of the class.
    pub support: u64,
}

impl Confusion {
    pub fn new(classes: usize) -> Self {
        Confusion { counts: vec![vec![0; classes]; classes] }
    }

    pub fn add(&mut self, truth: usize, answer: usize) {
        self.counts[truth][answer] += 1;
    }

    pub fn total(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// Part of the images whose first answer is right; 0 of none.
    pub fn accuracy(&self) -> f64 {
        let right: u64 = (0..self.counts.len()).map(|class| self.counts[class][class]).sum();
        ratio(right, self.total()).unwrap_or(0.0)
    }

    pub fn scores(&self) -> Vec<ClassScore> {
        (0..self.counts.len())
            .map(|class| {
                let right = self.counts[class][class];
                let answered: u64 = self.counts.iter().map(|row| row[class]).sum();
                let support: u64 = self.counts[class].iter().sum();
                ClassScore { precision: ratio(right, answered), recall: ratio(right, support), support }
            })
            .collect()
    }

    /// Mean precision and recall over the classes that occur; a class never answered has precision 0.
    pub fn macro_scores(&self) -> (f64, f64) {
        let present: Vec<ClassScore> = self.scores().into_iter().filter(|score| score.support > 0).collect();
        let mean = |value: fn(&ClassScore) -> Option<f64>| {
            present.iter().map(|score| value(score).unwrap_or(0.0)).sum::<f64>() / present.len().max(1) as f64
        };
        (mean(|score| score.precision), mean(|score| score.recall))
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let mut confusion = Confusion::new(3);
        for (truth, answer) in [(0, 0), (0, 0), (0, 1), (1, 1), (1, 0), (1, 0)] {
            confusion.add(truth, answer);
        }
        assert_eq!(confusion.counts, [[2, 1, 0], [2, 1, 0], [0, 0, 0]]);
        assert_eq!(confusion.accuracy(), 0.5);
        let scores = confusion.scores();
        assert_eq!(scores[0], ClassScore { precision: Some(0.5), recall: Some(2.0 / 3.0), support: 3 });
        assert_eq!(scores[1], ClassScore { precision: Some(0.5), recall: Some(1.0 / 3.0), support: 3 });
        assert_eq!(scores[2], ClassScore { precision: None, recall: None, support: 0 });
        assert_eq!(confusion.macro_scores(), (0.5, 0.5));
    }

    #[test]
    fn a_class_never_answered_counts_as_zero_precision() {
        let mut confusion = Confusion::new(2);
        confusion.add(0, 1);
        confusion.add(1, 1);
        assert_eq!(confusion.macro_scores(), (0.25, 0.5));
        assert_eq!(Confusion::new(2).accuracy(), 0.0);
        assert_eq!(Confusion::new(2).macro_scores(), (0.0, 0.0));
    }
}
