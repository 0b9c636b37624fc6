//! Names that people give to their data, drawn from words, so that none of them is learned by heart.

use crate::noise::Dice;

#[rustfmt::skip]
const LATIN: [&str; 96] = [
    "apple", "bolts", "cam", "cells", "parts", "flowers", "gears", "welds", "roofs", "birds", "shells", "leaves", "tiles", "lanes", "pills", "moths", "cows", "sheep", "boats", "signs",
    "harbor", "market", "garden", "factory", "clinic", "kitchen", "quarry", "harvest", "orchard", "nursery", "depot", "yard", "attic", "library", "museum", "stadium", "poses", "labels", "scans", "xray",
    "ct", "pcb", "ocr", "raw", "clean", "final", "mini", "sub", "spring", "winter", "night", "day", "east", "west", "seoul", "busan", "daegu", "jeju", "line3", "gate7",
    "batch", "shelf", "crate", "pallet", "drone", "tower", "bridge", "crack", "rust", "dent", "fruit", "wheat", "maize", "rice", "beans", "tea", "coffee", "bread", "cheese", "fish",
    "squid", "crab", "horse", "kittens", "puppies", "robots", "toys", "shoes", "bags", "coins", "stamps", "maps", "letters", "digits", "faces", "hands",
];
#[rustfmt::skip]
const HANGUL: [&str; 40] = [
    "사과", "볼트", "용접", "도로", "균열", "꽃잎", "나뭇잎", "새", "고추", "딸기", "양파", "현장", "공장", "병동", "창고", "항구", "시장", "농장", "학교", "지붕",
    "타일", "벽지", "간판", "번호판", "표지판", "상처", "세포", "알약", "조개", "생선", "버섯", "나방", "자세", "손글씨", "얼굴", "부품", "기판", "병뚜껑", "택배", "재고",
];
#[rustfmt::skip]
const KINDS: [&str; 8] = ["사진", "샘플", "모음", "데이터", "세트", "원본", "검수", "최종"];
#[rustfmt::skip]
const MARKS: [&str; 12] = ["v2", "v3", "2023", "2024", "2025", "01", "2", "set", "pics", "imgs", "data", "dump"];

/// A name for data, in the letters of the turn that it stands in, more or less.
pub fn of_data(dice: &mut Dice, korean: bool) -> String {
    let latin = |dice: &mut Dice| LATIN[dice.below(LATIN.len())];
    let hangul = |dice: &mut Dice| HANGUL[dice.below(HANGUL.len())];
    let joint = ["_", "_", "-"][dice.below(3)];
    match dice.below(if korean { 12 } else { 8 }) {
        0 | 1 => latin(dice).to_owned(),
        2 | 3 => format!("{}{joint}{}", latin(dice), latin(dice)),
        4 => format!("{}{joint}{}{joint}{}", latin(dice), latin(dice), MARKS[dice.below(MARKS.len())]),
        5..=7 => format!("{}{joint}{}", latin(dice), MARKS[dice.below(MARKS.len())]),
        8 => format!("{}{}", hangul(dice), KINDS[dice.below(KINDS.len())]),
        9 => format!("{}{}", hangul(dice), hangul(dice)),
        10 => format!("{}_{}", hangul(dice), MARKS[dice.below(MARKS.len())]),
        _ => hangul(dice).to_owned(),
    }
}

/// So many classes as somebody lists them, and each by itself.
pub fn listed(dice: &mut Dice, korean: bool, count: usize) -> (String, Vec<String>) {
    let words: &[&str] = if korean && dice.below(8) > 0 { &HANGUL } else { &LATIN[..] };
    let mut classes: Vec<String> = Vec::new();
    while classes.len() < count {
        let word = words[dice.below(words.len())].to_owned();
        if !classes.contains(&word) {
            classes.push(word);
        }
    }
    let joints: &[&str] = if korean {
        &[", ", "/", " / ", "랑 ", "하고 ", " "]
    } else {
        &[", ", "/", " and ", " or ", " vs ", " from "]
    };
    let joint = joints[dice.below(joints.len())];
    let mut list = String::new();
    for (at, class) in classes.iter().enumerate() {
        list += class;
        let with = if joint == "랑 " && ends_closed(class) { "이랑 " } else { joint };
        match at + 1 {
            last if last == count => {}
            next if next + 1 == count && !korean && joint == ", " => {
                list += [" and ", ", and ", ", "][count % 3]
            }
            _ => list += with,
        }
    }
    (list, classes)
}

/// The text with other classes where these stand, which are of one word each; other words of Hangul end as theirs do, so
/// that what follows them still fits.
pub fn with_classes(text: &str, classes: &[String], time: usize) -> Option<(String, Vec<String>)> {
    let mut dice = Dice::of(&format!("{time}{text}"));
    let (mut text, mut others) = (text.to_owned(), Vec::new());
    for class in classes {
        let hangul = class.chars().all(|c| ('가'..='힣').contains(&c));
        let latin = class.chars().all(|c| c.is_ascii_alphabetic());
        if !(hangul || latin) || text.matches(class.as_str()).count() != 1 {
            return None;
        }
        let fits = |other: &&&str| !hangul || ends_closed(other) == ends_closed(class);
        let words: Vec<&str> =
            if hangul { &HANGUL[..] } else { &LATIN[..] }.iter().filter(fits).copied().collect();
        let other = words[dice.below(words.len())];
        text = text.replace(class.as_str(), other);
        others.push(other.to_owned());
    }
    (!others.is_empty()).then_some((text, others))
}

/// Whether its last syllable ends in a consonant.
fn ends_closed(word: &str) -> bool {
    word.chars().next_back().is_some_and(|c| (c as u32).wrapping_sub(0xAC00) % 28 != 0)
}

/// The text with another name where this one stands.
pub fn renamed(text: &str, path: &str, time: usize) -> Option<(String, String)> {
    let mut dice = Dice::of(&format!("{time}{text}"));
    let name = of_data(&mut dice, text.contains(|c: char| ('가'..='힣').contains(&c)));
    let quoted = ['"', '\'', '`'].iter().any(|mark| text.contains(&format!("{mark}{path}{mark}")));
    (text.contains(path) && !quoted).then(|| (text.replace(path, &name), name))
}
