//! A turn with what people tell around it: where they come from, who said what, that it rains; the wish is the turn.

use crate::noise::Dice;

pub const BEFORE: &str = include_str!("voices/before.txt");
pub const AFTER: &str = include_str!("voices/after.txt");

/// The turn as a part of a story in its own tongue.
pub fn told(text: &str) -> String {
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
