//! What a turn says of models that people have named: which model, versions of it, and the alias that names one.

mod names;

use std::ops::Range;

use trainyard_events::model::{Pick, picked};

use crate::corrections;
use crate::lexicon::registry::{ALIAS_WORDS, ALIASES, LINKS, VERSION_WORDS};
use crate::negation::denied;
use crate::numbers;
use crate::slots::Slots;
use crate::text::{Text, VERSION, is_hangul, is_wordy};
use names::{is_free, of_a_name, take_name, token};

/// The highest number of a version that is read.
const VERSION_MAX: f64 = 9_999.0;

/// The versions that the turn names, in order, masked out of the text: `v3`, `버전 3`, "version three", `2랑 3 버전`.
pub(crate) fn take_versions(text: &mut Text) -> Vec<u32> {
    let mut found: Vec<(Range<usize>, u32)> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let joined = found.last().filter(|(last, _)| last.end == at).and_then(|_| sibling_after(text, at));
        match joined.or_else(|| version_at(text, at)) {
            Some((range, number)) => {
                at = range.end;
                found.push((range, number));
            }
            None => at += 1,
        }
    }
    let sibling = found.first().and_then(|(range, _)| sibling_before(text, range.start));
    found.splice(0..0, sibling);
    let mut numbers: Vec<u32> = Vec::new();
    for (place, (range, number)) in found.iter().enumerate() {
        if is_meant(text, &found, place, range) && !numbers.contains(number) {
            numbers.push(*number);
        }
    }
    found.into_iter().for_each(|(range, _)| text.mask(range, VERSION));
    numbers
}

/// Whether a version is neither denied nor taken back for the next: "v3, no, v4" means 4.
fn is_meant(text: &Text, found: &[(Range<usize>, u32)], place: usize, range: &Range<usize>) -> bool {
    let leads = |from: usize, to: usize| corrections::leads(text, from..to, false);
    let corrects = place.checked_sub(1).is_some_and(|before| leads(found[before].0.end, range.start));
    let next = found.get(place + 1);
    let gives_way = next.is_some_and(|(next, _)| leads(range.end, next.start));
    !gives_way && (corrects || !denied(text, range, next.is_some()))
}

/// What else the turn says of a named model, once it is known to be about one: its name, versions, and alias. Of two aliases
/// the first is what the other is to be like: "promote staging to production" returns it.
pub(crate) fn fill(text: &mut Text, slots: &mut Slots, registers: bool) -> Option<String> {
    let whole: String = text.raw.iter().collect();
    let words = whole.split(|c: char| !(of_a_name(c) || c == '@'));
    let written = words.map(without_particle).find_map(picked);
    let mut named = aliases(text);
    slots.alias = named.pop();
    if let Some((name, pick)) = written {
        slots.name = Some(name.to_owned());
        match pick {
            Pick::Version(version) => slots.versions.insert(0, version),
            Pick::Alias(alias) if slots.alias.is_none() => slots.alias = Some(alias.to_owned()),
            Pick::Alias(_) => {}
        }
        slots.job.take_if(|_| !registers);
    }
    let called = slots.job.take_if(|job| !registers && !job.bytes().all(|byte| byte.is_ascii_digit()));
    slots.name = slots.name.take().or(called).or_else(|| take_name(text, registers));
    if slots.versions.is_empty() && !registers {
        slots.versions.extend(led_to(text));
    }
    named.pop()
}

/// `1번으로 되돌려`, `tree-detector 3으로`, "back to 4": the only number of the turn, where something is moved to it.
fn led_to(text: &Text) -> Option<u32> {
    let mut numbers = (0..text.len()).filter(|at| !is_wordy(text.before(*at))).filter_map(|at| {
        let (end, number) = bare(text, at)?;
        let counted = text.any_at(end, &["번"]).unwrap_or(end);
        let led = text.any_at(counted, &["으로", "로"]).is_some() && is_hangul(text.at(counted));
        let to = crate::negation::last_word(text, at).is_some_and(|word| text.low[word] == ['t', 'o']);
        (led || to).then_some(number)
    });
    numbers.next().filter(|_| numbers.next().is_none())
}

