//! Finds the numbers of a turn and the slots they belong to: `에폭 50`, `batches of 8`, `640px`, `from 10 to 20`.

use std::ops::Range;

use crate::negation::denied;
use crate::numbers;
use crate::relative::{self, Base, Change, Shift};
use crate::slots::{Slots, Unusable};
use crate::text::{First, Text, VALUE, is_hangul};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Epochs,
    ImageSize,
    BatchSize,
    Seed,
    Patience,
    LearningRate,
}

/// Names of the slots. Those with `false` name a slot only right before a number (`이미지 640`).
const KEYS: [(&str, Slot, bool); 68] = [
    ("epochs", Slot::Epochs, true),
    ("epoch", Slot::Epochs, true),
    ("epocs", Slot::Epochs, true),
    ("epoches", Slot::Epochs, true),
    ("epohcs", Slot::Epochs, true),
    ("epcohs", Slot::Epochs, true),
    ("에폭", Slot::Epochs, true),
    ("에포크", Slot::Epochs, true),
    ("에퐄", Slot::Epochs, true),
    ("이포크", Slot::Epochs, true),
    ("에포치", Slot::Epochs, true),
    ("에폭스", Slot::Epochs, true),
    ("학습 횟수", Slot::Epochs, true),
    ("반복 횟수", Slot::Epochs, true),
    ("에폭 수", Slot::Epochs, true),
    ("에포크 수", Slot::Epochs, true),
    ("number of epochs", Slot::Epochs, true),
    ("passes", Slot::Epochs, true),
    ("ep", Slot::Epochs, false),
    ("num epochs", Slot::Epochs, true),
    ("n epochs", Slot::Epochs, true),
    ("max epochs", Slot::Epochs, true),
    ("image size", Slot::ImageSize, true),
    ("img size", Slot::ImageSize, true),
    ("imgsz", Slot::ImageSize, true),
    ("imgsize", Slot::ImageSize, true),
    ("input size", Slot::ImageSize, true),
    ("resolution", Slot::ImageSize, true),
    ("image resolution", Slot::ImageSize, true),
    ("input resolution", Slot::ImageSize, true),
    ("이미지 크기", Slot::ImageSize, true),
    ("이미지 사이즈", Slot::ImageSize, true),
    ("입력 크기", Slot::ImageSize, true),
    ("입력 사이즈", Slot::ImageSize, true),
    ("입력 이미지 크기", Slot::ImageSize, true),
    ("입력 이미지", Slot::ImageSize, false),
    ("해상도", Slot::ImageSize, true),
    ("이미지", Slot::ImageSize, false),
    ("사진 크기", Slot::ImageSize, true),
    ("image", Slot::ImageSize, false),
    ("images", Slot::ImageSize, false),
    ("사이즈", Slot::ImageSize, false),
    ("크기", Slot::ImageSize, false),
    ("size", Slot::ImageSize, false),
    ("batch size", Slot::BatchSize, true),
    ("batches", Slot::BatchSize, true),
    ("batch", Slot::BatchSize, true),
    ("bs", Slot::BatchSize, false),
    ("mini batch", Slot::BatchSize, true),
    ("mini batch size", Slot::BatchSize, true),
    ("배치 사이즈", Slot::BatchSize, true),
    ("배치 크기", Slot::BatchSize, true),
    ("배치", Slot::BatchSize, true),
    ("미니 배치", Slot::BatchSize, true),
    ("뱃치", Slot::BatchSize, true),
    ("배치 싸이즈", Slot::BatchSize, true),
    ("seed", Slot::Seed, true),
    ("시드", Slot::Seed, true),
    ("난수", Slot::Seed, false),
    ("씨드", Slot::Seed, true),
    ("patience", Slot::Patience, true),
    ("페이션스", Slot::Patience, true),
    ("조기 종료", Slot::Patience, true),
    ("조기 중단", Slot::Patience, true),
    ("얼리 스탑", Slot::Patience, true),
    ("얼리 스토핑", Slot::Patience, true),
    ("얼리 스타핑", Slot::Patience, true),
    ("early stopping", Slot::Patience, true),
];
const MORE_KEYS: [(&str, Slot, bool); 19] = [
    ("early stop", Slot::Patience, true),
    ("stop early", Slot::Patience, true),
    ("learning rate", Slot::LearningRate, true),
    ("lr", Slot::LearningRate, true),
    ("lr0", Slot::LearningRate, true),
    ("learningrate", Slot::LearningRate, true),
    ("학습률", Slot::LearningRate, true),
    ("학습율", Slot::LearningRate, true),
    ("러닝 레이트", Slot::LearningRate, true),
    ("런닝 레이트", Slot::LearningRate, true),
    ("러닝 레잇", Slot::LearningRate, true),
    ("학습 속도", Slot::LearningRate, true),
    ("엘알", Slot::LearningRate, true),
    ("step size", Slot::LearningRate, true),
    ("이미지 해상도", Slot::ImageSize, true),
    ("입력 해상도", Slot::ImageSize, true),
    ("랜덤 시드", Slot::Seed, true),
    ("random seed", Slot::Seed, true),
    ("사진 사이즈", Slot::ImageSize, true),
];
/// What says that training gets no better, with a number of epochs near it.
const PLATEAU: [&str; 27] = [
    "개선이 없",
    "개선 없",
    "개선되지 않",
    "개선이 안",
    "좋아지지 않",
    "나아지지 않",
    "향상이 없",
    "향상 없",
    "향상되지 않",
    "안 좋아지",
    "안 나아지",
    "안 오르",
    "오르지 않",
    "나아지는 게 없",
    "변화가 없",
    "변화 없",
    "without improvement",
    "without improving",
    "without any improvement",
    "no improvement",
    "no progress",
    "not improving",
    "doesn't improve",
    "does not improve",
    "stops improving",
    "개선 안",
    "참았다가",
];
/// Words between a slot's name and its number.
const GAP_WORDS: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Key(Slot, bool),
    Num(Num),
    /// "half", "double": the factor.
    Factor(f64),
    Up,
    Down,
    Multiply,
    Divide,
    Plateau,
    /// A comma, a sentence's end, "and".
    Stop,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Num {
    pub(crate) value: f64,
    pub(crate) percent: bool,
    pub(crate) denied: bool,
    /// `10배`, `3 times`.
    pub(crate) times: bool,
    /// `10분의 1`.
    pub(crate) fraction: bool,
    /// "to 50", "50으로".
    pub(crate) to: bool,
    /// "by 10", "10만큼", "10 more".
    pub(crate) by: bool,
    /// Counted runs: `50번`, `50회`.
    pub(crate) runs: bool,
    /// A side in pixels.
    pub(crate) pixels: bool,
    /// Counts something else: `3장`, `세 개`.
    pub(crate) other: bool,
    /// So many at a time: `32장씩`.
    pub(crate) each: bool,
    /// `at 640`, which is a size where nothing else takes it.
    pub(crate) at: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) range: Range<usize>,
    /// Words before it that mean nothing here, back to the token before.
    pub(crate) gap: usize,
}

