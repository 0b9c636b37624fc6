//! Pure: when what was not taken is sent again, and when it is given up.

use std::time::Duration;

use trainyard_events::limits::HOOK_DAY;

/// How long receivers are waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Before the second try, twice as long before each that follows, and at most.
    pub first: Duration,
    pub longest: Duration,
    /// From the first try to the last.
    pub day: Duration,
    /// From the first look for the receiver's name to its answer.
    pub answer: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            first: Duration::from_secs(5),
            longest: Duration::from_secs(3_600),
            day: HOOK_DAY,
            answer: Duration::from_secs(15),
        }
    }
}

impl Patience {
    /// After so many tries that failed one after the other, and what the receiver itself asks for. `lot`, from 0 to 1, spreads
    /// those who failed together.
    pub(crate) fn pause(&self, tries: u32, asked: Option<Duration>, lot: f64) -> Duration {
        let doubled = self.first.saturating_mul(1 << tries.saturating_sub(1).min(20)).min(self.longest);
        let asked = asked.unwrap_or_default().min(self.longest);
        doubled.mul_f64(0.5 + lot.clamp(0.0, 1.0) / 2.0).max(asked)
    }

    /// Whether what was tried first at `since` (both in milliseconds) is given up.
    pub(crate) fn is_over(&self, since: i64, now: i64) -> bool {
        i128::from(now) - i128::from(since) >= self.day.as_millis().cast_signed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour_and_fill_a_day_with_some_thirty_tries() {
        let patience = Patience::default();
        let seconds = |tries| patience.pause(tries, None, 1.0).as_secs();
        assert_eq!(
            [1, 2, 3, 4, 9, 10, 11, 40, u32::MAX].map(seconds),
            [5, 10, 20, 40, 1280, 2560, 3600, 3600, 3600]
        );
        let (mut passed, mut tries) = (0, 1);
        while passed < HOOK_DAY.as_secs() {
            passed += seconds(tries);
            tries += 1;
        }
        assert!((30..40).contains(&tries), "{tries}");
    }

    #[test]
    fn a_lot_shortens_a_pause_by_half_at_most_and_the_receiver_may_ask_for_more() {
        let patience = Patience::default();
        assert_eq!(patience.pause(2, None, 0.0), Duration::from_secs(5));
        assert_eq!(patience.pause(2, None, 0.5), Duration::from_millis(7_500));
        let asked = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(patience.pause(1, asked(30), 1.0), Duration::from_secs(30));
        assert_eq!(patience.pause(4, asked(1), 1.0), Duration::from_secs(40));
        assert_eq!(patience.pause(1, asked(1_000_000), 1.0), patience.longest);
    }

    #[test]
    fn a_day_is_over_after_a_day() {
        let patience = Patience::default();
        let day = i64::try_from(HOOK_DAY.as_millis()).expect("a day");
        assert!(!patience.is_over(1_000, 999 + day) && patience.is_over(1_000, 1_000 + day));
        // A clock that was set back makes nothing old, and the ends of time do not overflow.
        assert!(!patience.is_over(1_000, 0) && patience.is_over(i64::MIN, i64::MAX));
    }
}
