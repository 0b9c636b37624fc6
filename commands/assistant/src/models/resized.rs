//! Size words that lean on another model: "a bigger one", "나노로", `resnet18보다 큰 걸로`.

use super::described::describes;
use super::{Mention, is_joined};
use crate::catalog::{self, Model};
use crate::lexicon::models::{BIGGER, SIZES, SMALLER, VERSIONS};
use crate::negation::denied;
use crate::quantities::names_setting;
use crate::text::{Text, VALUE, is_hangul};

/// The longest end of a model's name that stands for it.
const SUFFIX_CHARS_MAX: usize = 4;
/// How far back the setting that a comparison is about is looked for.
const CLAUSE_CHARS: usize = 40;

/// The model that another is measured by: `resnet18보다 큰 걸로`, "bigger than resnet18".
pub(crate) fn measured_by(text: &Text, mentions: &[Mention]) -> Option<&'static Model> {
    let [mention] = mentions else { return None };
    let than = crate::negation::last_word(text, mention.range.start)
        .is_some_and(|word| text.low[word] == ['t', 'h', 'a', 'n']);
    let more = text.any_at(mention.range.end, &["보다", " 보다"]).is_some();
    (than || more).then(|| catalog::find(&mention.id)).flatten()
}

/// "nano", "나노로", "a bigger one", "더 작은 모델": a member of the family of `open`.
pub(crate) fn resized(text: &Text, open: &'static Model) -> Option<&'static Model> {
    // "swap the small one for the medium": the last size is the one that is meant.
    let (mut found, mut stepped) = (None, None);
    for at in 0..text.len() {
        let hangul = is_hangul(text.at(at));
        if (hangul && is_hangul(text.before(at))) || (!hangul && is_joined(text.before(at))) {
            continue;
        }
        if text
            .any_at(at, &["smallest", "제일 작은", "가장 작은", "제일 가벼운", "가장 가벼운", "lightest"])
            .is_some_and(|end| speaks_of_model(text, end))
        {
            return Some(catalog::extreme(open, false));
        }
        if text
            .any_at(at, &["biggest", "largest", "제일 큰", "가장 큰", "제일 무거운", "most powerful"])
            .is_some_and(|end| speaks_of_model(text, end))
        {
            return Some(catalog::extreme(open, true));
        }
        if text.any_at(at, BIGGER).is_some_and(|end| steps_model(text, at, end)) {
            stepped = stepped.or(Some(catalog::stepped(open, if too(text, at) { -1 } else { 1 })));
        }
        if text.any_at(at, SMALLER).is_some_and(|end| steps_model(text, at, end)) {
            stepped = stepped.or(Some(catalog::stepped(open, if too(text, at) { 1 } else { -1 })));
        }
        if let Some(model) = suffixed(text, at, open) {
            found = Some(model);
        }
        for word in SIZES {
            if let Some(end) = text.word_at(at, word)
                && size_context(text, at, end)
                && let Some(model) = catalog::sized(open, &catalog::key(word))
                && !denied(text, &(at..end), true)
            {
                found = Some(model);
            }
        }
    }
    found.or(stepped)
}

/// "go with b2", "the 34 version", `s로`: what the names of the family end in.
fn suffixed(text: &Text, at: usize, open: &'static Model) -> Option<&'static Model> {
    let end = (at..text.len()).find(|here| !text.low[*here].is_ascii_alphanumeric()).unwrap_or(text.len());
    if end == at || end - at > SUFFIX_CHARS_MAX {
        return None;
    }
    let word: String = text.low[at..end].iter().collect();
    let lettered = word.starts_with(|c: char| c.is_ascii_alphabetic());
    let telling = lettered && word.len() > 1 && word.contains(|c: char| c.is_ascii_digit());
    let called = text.any_at(text.skip_spaces(end), VERSIONS).is_some();
    let led = lettered && text.any_at(end, &["으로", "로"]).is_some();
    let model = if telling || called || led { catalog::sized(open, &word) } else { None };
    model.filter(|_| !denied(text, &(at..end), true))
}

/// `너무 작은 모델`, "too small a model": what is too small is to grow.
fn too(text: &Text, at: usize) -> bool {
    let start = at.saturating_sub(4);
    (start..at).any(|before| {
        text.any_at(before, &["너무", "넘", "too"]).is_some_and(|end| text.skip_spaces(end) >= at)
    })
}

/// A comparison is about the model unless it names what else grows.
fn speaks_of_model(text: &Text, end: usize) -> bool {
    let next = text.skip_spaces(end);
    if text.at(next) == VALUE {
        return false;
    }
    text.any_at(
        next,
        &[
            "batch",
            "image",
            "images",
            "pictures",
            "photos",
            "batches",
            "size",
            "learning",
            "lr",
            "epoch",
            "배치",
            "이미지",
            "학습률",
            "사이즈",
            "input",
            "resolution",
            "dataset",
            "데이터",
        ],
    )
    .is_none()
}

fn steps_model(text: &Text, at: usize, end: usize) -> bool {
    speaks_of_model(text, end) && !of_a_setting(text, at, end) && !describes(text, at, end)
}

/// "make the batches a bit smaller": a comparison after the name of a setting, with no model named after it.
fn of_a_setting(text: &Text, at: usize, end: usize) -> bool {
    let start = (0..at)
        .rev()
        .find(|here| matches!(text.low[*here], ',' | '.' | '\n') || *here + CLAUSE_CHARS < at)
        .map_or(0, |stop| stop + 1);
    let model = text
        .any_at(text.skip_spaces(end), &["model", "one", "network", "모델", "걸로", "거로", "것"])
        .is_some();
    let noun = text.any_at(at, &["큰 모델", "큰 걸로", "작은 모델", "작은 걸로", "가벼운 모델"]).is_some();
    !model && !noun && (start..at).any(|here| names_setting(text, here))
}

/// A size word stands for a model where it is a word of its own with nothing else to size.
fn size_context(text: &Text, start: usize, end: usize) -> bool {
    let next = text.at(end);
    if is_hangul(text.at(start)) {
        return !is_hangul(next)
            || matches!(next, '로' | '으' | '을' | '를' | '모' | '버' | '가' | '는' | '사' | '이');
    }
    // `16은 small하니`: what is said of something else.
    let said = text.any_at(end, &["하니", "한데", "해서", "하네", "하다", "하지", "하므로"]).is_some();
    !is_joined(next) && !said && speaks_of_model(text, end) && !describes(text, start, end)
}
