//! TypeScript of JSON Schemas, as far as Rust's types have them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::{Map, Value};

pub struct Writer {
    /// By name: the schema, and whether what it leaves out may also be null.
    known: BTreeMap<String, (Value, bool)>,
    /// The module that each type stands in.
    home: BTreeMap<String, &'static str>,
}

impl Writer {
    pub fn new(answered: Map<String, Value>, asked: Map<String, Value>) -> Writer {
        let mut known: BTreeMap<String, (Value, bool)> = BTreeMap::new();
        for (name, schema) in asked {
            known.insert(name, (schema, true));
        }
        for (name, schema) in answered {
            let before = known.insert(name.clone(), (schema.clone(), false));
            let same = before.is_none_or(|(before, _)| before == schema);
            assert!(same, "{name} is asked for in another form than it is answered in");
        }
        Writer { known, home: BTreeMap::new() }
    }

    /// A module that exports `types` and what they need, and imports what earlier modules have.
    pub fn module(&mut self, name: &'static str, comment: &str, types: Vec<String>) -> String {
        let (mut left, mut own, mut imports) = (types, BTreeSet::new(), BTreeMap::new());
        while let Some(name_of_type) = left.pop() {
            match self.home.get(&name_of_type) {
                Some(home) if *home != name => {
                    imports.entry(*home).or_insert_with(BTreeSet::new).insert(name_of_type);
                }
                _ => {
                    self.home.insert(name_of_type.clone(), name);
                    left.extend(needs(&self.known[&name_of_type].0).filter(|need| !own.contains(need)));
                    own.insert(name_of_type);
                }
            }
        }
        let mut text = format!("// {comment} Written from the types of Rust by `make wire`; do not edit.\n");
        for (home, names) in imports {
            let names = names.into_iter().collect::<Vec<_>>().join(", ");
            writeln!(text, "import type {{ {names} }} from './{home}';").expect("writing to a string");
        }
        for name in own {
            let (schema, nulls) = &self.known[&name];
            text.push('\n');
            text += &remark(schema, 0);
            let shape = Shape { nulls: *nulls, depth: 0 };
            match is_plain_object(schema) {
                true => writeln!(text, "export interface {name} {}", shape.of(schema)),
                false => writeln!(text, "export type {name} = {};", shape.of(schema)),
            }
            .expect("writing to a string");
        }
        text
    }
}

/// The types that a schema refers to.
fn needs(schema: &Value) -> Box<dyn Iterator<Item = String> + '_> {
    match schema {
        Value::Object(fields) => Box::new(fields.iter().flat_map(|(key, value)| match value {
            Value::String(reference) if key == "$ref" => Box::new(std::iter::once(referred(reference))),
            _ => needs(value),
        })),
        Value::Array(values) => Box::new(values.iter().flat_map(needs)),
        _ => Box::new(std::iter::empty()),
    }
}

fn referred(reference: &str) -> String {
    reference.rsplit('/').next().unwrap_or_default().to_owned()
}

fn is_plain_object(schema: &Value) -> bool {
    schema["properties"].is_object() && ["oneOf", "anyOf", "allOf"].iter().all(|key| schema[key].is_null())
}

/// The comment of a type or field, on a line of its own.
fn remark(schema: &Value, depth: usize) -> String {
    match schema["description"].as_str() {
        Some(text) => {
            format!(
                "{}/** {} */\n",
                "  ".repeat(depth),
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            )
        }
        None => String::new(),
    }
}

/// How a schema is written where it stands.
#[derive(Clone, Copy)]
struct Shape {
    /// What may be left out may also be null.
    nulls: bool,
    /// Of the indentation.
    depth: usize,
}

impl Shape {
    fn of(self, schema: &Value) -> String {
        if let Some(reference) = schema["$ref"].as_str() {
            return referred(reference);
        }
        if !schema["const"].is_null() {
            return literal(&schema["const"]);
        }
        if let Some(values) = schema["enum"].as_array() {
            return union(values.iter().map(literal).collect());
        }
        let mut parts = Vec::new();
        for key in ["allOf", "oneOf", "anyOf"] {
            if let Some(choices) = schema[key].as_array() {
                let written = choices.iter().map(|choice| self.of(choice)).collect();
                parts.push(if key == "allOf" { all(written) } else { union(written) });
            }
        }
        if schema["properties"].is_object() || parts.is_empty() {
            parts.push(self.by_type(schema));
        }
        all(parts)
    }

    fn by_type(self, schema: &Value) -> String {
        match &schema["type"] {
            Value::Array(types) => {
                let each = |name: &Value| {
                    let mut one = schema.clone();
                    one["type"] = name.clone();
                    self.by_type(&one)
                };
                union(types.iter().map(each).collect())
            }
            Value::String(name) => match name.as_str() {
                "integer" | "number" => "number".to_owned(),
                "array" => self.array(schema),
                "object" => self.object(schema),
                name => name.to_owned(),
            },
            _ => "unknown".to_owned(),
        }
    }

    fn array(self, schema: &Value) -> String {
        if let Some(items) = schema["prefixItems"].as_array() {
            return format!("[{}]", items.iter().map(|item| self.of(item)).collect::<Vec<_>>().join(", "));
        }
        let item = self.of(&schema["items"]);
        match (schema["minItems"].as_u64(), schema["maxItems"].as_u64()) {
            (Some(least), Some(most)) if least == most => {
                format!("[{}]", vec![item; usize::try_from(most).expect("a few")].join(", "))
            }
            _ if item.contains([' ', '\n']) => format!("({item})[]"),
            _ => format!("{item}[]"),
        }
    }

    fn object(self, schema: &Value) -> String {
        let Some(fields) = schema["properties"].as_object() else {
            return match &schema["additionalProperties"] {
                values @ Value::Object(_) => format!("Record<string, {}>", self.of(values)),
                _ => "Record<string, never>".to_owned(),
            };
        };
        // In the order of the declaration, which only what is required has kept.
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let optional = fields.keys().map(String::as_str).filter(|name| !required.contains(name));
        let inner = Shape { depth: self.depth + 1, ..self };
        let indent = "  ".repeat(inner.depth);
        let mut text = "{\n".to_owned();
        for name in required.iter().copied().chain(optional) {
            let field = &fields[name];
            let must = required.contains(&name);
            let written = inner.of(field);
            let written = match written.strip_suffix(" | null") {
                // What may be left out is left out where there is nothing to say.
                Some(written) if !must && !self.nulls => written,
                _ => &written,
            };
            text += &remark(field, inner.depth);
            writeln!(text, "{indent}{name}{}: {written};", if must { "" } else { "?" })
                .expect("writing to a string");
        }
        // A map that takes anything is what a newer binary has added, which nobody here reads.
        if let values @ Value::Object(_) = &schema["additionalProperties"] {
            writeln!(text, "{indent}[name: string]: {};", inner.of(values)).expect("writing to a string");
        }
        text + &"  ".repeat(self.depth) + "}"
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => format!("'{text}'"),
        other => other.to_string(),
    }
}

fn union(choices: Vec<String>) -> String {
    let mut once: Vec<String> = Vec::new();
    for choice in choices {
        if !once.contains(&choice) {
            once.push(choice);
        }
    }
    once.join(" | ")
}

fn all(parts: Vec<String>) -> String {
    match &parts[..] {
        [only] => only.clone(),
        _ => {
            let grouped = parts
                .iter()
                .map(|part| if part.contains(" | ") { format!("({part})") } else { part.clone() });
            grouped.collect::<Vec<_>>().join(" & ")
        }
    }
}
