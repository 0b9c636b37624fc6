//! What the platform says by itself, in Korean. Workers and the scheduler write their reasons in English into the log:
//! machines read it. The set is closed, and pages and conversations look a sentence up here.

mod reasons;

use trainyard_assistant::particle::{Particle, with_particle};

/// What is written, with `{}` for what varies, and the same in Korean with each of those by its place.
pub(crate) type Phrase = (&'static str, &'static str);

/// Every phrase. The first that fits is the one.
pub(crate) fn phrases() -> impl Iterator<Item = &'static Phrase> {
    reasons::REASONS.iter()
}

/// A sentence in Korean: line by line, and part by part where each part is ours, since one that begins with what varies
/// would take the parts before it for that; else as a whole. What is none of ours stays as it is.
pub(crate) fn reason(text: &str) -> String {
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

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

fn phrase(text: &str) -> Option<String> {
    phrases().find_map(|(english, korean)| said(text, english, korean))
}

/// The Korean of `text`, if it is said as `english`.
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
    fn our_own_reasons_are_said_in_korean() {
        for (english, korean) in [
            ("the folder is empty", "폴더가 비어 있습니다"),
            ("there is nothing at /data/x: y", "/data/x: y에 아무것도 없습니다"),
            (
                "12 of 15 files cannot be used, more than 20 %",
                "파일 15개 가운데 12개를 쓸 수 없습니다(한도 20 %)",
            ),
            (
                "no device was asked for, so the cpu pool; no cpu worker is up, it starts when one joins; attempt 2",
                "장치를 정하지 않아 cpu 풀로 보냈습니다; 지금 cpu 작업자가 없어, 하나가 들어오면 시작합니다; 2번째 시도",
            ),
            (
                "classes are uneven: 90 images of \"cat\", 3 of \"dog\"",
                "클래스가 고르지 않습니다: \"cat\" 90장, \"dog\" 3장",
            ),
            (
                "all 2 slots of the cpu pool are taken; 3 jobs were asked for earlier and wait too",
                "cpu 풀의 자리 2개가 모두 차 있습니다; 먼저 요청한 작업 3개도 기다립니다",
            ),
            ("/data/cat.zip is a file, not a folder", "/data/cat.zip은 폴더가 아니라 파일입니다"),
            ("lower learning_rate from 0.1 to 1.0e-2", "학습률을 0.1에서 1.0e-2로 낮춰 주세요"),
            (
                "the initial weights cannot be used: /w/a.safetensors cannot be read or written: No such file or directory (os error 2)",
                "초기 가중치를 쓸 수 없습니다: /w/a.safetensors를 읽거나 쓸 수 없습니다(없는 파일입니다)",
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
