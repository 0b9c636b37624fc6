//! Every sentence that v0.1.0 could write into the log is read as data. Neither the file nor what reads it ever grows.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use serde_json::{Value, json};
use trainyard_events::reason::before::upcast;
use trainyard_events::{Envelope, Event};

/// By the field that held it: each sentence, and what it means.
const SENTENCES: &str = include_str!("before.json");

/// A golden event with some fields of its body set.
fn event(golden: &str, set: &[(&str, Value)]) -> Event {
    let path = format!("{}/tests/golden/{golden}.json", env!("CARGO_MANIFEST_DIR"));
    let mut event: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    for (pointer, value) in set {
        *event["body"].pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value.clone();
    }
    Envelope::from_json(event.to_string().as_bytes()).unwrap().event
}

/// The event that held `said`, and where the data is put.
fn holding(field: &str, said: &str) -> (Event, &'static str) {
    let (golden, at, data) = match field {
        "dispatched" => ("job.dispatched.v1", "/reason", "/because"),
        "preempted" => ("job.attempt_preempted.v1", "/reason", "/because"),
        "cancelled" => ("job.cancel_requested.v1", "/reason", "/because"),
        "stopped_early" => ("job.finished.v1", "/stopped_early", "/because"),
        "failed" => ("job.failed.v1", "/failure/message", "/failure/because"),
        "next_step" => ("job.attempt_failed.v1", "/failure/next_step", "/failure/advice"),
        "problem" => ("dataset.rejected.v1", "/problem", "/because"),
        "file" => ("dataset.rejected.v1", "/report/0/problem", "/report/0/flaws"),
        "warning" => ("dataset.validated.v1", "/profile/warnings/0", "/profile/cautions"),
        other => panic!("{other} is no field"),
    };
    (event(golden, &[(at, json!(said))]), data)
}

#[test]
fn every_sentence_of_old_is_read_as_data() {
    let sentences: Value = serde_json::from_str(SENTENCES).unwrap();
    let mut wrong = Vec::new();
    for (field, all) in sentences.as_object().unwrap() {
        for one in all.as_array().unwrap() {
            let said = one["said"].as_str().unwrap();
            let (event, data) = holding(field, said);
            let body = upcast(&event).body();
            let found = body.pointer(data).unwrap_or(&Value::Null);
            if numbers(found) != numbers(&one["is"]) {
                wrong.push(format!("{field}: {said}\n  is read as {found}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// 1 and 1.0 are the same number.
fn numbers(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(values) => values.iter().map(numbers).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), numbers(value))).collect(),
        other => other.clone(),
    }
}

#[test]
fn what_libtorch_said_is_told_apart_by_what_stood_beside_it() {
    for (class, next_step, code) in [
        ("out_of_memory", "use a smaller batch_size or image_size", "out_of_memory"),
        (
            "device",
            "try again on another worker; if it stays, look at the driver on this one",
            "device_failed",
        ),
        ("internal", "read the console above; this is likely a fault of the trainer", "torch_failed"),
        ("internal", "something else", "said"),
    ] {
        let failure = [
            ("/failure/class", json!(class)),
            ("/failure/message", json!("mat1 and mat2 shapes cannot be multiplied")),
            ("/failure/next_step", json!(next_step)),
        ];
        let body = upcast(&event("job.failed.v1", &failure)).body();
        let text = "mat1 and mat2 shapes cannot be multiplied";
        assert_eq!(body["failure"]["because"], json!([{ "code": code, "text": text }]));
    }
}

#[test]
fn an_event_with_data_is_left_alone() {
    let told = event("job.dispatched.v1.because", &[]);
    assert_eq!(*upcast(&told), told);
    let mut spoken = event("job.dispatched.v1.because", &[("/reason", json!("the cpu pool, as asked"))]);
    assert_eq!(*upcast(&spoken), spoken);
    spoken = event("job.epoch_logged.v1", &[]);
    assert!(matches!(upcast(&spoken), std::borrow::Cow::Borrowed(_)));
}
