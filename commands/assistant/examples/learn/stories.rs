//! A turn with what people tell around it: where they come from, who said what, that it rains; the wish is the turn.

use crate::noise::Dice;

pub const BEFORE: &str = include_str!("voices/before.txt");
pub const AFTER: &str = include_str!("voices/after.txt");

pub const WOVEN: &str = include_str!("voices/woven.txt");
pub const RETRACTED: &str = include_str!("voices/retracted.txt");

/// The turn within a sentence about something else, or as a part of a story.
pub fn around(text: &str) -> String {
    let mut dice = Dice::of(text);
    if text.contains(['\n', '?']) || dice.below(5) < 2 {
        return told(text);
    }
    let sentences = tales(WOVEN, text);
    let said = text.trim_end_matches(['.', '!', '~', ' ']);
    let asks_politely = [("주세요", "주시고"), ("주십시오", "주시고"), ("줘", "주고"), ("주세여", "주시고")];
    let sentence = sentences[dice.below(sentences.len())];
    let goes_on = asks_politely.iter().find_map(|(end, on)| Some(said.strip_suffix(end)?.to_owned() + on));
    let said = goes_on.filter(|_| sentence.contains("{},")).unwrap_or_else(|| said.to_owned());
    sentence.replace("{}", &said)
}

/// An order that is taken back at once.
pub fn retracted(order: &str) -> String {
    let mut dice = Dice::of(order);
    let ends = tales(RETRACTED, order);
    let order = order.trim_end_matches(['.', '!', '~', ' ']);
    let joint = [", ", " ", ". ", "... "][dice.below(4)];
    format!("{order}{joint}{}", ends[dice.below(ends.len())])
}

/// The turn as a part of a story in its own tongue.
fn told(text: &str) -> String {
    let mut dice = Dice::of(text);
    let before = tales(BEFORE, text);
    let mut told = String::new();
    for _ in 0..1 + dice.below(3) {
        told += before[dice.below(before.len())];
        told.push(' ');
    }
    told += text;
    if dice.below(3) == 0 {
        let after = tales(AFTER, text);
        let ends = text.ends_with(['.', '!', '?', '~']);
        told += if ends { " " } else { ". " };
        told += after[dice.below(after.len())];
    }
    told
}

/// Those in the tongue of the turn.
fn tales(of: &'static str, text: &str) -> Vec<&'static str> {
    let korean = |text: &str| text.contains(|c: char| ('가'..='힣').contains(&c));
    of.lines().filter(|line| !line.starts_with('#') && korean(line) == korean(text)).collect()
}
