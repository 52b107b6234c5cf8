//! Addresses of services.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// The longest address that is read, and the longest path that is asked for, in bytes.
const MAX_LEN: usize = 2048;

/// The address of a service: `https`, or `http` on the loopback interface; without user, query and fragment.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceUrl(Url);

impl ServiceUrl {
    /// Reads an address such as `https://acme.logmeonce.com`. A path is kept; a slash at its end is not.
    ///
    /// # Errors
    /// [`ServiceUrlError`], which says what is wrong.
    pub fn parse(text: &str) -> Result<Self, ServiceUrlError> {
        if text.len() > MAX_LEN {
            return Err(ServiceUrlError::Malformed);
        }
        let mut url = Url::parse(text.trim()).map_err(|_| ServiceUrlError::Malformed)?;
        check_scheme(&url)?;
        // An empty user, query or fragment is there as well, and as pointless.
        let authority = text.split_once("//").map(|(_, rest)| rest).unwrap_or_default();
        let authority = authority.split(['/', '\\', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') || !url.username().is_empty() || url.password().is_some() {
            return Err(ServiceUrlError::UserInfo);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(ServiceUrlError::Query);
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// The host, as it is shown to people.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Whether the service is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// The address without a last path segment of this name.
    pub(crate) fn without_suffix(&self, segment: &str) -> Self {
        let mut url = self.0.clone();
        if let Some(path) = url.path().strip_suffix(segment).and_then(|path| path.strip_suffix('/')) {
            let path = path.to_owned();
            url.set_path(&path);
        }
        Self(url)
    }

    /// The address of what is below it; `path` begins with a slash.
    pub(crate) fn join(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        let path = format!("{}{path}", url.path().trim_end_matches('/'));
        url.set_path(&path);
        url
    }
}

fn check_scheme(url: &Url) -> Result<(), ServiceUrlError> {
    match url.scheme() {
        "https" if url.has_host() => Ok(()),
        "http" if is_loopback(url) => Ok(()),
        "http" => Err(ServiceUrlError::NotSecure),
        _ => Err(ServiceUrlError::Scheme),
    }
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Whether a path stays below where it is put: no dots as segments, however they are written.
pub(crate) fn is_path(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#' | b'\\');
    let stays = |segment: &str| !matches!(segment.replace("%2e", ".").replace("%2E", ".").as_str(), "." | "..");
    path.len() <= MAX_LEN && path.starts_with('/') && path.bytes().all(plain) && path.split('/').all(stays)
}

impl FromStr for ServiceUrl {
    type Err = ServiceUrlError;

    fn from_str(text: &str) -> Result<Self, ServiceUrlError> {
        Self::parse(text)
    }
}

/// Without a slash at the end.
impl fmt::Display for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceUrl({self})")
    }
}

/// An address is not a service's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceUrlError {
    /// It is no address, or longer than 2048 bytes.
    #[error("this is no address of a service, such as https://acme.logmeonce.com")]
    Malformed,
    /// It is neither `https` nor `http`.
    #[error("the address of a service begins with https://")]
    Scheme,
    /// It is `http`, and not on this machine: a token would cross the network in clear.
    #[error("the address begins with http://, which sends keys and tokens in clear: only https:// is used")]
    NotSecure,
    /// It has a user name or password in it.
    #[error("the address has a user name or password in it: leave them out")]
    UserInfo,
    /// It has a `?` or `#`.
    #[error("the address of a service has no query and no fragment: leave out what follows ? or #")]
    Query,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<String, ServiceUrlError> {
        ServiceUrl::parse(text).map(|url| url.to_string())
    }

    #[test]
    fn https_and_loopback_are_taken() {
        let cases = [
            ("https://acme.logmeonce.com", "https://acme.logmeonce.com"),
            (" https://ACME.logmeonce.com/ ", "https://acme.logmeonce.com"),
            ("https://proxy.example:8443/lmo/", "https://proxy.example:8443/lmo"),
            ("http://127.0.0.1:8180", "http://127.0.0.1:8180"),
            ("http://127.9.9.9", "http://127.9.9.9"),
            ("http://[::1]:1", "http://[::1]:1"),
            ("http://localhost:8180/", "http://localhost:8180"),
        ];
        for (text, expected) in cases {
            assert_eq!(parsed(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let cases = [
            ("http://acme.logmeonce.com", ServiceUrlError::NotSecure),
            ("http://localhost.evil.example", ServiceUrlError::NotSecure),
            ("http://127.0.0.1.evil.example", ServiceUrlError::NotSecure),
            ("http://128.0.0.1", ServiceUrlError::NotSecure),
            ("http://0.0.0.0", ServiceUrlError::NotSecure),
            ("HTTP://acme.logmeonce.com", ServiceUrlError::NotSecure),
            ("ftp://acme.logmeonce.com", ServiceUrlError::Scheme),
            ("file:///etc/passwd", ServiceUrlError::Scheme),
            ("https://user:word@acme.logmeonce.com", ServiceUrlError::UserInfo),
            ("https://@acme.logmeonce.com", ServiceUrlError::UserInfo),
            ("https://acme.logmeonce.com?x", ServiceUrlError::Query),
            ("https://acme.logmeonce.com#x", ServiceUrlError::Query),
            ("acme.logmeonce.com", ServiceUrlError::Malformed),
            ("https://", ServiceUrlError::Malformed),
            ("", ServiceUrlError::Malformed),
        ];
        for (text, expected) in cases {
            assert_eq!(parsed(text), Err(expected), "{text}");
        }
        assert_eq!(
            parsed(&format!("https://a.example/{}", "a".repeat(MAX_LEN))),
            Err(ServiceUrlError::Malformed)
        );
    }

    #[test]
    fn paths_are_joined_below_the_address() {
        let join = |base: &str| {
            ServiceUrl::parse(base)
                .unwrap()
                .without_suffix("rest")
                .join("/rest/sites")
                .to_string()
        };
        assert_eq!(join("https://a.example"), "https://a.example/rest/sites");
        assert_eq!(join("https://a.example/rest"), "https://a.example/rest/sites");
        assert_eq!(join("https://a.example/b/rest/"), "https://a.example/b/rest/sites");
        assert_eq!(
            join("https://a.example/forrest"),
            "https://a.example/forrest/rest/sites"
        );
    }
}
