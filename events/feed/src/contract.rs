//! What readers can rely on, as a document: every kind with the JSON Schema of its body, and where it is to be read (AsyncAPI 3).

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};
use trainyard_events::kinds::{self, KINDS};
use trainyard_events::trainer::{LookTold, Telemetry};
use trainyard_events::{
    ChatEvent, ConsoleLines, DatasetEvent, EndpointEvent, HookEvent, JobEvent, LogEvent, MaintenanceEvent,
    ModelEvent, TenantEvent, limits, subject,
};

use crate::cloud_event::{HASH, OF_TOKENS, UNREADABLE, schema_name};

/// What an event may lack.
const OPTIONAL: [&str; 2] = ["causationid", "sealed"];
/// Where the document keeps its schemas.
const SCHEMAS: &str = "#/components/schemas";

/// AsyncAPI 3.0.
pub fn asyncapi() -> Value {
    let mut generator = generator();
    let bodies = bodies(&mut generator);
    let telemetry = generator.subschema_for::<Telemetry>();
    let console = generator.subschema_for::<ConsoleLines>();
    let look = generator.subschema_for::<LookTold>();
    let mut schemas: Map<String, Value> = generator.take_definitions(true);
    let (mut channels, mut operations, mut messages) = (Map::new(), Map::new(), Map::new());
    let mut add = |name: &str, address: String, parameters: Value, message: Value| {
        let at = |list: &str| json!({ "$ref": format!("#/{list}/{name}") });
        let message_at = json!({ name: { "$ref": format!("#/components/messages/{name}") } });
        channels.insert(
            name.to_owned(),
            json!({ "address": address, "parameters": parameters, "messages": message_at }),
        );
        operations.insert(format!("read-{name}"), json!({ "action": "receive", "channel": at("channels") }));
        messages.insert(name.to_owned(), message);
    };
    for (kind, body) in bodies {
        let schema = kinds::find(&kind).map_or(1, |kind| kind.schema);
        let name = format!("{kind}.v{schema}");
        let about = body.get("description").cloned();
        add(&kind, address(&kind), parameters(&kind), message(&kind, about, event(&kind, schema, &name)));
        schemas.insert(name, body);
    }
    let whatever = json!({ "aggregate": {}, "id": {}, "tenant": {} });
    add(UNREADABLE, address(UNREADABLE), whatever, message(UNREADABLE, None, unreadable()));
    let of_job = json!({ "tenant": {}, "job": {} });
    let (steps, lines) = ("A step of a job that trains.", "Newest lines of a trainer's console.");
    add(
        "telemetry",
        told("job.{job}"),
        of_job,
        message("telemetry", Some(steps.into()), telemetry.to_value()),
    );
    let of_attempt = json!({ "tenant": {}, "job": {}, "token": {} });
    add(
        "console",
        told("console.{job}.{token}"),
        of_attempt,
        message("console", Some(lines.into()), console.to_value()),
    );
    let of_dataset = json!({ "tenant": {}, "dataset": {} });
    let about = "How far the look at a dataset is; the newest takes the place of those before it.";
    add("look", told("look.{dataset}"), of_dataset, message("look", Some(about.into()), look.to_value()));
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Trainyard feed",
            "version": env!("CARGO_PKG_VERSION"),
            "description": format!(
                "Every event of a tenant as a CloudEvent in JSON, on the stream {}, and what is told of its jobs and looks, on {}. \
                 Log in at NATS with a token as the password; GET /v1/feed says the rest. Bodies only gain optional \
                 fields; what would be misread is a new kind. Leave unread what you do not know.",
                subject::FEED, subject::TELEMETRY
            ),
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": { "messages": messages, "schemas": schemas },
    })
}

fn generator() -> SchemaGenerator {
    let mut settings = SchemaSettings::draft07().for_serialize();
    settings.definitions_path = SCHEMAS.trim_start_matches('#').into();
    settings.meta_schema = None;
    settings.into_generator()
}

