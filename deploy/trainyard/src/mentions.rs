//! For tests: every `trainyard ...` that is written anywhere, in code or documents, can be typed.

use std::path::{Path, PathBuf};

use clap::Parser;
use clap::error::{ContextKind, ErrorKind};

use crate::args::Arguments;

/// Where what people read is written. The changelog is history and stays as it is.
const PLACES: [&str; 11] = [
    "README.md",
    "README.ko.md",
    "CONTRIBUTING.md",
    "Makefile",
    "docs",
    "gateway",
    "deploy",
    "commands",
    "workers",
    "projections",
    "events",
];
const KINDS: [&str; 7] = ["rs", "md", "ts", "svelte", "html", "yml", ""];
/// Neither written by us nor read by people.
const PASSED_OVER: [&str; 5] = ["node_modules", "dist", "target", "golden", "shots"];

/// The files of these kinds (endings; "": none) at or below `places` of the checkout, and what is in them.
pub(crate) fn sources(places: &[&str], kinds: &[&str]) -> Vec<(PathBuf, String)> {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the crate lies two below the root");
    let mut found = Vec::new();
    let mut left: Vec<PathBuf> = places.iter().map(|place| root.join(place)).collect();
    while let Some(path) = left.pop() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            let entries =
                std::fs::read_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let inside = entries.map(|entry| entry.expect("an entry of a folder").path());
            left.extend(inside.filter(|_| !PASSED_OVER.contains(&name.as_str())));
        } else if kinds.contains(&path.extension().unwrap_or_default().to_string_lossy().as_ref()) {
            let text = std::fs::read_to_string(&path);
            found.push((path.clone(), text.unwrap_or_else(|error| panic!("{}: {error}", path.display()))));
        }
    }
    found
}

/// The commands that `text` names, each as it would be typed.
fn mentions(text: &str) -> Vec<Vec<String>> {
    // A string goes on behind a backslash at the end of a line.
    let mut whole = String::new();
    let mut goes_on = false;
    for line in text.lines() {
        let line = if goes_on { line.trim_start() } else { line };
        goes_on = line.ends_with('\\');
        match line.strip_suffix('\\') {
            Some(begun) => whole.push_str(begun),
            None => whole.extend([line, "\n"]),
        }
    }
    whole.match_indices("trainyard ").filter_map(|(at, _)| mention(&whole[at..])).collect()
}

/// Up to where the sentence or the string around it goes on.
fn mention(text: &str) -> Option<Vec<String>> {
    let end = text.find(['`', '\n', '<', '>', '#', '(', ')', ';', ',']).unwrap_or(text.len());
    let mut words = Vec::new();
    // Two spaces part the columns of a table.
    for word in text[..end].trim_end().split("  ").next()?.split(' ') {
        let word = word.trim_end_matches(['.', ':']);
        match word.find(|c: char| ['"', '\'', '\\'].contains(&c) || !c.is_ascii()) {
            Some(0) => words.push("TEXT".to_owned()),
            Some(quote) => words.push(word[..quote].to_owned()),
            None => {
                words.push(word.to_owned());
                continue;
            }
        }
        break;
    }
    let names_one = words.get(1)?.starts_with(|first: char| first.is_ascii_lowercase());
    names_one.then_some(words)
}

/// Whether it can be typed so. What a sentence leaves out (`trainyard predict`) may be missing, and a `NUMBER` or `{job}`
/// stands for something else. Guard and store are asked for before the command line is read, and by us alone.
fn can_be_typed(words: &[String]) -> Result<(), String> {
    if ["guard", "store"].contains(&&*words[1]) {
        return Ok(());
    }
    let Err(error) = Arguments::try_parse_from(words) else { return Ok(()) };
    let value = error.get(ContextKind::InvalidValue).map(ToString::to_string).unwrap_or_default();
    match error.kind() {
        ErrorKind::MissingRequiredArgument => Ok(()),
        ErrorKind::ValueValidation if value.starts_with(['{', '$']) || value == value.to_uppercase() => {
            Ok(())
        }
        _ => Err(format!("`{}`: {}", words.join(" "), error.to_string().lines().next().unwrap_or_default())),
    }
}

#[test]
fn every_command_that_is_written_somewhere_can_be_typed() {
    let (mut told, mut wrong) = (0, Vec::new());
    for (path, text) in sources(&PLACES, &KINDS) {
        for words in mentions(&text) {
            told += 1;
            if let Err(why) = can_be_typed(&words) {
                wrong.push(format!("{}: {why}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(told > 100, "only {told} were found");
}

#[test]
fn what_cannot_be_typed_is_found() {
    let us = "trainyard";
    for (text, typed) in [
        (format!("`{us} token create NAME` makes one"), Some(true)),
        (format!("see it end with: {us} watch {{job}}\""), Some(true)),
        (format!("{us} jobs          {us} job 3"), Some(true)),
        (format!("say \"`{us} \\\n     rebuild --verify`\""), Some(true)),
        (format!("begin with: {us} chat \\\"resnet18로 ...\\\"\""), Some(true)),
        (format!("`{us} token issue`"), Some(false)),
        (format!("`{us} token`"), Some(false)),
        (format!("`{us} rebuild --verfy`"), Some(false)),
        (format!("Ask {us} Gateway"), None),
    ] {
        let found = mentions(&text);
        assert_eq!(found.first().map(|words| can_be_typed(words).is_ok()), typed, "{text}: {found:?}");
    }
}
