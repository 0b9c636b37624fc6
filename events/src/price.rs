//! What time on workers costs, and the month that it is counted in. Amounts of money are whole millionths of the currency's
//! unit, so that sums are exact.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::macros::offset;
use time::{Date, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

use crate::limits;

/// Millionths of a unit of money.
pub const MILLIONTHS: u64 = 1_000_000;
const HOUR_MS: u128 = 3_600_000;

/// What an hour on a worker of one pool costs; where a job has GPUs to itself, on each of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Price {
    /// ISO 4217, such as `KRW`.
    pub currency: String,
    /// Millionths for an hour.
    pub hour: u64,
    /// The same where the trainer's name of its device has this in it, in whatever case; the longest that fits counts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub devices: BTreeMap<String, u64>,
}

impl Price {
    /// Millionths for an hour on `device`; before it is known, as for any of the pool.
    pub fn of(&self, device: Option<&str>) -> u64 {
        let Some(device) = device.map(str::to_lowercase) else { return self.hour };
        let fits = |name: &&String| device.contains(&name.to_lowercase());
        let named = self.devices.keys().filter(fits).max_by_key(|name| (name.chars().count(), *name));
        named.map_or(self.hour, |name| self.devices[name])
    }

    /// For all of so many GPUs, and for one where there are none.
    #[must_use]
    pub fn of_gpus(&self, count: u32) -> Price {
        let all = |hour: &u64| hour.saturating_mul(u64::from(count.max(1)));
        let devices = self.devices.iter().map(|(name, hour)| (name.clone(), all(hour))).collect();
        Price { currency: self.currency.clone(), hour: all(&self.hour), devices }
    }

    /// Whether it can be kept to: three capital letters, few devices with names, and amounts that add up.
    pub fn is_sound(&self) -> bool {
        let letters = self.currency.len() == 3 && self.currency.bytes().all(|byte| byte.is_ascii_uppercase());
        let named = |name: &String| {
            (1..=limits::PRICED_DEVICE_CHARS).contains(&name.trim().chars().count())
                && !name.contains(char::is_control)
        };
        letters
            && self.devices.len() <= limits::PRICED_DEVICES
            && self.devices.keys().all(named)
            && self.devices.values().chain([&self.hour]).all(|hour| *hour <= limits::HOUR_PRICE)
    }
}

/// A calendar month in Seoul, which is nine hours before UTC all year: what reports and budgets are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[0-9]{4}-(0[1-9]|1[0-2])$")))]
#[serde(try_from = "String", into = "String")]
pub struct Month {
    year: i32,
    /// From 1.
    month: u8,
}

/// What is no month.
#[derive(Debug, thiserror::Error, PartialEq)]
#[error("{0:?} is no month such as 2026-11")]
pub struct BadMonth(pub String);

impl Month {
    /// Where months begin and end.
    pub const ZONE: UtcOffset = offset!(+9);
    pub const ZONE_NAME: &str = "Asia/Seoul";

    pub fn of(at: OffsetDateTime) -> Month {
        // What is later than any calendar stays in its last month.
        let there = at.checked_to_offset(Month::ZONE).unwrap_or(at);
        Month { year: there.year(), month: there.month().into() }
    }

    /// Its first moment.
    pub fn begins(self) -> OffsetDateTime {
        let month = time::Month::try_from(self.month).unwrap_or(time::Month::January);
        let date = Date::from_calendar_date(self.year, month, 1).unwrap_or(Date::MAX);
        PrimitiveDateTime::new(date, Time::MIDNIGHT).assume_offset(Month::ZONE)
    }

