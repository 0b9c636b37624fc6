//! An event of the log as others read it: a CloudEvent in JSON, and the subject that it stands on.
//!
//! It is made of the bytes that are stored and of nothing that this binary knows: two releases make the same copy, and a
//! kind that only the next one knows is copied like any other.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use trainyard_bus::{Copied, Original};
use trainyard_events::subject;
use uuid::Uuid;

/// The type of what is no envelope of ours.
pub const UNREADABLE: &str = "log.unreadable";
/// Kinds that begin so tell of tokens, which only admins see; of a token's hash nobody is told.
pub(crate) const OF_TOKENS: &str = "tenant.token_";
pub(crate) const HASH: &str = "sha256";
/// Stands where a word of a subject would have to stand.
const NO_WORD: &str = "_";

/// CloudEvents 1.0 in its JSON form, with the extensions `sequence`, `actor`, `correlationid`, `causationid` and `sealed`.
#[derive(Serialize)]
struct CloudEvent<'e> {
    specversion: &'static str,
    id: Cow<'e, str>,
    source: &'e str,
    #[serde(rename = "type")]
    kind: &'e str,
    subject: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<&'e str>,
    /// Digits, with zeros before them, so that texts sort as numbers do.
    sequence: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlationid: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    causationid: Option<&'e str>,
    /// What people have said in it is copied as it is stored, which is sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    sealed: Option<bool>,
    datacontenttype: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dataschema: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Cow<'e, RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_base64: Option<String>,
}

/// An envelope as far as a copy needs it.
#[derive(Deserialize)]
struct Stored<'e> {
    event_id: Uuid,
    #[serde(borrow)]
    kind: Cow<'e, str>,
    schema: u16,
    #[serde(borrow)]
    tenant: Cow<'e, str>,
    #[serde(borrow)]
    aggregate: Cow<'e, str>,
    correlation_id: Uuid,
    causation_id: Option<Uuid>,
    #[serde(borrow)]
    actor: Cow<'e, str>,
    #[serde(borrow)]
    at: Cow<'e, str>,
    #[serde(borrow)]
    body: &'e RawValue,
}

/// What a body says of whether its texts are sealed.
#[derive(Deserialize)]
struct Sealed {
    #[serde(default)]
    sealed_since: Option<u64>,
}

/// Whose history a message is in, by the subject that the server has guarded.
struct Place<'e> {
    tenant: &'e str,
    aggregate: &'e str,
    id: Cow<'e, str>,
}

/// The copy of a message of the log.
pub fn copy(original: Original<'_>) -> Copied {
    let place = Place::of(original.subject);
    match Stored::read(original.payload, &place) {
        Some(stored) => stored.copy(&place, original.sequence),
        None => unreadable(&place, &original),
    }
}

/// The name of the schema of a kind's body.
pub fn schema_name(kind: &str, schema: u16) -> String {
    format!("urn:trainyard:{kind}:{schema}")
}

impl<'e> Place<'e> {
    fn of(subject: &'e str) -> Place<'e> {
        let words = subject.strip_prefix("trainyard.event.").unwrap_or_default();
        let mut words =
            words.splitn(3, '.').map(|word| if word.contains(['*', '>']) { NO_WORD } else { word });
        let mut next = || words.next().filter(|word| !word.is_empty()).unwrap_or(NO_WORD);
        Place { tenant: next(), aggregate: next(), id: next().into() }
    }

    fn name(&self) -> String {
        format!("{}/{}", self.aggregate, self.id)
    }
}

impl<'e> Stored<'e> {
    /// `None` if it is no envelope, or says that it belongs elsewhere.
    fn read(payload: &'e [u8], place: &Place<'_>) -> Option<Stored<'e>> {
        let stored: Stored = serde_json::from_slice(payload).ok()?;
        let is_plain = |word: &str| {
            !word.is_empty() && word.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        };
        let is_named =
            stored.kind.split_once('.').is_some_and(|(family, event)| is_plain(family) && is_plain(event));
        let is_here = stored.tenant == place.tenant && stored.aggregate == place.name();
        let is_dated = OffsetDateTime::parse(&stored.at, &Rfc3339).is_ok();
        (is_named && is_here && is_dated).then_some(stored)
    }

