//! Dates and times in UTC, as much as addresses and links have of them. Of our own, because a library of time would be a
//! sixth of the npm package's module; tested against one.

use std::fmt;

const SECONDS_PER_DAY: u64 = 86_400;
/// 9999-12-31, counted as below.
const LAST_DAY: u64 = 2_932_896;

/// A day of the years 1970 to 9999, by its number since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(u64);

impl Day {
    /// The day in which a second since 1970 lies, or the last one.
    pub(crate) fn of(seconds: u64) -> Self {
        Self((seconds / SECONDS_PER_DAY).min(LAST_DAY))
    }

    /// So many days later, or the last one.
    pub(crate) fn plus(self, days: u64) -> Self {
        Self(self.0.saturating_add(days).min(LAST_DAY))
    }

    /// Its first second since 1970.
    pub(crate) fn start(self) -> u64 {
        self.0 * SECONDS_PER_DAY
    }

    /// Reads `2030-01-02`. A day before 1970 counts as its first.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (year, rest) = number(text, 4)?;
        let (month, rest) = number(rest.strip_prefix('-')?, 2)?;
        let (day, rest) = number(rest.strip_prefix('-')?, 2)?;
        let exists = rest.is_empty() && (1..=12).contains(&month) && (1..=month_len(year, month)).contains(&day);
        exists.then(|| Self(days_before(year, month, day).saturating_sub(days_before(1970, 1, 1))))
    }

    /// Year, month and day of the month: counted from the first of March, so that the odd day is a year's last.
    pub(crate) fn parts(self) -> (u64, u64, u64) {
        let days = self.0 + days_before(1970, 1, 1);
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        (era * 400 + year_of_era + u64::from(month <= 2), month, day)
    }
}

/// Days since the first of March of the year 0 (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn days_before(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year.saturating_sub(1) } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    365 * year + year / 4 - year / 100 + year / 400 + day_of_year
}

fn month_len(year: u64, month: u64) -> u64 {
    let is_leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    match month {
        2 => 28 + u64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Reads a time of RFC 3339, with or without seconds and their fractions, which are dropped. Seconds since 1970; 0 for
/// anything earlier.
pub(crate) fn seconds(text: &str) -> Option<u64> {
    let (date, clock) = text.split_at_checked(10)?;
    let clock = clock.strip_prefix(['T', 't', ' '])?;
    let (hour, rest) = number(clock, 2)?;
    let (minute, rest) = number(rest.strip_prefix(':')?, 2)?;
    let (second, rest) = match rest.strip_prefix(':') {
        Some(rest) => number(rest, 2)?,
        None => (0, rest),
    };
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|digit: char| digit.is_ascii_digit());
            (zone.len() < fraction.len()).then_some(zone)?
        }
        None => rest,
    };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let local = Day::parse(date)?.start() + hour * 3600 + minute * 60 + second;
    local_to_utc(local, rest)
}

fn local_to_utc(local: u64, zone: &str) -> Option<u64> {
    if matches!(zone, "Z" | "z") {
        return Some(local);
    }
    let (hours, minutes) = zone.strip_prefix(['+', '-'])?.split_once(':')?;
    let ((hours, ""), (minutes, "")) = (number(hours, 2)?, number(minutes, 2)?) else {
        return None;
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    let offset = hours * 3600 + minutes * 60;
    Some(match zone.starts_with('+') {
        true => local.saturating_sub(offset),
        false => local.saturating_add(offset),
    })
}

/// A number of so many digits, and what follows it.
fn number(text: &str, digits: usize) -> Option<(u64, &str)> {
    let (number, rest) = text.split_at_checked(digits)?;
    let plain = number.bytes().all(|byte| byte.is_ascii_digit());
    Some((number.parse().ok().filter(|_| plain)?, rest))
}

/// A time as `2030-01-02T03:04:05Z`.
pub(crate) struct Utc(pub(crate) u64);

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = Day::of(self.0);
        let ((year, month, of_month), rest) = (day.parts(), self.0 - day.start());
        let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
        write!(
            f,
            "{year:04}-{month:02}-{of_month:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    const LAST: i64 = 253_402_207_200;

    proptest! {
        #[test]
        fn a_library_of_time_reads_and_writes_the_same(second in 0..LAST) {
            let theirs = Timestamp::from_second(second).unwrap().to_string();
            let ours = Utc(second as u64).to_string();
            prop_assert_eq!(&ours, &theirs);
            prop_assert_eq!(seconds(&theirs), Some(second as u64));
        }

        #[test]
        fn and_takes_what_is_taken_here(text in "[12][0-9]{3}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9](:[0-6][0-9](\\.[0-9]{1,3})?)?(Z|[+-][0-2][0-9]:[0-6][0-9])") {
            if let Some(ours) = seconds(&text) {
                let theirs: Timestamp = text.parse().unwrap();
                prop_assert_eq!(ours, theirs.as_second().max(0) as u64);
            }
        }

        #[test]
        fn any_text_is_a_time_or_none(text in "\\PC{0,30}") {
            let _ = (seconds(&text), Day::parse(&text));
        }
    }

    #[test]
    fn days_that_are_not_in_the_calendar() {
        for day in [
            "2030-02-29",
            "2100-02-29",
            "2030-13-01",
            "2030-00-01",
            "2030-01-00",
            "2030-04-31",
            "+030-01-01",
            "2030-1-01",
        ] {
            assert_eq!(Day::parse(day), None, "{day}");
        }
        assert_eq!(Day::parse("2000-02-29").map(Day::parts), Some((2000, 2, 29)));
        assert_eq!(Day::parse("9999-12-31"), Some(Day(LAST_DAY)));
        assert_eq!(Day::of(u64::MAX).parts(), (9999, 12, 31));
        assert_eq!(Day::parse("1960-01-01").map(Day::start), Some(0));
    }
}