/// What the numbers of a turn say, and whether any was relative to nothing.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) changed: bool,
    /// A slot was named, with or without a value.
    pub(crate) named: bool,
}

/// Fills the numeric slots; `base` is what relative changes start from.
pub(crate) fn take(text: &mut Text, slots: &mut Slots, base: &Base) -> Found {
    let tokens = tokens(text);
    let mut found = Found {
        named: tokens.iter().any(|token| matches!(token.kind, Kind::Key(_, true))),
        ..Found::default()
    };
    let mut used = vec![false; tokens.len()];
    let mut last: Option<Shift> = None;
    for clause in clauses(&tokens) {
        plateau(&tokens, clause.clone(), &mut used, slots);
        let changes = relative::changes(&tokens, clause.clone(), &used, last);
        last = changes.first().map(Change::shift);
        if !changes.is_empty() {
            found.changed = true;
            changes.into_iter().for_each(|change| apply(change, base, slots));
            used[clause].fill(true);
            continue;
        }
        absolute(text, &tokens, clause.clone(), &mut used, slots);
        lone(&tokens, clause, &mut used, slots);
    }
    across_commas(&tokens, &mut used, slots);
    unclaimed(&tokens, &mut used, slots);
    for (token, used) in tokens.iter().zip(used) {
        if used && token.kind != Kind::Stop {
            text.mask(token.range.clone(), VALUE);
        }
    }
    found
}

fn clauses(tokens: &[Token]) -> Vec<Range<usize>> {
    let mut clauses = Vec::new();
    let mut start = 0;
    for (index, token) in tokens.iter().enumerate() {
        if token.kind == Kind::Stop {
            clauses.push(start..index);
            start = index + 1;
        }
    }
    clauses.push(start..tokens.len());
    clauses.retain(|clause| !clause.is_empty());
    clauses
}

