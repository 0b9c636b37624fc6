//! The contract with readers: the document is as the types are, every event there has ever been keeps to it, and nothing
//! that a release has promised is taken back.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use trainyard_bus::Original;
use trainyard_events::kinds::KINDS;
use trainyard_feed::{asyncapi, copy};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn is_asked_to(what: &str) -> bool {
    std::env::args().any(|argument| argument == what)
}

#[test]
fn the_document_is_as_the_types_are() {
    let path = here("../../docs/asyncapi.json");
    if is_asked_to("write-document") {
        let text = serde_json::to_string_pretty(&asyncapi()).expect("JSON prints") + "\n";
        std::fs::write(&path, text).expect("docs/asyncapi.json can be written");
    }
    assert!(read(&path) == asyncapi(), "docs/asyncapi.json is stale: write it anew with `make docs-events`");
}

/// A release takes the document as its promise: `make promise`.
#[test]
fn nothing_that_was_promised_is_taken_back() {
    let path = here("tests/promised.json");
    if is_asked_to("write-promise") {
        let text = serde_json::to_string(&asyncapi()["components"]).expect("JSON prints") + "\n";
        std::fs::write(&path, text).expect("the promise can be written");
    }
    let (promised, now) = (read(&path), asyncapi());
    let messages = promised["messages"].as_object().expect("messages");
    assert!(messages.len() > 30, "the promise is a whole one");
    for (name, message) in messages {
        let kept = &now["components"]["messages"][name];
        let broken = breaks((&promised, &message["payload"]), (&now["components"], &kept["payload"]), name);
        assert_eq!(
            broken, None,
            "a reader of the last release breaks; add a new kind instead, or an optional field"
        );
    }
}

/// Where a reader that knows `old` would stumble over what is written by `new`, each with the components it refers to.
fn breaks(old: (&Value, &Value), new: (&Value, &Value), at: &str) -> Option<String> {
    let (was, is) = (resolved(old), resolved(new));
    if is.is_null() || (is == &json!(false)) {
        return Some(format!("{at} is gone"));
    }
    if let (Some(known), Some(words)) = (words(was), words(is)) {
        return words.iter().find(|word| !known.contains(word)).map(|word| format!("{at} may be {word}"));
    }
    if words(was).is_some() && words(is).is_none() {
        return Some(format!("{at} may be anything"));
    }
    if let Some(known) = alternatives(was) {
        let of = |value| {
            alternatives(is)
                .map_or_else(|| vec![is], |all| all.iter().collect::<Vec<_>>())
                .into_iter()
                .find(value)
        };
        let is_unknown =
            |one: &&Value| known.iter().all(|other| breaks((old.0, other), (new.0, one), at).is_some());
        return of(is_unknown).map(|one| format!("{at} may be {one}"));
    }
    let (known, kinds) = (types(was), types(is));
    if !known.is_empty() && (kinds.is_empty() || kinds.iter().any(|kind| !known.contains(kind))) {
        return Some(format!("{at} was {known:?} and is {kinds:?}"));
    }
    let required = |schema: &Value| schema["required"].as_array().cloned().unwrap_or_default();
    if let Some(name) = required(was).iter().find(|name| !required(is).contains(name)) {
        return Some(format!("{at}.{name} may be left out"));
    }
    for (name, property) in was["properties"].as_object().into_iter().flatten() {
        let broken = breaks((old.0, property), (new.0, &is["properties"][name]), &format!("{at}.{name}"));
        if broken.is_some() {
            return broken;
        }
    }
    for below in ["items", "additionalProperties"] {
        if was[below].is_object()
            && let Some(broken) = breaks((old.0, &was[below]), (new.0, &is[below]), &format!("{at}[]"))
        {
            return Some(broken);
        }
    }
    None
}

fn resolved<'d>((components, schema): (&'d Value, &'d Value)) -> &'d Value {
    match schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/components/")) {
        Some(path) => {
            let found = components.pointer(&format!("/{path}")).unwrap_or(&Value::Null);
            resolved((components, found))
        }
        None => schema,
    }
}

fn words(schema: &Value) -> Option<Vec<&Value>> {
    match (schema.get("const"), schema["enum"].as_array()) {
        (Some(one), _) => Some(vec![one]),
        (None, all) => all.map(|all| all.iter().collect()),
    }
}

fn alternatives(schema: &Value) -> Option<&Vec<Value>> {
    schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array())
}

