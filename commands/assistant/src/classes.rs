//! Finds the classes a turn lists, announced ("클래스는 …", "classes: …") or in prose ("cats vs dogs", "A랑 B를 구분").

use std::ops::Range;

use crate::text::{CLASS, JOB, MODEL, PATH, Text, VALUE, final_consonant, is_hangul, is_wordy};
use crate::vocabulary::{CONTRASTS, HEADS, NOUNS};

const NAMES: &[&str] = &[
    "클래스 목록",
    "라벨 목록",
    "클래스 종류",
    "클래스 리스트",
    "클래스 이름",
    "클래스명",
    "클래스들",
    "클래스",
    "라벨",
    "레이블",
    "카테고리",
    "분류 항목",
    "종류",
    "class names",
    "class labels",
    "classes",
    "labels",
    "categories",
    "class",
    "targets",
    "target classes",
    "label",
    "항목",
    "클레스",
    "클라스",
    "범주",
];
/// What may stand between the announcement and the list.
const LEADS: [&str; 28] = [
    "는",
    "은",
    "가",
    "이",
    "를",
    "을",
    "로는",
    "으로는",
    ":",
    "=",
    "are",
    "is",
    "should be",
    "will be",
    "to",
    "로",
    "as",
    "would be",
    "like",
    "such as",
    "named",
    "called",
    "-",
    "(",
    "[",
    "다음과 같아",
    "there are",
    "as follows",
];

/// How many announcements or verbs are tried, so that repeating one costs no more than this often.
const TRIES: usize = 8;

/// The classes in order, masked out of the text. `prose` also reads lists that no word announces.
pub(crate) fn take(text: &mut Text, prose: bool) -> Vec<String> {
    let found = announced(text)
        .or_else(|| announced_after(text))
        .or_else(|| if prose { in_korean(text).or_else(|| in_english(text)) } else { None })
        .unwrap_or_default();
    let classes = found.iter().map(|range| text.said(range.clone())).collect();
    for range in found {
        text.mask(range, CLASS);
    }
    classes
}

fn is_mark(c: char) -> bool {
    matches!(c, PATH | MODEL | JOB | VALUE)
}

/// `클래스는 고양이, 강아지`, `classes: person, car and dog`.
fn announced(text: &Text) -> Option<Vec<Range<usize>>> {
    let starts = |at: &usize| !(is_hangul(text.at(*at)) && is_hangul(text.before(*at)));
    let names = (0..text.len()).filter(starts).filter_map(|at| text.any_at(at, NAMES).map(|end| at..end));
    names.take(TRIES).find_map(|name| announced_by(text, &name))
}

fn announced_by(text: &Text, name: &Range<usize>) -> Option<Vec<Range<usize>>> {
    let of_them = text.any_at(name.end, &["에", "의", "별", "마다", "도", "들에"]).is_some();
    if of_them || asked(text, name.start) {
        return None;
    }
    let (start, led) = after_leads(text, name.end);
    let list = split(text, start, region_end(text, start));
    let single = list.items.len() == 1 && !list.separated;
    let whole = single && singular(text, name.start);
    let items = if single && !whole { words(text, list.items.first()?.clone()) } else { list.items };
    let nothing = items.is_empty() || single && items.len() == 1 && vague(text, &items[0]);
    ((led || list.separated) && !nothing).then_some(items)
}

/// "어떤 클래스를", "which classes": a question about classes announces none.
fn asked(text: &Text, at: usize) -> bool {
    let word: String = words(text, at.saturating_sub(24)..at)
        .last()
        .map(|word| text.low[word.clone()].iter().collect())
        .unwrap_or_default();
    [
        "어떤", "무슨", "몇", "모든", "각", "what", "which", "many", "all", "every", "worst", "best", "per",
        "any", "each", "the most",
    ]
    .contains(&word.as_str())
}

/// "class: license plate" announces one.
fn singular(text: &Text, at: usize) -> bool {
    text.any_at(at, &["class", "label", "category"]).is_some_and(|end| {
        text.any_at(at, &["classes", "labels", "class names", "class labels"])
            .is_none_or(|longer| longer <= end)
    })
}

/// One word after the announcement that is no class: "클래스는 자동으로", "classes automatically".
fn vague(text: &Text, item: &Range<usize>) -> bool {
    let said: String = text.low[item.clone()].iter().collect();
    [
        "몇",
        "뭐",
        "무엇",
        "어떤",
        "전부",
        "모두",
        "자동",
        "그대로",
        "많",
        "다 ",
        "all",
        "what",
        "which",
        "how",
        "automatic",
        "default",
        "whatever",
        "불균형",
        "없",
        "있",
    ]
    .iter()
    .any(|word| said.starts_with(word))
}