    fn is_sealed(&self) -> bool {
        serde_json::from_str::<Sealed>(self.body.get()).is_ok_and(|body| body.sealed_since.is_some())
    }

    fn copy(&self, place: &Place<'_>, sequence: u64) -> Copied {
        let (_, event) = self.kind.split_once('.').expect("a kind was read with two words");
        let is_of_tokens = self.kind.starts_with(OF_TOKENS);
        let on = if is_of_tokens { subject::admin_feed } else { subject::feed };
        let (id, correlation) = (self.event_id.to_string(), self.correlation_id.to_string());
        let causation = self.causation_id.map(|id| id.to_string());
        let cloud_event = CloudEvent {
            specversion: "1.0",
            id: Cow::Borrowed(&id),
            source: place.tenant,
            kind: &self.kind,
            subject: place.name(),
            time: Some(&self.at),
            sequence: digits(sequence),
            actor: Some(&self.actor),
            correlationid: Some(&correlation),
            causationid: causation.as_deref(),
            sealed: self.is_sealed().then_some(true),
            datacontenttype: "application/json",
            dataschema: Some(schema_name(&self.kind, self.schema)),
            data: Some(if is_of_tokens { without_hash(self.body) } else { Cow::Borrowed(self.body) }),
            data_base64: None,
        };
        let subject = on(place.tenant, place.aggregate, event, &place.id);
        Copied { subject, payload: json(&cloud_event).into(), id }
    }
}

/// The bytes as they are. Of a tenant's own history nobody knows what is in them, so only admins see those.
fn unreadable(place: &Place<'_>, original: &Original<'_>) -> Copied {
    let on = if place.aggregate == "tenant" { subject::admin_feed } else { subject::feed };
    let (_, event) = UNREADABLE.split_once('.').expect("it has two words");
    let id = format!("unreadable-{}", original.sequence);
    let cloud_event = CloudEvent {
        specversion: "1.0",
        id: Cow::Borrowed(&id),
        source: place.tenant,
        kind: UNREADABLE,
        subject: place.name(),
        time: None,
        sequence: digits(original.sequence),
        actor: None,
        correlationid: None,
        causationid: None,
        sealed: None,
        datacontenttype: "application/octet-stream",
        dataschema: None,
        data: None,
        data_base64: Some(STANDARD.encode(original.payload)),
    };
    let subject = on(place.tenant, place.aggregate, event, &place.id);
    Copied { subject, payload: json(&cloud_event).into(), id }
}

fn without_hash(body: &RawValue) -> Cow<'_, RawValue> {
    let Ok(mut fields) = serde_json::from_str::<Map<String, Value>>(body.get()) else {
        return Cow::Borrowed(body);
    };
    fields.remove(HASH);
    Cow::Owned(to_raw_value(&fields).expect("what was read as JSON is written as JSON"))
}

fn digits(sequence: u64) -> String {
    format!("{sequence:020}")
}

