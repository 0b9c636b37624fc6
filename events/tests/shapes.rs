//! A body, once a release has written it, keeps its shape: what changes is a new schema of its kind.
//!
//! `shapes.txt` has a line for each kind and schema with a hash of everything that its body is made of: names, types and
//! serde's attributes, through all types of ours. A line that is there never changes.
//!
//! A choice may get one more value ([`ADDED`]): releases that do not know it hold back the aggregates that have it, and no other.
//! Reasons are open: a reader leaves a list out of which it does not know a code, and the sentence beside it speaks.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use quote::ToTokens;
use sha2::{Digest, Sha256};
use syn::{Attribute, Fields, Item, Variant};
use trainyard_events::kinds::KINDS;

/// Values of enums that were added since the lines were written.
const ADDED: [(&str, &str); 1] = [("Task", "Anomaly")];

#[test]
fn no_body_has_changed_without_a_new_schema() {
    let types = types();
    let file = root().join("tests/shapes.txt");
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    let mut known: BTreeMap<String, String> = written
        .lines()
        .filter_map(|line| line.split_once(" "))
        .map(|(name, hash)| (name.to_owned(), hash.to_owned()))
        .collect();
    let mut shapes = BTreeMap::new();
    for kind in &KINDS {
        let body = types.body(kind.name);
        let hash = hex::encode(Sha256::digest(&body))[..16].to_owned();
        shapes.insert(format!("{}@{}", kind.name, kind.schema), (hash, body));
    }
    for (name, (hash, body)) in &shapes {
        match known.remove(name) {
            Some(before) => assert!(
                before == hash.as_str(),
                "the body of {name} is another one than a release has written: raise its schema in src/kinds.rs, \
                 add a golden file, and take the new line with `make docs-events`. It is now: {body}"
            ),
            None if std::env::args().any(|argument| argument == "write-document") => {}
            None => panic!("{name} is new: take its line into tests/shapes.txt with `make docs-events`"),
        }
    }
    let all: BTreeMap<String, String> =
        shapes.into_iter().map(|(name, (hash, _))| (name, hash)).chain(known).collect();
    let text = all.iter().fold(String::new(), |mut text, (name, hash)| {
        writeln!(text, "{name} {hash}").expect("writing to a string");
        text
    });
    if std::env::args().any(|argument| argument == "write-document") {
        std::fs::write(&file, &text).expect("tests/shapes.txt can be written");
    }
}

/// Every type of this crate by its name, and every event by its kind.
struct Types {
    named: BTreeMap<String, Item>,
    events: BTreeMap<String, Variant>,
}

fn types() -> Types {
    let mut types = Types { named: BTreeMap::new(), events: BTreeMap::new() };
    let mut folders = vec![root().join("src")];
    while let Some(path) = folders.pop() {
        if path.ends_with("src/reason") {
            continue;
        }
        if path.is_dir() {
            folders
                .extend(std::fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("it").path()));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source");
            for item in syn::parse_file(&text).expect("our own source parses").items {
                types.take_in(item);
            }
        }
    }
    types
}

impl Types {
    fn take_in(&mut self, item: Item) {
        let name = match &item {
            Item::Struct(item) => item.ident.to_string(),
            Item::Enum(item) => {
                for variant in &item.variants {
                    if let Some(kind) = renamed(variant).filter(|kind| kind.contains('.')) {
                        self.events.insert(kind, variant.clone());
                    }
                }
                item.ident.to_string()
            }
            Item::Type(item) => item.ident.to_string(),
            _ => return,
        };
        self.named.insert(name, item);
    }

    /// All that the body of a kind is made of, as text.
    fn body(&self, kind: &str) -> String {
        let variant = self.events.get(kind).unwrap_or_else(|| panic!("{kind} is a variant of an event"));
        let mut text = String::new();
        let mut open = Vec::new();
        self.fields(&variant.fields, &mut text, &mut open);
        text
    }

    fn fields(&self, fields: &Fields, text: &mut String, open: &mut Vec<String>) {
        for field in fields {
            let name = field.ident.as_ref().map_or_else(String::new, ToString::to_string);
            write!(text, "{}{name}:{};", serde(&field.attrs), field.ty.to_token_stream()).expect("a string");
            for token in field.ty.to_token_stream().to_string().split(|c: char| !c.is_alphanumeric()) {
                self.expand(token, text, open);
            }
        }
    }

    fn expand(&self, name: &str, text: &mut String, open: &mut Vec<String>) {
        let Some(item) = self.named.get(name).filter(|_| !open.iter().any(|known| known == name)) else {
            return;
        };
        open.push(name.to_owned());
        write!(text, "{name}{{").expect("a string");
        match item {
            Item::Struct(item) => {
                text.push_str(&serde(&item.attrs));
                self.fields(&item.fields, text, open);
            }
            Item::Enum(item) => {
                text.push_str(&serde(&item.attrs));
                let is_added = |variant: &Variant| {
                    let is_plain = variant.fields.is_empty();
                    is_plain && ADDED.iter().any(|(of, added)| item.ident == of && variant.ident == added)
                };
                for variant in item.variants.iter().filter(|variant| !is_added(variant)) {
                    write!(text, "{}{}(", serde(&variant.attrs), variant.ident).expect("a string");
                    self.fields(&variant.fields, text, open);
                    text.push(')');
                }
            }
            Item::Type(item) => text.push_str(&item.ty.to_token_stream().to_string()),
            _ => {}
        }
        text.push('}');
    }
}

fn serde(attributes: &[Attribute]) -> String {
    let ours = attributes.iter().filter(|attribute| attribute.path().is_ident("serde"));
    ours.map(|attribute| attribute.meta.to_token_stream().to_string()).collect()
}

fn renamed(variant: &Variant) -> Option<String> {
    serde(&variant.attrs).split('"').nth(1).map(str::to_owned)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