/// Takes particles, counts and colons; says whether there was any, or a list that needs none.
fn after_leads(text: &Text, name: usize) -> (usize, bool) {
    let (mut at, mut led) = (name, false);
    for _ in 0..4 {
        let next = text.skip_spaces(at);
        if text.at(next) == '\n' {
            break;
        }
        if let Some(end) = count(text, next) {
            (at, led) = (end, led || text.at(text.skip_spaces(end)) == ':');
        } else if let Some(end) =
            text.any_at(next, &LEADS).filter(|end| !is_hangul(text.at(*end)) || text.at(next).is_ascii())
        {
            (at, led) = (end, true);
        } else {
            break;
        }
    }
    let next = text.skip_spaces(at);
    let listed = (next..text.len())
        .take_while(|at| !matches!(text.at(*at), '.' | '\n' | '?'))
        .any(|at| text.at(at) == ',');
    (
        next,
        led || listed || (next > name && text.at(next).is_ascii_alphabetic() && is_hangul(text.before(name))),
    )
}

/// `3개`, `세 가지`, `three`.
fn count(text: &Text, at: usize) -> Option<usize> {
    let number = crate::numbers::read(text, at)?;
    text.any_at(
        text.skip_spaces(number.end),
        &["개는", "개로", "개인데", "개야", "개", "가지는", "가지로", "가지", "종", "classes"],
    )
}

/// Where a list must end: a sentence's end, something else understood, or a clause of its own.
fn region_end(text: &Text, start: usize) -> usize {
    (start..text.len())
        .find(|at| {
            let c = text.low[*at];
            is_mark(c)
                || matches!(c, '\n' | '?' | '!' | ';' | ')' | ']')
                || (c == '.' && !is_wordy(text.at(at + 1)))
        })
        .unwrap_or(text.len())
}

struct List {
    items: Vec<Range<usize>>,
    /// Whether a separator other than a space stood between them.
    separated: bool,
}

/// Splits a region into items at commas, slashes, "and", `와/과/랑/하고`, and stops where the sentence goes on.
fn split(text: &Text, start: usize, end: usize) -> List {
    let mut list = List { items: Vec::new(), separated: false };
    let mut at = start;
    while at < end {
        let (item_end, next, separated) = next_separator(text, at, end);
        let (item, stopped) = item(text, at, item_end);
        if let Some(item) = item {
            list.items.push(item);
        }
        if stopped || next >= end {
            break;
        }
        list.separated |= separated;
        at = next;
    }
    list
}

const WORDS_BETWEEN: [&str; 12] =
    ["and", "or", "vs", "versus", "그리고", "및", "또는", "혹은", "아니면", "이랑", "하고", "&"];

/// The end of the item at `at`, where the next one starts, and whether a separator stood there.
fn next_separator(text: &Text, at: usize, end: usize) -> (usize, usize, bool) {
    for here in at..end {
        let c = text.low[here];
        if matches!(c, ',' | '/' | '·' | '、' | '|' | '&' | '+' | 'ㆍ' | '•') {
            let mut next = text.skip_spaces(here + 1);
            if let Some(after) = text.any_at(next, &["and", "or", "그리고", "및", "또는"]) {
                next = text.skip_spaces(after);
            }
            return (here, next, true);
        }
        if c == ' ' {
            let next = text.skip_spaces(here);
            if let Some(after) = text.any_at(next, &WORDS_BETWEEN)
                && text.at(after) == ' '
            {
                return (here, text.skip_spaces(after).min(end), true);
            }
            if let Some(stem) = conjoined(text, at, here) {
                return (stem, next.min(end), true);
            }
        }
    }
    (end, end, false)
}

/// The end of a noun that `와/과/랑/이랑/하고` joins to the next, if one ends at `end`.
fn conjoined(text: &Text, start: usize, end: usize) -> Option<usize> {
    ["이랑", "하고", "랑", "와", "과"].iter().find_map(|particle| {
        let length = particle.chars().count();
        let stem = end.checked_sub(length).filter(|stem| *stem > start)?;
        if !text.low[stem..end].iter().copied().eq(particle.chars()) {
            return None;
        }
        let (closed, _) = final_consonant(text.low[stem - 1]);
        let hangul = is_hangul(text.low[stem - 1]);
        let word: String = text.low[end.saturating_sub(4).max(start)..end].iter().collect();
        let fits = match *particle {
            "이랑" => {
                (!hangul || closed) && !is_kind_noun(&text.low[stem.saturating_sub(5).max(start)..=stem])
            }
            "과" => (!hangul || closed) && !word.trim().ends_with("결과") && !word.trim().ends_with("학과"),
            "와" | "랑" => !hangul || !closed,
            _ => true,
        };
        fits.then_some(stem)
    })
}

