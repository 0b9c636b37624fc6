//! The task that is meant where a turn takes another back: "segment, no, to detect", `탐지 말고 분류로`.

use std::ops::Range;

use trainyard_events::config::Task;

use crate::corrections;
use crate::lexicon::corrections::LEFT;
use crate::negation::last_word;
use crate::text::{First, Text, is_hangul, is_wordy};

/// What each is called, by the beginnings of the words.
#[rustfmt::skip]
const CALLED: &[(Task, &[&str])] = &[
    (Task::Detect, &["detect", "탐지", "검출", "디텍션", "디텍트"]),
    (Task::Segment, &["segment", "세그멘", "세그먼", "분할"]),
    (Task::Classify, &["classif", "분류"]),
    (Task::Pose, &["pose", "keypoint", "포즈", "자세", "키포인트"]),
];
/// How many are looked at.
const MENTIONS_MAX: usize = 8;

/// The task that is left once others have been taken back; nothing where none was.
pub(crate) fn left(text: &Text) -> Option<Task> {
    let mentions = (0..text.len()).filter_map(|at| mention_at(text, at)).take(MENTIONS_MAX);
    let (mut meant, mut back, mut from) = (None, Vec::new(), None);
    for (task, range) in mentions {
        let corrects = from.is_some_and(|from| corrections::leads(text, from..range.start, false));
        from = Some(range.end);
        if is_left(text, &range) {
            meant.take_if(|other| *other == task);
            back.push(task);
        } else if corrects && meant != Some(task) {
            back.extend(meant.replace(task));
        } else if meant.is_none() {
            meant = Some(task);
        }
    }
    meant.filter(|task| !back.is_empty() && !back.contains(task))
}

fn mention_at(text: &Text, at: usize) -> Option<(Task, Range<usize>)> {
    let hangul = is_hangul(text.at(at));
    // "anomaly detection" and `이상 탐지` are a task of their own.
    let anomaly = || {
        let before: String = text.low[at.saturating_sub(8)..at].iter().collect();
        before.trim_end().ends_with("이상") || before.trim_end().ends_with("anomaly")
    };
    if !(hangul || text.at(at).is_ascii_alphabetic() && !is_wordy(text.before(at))) {
        return None;
    }
    let first = First::of(text.at(at));
    let begins = |stem: &str| {
        first.begins(stem) && stem.chars().enumerate().all(|(index, c)| text.at(at + index) == c)
    };
    let stems = CALLED.iter().flat_map(|(task, stems)| stems.iter().map(move |stem| (*task, *stem)));
    let (task, stem) = stems.into_iter().find(|(_, stem)| begins(stem)).filter(|_| !anomaly())?;
    let stem_end = at + stem.chars().count();
    let goes_on = |at: &usize| text.at(*at).is_ascii_alphabetic() && !hangul;
    Some((task, at..(stem_end..text.len()).find(|at| !goes_on(at)).unwrap_or(text.len())))
}

/// `탐지 말고`, `분할 모델이 아니라`, "not to detect", "instead of segmentation".
fn is_left(text: &Text, range: &Range<usize>) -> bool {
    let after = |at: usize, words: &[&str]| text.any_at(text.skip_spaces(at), words).unwrap_or(at);
    let noun =
        after(range.end, &["모델", "작업", "학습", "하는 거", "하는 것", "하는 게", "테이션", "멘테이션"]);
    let particle = after(noun, &["은", "는", "이", "가", "을", "를", "로", "으로"]);
    let word = |end| {
        last_word(text, end).map(|word| (text.low[word.clone()].iter().collect::<String>(), word.start))
    };
    let denied = || {
        let (mut last, mut start) = word(range.start)?;
        if matches!(last.as_str(), "to" | "a" | "the" | "for" | "by") {
            (last, start) = word(start)?;
        }
        let earlier = || word(start).map(|(earlier, _)| earlier).unwrap_or_default();
        let of_another = last == "of" && earlier() == "instead" || last == "than" && earlier() == "rather";
        Some(last == "not" || of_another)
    };
    text.any_at(text.skip_spaces(particle), LEFT).is_some() || denied().unwrap_or_default()
}
