//! Hosts: one form for each.
//!
//! One host has many spellings, and a server chooses the one that it announces: `ACME.example.`, `[0:0:0:0:0:0:0:1]`.
//! Here they become one text before anything compares them. Nothing is resolved, and no name is looked up.

use core::net::Ipv6Addr;

/// The longest host name, as in DNS.
const MAX_HOST_LEN: usize = 253;

/// The one form of a host: lower case and without the final dot, an IPv6 address as URL parsers write it.
///
/// IPv6 is tried first: what is in brackets and is no address is no host at all, since `is_name` takes no brackets.
pub(super) fn one_form(host: &str) -> Result<String, HostError> {
    let host = host.strip_suffix('.').unwrap_or(host);
    match ipv6(host) {
        Some(address) => Ok(format!("[{}]", in_urls(address))),
        None if host.len() <= MAX_HOST_LEN && is_name(host) => Ok(host.to_ascii_lowercase()),
        None => Err(HostError),
    }
}

/// A name or an IPv4 address. No colon: with its port, the same host would be a different one.
///
/// An underscore is allowed because hosts inside of companies have it. An empty label would be a second spelling of a
/// host, or a name that leads nowhere.
fn is_name(host: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    host.bytes().all(allowed) && !host.split('.').any(str::is_empty)
}

/// An address with a zone (`%eth0`) does not parse: it means something on one machine only.
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
///
/// The text is not repeated: it may be a URL with a token in it that somebody pasted in the wrong place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a host is a name or address in ASCII, of at most {MAX_HOST_LEN} characters, without scheme, port or path")]
pub struct HostError;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::AccountName;

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
        assert!(AccountName::parse("https://a.example").is_err());
    }
}
