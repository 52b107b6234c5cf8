//! When a link ends.

use std::fmt;
use std::str::FromStr;

use crate::time::{self, Day, Utc};

/// When a link to a data repository ends: a day, as the page has it, sent as `2030/01/02` and meaning its beginning in
/// UTC; or a time, which not every instance takes, sent as `2030-01-02T03:04:05Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SasExpiry(End);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Day(Day),
    /// In seconds since 1970.
    Time(u64),
}

impl SasExpiry {
    /// The first day that begins so many whole days after `now`, in seconds since 1970, or later.
    #[must_use]
    pub fn days_after(now: u64, days: u16) -> Self {
        Self(End::Day(Day::of(now).plus(u64::from(days) + 1)))
    }

    /// Seconds since 1970 (UTC); 0 for anything earlier.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        match self.0 {
            End::Day(day) => day.start(),
            End::Time(seconds) => seconds,
        }
    }
}

/// As it is sent.
impl fmt::Display for SasExpiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            End::Day(day) => {
                let (year, month, day) = day.parts();
                write!(f, "{year:04}/{month:02}/{day:02}")
            }
            End::Time(seconds) => Utc(seconds).fmt(f),
        }
    }
}

impl FromStr for SasExpiry {
    type Err = SasExpiryError;

    /// Reads `2030/01/02`, `2030-01-02`, or a time of RFC 3339 with its offset.
    fn from_str(text: &str) -> Result<Self, SasExpiryError> {
        let end = match text.len() {
            10 => Day::parse(&text.replace('/', "-")).map(End::Day),
            _ => time::seconds(text).map(End::Time),
        };
        end.map(Self).ok_or(SasExpiryError)
    }
}

/// A text is no day and no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a day is written 2030/01/02 and means its beginning in UTC; a time is written 2030-01-02T15:04:05Z")]
pub struct SasExpiryError;

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(text: &str) -> Option<String> {
        text.parse::<SasExpiry>().ok().map(|expiry| expiry.to_string())
    }

    #[test]
    fn days_and_times_are_sent_in_utc() {
        let cases = [
            ("2030/01/02", "2030/01/02"),
            ("2030-01-02", "2030/01/02"),
            ("2030-01-02T03:04:05Z", "2030-01-02T03:04:05Z"),
            ("2030-01-02T03:04:05.9+02:00", "2030-01-02T01:04:05Z"),
            ("2030-01-02 03:04Z", "2030-01-02T03:04:00Z"),
        ];
        for (text, expected) in cases {
            assert_eq!(sent(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "tomorrow",
            "2030/02/30",
            "02/01/2030",
            "2030-01-02T03:04:05",
            "20300102",
        ] {
            assert_eq!(sent(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_of_days_is_never_less() {
        // 2026-11-23T15:33:27Z
        let now = 1_795_448_007;
        let expiry = |days| SasExpiry::days_after(now, days);
        assert_eq!(expiry(1).to_string(), "2026/11/25");
        assert!(expiry(1).seconds() - now >= 86_400);
        assert_eq!(expiry(30).to_string(), "2026/12/24");
        assert_eq!(SasExpiry::days_after(u64::MAX, u16::MAX).to_string(), "9999/12/31");
    }

    #[test]
    fn seconds_count_from_1970() {
        let seconds = |text: &str| text.parse::<SasExpiry>().unwrap().seconds();
        assert_eq!(seconds("2030/01/02"), 1_893_542_400);
        assert_eq!(seconds("2030-01-02T03:04:05Z"), 1_893_553_445);
        assert_eq!(seconds("1960/01/01"), 0);
    }
}
