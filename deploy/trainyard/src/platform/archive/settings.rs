//! How often the archive is written, and for how long what has ended stays in the log, as an operator says it.

use std::time::Duration;

use anyhow::{Result, bail};
use serde::Serialize;
use trainyard_bus::FEED_AGE;
use trainyard_events::chat::Language;

use crate::language::pick;
use crate::platform::settings::Settings;

const EVERY: Duration = Duration::from_secs(3_600);
const AFTER: Duration = Duration::from_secs(30 * 24 * 3_600);
/// Who reads has to have a moment to do so.
const FEED_AGE_MIN: Duration = Duration::from_secs(60);
/// No longer than a log can be.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3_600);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ArchiveSettings {
    /// From one run to the next; none: nobody writes it by schedule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<Duration>,
    /// From the end of something until it may leave the log; none: everything stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Duration>,
}

impl Settings {
    pub(in crate::platform) fn archive(&self, language: Language) -> Result<ArchiveSettings> {
        let every = span("archive_every", self.archive_every.as_deref(), EVERY, language)?;
        if every == Some(Duration::ZERO) {
            bail!(pick(
                language,
                "archive_every는 1초 이상이거나 never여야 합니다",
                "archive_every is a second or more, or `never`"
            ));
        }
        let after = span("archive_after", self.archive_after.as_deref(), AFTER, language)?;
        Ok(ArchiveSettings { every, after })
    }

    /// For how long the feed keeps what it copies; none: for ever.
    pub(in crate::platform) fn feed_keeps(&self, language: Language) -> Result<Option<Duration>> {
        let keeps = span("feed_keeps", self.feed_keeps.as_deref(), FEED_AGE, language)?;
        if keeps.is_some_and(|keeps| keeps < FEED_AGE_MIN) {
            bail!(pick(
                language,
                "feed_keeps는 1분 이상이거나 never여야 합니다",
                "feed_keeps is a minute or more, or `never`"
            ));
        }
        Ok(keeps)
    }
}

/// A whole number and its unit; `None` is never.
fn span(name: &str, said: Option<&str>, unless: Duration, language: Language) -> Result<Option<Duration>> {
    let Some(said) = said else { return Ok(Some(unless)) };
    if said == "never" {
        return Ok(None);
    }
    let units = [('s', 1), ('m', 60), ('h', 3_600), ('d', 24 * 3_600)];
    let found = units.iter().find_map(|(unit, seconds)| {
        let number = said.strip_suffix(*unit)?.parse::<u64>().ok()?;
        number.checked_mul(*seconds).map(Duration::from_secs)
    });
    match found.filter(|span| *span <= LONGEST) {
        Some(span) => Ok(Some(span)),
        None => bail!(pick(
            language,
            format!("{name}가 {said:?}입니다. 90s, 10m, 12h, 30d처럼 쓰거나 never로 하세요"),
            format!(
                "{name} is {said:?}: say a number with its unit, such as 90s, 10m, 12h or 30d, or `never`"
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(every: &str, after: &str) -> Result<ArchiveSettings> {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let (archive_every, archive_after) = (some(every), some(after));
        Settings { archive_every, archive_after, ..Settings::default() }.archive(Language::English)
    }

    #[test]
    fn spans_have_a_unit_and_there_is_a_never() {
        let unless = ArchiveSettings { every: Some(EVERY), after: Some(AFTER) };
        assert_eq!(said("", "").expect("defaults"), unless);
        let some = ArchiveSettings { every: Some(Duration::from_secs(90)), after: Some(Duration::ZERO) };
        assert_eq!(said("90s", "0s").expect("spans"), some);
        let same = ArchiveSettings { every: Some(Duration::from_secs(7_200)), after: Some(AFTER) };
        assert_eq!(said("2h", "30d").expect("spans"), same);
        assert_eq!(said("never", "never").expect("nothing"), ArchiveSettings { every: None, after: None });
        for bad in ["30", "d", "-1d", "1.5h", "30 d", "99999999999999999999d", "40000d", "일주일"] {
            let refused = said("1h", bad).expect_err(bad).to_string();
            assert!(refused.contains("archive_after") && refused.contains("30d"), "{refused}");
        }
        assert!(said("0s", "").is_err());
    }

    #[test]
    fn the_feed_is_kept_for_a_while_or_for_ever() {
        let said = |keeps: Option<&str>| {
            let feed_keeps = keeps.map(str::to_owned);
            Settings { feed_keeps, ..Settings::default() }.feed_keeps(Language::Korean)
        };
        assert_eq!(said(None).expect("a default"), Some(FEED_AGE));
        assert_eq!(said(Some("2d")).expect("a span"), Some(Duration::from_secs(172_800)));
        assert_eq!(said(Some("never")).expect("for ever"), None);
        assert!(said(Some("59s")).is_err() && said(Some("90")).is_err());
    }
}
