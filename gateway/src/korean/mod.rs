//! What the API refuses with, in Korean. It refuses in English, which machines read; pages look a sentence up here.

mod errors;

#[cfg(test)]
use trainyard_words::particle::{Particle, with_particle};

/// What is written, with `{}` for what varies, and the same in Korean with each of those by its place.
pub(crate) type Phrase = (&'static str, &'static str);

/// Every phrase. The first that fits is the one.
pub(crate) fn phrases() -> impl Iterator<Item = &'static Phrase> {
    errors::ERRORS.iter()
}

/// A sentence in Korean: line by line, and part by part where each part is ours, since one that begins with what varies
/// would take the parts before it for that; else as a whole. What is none of ours stays as it is.
#[cfg(test)]
pub(crate) fn reason(text: &str) -> String {
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
fn line(text: &str) -> String {
    let parts: Vec<_> = text.split("; ").map(|part| phrase(part).ok_or(part)).collect();
    let whole = if parts.iter().all(Result::is_ok) { None } else { phrase(text) };
    whole.unwrap_or_else(|| {
        let said = parts.into_iter().map(|part| part.unwrap_or_else(str::to_owned));
        said.collect::<Vec<_>>().join("; ")
    })
}

/// Whether nothing of it would stay English but what varies.
#[cfg(test)]
pub(crate) fn knows(text: &str) -> bool {
    let is_known = |text: &str| phrase(text).is_some();
    text.split('\n').all(|line| is_known(line) || line.split("; ").all(is_known))
}

#[cfg(test)]
fn phrase(text: &str) -> Option<String> {
    phrases().find_map(|(english, korean)| said(text, english, korean))
}

/// The Korean of `text`, if it is said as `english`.
#[cfg(test)]
fn said(text: &str, english: &str, korean: &str) -> Option<String> {
    let mut pieces = english.split("{}");
    let mut rest = text.strip_prefix(pieces.next()?)?;
    let mut values = Vec::new();
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        // The last piece ends the text; an empty one takes all of it.
        let at = match pieces.peek() {
            None => rest
                .len()
                .checked_sub(piece.len())
                .filter(|at| rest.is_char_boundary(*at) && rest[*at..] == *piece)?,
            Some(_) => rest.find(piece)?,
        };
        values.push(&rest[..at]);
        rest = &rest[at + piece.len()..];
    }
    // A value may be one of ours too, as the cause of a failure is.
    let values = || values.iter().map(|value| phrase(value).unwrap_or_else(|| (*value).to_owned()));
    rest.is_empty().then(|| values().enumerate().fold(korean.to_owned(), filled))
}

/// `text` with the value in its place, and after it the form of the particle that the value asks for.
#[cfg(test)]
fn filled(text: String, (place, value): (usize, String)) -> String {
    let hole = format!("{{{place}}}");
    let with_particles = Particle::ALL.iter().fold(text, |text, particle| {
        text.replace(&format!("{hole}{}", particle.undecided()), &with_particle(&value, *particle))
    });
    with_particles.replace(&hole, &value)
}

#[cfg(test)]
mod tests {
    use super::{Phrase, phrases, reason};

    #[test]
    fn our_own_errors_are_said_in_korean() {
        for (english, korean) in [
            (
                "the event log is not available: the event log cannot be read now: no leader",
                "이벤트 로그를 쓸 수 없습니다(지금은 이벤트 로그를 읽을 수 없습니다(no leader))",
            ),
            (
                "the configuration cannot run: epochs: 0 is not between 1 and 10000; momentum: 7 is not between 0 and 0.9999",
                "이 설정으로는 학습할 수 없습니다: 에폭은 1에서 10000까지입니다(받은 값 0); 모멘텀은 0에서 0.9999까지입니다(받은 값 7)",
            ),
            (
                "the configuration does not fit: invalid type: string \"many\", expected i64",
                "설정에 형식이 맞지 않는 값이 있습니다(\"many\"는 정수가 아닙니다)",
            ),
            (
                "epochs 0 will not do; it must be 1 ~ 10000. Please say it again.\nsomething else",
                "에폭 0으로는 학습할 수 없습니다. 가능한 값: 1 ~ 10000\nsomething else",
            ),
            ("something nobody has foreseen", "something nobody has foreseen"),
        ] {
            assert_eq!(reason(english), korean);
        }
    }

    #[test]
    fn every_phrase_reads_itself_and_uses_all_its_values() {
        for (english, korean) in phrases() {
            let places: Vec<_> =
                (0..english.matches("{}").count()).map(|place| format!("{{{place}}}")).collect();
            for place in &places {
                assert!(korean.contains(place), "{korean} leaves out {place}");
            }
            let own: String =
                places.iter().fold((*korean).to_owned(), |text, place| text.replace(place, "7"));
            let own = ["은(는)", "이(가)", "을(를)", "(으)로"]
                .iter()
                .zip(["은", "이", "을", "로"])
                .fold(own, |text, (both, one)| text.replace(&format!("7{both}"), &format!("7{one}")));
            assert_eq!(reason(&english.replace("{}", "7")), own, "another phrase takes {english}");
        }
    }

    #[test]
    fn no_phrase_is_there_twice() {
        let mut all: Vec<&Phrase> = phrases().collect();
        all.sort_unstable();
        for pair in all.windows(2) {
            assert_ne!(pair[0].0, pair[1].0);
        }
    }
}
