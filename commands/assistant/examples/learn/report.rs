//! How well writers are read that a model has not learned from.

use std::collections::BTreeMap;
use std::fmt::Write;

use trainyard_assistant::reader::{Model, values};
use trainyard_assistant::{Intent, interpret_conversation_by};

use crate::scored::{Score, spec, voice};
use crate::sets::Set;
use crate::train::softmax;

/// Steps of confidence in which its promise is compared with what came of it.
const BINS: usize = 10;

/// What one writer wrote, read without having learned from it.
pub struct Unseen {
    author: &'static str,
    /// Whole conversations: intents and values.
    score: Score,
    /// By language and by voice.
    parts: BTreeMap<(usize, String), Score>,
    /// Turns that are known by their intents.
    read: Vec<(Vec<f32>, Intent)>,
    bins: [(usize, f64, usize); BINS],
    misses: Vec<String>,
}

impl Unseen {
    pub fn of<'s>(author: &'static str, sets: impl Iterator<Item = &'s Set>, model: &Model) -> Unseen {
        let mut unseen = Unseen {
            author,
            score: Score::default(),
            parts: BTreeMap::new(),
            read: Vec::new(),
            bins: Default::default(),
            misses: Vec::new(),
        };
        for talk in sets.flat_map(|set| &set.conversations) {
            let Some(written) = &talk.written else { continue };
            for (turn, prompt) in interpret_conversation_by(model, &written.said()).iter().zip(&written.turns)
            {
                for part in [(0, written.lang.as_str()), (1, voice(written.voice.as_deref()))] {
                    let part = (part.0, part.1.to_owned());
                    unseen.parts.entry(part).or_default().take(&prompt.expect, turn);
                }
                if !unseen.score.take(&prompt.expect, turn) {
                    let expected = serde_json::to_string(&prompt.expect.spec).unwrap_or_default();
                    let given = serde_json::to_string(&spec(turn)).unwrap_or_default();
                    let (meant, read) = (&prompt.expect.intent, turn.intent.name());
                    unseen.misses.push(format!(
                        "{} {:?}: {meant} {expected}, read {read} {given} ({:.2})",
                        written.id, prompt.say, turn.confidence
                    ));
                }
            }
            for example in talk.examples(&model.numbers) {
                let scores = model.wants.scores(values(&example.features));
                let (intent, sure) = model.reading(scores.clone())[0];
                let bin = &mut unseen.bins[((sure * BINS as f64) as usize).min(BINS - 1)];
                *bin = (bin.0 + 1, bin.1 + sure, bin.2 + usize::from(intent == example.intent));
                unseen.read.push((scores, example.intent));
            }
        }
        unseen
    }
}

/// What makes the probabilities of turns that were not learned from as likely as they are right.
pub fn temperature(unseen: &[Unseen], intents: &[Intent]) -> f32 {
    let surprise = |temperature: f32| -> f64 {
        let one = |(scores, intent): &(Vec<f32>, Intent)| {
            let mut scores: Vec<f32> = scores.iter().map(|score| score / temperature).collect();
            softmax(&mut scores);
            let right = intents.iter().position(|it| it == intent).expect("known");
            -f64::from(scores[right].max(1e-9)).ln()
        };
        unseen.iter().flat_map(|it| &it.read).map(one).sum()
    };
    let candidates = (10..400).map(|step| step as f32 / 100.0);
    candidates.min_by(|left, right| surprise(*left).total_cmp(&surprise(*right))).expect("some")
}

/// A row for each writer and one for all.
pub fn table(unseen: &[Unseen], shows_misses: bool) -> String {
    let mut table =
        format!("{:<14} {:>6} {:>9} {:>9} {:>9}\n", "writer", "turns", "intent", "slot F1", "exact");
    let mut row = |name: &str, score: &Score| {
        let shares = [score.share(score.intents), score.f1(), score.share(score.exact)].map(|it| 100.0 * it);
        let [intents, f1, exact] = shares;
        let _ = writeln!(table, "{name:<14} {:>6} {intents:>8.1}% {f1:>8.1}% {exact:>8.1}%", score.turns);
    };
    let (mut all, mut outside) = (Score::default(), Score::default());
    let mut parts: BTreeMap<&(usize, String), Score> = BTreeMap::new();
    for one in unseen {
        row(one.author, &one.score);
        all += &one.score;
        if one.author != "house" {
            outside += &one.score;
            one.parts.iter().for_each(|(part, score)| *parts.entry(part).or_default() += score);
        }
    }
    parts.iter().for_each(|((_, part), score)| row(part, score));
    row("all", &all);
    row("but house", &outside);
    let gap = |bin: usize| {
        let of =
            |part: fn(&(usize, f64, usize)) -> f64| unseen.iter().map(|it| part(&it.bins[bin])).sum::<f64>();
        (of(|bin| bin.1) - of(|bin| bin.2 as f64)).abs()
    };
    let turns: usize = unseen.iter().map(|it| it.read.len()).sum();
    let error = (0..BINS).map(gap).sum::<f64>() / turns as f64;
    let _ = writeln!(table, "calibration error {error:.3}");
    if shows_misses {
        for miss in unseen.iter().flat_map(|it| &it.misses) {
            let _ = writeln!(table, "  {miss}");
        }
    }
    table
}
