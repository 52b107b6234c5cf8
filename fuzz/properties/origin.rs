//! Whatever is given as the address of a login page: an origin is the one that browsers see (by the `url` crate), and
//! two are equal only when scheme, host and port are.
//!
//! The input is two addresses, each a line.

use url::Url;
use zkvault_core::trust::{MAX_URL_LEN, Origin, Scheme};

use crate::heap;

/// A domain that somebody else registered.
const STRANGER: &str = "stranger.example";

pub(crate) fn check(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let (first, second) = text.split_once('\n').unwrap_or((text, ""));
    let origins = [first, second].map(as_address);
    if let [Some(first), Some(second)] = &origins {
        let same_place =
            first.scheme() == second.scheme() && first.host() == second.host() && first.port() == second.port();
        assert_eq!(first == second, same_place);
        assert_eq!(first == second, first.to_string() == second.to_string());
    }
    if let Some(origin) = &origins[0] {
        neighbours(origin);
        followed_by(origin, second);
    }
}

fn as_address(text: &str) -> Option<Origin> {
    // The address is copied, parsed, and its host copied from it; the parser of hosts may hold it as characters.
    let origin = heap::within(64 * text.len().min(MAX_URL_LEN) + 4096, || Origin::parse(text)).ok()?;
    let url = Url::parse(text).expect("what is taken here, browsers take");
    assert_eq!(url.origin().ascii_serialization(), origin.to_string());
    assert!(url.username().is_empty() && url.password().is_none());
    let written = origin.to_string();
    assert_eq!(written.parse().as_ref(), Ok(&origin));
    assert_eq!(Origin::parse(&written).as_ref(), Ok(&origin));
    if let Some(domain) = origin.registrable_domain() {
        let before = origin.host().strip_suffix(domain).unwrap();
        assert!(
            before.is_empty() || before.ends_with('.'),
            "it is cut between two labels"
        );
        assert!(domain.contains('.'));
    }
    Some(origin)
}

/// Places that look alike and are others.
fn neighbours(origin: &Origin) {
    let (scheme, host, port) = (origin.scheme().as_str(), origin.host(), origin.port());
    let other_scheme = if origin.scheme() == Scheme::Https {
        "http"
    } else {
        "https"
    };
    let elsewhere = if host == "other.example" {
        "another.example"
    } else {
        "other.example"
    };
    let others = [
        format!("{other_scheme}://{host}:{port}/"),
        format!("{scheme}://{host}:{}/", port ^ 1),
        format!("{scheme}://x{host}:{port}/"),
        format!("{scheme}://x.{host}:{port}/"),
        format!("{scheme}://{host}.{STRANGER}:{port}/"),
        format!("{scheme}://{host}@{elsewhere}:{port}/"),
        format!("{scheme}://{elsewhere}:{port}/{host}"),
        format!("{scheme}://{elsewhere}\\@{host}:{port}/"),
    ];
    for other in &others {
        assert_ne!(Origin::parse(other).as_ref(), Ok(origin), "{other}");
    }
    // Anyone who registered the end of a name has it, whatever stands in front.
    if let Ok(foreign) = Origin::parse(&others[4]) {
        assert_eq!(foreign.registrable_domain(), Some(STRANGER));
    }
}

/// Whatever comes after the host and port, it is the same origin, or none.
fn followed_by(origin: &Origin, rest: &str) {
    for separator in ['/', '?', '#'] {
        if let Ok(other) = Origin::parse(&format!("{origin}{separator}{rest}")) {
            assert_eq!(other, *origin);
        }
    }
    as_address(&format!("{origin}{rest}"));
}
