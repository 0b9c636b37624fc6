//! Merges a patch into the grammar's reading. Pure, and it has the last word: nothing enters that the turn does not say.

use std::str::FromStr;

use trainyard_events::limits;

use super::Failure;
use super::patch::{Patch, Said};
use crate::catalog::{self, Model};
use crate::interpretation::Interpretation;
use crate::slots::{Intent, Slots};
use crate::text::Text;
use crate::understand::stated;
use crate::{models, numbers};

/// A patch taken in.
#[derive(Debug, PartialEq)]
pub(super) struct Reduced {
    pub(super) turn: Interpretation,
    /// `valid`, or what was left out and why.
    pub(super) verdict: String,
}

/// Letters in which a model's name may differ from how the turn spells it.
const MISSPELT: usize = 2;
/// The shortest name that may be misspelt.
const MISSPELT_FROM: usize = 5;

/// What the grammar has read stays; the patch adds what the grammar left open, where the turn's own words say it.
pub(super) fn reduce(patch: &Patch, grammar: &Interpretation, text: &str) -> Result<Reduced, Failure> {
    let text = Text::new(text);
    let mut merging = Merging { spent: numbers_of(&grammar.slots), slots: grammar.slots.clone(), text };
    let mut left_out = Vec::new();
    for said in &patch.slots {
        if let Err(why) = merging.take_in(said, &grammar.slots) {
            let value: String = said.value.chars().take(60).collect();
            left_out.push(format!("{} {value:?}: {why}", said.slot));
        }
    }
    let slots = merging.slots;
    let intent = match grammar.intent {
        Intent::Unknown => patch.intent,
        // More than its dataset is a change.
        Intent::Dataset if slots != grammar.slots => Intent::Adjust,
        intent => intent,
    };
    let task = slots.task;
    let slots = stated(intent, slots, task);
    if intent.describes() && slots.is_empty() {
        return Err(Failure::Ungrounded(left_out.join("; ")));
    }
    let verdict = match left_out.is_empty() {
        true => "valid".to_owned(),
        false => format!("left out {}", left_out.join("; ")),
    };
    Ok(Reduced { turn: Interpretation { intent, slots, ..grammar.clone() }, verdict })
}

/// Numbers that have gone into slots already.
fn numbers_of(slots: &Slots) -> Vec<f64> {
    let integers = [slots.epochs, slots.image_size, slots.batch_size, slots.seed, slots.patience];
    integers.into_iter().flatten().map(|number| number as f64).chain(slots.learning_rate).collect()
}

/// Why a value is left out.
type Why = &'static str;

struct Merging {
    text: Text,
    slots: Slots,
    /// Each number of the turn fills one slot.
    spent: Vec<f64>,
}

impl Merging {
    /// Puts one value into its slot, or says why not. `read` is what the grammar has read.
    fn take_in(&mut self, said: &Said, read: &Slots) -> Result<(), Why> {
        let words = Text::new(said.words.trim());
        if words.len() == 0 || position(&self.text.low, &words.low).is_none() {
            return Err("its words are not in the turn");
        }
        let value = said.value.trim();
        match said.slot.as_str() {
            "task" => fill(&mut self.slots.task, named(value)),
            "optimizer" => fill(&mut self.slots.optimizer, named(value)),
            "priority" => fill(&mut self.slots.priority, named(value)),
            "device" => fill(&mut self.slots.device, named(value)),
            "model" => fill(&mut self.slots.model, model(value, &words)),
            "models" if read.models.is_empty() => {
                self.slots.models.push(model(value, &words)?);
                Ok(())
            }
            "classes" if read.classes.is_empty() => {
                let class = self.verbatim(value, &words, limits::CLASS_NAME_CHARS)?;
                self.slots.classes.push(class);
                Ok(())
            }
            "dataset" => {
                let path = self.verbatim(value, &words, limits::PATH_CHARS);
                fill(&mut self.slots.dataset, path)
            }
            "input" => {
                let path = self.verbatim(value, &words, limits::PATH_CHARS);
                fill(&mut self.slots.input, path)
            }
            "job" => {
                let job = self.verbatim(value, &words, limits::CLASS_NAME_CHARS);
                fill(&mut self.slots.job, job)
            }
            "learning_rate" if self.slots.learning_rate.is_none() => {
                let rate = self.number(value, &words)?;
                fill(&mut self.slots.learning_rate, Ok(rate))
            }
            "epochs" if self.slots.epochs.is_none() => {
                let number = self.integer(value, &words);
                fill(&mut self.slots.epochs, number)
            }
            "image_size" if self.slots.image_size.is_none() => {
                let number = self.integer(value, &words);
                fill(&mut self.slots.image_size, number)
            }
            "batch_size" if self.slots.batch_size.is_none() => {
                let number = self.integer(value, &words);
                fill(&mut self.slots.batch_size, number)
            }
            "seed" if self.slots.seed.is_none() => {
                let number = self.integer(value, &words);
                fill(&mut self.slots.seed, number)
            }
            "patience" if self.slots.patience.is_none() => {
                let number = self.integer(value, &words);
                fill(&mut self.slots.patience, number)
            }
            _ => Err(TAKEN),
        }
    }

