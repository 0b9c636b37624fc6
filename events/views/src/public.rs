//! The form in which an event leaves the house.

use std::borrow::Cow;

use serde_json::Value;
use trainyard_events::reason::before::upcast;
use trainyard_events::{Actor, Event, Recorded, SEALED_SINCE, TenantEvent, said};

use crate::chat::erases;

/// As JSON writes it.
const NUL: &str = r"\u0000";

/// The form of an event that leaves the house: [`Recorded::to_value`] without the hash of a token, with its reasons as
/// data even where it was written before they were, and with every text as the rows have it. Whatever sends an event to a
/// reader sends this. How it is sealed in the log is nobody's business.
pub fn public_event(recorded: &Recorded) -> Value {
    let mut value = recorded.to_value();
    if let Some(fields) = value["body"].as_object_mut() {
        fields.remove(SEALED_SINCE);
    }
    if let Cow::Owned(event) = upcast(&recorded.envelope.event) {
        value["body"] = event.body();
    }
    if has_secret(&recorded.envelope.event)
        && let Some(body) = value["body"].as_object_mut()
    {
        body.remove("sha256");
    }
    scrub(&mut value);
    value
}

/// [`public_event`] as JSON. Most events leave as they are stored, with their sequence: nothing of them is read for it.
pub fn public_json(recorded: &Recorded) -> String {
    let event = &recorded.envelope.event;
    let stored = recorded.raw();
    let is_public = recorded.envelope.sealed.is_none()
        && !has_secret(event)
        && matches!(upcast(event), Cow::Borrowed(_))
        && !stored.contains(NUL);
    match stored.strip_suffix('}') {
        // Of a name that comes twice the later counts, here as there.
        Some(fields) if is_public => format!(r#"{fields},"sequence":{}}}"#, recorded.sequence),
        _ => public_event(recorded).to_string(),
    }
}

/// Takes away what was said in a public event of the same history, if `erasure` erases it; whether it does.
pub fn heed(event: &mut Value, erasure: &Recorded) -> bool {
    let Some(sequence) = event["sequence"].as_u64() else { return false };
    let Some(actor) = event["actor"].as_str().and_then(|actor| actor.parse::<Actor>().ok()) else {
        return false;
    };
    if !erases(erasure, &actor, sequence) {
        return false;
    }
    let kind = event["kind"].as_str().unwrap_or_default().to_owned();
    said::erase(&kind, &mut event["body"]);
    true
}

fn has_secret(event: &Event) -> bool {
    let Event::Tenant(event) = event else { return false };
    matches!(
        event,
        TenantEvent::TokenIssued { .. } | TenantEvent::TokenGranted { .. } | TenantEvent::TokenOffered { .. }
    )
}

/// Postgres can hold no NUL in text or jsonb, and a fact that has one must not stop the views for ever.
pub fn scrub(value: &mut Value) {
    let clean = |text: &str| text.replace('\0', "\u{fffd}");
    match value {
        Value::String(text) if text.contains('\0') => *text = clean(text),
        Value::Array(values) => values.iter_mut().for_each(scrub),
        Value::Object(fields) => {
            if fields.keys().any(|key| key.contains('\0')) {
                *fields =
                    std::mem::take(fields).into_iter().map(|(key, value)| (clean(&key), value)).collect();
            }
            fields.values_mut().for_each(scrub);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::scrub;

    #[test]
    fn no_nul_reaches_postgres() {
        let mut value = json!([{ "a\0": ["x\0y", 1, null] }]);
        scrub(&mut value);
        assert_eq!(value, json!([{ "a\u{fffd}": ["x\u{fffd}y", 1, null] }]));
    }
}
