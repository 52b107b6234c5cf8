//! The name of an account: one form, wherever an account is named (docs/spec/conventions.md#accounts).
//!
//! ```
//! use zkvault_core::account::AccountName;
//!
//! // However it is written, and with the usual path or without, it is one account.
//! let account = AccountName::parse("Acme.LogMeOnce.com")?;
//! assert_eq!(account, AccountName::new("acme.logmeonce.com", None, "/rest/")?);
//! assert_eq!(AccountName::parse("api.example.com:8443/acme")?.host(), "api.example.com");
//! # Ok::<(), zkvault_core::account::AccountNameError>(())
//! ```
//!
//! ```text
//! account = host [":" port] [path]          at most 1,024 bytes of ASCII
//! host    = in lower case, without a final dot; an IPv6 address in brackets, as URL parsers write it
//! port    = only where it is not the scheme's own, without zeros in front
//! path    = only where it is not /rest, without a slash at its end
//! ```
//!
//! The name is bound into what is sealed for an account: activations, pins, chains of backups, the records of a
//! device. Two programs that wrote it differently could not open each other's records, so there is one form, and a
//! reader of a file refuses every other one. Only a caller that has the URL knows which port is the scheme's own, and
//! leaves it out.

mod host;

use std::fmt;

pub use host::HostError;
use host::one_form;

/// The longest name of an account, in bytes.
pub const MAX_ACCOUNT_LEN: usize = 1024;
/// The usual path of the API under its host, which no name repeats.
const API_PATH: &str = "/rest";

/// An account of a service: `host[:port][path]`.
///
/// The host is in its one form (lower case, no final dot, an IPv6 address in brackets as URL parsers write it). The port
/// is there when it is not the scheme's own, the path when it is not `/rest`.
///
/// The type guarantees that form: two values are equal exactly when they name one account. The order is that of the
/// text, for lists.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountName(String);

impl AccountName {
    /// The account at a host and port, with the path of its API; a slash at the path's end does not count.
    ///
    /// International names are given in their `xn--` form: nothing here maps them.
    ///
    /// ```
    /// use zkvault_core::account::{AccountName, AccountNameError};
    ///
    /// let account = AccountName::new("[::FFFF:192.0.2.1]", Some(8443), "/vault/")?;
    /// assert_eq!(account.as_str(), "[::ffff:c000:201]:8443/vault");
    /// assert_eq!(AccountName::new("example.com", None, "/a?b"), Err(AccountNameError::Path));
    /// # Ok::<(), AccountNameError>(())
    /// ```
    ///
    /// # Errors
    /// * [`AccountNameError::Host`] when the host is no name and no address: empty labels, a port or a scheme in it,
    ///   characters outside of `a-z`, `0-9`, `-`, `.` and `_`, or more than 253 of them.
    /// * [`AccountNameError::Path`] when the path does not begin with a slash, or has a character that is not visible
    ///   ASCII or is one of `?`, `#`, `\` and `"`.
    /// * [`AccountNameError::TooLong`] when the whole has more than [`MAX_ACCOUNT_LEN`] bytes.
    pub fn new(host: &str, port: Option<u16>, path: &str) -> Result<Self, AccountNameError> {
        let mut account = one_form(host)?;
        if let Some(port) = port {
            account.push(':');
            account.push_str(&port.to_string());
        }
        account.push_str(base_path(path)?);
        match account.len() {
            0..=MAX_ACCOUNT_LEN => Ok(Self(account)),
            _ => Err(AccountNameError::TooLong),
        }
    }

    /// Reads what [`Self::as_str`] returns. Another way to write an account gives the same account.
    ///
    /// Where only the one form may stand, as in a keyring, the reader compares [`Self::as_str`] with the text
    /// afterwards.
    ///
    /// # Errors
    /// As for [`Self::new`], and [`AccountNameError::Port`] when what follows the last colon is not a number up to
    /// 65,535 without a sign and without zeros in front.
    pub fn parse(text: &str) -> Result<Self, AccountNameError> {
        let (host, port, path) = parts(text);
        Self::new(host, port.map(parse_port).transpose()?, path)
    }

    /// The host alone, as an activation names it ([`crate::activation::ActivationTarget`]).
    #[must_use]
    pub fn host(&self) -> &str {
        parts(&self.0).0
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Host, port and path, as they are written. A colon within brackets is part of an IPv6 address.
fn parts(text: &str) -> (&str, Option<&str>, &str) {
    let (authority, path) = text.split_at(text.find('/').unwrap_or(text.len()));
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port), path),
        _ => (authority, None, path),
    }
}

