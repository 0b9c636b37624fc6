//! Learns the reader from the sets, and says how well it reads: `make reader`. The same sets give the same bytes. With
//! `--acts` it shows what it would wrongly do of the parts that it has not learned from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;
use trainyard_assistant::Intent;
use trainyard_assistant::reader::{Example, Model, SHAPE, Said, complete_proposal, examples, mark, values};

/// Passes over all examples.
const PASSES: usize = 20;
const RATE: f32 = 0.3;
/// How strongly weights are held to nothing.
const DECAY: f32 = 1e-5;
/// Parts of the sets that are left out in turn, to see how sure the model may be.
const FOLDS: usize = 5;
/// What an example moves by less than this is not worth the time.
const STILL: f32 = 1e-4;

/// How sure it might have to be before it acts.
const BRAKES: [f64; 6] = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95];
/// The same of a turn with words that mostly speak against it.
const DOUBTED: f64 = 0.97;

type Conversation = Vec<Example>;

fn main() {
    let is_learned = |name: &str| !name.starts_with("heldout") && !name.starts_with("blind");
    let seen = conversations(is_learned);
    let mut intents: Vec<Intent> = seen.iter().flatten().map(|example| example.intent).collect();
    intents.sort_unstable();
    intents.dedup();
    let mut unseen: Vec<(Vec<f32>, &Example)> = Vec::new();
    for fold in 0..FOLDS {
        let part = |is_left_out: bool| {
            let conversations =
                seen.iter().enumerate().filter(move |(at, _)| (at % FOLDS == fold) == is_left_out);
            conversations.flat_map(|(_, turns)| turns).collect::<Vec<_>>()
        };
        let model = learn(&part(false), &intents);
        unseen.extend(part(true).into_iter().map(|example| (model.scores(&example.features), example)));
        eprintln!("learned without part {} of {FOLDS}", fold + 1);
    }
    let all: Vec<&Example> = seen.iter().flatten().collect();
    let mut model = learn(&all, &intents);
    model.temperature = temperature(&unseen, &intents);
    model.sets = mark(texts(is_learned).iter().map(String::as_str));
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("reader.model");
    let bytes = model.write();
    std::fs::write(&path, &bytes).expect("the model can be written");
    println!(
        "{} turns, {} intents, temperature {:.3}, {:.1} MB",
        all.len(),
        intents.len(),
        model.temperature,
        bytes.len() as f64 / 1e6
    );
    report("left out", &unseen, &model);
    for set in ["heldout", "heldout2", "heldout3", "heldout4", "heldout5", "heldout6", "heldout7"] {
        let turns = conversations(|name| name == set);
        let read: Vec<_> =
            turns.iter().flatten().map(|example| (model.scores(&example.features), example)).collect();
        report(set, &read, &model);
    }
}

/// Logistic regression of all intents at once, by AdaGrad.
fn learn(examples: &[&Example], intents: &[Intent]) -> Model {
    let count = intents.len();
    let mut weights = vec![0.0_f32; SHAPE.buckets * count];
    let mut squares = vec![1e-6_f32; weights.len()];
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
            let mut gradient = vec![0.0_f32; count];
            for (bucket, value) in values(features) {
                for (score, weight) in gradient.iter_mut().zip(&weights[bucket * count..][..count]) {
                    *score += value * weight;
                }
            }
            softmax(&mut gradient);
            gradient[intents.iter().position(|it| it == intent).expect("known")] -= 1.0;
            for (bucket, value) in values(features) {
                for (class, slope) in gradient.iter().enumerate().filter(|(_, slope)| slope.abs() > STILL) {
                    let place = bucket * count + class;
                    let slope = slope * value + DECAY * weights[place];
                    squares[place] += slope * slope;
                    weights[place] -= RATE * slope / squares[place].sqrt();
                }
            }
        }
    }
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

fn softmax(scores: &mut [f32]) {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    scores.iter_mut().for_each(|score| *score = (*score - highest).exp());
    let whole: f32 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= whole);
}

/// What makes the probabilities of turns that were not learned from as likely as they are right.
fn temperature(unseen: &[(Vec<f32>, &Example)], intents: &[Intent]) -> f32 {
    let surprise = |temperature: f32| -> f64 {
        let one = |(scores, example): &(Vec<f32>, &Example)| {
            let mut scores: Vec<f32> = scores.iter().map(|score| score / temperature).collect();
            softmax(&mut scores);
            let right = intents.iter().position(|it| *it == example.intent).expect("known");
            -f64::from(scores[right].max(1e-9)).ln()
        };
        unseen.iter().map(one).sum()
    };
    let candidates = (10..400).map(|step| step as f32 / 100.0);
    candidates.min_by(|left, right| surprise(*left).total_cmp(&surprise(*right))).expect("some")
}

