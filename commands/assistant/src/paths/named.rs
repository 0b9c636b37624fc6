//! A dataset that is called by its name: `dataset is alphonso_grade`, `데이터는 petpet`, `pitch_kp 데이터로`.

use std::ops::Range;

use crate::catalog;
use crate::text::{PATH, Text, is_hangul, is_wordy};

/// Words for data, the longest first.
#[rustfmt::skip]
const DATA: &[&str] = &[
    "데이터셋 이름", "데이터 이름", "데이터셋", "데이터", "데이타", "datasets", "dataset name", "dataset", "data set", "data",
];
/// Words for what lies there; a name of theirs looks like one.
#[rustfmt::skip]
const PICTURES: &[&str] = &[
    "사진들", "사진", "자료", "이미지들", "이미지", "영상", "폴더", "images", "pictures", "photos", "pics", "files", "frames", "footage", "folder", "shots",
];
/// What may stand between such a word and the name.
const BETWEEN: &[&str] = &[
    "is called",
    "name is",
    "named",
    "called",
    "is",
    "are in",
    "are at",
    "are under",
    "live in",
    "sit in",
    "is in",
    "in",
    ":",
    "=",
    "은",
    "는",
    "는요",
    "이름은",
    "이름이",
    "->",
];
/// What follows the name of a place.
const PLACES: &[&str] = &["폴더", "에 있", "에 모아", "에 올려", "에 담", "에 넣어", "거기", "folder"];
/// What Korean puts behind a name of its own letters.
const ENDINGS: &[&str] = &[
    "이고",
    "이에요",
    "예요",
    "이야",
    "입니다",
    "이라고",
    "라고",
    "이며",
    "인데",
    "이요",
    "으로",
    "로",
    "고",
    "야",
    "요",
];
/// Words that are no name although they stand where one could.
#[rustfmt::skip]
const NO_NAME: &[&str] = &[
    "the", "a", "an", "my", "our", "your", "this", "that", "it", "its", "is", "are", "was", "has", "have", "in", "on", "at", "of", "for", "from", "to", "and",
    "or", "with", "set", "sets", "there", "here", "which", "what", "we", "i", "you", "they", "same", "all", "some", "augmentation", "loader", "loading",
    "split", "splits", "folder", "path", "name", "files", "quality", "format", "size", "only", "too", "not", "still", "already", "just", "looks", "good", "bad",
    "image", "images", "photo", "photos", "sample", "raw", "custom", "labeled", "labelled", "new", "own", "yolo", "coco", "voc", "train", "training", "validation", "val", "test", "use", "using", "please",
];

/// What programs call settings.
const SETTINGS: &[&str] =
    &["size", "rate", "decay", "epochs", "stopping", "lr", "seed", "workers", "mode", "gpu"];

/// The name, masked out of the text. Where a model is named, one word of several joined with `_` is the data, too.
pub(crate) fn take(text: &mut Text, with_model: bool) -> Option<String> {
    let said = (0..text.len()).find_map(|at| announced(text, at).or_else(|| followed(text, at)));
    let shown = || (0..text.len()).find_map(|at| pictured(text, at));
    let range = said.or_else(shown).or_else(|| if with_model { joined(text) } else { None })?;
    let name = text.name(range.clone());
    text.mask(range, PATH);
    Some(name)
}

/// A word for data, and the name behind it.
fn announced(text: &Text, at: usize) -> Option<Range<usize>> {
    if is_wordy(text.before(at)) {
        return None;
    }
    let mut end = text.any_at(at, DATA)?;
    let mut is_said = false;
    for _ in 0..2 {
        let next = text.skip_spaces(end);
        if let Some(after) = text.any_at(next, BETWEEN) {
            (end, is_said) = (after, true);
        }
    }
    let start = text.skip_spaces(end);
    let called = text.low[at..end].ends_with(&['름', '은']) || text.low[at..end].ends_with(&['름', '이']);
    if called && is_hangul(text.at(start)) {
        return Some(in_hangul(text, start));
    }
    let range = token(text, start)?;
    // Where nothing says that a name follows, it has to look like one.
    (is_said || looks_like_a_name(text, &range)).then_some(range)
}

/// `버섯도감이고`: a name of Korean letters, without its ending.
fn in_hangul(text: &Text, start: usize) -> Range<usize> {
    let end = (start..text.len()).find(|at| !is_wordy(text.low[*at])).unwrap_or(text.len());
    let ending = (start + 2..end).find(|at| text.any_at(*at, ENDINGS).is_some_and(|stop| stop >= end));
    start..ending.unwrap_or(end)
}

/// `사진은 wound_photos 폴더에`, "pics are in kitchen_pics": what lies there, and a name that looks like one.
fn pictured(text: &Text, at: usize) -> Option<Range<usize>> {
    if is_wordy(text.before(at)) {
        return None;
    }
    if let Some(end) = text.any_at(at, PICTURES) {
        let start = text.any_at(text.skip_spaces(end), BETWEEN)?;
        return token(text, text.skip_spaces(start)).filter(|range| looks_like_a_name(text, range));
    }
    let range = token(text, at)?;
    let place = text.any_at(range.end, PLACES).or_else(|| text.any_at(text.skip_spaces(range.end), PLACES));
    (place.is_some() && looks_like_a_name(text, &range)).then_some(range)
}

