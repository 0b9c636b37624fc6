//! Where a path without quotes ends: its spaces, the punctuation after it, and the Korean particles glued to it.

use std::ops::Range;

use super::{is_separator, rooted};
use crate::catalog;
use crate::lexicon::classes::STOPS;
use crate::lexicon::numbers::COUNTERS;
use crate::lexicon::paths::{GOES_ON, LATIN_TAILS, NUMBERED, OTHERS, QUALIFIERS, TAILS, WHOLE};
use crate::quantities::names_setting;
use crate::text::{Text, final_consonant, is_hangul};

/// The end of the run of path characters.
pub(super) fn token_end(text: &Text, at: usize) -> usize {
    (at..text.len().min(at + 2_000))
        .find(|here| {
            let c = text.low[*here];
            c.is_whitespace()
                || matches!(c, ',' | '"' | '`' | ';' | '|' | '<' | '>' | '?' | '!' | '、' | '」')
                || (matches!(c, ')' | ']' | '}') && !text.low[at..*here].contains(&open_of(c)))
        })
        .unwrap_or(text.len().min(at + 2_000))
}

pub(super) fn open_of(close: char) -> char {
    match close {
        ')' => '(',
        ']' => '[',
        _ => '{',
    }
}

/// A path with spaces goes on with the next word, if that has a separator of its own and starts no new path.
pub(super) fn continued(text: &Text, start: usize, end: usize, rooted_path: bool) -> usize {
    let mut end = end;
    for _ in 0..6 {
        let separated = rooted_path || text.low[start..end].iter().any(|c| is_separator(*c));
        if !separated || end + 1 >= text.len() || strip_tail(text, start, end) != end || text.at(end) != ' ' {
            return end;
        }
        let mut from = end + 1;
        let mut next_end = token_end(text, from);
        // "/data/My Summer Photos/birds": a capitalised word between.
        if !text.low[from..next_end].iter().any(|c| is_separator(*c))
            && text.raw[from..next_end].first().is_some_and(|c| c.is_ascii_uppercase())
        {
            from = (next_end + 1).min(text.len());
            next_end = token_end(text, from);
        }
        let word: String = text.low[from..next_end].iter().collect();
        let goes_on = rooted_path
            && word.contains(['/', '\\'])
            && !rooted(text, from)
            && !matches!(word.as_str(), "and/or" | "w/" | "w/o")
            && !word.contains("://")
            && !word.starts_with(['/', '\\']);
        if goes_on {
            end = next_end;
            continue;
        }
        let whole = folder_word(text, start, end).or_else(|| numbered(text, start, end));
        return whole.or_else(|| qualified(text, end)).or_else(|| before_particle(text, end)).unwrap_or(end);
    }
    end
}

/// `./검증/그림 3.png`: the rest of a file's name after a space, where what stands before it is neither file nor folder.
pub(super) fn file_after_space(text: &Text, start: usize, end: usize) -> Option<usize> {
    if text.at(end) == '.' && text.before(end).is_ascii_alphanumeric() {
        let next = token_end(text, end);
        let name: String = text.low[end - 1..next].iter().collect();
        return super::is_image(&name).then_some(next);
    }
    let whole = !is_separator(text.before(end)) && text.low[start..end].iter().any(|c| is_separator(*c));
    let dotted = text.low[start..end].iter().rev().take(6).any(|c| *c == '.');
    if !whole || dotted || end + 1 >= text.len() || text.at(end) != ' ' || strip_tail(text, start, end) != end
    {
        return None;
    }
    let next = token_end(text, end + 1);
    let word: String = text.low[end + 1..next].iter().collect();
    let stem = word.split('.').next().unwrap_or_default();
    let named = super::is_image(&word) && !word.contains(is_separator);
    (named && stem.chars().count() <= 3 && stem.chars().all(|c| c.is_ascii_digit())).then_some(next)
}

/// `./데이터/불량 검사 폴더`: one Hangul word between a Hangul component and the word for folder.
pub(super) fn folder_word(text: &Text, start: usize, end: usize) -> Option<usize> {
    let hangul = (is_hangul(text.before(end)) || text.before(end).is_ascii_digit())
        && text.low[start..end].iter().any(|c| is_separator(*c));
    let next = end + 1;
    let word_end = (next..text.len()).find(|at| !is_hangul(text.low[*at]))?;
    let word: String = text.low[next..word_end].iter().collect();
    let follows = text.any_at(text.skip_spaces(word_end), &["폴더", "디렉터리", "디렉토리"]).is_some();
    let plain = !["폴더", "디렉", "데이터", "경로", "안", "이", "그", "저", "요", "여기"]
        .iter()
        .any(|known| word.starts_with(known));
    (hangul && follows && plain && word_end > next && text.at(word_end) == ' ').then_some(word_end)
}

/// The word after the space at `end`, of Latin letters and digits.
fn next_word(text: &Text, end: usize) -> Option<Range<usize>> {
    let start = end + 1;
    let letter = |at: &usize| text.low[*at].is_ascii_alphanumeric() || matches!(text.low[*at], '_' | '-');
    let stop = (start..text.len()).find(|at| !letter(at)).unwrap_or(text.len());
    (text.at(end) == ' ' && stop > start).then_some(start..stop)
}

