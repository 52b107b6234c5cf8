//! For whom an activation is: a user of one account.

use core::net::Ipv6Addr;

use crate::account::{AccountName, AccountNameError};
use crate::context::{Context, Label};

/// The longest host name, as in DNS.
const MAX_HOST_LEN: usize = 253;

/// The user who is activated, and the account where that happens.
///
/// Both ends must name the same ones. An account has one name, however its address is written, so that a difference in
/// writing does not make the wrap unreadable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivationTarget {
    account: AccountName,
    user_id: u64,
}

impl ActivationTarget {
    /// A target from the name of an account, which is its host, and its port and path where they are not the usual ones;
    /// and from the API's number of the user. International names are given in their ASCII form and IPv6 addresses in
    /// brackets, as every URL parser returns them.
    ///
    /// # Errors
    /// [`AccountNameError`] when that is no account.
    pub fn new(account: &str, user_id: u64) -> Result<Self, AccountNameError> {
        let account = AccountName::parse(account)?;
        Ok(Self { account, user_id })
    }

    /// The account's name.
    #[must_use]
    pub fn account(&self) -> &str {
        self.account.as_str()
    }

    /// The API's number of the user.
    #[must_use]
    pub fn user_id(&self) -> u64 {
        self.user_id
    }

    pub(super) fn context(&self) -> Context {
        Context::new(Label::ActivationV1)
            .text(self.account())
            .integer(self.user_id)
    }
}

/// The one form of a host: lower case and without the final dot, an IPv6 address as URL parsers write it.
pub(crate) fn one_form(host: &str) -> Result<String, HostError> {
    let host = host.strip_suffix('.').unwrap_or(host);
    match ipv6(host) {
        Some(address) => Ok(format!("[{}]", in_urls(address))),
        None if host.len() <= MAX_HOST_LEN && is_name(host) => Ok(host.to_ascii_lowercase()),
        None => Err(HostError),
    }
}

/// A name or an IPv4 address. No colon: with its port, the same host would be a different one.
fn is_name(host: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    host.bytes().all(allowed) && !host.split('.').any(str::is_empty)
}

fn ipv6(host: &str) -> Option<Ipv6Addr> {
    host.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// An IPv6 address as the URL standard writes it: as RFC 5952 does, but also an IPv4-mapped one in hexadecimal groups.
fn in_urls(address: Ipv6Addr) -> String {
    match (address.to_ipv4_mapped(), address.segments()) {
        (Some(_), [.., high, low]) => format!("::ffff:{high:x}:{low:x}"),
        (None, _) => address.to_string(),
    }
}

/// A text is not a host name or address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a host is a name or address in ASCII, of at most {MAX_HOST_LEN} characters, without scheme, port or path")]
pub struct HostError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_account_has_one_name() {
        let plain = ActivationTarget::new("api.example.com", 7).unwrap();
        for written in ["API.Example.COM", "api.example.com.", "api.example.com/rest/"] {
            assert_eq!(ActivationTarget::new(written, 7), Ok(plain.clone()), "{written}");
        }
        assert_eq!((plain.account(), plain.user_id()), ("api.example.com", 7));
        for written in ["[2001:db8::A]:8443/x/", "[2001:0db8:0:0:0:0:0:a]:8443/x"] {
            assert_eq!(
                ActivationTarget::new(written, 7).unwrap().account(),
                "[2001:db8::a]:8443/x",
                "{written}"
            );
        }
    }

    #[test]
    fn what_is_not_a_host_has_no_form() {
        let long = "a".repeat(254);
        for wrong in [
            "",
            ".",
            "a..b",
            ".a",
            "a..",
            "https://a",
            "a/b",
            "a b",
            "bücher.example",
            "a.example:443",
            "[::1]:443",
            "[::1",
            "[a]",
            "::1",
            &long,
        ] {
            assert_eq!(one_form(wrong), Err(HostError), "{wrong:?}");
        }
        assert_eq!(one_form(&"a".repeat(253)), Ok("a".repeat(253)));
        assert!(ActivationTarget::new("https://a.example", 7).is_err());
    }

    #[test]
    fn the_context_is_the_specified_one() {
        let context = ActivationTarget::new("a.example", 7).unwrap().context();
        let expected = b"zkvault.activation.v1\0\0\0\0\x09a.example\0\0\0\x08\0\0\0\0\0\0\0\x07";
        assert_eq!(context.as_bytes(), expected);
    }

    #[test]
    fn account_and_user_both_count() {
        let context = |account, user| ActivationTarget::new(account, user).unwrap().context();
        for other in ["b.example", "a.example:8443", "a.example/b", "a.example:8443/b"] {
            assert_ne!(context("a.example", 1), context(other, 1), "{other}");
        }
        assert_ne!(context("a.example", 1), context("a.example", 2));
    }
}
