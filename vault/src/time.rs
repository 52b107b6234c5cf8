//! Times: whole seconds since 1970 (UTC) as `u64`, as all formats hold them. The one exception is when a file was last
//! changed, which may be before that and is an `i64` of the same unit.
//!
//! ```
//! use std::time::{Duration, UNIX_EPOCH};
//!
//! use zkvault::time::{of_file, parse_duration, to_file};
//!
//! assert_eq!(parse_duration("1h30m"), Some(Duration::from_secs(5400)));
//! assert_eq!(parse_duration("tomorrow"), None);
//! assert_eq!(of_file(UNIX_EPOCH - Duration::from_secs(60)), Some(-60));
//! assert_eq!(to_file(-60), Some(UNIX_EPOCH - Duration::from_secs(60)));
//! ```
//!
//! Functions that need the time take it as `now`, so that a caller has one clock and a test has any.

use std::time::{Duration, SystemTime, SystemTimeError, UNIX_EPOCH};

/// The system clock is set before 1970.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the system clock is set before 1970")]
pub struct ClockError(#[source] SystemTimeError);

codes!(ClockError {
    Self(_) => "clock",
});

/// The system's time.
///
/// # Errors
///
/// [`ClockError`]: no date could be told from a clock that is wrong by decades.
pub fn now() -> Result<u64, ClockError> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map(|since| since.as_secs()).map_err(ClockError)
}

/// A file system's time, which may be before 1970; `None` for one that no `i64` holds.
#[must_use]
pub fn of_file(time: SystemTime) -> Option<i64> {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).ok(),
        Err(before) => i64::try_from(before.duration().as_secs()).ok().map(|seconds| -seconds),
    }
}

/// The other way round: the time of a file system; `None` for one that the system cannot hold.
#[must_use]
pub fn to_file(seconds: i64) -> Option<SystemTime> {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    match seconds {
        0.. => UNIX_EPOCH.checked_add(distance),
        _ => UNIX_EPOCH.checked_sub(distance),
    }
}

/// Reads a duration as people write it: `90s`, `15m`, `1h30m`; `None` for anything else, and for a negative one.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let parsed: jiff::SignedDuration = text.trim().parse().ok()?;
    Duration::try_from(parsed).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, seconds) in [
            ("90s", 90),
            ("15m", 900),
            ("1h30m", 5400),
            ("1h 30m", 5400),
            (" 2h ", 7200),
        ] {
            assert_eq!(parse_duration(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "15", "-1m", "1 month", "soon"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn times_before_1970_are_negative() {
        let second = Duration::from_secs(1);
        assert_eq!(of_file(UNIX_EPOCH + second), Some(1));
        assert_eq!(of_file(UNIX_EPOCH - second), Some(-1));
        assert!(now().unwrap() > 1_700_000_000);
    }
}