/// The body of each kind, as readers get it.
fn bodies(generator: &mut SchemaGenerator) -> Vec<(String, Value)> {
    let families = [
        ChatEvent::json_schema(generator),
        DatasetEvent::json_schema(generator),
        JobEvent::json_schema(generator),
        EndpointEvent::json_schema(generator),
        ModelEvent::json_schema(generator),
        HookEvent::json_schema(generator),
        MaintenanceEvent::json_schema(generator),
        TenantEvent::json_schema(generator),
        LogEvent::json_schema(generator),
    ];
    let mut bodies = Vec::new();
    for family in families {
        let variants = family.get("oneOf").and_then(Value::as_array).cloned().unwrap_or_default();
        for variant in variants {
            let kind = variant["properties"]["kind"]["const"].as_str().unwrap_or_default().to_owned();
            let mut body = variant["properties"]["body"].clone();
            if let Some(about) = variant.get("description") {
                body["description"] = about.clone();
            }
            if kind.starts_with(OF_TOKENS) {
                forget(&mut body, HASH);
            }
            bodies.push((kind, body));
        }
    }
    debug_assert_eq!(bodies.len(), KINDS.len(), "each kind has a schema");
    bodies
}

fn forget(body: &mut Value, field: &str) {
    body["properties"].as_object_mut().and_then(|properties| properties.remove(field));
    if let Some(required) = body["required"].as_array_mut() {
        required.retain(|name| name != field);
    }
}

fn address(kind: &str) -> String {
    let (family, event) = kind.split_once('.').expect("a kind has two words");
    let aggregate = if family == "log" { "{aggregate}" } else { family };
    let id = if family == "tenant" { "{tenant}" } else { "{id}" };
    let on = if kind.starts_with(OF_TOKENS) { subject::admin_feed } else { subject::feed };
    on("{tenant}", aggregate, event, id)
}

fn parameters(kind: &str) -> Value {
    match kind.split_once('.').map(|(family, _)| family) {
        Some("tenant") => json!({ "tenant": {} }),
        Some("log") => json!({ "tenant": {}, "aggregate": {}, "id": {} }),
        _ => json!({ "tenant": {}, "id": {} }),
    }
}

fn told(of: &str) -> String {
    format!("trainyard.telemetry.{{tenant}}.{of}")
}

fn message(name: &str, about: Option<Value>, payload: Value) -> Value {
    let mut message = json!({ "name": name, "contentType": "application/json", "payload": payload });
    if let Some(about) = about {
        message["description"] = about;
    }
    message
}

/// A CloudEvent of a kind whose body has the schema that the document calls `body`.
fn event(kind: &str, schema: u16, body: &str) -> Value {
    let mut all = attributes(kind);
    all.extend(object(json!({
        "time": { "type": "string", "format": "date-time" },
        "actor": { "type": "string", "pattern": "^(user|worker|policy):" },
        "correlationid": { "type": "string", "format": "uuid" },
        "causationid": { "type": "string", "format": "uuid" },
        "sealed": {
            "type": "boolean",
            "description": "What people have said in it is sealed: GET /v1/chats/{id} tells it, until it is erased.",
        },
        "datacontenttype": { "type": "string", "const": "application/json" },
        "dataschema": { "type": "string", "const": schema_name(kind, schema) },
        "data": { "$ref": format!("{SCHEMAS}/{body}") },
    })));
    let required: Vec<&String> = all.keys().filter(|name| !OPTIONAL.contains(&name.as_str())).collect();
    json!({ "type": "object", "required": required, "properties": all })
}

/// One of what the log holds and nobody can read.
fn unreadable() -> Value {
    let mut all = attributes(UNREADABLE);
    all.extend(object(json!({
        "datacontenttype": { "type": "string", "const": "application/octet-stream" },
        "data_base64": { "type": "string", "contentEncoding": "base64", "maxLength": limits::EVENT_BYTES * 2 },
    })));
    let required: Vec<&String> = all.keys().collect();
    json!({ "type": "object", "required": required, "properties": all })
}

fn attributes(kind: &str) -> Map<String, Value> {
    object(json!({
        "specversion": { "type": "string", "const": "1.0" },
        "id": { "type": "string", "description": "The same whenever it is copied." },
        "source": { "type": "string", "description": "The tenant." },
        "type": { "type": "string", "const": kind },
        "subject": { "type": "string", "description": "What it is about, such as job/<id>." },
        "sequence": {
            "type": "string", "pattern": "^[0-9]{20}$",
            "description": "Its place in the platform's log; grows, and has gaps where others' events are.",
        },
    }))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
