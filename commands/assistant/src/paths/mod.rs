//! Finds paths and URIs: quoted, with spaces or Hangul, `s3://`, `C:\`, `~`, relative, or a file by its extension.

mod ends;
mod named;

use std::ops::Range;

pub(crate) use named::take as take_named;

use ends::{continued, file_after_space, strip_tail, token_end};

use crate::catalog;
use crate::lexicon::models::RUNNERS;
use crate::lexicon::paths::{DATA_WORDS, EXTENSIONS, IMAGES, KNOWN, OTHERS, ROOTS};
use crate::negation::denied;
use crate::text::{PATH, Text, is_hangul, is_wordy};

/// Longer than any scheme of a URI.
const SCHEME_CHARS_MAX: usize = 16;
/// Longer than any word for data.
const DATA_WORD_CHARS_MAX: usize = 16;

/// A path named in the turn.
#[derive(Clone, Debug)]
pub(crate) struct Mention {
    pub(crate) range: Range<usize>,
    /// As written, without quotes and particles.
    pub(crate) path: String,
    pub(crate) denied: bool,
}

pub(crate) fn is_image(path: &str) -> bool {
    extension(path).is_some_and(|extension| IMAGES.contains(&extension.as_str()))
}

fn extension(path: &str) -> Option<String> {
    let (stem, extension) = path.rsplit_once('.')?;
    (!stem.is_empty() && !stem.ends_with(['/', '\\'])).then(|| extension.to_ascii_lowercase())
}

/// Every path named, in order, masked out of the text.
pub(crate) fn take(text: &mut Text) -> Vec<Mention> {
    let mut mentions: Vec<Mention> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let found = quoted(text, at).or_else(|| lined(text, at)).or_else(|| keyed(text, at));
        let Some((path, whole)) = found.or_else(|| bare(text, at)) else {
            at += 1;
            continue;
        };
        at = whole.end;
        mentions.push(Mention { path: text.name(path), range: whole, denied: false });
    }
    for index in 0..mentions.len() {
        let range = mentions[index].range.clone();
        mentions[index].denied = denied(text, &range, true) && mentions.len() > 1;
    }
    for mention in &mentions {
        text.mask(mention.range.clone(), PATH);
    }
    mentions
}

/// The data set known by name that the turn speaks of, if it names no path.
pub(crate) fn take_known(text: &mut Text) -> Option<String> {
    for at in 0..text.len() {
        if !text.low[at].is_ascii_alphabetic()
            || is_wordy(text.before(at)) && !is_hangul(text.before(at))
            || text.before(at) == '-'
        {
            continue;
        }
        let Some(end) = text
            .any_at(at, KNOWN)
            .filter(|end| !text.at(*end).is_ascii_alphanumeric() && !matches!(text.at(*end), '-' | '_'))
        else {
            continue;
        };
        let data = text.any_at(text.skip_spaces(end), &["데이터", "으로", "로", "dataset", "data"]).is_some();
        let on =
            crate::negation::last_word(text, at).is_some_and(|word| matches!(&text.low[word], ['o', 'n']));
        let named = preceded(
            text,
            at,
            &["데이터는", "데이터셋은", "데이터", "데이터셋", "dataset", "data", "dataset is", "the"],
        );
        if data || on || named || end - at == text.len() {
            let name = text.name(at..end);
            text.mask(at..end, PATH);
            return Some(name);
        }
    }
    None
}

/// A quoted path: anything with a separator or an extension in quotes.
fn quoted(text: &Text, at: usize) -> Option<(Range<usize>, Range<usize>)> {
    let close = match text.at(at) {
        '"' => '"',
        '\'' => '\'',
        '`' => '`',
        '「' => '」',
        '《' => '》',
        '<' => '>',
        _ => return None,
    };
    if text.at(at) == '\'' && text.before(at).is_ascii_alphabetic() {
        return None;
    }
    let end = (at + 1..text.len().min(at + 1025)).find(|here| text.at(*here) == close)?;
    let inside: String = text.low[at + 1..end].iter().collect();
    let pathlike = inside.contains(['/', '\\']) && !inside.contains(", ")
        || extension(&inside).is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
        || preceded(text, at, DATA_WORDS) && !inside.contains(',');
    (pathlike && !inside.trim().is_empty()).then_some((at + 1..end, at..end + 1))
}

/// Whether one of `words` stands right before `at`.
fn preceded(text: &Text, at: usize, words: &[&str]) -> bool {
    let near = at.saturating_sub(20);
    let end = (near..at)
        .rev()
        .find(|here| !matches!(text.low[*here], ' ' | ':' | '=' | '"'))
        .map_or(near, |here| here + 1);
    words.iter().any(|word| {
        let length = word.chars().count();
        end >= length && text.low[end - length..end].iter().copied().eq(word.chars())
    })
}

