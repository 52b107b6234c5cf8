//! Numbers of the API on their way to JavaScript.

use serde::{Serialize, Serializer};

/// The largest integer that a JavaScript number holds for certain: 2^53 − 1.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// A number of the API: a JSON number where JavaScript reads it exactly, else its digits as a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ApiId(pub(crate) u64);

impl Serialize for ApiId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            0..=MAX_SAFE_INTEGER => serializer.serialize_u64(self.0),
            more => serializer.collect_str(&more),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::write;

    #[test]
    fn a_number_that_javascript_would_round_is_a_string() {
        assert_eq!(write(&ApiId(9_007_199_254_740_991)).unwrap(), "9007199254740991");
        assert_eq!(write(&ApiId(9_007_199_254_740_992)).unwrap(), "\"9007199254740992\"");
        assert_eq!(write(&ApiId(u64::MAX)).unwrap(), "\"18446744073709551615\"");
    }
}
