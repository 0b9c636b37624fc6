//! Logistic regression of all intents at once, by AdaGrad.

use trainyard_assistant::Intent;
use trainyard_assistant::reader::{
    BUCKETS, CLASSES, Example, Features, Linear, Model, NAME_BUCKETS, NAME_CLASSES, SHAPE, Values, buckets,
};

/// Passes over all examples.
const PASSES: usize = 5;
const RATE: f32 = 0.3;
/// How strongly weights are held to nothing.
const DECAY: f32 = 1e-5;
/// What an example moves by less than this is not worth the time.
const STILL: f32 = 1e-3;
/// A weight for each class, and room to spare: rows of one known length are ten times as fast.
type Row = [f32; 32];

/// The buckets of an example with their values: of the whole, and of each clause, of which the loudest counts.
struct Labelled {
    whole: Vec<(u32, f32)>,
    clauses: Vec<Vec<(u32, f32)>>,
    class: usize,
}

/// What the examples want.
pub fn learn(examples: &[Example], values: Values, intents: &[Intent]) -> Model {
    let class = |intent: &Intent| intents.iter().position(|it| it == intent).expect("known");
    let labelled = |example: &Example| {
        let Features { words, state, clauses } = &example.features;
        let whole = buckets(words, 1.0).chain(buckets(state, SHAPE.state_weight));
        let clauses = clauses.iter().map(|clause| compact(buckets(clause, 1.0))).collect();
        Labelled { whole: compact(whole), clauses, class: class(&example.intent) }
    };
    let wanted: Vec<Labelled> = examples.iter().map(labelled).collect();
    let wants = classes(&wanted, SHAPE.buckets, intents.len());
    Model { sets: 0, intents: intents.to_vec(), temperature: 1.0, wants, values }
}

fn compact(values: impl Iterator<Item = (usize, f32)>) -> Vec<(u32, f32)> {
    values.map(|(bucket, value)| (bucket as u32, value)).collect()
}

/// Which settings the numbers of the examples are for, and what their names name.
pub fn values<'e>(examples: impl Iterator<Item = &'e Example> + Clone) -> Values {
    let one = |whole, class: &usize| Labelled { whole, clauses: Vec::new(), class: *class };
    let numbers: Vec<Labelled> = examples
        .clone()
        .flat_map(|it| &it.numbers)
        .map(|(number, class)| one(compact(number.values()), class))
        .collect();
    let names: Vec<Labelled> =
        examples.flat_map(|it| &it.names).map(|(name, class)| one(compact(name.values()), class)).collect();
    Values {
        numbers: classes(&numbers, BUCKETS, CLASSES),
        names: classes(&names, NAME_BUCKETS, NAME_CLASSES),
    }
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
            let Labelled { whole, clauses, class } = &examples[*at];
            let spoken: Vec<Row> = clauses.iter().map(|clause| scores(&weights, clause)).collect();
            let mut gradient = scores(&weights, whole);
            let (loudest, shares) = loudest(&spoken);
            gradient.iter_mut().zip(loudest).for_each(|(score, more)| *score += more);
            softmax(&mut gradient[..count]);
            gradient[count..].fill(0.0);
            gradient[*class] -= 1.0;
            moved(&mut weights, &mut squares, whole, &gradient);
            for (clause, share) in clauses.iter().zip(shares) {
                let mut part = gradient;
                part.iter_mut().zip(share).for_each(|(slope, share)| *slope *= share);
                moved(&mut weights, &mut squares, clause, &part);
            }
        }
    }
    let weights: Vec<f32> = weights.iter().flat_map(|row| &row[..count]).copied().collect();
    Linear::rounded(&weights, count)
}

fn scores(weights: &[Row], features: &[(u32, f32)]) -> Row {
    let mut scores = Row::default();
    for (bucket, value) in features {
        for (score, weight) in scores.iter_mut().zip(&weights[*bucket as usize]) {
            *score += value * weight;
        }
    }
    scores
}

/// By class the logarithm of the sum of the exponentials, and the share of each clause in it.
fn loudest(clauses: &[Row]) -> (Row, Vec<Row>) {
    let (mut whole, mut shares) = (Row::default(), clauses.to_vec());
    if clauses.is_empty() {
        return (whole, shares);
    }
    for class in 0..whole.len() {
        let highest = clauses.iter().map(|clause| clause[class]).fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = clauses.iter().map(|clause| (clause[class] - highest).exp()).sum();
        whole[class] = highest + sum.ln();
        shares.iter_mut().for_each(|share| share[class] = (share[class] - highest).exp() / sum);
    }
    (whole, shares)
}

/// Moves the weights of these features against the gradient, the less the more often they have moved.
fn moved(weights: &mut [Row], squares: &mut [Row], features: &[(u32, f32)], gradient: &Row) {
    let classes: Vec<usize> = (0..gradient.len()).filter(|class| gradient[*class].abs() > STILL).collect();
    for (bucket, value) in features {
        let (weights, squares) = (&mut weights[*bucket as usize], &mut squares[*bucket as usize]);
        for class in &classes {
            let slope = gradient[*class] * value + DECAY * weights[*class];
            squares[*class] += slope * slope;
            weights[*class] -= RATE * slope / squares[*class].sqrt();
        }
    }
}

pub fn softmax(scores: &mut [f32]) {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    scores.iter_mut().for_each(|score| *score = (*score - highest).exp());
    let whole: f32 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= whole);
}
