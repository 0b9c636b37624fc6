//! The form in which an event leaves the house.

use std::borrow::Cow;

use serde_json::Value;
use trainyard_events::reason::before::upcast;
use trainyard_events::{Event, Recorded, TenantEvent};

/// The form of an event that leaves the house: [`Recorded::to_value`] without the hash of a token, with its reasons as
/// data even where it was written before they were, and with every text as the rows have it. Whatever sends an event to a
/// reader sends this.
pub fn public_event(recorded: &Recorded) -> Value {
    let mut value = recorded.to_value();
    if let Cow::Owned(event) = upcast(&recorded.envelope.event) {
        value["body"] = event.body();
    }
    if let (Event::Tenant(TenantEvent::TokenIssued { .. }), Some(body)) =
        (&recorded.envelope.event, value["body"].as_object_mut())
    {
        body.remove("sha256");
    }
    scrub(&mut value);
    value
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