    pub fn next(self) -> Month {
        match self.month {
            12 => Month { year: self.year + 1, month: 1 },
            month => Month { year: self.year, month: month + 1 },
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = BadMonth;

    fn from_str(text: &str) -> Result<Month, BadMonth> {
        let digits = |part: &str, length: usize| {
            let fits = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
            fits.then(|| part.parse().ok()).flatten()
        };
        let parts =
            text.split_once('-').and_then(|(year, month)| Some((digits(year, 4)?, digits(month, 2)?)));
        match parts {
            Some((year, month @ 1..=12)) => Ok(Month { year, month: month as u8 }),
            _ => Err(BadMonth(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Month {
    type Error = BadMonth;

    fn try_from(text: String) -> Result<Month, BadMonth> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(month: Month) -> String {
        month.to_string()
    }
}

/// Time that leases were held, and what it costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Taken {
    pub held_ms: u64,
    /// Millionths.
    pub cost: u64,
}

impl Taken {
    /// From `begin` to `end` at so many millionths an hour. Clocks of two machines may disagree: no less than nothing.
    pub fn between(begin: OffsetDateTime, end: OffsetDateTime, hour: u64) -> Taken {
        Taken::of(u64::try_from((end - begin).whole_milliseconds()).unwrap_or(0), hour)
    }

    /// So many milliseconds; a part of a millionth is left out.
    pub fn of(held_ms: u64, hour: u64) -> Taken {
        let cost = u128::from(held_ms) * u128::from(hour) / HOUR_MS;
        Taken { held_ms, cost: u64::try_from(cost).unwrap_or(u64::MAX) }
    }

    pub fn add(&mut self, other: Taken) {
        self.held_ms = self.held_ms.saturating_add(other.held_ms);
        self.cost = self.cost.saturating_add(other.cost);
    }

    fn less(self, other: Taken) -> Taken {
        Taken {
            held_ms: self.held_ms.saturating_sub(other.held_ms),
            cost: self.cost.saturating_sub(other.cost),
        }
    }
}

/// The same by months, in order: together exactly [`Taken::between`].
pub fn by_month(begin: OffsetDateTime, end: OffsetDateTime, hour: u64) -> Vec<(Month, Taken)> {
    let (mut month, mut before) = (Month::of(begin), Taken::default());
    let mut months = Vec::new();
    while months.len() < limits::LEASE_MONTHS {
        let turn = month.next().begins();
        let is_last = end <= turn || months.len() + 1 == limits::LEASE_MONTHS;
        let until = Taken::between(begin, if is_last { end } else { turn }, hour);
        months.push((month, until.less(before)));
        if is_last {
            break;
        }
        (month, before) = (month.next(), until);
    }
    months
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_longest_name_that_fits_prices_a_device() {
        let devices = [("H200".to_owned(), 9), ("nvidia".to_owned(), 5)].into();
        let price = Price { currency: "KRW".to_owned(), hour: 3, devices };
        let of = |device| price.of(Some(device));
        assert_eq!((of("cuda:0 NVIDIA h200"), of("NVIDIA L4"), of("cpu (2 threads)")), (5, 5, 3));
        assert_eq!(price.of(None), 3);
        assert!(price.is_sound() && !Price { currency: "won".to_owned(), ..price }.is_sound());
    }

    #[test]
    fn a_month_turns_at_midnight_in_seoul() {
        let november = "2026-11".parse::<Month>().unwrap();
        assert_eq!(Month::of(datetime!(2026-11-30 14:59:59.999 UTC)), november);
        assert_eq!(Month::of(datetime!(2026-11-30 15:00 UTC)), november.next());
        assert_eq!(november.next().begins(), datetime!(2026-11-30 15:00 UTC));
        assert_eq!("2026-12".parse::<Month>().unwrap().next().to_string(), "2027-01");
        for bad in ["2026-13", "2026-00", "26-11", "2026-1", "2026/11", "", "+026-11", "2026-11-01"] {
            assert!(bad.parse::<Month>().is_err(), "{bad}");
        }
    }

    #[test]
    fn nothing_is_lost_between_two_months() {
        let (begin, end) = (datetime!(2026-10-31 14:59:58.5 UTC), datetime!(2026-12-01 03:00:00.001 UTC));
        let months = by_month(begin, end, 3_333_333_333);
        assert_eq!(
            months.iter().map(|(month, _)| month.to_string()).collect::<Vec<_>>().join(" "),
            "2026-10 2026-11 2026-12"
        );
        assert_eq!((months[0].1.held_ms, months[1].1.held_ms), (1_500, 30 * 24 * 3_600_000));
        let mut sum = Taken::default();
        months.iter().for_each(|(_, part)| sum.add(*part));
        assert_eq!(sum, Taken::between(begin, end, 3_333_333_333));
        assert_eq!(by_month(end, begin, 5), [(Month::of(end), Taken::default())]);
    }
}
