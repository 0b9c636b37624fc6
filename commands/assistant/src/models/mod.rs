//! Finds the models a turn names, however they are spelt.

mod described;
mod resized;
mod several;

use std::ops::Range;

pub(crate) use resized::{measured_by, resized};
pub(crate) use several::several;

use crate::catalog::{self, Model};
use crate::lexicon::models::{COMPARED, FAMILIES, RUNNERS, SIZED_ONLY, SIZES, WEIGHTS};
use crate::lexicon::numbers::COUNTERS;
use crate::negation::denied;
use crate::text::{MODEL, Text, is_hangul, is_wordy};

/// A model named in the turn.
#[derive(Clone, Debug)]
pub(crate) struct Mention {
    pub(crate) range: Range<usize>,
    /// Catalog id, or the name as written where the catalog has none.
    pub(crate) id: String,
    pub(crate) denied: bool,
}

/// The longest alias, in characters without separators.
const ALIAS_CHARS: usize = 32;
/// The longest model name that is read.
const TOKEN_CHARS: usize = 64;

/// Every model named, in order, masked out of the text.
pub(crate) fn take(text: &mut Text) -> Vec<Mention> {
    let mut mentions = Vec::new();
    let mut at = 0;
    let compared = text.find_any(0, COMPARED).is_some();
    while at < text.len() {
        match mention_at(text, at) {
            Some((id, end)) => {
                let (id, range) = sized_before(text, &(at..end)).unwrap_or((id, at..end));
                mentions.push(Mention { range, id, denied: false });
                while let Some(next) = mentions.last().and_then(|last| sibling_at(text, last, compared)) {
                    mentions.push(next);
                }
                at = mentions.last().map_or(end, |last| last.range.end);
            }
            None => at += 1,
        }
    }
    for index in 0..mentions.len() {
        mentions[index].denied = denied(text, &mentions[index].range, index + 1 < mentions.len());
    }
    for mention in &mentions {
        text.mask(mention.range.clone(), MODEL);
    }
    mentions
}

/// "the small YOLO 11": the size before a name that has none of its own.
fn sized_before(text: &Text, range: &Range<usize>) -> Option<(String, Range<usize>)> {
    let said: String = text.low[range.clone()].iter().filter(|c| !catalog::is_separator(**c)).collect();
    let model = catalog::by_key(&said).filter(|_| said.starts_with("yolo") && !said.ends_with(is_size))?;
    let word = crate::negation::last_word(text, range.start)?;
    let size: String = text.low[word.clone()].iter().collect();
    let sized = catalog::sized(model, &size).filter(|_| SIZES.contains(&size.as_str()))?;
    Some((sized.id.clone(), word.start..range.end))
}

fn is_size(last: char) -> bool {
    matches!(last, 'n' | 's' | 'm' | 'l' | 'x' | 'g' | 'e')
}

/// `이피션트넷 b0와 b4`: the size alone, joined to a model of the family.
///
/// In a comparison, `resnet18, 34, 50` also names three.
fn sibling_at(text: &Text, mention: &Mention, compared: bool) -> Option<Mention> {
    let model = catalog::find(&mention.id)?;
    let end = mention.range.end;
    let slash = (text.at(end) == '/').then_some(end + 1);
    // `efficientnet_b0, b1 b2`: side by side, where the size is no ordinary word or number.
    let beside = text.skip_spaces(end + usize::from(text.at(end) == ','));
    let plain = text.at(beside).is_ascii_alphabetic() && text.at(beside + 1).is_ascii_digit()
        || compared && text.at(end) == ',' && text.at(beside).is_ascii_digit();
    let beside = (plain && beside > end).then_some(beside);
    let joined = slash.or(beside).or_else(|| {
        text.any_at(
            text.skip_spaces(end),
            &["이랑", "하고", "와", "과", "랑", "and", "vs", "versus", "or", "이나", "나"],
        )
    })?;
    let start = text.skip_spaces(joined);
    let latin = (start..text.len()).find(|at| !text.low[*at].is_ascii_alphanumeric()).unwrap_or(text.len());
    let end = if latin > start { latin } else { text.any_at(start, SIZES)? };
    let word: String = text.low[start..end].iter().filter(|c| !catalog::is_separator(**c)).collect();
    let counts = text.any_at(text.skip_spaces(end), COUNTERS).is_some();
    let sibling = catalog::sized(model, &word).filter(|_| end > start && !counts)?;
    Some(Mention { range: start..end, id: sibling.id.clone(), denied: false })
}

