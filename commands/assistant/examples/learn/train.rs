//! Logistic regression of all intents at once, by AdaGrad.

use trainyard_assistant::Intent;
use trainyard_assistant::reader::{Example, Model, SHAPE, values};

/// Passes over all examples.
const PASSES: usize = 8;
const RATE: f32 = 0.3;
/// How strongly weights are held to nothing.
const DECAY: f32 = 1e-5;
/// What an example moves by less than this is not worth the time.
const STILL: f32 = 1e-3;
/// A weight for each intent, and room to spare: rows of one known length are ten times as fast.
type Row = [f32; 32];

pub fn learn(examples: &[&Example], intents: &[Intent]) -> Model {
    let count = intents.len();
    assert!(count <= Row::default().len(), "more intents than a row has room for");
    let mut weights = vec![Row::default(); SHAPE.buckets];
    let mut squares = vec![[1e-6_f32; 32]; SHAPE.buckets];
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
            let Example { features, intent, .. } = examples[*at];
            let features: Vec<(usize, f32)> = values(features).collect();
            let mut gradient = Row::default();
            for (bucket, value) in &features {
                for (score, weight) in gradient.iter_mut().zip(&weights[*bucket]) {
                    *score += value * weight;
                }
            }
            softmax(&mut gradient[..count]);
            gradient[intents.iter().position(|it| it == intent).expect("known")] -= 1.0;
            let moved: Vec<usize> = (0..count).filter(|class| gradient[*class].abs() > STILL).collect();
            for (bucket, value) in &features {
                let (weights, squares) = (&mut weights[*bucket], &mut squares[*bucket]);
                for class in &moved {
                    let slope = gradient[*class] * value + DECAY * weights[*class];
                    squares[*class] += slope * slope;
                    weights[*class] -= RATE * slope / squares[*class].sqrt();
                }
            }
        }
    }
    let weights: Vec<f32> = weights.iter().flat_map(|row| &row[..count]).copied().collect();
    quantised(&weights, intents)
}

fn quantised(weights: &[f32], intents: &[Intent]) -> Model {
    let count = intents.len();
    let highest = |class: usize| {
        weights.iter().skip(class).step_by(count).fold(0.0_f32, |most, weight| most.max(weight.abs()))
    };
    let scales: Vec<f32> = (0..count).map(|class| highest(class).max(1e-6) / 127.0).collect();
    let eight = |(place, weight): (usize, &f32)| (weight / scales[place % count]).round() as i8;
    let weights = weights.iter().enumerate().map(eight).collect();
    Model { sets: 0, intents: intents.to_vec(), temperature: 1.0, scales, weights }
}

pub fn softmax(scores: &mut [f32]) {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    scores.iter_mut().for_each(|score| *score = (*score - highest).exp());
    let whole: f32 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= whole);
}
