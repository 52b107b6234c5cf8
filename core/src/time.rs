//! Times as people read them. All formats and interfaces hold them as whole seconds since 1970 (UTC) in a `u64`; only when a
//! file was last changed, which may be before 1970, is an `i64` of the same unit.
//!
//! ```
//! use zkvault_core::time::rfc3339;
//!
//! assert_eq!(rfc3339(1_586_452_560), "2020-04-09T17:16:00Z");
//! ```
//!
//! Core has no clock: every function that needs the time takes it.

const DAY: u64 = 86_400;
/// The first second of the year 10000, which RFC 3339 cannot write.
const END: u64 = 253_402_300_800;

/// A time in the form of RFC 3339, in UTC, or its number where that has none: from the year 10000 on.
///
/// ```
/// use zkvault_core::time::rfc3339;
///
/// assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
/// assert_eq!(rfc3339(951_782_400), "2000-02-29T00:00:00Z");
/// assert_eq!(rfc3339(253_402_300_800), "253402300800", "a service's fault is shown as it is");
/// ```
#[must_use]
pub fn rfc3339(seconds: u64) -> String {
    if seconds >= END {
        return seconds.to_string();
    }
    let (year, month, day) = date(seconds / DAY);
    let second = seconds % DAY;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let pairs = [year / 100, year % 100, month, day, hour, minute, second];
    let mut text = String::with_capacity(20);
    // By hand, because lists have one in each line.
    for (pair, separator) in pairs.into_iter().zip(["", "-", "-", "T", ":", ":", "Z"]) {
        text.extend([digit(pair / 10), digit(pair % 10)]);
        text.push_str(separator);
    }
    text
}

fn digit(number: u64) -> char {
    char::from(b'0' + number as u8)
}

/// The date of a day since 1970-01-01, in the Gregorian calendar. Years are counted from March, so that the leap day is the
/// last of a year, in eras of 400 years, which are all 146,097 days long.
const fn date(day: u64) -> (u64, u64, u64) {
    let day = day + 719_468; // since 0000-03-01
    let (era, day_of_era) = (day / 146_097, day % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // March and the four months after it have 153 days, and so do the next five.
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_everywhere_else() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_586_452_560, "2020-04-09T17:16:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
            (253_402_300_800, "253402300800"),
            (u64::MAX, "18446744073709551615"),
        ] {
            assert_eq!(rfc3339(seconds), text);
        }
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let days_of = |year: u64, month: u64| match month {
            2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let (mut year, mut month, mut day) = (1970, 1, 1);
        for number in 0..END / DAY {
            assert_eq!(date(number), (year, month, day), "day {number}");
            day += 1;
            if day > days_of(year, month) {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
    }
}
