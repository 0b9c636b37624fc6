//! Spans as a request of OTLP over HTTP in JSON, as its specification (opentelemetry.io/docs/specs/otlp) writes them: ids in hex,
//! long numbers as text, and enumerations as numbers.

use std::collections::BTreeMap;

use serde::Serialize;
use time::OffsetDateTime;

use crate::span::{Attributes, Service, Span, Value};

const NAME: &str = "trainyard";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// `SPAN_KIND_INTERNAL`, and `SPAN_KIND_SERVER` of what was asked for from outside.
const INTERNAL: u8 = 1;
const SERVER: u8 = 2;
/// `STATUS_CODE_ERROR`.
const ERROR: u8 = 2;

/// The body of one request.
pub(crate) fn request(spans: &[Span]) -> Vec<u8> {
    let mut by_service: BTreeMap<&Service, Vec<&Span>> = BTreeMap::new();
    for span in spans {
        by_service.entry(&span.service).or_default().push(span);
    }
    let resource_spans = by_service.into_iter().map(|(service, spans)| ResourceSpans {
        resource: Resource { attributes: resource(service) },
        scope_spans: [ScopeSpans {
            scope: Scope { name: NAME, version: VERSION },
            spans: spans.into_iter().map(written).collect(),
        }],
    });
    let request = Request { resource_spans: resource_spans.collect() };
    serde_json::to_vec(&request).expect("spans are plain data, which always serialises")
}

fn resource(service: &Service) -> Vec<KeyValue> {
    let (name, instance) = match service {
        Service::Gateway => ("trainyard-gateway", None),
        Service::Dispatcher => ("trainyard-dispatcher", None),
        Service::Worker(name) => ("trainyard-worker", Some(name)),
    };
    let mut attributes: Attributes = vec![("service.name", name.into()), ("service.namespace", NAME.into())];
    attributes.extend(instance.map(|instance| ("service.instance.id", instance.as_str().into())));
    key_values(&attributes)
}

fn written(span: &Span) -> Written<'_> {
    let link = |link: &crate::span::Link| Link {
        trace_id: hex::encode(link.trace.as_bytes()),
        span_id: hex::encode(link.span.0),
    };
    Written {
        trace_id: hex::encode(span.trace.as_bytes()),
        span_id: hex::encode(span.id.0),
        parent_span_id: span.parent.map(|parent| hex::encode(parent.0)),
        name: span.name,
        kind: if span.parent.is_some() { INTERNAL } else { SERVER },
        start_time_unix_nano: nanoseconds(span.start),
        end_time_unix_nano: nanoseconds(span.end),
        attributes: key_values(&span.attributes),
        links: span.links.iter().map(link).collect(),
        status: span.error.map(|message| Status { code: ERROR, message }),
    }
}

fn nanoseconds(at: OffsetDateTime) -> String {
    at.unix_timestamp_nanos().max(0).to_string()
}

fn key_values(attributes: &Attributes) -> Vec<KeyValue> {
    let value = |value: &Value| match value {
        Value::Text(text) => AnyValue::Text(text.clone()),
        Value::Whole(number) => AnyValue::Whole(number.to_string()),
        Value::Flag(flag) => AnyValue::Flag(*flag),
    };
    attributes.iter().map(|(key, of)| KeyValue { key, value: value(of) }).collect()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'s> {
    resource_spans: Vec<ResourceSpans<'s>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceSpans<'s> {
    resource: Resource,
    scope_spans: [ScopeSpans<'s>; 1],
}

#[derive(Serialize)]
struct Resource {
    attributes: Vec<KeyValue>,
}

#[derive(Serialize)]
struct ScopeSpans<'s> {
    scope: Scope,
    spans: Vec<Written<'s>>,
}

#[derive(Serialize)]
struct Scope {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'s> {
    trace_id: String,
    span_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_span_id: Option<String>,
    name: &'s str,
    kind: u8,
    start_time_unix_nano: String,
    end_time_unix_nano: String,
    attributes: Vec<KeyValue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Link {
    trace_id: String,
    span_id: String,
}

#[derive(Serialize)]
struct Status {
    code: u8,
    message: &'static str,
}

#[derive(Serialize)]
struct KeyValue {
    key: &'static str,
    value: AnyValue,
}

#[derive(Serialize)]
enum AnyValue {
    #[serde(rename = "stringValue")]
    Text(String),
    /// A whole number, which the protocol has as text.
    #[serde(rename = "intValue")]
    Whole(String),
    #[serde(rename = "boolValue")]
    Flag(bool),
}
