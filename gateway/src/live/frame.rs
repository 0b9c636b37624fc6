//! The frames of a socket, as JSON text.

use std::collections::BTreeMap;

use axum::extract::ws::Utf8Bytes;
use trainyard_api::Problem;
use trainyard_api::live::{ServerFrame, TopicRows};
use trainyard_events::chat::Language;
use trainyard_events::trainer::Telemetry;
use trainyard_events::{ConsoleLines, TenantId};
use uuid::Uuid;

use super::channel::Channel;
use crate::told::told_text;

/// What waits to be sent. Clones share the bytes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outgoing {
    pub(crate) text: Utf8Bytes,
    /// Of an event: the topic that it was sent for.
    pub(crate) event_of: Option<Channel>,
}

impl From<String> for Outgoing {
    fn from(text: String) -> Outgoing {
        Outgoing { text: text.into(), event_of: None }
    }
}

fn text(frame: &ServerFrame) -> String {
    serde_json::to_string(frame).expect("a frame is plain data, which always serialises")
}

pub(crate) fn ready(tenant: &TenantId) -> Outgoing {
    Outgoing::from(text(&ServerFrame::Ready { tenant: tenant.clone() }))
}

/// `resume` is absent for the fleet, which has no history.
pub(crate) fn initial(channel: Channel, sequence: u64, rows: TopicRows, resume: Option<String>) -> String {
    told_text(&ServerFrame::Initial { topic: channel.to_string(), sequence, rows, resume })
}

/// [`ServerFrame::Event`], around what is text already. Neither a topic nor a token holds anything that JSON would escape.
pub(crate) fn event(channel: Channel, json: &str, resume: &str) -> Outgoing {
    let text = format!(r#"{{"type":"event","topic":"{channel}","event":{json},"resume":"{resume}"}}"#);
    Outgoing { text: text.into(), event_of: Some(channel) }
}

pub(crate) fn telemetry(job: Uuid, telemetry: &Telemetry) -> String {
    text(&ServerFrame::Telemetry { topic: format!("job:{job}"), job, telemetry: telemetry.clone() })
}

pub(crate) fn console(job: Uuid, lines: &ConsoleLines) -> String {
    text(&ServerFrame::Console { topic: format!("job:{job}"), job, console: lines.clone() })
}

/// Everything up to `sequence` has been sent; `resume` has a token for each topic.
pub(crate) fn watermark(sequence: u64, resume: BTreeMap<String, String>) -> Outgoing {
    Outgoing::from(text(&ServerFrame::Watermark { sequence, resume }))
}

/// The topic has ended here: subscribe to it again, without a resume token.
pub(crate) fn refetch(channel: Channel, reason: &str) -> Outgoing {
    Outgoing::from(text(&ServerFrame::Refetch { topic: channel.to_string(), reason: reason.to_owned() }))
}

pub(crate) fn error(problem: &Problem, topic: Option<String>, language: Language) -> Outgoing {
    let message = problem.said(language).message;
    Outgoing::from(text(&ServerFrame::Error { code: problem.code(), message, topic }))
}