fn mention_at(text: &Text, at: usize) -> Option<(String, usize)> {
    let (first, before) = (text.at(at), text.before(at));
    let starts =
        if is_hangul(first) { !is_hangul(before) } else { first.is_ascii_alphabetic() && !is_joined(before) };
    if !starts {
        return None;
    }
    if let Some(named) = of_runner(text, at) {
        return Some(named);
    }
    let known = known_at(text, at);
    let token = token_end(text, at);
    if known.is_none_or(|(_, end)| end < token)
        && let Some(id) = unknown(text, at, token)
    {
        return Some((id, token));
    }
    known.map(|(model, end)| (model.id.clone(), end))
}

/// `timm/convnextv2_atto`: what a runner calls a model, whether one is there that has it or not.
fn of_runner(text: &Text, at: usize) -> Option<(String, usize)> {
    let slash = RUNNERS.iter().find_map(|runner| text.any_at(at, &[runner]))?;
    let end = token_end(text, slash + 1);
    let named = text.at(slash) == '/' && end > slash + 1;
    named.then(|| (text.low[at..end].iter().collect(), end))
}

fn is_joined(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The longest catalog name that starts at `at`.
fn known_at(text: &Text, at: usize) -> Option<(&'static Model, usize)> {
    let (mut key, mut best, mut separators) = (String::new(), None, 0);
    let first = text.at(at);
    let (mut chars, mut last_gap) = (0, at);
    for here in at..text.len() {
        let c = text.low[here];
        if catalog::is_separator(c) {
            separators += 1;
            if separators > 2 {
                break;
            }
            last_gap = here;
            continue;
        }
        if !is_wordy(c) || chars == ALIAS_CHARS {
            break;
        }
        separators = 0;
        key.push(c);
        chars += 1;
        if chars == 2 && !catalog::begins(first, c) {
            break;
        }
        let end = here + 1;
        if boundary(text, end)
            && let Some(model) = catalog::by_key(&key)
            && !SIZED_ONLY.contains(&key.as_str())
            && !counts_something(text, last_gap, at, end)
            && !(is_hangul(c)
                && last_gap > at
                && text.low[last_gap] == ' '
                && swallowed_particle(text, last_gap + 1, end))
        {
            best = Some((model, end));
        }
    }
    best
}

/// A name ends where no Latin letter or digit goes on.
fn boundary(text: &Text, end: usize) -> bool {
    let last = text.before(end);
    if last.is_ascii_digit() && text.at(end) == '.' && text.at(end + 1).is_ascii_digit() {
        return false;
    }
    !last.is_ascii() || !text.at(end).is_ascii_alphanumeric()
}

/// `yolo 5 epochs` and `resnet 50번` count; `resnet 50 에폭 10` does not.
fn counts_something(text: &Text, gap: usize, start: usize, end: usize) -> bool {
    if gap == start
        || text.low[gap] != ' '
        || !text.before(end).is_ascii_digit()
        || !text.low[gap + 1].is_ascii_digit()
    {
        return false;
    }
    let Some(counter) = text.any_at(text.skip_spaces(end), COUNTERS) else { return false };
    let next = (counter..text.len())
        .find(|at| !matches!(text.low[*at], ' ' | '=' | ':' | '은' | '는' | '을' | '를' | '수'));
    !next.is_some_and(|at| text.low[at].is_ascii_digit())
}

/// One Hangul syllable after a space is no size word when more of its word follows (`엘` of `엘리베이터`).
fn swallowed_particle(text: &Text, from: usize, end: usize) -> bool {
    let next = text.at(end);
    end - from == 1
        && is_hangul(next)
        && !matches!(next, '로' | '으' | '을' | '를' | '은' | '는' | '이' | '가' | '모' | '도')
}

fn token_end(text: &Text, at: usize) -> usize {
    let end = (at..text.len().min(at + TOKEN_CHARS))
        .find(|here| !(text.low[*here].is_ascii_alphanumeric() || matches!(text.low[*here], '-' | '_' | '.')))
        .unwrap_or(text.len());
    let end =
        (at..end).rev().find(|here| text.low[*here].is_ascii_alphanumeric()).map_or(at, |last| last + 1);
    let token: String = text.low[at..end].iter().collect();
    WEIGHTS.iter().find(|suffix| token.ends_with(*suffix)).map_or(end, |suffix| end - suffix.len())
}

/// A token that is spelt like a model of a known family and is none of the catalog.
fn unknown(text: &Text, at: usize, end: usize) -> Option<String> {
    let token: String = text.low[at..end].iter().collect();
    if token.len() > 48 {
        return None;
    }
    let rest = FAMILIES.iter().find_map(|family| token.strip_prefix(family))?;
    let marked =
        rest.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '_') || rest.starts_with('v');
    if !(marked && rest.chars().any(|c| c.is_ascii_digit())) {
        return None;
    }
    corrected(&token).or(Some(token))
}

/// The one catalog model a misspelling away, when the digits agree.
fn corrected(token: &str) -> Option<String> {
    let key = catalog::key(token);
    catalog::by_key(&key).map(|model| model.id.clone())
}
