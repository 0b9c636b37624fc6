//! Pure: what may be said to MLflow, by its own limits, of what we say.

/// Of params, tags and metrics.
const KEY_CHARS: usize = 250;
const ALIAS_CHARS: usize = 255;
pub(crate) const PARAM_CHARS: usize = 6_000;
pub(crate) const TAG_CHARS: usize = 5_000;

/// A key of a param, tag or metric: letters, digits and `_-. /`, and no path that leads elsewhere.
pub(crate) fn key(text: &str) -> String {
    let fits = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.' | ' ' | '/');
    let plain: String =
        text.chars().take(KEY_CHARS).map(|char| if fits(char) { char } else { '_' }).collect();
    let is_word = |part: &&str| !part.is_empty() && *part != "." && *part != "..";
    let words: Vec<&str> = plain.split('/').filter(is_word).collect();
    if words.is_empty() { "_".to_owned() } else { words.join("/") }
}

/// One of several keys that are said together: what would be the same twice differs.
pub(crate) fn key_beside(text: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut key = key(text);
    while is_taken(&key) {
        key.push('_');
    }
    key
}

/// As much of a value as is taken.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    text.chars().take(limit - 1).chain(['…']).collect()
}

/// An alias: letters, digits, `_` and `-`; neither `latest` nor like a version.
pub(crate) fn alias(text: &str) -> String {
    let fits = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-') || is_letter(char);
    let mut alias: String =
        text.chars().take(ALIAS_CHARS - 1).map(|char| if fits(char) { char } else { '_' }).collect();
    let number = alias.strip_prefix(['v', 'V']);
    let is_version = number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    if alias.eq_ignore_ascii_case("latest") || is_version {
        alias.push('_');
    }
    alias
}

/// Of a script that has its letters one by one: what combines with others is a letter to us and none to MLflow.
fn is_letter(char: char) -> bool {
    matches!(char, '가'..='힣' | '\u{4e00}'..='\u{9fff}' | 'À'..='ÿ') && !matches!(char, '×' | '÷')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_only_what_mlflow_takes() {
        for (text, expected) in [
            ("train/loss", "train/loss"),
            ("metrics/mAP50(B)", "metrics/mAP50_B_"),
            ("../x//y/.", "x/y"),
            ("/", "_"),
            ("", "_"),
            ("정확도", "___"),
        ] {
            assert_eq!(key(text), expected, "{text}");
        }
        assert_eq!(key(&"x".repeat(300)).len(), 250);
        assert_eq!(key_beside("a(", |key| ["a_", "a__"].contains(&key)), "a___");
    }

    #[test]
    fn values_are_cut_by_letters() {
        assert_eq!(cut("긁힘", 2), "긁힘");
        assert_eq!(cut("긁힘과 얼룩", 3), "긁힘…");
    }

    #[test]
    fn an_alias_is_never_one_that_mlflow_keeps_for_itself() {
        for (text, expected) in [
            ("champion", "champion"),
            ("운영", "운영"),
            ("a.b", "a_b"),
            ("Latest", "Latest_"),
            ("v12", "v12_"),
            ("v1-beta", "v1-beta"),
        ] {
            assert_eq!(alias(text), expected, "{text}");
        }
    }
}