fn json(cloud_event: &CloudEvent) -> Vec<u8> {
    serde_json::to_vec(cloud_event).expect("a copy is plain data, which always serialises")
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use trainyard_bus::{Copied, Original};

    use super::{Engine, STANDARD, Value, copy};

    fn copied(subject: &str, payload: &[u8]) -> (Copied, Value) {
        let payload = payload.to_vec().into();
        let copied = copy(Original { sequence: 42, subject, payload: &payload });
        let value = serde_json::from_slice(&copied.payload).expect("JSON");
        (copied, value)
    }

    fn envelope(kind: &str, aggregate: &str, body: &str) -> String {
        format!(
            r#"{{"actor":"user:laptop","aggregate":"{aggregate}","at":"2026-01-01T00:00:00Z","body":{body},"causation_id":null,"command_id":"0193d2c4-0000-7000-8000-000000000001","correlation_id":"0193d2c4-0000-7000-8000-000000000002","event_id":"0193d2c4-0000-7000-8000-000000000003","kind":"{kind}","schema":1,"tenant":"acme"}}"#
        )
    }

    const JOB: &str = "0193d2c4-0000-7000-8000-000000000009";

    #[test]
    fn an_event_becomes_a_cloud_event() {
        let on = format!("trainyard.event.acme.job.{JOB}");
        // Spaces and an order of its own: the body is copied byte for byte.
        let body = r#"{"z":1, "reason":"changed my mind"}"#;
        let (copy, value) =
            copied(&on, envelope("job.cancel_requested", &format!("job/{JOB}"), body).as_bytes());
        assert_eq!(copy.subject, format!("trainyard.feed.acme.job.cancel_requested.{JOB}"));
        assert_eq!(copy.id, "0193d2c4-0000-7000-8000-000000000003");
        assert!(std::str::from_utf8(&copy.payload).expect("text").ends_with(&format!(r#""data":{body}}}"#)));
        assert_eq!(
            value,
            json!({
                "specversion": "1.0", "id": "0193d2c4-0000-7000-8000-000000000003", "source": "acme",
                "type": "job.cancel_requested", "subject": format!("job/{JOB}"), "time": "2026-01-01T00:00:00Z",
                "sequence": "00000000000000000042", "actor": "user:laptop",
                "correlationid": "0193d2c4-0000-7000-8000-000000000002", "datacontenttype": "application/json",
                "dataschema": "urn:trainyard:job.cancel_requested:1",
                "data": { "z": 1, "reason": "changed my mind" },
            })
        );
    }

    #[test]
    fn a_kind_of_the_future_is_copied_like_any_other() {
        let on = format!("trainyard.event.acme.robot.{JOB}");
        let (copy, value) = copied(&on, envelope("robot.waved", &format!("robot/{JOB}"), "[1]").as_bytes());
        assert_eq!(copy.subject, format!("trainyard.feed.acme.robot.waved.{JOB}"));
        assert_eq!((&value["type"], &value["data"]), (&json!("robot.waved"), &json!([1])));
        let on = format!("trainyard.event.acme.job.{JOB}");
        let skipped = envelope("log.event_skipped", &format!("job/{JOB}"), "{}");
        assert_eq!(
            copied(&on, skipped.as_bytes()).0.subject,
            format!("trainyard.feed.acme.job.event_skipped.{JOB}")
        );
    }

    #[test]
    fn what_is_no_envelope_of_its_subject_is_copied_as_bytes() {
        let on = format!("trainyard.event.acme.job.{JOB}");
        let others = envelope("job.cancelled", &format!("job/{JOB}"), "{}").replace("\"acme\"", "\"other\"");
        let odd = envelope("job.*.>", &format!("job/{JOB}"), "{}");
        let undated = envelope("job.cancelled", &format!("job/{JOB}"), "{}").replace("2026", "year");
        for bytes in [&b"\xff\xfe no JSON"[..], others.as_bytes(), odd.as_bytes(), undated.as_bytes(), b""] {
            let (copy, value) = copied(&on, bytes);
            assert_eq!(copy.subject, format!("trainyard.feed.acme.job.unreadable.{JOB}"));
            assert_eq!((&value["type"], &value["source"]), (&json!("log.unreadable"), &json!("acme")));
            assert_eq!(value["data_base64"], STANDARD.encode(bytes));
        }
        for (on, subject) in [
            ("trainyard.event.acme", "trainyard.feed.acme._.unreadable._"),
            ("trainyard.event.*.job.1", "trainyard.feed._.job.unreadable.1"),
            ("trainyard.event.acme.job.1.2", "trainyard.feed.acme.job.unreadable.1.2"),
        ] {
            assert_eq!(copied(on, b"?").0.subject, subject);
        }
    }

    #[test]
    fn of_tokens_only_admins_are_told_and_of_a_hash_nobody() {
        let issued = envelope("tenant.token_issued", "tenant/acme", r#"{"name":"ci","sha256":"feed"}"#);
        let (copy, value) = copied("trainyard.event.acme.tenant.acme", issued.as_bytes());
        assert_eq!(copy.subject, "trainyard.admin.acme.tenant.token_issued.acme");
        assert_eq!(value["data"], json!({ "name": "ci" }));
        let (copy, _) = copied("trainyard.event.acme.tenant.acme", b"?");
        assert_eq!(copy.subject, "trainyard.admin.acme.tenant.unreadable.acme");
        let quota = envelope("tenant.quota_set", "tenant/acme", "{}");
        let (copy, _) = copied("trainyard.event.acme.tenant.acme", quota.as_bytes());
        assert_eq!(copy.subject, "trainyard.feed.acme.tenant.quota_set.acme");
    }
}
