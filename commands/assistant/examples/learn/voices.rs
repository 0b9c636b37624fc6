//! Turns made from frames, for what the sets have little of: models by their names and versions, assent and refusal in other
//! words than everybody's, dictation, slang. Apart from the sets, so that nothing is measured on them.

use trainyard_assistant::reader::{Example, Said, Values, complete_proposal, examples};
use trainyard_assistant::{Intent, Slots};

use crate::noise::{self, Dice};
use crate::{names, stories};

/// How often a frame with something to fill in is filled.
const FILLED: usize = 4;

#[rustfmt::skip]
const NAMES: [&str; 20] = [
    "tree-detector", "line3", "weld_b", "pcb-defect", "orchard", "불량검출기", "cap-check", "lane2-seg", "hive", "용접판독", "moss_cls", "drone-roof", "강판검사",
    "egg-grade", "shoe_v", "tile", "deer-cam", "병뚜껑", "gate7", "paint-run",
];
#[rustfmt::skip]
const ALIASES: [&str; 10] =
    ["production", "prod", "staging", "champion", "운영", "스테이징", "챔피언", "canary", "프로덕션", "challenger"];
const PATHS: [&str; 4] = ["/data/moss", "s3://shop/tiles", "D:\\img\\caps", "./roof/kr2"];

/// What turns are for, `open` where they are said beside a proposal, and below it how they may be put.
const FRAMES: &str = include_str!("voices/frames.txt");

/// Every frame as often as it has something to fill in, and once more as somebody else would have typed it and told it.
pub fn all(values: &Values) -> Vec<Example> {
    let mut made = Vec::new();
    let mut add = |text: String, spec: Option<&Slots>, intent, open: bool| {
        let said = Said { text, intent, spec: spec.cloned() };
        let seen = examples(values, &[said], open.then(complete_proposal)).into_iter();
        // Its names are known, and of its numbers nobody has said what they are for.
        made.extend(seen.map(|example| Example { numbers: Vec::new(), ..example }));
    };
    let nothing = Slots::default();
    let (mut intent, mut open) = (Intent::Unknown, false);
    for line in FRAMES.lines() {
        if let Some(head) = line.strip_prefix("## ") {
            let (name, state) = head.split_once(' ').unwrap_or((head, ""));
            intent = serde_json::from_value(name.into()).expect("an intent");
            open = state == "open";
            continue;
        }
        let times = if line.contains('{') { FILLED } else { 1 };
        for (text, spec) in (0..times).map(|time| filled(line, time)) {
            let spec = ["{N}", "{D}", "{C}"].iter().any(|gap| line.contains(gap)).then_some(&spec);
            add(noise::typed(&text), spec, intent, open);
            add(stories::around(&text), spec, intent, open);
            if intent.acts() {
                add(stories::retracted(&text), Some(&nothing), Intent::Unknown, open);
            }
            add(text, spec, intent, open);
        }
    }
    // A story without a wish wants nothing.
    for text in stories::BEFORE.lines().chain(stories::AFTER.lines()).filter(|line| !line.starts_with('#')) {
        add(text.to_owned(), Some(&nothing), Intent::Unknown, true);
        add(text.to_owned(), Some(&nothing), Intent::Unknown, false);
    }
    made
}

/// The frame with a name, a number or a place for each of its gaps, and the names that it has then.
fn filled(frame: &str, time: usize) -> (String, Slots) {
    let mut dice = Dice::of(&format!("{frame}{time}"));
    let mut spec = Slots::default();
    let mut text = frame.to_owned();
    if frame.contains("{N}") {
        spec.name = Some(NAMES[dice.below(NAMES.len())].to_owned());
    }
    if frame.contains("{D}") {
        let korean = frame.contains(|c: char| ('가'..='힣').contains(&c));
        let is_path = dice.below(5) == 0;
        let name = || PATHS[Dice::of(&text).below(PATHS.len())].to_owned();
        spec.dataset = Some(if is_path { name() } else { names::of_data(&mut dice, korean) });
    }
    if frame.contains("{C}") {
        let korean = frame.contains(|c: char| ('가'..='힣').contains(&c));
        let count = 2 + dice.below(3);
        let (list, classes) = names::listed(&mut dice, korean, count);
        text = text.replace("{C}", &list);
        spec.classes = classes;
    }
    let alias = Some(ALIASES[dice.below(ALIASES.len())].to_owned());
    for (gap, value) in [("{N}", &spec.name), ("{A}", &alias), ("{D}", &spec.dataset)] {
        text = text.replace(gap, value.as_deref().unwrap_or_default());
    }
    let numbers = [("{V}", 1 + dice.below(9)), ("{J}", 2 + dice.below(60))];
    let text = numbers.iter().fold(text, |text, (gap, number)| text.replace(gap, &number.to_string()));
    (text, spec)
}