/// Nouns that only look as if they ended in a particle.
fn is_whole(word: &[char]) -> bool {
    let word: String = word.iter().collect();
    ["마을", "가을", "노을", "고을", "개울", "하늘"].contains(&word.as_str())
}

fn is_kind_noun(word: &[char]) -> bool {
    let word: String = word.iter().collect();
    NOUNS.iter().any(|nouns| nouns.contains(&word.trim()))
}

/// Particles after which a list is over.
const LAST: [&str; 46] = [
    "입니다",
    "이에요",
    "예요",
    "이예요",
    "이야",
    "야",
    "이고요",
    "이고",
    "고요",
    "인데요",
    "인데",
    "이며",
    "이다",
    "임",
    "으로만",
    "로만",
    "으로",
    "로",
    "을",
    "를",
    "만",
    "이요",
    "요",
    "에요",
    "이랑",
    "등",
    "에서",
    "에",
    "의",
    "들을",
    "들",
    "이지",
    "뿐이야",
    "뿐",
    "이라고",
    "라고",
    "이라",
    "은",
    "는",
    "이",
    "가",
    "까지",
    "이렇게",
    "여",
    "이네",
    "랑",
];
/// Words that belong to the sentence, not to the list.
const STOPS: &[&str] = &[
    "하나",
    "뿐",
    "전부",
    "이거",
    "순서",
    "분류",
    "구분",
    "구별",
    "판별",
    "탐지",
    "검출",
    "감지",
    "모델",
    "학습",
    "해줘",
    "해",
    "하고",
    "하는",
    "데이터",
    "데이터는",
    "데이터셋",
    "데이터셋은",
    "만들",
    "이렇게",
    "총",
    "등",
    "있어",
    "있고",
    "있습니다",
    "써",
    "쓰고",
    "세",
    "두",
    "네",
    "다섯",
    "클래스",
    "이고",
    "이야",
    "입니다",
    "로",
    "으로",
    "정도",
    "돌려",
    "부탁",
    "바꿔",
    "만",
    "추가",
    "경로는",
    "에폭은",
    "배치는",
    "in",
    "on",
    "from",
    "with",
    "using",
    "for",
    "to",
    "at",
    "is",
    "are",
    "please",
    "dataset",
    "data",
    "model",
    "images",
    "epochs",
    "that",
    "which",
    "so",
    "then",
    "use",
    "train",
    "the",
    "my",
    "thanks",
    "located",
    "only",
    "classes",
    "it",
    "i",
    "we",
    "by",
    "please.",
    "under",
    "inside",
    "folder",
    "instead",
    "wearing",
];

/// One item's range, and whether the list ends with it.
fn item(text: &Text, start: usize, end: usize) -> (Option<Range<usize>>, bool) {
    let (mut from, mut here) = (None, start);
    let mut item_end = start;
    while here < end {
        here = text.skip_spaces(here);
        if here >= end {
            break;
        }
        let word_end = (here..end).find(|at| text.low[*at].is_whitespace()).unwrap_or(end);
        let word: String = text.low[here..word_end].iter().collect();
        if from.is_none() && matches!(word.as_str(), "a" | "an" | "the") && text.skip_spaces(word_end) < end {
            here = word_end;
            continue;
        }
        if is_stop(text, here, end) || counted(text, here) {
            return (from.map(|from| from..item_end), true);
        }
        let more =
            text.skip_spaces(word_end) < end || end >= text.len() || !matches!(text.at(end), ',' | '/' | '·');
        if from.is_none() {
            here = (here..word_end)
                .find(|at| !matches!(text.low[*at], '"' | '\'' | '(' | '[' | '`'))
                .unwrap_or(here);
        }
        let bare_end = trim_punctuation(text, here, word_end);
        let stem = if more { particle_off(text, here, bare_end) } else { bare_end };
        // "우는 얼굴": what looks like a topic particle before another noun is a modifier.
        let next = text.skip_spaces(word_end);
        let modifier = stem + 1 == bare_end
            && matches!(text.low[stem], '은' | '는')
            && next < end
            && !is_stop(text, next, end);
        let stem = if modifier { bare_end } else { stem };
        if stem > here {
            from = from.or(Some(here));
            item_end = stem;
        }
        if stem < word_end && stem < bare_end {
            return (from.map(|from| from..item_end), true);
        }
        here = word_end;
    }
    (from.map(|from| from..item_end), false)
}