/// A name, and a word for data behind it.
fn followed(text: &Text, at: usize) -> Option<Range<usize>> {
    if is_wordy(text.before(at)) {
        return None;
    }
    let range = token(text, at)?;
    let next = text.skip_spaces(range.end);
    // `digits 데이터로`: what is led to needs no sign within.
    let led = || text.any_at(next, &["데이터로", "데이터셋으로", "데이타로"]).is_some();
    (text.any_at(next, DATA).is_some() && (looks_like_a_name(text, &range) || led())).then_some(range)
}

/// The only word that is joined with `_` and names no setting; several of them may be classes.
fn joined(text: &Text) -> Option<Range<usize>> {
    let is_joined = |range: &Range<usize>| {
        let word: String = text.low[range.clone()].iter().collect();
        let last = word.rsplit('_').next().unwrap_or_default();
        word.contains('_') && !SETTINGS.contains(&last)
    };
    let starts = (0..text.len()).filter(|at| !is_wordy(text.before(*at)) || is_hangul(text.before(*at)));
    let mut words = starts.filter_map(|at| token(text, at)).filter(is_joined);
    words.next().filter(|_| words.next().is_none())
}

/// A word of Latin letters, digits, `_`, `-` and `.`, which may name a version with `@`.
fn token(text: &Text, start: usize) -> Option<Range<usize>> {
    if !text.at(start).is_ascii_alphabetic() {
        return None;
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '@');
    let mut end = (start..text.len()).find(|at| !fits(text.at(*at))).unwrap_or(text.len());
    while end > start && matches!(text.at(end - 1), '.' | '-' | '@') {
        end -= 1;
    }
    let word: String = text.low[start..end].iter().collect();
    let after = text.at(end);
    let ends = !is_wordy(after) || is_hangul(after);
    let is_path = matches!(after, '/' | '\\' | ':' | '=');
    let is_other = NO_NAME.contains(&word.as_str()) || catalog::by_key(&catalog::key(&word)).is_some();
    (ends && !is_path && !is_other && word.chars().count() > 1).then_some(start..end)
}

/// With a sign or a digit within it.
fn looks_like_a_name(text: &Text, range: &Range<usize>) -> bool {
    let word = &text.low[range.clone()];
    word.iter().any(|c| matches!(c, '_' | '-' | '@') || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dataset_is_called_by_its_name() {
        for (words, name) in [
            ("dataset is alphonso_grade, model efficientnet_b0", Some("alphonso_grade")),
            ("dataset name is twowheeler_blr", Some("twowheeler_blr")),
            ("* data: histo_margin_v4\n* epochs: 85", Some("histo_margin_v4")),
            ("데이터는 petpet 이래요", Some("petpet")),
            ("데이터 이름은 petpet 이래요", Some("petpet")),
            ("shade_guide 데이터로 레즈넷 돌려줘", Some("shade_guide")),
            ("busstop_seoul 데이터, 에폭 55", Some("busstop_seoul")),
            ("scratches@3 데이터셋으로", Some("scratches@3")),
            ("train on the line3-bolts dataset", Some("line3-bolts")),
            ("the dataset is too small", None),
            ("is the data good?", None),
            ("데이터 증강은 끄고", None),
            ("데이터 전처리 해줘", None),
            ("my dataset has 300 images", None),
            ("data is in /data/x", None),
            ("데이터: /data/x", None),
            ("dataset resnet18", None),
            ("사진은 wound_photos 폴더에 모아놨어요", Some("wound_photos")),
            ("사진은 gochu_2 거기 있다 카더라", Some("gochu_2")),
            ("자료는 vet_xray입니다", Some("vet_xray")),
            ("need a classifier, folder is kitchen_pics", Some("kitchen_pics")),
            ("the pictures are in hive-cam2", Some("hive-cam2")),
            ("데이터셋 이름은 버섯도감이고 에폭 30", Some("버섯도감")),
            ("digits 데이터로 resnet18 학습해줘", Some("digits")),
            ("raw 데이터로 해줘", None),
            ("사진은 많아요", None),
            ("images are 640 pixels", None),
            ("폴더에 사진 넣어놨어", None),
        ] {
            assert_eq!(take(&mut Text::new(words), false).as_deref(), name, "{words}");
        }
        for (words, name) in [
            ("yolo11n, tea_leaf_grade, 640, 40ep", Some("tea_leaf_grade")),
            ("사진은 strawberry_ripe 라는 이름으로 올려놨고요", Some("strawberry_ripe")),
            ("클래스는 no_helmet, with_helmet", None),
            ("batch_size 16, weight_decay 1e-4", None),
            ("yolo11n 640", None),
        ] {
            assert_eq!(take(&mut Text::new(words), true).as_deref(), name, "{words}");
        }
    }
}
