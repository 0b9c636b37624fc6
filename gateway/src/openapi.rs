//! `/openapi.json`, made from the table that the router is made from, and from the types that its routes name.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::{Method, StatusCode};
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};
use trainyard_api::live::{ClientFrame, ServerFrame};
use trainyard_api::{Code, ErrorAnswer};
use trainyard_events::tenant::Role;

use crate::guard::SEQUENCE_HEADER;
use crate::route::{Access, Content, Route};

/// OpenAPI 3.1.
pub(crate) fn document(routes: &[Route]) -> Value {
    let mut schemas = Schemas::new();
    let mut paths = Map::new();
    for route in routes {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.as_str().to_lowercase()] = schemas.operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Trainyard",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Trains vision models from a conversation. Writes answer `sequence`; a read with \
                `?wait_for=<sequence>` waits until it shows that write, 2 s at most. Whatever is refused has a code, \
                and words in the language that `Accept-Language` prefers, English or Korean.",
        },
        // Where this was read, whatever path a proxy puts before it.
        "servers": [{ "url": "./" }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": schemas.all(),
        },
    })
}

/// What is sent and what comes back have schemas of their own: what may be left out of one is always in the other.
struct Schemas {
    asked: SchemaGenerator,
    answered: SchemaGenerator,
}

impl Schemas {
    fn new() -> Schemas {
        let settings = || {
            let mut settings = SchemaSettings::draft2020_12();
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
            settings.with_transform(RecursiveTransform(bounded))
        };
        Schemas {
            asked: settings().for_deserialize().into_generator(),
            answered: settings().for_serialize().into_generator(),
        }
    }

    fn all(mut self) -> Map<String, Value> {
        self.asked.subschema_for::<ClientFrame>();
        self.answered.subschema_for::<ServerFrame>();
        let mut all = self.answered.take_definitions(true);
        for (name, schema) in self.asked.take_definitions(true) {
            let known = all.get(&name).is_none_or(|known| *known == schema);
            debug_assert!(known, "{name} is asked for in another form than it is answered in");
            all.insert(name, schema);
        }
        all
    }

    fn operation(&mut self, route: &Route) -> Value {
        let mut operation = json!({
            "summary": route.summary,
            "operationId": operation_id(route),
            "parameters": self.parameters(route),
            "responses": self.responses(route),
        });
        if let Access::Needs(role) = route.access {
            operation["security"] = json!([{ "token": [] }]);
            operation["x-role"] = json!(role);
        }
        for Content { kind, schema } in [route.body, route.or_body].into_iter().flatten() {
            let Some(schema) = schema else { continue };
            let schema = schema(&mut self.asked);
            if operation["requestBody"].is_null() {
                operation["requestBody"] = json!({ "required": self.has_to_be_sent(&schema), "content": {} });
            }
            operation["requestBody"]["content"][kind] = json!({ "schema": schema });
        }
        if route.status == StatusCode::SWITCHING_PROTOCOLS {
            operation["x-client-frames"] = json!({ "$ref": "#/components/schemas/ClientFrame" });
            operation["x-server-frames"] = json!({ "$ref": "#/components/schemas/ServerFrame" });
        }
        operation
    }

    /// Whether the object of this schema has fields that cannot be left out. No body at all is one without any.
    fn has_to_be_sent(&self, schema: &Schema) -> bool {
        let name = schema.get("$ref").and_then(Value::as_str).and_then(|it| it.rsplit('/').next());
        let named = name.and_then(|name| self.asked.definitions().get(name));
        named.is_some_and(|schema| schema["required"].as_array().is_some_and(|fields| !fields.is_empty()))
    }

    fn parameters(&mut self, route: &Route) -> Vec<Value> {
        let mut parameters = Vec::new();
        for (place, schema) in [("path", route.place), ("query", route.query)] {
            let mut fields = schema.map(|schema| schema(&mut self.asked)).unwrap_or_default();
            RecursiveTransform(bounded).transform(&mut fields);
            parameters.extend(each_field(&fields).map(|(name, mut schema)| {
                let mut parameter = json!({ "name": name, "in": place, "required": place == "path" });
                if let Some(description) = schema.as_object_mut().and_then(|it| it.remove("description")) {
                    parameter["description"] = description;
                }
                parameter["schema"] = given(schema);
                parameter
            }));
        }
        if route.reads_views {
            parameters.push(json!({
                "name": "wait_for",
                "in": "query",
                "description": "The sequence that a write was answered with",
                "schema": sequence(),
            }));
        }
        if takes_key(route) {
            parameters.push(json!({
                "name": "Idempotency-Key",
                "in": "header",
                "description": "The same key again is the same request",
                "schema": { "type": "string", "minLength": 1, "maxLength": 200 },
            }));
        }
        parameters
    }

