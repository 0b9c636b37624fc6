//! What an XML file is, told by its first element, and its text within limits.

use roxmltree::{Document, Node, ParsingOptions};
use trainyard_events::reason::{Cause, Flaw};

use crate::root::{File, Listing};

/// The name of the first element, as far as the beginning of the file shows it.
pub fn first_element(listing: &Listing, file: &File) -> Option<String> {
    let head = listing.head(file);
    let text = crate::text::decode(head.clone())
        .map_or_else(|_| String::from_utf8_lossy(&head).into_owned(), |(text, _)| text);
    let starts = text.match_indices('<').map(|(at, _)| &text[at + 1..]);
    let element =
        starts.into_iter().find(|rest| rest.starts_with(|char: char| char.is_alphabetic() || char == '_'))?;
    let end =
        element.find(|char: char| char.is_whitespace() || matches!(char, '>' | '/')).unwrap_or(element.len());
    Some(element[..end].to_owned())
}

/// A document type could define entities; no annotation needs one, and none is read.
pub fn parse(text: &str, nodes_limit: u32) -> Result<Document<'_>, Flaw> {
    let options = ParsingOptions { nodes_limit, ..ParsingOptions::default() };
    Document::parse_with_options(text, options)
        .map_err(|error| Flaw::NotXml { cause: Cause::said(error.to_string()) })
}

pub fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.has_tag_name(name))
}

pub fn text_of<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    child(node, name)?.text().map(str::trim)
}

/// A finite number.
pub fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}
