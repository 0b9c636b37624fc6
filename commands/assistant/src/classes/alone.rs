//! Lists that nothing announces and that stand alone: lines with bullets, or a sentence that is nothing but a list.

use std::ops::Range;

use super::list::{is_stop, split};
use super::nouns::{ends_clause, is_noun};
use super::words::{is_mark, particle_off, words};
use crate::text::Text;

/// The most words of a class that has a line of its own.
pub(super) const LINE_WORDS_MAX: usize = 3;
/// The most words of a class in a sentence of its own.
const WORDS_MAX: usize = 2;

/// `분할 학습. 충치, 잇몸, 보철` and bullets below `검출 모델 만들어줘`.
pub(super) fn alone(text: &Text) -> Option<Vec<Range<usize>>> {
    bulleted(text).or_else(|| sentences(text).find_map(|sentence| only_a_list(text, sentence)))
}

/// What stands on a line after its bullet or number; the line itself where it has none.
pub(super) fn after_bullet(text: &Text, line: Range<usize>) -> usize {
    let blank = |c: char| matches!(c, ' ' | '-' | '*' | '•' | '·' | '◦' | '▪' | '‣');
    let start = line.clone().find(|at| !blank(text.low[*at])).unwrap_or(line.end);
    let digits = (start..line.end).find(|at| !text.low[*at].is_ascii_digit()).unwrap_or(line.end);
    let numbered = digits > start && digits - start < 3 && matches!(text.at(digits), '.' | ')' | ':');
    if numbered { text.skip_spaces(digits + 1).min(line.end) } else { start }
}

/// The class that a line consists of.
pub(super) fn line_item(text: &Text, line: Range<usize>) -> Option<Range<usize>> {
    let from = after_bullet(text, line.clone());
    let parts = words(text, from..line.end);
    let plain = !text.low[from..line.end].iter().any(|c| matches!(c, ':' | '=' | ',') || is_mark(*c));
    let (first, last) = (parts.first()?, parts.last()?);
    let fits = plain && parts.len() <= LINE_WORDS_MAX && !is_stop(text, first.start, line.end);
    fits.then_some(first.start..last.end)
}

fn bulleted(text: &Text) -> Option<Vec<Range<usize>>> {
    let mut items = Vec::new();
    for line in lines(text) {
        let marked = after_bullet(text, line.clone()) > text.skip_spaces(line.start);
        match line_item(text, line).filter(|item| marked && is_noun(text, item)) {
            Some(item) => items.push(item),
            None if items.len() > 1 => break,
            None => items.clear(),
        }
    }
    (items.len() > 1).then_some(items)
}

fn only_a_list(text: &Text, sentence: Range<usize>) -> Option<Vec<Range<usize>>> {
    let last = (sentence.clone()).rev().find(|at| !text.low[*at].is_whitespace())? + 1;
    let start =
        (0..last).rev().find(|at| matches!(text.low[*at], ' ' | ',')).map_or(sentence.start, |at| at + 1);
    let end = particle_off(text, start.max(sentence.start), last);
    if text.low[sentence.start..end].iter().any(|c| is_mark(*c) || c.is_ascii_digit()) {
        return None;
    }
    let list = split(text, sentence.start, end);
    let whole = list.items.last()?.end == end && list.items[0].start == text.skip_spaces(sentence.start);
    let is_class = |item: &Range<usize>| {
        words(text, item.clone()).len() <= WORDS_MAX && is_noun(text, item) && !ends_clause(text, item)
    };
    (whole && list.separated && list.items.len() > 2 && list.items.iter().all(is_class)).then_some(list.items)
}

fn lines(text: &Text) -> impl Iterator<Item = Range<usize>> {
    parts(text, |text, at| text.low[at] == '\n')
}

fn sentences(text: &Text) -> impl Iterator<Item = Range<usize>> {
    parts(text, |text, at| {
        matches!(text.low[at], '\n' | '!' | ':') || text.low[at] == '.' && text.at(at + 1) == ' '
    })
    .skip(1)
}

fn parts(text: &Text, ends: impl Fn(&Text, usize) -> bool) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        if start >= text.len() {
            return None;
        }
        let end = (start..text.len()).find(|at| ends(text, *at)).unwrap_or(text.len());
        let part = start..end;
        start = end + 1;
        Some(part)
    })
}
