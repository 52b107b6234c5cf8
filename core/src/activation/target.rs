//! For whom an activation is: a user of one API host.

use core::net::Ipv6Addr;

use crate::context::{Context, Label};

/// The longest host name, as in DNS.
const MAX_HOST_LEN: usize = 253;

/// The user who is activated, and the host of the API where that happens.
///
/// Both ends must name the same ones. The host is held in one form, lower case and without the final dot, an IPv6
/// address as RFC 5952 writes it, so
/// that a difference in writing does not make the wrap unreadable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivationTarget {
    host: String,
    user_id: u64,
}

impl ActivationTarget {
    /// A target from a host, without scheme or port, and the API's number of the user. International names are
    /// given in their ASCII form and IPv6 addresses in brackets, as every URL parser returns them.
    ///
    /// # Errors
    /// [`HostError`] when that is no host.
    pub fn new(host: &str, user_id: u64) -> Result<Self, HostError> {
        let host = one_form(host)?;
        Ok(Self { host, user_id })
    }

    /// The host in its one form.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The API's number of the user.
    #[must_use]
    pub fn user_id(&self) -> u64 {
        self.user_id
    }

    pub(super) fn context(&self) -> Context {
        Context::new(Label::ActivationV1).text(&self.host).integer(self.user_id)
    }
}

/// The one form of a host: lower case and without the final dot, an IPv6 address as RFC 5952 writes it.
pub(crate) fn one_form(host: &str) -> Result<String, HostError> {
    let host = host.strip_suffix('.').unwrap_or(host);
    match ipv6(host) {
        Some(address) => Ok(format!("[{address}]")),
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

/// A text is not a host name or address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a host is a name or address in ASCII, of at most {MAX_HOST_LEN} characters, without scheme, port or path")]
pub struct HostError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_host_has_one_form() {
        let plain = ActivationTarget::new("api.example.com", 7).unwrap();
        for written in ["API.Example.COM", "api.example.com.", "Api.example.com."] {
            assert_eq!(ActivationTarget::new(written, 7), Ok(plain.clone()), "{written}");
        }
        assert_eq!((plain.host(), plain.user_id()), ("api.example.com", 7));
        for written in ["[2001:db8::A]", "[2001:0db8:0:0:0:0:0:a]"] {
            assert_eq!(
                ActivationTarget::new(written, 7).unwrap().host(),
                "[2001:db8::a]",
                "{written}"
            );
        }
        assert!(ActivationTarget::new(&"a".repeat(253), 7).is_ok());
    }

    #[test]
    fn what_is_not_a_host_is_refused() {
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
            "127.0.0.1:443",
            "[::1]:443",
            "[::1",
            "[a]",
            "::1",
            &long,
        ] {
            assert_eq!(ActivationTarget::new(wrong, 7), Err(HostError), "{wrong:?}");
        }
    }

    #[test]
    fn the_context_is_the_specified_one() {
        let context = ActivationTarget::new("a.example", 7).unwrap().context();
        let expected = b"zkvault.activation.v1\0\0\0\0\x09a.example\0\0\0\x08\0\0\0\0\0\0\0\x07";
        assert_eq!(context.as_bytes(), expected);
    }

    #[test]
    fn host_and_user_both_count() {
        let context = |host, user| ActivationTarget::new(host, user).unwrap().context();
        assert_ne!(context("a.example", 1), context("b.example", 1));
        assert_ne!(context("a.example", 1), context("a.example", 2));
    }
}
