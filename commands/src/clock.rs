//! The one place that reads the wall clock.

use time::OffsetDateTime;

/// Where `at` of an envelope comes from. A plain function, so that tests pass their own.
pub type Clock = fn() -> OffsetDateTime;

/// Now in UTC, cut to the microseconds that Postgres keeps.
#[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is told to ask")]
pub fn system_clock() -> OffsetDateTime {
    let now = OffsetDateTime::now_utc();
    now.replace_nanosecond(now.microsecond() * 1_000).expect("whole microseconds are below a second")
}
