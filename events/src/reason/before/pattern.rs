//! A sentence against a closed list of sentences with holes.

use std::cell::Cell;
use std::str::FromStr;

/// A sentence as it was written, with `{}` for what varied, and what it means; `None` if a value is none that could
/// stand there.
pub(super) type Phrase<T> = (&'static str, fn(&[&str]) -> Option<T>);

/// Longer ones were cut when they were written.
const LONGEST_CHARS: usize = 1_100;
/// Ways to fill the holes that are tried before a text counts as unknown: a stranger wrote some of them.
const TRIES: u32 = 20_000;
/// And ways to part it.
const PARTS_TRIED: u32 = 1_000;

/// What the first phrase that fits means.
pub(super) fn read<T>(phrases: &[Phrase<T>], text: &str) -> Option<T> {
    let tries = Cell::new(TRIES);
    let fits = |(said, means): &Phrase<T>| {
        let pieces: Vec<&str> = said.split("{}").collect();
        let rest = text.strip_prefix(pieces[0])?;
        fill(rest, &pieces[1..], &mut Vec::new(), &tries, *means)
    };
    phrases.iter().find_map(fits)
}

/// Several sentences with `; ` between: as many as can be, though a value may hold `; ` too.
pub(super) fn sentences<T>(text: &str, one: &dyn Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let short = text.chars().count() <= LONGEST_CHARS;
    short.then(|| parts(text, one, &Cell::new(PARTS_TRIED)))?
}

fn parts<T>(text: &str, one: &dyn Fn(&str) -> Option<T>, tries: &Cell<u32>) -> Option<Vec<T>> {
    let several = text.match_indices("; ").find_map(|(at, between)| {
        tries.set(tries.get().checked_sub(1)?);
        let mut all = vec![one(&text[..at])?];
        all.extend(parts(&text[at + between.len()..], one, tries)?);
        Some(all)
    });
    several.or_else(|| Some(vec![one(text)?]))
}

fn fill<'t, T>(
    rest: &'t str,
    pieces: &[&str],
    values: &mut Vec<&'t str>,
    tries: &Cell<u32>,
    means: fn(&[&str]) -> Option<T>,
) -> Option<T> {
    tries.set(tries.get().checked_sub(1)?);
    match pieces {
        [] if rest.is_empty() => means(values),
        [] => None,
        // The last piece ends the text; an empty one takes all of it.
        [last] => {
            let value = rest.strip_suffix(last)?;
            with(value, values, means)
        }
        [piece, others @ ..] => rest.match_indices(piece).find_map(|(at, _)| {
            values.push(&rest[..at]);
            let found = fill(&rest[at + piece.len()..], others, values, tries, means);
            values.pop();
            found
        }),
    }
}

fn with<'t, T>(value: &'t str, values: &mut Vec<&'t str>, means: fn(&[&str]) -> Option<T>) -> Option<T> {
    values.push(value);
    let found = means(values);
    values.pop();
    found
}

/// A number, or a word that names something.
pub(super) fn n<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// A text that was written with quotes, as Rust writes it.
pub(super) fn quoted(text: &str) -> Option<String> {
    let inside = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut plain = String::new();
    let mut chars = inside.chars();
    while let Some(char) = chars.next() {
        plain.push(match char {
            '\\' => match chars.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                '0' => '\0',
                'u' => {
                    let digits: String = chars.by_ref().skip(1).take_while(|char| *char != '}').collect();
                    char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?
                }
                other => other,
            },
            // One that ends before the end: this is not one text.
            '"' => return None,
            char => char,
        });
    }
    Some(plain)
}

pub(super) fn list(text: &str) -> Vec<String> {
    text.split(", ").map(str::to_owned).collect()
}

/// The wire name of one of a few.
pub(super) fn word<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(text.into()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_decide_where_a_hole_ends() {
        let phrases: &[Phrase<(String, u32)>] = &[("{} has {} bytes", |v| Some((v[0].to_owned(), n(v[1])?)))];
        assert_eq!(read(phrases, "what has 3 bytes has 7 bytes"), Some(("what has 3 bytes".to_owned(), 7)));
        assert_eq!(read(phrases, "it has no bytes"), None);
    }

    #[test]
    fn what_is_between_two_sentences_may_be_in_one() {
        let one = |text: &str| text.strip_prefix("at ").map(str::to_owned);
        assert_eq!(sentences("at a; at b; c", &one), Some(vec!["a".to_owned(), "b; c".to_owned()]));
        assert_eq!(sentences("at a; by b", &one), Some(vec!["a; by b".to_owned()]));
        assert_eq!(sentences("by a; at b", &one), None);
    }

    #[test]
    fn quotes_come_off_as_they_went_on() {
        for text in ["cat", "a \"b\"", "\u{1}\n\\", "고양이", "\u{200b}", ""] {
            assert_eq!(quoted(&format!("{text:?}")).as_deref(), Some(text));
        }
        assert_eq!(quoted("\"a\" or \"b\""), None);
    }

    #[test]
    fn a_text_made_to_keep_us_busy_is_given_up() {
        let phrases: &[Phrase<()>] = &[("{} is {} is {} is {}!", |_| None)];
        assert_eq!(read(phrases, &" is ".repeat(300)), None);
        let one = |text: &str| (!text.ends_with('?')).then_some(());
        assert_eq!(sentences(&format!("{}?", "a; ".repeat(300)), &one), None);
    }
}
