//! Addresses of services.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use zkvault_host::{Address, AddressError};

/// The longest address that is read, and the longest path that is asked for, in bytes.
const MAX_LEN: usize = 2048;

/// What is encoded in a path (the URL standard's path percent-encode set).
const IN_PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// The address of a service: `https`, or `http` on the loopback interface; without user, query and fragment.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceUrl {
    /// Scheme, host and port.
    origin: String,
    host: String,
    /// Without a slash at its end.
    path: String,
    is_loopback: bool,
}

impl ServiceUrl {
    /// Reads an address such as `https://acme.logmeonce.com`. A path is kept; a slash at its end is not.
    ///
    /// # Errors
    /// [`ServiceUrlError`], which says what is wrong.
    pub fn parse(text: &str) -> Result<Self, ServiceUrlError> {
        if text.len() > MAX_LEN {
            return Err(ServiceUrlError::Malformed);
        }
        let address = Address::parse(text.trim())?;
        let is_loopback = address.host().is_loopback();
        if !address.is_secure() && !is_loopback {
            return Err(ServiceUrlError::NotSecure);
        }
        // An empty user is there as well, and as pointless.
        let authority = text.split_once("//").map(|(_, rest)| rest).unwrap_or_default();
        let authority = authority.split(['/', '\\', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') || address.names_user() {
            return Err(ServiceUrlError::UserInfo);
        }
        if address.query().is_some() || address.fragment().is_some() {
            return Err(ServiceUrlError::Query);
        }
        Ok(Self {
            origin: address.origin(),
            host: address.host_str().to_owned(),
            path: address.path().trim_end_matches('/').to_owned(),
            is_loopback,
        })
    }

    /// The host, as it is shown to people.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What names the account wherever something is kept for it: the host, a port that is not the scheme's own, and
    /// the path, without `/rest`. Two accounts of one host are two.
    #[must_use]
    pub fn account(&self) -> String {
        let origin = self
            .origin
            .split_once("//")
            .map_or(self.origin.as_str(), |(_, rest)| rest);
        let path = self.path.strip_suffix("/rest").unwrap_or(&self.path);
        format!("{origin}{path}")
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether the service is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.is_loopback
    }

    /// The address without a last path segment of this name.
    pub(crate) fn without_suffix(mut self, segment: &str) -> Self {
        if let Some(path) = self.path.strip_suffix(segment).and_then(|path| path.strip_suffix('/')) {
            self.path.truncate(path.trim_end_matches('/').len());
        }
        self
    }

    /// The address of what is below it; `path` begins with a slash.
    pub(crate) fn join(&self, path: &str) -> String {
        format!("{self}{}", utf8_percent_encode(path, IN_PATH))
    }
}

/// An address with parameters behind it.
pub(crate) fn with_query<'a>(address: String, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut parameters = parameters.into_iter().peekable();
    if parameters.peek().is_none() {
        return address;
    }
    let start = address.len() + 1;
    let mut query = form_urlencoded::Serializer::for_suffix(address + "?", start);
    query.extend_pairs(parameters);
    query.finish()
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
        write!(f, "{}{}", self.origin, self.path)
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
    /// It is `http`, and not on this machine: a token would cross the network in plaintext.
    #[error("the address begins with http://, which sends keys and tokens in plaintext: only https:// is used")]
    NotSecure,
    /// It has a user name or password in it.
    #[error("the address has a user name or password in it: leave them out")]
    UserInfo,
    /// It has a `?` or `#`.
    #[error("the address of a service has no query and no fragment: leave out what follows ? or #")]
    Query,
}

impl From<AddressError> for ServiceUrlError {
    fn from(error: AddressError) -> Self {
        match error {
            AddressError::Scheme => Self::Scheme,
            _ => Self::Malformed,
        }
    }
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
