//! Whether a login belongs on a page: the pinned origin decides, and the service's pattern may only narrow.
//!
//! A pattern that a service sends may be `.*`. So it is only ever asked after the origin was found equal, and it
//! cannot add a page (threat model, Z35). Patterns are compiled with a limit and matched in linear time, without
//! backtracking (Z07).

use core::net::{Ipv4Addr, Ipv6Addr};

use regex_lite::RegexBuilder;

use super::{MAX_PINNED_TEXT_LEN, MAX_URL_LEN, Origin, Pin, PinnedText, Scheme};

/// Bytes that a pattern may take when it is compiled. Matching takes time in proportion to that times the length of
/// the address: with these limits, a fraction of a second at the very worst.
const MAX_COMPILED_LEN: usize = 64 * 1024;

/// A page that values may be filled into: `https`, or `http` on this machine.
///
/// ```
/// use zkvault_core::trust::{Origin, Page};
///
/// let pinned = Origin::parse("https://accounts.example.com/login")?;
/// let page = Page::at("https://accounts.example.com/other?x=1");
/// assert!(page.is_some_and(|page| page.takes_login(&pinned, "")));
/// let elsewhere = Page::at("https://accounts.example.com.evil.example/login");
/// assert!(elsewhere.is_some_and(|page| !page.takes_login(&pinned, "")));
/// assert!(Page::at("http://accounts.example.com/login").is_none());
/// # Ok::<(), zkvault_core::trust::OriginError>(())
/// ```
///
/// `http` on the loopback interface is allowed for programs under development on the same machine: nothing crosses a
/// network.
#[derive(Debug)]
pub struct Page<'a> {
    address: &'a str,
    origin: Origin,
}

impl<'a> Page<'a> {
    /// The page at an address; none when no value belongs there, whatever is pinned.
    #[must_use]
    pub fn at(address: &'a str) -> Option<Self> {
        let origin = Origin::parse(address).ok()?;
        let secure = origin.scheme() == Scheme::Https || is_loopback(origin.host());
        secure.then_some(Self { address, origin })
    }

    /// The page's origin.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether the login of a pinned site belongs on the page.
    ///
    /// False for a site that is gone, and for one whose address was no login page's.
    #[must_use]
    pub fn takes(&self, pin: &Pin) -> bool {
        pin.belongs_to(&self.origin) && self.is_allowed_by(pin.regex())
    }

    /// Whether a login belongs on the page that is pinned at this origin, and to which the service says that this pattern
    /// belongs; an empty one is none.
    #[must_use]
    pub fn takes_login(&self, pinned: &Origin, pattern: &str) -> bool {
        *pinned == self.origin && (pattern.is_empty() || self.matches(pattern))
    }

    /// Whether the service's pattern, if there is one, allows the page. One that is too long to be pinned whole is
    /// not known, and so allows nothing.
    fn is_allowed_by(&self, pattern: Option<&PinnedText>) -> bool {
        pattern.is_none_or(|pattern| pattern.whole().is_some_and(|pattern| self.matches(pattern)))
    }

    /// Whether a pattern is found in the page's address. One that is too long, too large or not understood is not.
    fn matches(&self, pattern: &str) -> bool {
        if pattern.len() > MAX_PINNED_TEXT_LEN || self.address.len() > MAX_URL_LEN {
            return false;
        }
        let pattern = RegexBuilder::new(pattern).size_limit(MAX_COMPILED_LEN).build();
        pattern.is_ok_and(|pattern| pattern.is_match(self.address))
    }
}

