//! Addresses of `http` and `https`, as the URL standard (WHATWG) reads them.
//!
//! The parser is another's, and gives a canonical text, in which each delimiter can only be one. Here it is taken apart.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::native;

/// An address, taken apart. Neither shown nor compared as a whole: it may hold a password.
///
/// ```
/// use zkvault_host::{Address, Host};
///
/// let address = Address::parse("HTTPS://Login.EXAMPLE:8443/a/../b")?;
/// assert_eq!(address.host(), &Host::Domain("login.example".into()));
/// assert_eq!((address.port(), address.path()), (Some(8443), "/b"));
/// # Ok::<(), zkvault_host::AddressError>(())
/// ```
#[derive(Clone)]
pub struct Address {
    is_secure: bool,
    names_user: bool,
    host: Host,
    /// As the standard writes it.
    shown: String,
    port: Option<u16>,
    path: String,
    query: Option<String>,
    fragment: Option<String>,
}

/// Where an address leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A name: lower-case ASCII, international ones in their `xn--` form.
    Domain(String),
    /// An address of version 4, however it was spelled.
    Ipv4(Ipv4Addr),
    /// An address of version 6.
    Ipv6(Ipv6Addr),
}

impl Host {
    fn read(text: &str) -> Option<Self> {
        if let Some(inside) = text.strip_prefix('[') {
            return Some(Self::Ipv6(inside.strip_suffix(']')?.parse().ok()?));
        }
        match text.parse() {
            Ok(address) => Some(Self::Ipv4(address)),
            Err(_) => (!text.is_empty()).then(|| Self::Domain(text.to_owned())),
        }
    }

    /// Whether it is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::Ipv4(address) => address.is_loopback(),
            Self::Ipv6(address) => address.is_loopback(),
            Self::Domain(name) => name == "localhost",
        }
    }
}

impl Address {
    /// Reads an absolute address of `http` or `https`. Browsers repair much: so does this.
    ///
    /// # Errors
    /// [`AddressError`].
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let canonical = native::canonical(text).ok_or(AddressError::Malformed)?;
        let (scheme, rest) = canonical.split_once(':').ok_or(AddressError::Malformed)?;
        let is_secure = match scheme {
            "https" => true,
            "http" => false,
            _ => return Err(AddressError::Scheme),
        };
        Self::split(is_secure, rest).ok_or(AddressError::Malformed)
    }

    /// Takes the canonical text apart, in which each delimiter can only be one.
    fn split(is_secure: bool, rest: &str) -> Option<Self> {
        let rest = rest.strip_prefix("//")?;
        let (rest, fragment) = parted(rest, '#');
        let (rest, query) = parted(rest, '?');
        let (authority, path) = rest.split_at_checked(rest.find('/')?)?;
        let (user, place) = authority
            .rsplit_once('@')
            .map_or((None, authority), |(user, place)| (Some(user), place));
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().ok()?)),
            _ => (place, None),
        };
        Some(Self {
            is_secure,
            names_user: user.is_some(),
            host: Host::read(host)?,
            shown: host.to_owned(),
            port,
            path: path.to_owned(),
            query: query.map(str::to_owned),
            fragment: fragment.map(str::to_owned),
        })
    }

    /// Whether it is `https`.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// Whether it has a user name or password.
    #[must_use]
    pub fn names_user(&self) -> bool {
        self.names_user
    }

    /// The host.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The host as addresses have it: one of version 6 in brackets.
    #[must_use]
    pub fn host_str(&self) -> &str {
        &self.shown
    }

    /// The port, unless it is the scheme's own.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The path, which begins with a slash.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What follows `?`.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// What follows `#`.
    #[must_use]
    pub fn fragment(&self) -> Option<&str> {
        self.fragment.as_deref()
    }

    /// Scheme, host and port, such as `https://login.example:8443`.
    #[must_use]
    pub fn origin(&self) -> String {
        let (scheme, host) = (if self.is_secure { "https" } else { "http" }, &self.shown);
        match self.port {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        }
    }
}

/// Up to its path.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.origin())
    }
}

/// The text before the first `delimiter`, and the one after it if it is there.
fn parted(text: &str, delimiter: char) -> (&str, Option<&str>) {
    match text.split_once(delimiter) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

/// A text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddressError {
    /// The parser does not take it, or it is relative.
    Malformed,
    /// It is neither `http` nor `https`.
    Scheme,
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "it is no address",
            Self::Scheme => "it is an address of neither http nor https",
        })
    }
}

impl std::error::Error for AddressError {}

#[cfg(test)]
mod tests;
