//! What a terminal is shown. Names and messages were written by others: nothing in them moves a cursor, changes a
//! colour or begins a line of its own. Every line that the binary prints goes through here.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};
use std::io::{ErrorKind, Write};
use std::process::exit;

use serde_json::Value;
use trainyard_events::chat::Language;

use crate::language::{language, pick};

/// As a shell reports a program that wrote to a closed pipe.
const CLOSED_PIPE: i32 = 141;

/// Prints one line, whatever is in it. When nobody reads any more there is nothing left to do.
pub(crate) fn line(text: impl Display) {
    print(&format!("{}\n", shown(&text.to_string())));
}

/// Prints a text that has lines of its own.
pub(crate) fn lines(text: &str) {
    text.split('\n').for_each(line);
}

/// One line of JSON, which reads back as the same value.
pub(crate) fn json(value: &Value) {
    json_text(&value.to_string());
}

/// The same of JSON that is text already, and fits a line.
pub(crate) fn json_text(text: &str) {
    print(&format!("{}\n", json_shown(text)));
}

/// What a shell reads, as it is: all of it is ours.
pub(crate) fn script(text: &str) {
    print(text);
}

/// What was said, bold, as in a conversation on a screen.
pub(crate) fn said(text: &str) {
    print(&format!("\n\u{1b}[1m> {}\u{1b}[0m\n", shown(text)));
}

/// Asks for a line, which is typed behind it.
pub(crate) fn prompt() {
    print("> ");
}

/// Tells whoever looks something that is no part of the answer, on standard error; what follows its first line is
/// indented, so that it passes for nothing else.
pub(crate) fn note(text: impl Display) {
    let text = text.to_string().split('\n').map(shown).collect::<Vec<_>>().join("\n  ");
    // Where nobody can be told there is nothing left to do.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Tells why something did not come about: one line with the whole chain of causes.
pub(crate) fn error(why: &anyhow::Error, language: Language) {
    note(format_args!("{}: {why:#}", pick(language, "오류", "error")));
}

fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        if error.kind() == ErrorKind::BrokenPipe {
            exit(CLOSED_PIPE);
        }
        let language = language();
        let what = pick(language, "표준 출력에 쓸 수 없습니다", "standard output cannot be written");
        self::error(&anyhow::Error::new(error).context(what), language);
        exit(1);
    }
}

/// With what a terminal would act upon written out, such as `\u{1b}`. A tab only makes room.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    written_out(text, |char| char != '\t' && acts(char), |char| char.escape_default().to_string())
}

/// Likewise for a cell of a table, which a tab would make wider than it seems.
pub(crate) fn cell(text: &str) -> Cow<'_, str> {
    written_out(text, acts, |char| char.escape_default().to_string())
}

/// Likewise for JSON, where none of these stands outside a string.
fn json_shown(text: &str) -> Cow<'_, str> {
    written_out(text, acts, |char| format!("\\u{:04x}", u32::from(char)))
}

fn written_out(text: &str, acts: impl Fn(char) -> bool, write: impl Fn(char) -> String) -> Cow<'_, str> {
    if !text.contains(&acts) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for char in text.chars() {
        let written = if acts(char) { safe.write_str(&write(char)) } else { safe.write_char(char) };
        written.expect("a string takes any text");
    }
    Cow::Owned(safe)
}

/// Control characters, and those that turn the order of others around or break lines.
fn acts(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{cell, json_shown, shown};

    const HOSTILE: &str = "a\u{1b}]0;mine\u{7}\u{9b}31m\r\n\u{202e}b\u{2066}\u{7f}";

    #[test]
    fn what_a_terminal_would_act_upon_is_written_out() {
        assert_eq!(shown(HOSTILE), r"a\u{1b}]0;mine\u{7}\u{9b}31m\r\n\u{202e}b\u{2066}\u{7f}");
        assert_eq!(cell("a\tb"), r"a\tb");
        for plain in ["", "a\tb", "학습 \u{1f468}\u{200d}\u{1f52c} über 100 %", "C:\\path \"x\""] {
            assert_eq!(shown(plain), plain);
        }
    }

    #[test]
    fn json_stays_json_and_the_same() {
        let value = json!({ HOSTILE: [HOSTILE, 1.5, null] });
        let text = value.to_string();
        let safe = json_shown(&text);
        assert!(!safe.contains(super::acts), "{safe:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).expect("JSON"), value);
    }
}