/// Whether the word at `at` belongs to the sentence, not to the list.
fn is_stop(text: &Text, at: usize, end: usize) -> bool {
    let word_end = (at..end).find(|at| text.low[*at].is_whitespace()).unwrap_or(end);
    let word: String = text.low[at..word_end].iter().collect();
    STOPS.contains(&word.as_str())
        || STOPS[..36].iter().any(|stop| stop.chars().count() > 1 && word.starts_with(stop))
}

fn counted(text: &Text, at: usize) -> bool {
    count(text, at).is_some()
}

fn trim_punctuation(text: &Text, start: usize, end: usize) -> usize {
    let quote = |at: &usize| matches!(text.low[*at], '.' | '"' | '\'' | ':' | '~' | '(' | '[');
    (start..end).rev().find(|at| !quote(at)).map_or(start, |last| last + 1)
}

/// Takes one list-ending particle off a word, where the syllable before allows it.
fn particle_off(text: &Text, start: usize, end: usize) -> usize {
    for particle in LAST {
        let length = particle.chars().count();
        let Some(stem) = end.checked_sub(length).filter(|stem| *stem > start) else { continue };
        if !text.low[stem..end].iter().copied().eq(particle.chars()) {
            continue;
        }
        let last = text.low[stem - 1];
        let (closed, rieul) = final_consonant(last);
        let latin = !is_hangul(last);
        let syllables = stem - start;
        let fits = match particle {
            "로" | "로만" => latin || !closed || rieul,
            "으로" | "으로만" => latin || (closed && !rieul),
            "을" => latin || (closed && !is_whole(&text.low[start..end])),
            "은" => latin || (closed && syllables > 1),
            "이" => latin || (closed && syllables > 2),
            "이야" | "이고" | "이에요" | "이며" | "이다" | "이요" | "이랑" => latin || closed,
            "를" | "는" | "야" | "예요" => latin || !closed,
            "만" if is_kind_noun(&text.low[start..stem]) => true,
            "고요" | "요" | "여" | "이지" | "이네" | "랑" | "이라" | "라고" | "의" | "가" | "에" | "들"
            | "뿐" | "등" | "만" | "임" => {
                latin || syllables > 1 && !matches!(particle, "의" | "등" | "이지" | "가")
            }
            _ => true,
        };
        if fits {
            return stem;
        }
    }
    end
}

/// The words of an item, for lists with spaces alone.
fn words(text: &Text, range: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let start = text.skip_spaces(at).min(range.end);
        let end = (start..range.end).find(|at| text.low[*at].is_whitespace()).unwrap_or(range.end);
        if end > start {
            found.push(start..end);
        }
        at = end.max(at + 1);
    }
    found
}

/// `고양이, 강아지 두 클래스로`, `cat and dog classes`.
fn announced_after(text: &Text) -> Option<Vec<Range<usize>>> {
    let classes = text.find_any(0, &["클래스"]).is_some();
    let ends = (0..text.len()).filter(|at| {
        let before = text.before(*at);
        let named = text.any_at(*at, &["클래스로", "클래스", "classes"]).is_some() && !is_hangul(before);
        let counted = matches!(before, ' ' | '(') && count(text, *at).is_some();
        named || counted || classes && text.any_at(*at, RENAMED).is_some()
    });
    ends.take(TRIES).find_map(|at| list_before(text, without_summary(text, at)))
}

/// `고양이, 개로 바꿔줘`.
const RENAMED: &[&str] = &["로 해", "으로 해", "로 바꿔", "으로 바꿔", "로 변경", "으로 변경", "로 수정"];

/// Where the list ends before "이렇게", "총", "이", which lead to its count.
fn without_summary(text: &Text, end: usize) -> usize {
    let mut end = end;
    for _ in 0..2 {
        let Some(word) = words(text, end.saturating_sub(12)..end).pop() else { break };
        let said: String = text.low[word.clone()].iter().collect();
        if ["이렇게", "총", "이", "등", "해서", "모두", "these", "두", "세", "네", "the", "해서총"]
            .contains(&said.as_str())
            || said.parse::<u32>().is_ok()
        {
            end = word.start;
        } else {
            break;
        }
    }
    end
}

