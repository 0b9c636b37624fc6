//! The Korean particle after any word, by how the word is read aloud: `resnet18은`, `yolo11n으로`, `데이터를`.

use std::fmt::Display;

/// A particle with two forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Particle {
    /// 은/는
    Topic,
    /// 이/가
    Subject,
    /// 을/를
    Object,
    /// 으로/로
    Direction,
}

/// How a word ends when it is read aloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Vowel,
    /// ㄹ, after which 으로 becomes 로.
    Rieul,
    Consonant,
}

impl Particle {
    pub const ALL: [Particle; 4] =
        [Particle::Topic, Particle::Subject, Particle::Object, Particle::Direction];

    /// Both forms, as it is written after a word that is not known.
    pub fn undecided(self) -> &'static str {
        match self {
            Particle::Topic => "은(는)",
            Particle::Subject => "이(가)",
            Particle::Object => "을(를)",
            Particle::Direction => "(으)로",
        }
    }
}

/// `word` with its particle: `("yolo11n", Direction)` is `yolo11n으로`.
pub fn with_particle(word: &str, particle: Particle) -> String {
    format!("{word}{}", after(word, particle))
}

pub(crate) fn topic(word: impl Display) -> String {
    with_particle(&word.to_string(), Particle::Topic)
}

pub(crate) fn subject(word: impl Display) -> String {
    with_particle(&word.to_string(), Particle::Subject)
}

pub(crate) fn object(word: impl Display) -> String {
    with_particle(&word.to_string(), Particle::Object)
}

pub(crate) fn direction(word: impl Display) -> String {
    with_particle(&word.to_string(), Particle::Direction)
}

/// The form of `particle` that follows `word`. Quotes, brackets and punctuation at its end are not read; where nothing
/// is, both forms are given.
pub fn after(word: &str, particle: Particle) -> &'static str {
    let Some(end) = end(word) else { return particle.undecided() };
    let closed = end != End::Vowel;
    match (particle, closed) {
        (Particle::Topic, true) => "은",
        (Particle::Topic, false) => "는",
        (Particle::Subject, true) => "이",
        (Particle::Subject, false) => "가",
        (Particle::Object, true) => "을",
        (Particle::Object, false) => "를",
        (Particle::Direction, _) if end == End::Consonant => "으로",
        (Particle::Direction, _) => "로",
    }
}

pub fn is_hangul(c: char) -> bool {
    ('가'..='힣').contains(&c)
}

/// Whether a syllable ends in a consonant, and whether that is `ㄹ`.
pub fn final_consonant(c: char) -> (bool, bool) {
    let index = if is_hangul(c) { (c as u32 - '가' as u32) % 28 } else { 0 };
    (index != 0, index == 8)
}

fn end(word: &str) -> Option<End> {
    let read = without_brackets(word).trim_end_matches(|c: char| c != '%' && !c.is_alphanumeric());
    let last = read.chars().next_back()?;
    match last {
        c if is_hangul(c) => Some(match final_consonant(c) {
            (false, _) => End::Vowel,
            (true, true) => End::Rieul,
            (true, false) => End::Consonant,
        }),
        // 퍼센트
        '%' => Some(End::Vowel),
        c if c.is_ascii_digit() => Some(digit(c)),
        c if c.is_ascii_alphabetic() => Some(latin(read)),
        _ => None,
    }
}

/// `작업 1(resnet18, data/a)` is read as `작업 1`: what is added in brackets at the end is not what the particle is for.
fn without_brackets(word: &str) -> &str {
    let before = word.strip_suffix(')').and_then(|rest| rest.rfind('(').map(|open| &word[..open]));
    before.filter(|before| !before.trim().is_empty()).unwrap_or(word)
}

/// 영 일 이 삼 사 오 육 칠 팔 구; a number that ends in zeros ends in 십, 백, 천, 만 or 억, closed like 영.
fn digit(c: char) -> End {
    match c {
        '1' | '7' | '8' => End::Rieul,
        '2' | '4' | '5' | '9' => End::Vowel,
        _ => End::Consonant,
    }
}

/// The last run of letters: spelt out (`yolo11n`, `lr`, `VGG`) or read as a word (`resnet`, `model`).
fn latin(read: &str) -> End {
    let start = read
        .rfind(|c: char| !c.is_ascii_alphabetic())
        .map_or(0, |at| at + read[at..].chars().next().map_or(1, char::len_utf8));
    let run = &read[start..];
    let vowels = run.contains(|c: char| "aeiouyAEIOUY".contains(c));
    let capitals = run.len() <= 4 && run.chars().all(|c| c.is_ascii_uppercase());
    let run = run.to_ascii_lowercase();
    if run.len() == 1 || !vowels || capitals { letter(&run) } else { spoken(&run) }
}

