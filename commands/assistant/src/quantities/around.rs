//! What stands around a number, which tells the setting that it is for: names, units, words and other numbers beside it.

use super::relative::Base;
use super::token::{Kind, Num, Token};
use crate::reader::{Number, hash};
use crate::slots::{Changed, Slot};
use crate::text::{Text, is_hangul};

/// How far names are looked for, in tokens.
const NEAR_TOKENS: usize = 7;
/// How far other numbers are.
const FAR_TOKENS: usize = 24;
/// Words on either side.
const WORDS: usize = 2;
/// As far as they reach, in characters.
const WORDS_CHARS: usize = 40;
/// What directly follows a number, and precedes it, in characters.
const TAIL_CHARS: usize = 3;
/// Sides in pixels that are usual.
pub(super) const SIDES: [u32; 14] = [224, 299, 300, 320, 380, 384, 416, 512, 640, 768, 800, 960, 1024, 1280];

/// What is known beside the words.
pub(super) struct Known<'k> {
    pub(super) base: &'k Base,
    /// What values without a name may be for.
    pub(super) last: Option<Changed>,
}

/// The number at `at`, seen from all sides.
pub(super) fn number(text: &Text, tokens: &[Token], at: usize, num: Num, known: &Known) -> Number {
    let mut seen = Seen(Vec::with_capacity(96));
    let size = size(num);
    let left = name(tokens, (0..at).rev(), at);
    let right = name(tokens, at + 1..tokens.len(), at);
    seen.note(&["size", &size]);
    for flag in flags(num) {
        seen.note(&["flag", flag]);
        seen.note(&["flag", flag, "size", &size]);
        seen.note(&["flag", flag, "left", &left.slot]);
        seen.note(&["flag", flag, "right", &right.slot]);
    }
    for (side, name) in [("left", &left), ("right", &right)] {
        seen.note(&[side, &name.slot]);
        seen.note(&[side, &name.slot, &name.distance]);
        seen.note(&[side, &name.slot, &name.between]);
        seen.note(&[side, &name.slot, &name.distance, &name.between, name.beyond]);
        seen.note(&[side, &name.slot, "size", &size]);
    }
    seen.note(&["both", &left.slot, &right.slot]);
    seen.note(&["both", &left.slot, &left.between, &right.slot, &right.between]);
    seen.note(&["both", &left.slot, &left.distance, &right.slot, &right.distance]);
    seen.note(&["both", &left.slot, &left.between, &right.slot, &right.between, "beyond", right.beyond]);
    let (before, after) = (kind(tokens, at.checked_sub(1)), kind(tokens, Some(at + 1)));
    seen.note(&["before", before]);
    seen.note(&["after", after]);
    seen.note(&["kinds", before, after]);
    seen.note(&["kinds", kind(tokens, at.checked_sub(2)), before, after, kind(tokens, Some(at + 2))]);
    seen.words(text, &tokens[at], &left.slot, &right.slot);
    for slot in Slot::ALL {
        if known.base.of(slot) == Some(num.value) {
            seen.note(&["has", slot.name()]);
            seen.note(&["has", slot.name(), &left.slot, &right.slot]);
        }
        // "80 takes too long, 50 will do": what takes its place.
        let was = |token: &Token| matches!(token.kind, Kind::Num(other) if known.base.of(slot) == Some(other.value));
        if tokens[at.saturating_sub(FAR_TOKENS)..at].iter().any(was) {
            seen.note(&["had", slot.name()]);
            seen.note(&["had", slot.name(), &left.slot, &right.slot]);
        }
        if known.last.is_some_and(|last| last.slots().any(|it| it == slot)) {
            seen.note(&["last", slot.name()]);
            seen.note(&["last", slot.name(), &left.slot, &right.slot]);
        }
    }
    let numbers = |range: std::ops::Range<usize>| {
        tokens[range].iter().filter(|token| matches!(token.kind, Kind::Num(num) if !num.denied)).count()
    };
    let far = tokens.len().min(at + 1 + FAR_TOKENS);
    let (earlier, later) = (few(numbers(at.saturating_sub(FAR_TOKENS)..at)), few(numbers(at + 1..far)));
    seen.note(&["numbers", earlier, later]);
    seen.note(&["numbers", earlier, later, &left.slot, &right.slot]);
    let order = order(tokens, at);
    seen.note(&["order", order]);
    seen.note(&["order", order, &left.slot, &right.slot]);
    seen.note(&["order", order, &left.between, &right.between, right.beyond]);
    seen.note(&["always"]);
    Number { value: num.value, features: seen.0 }
}

struct Seen(Vec<u64>);

impl Seen {
    fn note(&mut self, parts: &[&str]) {
        self.0.push(hash(parts));
    }

    /// The words on both sides, and what touches the number.
    fn words(&mut self, text: &Text, token: &Token, left: &str, right: &str) {
        let said = |range: std::ops::Range<usize>| text.low[range].iter().collect::<String>();
        let (start, end) = (token.range.start, token.range.end);
        for length in 1..=TAIL_CHARS {
            let tail = said(end..text.len().min(end + length));
            self.note(&["tail", &tail]);
            self.note(&["head", &said(start.saturating_sub(length)..start)]);
            self.note(&["tail", &tail, left, right]);
        }
        let after = said(end..text.len().min(end + WORDS_CHARS));
        for (place, word) in after.split_whitespace().take(WORDS).enumerate() {
            self.word(["after", "after that"][place], word);
        }
        let before = said(start.saturating_sub(WORDS_CHARS)..start);
        for (place, word) in before.split_whitespace().rev().take(WORDS).enumerate() {
            self.word(["before", "before that"][place], word);
        }
    }