/// Verbs of sorting and finding, before which Korean names what is sorted.
const KOREAN_VERBS: [&str; 23] = [
    "분류",
    "구분",
    "구별",
    "판별",
    "탐지",
    "검출",
    "감지",
    "찾",
    "가려",
    "인식",
    "식별",
    "세그멘",
    "나누",
    "나눠",
    "맞추",
    "맞히",
    "분간",
    "분할",
    "판단",
    "판정",
    "알아보",
    "골라",
    "분류기",
];

/// `고양이랑 강아지를 구분하는`, `정상/불량 분류`, `불량인지 정상인지 판별`.
fn in_korean(text: &Text) -> Option<Vec<Range<usize>>> {
    let verbs = (0..text.len()).filter(|at| text.any_at(*at, &KOREAN_VERBS).is_some());
    verbs.take(TRIES).find_map(|verb| whether(text, verb).or_else(|| list_before(text, verb)))
}

/// `A인지 B인지` before a verb.
fn whether(text: &Text, end: usize) -> Option<Vec<Range<usize>>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for word in words(text, 0..end) {
        let stem = word
            .end
            .checked_sub(2)
            .filter(|stem| *stem > word.start && text.low[*stem..word.end] == ['인', '지']);
        match stem {
            Some(stem) if text.low[word.start..stem].iter().all(|c| is_wordy(*c)) => {
                found.push(word.start..stem)
            }
            Some(_) => return None,
            None => {}
        }
    }
    (found.len() > 1).then_some(found)
}

const SHOWN: &[&str] = &[
    "중",
    "하나",
    "중에서",
    "중에",
    "종류",
    "세",
    "두",
    "상태",
    "여부",
    "사진들",
    "각각",
    "사진",
    "이미지",
    "그림",
    "영상",
    "사진들",
    "이미지들",
    "객체",
    "사진을",
    "이미지를",
    "클래스",
    "품종",
    "images",
    "photos",
    "pictures",
    "image",
    "photo",
];

/// The list that ends before `end`: two or more nouns with separators, or nouns of one kind with spaces.
fn list_before(text: &Text, end: usize) -> Option<Vec<Range<usize>>> {
    if let Some(items) = bracketed(text, end) {
        return Some(items);
    }
    let start = (0..end)
        .rev()
        .find(|at| {
            is_mark(text.low[*at])
                || matches!(text.low[*at], '\n' | '?' | '!' | ':' | '"')
                || (text.low[*at] == '.' && !is_wordy(text.at(at + 1)))
        })
        .map_or(0, |at| at + 1);
    let stop = object_end(text, start, end)?;
    let list = ranges_before(text, start, stop);
    if list.len() < 2 {
        return kind_nouns(text, start, stop);
    }
    let items = even(text, list)?;
    items.iter().all(|item| is_noun(text, item)).then_some(items)
}

/// `표정(기쁨, 슬픔) 분류`.
fn bracketed(text: &Text, end: usize) -> Option<Vec<Range<usize>>> {
    let close = (0..end).rev().find(|at| !text.low[*at].is_whitespace()).filter(|at| text.low[*at] == ')')?;
    let open = (0..close).rev().find(|at| text.low[*at] == '(')?;
    let items = split(text, open + 1, close).items;
    (items.len() > 1 && items.iter().all(|item| is_noun(text, item))).then_some(items)
}

/// The end of the noun that is sorted: without its particle and without "사진", "이미지".
fn object_end(text: &Text, start: usize, end: usize) -> Option<usize> {
    let mut stop = end;
    for _ in 0..3 {
        stop = (start..stop).rev().find(|at| !text.low[*at].is_whitespace() && text.low[*at] != ',')? + 1;
        let word = (start..stop)
            .rev()
            .find(|at| matches!(text.low[*at], ' ' | ',' | '/'))
            .map_or(start, |at| at + 1);
        let stem = particle_off(text, word, stop);
        let said: String = text.low[word..stem].iter().collect();
        if SHOWN.contains(&said.as_str()) && word > start && text.before(word) == ' ' {
            stop = word;
            continue;
        }
        return Some(stem);
    }
    Some(stop)
}

/// Items of a list in `start..end`, the first one still with everything before it.
fn ranges_before(text: &Text, start: usize, end: usize) -> Vec<Range<usize>> {
    let mut items = Vec::new();
    let mut at = text.skip_spaces(start);
    while at < end {
        let (item_end, next, _) = next_separator(text, at, end);
        let item_end = item_end.min(end);
        if item_end > at {
            items.push(at..item_end);
        }
        at = next.max(at + 1);
    }
    items
}

