//! The frames of a socket, as JSON text.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use trainyard_events::trainer::Telemetry;
use trainyard_events::{ConsoleLines, TenantId};
use uuid::Uuid;

use super::channel::Channel;

/// What a client may say.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum ClientFrame {
    Auth { token: String },
    Subscribe { topic: String, resume: Option<String> },
    Unsubscribe { topic: String },
}

/// What waits to be sent. An event's text is made when it is sent, from the one copy that all sockets share.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outgoing {
    Text(String),
    Event { channel: Channel, sequence: u64, json: Arc<str> },
}

pub(crate) fn ready(tenant: &TenantId) -> Outgoing {
    Outgoing::Text(json!({ "type": "ready", "tenant": tenant }).to_string())
}

/// `resume` is absent for the fleet, which has no history.
pub(crate) fn initial(channel: Channel, sequence: u64, rows: Value, resume: Option<String>) -> String {
    let mut frame =
        json!({ "type": "initial", "topic": channel.to_string(), "sequence": sequence, "rows": rows });
    if let Some(resume) = resume {
        frame["resume"] = resume.into();
    }
    frame.to_string()
}

/// Neither a topic nor a token holds anything that JSON would escape.
pub(crate) fn event(channel: Channel, json: &str, resume: &str) -> String {
    format!(r#"{{"type":"event","topic":"{channel}","event":{json},"resume":"{resume}"}}"#)
}

pub(crate) fn telemetry(job: Uuid, telemetry: &Telemetry) -> String {
    json!({ "type": "telemetry", "topic": format!("job:{job}"), "job": job, "telemetry": telemetry })
        .to_string()
}

pub(crate) fn console(job: Uuid, lines: &ConsoleLines) -> String {
    json!({ "type": "console", "topic": format!("job:{job}"), "job": job, "console": lines }).to_string()
}

/// Everything up to `sequence` has been sent; `resume` has a token for each topic.
pub(crate) fn watermark(sequence: u64, resume: Map<String, Value>) -> Outgoing {
    Outgoing::Text(json!({ "type": "watermark", "sequence": sequence, "resume": resume }).to_string())
}

/// The topic has ended here: subscribe to it again, without a resume token.
pub(crate) fn refetch(channel: Channel, reason: &str) -> Outgoing {
    Outgoing::Text(json!({ "type": "refetch", "topic": channel.to_string(), "reason": reason }).to_string())
}

pub(crate) fn error(code: &str, message: &str, topic: Option<&str>) -> Outgoing {
    let mut frame = json!({ "type": "error", "code": code, "message": message });
    if let Some(topic) = topic {
        frame["topic"] = topic.into();
    }
    Outgoing::Text(frame.to_string())
}
