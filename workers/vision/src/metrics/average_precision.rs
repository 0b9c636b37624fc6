//! COCO's average precision, as `pycocotools` computes it, number for number.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::metrics::answered::Answered;

/// A labelled object.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Truth {
    pub image: usize,
    pub class: usize,
    /// x1, y1, x2, y2.
    pub corners: [f32; 4],
    pub crowd: bool,
    /// What sorts it into small, medium and large, in square pixels: for a segmented object its own, `None` for the
    /// box's.
    pub area: Option<f32>,
    /// Nothing is labelled that could be compared: whoever finds it is neither right nor wrong.
    pub is_blank: bool,
}

/// An object that a model says it sees.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Found {
    pub image: usize,
    pub class: usize,
    pub score: f32,
    /// x1, y1, x2, y2.
    pub corners: [f32; 4],
    /// As that of a truth.
    pub area: Option<f32>,
}

/// How answers are set against truths.
pub struct Comparison<'a> {
    /// How alike the answer and the truth of these numbers are, 0 to 1. Asked of those of one image only.
    pub alike: &'a (dyn Fn(usize, usize) -> f64 + Sync),
    /// Answers that count for each image and class, the surest first.
    pub answers: usize,
}

/// COCO's number of boxes and masks.
pub const ANSWERS: usize = 100;

/// Means over the classes that occur among the truths; `ap` is the mean over the IoUs .50:.05:.95 as well. 0 where
/// there is no truth at all.
#[derive(Clone, Debug, PartialEq)]
pub struct AveragePrecision {
    pub ap: f64,
    pub ap50: f64,
    pub ap75: f64,
    /// Of objects below 32 x 32 pixels, up to 96 x 96, and above; `None` where there are none of that size.
    pub small: Option<f64>,
    pub medium: Option<f64>,
    pub large: Option<f64>,
    pub classes: Vec<ClassPrecision>,
}

/// Of one class; `None` where it does not occur.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassPrecision {
    pub ap: Option<f64>,
    pub ap50: Option<f64>,
    /// Objects, crowds not counted.
    pub truths: u64,
    /// Precision at the recalls 0, .01 ... 1, at IoU .5; empty where the class does not occur.
    pub curve: Vec<f64>,
    /// Its answers at IoU .5, those on crowds left out; empty where the class does not occur.
    pub answered: Answered,
}

const THRESHOLDS: usize = 10;
const AT_75: usize = 5;
const RECALLS: usize = 101;
/// Square pixels, both ends included: all, small, medium, large.
const AREAS: [(f64, f64); 4] = [(0.0, 1e10), (0.0, 1024.0), (1024.0, 9216.0), (9216.0, 1e10)];

/// Likeness from which an answer matches, spelled as numpy's `linspace(.5, .95, 10)` computes it.
fn threshold(index: usize) -> f64 {
    index as f64 * ((0.95 - 0.5) / 9.0) + 0.5
}