/// Cuts the first item to as many words as the others have: at most two, and all alike.
fn even(text: &Text, mut items: Vec<Range<usize>>) -> Option<Vec<Range<usize>>> {
    // A list begins after the last item that is a clause of its own.
    let rest = items.iter().rposition(|item| ends_clause(text, item)).map_or(0, |at| at + 1);
    items.drain(..rest);
    for item in &mut items {
        let parts = words(text, item.clone());
        if let [first, last] = parts.as_slice() {
            let shown: String = text.low[last.clone()].iter().collect();
            if SHOWN.contains(&shown.as_str()) {
                *item = first.clone();
            }
        }
    }
    let longest = items.iter().skip(1).map(|item| words(text, item.clone()).len()).max()?;
    if longest > 2 {
        return None;
    }
    let parts = words(text, items[0].clone());
    let taken = parts.len().saturating_sub(longest);
    items[0].start = parts.get(taken)?.start;
    if longest == 2 && parts.len() >= 2 && ends_clause(text, &parts[taken]) {
        items[0].start = parts[taken + 1].start;
    }
    Some(items)
}

/// Whether an item is rather the end of another clause: a particle of place or topic, or an ending of a verb.
fn ends_clause(text: &Text, item: &Range<usize>) -> bool {
    let said: String = text.low[item.clone()].iter().collect();
    let said = said.trim();
    [
        "에서",
        "에는",
        "으로",
        "는데",
        "건데",
        "하고",
        "해서",
        "니까",
        "안녕",
        "안녕하세요",
        "좋아",
        "그래",
        "음",
        "네",
        "자",
        "저기",
        "일단",
        "그럼",
        "아니",
        "근데",
        "해줘",
        "줘",
        "싶은데",
        "okay",
        "ok",
        "hi",
        "hello",
        "있고",
        "있어",
        "이고",
    ]
    .iter()
    .any(|ending| said == *ending || (ending.chars().count() > 1 && said.ends_with(ending)))
}

const MODIFIERS: [&str; 22] = [
    "쓴",
    "안",
    "못",
    "않은",
    "안쓴",
    "있는",
    "없는",
    "하는",
    "착용한",
    "입은",
    "된",
    "할",
    "같은",
    "모든",
    "내",
    "우리",
    "제",
    "이",
    "그",
    "저",
    "이런",
    "여러",
];

fn is_noun(text: &Text, item: &Range<usize>) -> bool {
    let parts = words(text, item.clone());
    let said = |range: &Range<usize>| text.low[range.clone()].iter().collect::<String>();
    let wordy = text.low[item.clone()].iter().all(|c| is_wordy(*c) || matches!(c, ' ' | '-' | '\'' | '.'));
    let modified = parts.iter().any(|part| MODIFIERS.contains(&said(part).as_str()));
    let generic = parts.iter().any(|part| {
        [
            "모델",
            "데이터",
            "이미지",
            "객체",
            "딥러닝",
            "학습",
            "물체",
            "사물",
            "model",
            "에폭",
            "배치",
            "분류",
            "탐지",
            "검출",
            "사진",
        ]
        .contains(&said(part).as_str())
    });
    let hangul = text.low[item.clone()].iter().any(|c| is_hangul(*c));
    wordy
        && !modified
        && !generic
        && !parts.is_empty()
        && (hangul || parts.len() < 3)
        && text.low[item.clone()].iter().any(|c| c.is_alphabetic() || c.is_ascii_digit())
}

/// `고양이 강아지 분류`: two or more nouns of one kind, with spaces alone.
fn kind_nouns(text: &Text, start: usize, end: usize) -> Option<Vec<Range<usize>>> {
    let parts = words(text, start..end);
    let kind = |range: &Range<usize>| {
        let said: String = text.low[range.clone()].iter().collect();
        NOUNS.iter().position(|nouns| nouns.contains(&said.as_str()))
    };
    let last = kind(parts.last()?)?;
    let count = parts.iter().rev().take_while(|part| kind(part) == Some(last)).count();
    (count > 1).then(|| parts[parts.len() - count..].to_vec())
}

const ENGLISH_VERBS: [&str; 46] = [
    "distinguish between",
    "differentiate between",
    "discriminate between",
    "distinguish",
    "differentiate",
    "tell apart",
    "tell",
    "classify",
    "classifies",
    "classifying",
    "detect",
    "detects",
    "detecting",
    "recognize",
    "recognise",
    "recognizes",
    "recognizing",
    "recognises",
    "recognising",
    "identify",
    "identifies",
    "identifying",
    "find",
    "finds",
    "finding",
    "spot",
    "spots",
    "spotting",
    "segment",
    "segments",
    "segmenting",
    "separate",
    "separates",
    "separating",
    "sort",
    "sorts",
    "sorting",
    "locate",
    "locates",
    "locating",
    "discriminates between",
    "distinguishes between",
    "distinguishes",
    "distinguishing",
    "tells",
    "categorize",
];
const OF: [&str; 32] = [
    "images of",
    "photos of",
    "pictures of",
    "photographs of",
    "pics of",
    "between",
    "all",
    "objects like",
    "things like",
    "different",
    "the",
    "a",
    "an",
    "images as",
    "photos as",
    "images into",
    "photos into",
    "pictures into",
    "pictures as",
    "them into",
    "them as",
    "it as",
    "if it is",
    "whether it is",
    "whether it's",
    "if it's",
    "if",
    "my",
    "our",
    "some",
    "things as",
    "pics into",
];

