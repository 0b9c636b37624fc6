//! The language of the terminal, and the choice between the two ways in which everything is said.

use std::sync::OnceLock;

use trainyard_events::chat::Language;
use trainyard_words::Words;

/// Where a terminal says its language, the strongest first.
const VARIABLES: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

/// That of this terminal: read once, so that everything a process says is in one.
pub(crate) fn language() -> Language {
    static LANGUAGE: OnceLock<Language> = OnceLock::new();
    *LANGUAGE.get_or_init(|| of(VARIABLES.map(variable).each_ref().map(String::as_str)))
}

#[expect(clippy::disallowed_methods, reason = "a locale is the terminal's and no setting of ours")]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// The first that says anything counts; `ko_KR.UTF-8` is Korean, and `kok_IN`, which is Konkani, is not.
fn of(locales: [&str; 3]) -> Language {
    let said = locales.into_iter().find(|locale| !locale.is_empty()).unwrap_or_default();
    match said.split(['_', '-', '.', '@']).next() {
        Some("ko" | "korean") => Language::Korean,
        _ => Language::English,
    }
}

/// One thing in `language`: who leaves one of them out does not compile.
pub(crate) fn pick<T>(language: Language, korean: T, english: T) -> T {
    match language {
        Language::Korean => korean,
        Language::English => english,
    }
}

/// What the gateway is asked to answer in.
pub(crate) fn tag(language: Language) -> &'static str {
    pick(language, "ko", "en")
}

/// Reasons in words. Those of a newer release are not known here: then what stands `beside` them, in English, speaks.
pub(crate) fn said_or<T: Words>(reasons: &[T], beside: &str, language: Language) -> String {
    if reasons.is_empty() { beside.to_owned() } else { trainyard_words::said(reasons, language) }
}

#[cfg(test)]
mod tests {
    use trainyard_events::reason::{Reason, Unfit};

    use super::*;

    #[test]
    fn the_first_that_says_anything_counts() {
        for korean in [
            ["ko_KR.UTF-8", "", ""],
            ["", "ko", "en_US.UTF-8"],
            ["", "", "ko_KR.eucKR"],
            ["", "", "ko-KR"],
            ["", "", "korean"],
        ] {
            assert_eq!(of(korean), Language::Korean, "{korean:?}");
        }
        for english in [
            ["", "", ""],
            ["C", "ko_KR.UTF-8", "ko_KR.UTF-8"],
            ["", "en_US.UTF-8", "ko_KR.UTF-8"],
            ["", "", "de_DE.UTF-8"],
            ["", "", "kok_IN"],
            ["", "", "POSIX"],
        ] {
            assert_eq!(of(english), Language::English, "{english:?}");
        }
    }

    #[test]
    fn what_is_not_known_is_said_as_it_was_written() {
        let known = [Reason::from(Unfit::EmptyFolder)];
        let beside = "the folder is empty";
        assert_eq!(said_or(&known, beside, Language::English), beside);
        assert!(said_or(&known, beside, Language::Korean).contains("폴더"));
        assert_eq!(said_or::<Reason>(&[], "of tomorrow", Language::Korean), "of tomorrow");
    }
}