/// `line3@champion을` without what Korean puts behind it.
fn without_particle(word: &str) -> &str {
    match word.split_once('@') {
        Some((_, tag)) if tag.starts_with(|c: char| c.is_ascii_alphanumeric()) => {
            word.trim_end_matches(is_hangul)
        }
        _ => word,
    }
}

/// A version with the word for it before or after its number.
fn version_at(text: &Text, at: usize) -> Option<(Range<usize>, u32)> {
    let before = text.before(at);
    if is_wordy(before) && (!is_hangul(before) || is_hangul(text.at(at))) || matches!(before, '-' | '.' | '/')
    {
        return None;
    }
    let short =
        if text.at(at) == 'v' { digits(text, at + 1 + usize::from(text.at(at + 1) == '.')) } else { None };
    if let Some((end, number)) = short {
        return Some((at..end, number));
    }
    if let Some(word) = text.any_at(at, VERSION_WORDS) {
        let from = text
            .skip_spaces(text.any_at(text.skip_spaces(word), &["은", ":", "#", "number"]).unwrap_or(word));
        let number =
            numbers::read(text, from).filter(|number| is_version(number.value) && !number.percent)?;
        // `버전이 뭐야` counts nothing: a particle is no two.
        if number.doubtful && from == word {
            return None;
        }
        let ends = !is_hangul(text.at(number.end)) || text.any_at(number.end, LINKS.1).is_some();
        return ends.then_some((at..number.end, number.value as u32));
    }
    let (end, number) = bare(text, at)?;
    let next = text.skip_spaces(text.any_at(end, &["번째", "번"]).unwrap_or(end));
    let word = text.any_at(next, VERSION_WORDS).filter(|_| next - end <= 3)?;
    Some((at..word, number))
}

/// A number that is joined to the version before it: `버전 2랑 3`, "versions 2 and 3".
fn sibling_after(text: &Text, end: usize) -> Option<(Range<usize>, u32)> {
    let link = text.any_at(text.skip_spaces(end), LINKS.0)?;
    let start = text.skip_spaces(link);
    let (stop, number) = bare(text, start + usize::from(text.at(start) == 'v'))?;
    let counted =
        text.any_at(text.skip_spaces(stop), &["번 작업", "작업", "epochs", "에폭", "job"]).is_some();
    (!counted).then_some((start..stop, number))
}

/// The same before it: `2번이랑 3번 버전`.
fn sibling_before(text: &Text, start: usize) -> Option<(Range<usize>, u32)> {
    let from = start.saturating_sub(12);
    (from..start).find_map(|at| {
        let (end, number) = bare(text, at).filter(|_| !is_wordy(text.before(at)))?;
        let link = text.any_at(text.skip_spaces(text.any_at(end, &["번"]).unwrap_or(end)), LINKS.0)?;
        (text.skip_spaces(link) == start && text.at(start).is_ascii_digit()).then_some((at..end, number))
    })
}

/// Digits that are part of nothing longer.
fn bare(text: &Text, at: usize) -> Option<(usize, u32)> {
    let before = text.before(at);
    if before.is_ascii_digit() || matches!(before, '.' | '-' | '_' | '/') {
        return None;
    }
    digits(text, at)
}

fn digits(text: &Text, at: usize) -> Option<(usize, u32)> {
    let end = (at..text.len()).find(|here| !text.low[*here].is_ascii_digit()).unwrap_or(text.len());
    let part = text.at(end) == '.' && text.at(end + 1).is_ascii_digit();
    if end == at || part || text.at(end).is_ascii_alphabetic() || matches!(text.at(end), '-' | '_') {
        return None;
    }
    let number: f64 = text.said(at..end).parse().ok()?;
    is_version(number).then_some((end, number as u32))
}

fn is_version(number: f64) -> bool {
    (1.0..=VERSION_MAX).contains(&number) && number.fract() == 0.0
}

