//! Why something is as it is and what to do next, as data: a code and values. `events/words` says each in English and
//! Korean; nothing else does.

mod advice;
pub mod before;
mod cause;
mod caution;
mod config;
mod ending;
mod flaw;
mod format;
mod rejection;
mod trouble;
mod unfit;
mod wait;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

pub use advice::Advice;
pub use cause::{Cause, Doing};
pub use caution::Caution;
pub use config::{ConfigProblem, Field};
pub use ending::Ending;
pub use flaw::{BoxFlaw, Contents, Flaw, LineFlaw, ObjectFlaw, Picture, Place};
pub use format::{LabelFormat, LabelPart, NameMatch, UnreadLabels};
pub use rejection::Rejection;
pub use trouble::{Exit, Fact, Trouble};
pub use unfit::Unfit;
pub use wait::Wait;

/// Anything that answers "why" of a job or a dataset. On the wire `{"code": "...", <values>}`; no two kinds share a code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Reason {
    Wait(Wait),
    Ending(Ending),
    Trouble(Trouble),
    Unfit(Unfit),
    Config(ConfigProblem),
    Other(Other),
}

/// A reason that is none of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Other {
    /// A foreign trainer's, shown as it is.
    Said { text: String },
}

impl Reason {
    pub fn said(text: impl Into<String>) -> Reason {
        Reason::Other(Other::Said { text: text.into() })
    }
}

impl From<Wait> for Reason {
    fn from(wait: Wait) -> Reason {
        Reason::Wait(wait)
    }
}

impl From<Ending> for Reason {
    fn from(ending: Ending) -> Reason {
        Reason::Ending(ending)
    }
}

impl From<Trouble> for Reason {
    fn from(trouble: Trouble) -> Reason {
        Reason::Trouble(trouble)
    }
}

impl From<Unfit> for Reason {
    fn from(unfit: Unfit) -> Reason {
        Reason::Unfit(unfit)
    }
}

impl From<ConfigProblem> for Reason {
    fn from(problem: ConfigProblem) -> Reason {
        Reason::Config(problem)
    }
}

/// Reads a list of which this binary knows everything. Of one that a newer release has written it may not: then the
/// list is empty here, and the sentence beside it speaks.
pub fn known<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// `data` with every text in it cut to `chars` characters: it may quote what a stranger's file or program says.
pub fn cut<T: Serialize + DeserializeOwned>(data: T, chars: usize) -> T {
    let mut value = serde_json::to_value(&data).expect("reasons are plain data, which always serialises");
    cut_texts(&mut value, chars);
    // A code that is cut is none any more; no code is so long.
    serde_json::from_value(value).unwrap_or(data)
}

fn cut_texts(value: &mut Value, chars: usize) {
    match value {
        Value::String(text) => {
            if let Some((end, _)) = text.char_indices().nth(chars) {
                text.truncate(end);
                text.push_str("...");
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| cut_texts(value, chars)),
        Value::Object(fields) => fields.values_mut().for_each(|value| cut_texts(value, chars)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Fact {
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known")]
        because: Vec<Reason>,
    }

    #[test]
    fn a_reason_is_its_code_and_values() {
        let fact = Fact { because: vec![Unfit::OnlyClass { class: "cat".into() }.into()] };
        let written = json!({ "because": [{ "code": "only_class", "class": "cat" }] });
        assert_eq!(serde_json::to_value(&fact).unwrap(), written);
        assert_eq!(serde_json::from_value::<Fact>(written).unwrap(), fact);
    }

    #[test]
    fn what_a_newer_release_has_written_is_read_as_no_data() {
        for because in [
            json!([{ "code": "of_tomorrow" }]),
            json!([{ "code": "only_class" }]),
            json!("text"),
            json!(null),
        ] {
            let fact: Fact = serde_json::from_value(json!({ "because": because })).unwrap();
            assert_eq!(fact.because, []);
        }
    }

    #[test]
    fn words_beside_the_values_are_passed_over() {
        let said = json!({ "because": [{ "code": "empty_folder", "en": "the folder is empty", "ko": "…" }] });
        let fact: Fact = serde_json::from_value(said).unwrap();
        assert_eq!(fact.because, [Reason::Unfit(Unfit::EmptyFolder)]);
    }

    #[test]
    fn long_texts_are_cut() {
        let reason = cut(Reason::said("가".repeat(9)), 4);
        assert_eq!(reason, Reason::said("가가가가..."));
    }
}