    /// A number that the grammar's own reader finds in the words, and that no other slot has taken.
    fn number(&mut self, value: &str, words: &Text) -> Result<f64, Why> {
        let number: f64 = value.parse().map_err(|_| "it is no number")?;
        let same = |other: &f64| (other - number).abs() <= 1e-9 * number.abs();
        let count = |numbers: &[f64]| numbers.iter().filter(|other| same(other)).count();
        if count(&numbers::stated(words)) == 0 {
            return Err("the words do not say that number");
        }
        if count(&self.spent) >= count(&numbers::stated(&self.text)) {
            return Err("another slot has taken that number");
        }
        self.spent.push(number);
        Ok(number)
    }

    fn integer(&mut self, value: &str, words: &Text) -> Result<i64, Why> {
        value.parse::<i64>().map_err(|_| "it is no whole number")?;
        // Every integer that is said is far below where f64 has gaps, or far outside every limit.
        Ok(self.number(value, words)? as i64)
    }

    /// The value as the turn writes it.
    fn verbatim(&self, value: &str, words: &Text, most: usize) -> Result<String, Why> {
        let wanted = Text::new(value);
        if !(1..=most).contains(&wanted.len()) || position(&words.low, &wanted.low).is_none() {
            return Err("the words do not say it");
        }
        let at = position(&self.text.low, &wanted.low).ok_or("the words do not say it")?;
        Ok(self.text.said(at..at + wanted.len()))
    }
}

const TAKEN: Why = "the slot has its value already";

fn fill<T>(slot: &mut Option<T>, value: Result<T, Why>) -> Result<(), Why> {
    if slot.is_some() {
        return Err(TAKEN);
    }
    *slot = Some(value?);
    Ok(())
}

fn named<T: FromStr>(word: &str) -> Result<T, Why> {
    word.parse().map_err(|_| "there is no such value")
}

/// A model of the catalog that the words name, as the grammar resolves names, or but for a letter or two.
fn model(value: &str, words: &Text) -> Result<String, Why> {
    let model = catalog::find(&value.to_lowercase()).ok_or("the catalog has no such model")?;
    let named = models::take(&mut words.clone()).iter().any(|mention| mention.id == model.id);
    if named || nearly(model, words) { Ok(model.id.clone()) } else { Err("the words do not name that model") }
}

fn nearly(model: &Model, words: &Text) -> bool {
    let said: Vec<char> = catalog::key(&words.low.iter().collect::<String>()).chars().collect();
    let digits = |name: &[char]| name.iter().filter(|c| c.is_ascii_digit()).collect::<String>();
    let names = model.aliases.iter().map(String::as_str).chain([model.id.as_str()]);
    names.map(|name| catalog::key(name).chars().collect::<Vec<_>>()).any(|name| {
        name.len() >= MISSPELT_FROM
            && said.len().abs_diff(name.len()) <= MISSPELT
            && digits(&name) == digits(&said)
            && catalog::distance(&said, &name) <= MISSPELT
    })
}

