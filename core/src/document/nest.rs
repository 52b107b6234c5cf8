//! Finds where a JSON object, array or string ends, without looking at anything else in it.
//!
//! One pass with `memchr` through strings, so that a site costs little more than to be copied. Brackets that do not
//! match, and bytes that are no JSON, are found by the parser of the part.

/// Levels of arrays and objects that one site, or one other member of the document, may have.
///
/// A parser recurses for each level, so that a limit is needed.
pub const MAX_DEPTH: usize = 64;

/// Where a scan stands within one object, array or string.
///
/// Counts brackets of both kinds alike: that they match is left to the parser which reads the part afterwards.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Nest {
    depth: usize,
    text: Text,
    /// Whether any depth is taken.
    is_deep: bool,
}

#[derive(Debug, Clone, Copy, Default)]
enum Text {
    #[default]
    Outside,
    Inside,
    /// After a backslash.
    Escaped,
}

/// More than [`MAX_DEPTH`] levels.
#[derive(Debug)]
pub(super) struct TooDeep;

impl Nest {
    /// From here on, any depth is taken: nobody will parse the part.
    pub(super) fn count_only(&mut self) {
        self.is_deep = true;
    }

    /// Reads on; gives the number of bytes up to and including the last one of the part, when that is there.
    pub(super) fn advance(&mut self, bytes: &[u8]) -> Result<Option<usize>, TooDeep> {
        let mut rest = bytes;
        loop {
            let after = match self.text {
                Text::Outside => self.outside(rest)?,
                Text::Inside => self.inside(rest),
                Text::Escaped => self.escaped(rest),
            };
            let Some(after) = after else { return Ok(None) };
            rest = after;
            if self.depth == 0 && matches!(self.text, Text::Outside) {
                return Ok(Some(bytes.len() - rest.len()));
            }
        }
    }

    /// Stops after a quote, or after the bracket that closes the part.
    fn outside<'a>(&mut self, bytes: &'a [u8]) -> Result<Option<&'a [u8]>, TooDeep> {
        let mut bytes = bytes.iter();
        for byte in bytes.by_ref() {
            match byte {
                b'"' => {
                    self.text = Text::Inside;
                    return Ok(Some(bytes.as_slice()));
                }
                b'{' | b'[' if self.depth == MAX_DEPTH && !self.is_deep => return Err(TooDeep),
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Ok(Some(bytes.as_slice()));
                    }
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// Stops after the closing quote, or after a backslash.
    fn inside<'a>(&mut self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let at = memchr::memchr2(b'"', b'\\', bytes)?;
        let (found, after) = bytes.get(at..)?.split_first()?;
        self.text = if *found == b'"' { Text::Outside } else { Text::Escaped };
        Some(after)
    }

    /// Skips the byte after a backslash: of `\u` and its digits none can be a quote.
    fn escaped<'a>(&mut self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let (_, after) = bytes.split_first()?;
        self.text = Text::Inside;
        Some(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &str) -> Option<usize> {
        Nest::default().advance(text.as_bytes()).unwrap()
    }

    #[test]
    fn ends_where_the_part_ends() {
        for part in [
            "{}",
            "[]",
            r#""""#,
            r#"{"a":[1,{}]}"#,
            r#""\"}\\""#,
            r#"{"}\"}":"]"}"#,
            r#""\u005c""#,
        ] {
            assert_eq!(end(&format!("{part}, \"rest\"]}}")), Some(part.len()), "{part}");
            assert_eq!(end(&part[..part.len() - 1]), None, "{part}");
        }
    }

    #[test]
    fn the_depth_limit_is_exact() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(end(&nested(MAX_DEPTH)), Some(2 * MAX_DEPTH));
        assert!(Nest::default().advance(nested(MAX_DEPTH + 1).as_bytes()).is_err());
    }
}