/// Classes count from 0; truths and answers of classes beyond `classes` are not looked at. Images may have any
/// number; their order decides between equal scores, as does the order of `found` within an image.
pub fn average_precision(
    classes: usize,
    truths: &[Truth],
    found: &[Found],
    comparison: &Comparison,
) -> AveragePrecision {
    let mut cells: Vec<BTreeMap<usize, Cell>> = (0..classes).map(|_| BTreeMap::new()).collect();
    for (at, truth) in truths.iter().enumerate().filter(|(_, truth)| truth.class < classes) {
        cells[truth.class].entry(truth.image).or_default().truths.push((at, truth));
    }
    for (at, answer) in found.iter().enumerate().filter(|(_, answer)| answer.class < classes) {
        cells[answer.class].entry(answer.image).or_default().found.push((at, answer));
    }
    let measured: Vec<[Option<Curves>; 4]> = cells
        .into_par_iter()
        .map(|cells| {
            let mut cells: Vec<Cell> = cells.into_values().collect();
            cells.iter_mut().for_each(|cell| cell.prepare(comparison));
            AREAS.map(|area| curves(&cells, area))
        })
        .collect();

    let mean_of = |area: usize, value: &dyn Fn(&Curves) -> f64| {
        mean(measured.iter().filter_map(|class| Some(value(class[area].as_ref()?))))
    };
    AveragePrecision {
        ap: mean_of(0, &Curves::ap).unwrap_or(0.0),
        ap50: mean_of(0, &|curves| curves.ap_at(0)).unwrap_or(0.0),
        ap75: mean_of(0, &|curves| curves.ap_at(AT_75)).unwrap_or(0.0),
        small: mean_of(1, &Curves::ap),
        medium: mean_of(2, &Curves::ap),
        large: mean_of(3, &Curves::ap),
        classes: measured
            .iter()
            .map(|[all, ..]| ClassPrecision {
                ap: all.as_ref().map(Curves::ap),
                ap50: all.as_ref().map(|curves| curves.ap_at(0)),
                truths: all.as_ref().map_or(0, |curves| curves.truths),
                curve: all.as_ref().map_or_else(Vec::new, |curves| curves.precision[0].to_vec()),
                answered: all.as_ref().map(|curves| curves.answered.clone()).unwrap_or_default(),
            })
            .collect(),
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// The truths and answers of one class in one image, each with its number.
#[derive(Default)]
struct Cell<'a> {
    truths: Vec<(usize, &'a Truth)>,
    found: Vec<(usize, &'a Found)>,
    /// `alike[answer][truth]`.
    alike: Vec<Vec<f64>>,
}

impl Cell<'_> {
    /// Sorts the answers, keeps the surest, and compares each with each truth once.
    fn prepare(&mut self, comparison: &Comparison) {
        self.found.sort_by(|(_, a), (_, b)| b.score.total_cmp(&a.score));
        self.found.truncate(comparison.answers);
        let row = |(answer, _): &(usize, &Found)| {
            self.truths.iter().map(|(truth, _)| (comparison.alike)(*answer, *truth)).collect()
        };
        self.alike = self.found.iter().map(row).collect();
    }

    /// Which truth each answer gets at a threshold, the surest answer choosing first; `ignored` says for each truth
    /// whether it is none that counts. A truth that counts is better than any that does not, and a crowd never fills.
    fn matches(&self, threshold: f64, ignored: &[bool]) -> Vec<Option<usize>> {
        let mut taken = vec![false; self.truths.len()];
        let choose = |alike: &Vec<f64>| {
            let mut best = (threshold.min(1.0 - 1e-10), None);
            for pass in [false, true] {
                for (truth, &alike) in alike.iter().enumerate() {
                    let free = !taken[truth] || self.truths[truth].1.crowd;
                    if ignored[truth] == pass && free && alike >= best.0 {
                        best = (alike, Some(truth));
                    }
                }
                if best.1.is_some() {
                    break;
                }
            }
            if let Some(truth) = best.1 {
                taken[truth] = true;
            }
            best.1
        };
        self.alike.iter().map(choose).collect()
    }
}

/// Intersection over union; over the answer's own area when the truth is a crowd.
pub fn overlap(answer: &Found, truth: &Truth) -> f64 {
    let (a, b) = (answer.corners.map(f64::from), truth.corners.map(f64::from));
    let width = a[2].min(b[2]) - a[0].max(b[0]);
    let height = a[3].min(b[3]) - a[1].max(b[1]);
    if width <= 0.0 || height <= 0.0 {
        return 0.0;
    }
    let common = width * height;
    common / if truth.crowd { size(a) } else { size(a) + size(b) - common }
}

fn own_area(area: Option<f32>, corners: [f32; 4]) -> f64 {
    area.map_or_else(|| size(corners.map(f64::from)), f64::from)
}

fn size([x1, y1, x2, y2]: [f64; 4]) -> f64 {
    (x2 - x1) * (y2 - y1)
}

/// Precision over recall, for each threshold.
struct Curves {
    truths: u64,
    precision: [[f64; RECALLS]; THRESHOLDS],
    /// At the first threshold.
    answered: Answered,
}

impl Curves {
    fn ap_at(&self, threshold: usize) -> f64 {
        self.precision[threshold].iter().sum::<f64>() / RECALLS as f64
    }

    fn ap(&self) -> f64 {
        (0..THRESHOLDS).map(|threshold| self.ap_at(threshold)).sum::<f64>() / THRESHOLDS as f64
    }
}

/// Over all images of one class. Truths outside `area` are ignored, and so are answers that match one of those, or
/// match nothing and lie outside themselves. `None` where no truth counts.
fn curves(cells: &[Cell], area: (f64, f64)) -> Option<Curves> {
    let outside = |size: f64| size < area.0 || size > area.1;
    let ignored: Vec<Vec<bool>> = cells
        .iter()
        .map(|cell| {
            let ignored = |(_, truth): &(usize, &Truth)| {
                truth.crowd || truth.is_blank || outside(own_area(truth.area, truth.corners))
            };
            cell.truths.iter().map(ignored).collect()
        })
        .collect();
    let truths = ignored.iter().flatten().filter(|ignored| !**ignored).count();
    if truths == 0 {
        return None;
    }
    let (mut precision, mut answered) = ([[0.0; RECALLS]; THRESHOLDS], Answered::default());
    for (index, curve) in precision.iter_mut().enumerate() {
        let mut judged: Vec<(f32, bool)> = Vec::new();
        for (cell, ignored) in cells.iter().zip(&ignored) {
            for ((_, answer), matched) in cell.found.iter().zip(cell.matches(threshold(index), ignored)) {
                match matched {
                    Some(truth) if ignored[truth] => {}
                    None if outside(own_area(answer.area, answer.corners)) => {}
                    _ => judged.push((answer.score, matched.is_some())),
                }
            }
        }
        if index == 0 {
            answered = Answered::of(judged.iter().map(|(score, is_right)| (f64::from(*score), *is_right)));
        }
        judged.sort_by(|a, b| b.0.total_cmp(&a.0));
        *curve = precision_at_recalls(&judged, truths);
    }
    Some(Curves { truths: truths as u64, precision, answered })
}

/// The envelope: at each recall, the best precision at that recall or a higher one; 0 where it is never reached.
fn precision_at_recalls(judged: &[(f32, bool)], truths: usize) -> [f64; RECALLS] {
    let mut right = 0;
    let (mut recall, mut precision) = (Vec::with_capacity(judged.len()), Vec::with_capacity(judged.len()));
    for (answers, (_, is_right)) in (1..).zip(judged) {
        right += usize::from(*is_right);
        recall.push(right as f64 / truths as f64);
        precision.push(right as f64 / f64::from(answers));
    }
    for at in (1..precision.len()).rev() {
        precision[at - 1] = precision[at - 1].max(precision[at]);
    }
    std::array::from_fn(|index| {
        // Spelled as numpy's `linspace(0, 1, 101)` computes it: a last digit decides whether 7 of 100 reach .07.
        let wanted = index as f64 * 0.01;
        precision.get(recall.partition_point(|&reached| reached < wanted)).copied().unwrap_or(0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(image: usize, class: usize, corners: [f32; 4]) -> Truth {
        Truth { image, class, corners, ..Truth::default() }
    }

    fn answer(image: usize, class: usize, score: f32, corners: [f32; 4]) -> Found {
        Found { image, class, score, corners, area: None }
    }

    fn average_precision(classes: usize, truths: &[Truth], found: &[Found]) -> AveragePrecision {
        let alike = |answer: usize, truth: usize| overlap(&found[answer], &truths[truth]);
        super::average_precision(classes, truths, found, &Comparison { alike: &alike, answers: ANSWERS })
    }

    const BOX: [f32; 4] = [10.0, 10.0, 30.0, 30.0];

    #[test]
    fn perfect_answers_and_none() {
        let truths = [truth(0, 0, BOX), truth(1, 1, [0.0, 0.0, 200.0, 200.0])];
        let found = [answer(0, 0, 0.9, BOX), answer(1, 1, 0.8, [0.0, 0.0, 200.0, 200.0])];
        let perfect = average_precision(3, &truths, &found);
        assert_eq!((perfect.ap, perfect.ap50, perfect.ap75), (1.0, 1.0, 1.0));
        assert_eq!((perfect.small, perfect.medium, perfect.large), (Some(1.0), None, Some(1.0)));
        assert_eq!(perfect.classes[0].curve, [1.0; 101]);
        assert_eq!((perfect.classes[2].ap, perfect.classes[2].truths), (None, 0));
        assert_eq!(average_precision(3, &truths, &[]).ap, 0.0);
        assert_eq!(average_precision(3, &[], &found).ap, 0.0);
        assert_eq!(average_precision(0, &truths, &found).classes, []);
    }

    #[test]
    fn a_wrong_answer_that_is_surer_halves_the_precision() {
        let found = [answer(0, 0, 0.9, [50.0, 50.0, 70.0, 70.0]), answer(0, 0, 0.8, BOX)];
        assert_eq!(average_precision(1, &[truth(0, 0, BOX)], &found).ap50, 0.5);
        let elsewhere = [answer(1, 0, 0.9, BOX), answer(0, 0, 0.8, BOX)];
        assert_eq!(average_precision(1, &[truth(0, 0, BOX)], &elsewhere).ap50, 0.5);
    }

    #[test]
    fn an_object_is_found_once_and_a_crowd_any_number_of_times() {
        let found =
            [answer(0, 0, 0.9, BOX), answer(0, 0, 0.8, BOX), answer(0, 0, 0.7, [50.0, 0.0, 70.0, 20.0])];
        let truths = [truth(0, 0, BOX), truth(0, 0, [50.0, 0.0, 70.0, 20.0])];
        let twice = average_precision(1, &truths, &found);
        assert!(twice.ap50 < 1.0 && twice.ap50 > 0.8, "{}", twice.ap50);
        let crowd = Truth { crowd: true, ..truth(0, 0, [0.0, 0.0, 45.0, 45.0]) };
        assert_eq!(average_precision(1, &[truths[0], truths[1], crowd], &found).ap50, 1.0);
    }
}
