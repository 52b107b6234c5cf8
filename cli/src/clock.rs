//! Times as people read them. They come in whole seconds since 1970 (UTC).

use serde::{Serialize, Serializer};
use zkvault::time;

/// A time in the form of RFC 3339, or its number where that has none.
pub(crate) use zkvault_core::time::rfc3339 as shown;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;
const TWO_WEEKS: u64 = 2 * WEEK;
/// On average, in the Gregorian calendar.
const MONTH: u64 = YEAR / 12;
const TWO_MONTHS: u64 = 2 * MONTH;
const YEAR: u64 = 31_556_952;
const TWO_YEARS: u64 = 2 * YEAR;

/// A time as programs get it: in the form of RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp(pub(crate) u64);

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&shown(self.0))
    }
}

/// How times are written on a terminal: as ages, or as they are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    /// Ages are counted from here.
    now: Option<u64>,
}

impl Times {
    /// As ages, unless `iso`, or where this machine does not know the time.
    pub(crate) fn new(iso: bool) -> Self {
        Self {
            now: time::now().ok().filter(|_| !iso),
        }
    }

    #[cfg(test)]
    pub(crate) const fn relative_to(now: u64) -> Self {
        Self { now: Some(now) }
    }

    /// `3 weeks ago`, or `2020-04-09T17:16:00Z`.
    pub(crate) fn shown(self, seconds: u64) -> String {
        match self.now {
            None => shown(seconds),
            Some(now) if seconds > now => ahead(seconds - now),
            Some(now) => ago(now - seconds),
        }
    }
}

/// How long ago something was, in words: "3 minutes ago".
pub(crate) fn ago(seconds: u64) -> String {
    match seconds {
        0..MINUTE => "just now".to_owned(),
        _ => format!("{} ago", words(seconds)),
    }
}

/// How long something takes, in words: "3 minutes".
pub(crate) fn span(seconds: u64) -> String {
    match seconds {
        1 => "1 second".to_owned(),
        0..MINUTE => format!("{seconds} seconds"),
        _ => words(seconds),
    }
}

/// How long it is until then: also what the clocks of two machines differ by.
fn ahead(seconds: u64) -> String {
    match seconds {
        0..MINUTE => "just now".to_owned(),
        _ => format!("in {}", words(seconds)),
    }
}

/// The largest unit of which there are at least two, or one where there is no smaller one to say it better.
fn words(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..HOUR => (seconds / MINUTE, "minute"),
        HOUR..DAY => (seconds / HOUR, "hour"),
        DAY..TWO_WEEKS => (seconds / DAY, "day"),
        TWO_WEEKS..TWO_MONTHS => (seconds / WEEK, "week"),
        TWO_MONTHS..TWO_YEARS => (seconds / MONTH, "month"),
        _ => (seconds / YEAR, "year"),
    };
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_the_unit_that_fits() {
        let cases = [
            (0, "just now"),
            (59, "just now"),
            (119, "1 minute ago"),
            (7199, "1 hour ago"),
            (86_399, "23 hours ago"),
            (13 * DAY, "13 days ago"),
            (21 * DAY, "3 weeks ago"),
            (400 * DAY, "13 months ago"),
            (6 * YEAR, "6 years ago"),
        ];
        for (seconds, words) in cases {
            assert_eq!(ago(seconds), words);
        }
    }

    #[test]
    fn a_time_to_come_is_told_too_and_iso_is_what_it_is() {
        let times = Times::relative_to(1000);
        assert_eq!(times.shown(1000 + 3 * DAY), "in 3 days");
        assert_eq!(times.shown(1030), "just now");
        assert_eq!(times.shown(0), "16 minutes ago");
        assert_eq!(Times::new(true).shown(0), "1970-01-01T00:00:00Z");
    }
}
