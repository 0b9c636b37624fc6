//! What leaves the gateway for people: every reason has its sentence in both languages beside it.

use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use trainyard_words::say;

/// Every reason has one, and little else.
const CODE: &str = "\"code\":";

/// An answer with rows or events in it.
pub(crate) struct Told<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Told<T> {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], told_text(&self.0)).into_response()
    }
}

/// As text. Most rows have no reason in them, and are not taken apart to be given words.
pub(crate) fn told_text(what: &impl Serialize) -> String {
    let plain = serde_json::to_string(what).expect("answers are plain data");
    if plain.contains(CODE) { told(what).to_string() } else { plain }
}

/// A row by itself: only those of a list that have reasons take longer.
pub(crate) fn told_row(row: &impl Serialize) -> Box<RawValue> {
    RawValue::from_string(told_text(row)).expect("it was written as JSON")
}

pub(crate) fn told(what: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(what).expect("answers are plain data");
    say(&mut value);
    value
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use trainyard_events::reason::{Advice, Caution, Flaw, Reason, Wait};

    use super::*;

    #[test]
    fn text_says_what_a_value_says() {
        let plain = json!({ "waiting_because": [], "note": "a \"code\" of \u{1} nobody's", "loss": 0.1 });
        let waits = json!({ "waiting_because": [{ "attempt": 2, "code": "next_attempt" }], "note": "한글" });
        let nested = json!({ "rows": [plain, { "failure": { "because": [{ "code": "no_gpu" }] } }] });
        for row in [plain, waits, nested] {
            let text: Value = serde_json::from_str(&told_text(&row)).expect("JSON");
            assert_eq!(text, told(&row));
            assert_eq!(serde_json::from_str::<Value>(told_row(&row).get()).expect("JSON"), told(&row));
        }
    }

    #[test]
    fn every_kind_of_reason_has_a_code_that_is_found() {
        let advice = serde_json::to_string(&Advice::GpuOrAuto);
        let flaw = serde_json::to_string(&Flaw::EmptyFile);
        let wait = serde_json::to_string(&Reason::Wait(Wait::NoDispatcher));
        let caution = serde_json::to_string(&Caution::NotOfAClass { files: 1 });
        for text in [advice, flaw, wait, caution] {
            let text = text.expect("plain data");
            assert!(text.contains(CODE), "{text}");
        }
    }
}