fn tokens(text: &Text) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let (mut at, mut gap, mut in_word) = (0, 0, false);
    while at < text.len() {
        if let Some((kind, end)) = token_at(text, at, tokens.last().filter(|_| gap == 0)) {
            tokens.push(Token { kind, range: at..end, gap });
            (at, gap, in_word) = (end, 0, false);
            continue;
        }
        let c = text.low[at];
        gap += usize::from(!c.is_whitespace() && !in_word);
        in_word = !c.is_whitespace();
        at += 1;
        if c.is_ascii_alphabetic() {
            while text.at(at).is_ascii_alphanumeric() {
                at += 1;
            }
        }
    }
    tokens
}

/// The token at `at`; `last` is the one before where only spaces lie between.
fn token_at(text: &Text, at: usize, last: Option<&Token>) -> Option<(Kind, usize)> {
    let glued = last.is_some_and(|token| token.range.end == at);
    let c = text.low[at];
    if c.is_whitespace() && c != '\n' {
        return None;
    }
    if matches!(c, ',' | ';' | '\n' | '、')
        || (matches!(c, '.' | '!' | '?') && !text.at(at + 1).is_ascii_digit())
    {
        return Some((Kind::Stop, at + 1));
    }
    if let Some(end) = text.any_at(at, &["그리고", "and", "근데", "하고 나서"]) {
        return Some((Kind::Stop, end));
    }
    if let Some(end) = text.any_at(at, &PLATEAU) {
        return Some((Kind::Plateau, end));
    }
    let before = text.before(at);
    if let Some((slot, strong, end)) = key_at(text, at)
        && (!is_hangul(before) || strong)
    {
        return Some((Kind::Key(slot, strong), key_tail(text, end)));
    }
    let starts = glued || !(before.is_ascii_alphanumeric() || matches!(before, '_'));
    let after_key = matches!(last, Some(Token { kind: Kind::Key(_, true), .. }));
    if matches!(c, 'x' | '×' | '*')
        && after_key
        && text.at(at + 1).is_ascii_digit()
        && let Some((num, end)) = number_at(text, at + 1, after_key)
    {
        return Some((Kind::Num(Num { times: true, ..num }), end));
    }
    if starts
        && (c.is_ascii_digit() || matches!(c, '.' | '-' | '+') || !is_hangul(before) || glued)
        && let Some((num, end)) = number_at(text, at, after_key)
    {
        return Some((Kind::Num(num), end));
    }
    relative::word_at(text, at)
}

fn key_at(text: &Text, at: usize) -> Option<(Slot, bool, usize)> {
    let first = First::of(text.at(at));
    KEYS.iter()
        .chain(&MORE_KEYS)
        .filter(|(word, _, _)| first.begins(word))
        .filter_map(|(word, slot, strong)| text.word_at(at, word).map(|end| (*slot, *strong, end)))
        .max_by_key(|(_, _, end)| *end)
}

/// Takes in what stands between a name and its number without meaning.
fn key_tail(text: &Text, end: usize) -> usize {
    let mut end = end;
    for _ in 0..3 {
        let next = text.skip_spaces(end);
        match text.any_at(
            next,
            &[
                "값", "수", "개수", "횟수", "은", "는", "을", "를", "이", "=", ":", "value", "of", "is",
                "to", "to be", "도", "의", "->",
            ],
        ) {
            Some(tail) if !is_hangul(text.at(tail)) || next == end => end = tail,
            _ => break,
        }
    }
    end
}

fn number_at(text: &Text, at: usize, after_key: bool) -> Option<(Num, usize)> {
    let number = numbers::read(text, at)?;
    let named =
        after_key && text.any_at(number.end, &["으로", "로"]).is_some_and(|end| !is_hangul(text.at(end)));
    if number.doubtful && !named && !numbers::counter_follows(text, number.end) {
        return None;
    }
    let hangul = is_hangul(text.at(at));
    // "이번에는" is "this time".
    if text.at(at) == '이' && text.at(at + 1) == '번' && !after_key {
        return None;
    }
    if hangul && !ends_like_a_number(text, number.end) {
        return None;
    }
    let mut end = number.end;
    let mut num = Num {
        value: number.value,
        percent: number.percent,
        denied: false,
        times: false,
        fraction: text.low[at..end].contains(&'분') || text.low[at..end].contains(&'/'),
        to: false,
        by: false,
        runs: false,
        pixels: false,
        other: false,
        each: false,
        at: false,
    };
    if let Some((second, after)) = second_side(text, end) {
        (num.value, num.pixels, end) = (num.value.max(second), true, after);
    }
    end = counted(text, &mut num, end);
    let next = text.skip_spaces(end);
    num.each = text.any_at(next, &["씩", "at a time", "images at a time"]).is_some();
    num.at = preceded(text, at, &["at"]) && (32.0..=2048.0).contains(&num.value);
    let unit = key_at(text, next).map_or(next, |(_, _, end)| end);
    num.to = text.any_at(unit, &["으로", "로", "까지"]).is_some()
        || text.any_at(next, &["으로", "로", "까지", "에폭으로", "에폭까지", "에포크로"]).is_some()
        || preceded(text, at, &["to", "at", "=", "until"]);
    num.by = text
        .any_at(
            next,
            &["만큼", "씩", "more", "extra", "additional", "fewer", "less", "만 더", "더", "정도 더"],
        )
        .is_some()
        || preceded(text, at, &["by", "add", "another", "extra"]);
    num.denied = denied(text, &(at..end), true);
    Some((num, end))
}

