//! The one place that reads the wall clock.

use time::{Duration, OffsetDateTime};

/// Where `at` of an envelope comes from. A plain function, so that tests pass their own.
pub type Clock = fn() -> OffsetDateTime;

/// Now in UTC, cut to the microseconds that Postgres keeps.
#[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is told to ask")]
pub fn system_clock() -> OffsetDateTime {
    let now = OffsetDateTime::now_utc() + step();
    now.replace_nanosecond(now.microsecond() * 1_000).expect("whole microseconds are below a second")
}

/// By how much a test of whole processes lets this one's clock be wrong: the seconds in the file that
/// `TRAINYARD_TEST_CLOCK_STEP` names, read at each look, so that the clock steps while the process runs.
///
/// Only where assertions are on, as they are in tests.
fn step() -> Duration {
    static FILE: std::sync::LazyLock<Option<std::ffi::OsString>> =
        std::sync::LazyLock::new(|| std::env::var_os("TRAINYARD_TEST_CLOCK_STEP"));
    if !cfg!(debug_assertions) {
        return Duration::ZERO;
    }
    let seconds = FILE.as_ref().and_then(|file| std::fs::read_to_string(file).ok()?.trim().parse().ok());
    Duration::seconds(seconds.unwrap_or(0))
}
