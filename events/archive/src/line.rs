//! One message of the log as a line of a segment, with a check of its own: that of the whole segment cannot say which line it is.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use trainyard_bus::Raw;
use trainyard_events::{Envelope, subject};

/// The end of a line: `CHECK`, that many digits in hexadecimal of the SHA-256 of the line without it, and `END`.
const CHECK: &[u8] = b",\"check\":\"";
const CHECK_DIGITS: usize = 16;
const END: &[u8] = b"\"}";

#[derive(Serialize, Deserialize)]
struct Line<'a> {
    sequence: u64,
    /// Sequence of the one before it in its history, as far as it is known. Unknown in formats before 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<u64>,
    /// Not there in formats before 3 where the envelope says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// As it is stored, where that is JSON in one line.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    envelope: Option<&'a RawValue>,
    /// Else its bytes in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes: Option<String>,
}

pub(crate) fn write(raw: &Raw) -> String {
    let text = std::str::from_utf8(&raw.payload).ok().filter(|text| !text.contains(['\n', '\r']));
    let envelope = text.and_then(|text| serde_json::from_str::<&RawValue>(text).ok());
    let envelope = envelope.filter(|envelope| envelope.get().len() == raw.payload.len());
    let bytes = envelope.is_none().then(|| hex::encode(&raw.payload));
    let subject = Some(raw.subject.clone());
    sealed(&Line { sequence: raw.sequence, before: raw.before, subject, envelope, bytes })
}

/// An object in one line, with its check.
pub(crate) fn sealed(object: &impl Serialize) -> String {
    let mut text = serde_json::to_string(object).expect("lines are plain data, which always serialises");
    let check = hex::encode(Sha256::digest(&text));
    text.pop();
    text + ",\"check\":\"" + &check[..CHECK_DIGITS] + "\"}"
}

/// Whether a line is as it was written; `None` where it has no check.
pub(crate) fn holds(line: &[u8]) -> Option<bool> {
    let (text, check) = line.strip_suffix(END)?.split_at_checked(line.len() - END.len() - CHECK_DIGITS)?;
    let object = text.strip_suffix(CHECK)?;
    let digest = Sha256::new().chain_update(object).chain_update(b"}").finalize();
    Some(hex::encode(digest).as_bytes()[..CHECK_DIGITS] == *check)
}

/// Reads a line of `text`, whose bytes the message shares.
pub(crate) fn read(text: &Bytes, line: &[u8]) -> Result<Raw, String> {
    let line: Line<'_> =
        serde_json::from_slice(line).map_err(|error| format!("it cannot be read: {error}"))?;
    let payload = match (line.envelope, &line.bytes) {
        (Some(envelope), _) => text.slice_ref(envelope.get().as_bytes()),
        (None, Some(digits)) => hex::decode(digits).map_err(|error| format!("its bytes: {error}"))?.into(),
        (None, None) => return Err("it has neither an envelope nor bytes".to_owned()),
    };
    let subject = match line.subject {
        Some(subject) => subject,
        None => {
            let envelope = Envelope::from_json(&payload).map_err(|error| error.to_string())?;
            subject::event(&envelope.tenant, &envelope.aggregate)
        }
    };
    Ok(Raw { sequence: line.sequence, subject, payload, before: line.before })
}