    fn word(&mut self, place: &str, word: &str) {
        self.note(&[place, word]);
        self.note(&["near", word]);
        // A Korean word ends in what it does.
        let hangul: Vec<char> = word.chars().filter(|c| is_hangul(*c)).collect();
        if hangul.len() > 1 {
            self.note(&[place, "begins", &hangul[..2].iter().collect::<String>()]);
            self.note(&[place, "ends", &hangul[hangul.len() - 2..].iter().collect::<String>()]);
        }
    }
}

/// The nearest name on one side.
struct Name {
    slot: String,
    /// Words between.
    distance: String,
    /// Numbers and ends of clauses between.
    between: String,
    /// What stands behind the name, whose it may be as well.
    beyond: &'static str,
}

fn name(tokens: &[Token], side: impl Iterator<Item = usize>, at: usize) -> Name {
    let (mut words, mut numbers, mut stops, mut nearer) = (0, 0, 0, at);
    for here in side.take(NEAR_TOKENS) {
        words += tokens[here.max(nearer)].gap;
        nearer = here;
        match tokens[here].kind {
            Kind::Key(slot, strong) => {
                let other = if here < at { here.checked_sub(1) } else { Some(here + 1) };
                return Name {
                    slot: format!("{}{}", slot.name(), if strong { "" } else { "?" }),
                    distance: few(words).to_owned(),
                    between: format!("{} {}", few(numbers), few(stops)),
                    beyond: kind(tokens, other),
                };
            }
            Kind::Num(_) => numbers += 1,
            Kind::Stop | Kind::Correct => stops += 1,
            _ => {}
        }
    }
    Name { slot: "-".to_owned(), distance: String::new(), between: String::new(), beyond: "" }
}

/// Whether names come before their numbers where the number stands: between two ends of a clause.
fn order(tokens: &[Token], at: usize) -> &'static str {
    let far = at.saturating_sub(FAR_TOKENS);
    let start = (far..at).rev().find(|here| tokens[*here].kind == Kind::Stop).map_or(far, |stop| stop + 1);
    let clause = tokens[start..].iter().take(2 * FAR_TOKENS).take_while(|token| token.kind != Kind::Stop);
    let told = |token: &Token| matches!(token.kind, Kind::Key(..) | Kind::Num(_)).then_some(token.kind);
    let told: Vec<Kind> = clause.filter_map(told).collect();
    match (told.first(), told.get(1..).and_then(<[Kind]>::last)) {
        (Some(Kind::Key(..)), Some(Kind::Key(..))) => "names around",
        (Some(Kind::Key(..)), Some(_)) => "name first",
        (Some(_), Some(Kind::Key(..))) => "number first",
        (Some(_), Some(_)) => "numbers around",
        _ => "alone",
    }
}

fn few(count: usize) -> &'static str {
    ["0", "1", "2", "3"][count.min(3)]
}

fn kind(tokens: &[Token], at: Option<usize>) -> &'static str {
    match at.and_then(|at| tokens.get(at)).map(|token| (token.kind, token.gap > 0)) {
        None => "end",
        Some((Kind::Key(..), false)) => "name",
        Some((Kind::Key(..), true)) => "name, words",
        Some((Kind::Num(num), _)) if num.denied => "denied",
        Some((Kind::Num(_), false)) => "number",
        Some((Kind::Num(_), true)) => "number, words",
        Some((Kind::Factor(_), _)) => "factor",
        Some((Kind::Up, _)) => "up",
        Some((Kind::Down, _)) => "down",
        Some((Kind::Multiply | Kind::Divide, _)) => "times",
        Some((Kind::Plateau, _)) => "plateau",
        Some((Kind::Keep, _)) => "keep",
        Some((Kind::Correct, _)) => "correct",
        Some((Kind::Stop, _)) => "stop",
    }
}

fn flags(num: Num) -> impl Iterator<Item = &'static str> {
    let flags = [
        ("percent", num.percent),
        ("denied", num.denied),
        ("times", num.times),
        ("fraction", num.fraction),
        ("to", num.to),
        ("by", num.by),
        ("runs", num.runs),
        ("pixels", num.pixels),
        ("other", num.other),
        ("each", num.each),
        ("at", num.at),
    ];
    flags.into_iter().filter(|(_, set)| *set).map(|(name, _)| name)
}

/// How large the number is, and of what kind.
fn size(num: Num) -> String {
    let value = num.value;
    let whole = value.fract() == 0.0;
    match value {
        _ if value <= 0.0 => "none".to_owned(),
        _ if SIDES.contains(&(value as u32)) && whole => "side".to_owned(),
        _ if value <= 0.05 => "rate".to_owned(),
        _ if value < 1.0 => "part".to_owned(),
        _ if !whole => "broken".to_owned(),
        _ if value == 1.0 => "one".to_owned(),
        _ => {
            let power = (value as u64).is_power_of_two();
            format!("{}{}", value.log2() as u32, if power { "^" } else { "" })
        }
    }
}