/// A number in Hangul ends in a counter, a particle or the word's end.
fn ends_like_a_number(text: &Text, end: usize) -> bool {
    !is_hangul(text.at(end)) && !text.at(end).is_whitespace()
        || text
            .any_at(
                text.skip_spaces(end),
                &[
                    "으로",
                    "로",
                    "만",
                    "정도",
                    "쯤",
                    "까지",
                    "이야",
                    "입니다",
                    "이고",
                    "분의",
                    "이에요",
                    "말고",
                ],
            )
            .is_some()
        || numbers::counter_follows(text, end)
        || text.at(end).is_whitespace() && text.skip_spaces(end) == text.len()
        || end == text.len()
}

/// The other side of `640x480`.
fn second_side(text: &Text, end: usize) -> Option<(f64, usize)> {
    let sign = text
        .any_at(text.skip_spaces(end), &["x", "×", "*", "by", "곱하기"])
        .or_else(|| matches!(text.at(end), 'x' | '×' | '*').then_some(end + 1))?;
    let from = text.skip_spaces(sign);
    text.at(from)
        .is_ascii_digit()
        .then(|| numbers::read(text, from))?
        .map(|number| (number.value, number.end))
}

/// Takes in the counter after a number.
fn counted(text: &Text, num: &mut Num, end: usize) -> usize {
    let next = text.skip_spaces(end);
    if let Some(end) = text.any_at(next, &["배", "times", "x"])
        && text.any_at(next, &["배치"]).is_none()
    {
        num.times = true;
        return end;
    }
    if let Some(end) = text.any_at(next, &["px", "pixels", "pixel", "픽셀", "화소"]) {
        num.pixels = true;
        return end;
    }
    if let Some(end) = text.any_at(next, &["번의", "번", "회", "차례", "바퀴"]) {
        num.runs = text.any_at(end, &["째"]).is_none();
        num.other = !num.runs;
        return end;
    }
    if let Some(end) = text.any_at(
        next,
        &[
            "개", "가지", "장", "종", "분", "시간", "명", "기가", "gb", "hours", "minutes", "classes", "년",
            "월", "일",
        ],
    ) {
        num.other = true;
        return end;
    }
    end
}

fn preceded(text: &Text, at: usize, words: &[&str]) -> bool {
    if text.before(at) == '=' {
        return words.contains(&"=");
    }
    crate::negation::last_word(text, at).is_some_and(|word| {
        let word: String = text.low[word].iter().collect();
        words.contains(&word.as_str())
    })
}

/// "stop after 5 epochs without improvement".
fn plateau(tokens: &[Token], clause: Range<usize>, used: &mut [bool], slots: &mut Slots) {
    let Some(here) = clause.clone().find(|index| tokens[*index].kind == Kind::Plateau) else { return };
    let nearest = clause
        .clone()
        .filter(|index| matches!(tokens[*index].kind, Kind::Num(num) if !num.denied && !num.other))
        .min_by_key(|index| index.abs_diff(here));
    let Some(index) = nearest else { return };
    let Kind::Num(num) = tokens[index].kind else { return };
    set(slots, Slot::Patience, num.value, None);
    used[here] = true;
    used[index] = true;
    if clause.contains(&(index + 1)) && matches!(tokens[index + 1].kind, Kind::Key(Slot::Epochs, _)) {
        used[index + 1] = true;
    }
}

