//! Times as people read them. They come in whole seconds since 1970 (UTC).

/// A time in the form of RFC 3339, or its number where that has none.
pub(crate) use zkvault_core::time::rfc3339 as shown;

/// How long ago something was, in words: "3 minutes ago".
pub(crate) fn ago(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{end} ago")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_the_largest_whole_unit() {
        let cases = [
            (0, "0 seconds ago"),
            (1, "1 second ago"),
            (119, "1 minute ago"),
            (7199, "1 hour ago"),
            (86_399, "23 hours ago"),
            (400 * 86_400, "400 days ago"),
        ];
        for (seconds, words) in cases {
            assert_eq!(ago(seconds), words);
        }
    }
}
