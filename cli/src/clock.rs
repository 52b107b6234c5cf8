//! The time, in the whole seconds since 1970 (UTC) that the formats hold.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::{CliError, Exit, Result};

/// Now.
pub(crate) fn now() -> Result<u64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map(|since| since.as_secs()).map_err(|error| {
        CliError::new(Exit::Other, "clock", "the clock of this machine stands before 1970").cause(error)
    })
}

/// A time in the form of RFC 3339, or its number where that has none.
pub(crate) fn shown(seconds: u64) -> String {
    let timestamp = i64::try_from(seconds)
        .ok()
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    timestamp.map_or_else(|| seconds.to_string(), |timestamp| timestamp.to_string())
}

/// A file system's time in whole seconds since 1970, before which it is negative.
pub(crate) fn seconds(time: SystemTime) -> Option<i64> {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).ok(),
        Err(before) => i64::try_from(before.duration().as_secs()).ok().map(|seconds| -seconds),
    }
}