/// Left to right: a name takes the number after it, a number the name after it.
fn absolute(text: &Text, tokens: &[Token], clause: Range<usize>, used: &mut [bool], slots: &mut Slots) {
    let mut index = clause.start;
    while index < clause.end {
        let here = index;
        index += 1;
        if used[here] {
            continue;
        }
        match tokens[here].kind {
            Kind::Key(slot, _) => {
                if let Some(taken) = number_for(tokens, here, clause.end, used) {
                    let Kind::Num(num) = tokens[taken].kind else { continue };
                    set(slots, slot, num.value, Some(text.said(tokens[taken].range.clone())));
                    used[here..=taken].fill(true);
                    index = taken + 1;
                    if unit_of(tokens, slot, index, clause.end) {
                        used[index] = true;
                        index += 1;
                    }
                } else {
                    unusable(text, &tokens[here], slot, slots);
                }
            }
            Kind::Num(num) if !num.denied && !num.times => {
                let passed = |kind| {
                    matches!(kind, Kind::Up | Kind::Down)
                        || matches!(kind, Kind::Key(slot, false) if slot != Slot::Epochs)
                };
                let next = (here + 1..clause.end).find(|next| !passed(tokens[*next].kind));
                if let Some(size) =
                    tokens[..clause.end].get(here + 1).filter(|size| sizes(text, size) && !num.other)
                {
                    let alone = next.is_none_or(|next| {
                        tokens[next].gap > 1
                            || matches!(tokens.get(next + 1), Some(Token { kind: Kind::Num(_), .. }))
                    });
                    if alone && size.gap == 0 && num.value >= 8.0 {
                        set(slots, Slot::ImageSize, num.value, None);
                        used[here] = true;
                        used[here + 1] = true;
                        continue;
                    }
                }
                let Some(next) = next.filter(|next| tokens[*next].gap <= 1) else { continue };
                let Kind::Key(slot, strong) = tokens[next].kind else { continue };
                let numbered =
                    number_for(tokens, next, clause.end, used).is_some_and(|taken| tokens[taken].gap == 0);
                let glued = tokens[next].range.start - tokens[here].range.end <= 1;
                if !(strong || slot == Slot::Epochs && tokens[next].gap == 0)
                    || (num.other && slot != Slot::BatchSize)
                    || (numbered && !glued)
                    || num.pixels && slot != Slot::ImageSize
                {
                    continue;
                }
                set(slots, slot, num.value, Some(text.said(tokens[here].range.clone())));
                used[here..=next].fill(true);
                index = next + 1;
            }
            _ => {}
        }
    }
}

/// `416 사이즈`: the bare word for size, after a number.
fn sizes(text: &Text, token: &Token) -> bool {
    matches!(token.kind, Kind::Key(Slot::ImageSize, false))
        && text.any_at(token.range.start, &["사이즈", "크기", "size"]).is_some()
}

/// A clause that names one slot and has one number left, however far apart.
fn lone(tokens: &[Token], clause: Range<usize>, used: &mut [bool], slots: &mut Slots) {
    let free = || clause.clone().filter(|index| !used[*index]);
    let keys: Vec<usize> = free().filter(|index| matches!(tokens[*index].kind, Kind::Key(_, true))).collect();
    let plain = |num: Num| !num.denied && !num.other && !num.times && !num.percent && num.to;
    let nums: Vec<usize> =
        free().filter(|index| matches!(tokens[*index].kind, Kind::Num(num) if plain(num))).collect();
    if let ([key], [num]) = (keys.as_slice(), nums.as_slice())
        && let (Kind::Key(slot, _), Kind::Num(value)) = (tokens[*key].kind, tokens[*num].kind)
    {
        set(slots, slot, value.value, None);
        used[*key] = true;
        used[*num] = true;
    }
}

/// "patience 10 epochs": the name after the number is only its unit.
fn unit_of(tokens: &[Token], slot: Slot, next: usize, end: usize) -> bool {
    next < end
        && tokens[next].gap == 0
        && matches!((slot, tokens[next].kind), (Slot::Patience | Slot::Epochs, Kind::Key(Slot::Epochs, _)))
        && !matches!(tokens.get(next + 1), Some(Token { kind: Kind::Num(_), gap: 0, .. }))
}

