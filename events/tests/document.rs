//! `docs/events.md` is written from the types and their comments; this fails when it is stale.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use quote::ToTokens;
use syn::{Attribute, Expr, Fields, Item, ItemEnum, Lit, Meta, Variant};

/// The files of the aggregates, and of the log itself, in the order of the document.
const AGGREGATES: [&str; 9] =
    ["chat", "dataset", "job", "endpoint", "model", "hook", "maintenance", "tenant", "log"];

#[test]
fn the_document_says_what_the_types_say() {
    let path = root().join("../docs/events.md");
    let expected = document();
    if std::env::args().any(|argument| argument == "write-document") {
        std::fs::write(&path, &expected).expect("docs/events.md can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == expected, "docs/events.md is stale: write it anew with `make docs-events`");
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn document() -> String {
    let mut text = String::from(
        "# Events\n\n\
         Every kind there is, with its body. Written from the types in `events/src` by `make docs-events`; do not edit.\n\n\
         Each event travels in an envelope: `event_id`, `kind`, `schema`, `tenant`, `aggregate`, `command_id`, \
         `correlation_id`, `causation_id`, `actor`, `at`, `body`. It is published on \
         `trainyard.event.<tenant>.<aggregate>.<id>`; its place in the stream is its `sequence`.\n",
    );
    for aggregate in AGGREGATES {
        let source = read(&root().join(format!("src/{aggregate}.rs")));
        let file = syn::parse_file(&source).expect("our own source parses");
        writeln!(text, "\n## {aggregate}\n\n{}", comment(&file.attrs)).expect("writing to a string");
        for item in file.items {
            if let Item::Enum(item) = item
                && item.ident.to_string().ends_with("Event")
            {
                events(&item, &mut text);
            }
        }
    }
    text
}

fn events(item: &ItemEnum, text: &mut String) {
    let remark = comment(&item.attrs);
    if !remark.is_empty() {
        writeln!(text, "\n{remark}").expect("writing to a string");
    }
    for variant in &item.variants {
        let kind = kind(variant);
        write!(text, "\n### `{kind}`\n\n").expect("writing to a string");
        let remark = comment(&variant.attrs);
        if !remark.is_empty() {
            write!(text, "{remark}\n\n").expect("writing to a string");
        }
        if let Fields::Named(fields) = &variant.fields
            && !fields.named.is_empty()
        {
            text.push_str("| field | type | |\n| --- | --- | --- |\n");
            for field in &fields.named {
                let name = field.ident.as_ref().expect("a named field");
                let ty = field.ty.to_token_stream().to_string().replace(' ', "").replace(',', ", ");
                // Where Rust keeps it is nobody else's business.
                let ty = ty.strip_prefix("Box<").and_then(|ty| ty.strip_suffix('>')).unwrap_or(&ty);
                writeln!(text, "| `{name}` | `{ty}` | {} |", comment(&field.attrs))
                    .expect("writing to a string");
            }
            text.push('\n');
        }
        let example: serde_json::Value =
            serde_json::from_str(&read(&root().join(format!("tests/golden/{kind}.v1.json"))))
                .expect("golden JSON");
        let body = serde_json::to_string_pretty(&example["body"]).expect("JSON prints");
        writeln!(text, "```json\n{body}\n```").expect("writing to a string");
    }
}

/// The wire name in `#[serde(rename = "..")]`.
fn kind(variant: &Variant) -> String {
    let rename = variant.attrs.iter().find(|attribute| attribute.path().is_ident("serde"));
    let tokens = rename.expect("every event names its kind").meta.to_token_stream().to_string();
    tokens.split('"').nth(1).expect("a quoted name").to_owned()
}

/// The doc comment in one line.
fn comment(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(line) => Some(line.value().trim().to_owned()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join(" ")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