/// `classify cats, dogs and rabbits`, `healthy vs diseased leaves`, `a cat/dog classifier`.
fn in_english(text: &Text) -> Option<Vec<Range<usize>>> {
    versus(text)
        .or_else(|| either(text))
        .or_else(|| into(text))
        .or_else(|| after_verb(text))
        .or_else(|| before_maker(text))
}

fn word_before(text: &Text, end: usize) -> Option<Range<usize>> {
    let stop = (0..end).rev().find(|at| text.low[*at] != ' ')? + 1;
    let start =
        (0..stop).rev().find(|at| !(is_wordy(text.low[*at]) || text.low[*at] == '-')).map_or(0, |at| at + 1);
    (start < stop).then_some(start..stop)
}

fn word_after(text: &Text, at: usize) -> Option<Range<usize>> {
    let start = text.skip_spaces(at);
    let end = (start..text.len())
        .find(|at| !(is_wordy(text.low[*at]) || text.low[*at] == '-'))
        .unwrap_or(text.len());
    (start < end).then_some(start..end)
}

/// The words on both sides of "vs".
fn versus(text: &Text) -> Option<Vec<Range<usize>>> {
    let mut items: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(vs) = text.find_any(at, &["vs.", "vs", "versus", "대"]) {
        let spaced = text.before(vs.start) == ' ' && text.at(vs.end) == ' ';
        if spaced && let (Some(left), Some(right)) = (word_before(text, vs.start), word_after(text, vs.end)) {
            if items.last() != Some(&left) {
                items.push(left);
            }
            let stem = particle_off(text, right.start, right.end);
            items.push(right.start..stem);
        }
        at = vs.end;
    }
    let fits = items.len() > 1
        && items.iter().all(|item| !text.low[item.clone()].iter().any(|c| is_mark(*c) || c.is_ascii_digit()));
    fits.then_some(items)
}

/// `a banknote is real or fake`.
fn either(text: &Text) -> Option<Vec<Range<usize>>> {
    let or = text.find_any(0, &["or"])?;
    let (left, right) = (word_before(text, or.start)?, word_after(text, or.end)?);
    let is = word_before(text, left.start)?;
    let is: String = text.low[is].iter().collect();
    let plain = |range: &Range<usize>| text.low[range.clone()].iter().all(|c| c.is_ascii_alphabetic());
    (matches!(is.as_str(), "is" | "are" | "either") && plain(&left) && plain(&right))
        .then(|| vec![left, right])
}

/// `sort photos into cats, dogs and birds`.
fn into(text: &Text) -> Option<Vec<Range<usize>>> {
    let sorts = text.find_any(
        0,
        &["classify", "sort", "categorize", "categorise", "split", "separate", "group", "label", "divide"],
    )?;
    let into = text.find_any(sorts.end, &["into", "as either", "as"])?;
    english_list(text, into.end)
}

fn after_verb(text: &Text) -> Option<Vec<Range<usize>>> {
    let verbs = (0..text.len()).filter_map(|at| text.any_at(at, &ENGLISH_VERBS));
    verbs.take(TRIES).find_map(|end| {
        let mut start = text.skip_spaces(end);
        for _ in 0..3 {
            match text.any_at(start, &OF) {
                Some(end) => start = text.skip_spaces(end),
                None => break,
            }
        }
        english_list(text, start)
    })
}

