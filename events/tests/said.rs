//! What people have said in a fact is found wherever it stands, and nothing of a conversation is forgotten.

use std::path::Path;

use serde_json::{Value, json};
use trainyard_events::said::{change, erase};
use trainyard_events::{Envelope, Recorded};

#[test]
fn every_text_is_found_and_nothing_else_is_touched() {
    let mut body = json!({
        "reply": "a", "intent": "train", "choices": [{ "say": "b", "what": "c" }, { "say": "", "what": "d" }],
        "interpreter": { "by": "llm", "model": "m", "prompt": "e", "answer": "f", "verdict": "g",
            "patch": { "intent": "train", "spec": { "classes": ["h", "i"], "epochs": 3, "path": { "of": "j" } } } },
    });
    let mut found = Vec::new();
    change("chat.reply_given", &mut body, &mut |at, text| found.push(format!("{at}={text}")));
    assert_eq!(
        found,
        [
            "reply=a",
            "choices.0.say=b",
            "choices.0.what=c",
            "choices.1.what=d",
            "interpreter.prompt=e",
            "interpreter.answer=f",
            "interpreter.verdict=g",
            "interpreter.patch.spec.classes.0=h",
            "interpreter.patch.spec.classes.1=i",
            "interpreter.patch.spec.path.of=j",
        ]
    );
    erase("chat.reply_given", &mut body);
    assert_eq!((&body["intent"], &body["interpreter"]["model"]), (&json!("train"), &json!("m")));
    assert_eq!(body["interpreter"]["patch"]["spec"]["epochs"], json!(3));
    let other = json!({ "text": "x" });
    let mut same = other.clone();
    erase("job.requested", &mut same);
    assert_eq!(same, other);
}

/// What a kind gains is noticed here: each text of a conversation's facts is said by somebody, or is named as something else.
#[test]
fn no_text_of_a_conversation_is_forgotten() {
    const DECIDED: [&str; 12] = [
        "config",
        "proposal",
        "hash",
        "intent",
        "language",
        "because",
        "job",
        "dataset",
        "shows",
        "interpreter.by",
        "interpreter.model",
        "interpreter.patch.intent",
    ];
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut seen = 0;
    for file in std::fs::read_dir(golden).expect("golden files").flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        if !name.starts_with("chat.") || name.starts_with("chat.prompts_erased") {
            continue;
        }
        let bytes = std::fs::read(file.path()).expect("a golden file");
        let envelope = Envelope::from_json(&bytes).expect("a golden event");
        let recorded = Recorded::new(1, envelope);
        let unsaid = recorded.unsaid();
        assert_eq!(unsaid.envelope.event.kind(), recorded.envelope.event.kind());
        let mut body = unsaid.envelope.event.body();
        let fields = body.as_object_mut().expect("a body is an object");
        for named in DECIDED {
            match named.split_once('.') {
                None => drop(fields.remove(named)),
                Some((of, rest)) => {
                    let Some(inner) = fields.get_mut(of).and_then(Value::as_object_mut) else { continue };
                    match rest.split_once('.') {
                        None => drop(inner.remove(rest)),
                        Some((of, rest)) => {
                            let inner = inner.get_mut(of).and_then(Value::as_object_mut);
                            drop(inner.and_then(|inner| inner.remove(rest)));
                        }
                    }
                }
            }
        }
        let left = texts(&body);
        assert!(left.is_empty(), "{name}: {left:?} is neither erased nor named as decided");
        seen += 1;
    }
    assert!(seen > 8, "they are there");
}

/// All that are not empty.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) if !text.is_empty() => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
