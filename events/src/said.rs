//! What people have said, where it stands in the body of a fact: texts that are sealed in the log, and that can be erased from it.
//!
//! An answer may quote what it answers, so that it counts as said by whoever asked. What was decided because of it, such as the
//! configuration of a proposal, is no part of it.

use serde_json::Value;

use crate::{Entry, Recorded};

/// By kind: paths in the body, on which `*` is every element of a list, and `**` every text below. A text that is not there is none.
const SAID: [(&str, &[&str]); 6] = [
    ("chat.prompt_received", &["text"]),
    ("chat.config_proposed", ANSWER),
    ("chat.reply_given", ANSWER),
    ("chat.proposal_approved", &["reply"]),
    ("chat.proposal_rejected", &["reply"]),
    ("chat.annotated", &["title"]),
];

/// Where an answer quotes, a language model and its reading included.
const ANSWER: &[&str] = &[
    "reply",
    "choices.*.say",
    "choices.*.what",
    "interpreter.prompt",
    "interpreter.answer",
    "interpreter.verdict",
    "interpreter.patch.spec.**",
];

/// Kinds in whose bodies people have said something.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    SAID.iter().map(|(kind, _)| *kind)
}

/// Puts other texts in the place of those that people have said; `change` is told where each stands. The empty ones stay.
pub fn change(kind: &str, body: &mut Value, change: &mut impl FnMut(&str, &mut String)) {
    let Some((_, paths)) = SAID.iter().find(|(name, _)| *name == kind) else { return };
    for path in *paths {
        visit(body, "", path, change);
    }
}

/// Takes away what people have said.
pub fn erase(kind: &str, body: &mut Value) {
    change(kind, body, &mut |_, text| text.clear());
}

fn visit(value: &mut Value, at: &str, path: &str, change: &mut impl FnMut(&str, &mut String)) {
    let below = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    match value {
        Value::String(text) if matches!(path, "" | "**") && !text.is_empty() => change(at, text),
        Value::Array(values) if matches!(first, "*" | "**") => {
            let rest = if first == "**" { path } else { rest };
            for (place, value) in values.iter_mut().enumerate() {
                visit(value, &below(&place.to_string()), rest, change);
            }
        }
        Value::Object(fields) if path == "**" => {
            for (name, value) in fields.iter_mut() {
                visit(value, &below(name), path, change);
            }
        }
        Value::Object(fields) if !path.is_empty() => {
            if let Some(value) = fields.get_mut(first) {
                visit(value, &below(first), rest, change);
            }
        }
        _ => {}
    }
}

impl Recorded {
    /// The same with other texts in the place of what people have said in it; unreadable where those make no event.
    pub fn saying(&self, mut other: impl FnMut(&str, &mut String)) -> Entry {
        let mut value: Value = serde_json::from_str(&self.raw()).expect("it was written as JSON");
        change(self.envelope.event.kind(), &mut value["body"], &mut other);
        let bytes = serde_json::to_vec(&value).expect("JSON is written as JSON");
        Entry::read(self.sequence, &Entry::Event(Box::new(self.clone())).subject(), &bytes)
    }

    /// The same without what people have said in it.
    pub fn unsaid(&self) -> Recorded {
        self.saying(|_, text| text.clear()).event().expect("an event with empty texts is an event")
    }
}
