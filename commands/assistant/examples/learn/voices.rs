//! Turns made from frames, for what the sets have little of: models by their names and versions, assent and refusal in other
//! words than everybody's, dictation, slang. Apart from the sets, so that nothing is measured on them.

use trainyard_assistant::Intent;
use trainyard_assistant::reader::{Example, Linear, Said, complete_proposal, examples};

use crate::noise::{self, Dice};
use crate::stories;

/// How often a frame with something to fill in is filled.
const FILLED: usize = 3;

#[rustfmt::skip]
const NAMES: [&str; 20] = [
    "tree-detector", "line3", "weld_b", "pcb-defect", "orchard", "불량검출기", "cap-check", "lane2-seg", "hive", "용접판독", "moss_cls", "drone-roof", "강판검사",
    "egg-grade", "shoe_v", "tile", "deer-cam", "병뚜껑", "gate7", "paint-run",
];
#[rustfmt::skip]
const ALIASES: [&str; 10] =
    ["production", "prod", "staging", "champion", "운영", "스테이징", "챔피언", "canary", "프로덕션", "challenger"];
#[rustfmt::skip]
const DATA: [&str; 8] = ["hive_2024", "gate-cam3", "/data/moss", "weld_photos", "s3://shop/tiles", "pear-set", "D:\\img\\caps", "roof_kr2"];

/// What turns are for, `open` where they are said beside a proposal, and below it how they may be put.
const FRAMES: &str = include_str!("voices/frames.txt");

/// Every frame as often as it has something to fill in, and once more as somebody else would have typed it and told it.
pub fn all(numbers: &Linear) -> Vec<Example> {
    let mut made = Vec::new();
    let mut add = |text: String, intent, open: bool| {
        let said = Said { text, intent, spec: None };
        made.extend(examples(numbers, &[said], open.then(complete_proposal)));
    };
    let (mut intent, mut open) = (Intent::Unknown, false);
    for line in FRAMES.lines() {
        if let Some(head) = line.strip_prefix("## ") {
            let (name, state) = head.split_once(' ').unwrap_or((head, ""));
            intent = serde_json::from_value(name.into()).expect("an intent");
            open = state == "open";
            continue;
        }
        let times = if line.contains('{') { FILLED } else { 1 };
        for text in (0..times).map(|time| filled(line, time)) {
            add(noise::typed(&text), intent, open);
            add(stories::told(&text), intent, open);
            add(text, intent, open);
        }
    }
    // A story without a wish wants nothing.
    for text in stories::BEFORE.lines().chain(stories::AFTER.lines()).filter(|line| !line.starts_with('#')) {
        add(text.to_owned(), Intent::Unknown, true);
        add(text.to_owned(), Intent::Unknown, false);
    }
    made
}

/// The frame with a name, a number or a place for each of its gaps.
fn filled(frame: &str, time: usize) -> String {
    let mut dice = Dice::of(&format!("{frame}{time}"));
    let gaps: [(&str, &[&str]); 3] = [("{N}", &NAMES), ("{A}", &ALIASES), ("{D}", &DATA)];
    let mut text = frame.to_owned();
    for (gap, words) in gaps {
        text = text.replace(gap, words[dice.below(words.len())]);
    }
    let numbers = [("{V}", 1 + dice.below(9)), ("{J}", 2 + dice.below(60))];
    numbers.iter().fold(text, |text, (gap, number)| text.replace(gap, &number.to_string()))
}