/// One spelling of a port: no sign, and no zeros in front.
fn parse_port(text: &str) -> Result<u16, AccountNameError> {
    let port = text.parse::<u16>().map_err(|_| AccountNameError::Port)?;
    match port.to_string() == text {
        true => Ok(port),
        false => Err(AccountNameError::Port),
    }
}

/// The path without what every account has. `?` and `#` would begin another part of a URL, `\` is a slash to some
/// readers of URLs, and `"` would need an escape in the JSON that names accounts.
fn base_path(path: &str) -> Result<&str, AccountNameError> {
    let path = path.trim_end_matches('/');
    let path = if path == API_PATH { "" } else { path };
    let allowed = |byte: u8| byte.is_ascii_graphic() && !b"?#\\\"".contains(&byte);
    match path.is_empty() || path.starts_with('/') && path.bytes().all(allowed) {
        true => Ok(path),
        false => Err(AccountNameError::Path),
    }
}

/// A text does not name an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccountNameError {
    /// The host is none.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The port is not a number from 0 to 65535 without zeros in front.
    #[error("the port of an account is a number up to 65535")]
    Port,
    /// The path has other characters than visible ASCII.
    #[error("the path of an account starts with a slash and has visible ASCII characters only")]
    Path,
    /// The name is too long.
    #[error("the name of an account has at most {MAX_ACCOUNT_LEN} bytes")]
    TooLong,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> String {
        AccountName::parse(text).unwrap().as_str().to_owned()
    }

    #[test]
    fn one_account_has_one_name() {
        for written in [
            "acme.example",
            "ACME.example.",
            "acme.example/",
            "acme.example/rest",
            "acme.example/rest/",
        ] {
            assert_eq!(parsed(written), "acme.example", "{written}");
        }
        assert_eq!(parsed("acme.example:8443/a/"), "acme.example:8443/a");
        assert_eq!(parsed("[2001:DB8::0:1]"), "[2001:db8::1]");
        // What the parsers of URLs make of it, in Rust and in JavaScript.
        for written in ["[::ffff:192.0.2.1]", "[::FFFF:c000:0201]", "[0:0:0:0:0:ffff:c000:201]"] {
            assert_eq!(parsed(written), "[::ffff:c000:201]", "{written}");
        }
        assert_eq!(parsed("[::1]:80"), "[::1]:80");
        let account = AccountName::new("127.0.0.1", Some(8080), "/b").unwrap();
        assert_eq!(account, AccountName::parse("127.0.0.1:8080/b").unwrap());
    }

    #[test]
    fn a_host_is_without_port_and_path() {
        for (name, host) in [
            ("ACME.example.:8443/a:b", "acme.example"),
            ("acme.example", "acme.example"),
            ("[::1]:80/x", "[::1]"),
            ("[2001:DB8::0:1]", "[2001:db8::1]"),
        ] {
            assert_eq!(AccountName::parse(name).unwrap().host(), host, "{name}");
        }
    }

    #[test]
    fn port_and_path_tell_accounts_apart() {
        let names = [
            "a.example",
            "a.example:1",
            "a.example/x",
            "a.example:1/x",
            "a.example/X",
            "a.example/rests",
            "a.example/rest/rest",
        ];
        let distinct: std::collections::HashSet<_> =
            names.iter().map(|name| AccountName::parse(name).unwrap()).collect();
        assert_eq!(distinct.len(), names.len());
    }

    #[test]
    fn what_is_no_account_is_refused() {
        let long = format!("a.example/{}", "x".repeat(MAX_ACCOUNT_LEN));
        for (text, error) in [
            ("", AccountNameError::Host(HostError)),
            (":443", AccountNameError::Host(HostError)),
            ("a b", AccountNameError::Host(HostError)),
            ("a:", AccountNameError::Port),
            ("a:+1", AccountNameError::Port),
            ("a:01", AccountNameError::Port),
            ("a:65536", AccountNameError::Port),
            ("a/b c", AccountNameError::Path),
            ("a/é", AccountNameError::Path),
            ("a/b?c", AccountNameError::Path),
            (&long, AccountNameError::TooLong),
        ] {
            assert_eq!(AccountName::parse(text), Err(error), "{text:.20}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_name_reads_back_as_itself(text in "[a-zA-Z0-9.:/\\[\\]-]{0,20}") {
            if let Ok(account) = AccountName::parse(&text) {
                proptest::prop_assert_eq!(AccountName::parse(account.as_str()), Ok(account));
            }
        }
    }
}
