//! References to values: `zkv://<site name or id>/<field>`, percent-encoded.
//!
//! ```
//! use zkvault_core::reference::Reference;
//!
//! let reference: Reference = "zkv://Bank%20of%20Halden/password".parse()?;
//! assert_eq!((reference.site.as_str(), reference.field.as_str()), ("Bank of Halden", "password"));
//! # Ok::<(), zkvault_core::reference::ReferenceError>(())
//! ```
//!
//! A reference may stand in a template, a script or an environment, where anyone reads it: it names a value and holds
//! none. It is resolved by [`crate::resolve`] and [`crate::site`], among sites with a trusted copy first (threat
//! model, Z48 and Z64).

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::text::trimmed;

const SCHEME: &str = "zkv://";
/// The field that is meant where none is named.
const USUAL_FIELD: &str = "password";
/// The longest reference that is read, in bytes: 8 KiB.
const MAX_LEN: usize = 8 * 1024;
/// What is written encoded, besides all that is not ASCII: what would end the part or the reference, and what people could not see or copy.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'/').add(b'?');

/// A reference to one value: the site by its name or id, and one of its fields.
///
/// Read strictly: no part is empty, `?` and `#` have a meaning in addresses that they do not have here, and a `%` is
/// always followed by two hexadecimal digits. Written in ASCII.
///
/// ```
/// use zkvault_core::reference::{Reference, ReferenceError};
///
/// let reference = Reference { site: "Bank of Halden/Nord".to_owned(), field: "passwört".to_owned() };
/// let text = reference.to_string();
/// assert_eq!(text, "zkv://Bank%20of%20Halden%2FNord/passw%C3%B6rt");
/// assert_eq!(text.parse::<Reference>()?, reference);
/// assert_eq!("zkv://GitHub".parse::<Reference>(), Err(ReferenceError::Parts));
/// assert_eq!("zkv://GitHub/otp?attribute=x".parse::<Reference>(), Err(ReferenceError::Encoding));
/// # Ok::<(), ReferenceError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The site's name or id.
    pub site: String,
    /// One of its fields.
    pub field: String,
}

impl Reference {
    /// What a person means by a reference, or by only a site, whose password is meant then.
    ///
    /// ```
    /// use zkvault_core::reference::Reference;
    ///
    /// let reference = Reference::of("github.com")?;
    /// assert_eq!((reference.site.as_str(), reference.field.as_str()), ("github.com", "password"));
    /// assert_eq!(Reference::of("zkv://GitHub/otp")?.field, "otp");
    /// # Ok::<(), zkvault_core::reference::ReferenceError>(())
    /// ```
    ///
    /// A site's name may hold a slash or a percent sign: without the scheme, nothing is decoded.
    ///
    /// # Errors
    /// [`ReferenceError`] for a text that begins with `zkv://` and is no reference.
    pub fn of(text: &str) -> Result<Self, ReferenceError> {
        match trimmed(text) {
            reference if reference.starts_with(SCHEME) => reference.parse(),
            site => Ok(Self {
                site: site.to_owned(),
                field: USUAL_FIELD.to_owned(),
            }),
        }
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        if text.len() > MAX_LEN {
            return Err(ReferenceError::TooLong { bytes: text.len() });
        }
        let rest = text.strip_prefix(SCHEME).ok_or(ReferenceError::Scheme)?;
        let (site, field) = rest.split_once('/').ok_or(ReferenceError::Parts)?;
        if field.contains('/') {
            return Err(ReferenceError::Parts);
        }
        Ok(Self {
            site: decode(site)?,
            field: decode(field)?,
        })
    }
}

/// `percent_encoding` would leave a stray `%` as it is; here it is an error, so that each reference has one meaning.
fn decode(part: &str) -> Result<String, ReferenceError> {
    let is_hex = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
    let mut bytes = part.as_bytes();
    while let Some((first, rest)) = bytes.split_first() {
        let encoded = is_hex(rest.first()) && is_hex(rest.get(1));
        if matches!(first, b'?' | b'#') || (*first == b'%' && !encoded) {
            return Err(ReferenceError::Encoding);
        }
        bytes = rest;
    }
    match percent_decode_str(part).decode_utf8() {
        Ok(decoded) if !decoded.is_empty() => Ok(decoded.into_owned()),
        _ => Err(ReferenceError::Encoding),
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { site, field } = self;
        let encode = |part| utf8_percent_encode(part, ENCODED);
        write!(f, "{SCHEME}{}/{}", encode(site), encode(field))
    }
}

/// A text is not a reference to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// It is too long.
    #[error("it has {bytes} bytes: at most {MAX_LEN} are read")]
    TooLong {
        /// Its bytes.
        bytes: usize,
    },
    /// It is something else.
    #[error("it does not begin with zkv://")]
    Scheme,
    /// It names no field, or more than a site and a field.
    #[error("it has not exactly two parts, a site and a field")]
    Parts,
    /// A part cannot be read.
    #[error("a part is empty, or not percent-encoded UTF-8")]
    Encoding,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Result<(String, String), ReferenceError> {
        text.parse().map(|Reference { site, field }| (site, field))
    }

    #[test]
    fn references_are_decoded() {
        let some = |site: &str, field: &str| Ok((site.to_owned(), field.to_owned()));
        assert_eq!(parts("zkv://GitHub/password"), some("GitHub", "password"));
        assert_eq!(parts("zkv://a%2Fb%25/x%20y"), some("a/b%", "x y"));
        assert_eq!(parts("zkv://Größe/%e5%a4%a7"), some("Größe", "大"));
        assert_eq!(parts("zkv://100+1 &c/p"), some("100+1 &c", "p"), "a plus is a plus");
    }

    #[test]
    fn everything_else_is_refused() {
        for (wrong, error) in [
            ("", ReferenceError::Scheme),
            ("GitHub/password", ReferenceError::Scheme),
            ("ZKV://a/b", ReferenceError::Scheme),
            ("zkv:/a/b", ReferenceError::Scheme),
            ("zkv://a", ReferenceError::Parts),
            ("zkv://a/b/c", ReferenceError::Parts),
            ("zkv://a/b/", ReferenceError::Parts),
            ("zkv://a/", ReferenceError::Encoding),
            ("zkv:///b", ReferenceError::Encoding),
            ("zkv://a%/b", ReferenceError::Encoding),
            ("zkv://a%2/b", ReferenceError::Encoding),
            ("zkv://a%zz/b", ReferenceError::Encoding),
            ("zkv://%ff/b", ReferenceError::Encoding),
            ("zkv://a?x/b", ReferenceError::Encoding),
            ("zkv://a/b#c", ReferenceError::Encoding),
        ] {
            assert_eq!(parts(wrong), Err(error), "{wrong}");
        }
        let long = format!("zkv://a/{}", "b".repeat(MAX_LEN));
        assert_eq!(parts(&long), Err(ReferenceError::TooLong { bytes: long.len() }));
    }

    #[test]
    fn a_reference_is_written_as_it_is_read() {
        for text in [
            "zkv://GitHub/password",
            "zkv://a%2Fb%25%3F%23%0A/x%20y",
            "zkv://Gr%C3%B6%C3%9Fe/%E5%A4%A7",
        ] {
            let reference: Reference = text.parse().unwrap();
            assert_eq!(reference.to_string(), text);
        }
    }
}
