//! The sets with who wrote them, and the turns of each as the model sees them.

use std::path::PathBuf;

use serde_json::Value;
use trainyard_assistant::Draft;
use trainyard_assistant::reader::{Example, Linear, Said, complete_proposal, examples};

use crate::scored;
use crate::{dialect, noise, stories};

pub struct Set {
    pub author: &'static str,
    pub text: String,
    pub is_learned: bool,
    pub conversations: Vec<Talk>,
}

pub struct Talk {
    /// Turns that it does not need to act on are known by their intents alone.
    pub written: Option<scored::Conversation>,
    pub turns: Vec<Said>,
    open: Option<Draft>,
}

/// Sets of one hand: what was held back of a writer's is that writer's too, and so are variants of what was misread of it.
const AUTHORS: &[(&str, &[&str])] = &[
    (
        "house",
        &[
            "dev",
            "dev2",
            "dev6",
            "dev14",
            "dev18",
            "dev19",
            "dev20",
            "sample",
            "heldout",
            "heldout2",
            "heldout_anomaly",
            "heldout_still",
            "heldout_registry_act",
            "heldout_registry_still",
        ],
    ),
    ("of dev3", &["dev3", "heldout3"]),
    ("of dev4", &["dev4", "dev5", "dev7", "heldout4"]),
    ("of dev8", &["dev8", "dev9", "heldout5"]),
    ("of dev10", &["dev10"]),
    ("of dev11", &["dev11", "heldout6"]),
    ("of dev12", &["dev12", "dev13", "heldout7"]),
    ("of dev15", &["dev15"]),
    ("of dev16", &["dev16"]),
    ("of dev17", &["dev17"]),
    ("of blind1", &["blind1", "blind1_act", "blind1_still"]),
    ("of blind2", &["blind2", "blind2_act", "blind2_still"]),
    ("of blind3", &["blind3_act", "blind3_still"]),
    ("of blind4", &["blind4", "blind4_act", "blind4_still"]),
    ("of blind5", &["blind5", "blind5_still"]),
    ("of blind6", &["blind6", "blind6_still"]),
    ("of blind7", &["blind7", "blind7_act", "blind7_still"]),
    ("of blind9", &["blind9", "blind9_act", "blind9_still"]),
    ("of blind10", &["blind10", "blind10_act", "blind10_still"]),
    ("of blind11", &["blind11", "blind11_act", "blind11_still"]),
    ("acting", &["acting", "acting2", "acting3", "acting4", "acting5", "acting6"]),
];

/// Those who wrote whole conversations: what is measured.
pub fn authors(sets: &[Set]) -> Vec<&'static str> {
    let told = |set: &&Set| set.conversations.iter().any(|talk| talk.written.is_some());
    let mut authors: Vec<&str> = sets.iter().filter(told).map(|set| set.author).collect();
    authors.sort_unstable();
    authors.dedup();
    authors
}

/// What must not act is kept from learning, so that it stays a test; and so are sets that were held back.
pub fn is_learned(name: &str) -> bool {
    !name.starts_with("heldout") && !name.ends_with("_still")
}

/// In the order of their names.
pub fn all() -> Vec<Set> {
    let sets = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/sets");
    let entries = std::fs::read_dir(&sets).expect("the sets are there");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let set = |path: &PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(path).expect("a set can be read");
        let author =
            AUTHORS.iter().find(|(_, sets)| sets.contains(&name.as_str())).map(|(author, _)| *author);
        let conversations = text.lines().filter(|line| !line.is_empty()).map(talk).collect();
        Set { author: author.unwrap_or("another"), is_learned: is_learned(&name), conversations, text }
    };
    files.iter().map(set).collect()
}

/// A line of a set: several turns, or one beside a proposal that is open and complete.
fn talk(line: &str) -> Talk {
    let read: Value = serde_json::from_str(line).expect("a line of a set");
    let intent = |intent: &Value| {
        serde_json::from_value(intent.clone()).unwrap_or_else(|_| panic!("{intent} is no intent"))
    };
    let words = |say: &Value| say.as_str().expect("words").to_owned();
    let (turns, open): (Vec<Said>, _) = match read["turns"].as_array() {
        Some(turns) => {
            let said = |turn: &Value| Said {
                text: words(&turn["say"]),
                intent: intent(&turn["expect"]["intent"]),
                spec: Some(serde_json::from_value(turn["expect"]["spec"].clone()).expect("values")),
            };
            (turns.iter().map(said).collect(), None)
        }
        None => {
            // What must not act is measured by whether it does; nobody has said what it is.
            let unknown = Value::from("unknown");
            let told = [&read["intent"], &read["act"]].into_iter().find(|intent| !intent.is_null());
            // Sets that say no state are of turns beside a proposal.
            let open = matches!(read["state"].as_str(), Some("open") | None).then(complete_proposal);
            let said =
                Said { text: words(&read["say"]), intent: intent(told.unwrap_or(&unknown)), spec: None };
            (vec![said], open)
        }
    };
    Talk {
        written: read["turns"]
            .is_array()
            .then(|| serde_json::from_value(read.clone()).expect("a conversation")),
        turns,
        open,
    }
}

impl Talk {
    /// Its turns as they are.
    pub fn examples(&self, numbers: &Linear) -> Vec<Example> {
        examples(numbers, &self.turns, self.open.clone())
    }

    /// The same as somebody else would have typed them, within a story, and those that are said otherwise elsewhere.
    pub fn variants(&self, numbers: &Linear) -> Vec<Example> {
        let put = |how: &dyn Fn(&str) -> String| -> Vec<Said> {
            self.turns.iter().map(|turn| Said { text: how(&turn.text), ..turn.clone() }).collect()
        };
        let typed = put(&noise::typed);
        let elsewhere = put(&|text| dialect::said(text).unwrap_or_else(|| text.to_owned()));
        let is_other = elsewhere.iter().zip(&self.turns).map(|(there, here)| there.text != here.text);
        let others = examples(numbers, &elsewhere, self.open.clone()).into_iter().zip(is_other);
        let others = others.filter_map(|(example, is_other)| is_other.then_some(example));
        let told = examples(numbers, &put(&stories::told), self.open.clone());
        examples(numbers, &typed, self.open.clone()).into_iter().chain(others).chain(told).collect()
    }
}