/// The number that belongs to the name at `key`.
fn number_for(tokens: &[Token], key: usize, end: usize, used: &[bool]) -> Option<usize> {
    let Kind::Key(slot, strong) = tokens[key].kind else { return None };
    let mut gap = 0;
    for index in key + 1..end {
        gap += tokens[index].gap;
        match tokens[index].kind {
            Kind::Num(num) if num.denied => {}
            Kind::Num(num) => {
                let fits = !used[index]
                    && (!num.other || slot == Slot::BatchSize)
                    && gap <= if strong { GAP_WORDS } else { 0 }
                    && (strong || num.value >= 8.0);
                let of_another = gap > 0
                    && slot != Slot::Patience
                    && matches!(tokens.get(index + 1), Some(Token { kind: Kind::Key(_, true), gap: 0, .. }))
                    && index + 1 < end
                    && !matches!(tokens.get(index + 2), Some(Token { kind: Kind::Num(_), gap: 0, .. }));
                return (fits && !of_another).then_some(index);
            }
            Kind::Key(_, false) => {}
            Kind::Key(..) if matches!(tokens[index - 1].kind, Kind::Num(num) if num.denied) => {}
            Kind::Key(..) => return None,
            _ => {}
        }
    }
    None
}

/// "not 100, but 50 epochs" and "에폭은 100 말고, 50": a name whose number stands across a comma.
fn across_commas(tokens: &[Token], used: &mut [bool], slots: &mut Slots) {
    for index in 2..tokens.len() {
        let Kind::Num(num) = tokens[index].kind else { continue };
        let denied_before = (0..index)
            .rev()
            .take(3)
            .find(|before| matches!(tokens[*before].kind, Kind::Num(num) if num.denied));
        if used[index] || num.denied || num.other {
            continue;
        }
        let Some(denied) = denied_before else { continue };
        let key = [denied.checked_sub(1), Some(denied + 1)]
            .into_iter()
            .flatten()
            .find_map(|key| if let Kind::Key(slot, true) = tokens[key].kind { Some(slot) } else { None });
        if let Some(slot) = key {
            set(slots, slot, num.value, None);
            used[index] = true;
        }
    }
}

/// Numbers that name their slot by their unit.
fn unclaimed(tokens: &[Token], used: &mut [bool], slots: &mut Slots) {
    for (index, token) in tokens.iter().enumerate() {
        let Kind::Num(num) = token.kind else { continue };
        if used[index] || num.denied {
            continue;
        }
        if num.each && slots.batch_size.is_none() {
            set(slots, Slot::BatchSize, num.value, None);
            used[index] = true;
        } else if (num.pixels || num.at && !num.other && !num.runs) && slots.image_size.is_none() {
            set(slots, Slot::ImageSize, num.value, None);
            used[index] = true;
        } else if num.runs && slots.epochs.is_none() && num.value != 1.0 {
            set(slots, Slot::Epochs, num.value, None);
            used[index] = true;
        }
    }
}

/// A value that is none: `lr nan`, `학습률 무한대`.
fn unusable(text: &Text, key: &Token, slot: Slot, slots: &mut Slots) {
    let from = text.skip_spaces(key.range.end);
    if let Some(end) = text.any_at(from, &["nan", "inf", "infinity", "-inf", "무한대", "무한"]) {
        slots.unusable.push(Unusable { field: field(slot), said: text.said(from..end) });
    }
}

fn apply(change: Change, base: &Base, slots: &mut Slots) {
    if let Some(now) = base.of(change.slot()) {
        let value = change.from(now);
        let value = if change.slot() == Slot::LearningRate { tidy(value) } else { value.round() };
        set(slots, change.slot(), value, None);
    }
}

/// Twelve significant digits, which drops what multiplying floats adds.
fn tidy(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}

fn field(slot: Slot) -> &'static str {
    match slot {
        Slot::Epochs => "epochs",
        Slot::ImageSize => "image_size",
        Slot::BatchSize => "batch_size",
        Slot::Seed => "seed",
        Slot::Patience => "patience",
        Slot::LearningRate => "learning_rate",
    }
}

fn set(slots: &mut Slots, slot: Slot, value: f64, said: Option<String>) {
    let place = match slot {
        Slot::LearningRate => {
            slots.learning_rate = Some(value);
            return;
        }
        Slot::Epochs => &mut slots.epochs,
        Slot::ImageSize => &mut slots.image_size,
        Slot::BatchSize => &mut slots.batch_size,
        Slot::Seed => &mut slots.seed,
        Slot::Patience => &mut slots.patience,
    };
    if value.fract() == 0.0 {
        // Saturates; far outside every limit either way.
        *place = Some(value as i64);
    } else {
        slots.unusable.push(Unusable { field: field(slot), said: said.unwrap_or_else(|| value.to_string()) });
    }
}