/// The aliases that the turn names, in order: "promote staging to production" names two.
pub(crate) fn aliases(text: &Text) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let starts = !is_wordy(text.before(at)) || is_hangul(text.at(at)) != is_hangul(text.before(at));
        let known = || {
            let mut known = ALIASES.iter();
            known.find_map(|(alias, words)| text.any_at(at, words).map(|end| ((*alias).to_owned(), end)))
        };
        // `v2를스테이징에`: a long word of Korean is one wherever it stands.
        let long = || known().filter(|(_, end)| is_hangul(text.at(at)) && end - at > 2);
        let here = if starts { explicit(text, at).or_else(known) } else { long() };
        match here {
            Some((alias, end)) => {
                let end = text.any_at(text.skip_spaces(end), ALIAS_WORDS).unwrap_or(end);
                if !found.contains(&alias) {
                    found.push(alias);
                }
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// "alias blue", `별칭은 blue`, `blue 별칭`: one that is said to be an alias.
fn explicit(text: &Text, at: usize) -> Option<(String, usize)> {
    if let Some(word) = text.any_at(at, ALIAS_WORDS) {
        let from =
            text.any_at(text.skip_spaces(word), &["은", "는", "을", "를", "named", "called", ":", "="]);
        let range =
            token(text, text.skip_spaces(from.unwrap_or(word))).filter(|range| is_free(text, range))?;
        return Some((text.said(range.clone()), range.end));
    }
    let range = token(text, at).filter(|range| is_free(text, range))?;
    let word = text.any_at(text.skip_spaces(range.end), ALIAS_WORDS)?;
    Some((text.said(range), word))
}

/// What a turn about named models may state.
pub(crate) fn stated(found: Slots, registers: bool) -> Slots {
    let Slots { name, alias, versions, job, .. } = found;
    match registers {
        true => Slots { name, job, ..Slots::default() },
        false => Slots { name, alias, versions, ..Slots::default() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(said: &str) -> Vec<u32> {
        take_versions(&mut Text::new(said))
    }

    #[test]
    fn versions_are_read_beside_their_word() {
        for (said, expected) in [
            ("promote v3 to production", &[3][..]),
            ("버전 3을 운영으로", &[3]),
            ("3번 버전 올려줘", &[3]),
            ("version three of trees", &[3]),
            ("compare v2 and v3 of tree-detector", &[2, 3]),
            ("2번이랑 3번 버전 비교", &[2, 3]),
            ("버전 2와 4 비교", &[2, 4]),
            ("v3 말고 v2", &[2]),
            ("promote v3, no wait, v4", &[4]),
            ("promote v3 no v4 to production", &[4]),
            ("버전 5, 아 미안 버전 6을 운영으로", &[6]),
            ("v4가 낫네, jar-lid v4를 올려줘", &[4]),
            ("promote v2 instead of v3", &[2]),
            ("no, compare v1 and v2", &[1, 2]),
            ("운영 버전이 지금 뭐야", &[]),
            ("line2-v3 배포해줘", &[]),
            ("yolov8n으로 학습", &[]),
            ("v1.2 로 바꿔", &[]),
            ("job 7을 배포", &[]),
        ] {
            assert_eq!(versions(said), expected, "{said}");
        }
    }

    #[test]
    fn aliases_are_read_in_order() {
        for (said, expected) in [
            ("운영에 v3 올려", &["production"][..]),
            ("promote staging to production", &["staging", "production"]),
            ("별칭 blue로 지정", &["blue"]),
            ("point the champion alias at v2", &["champion"]),
            ("what is in prod?", &["production"]),
            ("작업 3 등록", &[]),
        ] {
            assert_eq!(aliases(&Text::new(said)), expected, "{said}");
        }
    }

    #[test]
    fn a_model_is_named() {
        for (said, registers, expected) in [
            ("이 모델 등록해줘 이름은 tree-detector", true, Some("tree-detector")),
            ("register job 3 as trees", true, Some("trees")),
            ("3번 모델을 나무검출로 등록해줘", true, Some("나무검출")),
            ("이 모델 등록해줘", true, None),
            ("register this model", true, None),
            ("compare the last two versions of tree-detector", false, Some("tree-detector")),
            ("what is in production?", false, None),
            ("which versions of trees are there", false, Some("trees")),
            ("불량검출의 버전 뭐 있어", false, Some("불량검출")),
        ] {
            let mut text = Text::new(said);
            take_versions(&mut text);
            assert_eq!(take_name(&mut text, registers).as_deref(), expected, "{said}");
        }
    }
}
