//! The frames of a socket, as JSON text.

use std::collections::BTreeMap;
use std::sync::Arc;

use trainyard_api::Problem;
use trainyard_api::live::{ServerFrame, TopicRows};
use trainyard_events::chat::Language;
use trainyard_events::trainer::Telemetry;
use trainyard_events::{ConsoleLines, TenantId};
use uuid::Uuid;

use super::channel::Channel;
use crate::told::told;

/// What waits to be sent. An event's text is made when it is sent, from the one copy that all sockets share.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outgoing {
    Text(String),
    Event { channel: Channel, sequence: u64, json: Arc<str> },
}

fn text(frame: &ServerFrame) -> String {
    serde_json::to_string(frame).expect("a frame is plain data, which always serialises")
}

pub(crate) fn ready(tenant: &TenantId) -> Outgoing {
    Outgoing::Text(text(&ServerFrame::Ready { tenant: tenant.clone() }))
}

/// `resume` is absent for the fleet, which has no history.
pub(crate) fn initial(channel: Channel, sequence: u64, rows: TopicRows, resume: Option<String>) -> String {
    told(&ServerFrame::Initial { topic: channel.to_string(), sequence, rows, resume }).to_string()
}

/// [`ServerFrame::Event`], around what is text already. Neither a topic nor a token holds anything that JSON would escape.
pub(crate) fn event(channel: Channel, json: &str, resume: &str) -> String {
    format!(r#"{{"type":"event","topic":"{channel}","event":{json},"resume":"{resume}"}}"#)
}

pub(crate) fn telemetry(job: Uuid, telemetry: &Telemetry) -> String {
    text(&ServerFrame::Telemetry { topic: format!("job:{job}"), job, telemetry: telemetry.clone() })
}

pub(crate) fn console(job: Uuid, lines: &ConsoleLines) -> String {
    text(&ServerFrame::Console { topic: format!("job:{job}"), job, console: lines.clone() })
}

/// Everything up to `sequence` has been sent; `resume` has a token for each topic.
pub(crate) fn watermark(sequence: u64, resume: BTreeMap<String, String>) -> Outgoing {
    Outgoing::Text(text(&ServerFrame::Watermark { sequence, resume }))
}

/// The topic has ended here: subscribe to it again, without a resume token.
pub(crate) fn refetch(channel: Channel, reason: &str) -> Outgoing {
    Outgoing::Text(text(&ServerFrame::Refetch { topic: channel.to_string(), reason: reason.to_owned() }))
}

pub(crate) fn error(problem: &Problem, topic: Option<String>, language: Language) -> Outgoing {
    let message = problem.said(language).message;
    Outgoing::Text(text(&ServerFrame::Error { code: problem.code(), message, topic }))
}