fn report(name: &str, read: &[(Vec<f32>, &Example)], model: &Model) {
    let acts =
        [Intent::Approve, Intent::Reject, Intent::Cancel, Intent::Resume, Intent::Deploy, Intent::Reset];
    let (mut right, mut wrong_acts, mut bins) = (0, 0, [(0usize, 0.0f64, 0usize); 10]);
    let mut confused: BTreeMap<(Intent, Intent), usize> = BTreeMap::new();
    let shows = std::env::args().any(|argument| argument == "--acts");
    let mut by_brake = BRAKES.map(|brake| (brake, 0usize, 0usize));
    for (scores, example) in read {
        let (intent, sure) = model.reading(scores.clone())[0];
        let meant = &example.intent;
        let is_right = intent == *meant;
        right += usize::from(is_right);
        let acts = acts.contains(&intent) && example.ordered.contains(&intent);
        wrong_acts += usize::from(!is_right && acts);
        let enough = |brake: f64| sure >= if example.doubted.contains(&intent) { DOUBTED } else { brake };
        if shows && !is_right && acts && enough(BRAKES[2]) {
            println!("    {sure:.2} {} not {}: {}", intent.name(), meant.name(), example.text);
        }
        for (_, wrong, done) in by_brake.iter_mut().filter(|(brake, ..)| acts && enough(*brake)) {
            *wrong += usize::from(!is_right);
            *done += usize::from(is_right);
        }
        let bin = &mut bins[((sure * 10.0) as usize).min(9)];
        *bin = (bin.0 + 1, bin.1 + sure, bin.2 + usize::from(is_right));
        if !is_right {
            *confused.entry((*meant, intent)).or_default() += 1;
        }
    }
    let gap =
        |(turns, sure, right): &(usize, f64, usize)| (sure - *right as f64).abs() * f64::from(*turns > 0);
    let error: f64 = bins.iter().map(gap).sum::<f64>() / read.len() as f64;
    println!(
        "{name:<10} {:>6} turns, intent {:>5.1} %, {wrong_acts} wrong acts, calibration error {error:.3}",
        read.len(),
        100.0 * right as f64 / read.len() as f64
    );
    if name == "left out" {
        let meant = read.iter().filter(|(_, example)| acts.contains(&example.intent)).count();
        for (brake, wrong, done) in by_brake {
            println!("  acts above {brake}: {done} of {meant} rightly, {wrong} wrongly");
        }
        let mut worst: Vec<_> = confused.into_iter().collect();
        worst.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        for ((meant, read), count) in worst.iter().take(12) {
            println!("  {count:>4} {} read as {}", meant.name(), read.name());
        }
    }
}

/// The conversations of the sets of these names.
fn conversations(takes: impl Fn(&str) -> bool) -> Vec<Conversation> {
    let texts = texts(takes);
    texts.iter().flat_map(|text| text.lines().filter(|line| !line.is_empty()).map(conversation)).collect()
}

/// In the order of their names.
fn texts(takes: impl Fn(&str) -> bool) -> Vec<String> {
    let sets = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/sets");
    let entries = std::fs::read_dir(&sets).expect("the sets are there");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files.retain(|path| takes(&path.file_stem().unwrap_or_default().to_string_lossy()));
    files.iter().map(|path| std::fs::read_to_string(path).expect("a set can be read")).collect()
}

/// A line of a set: several turns, or one beside a proposal that is open and complete.
fn conversation(line: &str) -> Conversation {
    let line: Value = serde_json::from_str(line).expect("a line of a set");
    let said = |say: &Value, intent: &Value| Said {
        text: say.as_str().expect("words").to_owned(),
        intent: serde_json::from_value(intent.clone()).unwrap_or_else(|_| panic!("{intent}")),
    };
    match line["turns"].as_array() {
        Some(turns) => {
            let turns: Vec<Said> =
                turns.iter().map(|turn| said(&turn["say"], &turn["expect"]["intent"])).collect();
            examples(&turns, None)
        }
        None => examples(
            &[said(&line["say"], &line["intent"])],
            (line["state"] == "open").then(complete_proposal),
        ),
    }
}
