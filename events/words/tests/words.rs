//! Laws of the words, over one example of everything that can be said.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use trainyard_events::reason::{
    Advice, Cause, Caution, ConfigProblem, Doing, Ending, Fact, Flaw, Reason, Rejection, Trouble, Unfit, Wait,
};
use trainyard_words::{Both, Words, english};

/// One of each, and of what is said in several ways one of each way.
const EXAMPLES: &str = include_str!("examples.json");

/// What Korean sentences call by its own name.
const NAMES: [&str; 51] = [
    "AI",
    "CP",
    "CPU",
    "CSV",
    "CVAT",
    "CreateML",
    "Hub",
    "KITTI",
    "KRW",
    "Label",
    "Studio",
    "Supervisely",
    "TFRecord",
    "HTTP",
    "VIA",
    "labelme",
    "ms",
    "AVIF",
    "COCO",
    "EXIF",
    "GB",
    "GIF",
    "GPU",
    "GiB",
    "KiB",
    "HEIC",
    "Infinity",
    "JPEG",
    "JPEGImages",
    "Annotations",
    "JSON",
    "MiB",
    "NATS",
    "NaN",
    "PDF",
    "PNG",
    "Pascal",
    "SHA",
    "SIGTERM",
    "TIFF",
    "U",
    "UTF",
    "VOC",
    "XML",
    "YOLO",
    "ZIP",
    "data",
    "images",
    "labels",
    "libtorch",
    "safetensors",
];

struct Said {
    example: Value,
    words: Both,
}

fn all() -> Vec<Said> {
    [
        said::<Wait>("wait", "code"),
        said::<Ending>("ending", "code"),
        said::<Trouble>("trouble", "code"),
        said::<Unfit>("unfit", "code"),
        said::<Flaw>("flaw", "code"),
        said::<Caution>("caution", "code"),
        said::<ConfigProblem>("config", "code"),
        said::<Advice>("advice", "code"),
        said::<Cause>("cause", "code"),
        said::<Doing>("doing", "code"),
        said::<Fact>("fact", "fact"),
        said::<Rejection>("rejection", "rejection"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The examples of one kind, which has no variant that is not among them.
fn said<T: Words + DeserializeOwned>(kind: &str, tag: &str) -> Vec<Said> {
    let examples: Value = serde_json::from_str(EXAMPLES).unwrap();
    let examples = examples[kind].as_array().unwrap().clone();
    let there: BTreeSet<String> =
        examples.iter().map(|example| example[tag].as_str().unwrap().to_owned()).collect();
    assert_eq!(there, variants::<T>(tag), "{kind}: give an example of each in examples.json");
    let words = |example: &Value| {
        serde_json::from_value::<T>(example.clone())
            .unwrap_or_else(|error| panic!("{example}: {error}"))
            .words()
    };
    examples.iter().map(|example| Said { example: example.clone(), words: words(example) }).collect()
}

/// The refusal of a code that is none names all that are.
fn variants<T: DeserializeOwned>(tag: &str) -> BTreeSet<String> {
    let Err(refusal) = serde_json::from_value::<T>(json!({ tag: "?" })) else { panic!("? is no code") };
    let refusal = refusal.to_string();
    let names: BTreeSet<String> = refusal.split('`').skip(1).step_by(2).skip(1).map(str::to_owned).collect();
    assert!(names.len() > 1, "{refusal}");
    names
}

#[test]
fn everything_is_said_in_both_languages() {
    let is_hangul = |char: char| ('가'..='힣').contains(&char);
    for Said { example, words: Both { english, korean } } in all() {
        assert!(!english.is_empty() && !english.contains(is_hangul), "{english}");
        let is_strange =
            ["said", "flaw_said", "caution_said", "advice_said"].iter().any(|code| example["code"] == *code)
                || example["fact"] == "other";
        assert!(is_strange || korean.contains(is_hangul), "{example}: {korean}");
        for undecided in ["은(는)", "이(가)", "을(를)", "(으)로"] {
            assert!(!korean.contains(undecided), "{korean}");
        }
        assert!(!korean.contains("  ") && !english.contains("  "), "{english} {korean}");
    }
}

#[test]
fn korean_has_no_english_but_values_and_names() {
    for Said { example, words } in all() {
        let mut left = words.korean.clone();
        // What one types is in backquotes.
        while let Some((before, rest)) = left.split_once('`') {
            let (_, after) = rest.split_once('`').expect("backquotes come in pairs");
            left = format!("{before} {after}");
        }
        texts(&example, &mut |text| left = left.replace(text, " "));
        let found = left.split(|char: char| !char.is_ascii_alphabetic()).filter(|word| !word.is_empty());
        let strange: Vec<&str> = found.filter(|word| !NAMES.contains(word)).collect();
        assert_eq!(strange, Vec::<&str>::new(), "{}", words.korean);
    }
}

#[test]
fn every_value_is_said_in_both_languages() {
    for Said { example, words: Both { english, korean } } in all() {
        let special = english.starts_with("the one slot") || example["workers"] == 0;
        if special {
            continue;
        }
        values(&example, &mut |value| {
            // A share is said in percent.
            let value = if value == "0.9123" { "91.23 %" } else { value };
            for text in [&english, &korean] {
                assert!(text.contains(value), "{value} of {example} is not in {text}");
            }
        });
    }
}

#[test]
fn no_two_kinds_of_reasons_share_a_code() {
    let kinds = [
        variants::<Wait>("code"),
        variants::<Ending>("code"),
        variants::<Trouble>("code"),
        variants::<Unfit>("code"),
        variants::<ConfigProblem>("code"),
        BTreeSet::from(["said".to_owned()]),
    ];
    let count: usize = kinds.iter().map(BTreeSet::len).sum();
    assert_eq!(kinds.into_iter().flatten().collect::<BTreeSet<_>>().len(), count);
}

#[test]
fn a_reason_comes_back_from_the_wire() {
    let examples: Value = serde_json::from_str(EXAMPLES).unwrap();
    for kind in ["wait", "ending", "trouble", "unfit", "config"] {
        for example in examples[kind].as_array().unwrap() {
            let reason: Reason = serde_json::from_value(example.clone()).unwrap();
            let again: Reason = serde_json::from_value(serde_json::to_value(&reason).unwrap()).unwrap();
            assert_eq!(again, reason);
            assert!(!matches!(reason, Reason::Other(_)), "{example}");
        }
    }
}

#[test]
fn several_reasons_are_one_line() {
    let two = [Reason::said("a"), Reason::said("b")];
    assert_eq!(english(&two[..]), "a; b");
    assert_eq!(english(&two[..0]), "");
}

/// Every text in an example that is a value: what has no digit in it names a variant.
fn texts(value: &Value, seen: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) if text.contains(|char: char| char.is_ascii_digit()) => seen(text),
        Value::String(text) if matches!(text.as_str(), "cpu" | "gpu") => seen(text),
        Value::Array(values) => values.iter().for_each(|value| texts(value, seen)),
        Value::Object(fields) => {
            fields.iter().filter(|(name, _)| *name != "code").for_each(|(_, value)| texts(value, seen));
        }
        _ => {}
    }
}

/// And every number.
fn values(value: &Value, seen: &mut impl FnMut(&str)) {
    texts(value, seen);
    match value {
        Value::Number(number) => seen(&number.to_string()),
        Value::Array(all) => {
            all.iter().filter(|value| !value.is_string()).for_each(|value| values(value, seen))
        }
        Value::Object(fields) => {
            fields.values().filter(|value| !value.is_string()).for_each(|value| values(value, seen));
        }
        _ => {}
    }
}