/// A host as an origin has it.
fn is_loopback(host: &str) -> bool {
    let ipv6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    match ipv6 {
        Some(address) => address.parse().is_ok_and(|address: Ipv6Addr| address.is_loopback()),
        None => host == "localhost" || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn match_origin(pinned: &str, pattern: &str, page: &str) -> bool {
        let pinned = Origin::parse(pinned).unwrap();
        Page::at(page).is_some_and(|page| page.takes_login(&pinned, pattern))
    }

    const PINNED: &str = "https://accounts.example.com/login";

    #[test]
    fn the_same_origin_matches_wherever_on_it() {
        for page in [
            "https://accounts.example.com",
            "https://accounts.example.com/",
            "https://ACCOUNTS.example.com:443/any?x=https://evil.example#y",
        ] {
            assert!(match_origin(PINNED, "", page), "{page}");
        }
    }

    #[test]
    fn every_other_origin_is_another_page() {
        for page in [
            "",
            "http://accounts.example.com/login",
            "https://accounts.example.com:8443/login",
            "https://example.com/login",
            "https://a.accounts.example.com/login",
            "https://accounts.example.com.evil.example/login",
            "https://accounts.example.com.",
            "https://accounts.example.com@evil.example/",
            "https://evil.example/https://accounts.example.com/login",
            "https://accounts.example.com%2eevil.example/",
            "https://xn--accunts-4nf.example.com/",
            "https:accounts.example.com",
            "https://accounts.example.com\\@evil.example",
            "javascript:location='https://accounts.example.com/login'",
            "data:text/html,https://accounts.example.com",
            "blob:https://accounts.example.com/1",
            "about:blank",
            "file:///accounts.example.com",
            "https://accounts.example.com/\n",
        ] {
            for pattern in ["", ".*", "^"] {
                assert!(!match_origin(PINNED, pattern, page), "{page:?}");
            }
        }
    }

    #[test]
    fn http_is_for_this_machine_and_only_if_pinned_so() {
        for page in [
            "http://localhost:8000/a",
            "http://127.0.0.1:8000/a",
            "http://127.9.9.9/",
            "http://[::1]:8000/a",
        ] {
            assert!(match_origin(page, "", page), "{page}");
            assert!(!match_origin(&page.replace("http", "https"), "", page), "{page}");
        }
        for page in [
            "http://accounts.example.com/",
            "http://10.0.0.1/",
            "http://localhost.evil.example/",
            "http://[::2]/",
            "http://128.0.0.1/",
        ] {
            assert!(!match_origin(page, "", page), "{page}");
        }
    }

    #[test]
    fn the_pattern_narrows() {
        let page = "https://accounts.example.com/login?x=1";
        for pattern in [
            r"^(ftp|http|https)://([^/]+\.)?example.com.*",
            r"^https:\/\/accounts\.example\.com\/login",
            "login",
            "",
        ] {
            assert!(match_origin(PINNED, pattern, page), "{pattern}");
        }
        for pattern in [r"^https://accounts\.example\.com/admin", "^http://", "logout$"] {
            assert!(!match_origin(PINNED, pattern, page), "{pattern}");
        }
    }

    #[test]
    fn what_cannot_be_judged_does_not_match() {
        let long = format!("(?:{})?", "a".repeat(MAX_PINNED_TEXT_LEN));
        for pattern in [
            "(",
            r"(?=https)",
            r"(.)\1",
            "a{1000}{1000}{1000}",
            "(?:(?:a{0,99}){0,99}){0,99}",
            &"(".repeat(1000),
            &long,
        ] {
            assert!(!match_origin(PINNED, pattern, PINNED), "{pattern}");
        }
    }

    /// What takes a back-tracking engine for ever is over at once. Were it not, the test would not end.
    #[test]
    fn a_hostile_pattern_ends() {
        let page = format!("{PINNED}?{}!", "a".repeat(MAX_URL_LEN - PINNED.len() - 2));
        for pattern in ["(a+)+$", "(a|aa)+$", "(.*a){20}$", "(a*)*b", "^(?:a{0,40}){0,20}$"] {
            assert!(!match_origin(PINNED, pattern, &page), "{pattern}");
        }
        assert!(match_origin(PINNED, "(a+)+!$", &page));
    }
}