fn types(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn what_breaks_a_reader_is_seen() {
    let schema = |value: Value| json!({ "schemas": { "it": value } });
    let old = json!({
        "type": "object", "required": ["a"],
        "properties": { "a": { "type": "integer" }, "b": { "enum": ["x", "y"] }, "c": { "type": "array", "items": { "type": "string" } } },
    });
    let check = |path: &str, value: Value| {
        let mut new = old.clone();
        *new.pointer_mut(path).expect("it is there") = value;
        let (old, new) = (schema(old.clone()), schema(new));
        let at = json!({ "$ref": "#/components/schemas/it" });
        breaks((&old, &at), (&new, &at), "it")
    };
    for (path, value) in [
        ("/properties/a", json!({ "type": "string" })),
        ("/properties/a", json!({ "type": ["integer", "null"] })),
        ("/properties/a", Value::Null),
        ("/required", json!([])),
        ("/properties/b", json!({ "enum": ["x", "y", "z"] })),
        ("/properties/b", json!({ "type": "string" })),
        ("/properties/c/items", json!({ "type": "integer" })),
        ("/properties", json!({ "a": { "type": "integer" } })),
    ] {
        assert!(check(path, value.clone()).is_some(), "{path} {value}");
    }
    for (path, value) in [
        ("/required", json!(["a", "b"])),
        ("/properties/b", json!({ "enum": ["x"] })),
        ("/properties/a", json!({ "type": "integer", "description": "words" })),
    ] {
        assert_eq!(check(path, value.clone()), None, "{path} {value}");
    }
    let mut more = old.clone();
    more["properties"]["d"] = json!({ "type": "string" });
    let nothing = json!({});
    assert_eq!(breaks((&nothing, &old), (&nothing, &more), "it"), None, "an optional field is no break");
}

/// Why a value is not what a schema says.
fn misfit(components: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    let schema = resolved((components, schema));
    if let Some(words) = words(schema)
        && !words.contains(&value)
    {
        return Some(format!("{at} is {value}, not one of {words:?}"));
    }
    if let Some(all) = alternatives(schema)
        && all.iter().all(|one| misfit(components, one, value, at).is_some())
    {
        return Some(format!("{at} is none of what it may be: {value}"));
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let types = types(schema);
    let is_right =
        types.is_empty() || types.contains(&kind) || (kind == "integer" && types.contains(&"number"));
    if !is_right {
        return Some(format!("{at} is {kind}, not {types:?}"));
    }
    let missing = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    if let (Some(fields), Some(name)) =
        (value.as_object(), missing.clone().find(|name| value.get(name).is_none()))
    {
        return Some(format!("{at}.{name} is missing: {fields:?}"));
    }
    let below = value.as_object().into_iter().flatten().find_map(|(name, value)| {
        let property = schema["properties"]
            .get(name)
            .or_else(|| schema.get("additionalProperties").filter(|it| it.is_object()));
        property.and_then(|property| misfit(components, property, value, &format!("{at}.{name}")))
    });
    let items = value.as_array().into_iter().flatten();
    below.or_else(|| {
        items.clone().find_map(|item| misfit(components, schema.get("items")?, item, &format!("{at}[]")))
    })
}

#[test]
fn every_event_that_was_ever_written_keeps_to_it() {
    let document = asyncapi();
    let components = &document["components"];
    let mut seen = std::collections::BTreeSet::new();
    for file in std::fs::read_dir(here("../tests/golden")).expect("golden files") {
        let path = file.expect("a file").path();
        let Some(mut golden) = Some(read(&path)).filter(|golden| golden["kind"].is_string()) else {
            continue;
        };
        if golden["aggregate"].is_null() {
            continue;
        }
        let kind = golden["kind"].as_str().expect("a kind").to_owned();
        golden.as_object_mut().expect("an envelope").remove("sequence");
        let (tenant, aggregate) = (golden["tenant"].as_str(), golden["aggregate"].as_str());
        let (aggregate, id) = aggregate.expect("an aggregate").split_once('/').expect("kind/id");
        let on = format!("trainyard.event.{}.{aggregate}.{id}", tenant.expect("a tenant"));
        let payload = golden.to_string().into();
        let copied = copy(Original { sequence: 7, subject: &on, payload: &payload });
        let value: Value = serde_json::from_slice(&copied.payload).expect("JSON");
        let schema = &components["messages"][&kind]["payload"];
        assert!(schema.is_object(), "{kind} is in the document");
        assert_eq!(misfit(components, schema, &value, &kind), None, "{}", path.display());
        let channel = document["channels"][&kind]["address"].as_str().expect("an address");
        assert!(is_at(&copied.subject, channel), "{} is not at {channel}", copied.subject);
        seen.insert(kind);
    }
    assert_eq!(seen.len(), KINDS.len(), "each kind has a golden file");
}

fn is_at(subject: &str, address: &str) -> bool {
    let (subject, address): (Vec<_>, Vec<_>) = (subject.split('.').collect(), address.split('.').collect());
    subject.len() == address.len()
        && subject.iter().zip(address).all(|(word, place)| place.starts_with('{') || *word == place)
}