/// Items after `start`, when there are two or more and each is a plain noun.
fn english_list(text: &Text, start: usize) -> Option<Vec<Range<usize>>> {
    let end = region_end(text, start);
    let end = (start..end)
        .find(|at| {
            text.any_at(*at, &["wearing", "with and without", "with or without", "who", "whose"]).is_some()
        })
        .map_or(end, |_| start);
    let mut items = from_split(text, start, end).unwrap_or_else(|| split(text, start, end).items);
    if items.len() < 2 || items.len() == 2 && items.iter().any(|item| words(text, item.clone()).len() > 3) {
        return None;
    }
    contrast(text, &mut items);
    for item in &mut items {
        let parts = words(text, item.clone());
        if let [first, .., last] = parts.as_slice() {
            let shown: String = text.low[last.clone()].iter().collect();
            if SHOWN.contains(&shown.as_str()) {
                *item = first.start..text_before(text, last.start);
            }
        }
    }
    items
        .iter()
        .all(|item| {
            is_noun(text, item) && words(text, item.clone()).len() <= 2 && is_english_noun(text, item)
        })
        .then_some(items)
}

fn text_before(text: &Text, at: usize) -> usize {
    (0..at).rev().find(|here| text.low[*here] != ' ').map_or(0, |here| here + 1)
}

fn is_english_noun(text: &Text, item: &Range<usize>) -> bool {
    let said: String = text.low[item.clone()].iter().collect();
    ![
        "it",
        "them",
        "me",
        "show",
        "run",
        "use",
        "make",
        "set",
        "images",
        "objects",
        "report",
        "start",
        "tell",
        "see",
        "things",
        "stuff",
        "go",
        "this",
        "that",
        "everything",
    ]
    .iter()
    .any(|word| said.split(' ').next() == Some(word))
}

/// `apples from oranges`.
fn from_split(text: &Text, start: usize, end: usize) -> Option<Vec<Range<usize>>> {
    let from = text.find_any(start, &["from"]).filter(|from| from.end < end)?;
    let distinguishes = text.find_any(
        0,
        &["tell", "tells", "distinguish", "distinguishes", "separate", "separates", "differentiate", "sort"],
    )?;
    let (left, right) = (word_before(text, from.start)?, word_after(text, from.end)?);
    (distinguishes.end <= start && left.start >= start && left.start <= start + 12).then(|| vec![left, right])
}

/// `ripe and unripe bananas`: two qualities of one noun.
fn contrast(text: &Text, items: &mut [Range<usize>]) {
    let Some((last, others)) = items.split_last_mut() else { return };
    let parts = words(text, last.clone());
    let quality = |range: &Range<usize>| {
        let said: String = text.low[range.clone()].iter().collect();
        CONTRASTS.contains(&said.as_str())
            || (said.starts_with("un") || said.starts_with("non")) && said.len() > 5
    };
    let head =
        |range: &Range<usize>| HEADS.contains(&text.low[range.clone()].iter().collect::<String>().as_str());
    let single = others.iter().all(|other| words(text, other.clone()).len() == 1);
    if parts.len() == 2 && (quality(&parts[0]) && others.iter().all(quality) || single && head(&parts[1])) {
        *last = parts[0].clone();
    }
}

/// `a cat and dog classifier`, `cat/dog classification`, `person, car and dog detector`.
fn before_maker(text: &Text) -> Option<Vec<Range<usize>>> {
    if let Some(made_for) = text.find_any(
        0,
        &[
            "classifier for",
            "detector for",
            "classification of",
            "detection of",
            "recognition of",
            "model for",
            "segmentation of",
        ],
    ) {
        return english_list(text, text.skip_spaces(made_for.end));
    }
    let maker = text.find_any(
        0,
        &[
            "classifier",
            "classification",
            "detector",
            "detection",
            "segmentation",
            "recognizer",
            "recogniser",
            "recognition",
            "model",
        ],
    )?;
    let start = (0..maker.start)
        .rev()
        .find(|at| {
            is_mark(text.low[*at])
                || matches!(text.low[*at], '.' | '\n' | ':')
                || text.low[*at] == ' '
                    && word_before(text, *at).is_some_and(|word| {
                        let word: String = text.low[word].iter().collect();
                        matches!(
                            word.as_str(),
                            "a" | "an"
                                | "the"
                                | "me"
                                | "my"
                                | "build"
                                | "make"
                                | "train"
                                | "create"
                                | "want"
                                | "need"
                                | "new"
                                | "for"
                                | "with"
                                | "binary"
                                | "good"
                                | "simple"
                        )
                    })
        })
        .map_or(0, |at| at + 1);
    let items = split(text, start, text_before(text, maker.start)).items;
    let fits = items.len() > 1
        && items.iter().all(|item| {
            words(text, item.clone()).len() == 1 && is_noun(text, item) && is_english_noun(text, item)
        });
    let fits = fits
        && !items.iter().any(|item| {
            matches!(
                text.low[item.clone()].iter().collect::<String>().as_str(),
                "object" | "image" | "list" | "compare"
            )
        });
    fits.then_some(items)
}
