//! One turn, from its text to its meaning: find the slots, decide the intent, keep what that intent may state.

mod heard;
mod meant;
mod settle;

use trainyard_events::chat::Language;
use trainyard_events::config::Task;
use trainyard_events::limits;

use self::settle::Settled;
use crate::draft::{Before, Draft};
use crate::intents::Found;
use crate::interpretation::Interpretation;
use crate::reader::{self, Linear, Model, Number};
use crate::slots::{Intent, Slots};
use crate::text::{Text, is_hangul};
use crate::{catalog, models};

pub(crate) use self::meant::stated;

/// Reads one turn. `open` is what the open proposal says so far, which relative words and bare answers lean on.
///
/// Anything longer than a prompt may be is [`Intent::Unknown`], unread.
pub fn interpret(text: &str, open: Option<&Draft>) -> Interpretation {
    interpret_by(reader::learned(), text, open)
}

/// The same with another model than the built-in one.
pub(crate) fn interpret_by(model: &Model, text: &str, open: Option<&Draft>) -> Interpretation {
    let unknown = |language| Interpretation {
        intent: Intent::Unknown,
        slots: Slots::default(),
        language,
        about: None,
        which: None,
        jobs: Vec::new(),
        all: false,
        again: false,
        same_data: false,
        others: Vec::new(),
        small_talk: None,
        act: None,
        named: Vec::new(),
        weighed: Slots::default(),
        outlook: false,
        wishes: Vec::new(),
        start: None,
        from: None,
        states: Vec::new(),
        sure: true,
        confidence: 1.0,
        unclear: false,
        nearest: Vec::new(),
    };
    if text.chars().nth(limits::PROMPT_CHARS).is_some() {
        return unknown(language(text, open));
    }
    let language = language(text, open);
    let heard = Heard::new(&model.numbers, text, open);
    let Settled { intent, confidence, unclear, nearest } = heard.settle(model);
    let with_values = |intent: Intent| (intent, Heard::new(&model.numbers, text, open).meant(intent).slots);
    let nearest = match heard.to_choose_from(nearest.first().copied()) {
        choices if choices.is_empty() => nearest.into_iter().map(with_values).collect(),
        choices => choices,
    };
    Interpretation { language, confidence, unclear, nearest, ..heard.meant(intent) }
}

/// Reads the values of a turn that is known to be for this.
pub(crate) fn interpret_as(text: &str, open: Option<&Draft>, intent: Intent) -> Interpretation {
    Interpretation {
        language: language(text, open),
        ..Heard::new(&reader::learned().numbers, text, open).meant(intent)
    }
}

/// Korean where there is any Hangul outside a path; a turn without words keeps the conversation's language.
fn language(text: &str, open: Option<&Draft>) -> Language {
    let words = text.split_whitespace().filter(|word| !word.contains(['/', '\\']));
    let hangul =
        |c: char| is_hangul(c) || ('\u{1100}'..='\u{11FF}').contains(&c) || ('ㄱ'..='ㅣ').contains(&c);
    let (mut korean, mut latin) = (false, false);
    for word in words {
        korean |= word.contains(hangul);
        latin |= word.contains(|c: char| c.is_ascii_alphabetic());
    }
    let before = open.and_then(|draft| draft.language);
    match (korean, latin) {
        (true, _) => Language::Korean,
        (false, true) => Language::English,
        (false, false) if text.contains(hangul) && before.is_none() => Language::Korean,
        (false, false) => before.unwrap_or(Language::English),
    }
}

/// A turn whose values have been found, and masked in its text.
pub(crate) struct Heard<'m> {
    learned: &'m Linear,
    text: Text,
    slots: Slots,
    found: Found,
    before: Before,
    lacks_data: bool,
    mentions: Vec<models::Mention>,
    resized: Option<&'static catalog::Model>,
    task: Option<Task>,
    path: Option<String>,
    /// The settings that are named, by their wire names.
    names: Vec<&'static str>,
    /// The numbers that stand beside a name.
    beside: Slots,
    /// Those that are named one after the other.
    jobs: Vec<String>,
    /// Those that are named, of which it is not known which is meant.
    rivals: Vec<String>,
    /// Jobs are named, or taken back.
    names_some: bool,
    /// The numbers that are no change of another.
    pub(crate) numbers: Vec<Number>,
}

#[rustfmt::skip]
const ALL: &[&str] = &[
    "all jobs", "all the jobs", "all my jobs", "all of my jobs", "every job", "all runs", "all the runs", "all my runs", "all of them", "them all", "everything", "all training*",
    "all the training*", "전부", "모두", "모든", "몽땅", "싹다", "전체", "다취소", "다멈", "다중단", "다중지", "다꺼", "다그만",
];
