//! Logistic regression of all intents at once, by AdaGrad.

use trainyard_assistant::Intent;
use trainyard_assistant::reader::{BUCKETS, CLASSES, Example, Linear, Model, SHAPE, values};

/// Passes over all examples.
const PASSES: usize = 8;
const RATE: f32 = 0.3;
/// How strongly weights are held to nothing.
const DECAY: f32 = 1e-5;
/// What an example moves by less than this is not worth the time.
const STILL: f32 = 1e-3;
/// A weight for each class, and room to spare: rows of one known length are ten times as fast.
type Row = [f32; 32];

/// The buckets of an example with their values, and its class.
type Labelled = (Vec<(u32, f32)>, usize);

/// What the examples want, and which settings their numbers are for.
pub fn learn(examples: &[Example], numbers: Linear, intents: &[Intent]) -> Model {
    let class = |intent: &Intent| intents.iter().position(|it| it == intent).expect("known");
    let wanted: Vec<Labelled> =
        examples.iter().map(|it| (compact(values(&it.features)), class(&it.intent))).collect();
    let wants = classes(&wanted, SHAPE.buckets, intents.len());
    Model { sets: 0, intents: intents.to_vec(), temperature: 1.0, wants, numbers }
}

fn compact(values: impl Iterator<Item = (usize, f32)>) -> Vec<(u32, f32)> {
    values.map(|(bucket, value)| (bucket as u32, value)).collect()
}

/// Which settings the numbers of the examples are for.
pub fn numbers<'e>(examples: impl Iterator<Item = &'e Example>) -> Linear {
    let labelled: Vec<Labelled> = examples
        .flat_map(|it| &it.numbers)
        .map(|(number, class)| (compact(number.values()), *class))
        .collect();
    classes(&labelled, BUCKETS, CLASSES)
}

/// Weights that tell so many classes apart, of the values in their buckets with the class of each.
fn classes(examples: &[Labelled], buckets: usize, count: usize) -> Linear {
    assert!(count <= Row::default().len(), "more classes than a row has room for");
    let mut weights = vec![Row::default(); buckets];
    let mut squares = vec![[1e-6_f32; 32]; buckets];
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..PASSES {
        for last in (1..order.len()).rev() {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            order.swap(last, (random % (last as u64 + 1)) as usize);
        }
        for at in &order {
            let (features, class) = &examples[*at];
            let mut gradient = Row::default();
            for (bucket, value) in features {
                for (score, weight) in gradient.iter_mut().zip(&weights[*bucket as usize]) {
                    *score += value * weight;
                }
            }
            softmax(&mut gradient[..count]);
            gradient[*class] -= 1.0;
            let moved: Vec<usize> = (0..count).filter(|class| gradient[*class].abs() > STILL).collect();
            for (bucket, value) in features {
                let (weights, squares) = (&mut weights[*bucket as usize], &mut squares[*bucket as usize]);
                for class in &moved {
                    let slope = gradient[*class] * value + DECAY * weights[*class];
                    squares[*class] += slope * slope;
                    weights[*class] -= RATE * slope / squares[*class].sqrt();
                }
            }
        }
    }
    let weights: Vec<f32> = weights.iter().flat_map(|row| &row[..count]).copied().collect();
    Linear::rounded(&weights, count)
}

pub fn softmax(scores: &mut [f32]) {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    scores.iter_mut().for_each(|score| *score = (*score - highest).exp());
    let whole: f32 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= whole);
}