/// `dataset: /data/wafers/lot 7` on a line of its own, whose whole rest is the value.
fn lined(text: &Text, at: usize) -> Option<(Range<usize>, Range<usize>)> {
    if !(at == 0 || text.before(at) == '\n') || !text.low.contains(&'\n') {
        return None;
    }
    let key =
        text.any_at(at, &["dataset", "data", "source", "input", "path", "데이터셋", "데이터", "경로"])?;
    let sign = text.skip_spaces(key);
    let start = text.skip_spaces(sign + 1);
    let line = (at..text.len()).find(|here| text.low[*here] == '\n').unwrap_or(text.len());
    if !matches!(text.at(sign), ':' | '=') || start >= line {
        return None;
    }
    let end = (start..line).rev().find(|here| text.low[*here] != ' ').map_or(line, |last| last + 1);
    let value = &text.low[start..end];
    let alone = !value.iter().any(|c| matches!(c, ',' | '=' | '"' | '\'')) && value.contains(&'/');
    let colons = value.windows(2).any(|pair| pair == [':', ' ']);
    // "/data/x 에 있어" and "./x please" say more than a path.
    let name: String = value.rsplit(|c| is_separator(*c)).next().unwrap_or_default().iter().collect();
    let says_more = name.split(' ').skip(1).any(|word| word.contains(is_hangul) || OTHERS.contains(&word));
    (alone && !colons && !says_more).then_some((start..end, start..end))
}

/// `dataset=NAME`, `data: NAME`, `source=NAME`.
fn keyed(text: &Text, at: usize) -> Option<(Range<usize>, Range<usize>)> {
    let joined = is_wordy(text.before(at));
    if joined || !matches!(text.at(at), 'd' | 's' | 'i' | 'p' | '데' | '경') {
        return None;
    }
    let key =
        text.any_at(at, &["dataset", "data", "source", "input", "path", "데이터셋", "데이터", "경로"])?;
    let key = text.skip_spaces(key);
    if text.at(key) != '=' {
        return None;
    }
    let start = text.skip_spaces(key + 1);
    if let Some((path, whole)) = quoted(text, start) {
        return Some((path, start..whole.end));
    }
    let end = token_end(text, start);
    let end = strip_tail(text, start, end);
    let end =
        if text.low[start..end].iter().any(|c| is_separator(*c)) { end } else { name_end(text, start, end) };
    (end > start).then_some((start..end, start..end))
}

fn name_end(text: &Text, start: usize, end: usize) -> usize {
    (start..end)
        .find(|at| is_hangul(text.low[*at]) && text.before(*at).is_ascii())
        .filter(|at| *at > start)
        .unwrap_or(end)
}

fn is_separator(c: char) -> bool {
    matches!(c, '/' | '\\')
}

/// A path without quotes.
fn bare(text: &Text, at: usize) -> Option<(Range<usize>, Range<usize>)> {
    let before = text.before(at);
    let starts = !(is_path_char(before) || before == '\'')
        || (is_hangul(before)
            && (rooted(text, at) && text.at(at) != '/'
                || after_model(text, at)
                || after_particle(text, at)
                || after_data_word(text, hangul_start(text, at), at)))
        || (matches!(before, '=' | ':' | '(' | '[')
            && !is_path_char(text.at(at)) | is_wordy(text.at(at)) | rooted(text, at));
    if !starts || !(is_wordy(text.at(at)) || matches!(text.at(at), '/' | '.' | '~' | '\\' | '$')) {
        return None;
    }
    if is_hangul(text.at(at))
        && (at..text.len())
            .find(|here| !is_hangul(text.low[*here]))
            .is_some_and(|latin| after_particle(text, latin) || after_data_word(text, at, latin))
    {
        return None;
    }
    let rooted = rooted(text, at);
    let mut end = token_end(text, at);
    if !rooted && (at..end).any(|here| after_model(text, here)) {
        return None;
    }
    end = continued(text, at, end, rooted);
    end = file_after_space(text, at, end).unwrap_or(end);
    let end = strip_tail(text, at, end);
    let said: String = text.low[at..end].iter().collect();
    let slashes = said.chars().filter(|c| is_separator(*c)).count();
    let file = extension(&said).is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()));
    let fits =
        if rooted { end > at + 1 || said == "~" } else { file || (slashes > 0 && relative(text, at, &said)) };
    (fits && end > at).then_some((at..end, at..end))
}

/// `데이터는data/a`: a Latin path glued to a Hangul word that ends in a particle.
fn after_particle(text: &Text, at: usize) -> bool {
    text.at(at).is_ascii()
        && matches!(text.before(at), '는' | '은' | '를' | '을')
        && at > 2
        && is_hangul(text.low[at - 2])
}

/// `yolo11n로/data/a`: an absolute path glued to the particle of a model.
fn after_model(text: &Text, at: usize) -> bool {
    if !(text.at(at) == '/' && rooted(text, at) && is_hangul(text.before(at))) {
        return false;
    }
    let end = hangul_start(text, at);
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let start = (0..end).rev().find(|here| !letter(text.low[*here])).map_or(0, |before| before + 1);
    let name: String = text.low[start..end].iter().collect();
    catalog::by_key(&catalog::key(&name)).is_some()
}

