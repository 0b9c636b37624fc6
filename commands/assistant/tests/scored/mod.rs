//! The sets as they are written, and whether a turn was read as its writer meant it.

use serde::Deserialize;
use serde_json::{Map, Value};
use trainyard_assistant::Turn;

#[derive(Deserialize)]
pub struct Conversation {
    pub id: String,
    pub lang: String,
    pub voice: Option<String>,
    pub turns: Vec<Prompt>,
}

#[derive(Deserialize)]
pub struct Prompt {
    pub say: String,
    pub expect: Expect,
}

#[derive(Deserialize)]
pub struct Expect {
    pub intent: String,
    pub spec: Map<String, Value>,
    pub missing: Option<Vec<String>>,
}

impl Conversation {
    pub fn said(&self) -> Vec<&str> {
        self.turns.iter().map(|turn| turn.say.as_str()).collect()
    }
}

#[derive(Default)]
pub struct Score {
    pub turns: usize,
    pub intents: usize,
    pub exact: usize,
    right: usize,
    expected: usize,
    given: usize,
}

impl Score {
    /// Takes in a turn, and says whether it was read exactly.
    pub fn take(&mut self, expected: &Expect, turn: &Turn) -> bool {
        let spec = spec(turn);
        let right =
            |(slot, value): &(&String, &Value)| spec.get(*slot).is_some_and(|given| same(given, value));
        let right = expected.spec.iter().filter(right).count();
        let intent = turn.intent.name() == expected.intent;
        let missing = expected.missing.as_ref().is_none_or(|missing| {
            let given = turn.missing.as_ref();
            given.is_some_and(|given| given.iter().copied().eq(missing.iter().map(String::as_str)))
        });
        let exact = intent && right == expected.spec.len() && right == spec.len() && missing;
        self.turns += 1;
        self.intents += usize::from(intent);
        self.exact += usize::from(exact);
        self.right += right;
        self.expected += expected.spec.len();
        self.given += spec.len();
        exact
    }

    pub fn f1(&self) -> f64 {
        match self.expected + self.given {
            0 => 1.0,
            both => 2.0 * self.right as f64 / both as f64,
        }
    }

    pub fn share(&self, count: usize) -> f64 {
        count as f64 / self.turns.max(1) as f64
    }
}

impl std::ops::AddAssign<&Score> for Score {
    fn add_assign(&mut self, other: &Score) {
        self.turns += other.turns;
        self.intents += other.intents;
        self.exact += other.exact;
        self.right += other.right;
        self.expected += other.expected;
        self.given += other.given;
    }
}

/// What the turn states, as it is written.
pub fn spec(turn: &Turn) -> Map<String, Value> {
    match serde_json::to_value(&turn.spec).expect("slots are plain data") {
        Value::Object(spec) => spec,
        other => panic!("slots are an object, not {other}"),
    }
}

/// Numbers are equal by value: `1e-3` and `0.001`, `20` and `20.0`.
pub fn same(left: &Value, right: &Value) -> bool {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => (left - right).abs() <= 1e-9 * left.abs().max(right.abs()),
        _ => left == right,
    }
}

/// Voices by what marks them in their writers' words; the others are as many as there are writers.
const VOICES: [(&str, &[&str]); 9] = [
    ("bullets", &["bullet", "numbered", "목록", "steps"]),
    (
        "change of mind",
        &["change of mind", "change_of_mind", "correct", "말 바꿈", "망설", "dither", "undecided", "swing"],
    ),
    (
        "dictated",
        &[
            "dictat",
            "voice",
            "받아쓰기",
            "음성",
            "불러 주는",
            "말하듯",
            "words for numbers",
            "numbers in words",
        ],
    ),
    ("typos", &["typo", "오타", "spaces", "띄어쓰기"]),
    ("story", &["story", "이야기", "long", "긴 ", "rambl", "chatty", "수다"]),
    (
        "terse",
        &["terse", "짧", "short", "curt", "one-", "brusque", "초간단", "fragments", "clipped", "expert"],
    ),
    ("polite", &["polite", "공손", "존댓말", "manager", "팀장", "careful"]),
    (
        "mixed tongues",
        &["konglish", "korean", "영어", "섞", "mixed", "switch", "bilingual", "native", "non-"],
    ),
    ("dialect", &["dialect", "사투리"]),
];

pub fn voice(told: Option<&str>) -> &'static str {
    let Some(told) = told.map(str::to_lowercase) else { return "untold" };
    let known = VOICES.iter().find(|(_, marks)| marks.iter().any(|mark| told.contains(mark)));
    known.map_or("others", |(voice, _)| voice)
}