/// The last folder of a path that ends at `end`.
fn last_folder(text: &Text, start: usize, end: usize) -> String {
    let from = (start..end).rev().find(|at| is_separator(text.low[*at])).map_or(start, |at| at + 1);
    text.low[from..end].iter().collect()
}

/// `/data/wafers/lot 7`: a folder of a kind that is numbered, where nothing counts with the number.
fn numbered(text: &Text, start: usize, end: usize) -> Option<usize> {
    let number =
        next_word(text, end).filter(|word| text.low[word.clone()].iter().all(char::is_ascii_digit))?;
    let counts = text.any_at(text.skip_spaces(number.end), COUNTERS).is_some()
        || names_setting(text, text.skip_spaces(number.end));
    let kind = NUMBERED.contains(&last_folder(text, start, end).as_str());
    (kind && number.len() <= 4 && !counts).then_some(())?;
    Some(before_particle(text, number.end).unwrap_or(number.end))
}

/// `./inbox/new scans`: a folder that cannot end in the word it ends in.
fn qualified(text: &Text, end: usize) -> Option<usize> {
    let word = next_word(text, end)?;
    let before = crate::negation::last_word(text, end)?;
    let qualifies = QUALIFIERS.contains(&text.low[before].iter().collect::<String>().as_str());
    (qualifies && !speaks_on(text, &word)).then_some(word.end)
}

/// Whether a word after a path is one of the sentence, not of the path.
fn speaks_on(text: &Text, word: &Range<usize>) -> bool {
    let said: String = text.low[word.clone()].iter().collect();
    names_setting(text, word.start)
        || catalog::by_key(&catalog::key(&said)).is_some()
        || OTHERS.contains(&said.as_str())
        || STOPS.contains(&said.as_str())
}

/// `data/job 12 crops 에 있어요`: Latin words up to a particle that stands alone.
fn before_particle(text: &Text, end: usize) -> Option<usize> {
    let mut end = end;
    for _ in 0..3 {
        let word = next_word(text, end)?;
        if speaks_on(text, &word) {
            return None;
        }
        end = word.end;
        let next = text.skip_spaces(end);
        let alone = text.any_at(next, &["에", "에서", "폴더", "폴더에", "폴더에서", "이", "가"]);
        if next > end
            && alone.is_some_and(|after| !is_hangul(text.at(after)) || text.any_at(after, &["있"]).is_some())
        {
            return Some(end);
        }
    }
    None
}

/// Takes punctuation and Korean particles off the end.
pub(super) fn strip_tail(text: &Text, start: usize, end: usize) -> usize {
    let mut end = end;
    while end > start
        && matches!(text.low[end - 1], '.' | ':' | '\'' | '~' | '-' | '*' | '=')
        && end - start > 1
    {
        end -= 1;
    }
    let from = (start..end).rev().find(|at| is_separator(text.low[*at])).map_or(start, |at| at + 1);
    // `/data/tiles2분류학습해줘에폭20`: the sentence goes on without a space.
    let glued = (from + 1..end).find(|at| {
        is_hangul(text.low[*at])
            && text.before(*at).is_ascii_alphanumeric()
            && GOES_ON.iter().any(|word| text.word_at(*at, word).is_some())
    });
    if let Some(end) = glued {
        return end;
    }
    let hangul = (from..end).rev().find(|at| !is_hangul(text.low[*at])).map_or(from, |at| at + 1);
    let tail: String = text.low[hangul..end].iter().collect();
    if tail.is_empty() {
        return end;
    }
    if hangul > start
        && (hangul > from || is_separator(text.before(hangul)) && hangul == from && is_particle_only(&tail))
    {
        let glued = TAILS.iter().chain(LATIN_TAILS).any(|known| tail.starts_with(known))
            || text.before(hangul) == '/';
        let after_latin = text.before(hangul).is_ascii_alphanumeric() || is_separator(text.before(hangul));
        return if glued && after_latin { hangul } else { strip_hangul(&tail, hangul, end) };
    }
    strip_hangul(&tail, hangul, end)
}

pub(super) fn is_particle_only(tail: &str) -> bool {
    TAILS.contains(&tail) || tail.starts_with("에있") || tail.starts_with("에서")
}

/// Takes one particle off a Hangul name, where the syllable before it allows that particle.
pub(super) fn strip_hangul(tail: &str, start: usize, end: usize) -> usize {
    if WHOLE.contains(&tail) {
        return end;
    }
    for known in TAILS.iter().copied() {
        let Some(stem) = tail.strip_suffix(known) else { continue };
        let Some(last) = stem.chars().last() else { continue };
        let (closed, rieul) = final_consonant(last);
        let fits = match known {
            "로" => !closed || rieul,
            "으로" => closed && !rieul,
            "을" | "은" | "과" | "이고" | "이고요" | "이며" | "이야" | "이랑" => closed,
            "를" | "는" | "와" | "야" | "예요" | "랑" => !closed,
            "임" | "하고" | "부터" | "까지" => stem.chars().count() > 1,
            _ => true,
        };
        if fits
            && stem.chars().count() + known.chars().count() > 1
            && !(known == "과" || known == "은" && stem.chars().count() < 2)
        {
            return end - known.chars().count();
        }
    }
    if let Some(at) = tail.find("에있") {
        return start + tail[..at].chars().count();
    }
    end
}
