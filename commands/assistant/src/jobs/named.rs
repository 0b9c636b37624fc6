//! A job named with its noun or by a name of its own: `작업 7번`, "the run called weld-a".

use std::ops::Range;

use super::is_joined;
use crate::lexicon::corrections::LEFT;
use crate::lexicon::jobs::{AMONG, COUNTED, NOUNS, SLUGGED, SPOKEN_OF, WEAK};
use crate::lexicon::quantities::{CORRECTIONS, KEEPS};
use crate::text::{JOB, Text, is_hangul, is_wordy};

/// How many jobs of a turn are looked at.
const MENTIONS_MAX: usize = 8;
/// How many words of correction are looked at.
const CORRECTIONS_MAX: usize = 8;
/// The job named with its noun, masked out of the text.
pub(crate) fn take(text: &mut Text) -> Option<String> {
    let joined = text.low.iter().any(|c| matches!(c, '-' | '_'));
    let by_name = |at| if joined { called(text, at) } else { None };
    let mentioned: Vec<_> = (0..text.len())
        .filter_map(|at| after_noun(text, at).or_else(|| before_noun(text, at)).or_else(|| by_name(at)))
        .take(MENTIONS_MAX)
        .collect();
    let (left, meant): (Vec<_>, Vec<_>) =
        mentioned.into_iter().partition(|(whole, _)| left_alone(text, whole));
    // `작업 17 말고 18`: the one that is left alone is not looked at again.
    left.into_iter().for_each(|(_, name)| text.mask(name, JOB));
    let (whole, name) = meant.into_iter().next()?;
    Some(named(text, whole, name))
}

/// The job by its name, or by the one that it is corrected to: "job 3, I mean job 33". Masks both.
pub(super) fn named(text: &mut Text, whole: Range<usize>, name: Range<usize>) -> String {
    let corrected = corrected(text, whole.end);
    text.mask(whole, JOB);
    if let Some(other) = &corrected {
        text.mask(other.clone(), JOB);
    }
    text.said(corrected.unwrap_or(name))
}

/// The number that a word of correction leads to, with or without a noun between.
fn corrected(text: &Text, from: usize) -> Option<Range<usize>> {
    let is_over = |at: usize| !is_hangul(text.before(at)) && !text.before(at).is_ascii_alphabetic();
    let corrections = (from..text.len())
        .filter(|at| is_over(*at))
        .filter_map(|at| text.any_at(at, CORRECTIONS).or_else(|| text.any_at(at, AMONG)));
    corrections.take(CORRECTIONS_MAX).find_map(|end| {
        let skipped =
            |from: usize| (from..text.len()).find(|at| !matches!(text.low[*at], ' ' | ',' | '.' | '#'));
        let start = skipped(end)?;
        let start = text.any_at(start, NOUNS).and_then(skipped).unwrap_or(start);
        let stop = (start..text.len()).find(|at| !text.low[*at].is_ascii_digit()).unwrap_or(text.len());
        let counted = text.any_at(text.skip_spaces(stop), COUNTED).is_some();
        (stop > start && !counted && !is_joined(text.at(stop))).then_some(start..stop)
    })
}

/// `job #12`, `작업 7번`, `job flowers-v2`.
pub(super) fn after_noun(text: &Text, at: usize) -> Option<(Range<usize>, Range<usize>)> {
    let new_script = is_hangul(text.at(at)) && !is_hangul(text.before(at));
    if is_wordy(text.before(at)) && !new_script {
        return None;
    }
    let strong = text.any_at(at, NOUNS);
    let noun = strong.or_else(|| text.any_at(at, WEAK))?;
    let mut from = noun;
    while from < text.len() && matches!(text.at(from), ' ' | ':' | '=' | '.' | '#' | '"' | '\'') {
        from += 1;
    }
    let signed = text.low[noun..from].contains(&'#');
    let end = name_end(text, from);
    let led = crate::negation::last_word(text, at).is_some_and(|word| {
        let word: String = text.low[word].iter().collect();
        ["with", "using", "use", "of", "from", "run", "by", "for", "deploy", "resume", "stop", "cancel"]
            .contains(&word.as_str())
    });
    let weak = text.word_at(at, "model") == Some(noun)
        && led
        && text.low[from..end].iter().all(char::is_ascii_digit);
    if strong.is_none() && !signed && !weak {
        return None;
    }
    let slug =
        text.any_at(at, SLUGGED) == strong && text.low[from..end].iter().any(|c| matches!(c, '-' | '_'));
    let digits = slug || text.low[from..end].iter().any(char::is_ascii_digit);
    let counted =
        text.any_at(end, &["개", "에폭", "에포크", "epoch", "회", " epochs", " times", "배", "%"]).is_some();
    if end == from || !digits || counted || (end - from > 64) {
        return None;
    }
    let tail = text.any_at(end, &["번 작업", "번"]).unwrap_or(end);
    Some((at..tail, from..end))
}