/// By the last letter's name: 엘, 알; 엠, 엔; the others end in a vowel.
fn letter(run: &str) -> End {
    match run.as_bytes().last() {
        Some(b'l' | b'r') => End::Rieul,
        Some(b'm' | b'n') => End::Consonant,
        _ => End::Vowel,
    }
}

/// An English word as Korean borrows it: 모델, 라인, 넷, 데이터셋; 버스, 태스크, 보트, 이미지.
fn spoken(run: &str) -> End {
    let is_vowel = |c: &u8| b"aeiou".contains(c);
    let [rest @ .., last] = run.as_bytes() else { return End::Vowel };
    let short = |letters: &[u8]| match letters {
        [.., before, vowel] => is_vowel(vowel) && !is_vowel(before),
        [vowel] => is_vowel(vowel),
        [] => false,
    };
    match (last, rest) {
        (b'e', [.., vowel, b'm' | b'n']) if is_vowel(vowel) => End::Consonant,
        (b'e', [.., b'l']) => End::Rieul,
        (b'l', _) => End::Rieul,
        (b'm' | b'n', _) | (b'g', [.., b'n']) | (b'b', [.., b'e']) | (b'c', [.., b'i']) => End::Consonant,
        (b'k', [.., b'c']) => End::Consonant,
        (b'p' | b't' | b'k', _) if short(rest) => End::Consonant,
        _ => End::Vowel,
    }
}

#[cfg(test)]
mod tests {
    use super::Particle::{Direction, Object, Subject, Topic};
    use super::*;

    #[test]
    fn hangul_goes_by_its_last_syllable() {
        assert_eq!(with_particle("데이터", Topic), "데이터는");
        assert_eq!(with_particle("학습률", Topic), "학습률은");
        assert_eq!(with_particle("모델", Direction), "모델로");
        assert_eq!(with_particle("작업", Direction), "작업으로");
        assert_eq!(with_particle("고양이", Subject), "고양이가");
        assert_eq!(with_particle("클래스", Object), "클래스를");
    }

    #[test]
    fn letters_and_digits_go_by_their_names() {
        for (word, direction, topic) in [
            ("yolo11n", "으로", "은"),
            ("yolo11m", "으로", "은"),
            ("yolo11l", "로", "은"),
            ("yolo11s", "로", "는"),
            ("yolo11x", "로", "는"),
            ("yolo11n-seg", "로", "는"),
            ("yolo11n-pose", "로", "는"),
            ("resnet18", "로", "은"),
            ("resnet34", "로", "는"),
            ("resnet50", "으로", "은"),
            ("resnet101", "로", "은"),
            ("efficientnet_b0", "으로", "은"),
            ("efficientnet_b1", "로", "은"),
            ("vit_b_16", "으로", "은"),
            ("convnext_tiny", "로", "는"),
            ("mobilenet_v3_small", "로", "은"),
            ("mobilenet_v3_large", "로", "는"),
            ("rtdetr-l", "로", "은"),
            ("LR", "로", "은"),
            ("GPU", "로", "는"),
            ("7", "로", "은"),
            ("20%", "로", "는"),
        ] {
            assert_eq!(after(word, Direction), direction, "{word}");
            assert_eq!(after(word, Topic), topic, "{word}");
        }
    }

    #[test]
    fn english_words_go_by_their_sound() {
        for (word, object) in [
            ("model", "을"),
            ("dataset", "을"),
            ("train", "을"),
            ("line", "을"),
            ("file", "을"),
            ("image", "를"),
            ("boat", "를"),
            ("task", "를"),
            ("truck", "을"),
            ("bus", "를"),
            ("car", "를"),
            ("parking", "을"),
        ] {
            assert_eq!(after(word, Object), object, "{word}");
        }
    }

    #[test]
    fn what_is_not_read_is_passed_over() {
        assert_eq!(with_particle("\"data/cats\"", Topic), "\"data/cats\"는");
        assert_eq!(with_particle("./data/꽃/", Object), "./data/꽃/을");
        assert_eq!(after("(제목)", Subject), "이");
        assert_eq!(after("🚀", Topic), "은(는)");
        assert_eq!(after("", Direction), "(으)로");
        assert_eq!(after("日本", Subject), "이(가)");
    }
}
