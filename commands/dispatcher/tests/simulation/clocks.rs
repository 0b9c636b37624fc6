//! The wall clocks of the simulation: time passes on all of them, and most are wrong.

use std::cell::Cell;
use std::time::Duration;

use time::OffsetDateTime;
use time::macros::datetime;
use trainyard_door::Clock;

const BEGIN: OffsetDateTime = datetime!(2026-01-01 00:00 UTC);
const HOUR: Duration = Duration::from_secs(3_600);

thread_local! {
    static PASSED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// A right one first.
pub(super) const CLOCKS: [Clock; 3] = [right, fast, slow];

/// So much time has passed since the beginning.
pub(super) fn pass(passed: Duration) {
    PASSED.set(passed);
}

fn right() -> OffsetDateTime {
    BEGIN + PASSED.get()
}

fn fast() -> OffsetDateTime {
    right() + HOUR
}

fn slow() -> OffsetDateTime {
    right() - HOUR
}