fn position(text: &[char], part: &[char]) -> Option<usize> {
    text.windows(part.len().max(1)).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interpret;

    /// What a turn is read as with this answer; the slots as JSON.
    fn check(text: &str, answer: &str, intent: Intent, slots: &str, verdict: &str) {
        let patch = Patch::parse(answer).unwrap_or_else(|error| panic!("{answer}: {error}"));
        let reduced = reduce(&patch, &interpret(text, None), text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let given = serde_json::to_string(&reduced.turn.slots).expect("slots are plain data");
        assert_eq!((reduced.turn.intent, given.as_str()), (intent, slots), "{text}: {}", reduced.verdict);
        assert!(reduced.verdict.contains(verdict), "{text}: {}", reduced.verdict);
    }

    #[test]
    fn a_patch_adds_only_what_the_words_say() {
        let odd = "mach mir was mit dem Ordner /d/x, dreimal 30 Runden";
        let slots = |slots: &str| format!(r#"{{"intent":"train","slots":[{slots}]}}"#);
        let one = |slot: &str, value: &str, words: &str| {
            slots(&format!(r#"{{"slot":"{slot}","value":"{value}","words":"{words}"}}"#))
        };
        let check = |answer: &str, expected: &str, verdict: &str| {
            let patch = Patch::parse(answer).expect("a patch");
            let grammar =
                Interpretation { intent: Intent::Unknown, slots: Slots::default(), ..interpret(odd, None) };
            match reduce(&patch, &grammar, odd) {
                Ok(reduced) => {
                    let given = serde_json::to_string(&reduced.turn.slots).expect("plain data");
                    assert_eq!(given, expected, "{answer}: {}", reduced.verdict);
                    assert!(reduced.verdict.contains(verdict), "{}", reduced.verdict);
                }
                Err(failure) => {
                    assert_eq!(expected, "", "{answer}: {failure}");
                    assert!(failure.to_string().contains(verdict), "{failure}");
                }
            }
        };
        check(&one("epochs", "30", "30 Runden"), r#"{"epochs":30}"#, "valid");
        check(&one("dataset", "/d/x", "Ordner /d/x"), r#"{"dataset":"/d/x"}"#, "valid");
        check(&one("task", "detect", "mach mir was"), r#"{"task":"detect"}"#, "valid");
        check(&one("epochs", "90", "dreimal 30 Runden"), "", "do not say that number");
        check(&one("epochs", "30", "30 Epochen"), "", "not in the turn");
        check(&one("dataset", "/etc/passwd", "Ordner /d/x"), "", "do not say it");
        check(&one("model", "resnet18", "mach mir was"), "", "do not name that model");
        check(&one("model", "gpt4", "mach mir was"), "", "no such model");
        check(&one("optimizer", "lion", "mach mir was"), "", "no such value");
        check(&one("seed", "many", "30 Runden"), "", "no whole number");
        let twice =
            r#"{"slot":"epochs","value":"30","words":"30"},{"slot":"batch_size","value":"30","words":"30"}"#;
        check(&slots(twice), r#"{"epochs":30}"#, "another slot has taken");
    }

    #[test]
    fn the_grammar_keeps_what_it_has_read() {
        let text = "resnet18로 에폭 10, 배치는 왕창 32개씩";
        let grammar = interpret(text, None);
        let answer = r#"{"intent":"status","slots":[{"slot":"epochs","value":"32","words":"32"}]}"#;
        let patch = Patch::parse(answer).expect("a patch");
        let reduced = reduce(&patch, &grammar, text).expect("the grammar has read something");
        assert_eq!((reduced.turn.intent, reduced.turn.slots), (grammar.intent, grammar.slots));
        assert!(reduced.verdict.contains("already"), "{}", reduced.verdict);
    }

    #[test]
    fn a_misspelt_model_is_found_in_the_catalog() {
        let answer = r#"{"intent":"train","slots":[{"slot":"model","value":"resnet18","words":"랜지넷18"}]}"#;
        check("랜지넷18 부탁", answer, Intent::Train, r#"{"task":"classify","model":"resnet18"}"#, "valid");
    }

    #[test]
    fn nothing_that_starts_or_stops_is_a_language_models_to_read() {
        for intent in ["approve", "reject", "reset", "cancel", "resume", "deploy", "shutdown"] {
            let answer = format!(r#"{{"intent":"{intent}","slots":[]}}"#);
            assert!(matches!(Patch::parse(&answer), Err(Failure::NoPatch(_))), "{intent}");
        }
        for answer in
            ["", "[]", "{}", "yes", r#"{"intent":"train"}"#, r#"{"intent":"train","slots":[],"x":1}"#]
        {
            assert!(matches!(Patch::parse(answer), Err(Failure::NoPatch(_))), "{answer}");
        }
        assert!(Patch::parse("```json\n{\"intent\":\"help\",\"slots\":[]}\n```").is_ok());
    }
}