    fn responses(&mut self, route: &Route) -> Value {
        let mut success = json!({ "description": "Done" });
        if let Some(Content { kind, schema }) = route.answer {
            let schema = schema.map(|schema| json!({ "schema": schema(&mut self.answered) }));
            success["content"] = json!({ kind: schema.unwrap_or_else(|| json!({})) });
        }
        if route.reads_views {
            success["headers"] = json!({ SEQUENCE_HEADER.as_str(): {
                "description": "The newest event that the answer holds",
                "required": true,
                "schema": sequence(),
            } });
        }
        let mut responses = Map::from_iter([(route.status.as_str().to_owned(), success)]);
        for (status, codes) in by_status(&codes(route)) {
            responses.insert(status.to_string(), self.refusal(status, &codes));
        }
        Value::Object(responses)
    }

    fn refusal(&mut self, status: u16, codes: &[Code]) -> Value {
        let form = self.answered.subschema_for::<ErrorAnswer>();
        let named: Vec<String> =
            codes.iter().map(|code| json!(code).as_str().unwrap_or_default().to_owned()).collect();
        let one_of_these =
            json!({ "properties": { "error": { "properties": { "code": { "enum": codes } } } } });
        let schema = json!({ "allOf": [form, one_of_these] });
        let mut refusal = json!({
            "description": format!("Refused: {}", named.join(", ")),
            "content": { "application/json": { "schema": schema } },
        });
        let header = match status {
            401 => Some("WWW-Authenticate"),
            429 | 503 => Some("Retry-After"),
            _ => None,
        };
        if let Some(name) = header {
            refusal["headers"] = json!({ name: { "required": true, "schema": { "type": "string" } } });
        }
        refusal
    }
}

/// Whether the route makes a fact.
fn writes(route: &Route) -> bool {
    route.method != Method::GET && route.access != Access::Needs(Role::Viewer)
}

/// Whether such a request may be repeated under its key, which is that of somebody who is known.
fn takes_key(route: &Route) -> bool {
    writes(route) && matches!(route.access, Access::Needs(_))
}

/// Every code that the route can refuse with.
fn codes(route: &Route) -> BTreeSet<Code> {
    let mut codes: BTreeSet<Code> = route.refuses.iter().copied().collect();
    if let Access::Needs(_) = route.access {
        codes.extend([Code::Unauthorized, Code::TooManyRequests, Code::Unavailable, Code::TimedOut]);
        codes.extend([Code::Internal, Code::Forbidden]);
        codes.extend((route.method != Method::GET).then_some(Code::OtherOrigin));
    }
    if route.reads_views || route.query.is_some() || writes(route) {
        codes.insert(Code::BadRequest);
    }
    if route.place.is_some() {
        codes.extend([Code::BadRequest, Code::NotFound]);
        codes.extend((route.reads_views || writes(route)).then_some(Code::ViewsBehind));
    }
    if writes(route) {
        codes.insert(Code::Quarantined);
    }
    if takes_key(route) {
        codes.insert(Code::IdempotencyKeyReused);
    }
    if route.body.is_some() {
        codes.extend([Code::TooLarge, Code::TooSlow]);
    }
    codes
}

fn by_status(codes: &BTreeSet<Code>) -> BTreeMap<u16, Vec<Code>> {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.status()).or_default().push(*code);
    }
    by_status
}

/// The fields of an object with their schemas.
fn each_field(schema: &Schema) -> impl Iterator<Item = (String, Value)> + '_ {
    let fields = schema.get("properties").and_then(Value::as_object);
    fields.into_iter().flatten().map(|(name, schema)| (name.clone(), schema.clone()))
}

/// A parameter that is there has a value: null is how JSON says that it is not.
fn given(mut schema: Value) -> Value {
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|choice| choice["type"] != "null");
        if let [only] = &choices[..] {
            return only.clone();
        }
    }
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = &types[..] {
            schema["type"] = only.clone();
        }
    }
    schema
}

