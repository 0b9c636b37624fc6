//! What leaves the house for people: each reason with its sentences beside its code and values.

use serde::de::DeserializeOwned;
use serde_json::Value;
use trainyard_events::reason::{Advice, Caution, Flaw, Reason};

use crate::{Both, Words};

/// Gives every reason in `value`, as rows and events have them, the fields `en` and `ko`.
pub fn say(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(say),
        Value::Object(fields) => {
            for (name, field) in fields {
                match (name.as_str(), field) {
                    ("advice", Value::Array(list)) => add_words::<Advice>(list),
                    ("cautions", Value::Array(list)) => add_words::<Caution>(list),
                    ("flaws", Value::Array(list)) => add_words::<Flaw>(list),
                    (name, Value::Array(list)) if name.ends_with("because") => add_words::<Reason>(list),
                    (_, field) => say(field),
                }
            }
        }
        _ => {}
    }
}

/// What does not decode is a stranger's, and stays as it is.
fn add_words<T: Words + DeserializeOwned>(list: &mut [Value]) {
    for one in list {
        if let (Ok(what), Value::Object(fields)) = (serde_json::from_value::<T>(one.clone()), one) {
            let Both { english, korean } = what.words();
            fields.insert("en".to_owned(), english.into());
            fields.insert("ko".to_owned(), korean.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::say;

    #[test]
    fn reasons_get_both_sentences_wherever_they_stand() {
        let mut rows = json!([{
            "status": "requested",
            "waiting_because": [{ "code": "next_attempt", "attempt": 2 }],
            "failure": { "because": [{ "code": "no_gpu" }], "advice": [{ "code": "gpu_or_auto" }] },
            "profile": { "cautions": [], "skipped": [{ "path": "a", "flaws": [{ "code": "empty_file" }] }] },
        }]);
        say(&mut rows);
        assert_eq!(
            rows[0]["waiting_because"],
            json!([{ "code": "next_attempt", "attempt": 2, "en": "attempt 2", "ko": "2번째 시도" }])
        );
        assert_eq!(rows[0]["failure"]["because"][0]["ko"], "이 작업자에서 GPU를 찾지 못했습니다");
        assert_eq!(
            rows[0]["failure"]["advice"][0]["en"],
            "run it on a worker with a GPU, or set device to auto"
        );
        assert_eq!(rows[0]["profile"]["skipped"][0]["flaws"][0]["en"], "is empty");
    }

    #[test]
    fn what_is_no_reason_stays_as_it_is() {
        let strange = json!({
            "because": "implied",
            "patch": { "because": [{ "code": "of_tomorrow" }, 7] },
            "error": { "code": "no_gpu" },
        });
        let mut said = strange.clone();
        say(&mut said);
        assert_eq!(said, strange);
    }
}