/// "the run called weld-a", `line-3 작업`, `공정A-재학습 이라는 작업`: a job by a name of its own.
pub(super) fn called(text: &Text, at: usize) -> Option<(Range<usize>, Range<usize>)> {
    if is_wordy(text.before(at)) || text.before(at) == '-' {
        return None;
    }
    let name = |from: usize| {
        let in_name = |c: char| is_wordy(c) || c == '-';
        let end = (from..text.len()).find(|here| !in_name(text.low[*here])).unwrap_or(text.len());
        (from..end).rev().find(|here| text.low[*here] != '-').map_or(from, |last| last + 1)
    };
    let slug = |range: &Range<usize>| {
        let joined = text.low[range.clone()].iter().any(|c| matches!(c, '-' | '_'));
        joined && range.len() <= 64 && text.low[range.start].is_alphabetic()
    };
    if let Some(noun) = text.any_at(at, NOUNS).or_else(|| text.any_at(at, WEAK)) {
        let naming = text.any_at(text.skip_spaces(noun), &["called", "named"])?;
        let from = (naming..text.len()).find(|at| !matches!(text.low[*at], ' ' | '"' | '\''))?;
        let named = from..name(from);
        return slug(&named).then_some((at..named.end, named));
    }
    let end = name(at);
    let naming = text.any_at(end, &[" 이라는", " 라는", "이라는", "라는"]).unwrap_or(end);
    let noun = text.any_at(text.skip_spaces(naming), &["작업", "잡", "실험"])?;
    (end > at && slug(&(at..end))).then_some((at..noun, at..end))
}

/// `42번 작업`, `#7 job`, `7 job`.
pub(super) fn before_noun(text: &Text, at: usize) -> Option<(Range<usize>, Range<usize>)> {
    let signed = text.at(at) == '#';
    let from = at + usize::from(signed);
    if is_joined(text.before(at)) || !text.at(from).is_ascii_digit() {
        return None;
    }
    let end = (from..text.len()).find(|here| !text.low[*here].is_ascii_digit()).unwrap_or(text.len());
    let number = text.any_at(end, &["번째 ", "번 ", "호 "]);
    let noun = text.skip_spaces(number.unwrap_or(end));
    let noun_end = text
        .any_at(noun, &["작업", "잡", "실험", "job"])
        .or_else(|| number.and(text.any_at(noun, &["모델", "런"])))?;
    let verb = text.any_at(noun_end, &["해", "하", "시", "률", "s"]).is_some();
    (!verb && (number.is_some() || signed)).then_some((at..noun_end, from..end))
}

/// `작업 5는 놔두고`, "but not job 5": a job that is spoken of to leave it.
pub(super) fn left_alone(text: &Text, whole: &Range<usize>) -> bool {
    // `8번 학습 말고`, `8번이 아니라`.
    let noun = text.any_at(text.skip_spaces(whole.end), SPOKEN_OF).unwrap_or(whole.end);
    let particle = text.any_at(noun, &["은", "는", "을", "를", "만", "이", "가"]).unwrap_or(noun);
    let next = text.skip_spaces(particle);
    // `3번이랑 5번은 됐고`: what the first is joined to.
    let joined = text.any_at(whole.end, &["이랑", "랑", "하고", "와", "과"]).map(|end| text.skip_spaces(end));
    let other = joined.filter(|at| text.at(*at).is_ascii_digit()).and_then(|start| {
        let end = (start..text.len()).find(|at| !text.low[*at].is_ascii_digit())?;
        text.any_at(end, &["번"]).map(|end| start..end)
    });
    if other.is_some_and(|other| left_alone(text, &other)) {
        return true;
    }
    text.any_at(next, KEEPS).or_else(|| text.any_at(next, LEFT)).is_some() || denied_before(text, whole.start)
}

/// "not job 5", "instead of 7", "all but 3".
fn denied_before(text: &Text, start: usize) -> bool {
    let word = |end| crate::negation::last_word(text, end);
    let said = |range: &Range<usize>| text.low[range.clone()].iter().collect::<String>();
    let Some(last) = word(start) else { return false };
    let earlier = word(last.start).map(|word| said(&word)).unwrap_or_default();
    match said(&last).as_str() {
        // "keep training job 5" goes on with it.
        "keep" | "keeping" => text.word_at(start, "training").is_none(),
        "not" | "except" | "leave" | "leaving" => true,
        "of" => earlier == "instead",
        "than" => earlier == "rather",
        "but" => matches!(earlier.as_str(), "all" | "everything" | "any" | "anything" | "every"),
        _ => false,
    }
}

fn name_end(text: &Text, from: usize) -> usize {
    let end = (from..text.len())
        .find(|here| !(text.low[*here].is_ascii_alphanumeric() || matches!(text.low[*here], '-' | '_')))
        .unwrap_or(text.len());
    (from..end).rev().find(|here| text.low[*here] != '-').map_or(from, |last| last + 1)
}