/// `데이터./data`, `경로/mnt/a`: a word for data glued to a root. `데이터/line3` is a folder of that name.
fn after_data_word(text: &Text, start: usize, at: usize) -> bool {
    let word: String = text.low[start..at].iter().collect();
    let absolute = text.at(at) == '/' && ROOTS.iter().any(|root| text.word_at(at + 1, root).is_some());
    DATA_WORDS.contains(&word.as_str()) && (absolute || rooted(text, at) && text.at(at) != '/')
}

/// Where the run of Hangul that ends before `at` starts, as far back as a word for data may reach.
fn hangul_start(text: &Text, at: usize) -> usize {
    let near = at.saturating_sub(DATA_WORD_CHARS_MAX);
    (near..at).rev().find(|here| !is_hangul(text.low[*here])).map_or(near, |before| before + 1)
}

fn is_path_char(c: char) -> bool {
    is_wordy(c) || matches!(c, '/' | '\\' | '.' | '~' | '-' | ':' | '$' | '%' | '@' | '+' | '*' | '=')
}

/// Whether a root, `./`, `~`, a drive or a scheme starts at `at`.
fn rooted(text: &Text, at: usize) -> bool {
    let (a, b, c) = (text.at(at), text.at(at + 1), text.at(at + 2));
    match a {
        '/' => is_wordy(b) || b == '.' || b == '/' && is_wordy(c) && text.before(at) != ':',
        '.' => is_separator(b) && c != ' ' || (b == '.' && is_separator(c)),
        '~' => is_separator(b),
        '\\' => b == '\\' && is_wordy(c),
        '$' => b.is_ascii_alphabetic() || b == '{',
        _ if a.is_ascii_alphabetic()
            && b == ':'
            && is_separator(c)
            && !text.before(at).is_ascii_alphabetic() =>
        {
            true
        }
        _ => scheme_at(text, at),
    }
}

fn scheme_at(text: &Text, at: usize) -> bool {
    if !text.at(at).is_ascii_alphabetic() || text.before(at).is_ascii_alphanumeric() {
        return false;
    }
    let of_scheme =
        |at: &usize| text.at(*at).is_ascii_alphanumeric() || matches!(text.at(*at), '+' | '-' | '.');
    let end = (at..text.len().min(at + SCHEME_CHARS_MAX)).find(|at| !of_scheme(at));
    end.is_some_and(|end| (0..3).all(|index| text.at(end + index) == [':', '/', '/'][index]))
}

/// Whether `a/b` without a root is a path and no list, fraction or pair of words.
fn relative(text: &Text, at: usize, said: &str) -> bool {
    let parts: Vec<&str> = said.split(['/', '\\']).collect();
    if parts.iter().rev().skip(1).any(|part| part.is_empty())
        || !said.trim_start_matches('.').starts_with(is_wordy)
    {
        return false;
    }
    if parts.iter().all(|part| part.chars().all(|c| c.is_ascii_digit() || c == '.')) || pair(said) {
        return false;
    }
    if catalog::by_key(&catalog::key(said)).is_some() || RUNNERS.contains(&parts[0]) {
        return false;
    }
    let classes = preceded(
        text,
        at,
        &[
            "클래스는",
            "클래스",
            "클래스가",
            "classes",
            "classes are",
            "class",
            "라벨은",
            "labels",
            "카테고리는",
        ],
    );
    let hangul = said.chars().any(is_hangul);
    let alone = at == 0 && said.chars().count() == text.len();
    if hangul && !said.contains(|c: char| c.is_ascii_alphabetic()) {
        return alone || preceded(text, at, DATA_WORDS);
    }
    let plain = parts.iter().all(|part| part.chars().all(char::is_alphabetic));
    let end = at + said.chars().count();
    let listed = text
        .any_at(
            text.skip_spaces(end),
            &[
                "분류",
                "구분",
                "구별",
                "탐지",
                "검출",
                "판별",
                "classif",
                "classifier",
                "classification",
                "detector",
                "detection",
                "images",
                "분류기",
            ],
        )
        .is_some();
    let root = [
        "data", "dataset", "datasets", "images", "img", "imgs", "train", "test", "mnt", "home", "raw",
        "input", "assets", "storage", "my", "samples",
    ]
    .contains(&parts[0]);
    !classes && (root || !(plain && listed))
}

/// Two words that people join with a slash.
fn pair(said: &str) -> bool {
    [
        "and/or",
        "w/",
        "w/o",
        "n/a",
        "cpu/gpu",
        "gpu/cpu",
        "on/off",
        "yes/no",
        "y/n",
        "true/false",
        "his/her",
        "km/h",
        "i/o",
        "train/val",
        "train/test",
        "val/test",
        "ok/ng",
        "ng/ok",
    ]
    .contains(&said)
}