fn sequence() -> Value {
    json!({ "type": "integer", "format": "uint64", "minimum": 0, "maximum": u64::MAX })
}

/// Numbers end where those of their Rust types do.
fn bounded(schema: &mut Schema) {
    let largest = match schema.get("format").and_then(Value::as_str) {
        Some("uint16") => u64::from(u16::MAX),
        Some("uint32") => u64::from(u32::MAX),
        Some("uint64") => u64::MAX,
        _ => return,
    };
    if schema.get("maximum").is_none() {
        schema.insert("maximum".to_owned(), largest.into());
    }
}

/// Such as `get_v1_jobs_id`.
fn operation_id(route: &Route) -> String {
    let words = route.path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let path: Vec<&str> = words.collect();
    format!("{}_{}", route.method.as_str().to_lowercase(), path.join("_"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Map, Value};

    use super::document;
    use crate::route::Access;
    use crate::routes::all;

    #[test]
    fn the_table_of_routes() {
        let table: Vec<String> = all()
            .iter()
            .map(|route| {
                let access = match route.access {
                    Access::Open => "open".to_owned(),
                    Access::Needs(role) => format!("{role:?}").to_lowercase(),
                };
                format!("{:6} {:40} {access}", route.method.as_str(), route.path)
            })
            .collect();
        insta::assert_snapshot!(table.join("\n"));
    }

    #[test]
    fn every_route_is_described_once_and_whole() {
        let routes = all();
        let document = document(&routes);
        let mut ids = BTreeSet::new();
        for route in &routes {
            let name = format!("{} {}", route.method, route.path);
            let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
            assert_eq!(operation["summary"], route.summary, "{name}");
            assert!(ids.insert(operation["operationId"].to_string()), "{operation}");
            let in_path = route.path.matches('{').count();
            let parameters = operation["parameters"].as_array().expect("parameters");
            let described = parameters.iter().filter(|parameter| parameter["in"] == "path");
            assert_eq!(described.count(), in_path, "{name}");
            assert!(route.answer.is_some() || route.path == "/v1/live", "{name} has no answer");
        }
        let described: usize = document["paths"]
            .as_object()
            .expect("paths")
            .values()
            .map(|path| path.as_object().map_or(0, |it| it.len()))
            .sum();
        assert_eq!(described, routes.len());
    }

    /// All objects within, and within those that they refer to, each once.
    fn objects<'d>(document: &'d Value, within: &'d Value) -> Vec<&'d Map<String, Value>> {
        let (mut left, mut followed, mut objects) = (vec![within], BTreeSet::new(), Vec::new());
        while let Some(value) = left.pop() {
            match value {
                Value::Object(fields) => {
                    if let Some(Value::String(reference)) = fields.get("$ref")
                        && followed.insert(reference)
                    {
                        let pointer = reference.strip_prefix('#').expect("within the document");
                        left.push(document.pointer(pointer).unwrap_or_else(|| panic!("{reference}")));
                    }
                    objects.push(fields);
                    left.extend(fields.values());
                }
                Value::Array(values) => left.extend(values),
                _ => {}
            }
        }
        objects
    }

    #[test]
    fn whatever_is_referred_to_is_there() {
        let document = document(&all());
        let objects = objects(&document, &document);
        let references = objects.iter().filter(|object| object.contains_key("$ref")).count();
        assert!(references > 100, "{references}");
    }

    /// One beyond them is refused, so that who reads the description must learn of them there.
    #[test]
    fn numbers_that_are_sent_have_both_ends() {
        let document = document(&all());
        let mut numbers = 0;
        for (path, operations) in document["paths"].as_object().expect("paths") {
            for operation in operations.as_object().expect("operations").values() {
                let sent = [&operation["parameters"], &operation["requestBody"]];
                for schema in sent.into_iter().flat_map(|sent| objects(&document, sent)) {
                    let whole = |it: &Value| {
                        it == "integer" || it.as_array().is_some_and(|it| it.contains(&"integer".into()))
                    };
                    if schema.get("type").is_some_and(whole) && !schema.contains_key("enum") {
                        assert!(
                            schema.contains_key("minimum") && schema.contains_key("maximum"),
                            "{path}: {schema:?}"
                        );
                        numbers += 1;
                    }
                }
            }
        }
        assert!(numbers > 100, "{numbers}");
    }
}
