//! Login origins: where a login page lives, as a browser compares pages.
//!
//! ```text
//! origin = scheme "://" host [":" port]            the port only if it is not the scheme's own
//! ```
//!
//! A browser repairs addresses before it uses them. What it would repair is refused here, because a person and a pin
//! see the text before the repair: `@` in front of a host, `\` for `/`, tabs, percent signs, numbers in octal
//! (docs/spec/trust.md#origins; threat model, Z35).

use core::net::Ipv4Addr;
use std::fmt;
use std::str::FromStr;

use zkvault_host::{Address, Host};

/// The longest address that is read, in bytes: 8 KiB.
pub const MAX_URL_LEN: usize = 8 * 1024;

/// The scheme of a login page. Anything else is no place to fill a password into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// `http`: read, because sites have it; what is filled there crosses the network in plaintext.
    Http,
    /// `https`.
    Https,
}

impl Scheme {
    /// The scheme as an address begins with it, in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Scheme, host and port of a login page. Two pages belong together when these are equal and not otherwise.
///
/// Shown as `https://login.example.com`, with the port unless it is the scheme's own. The host is lower-case
/// ASCII (an international name in its `xn--` form), a canonical IPv4 address or an IPv6 address in brackets.
///
/// ```
/// use zkvault_core::trust::{Origin, OriginError};
///
/// let origin = Origin::parse("HTTPS://Bücher.example:443/login?next=/")?;
/// assert_eq!(origin.to_string(), "https://xn--bcher-kva.example");
/// assert_eq!(Origin::parse("https://accounts.example.co.uk/")?.registrable_domain(), Some("example.co.uk"));
/// // A subdomain, a port and http are each a different place.
/// assert_ne!(Origin::parse("https://example.com:8443/")?, Origin::parse("https://example.com/")?);
/// for (address, error) in [
///     ("https://bank.example@evil.example/", OriginError::UserInfo),
///     ("https://bank.example./", OriginError::TrailingDot),
///     ("https://0x7f.1/", OriginError::Host),
///     ("https:/bank.example", OriginError::Form),
///     ("javascript://bank.example/", OriginError::Scheme),
/// ] {
///     assert_eq!(Origin::parse(address), Err(error));
/// }
/// # Ok::<(), OriginError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: Scheme,
    host: Box<str>,
    port: u16,
}

/// An origin, as [`Origin`] writes it, as people read it. The scheme stays where it is not the usual one: that anyone can
/// read along is worth seeing.
///
/// ```
/// use zkvault_core::trust::readable_origin;
///
/// assert_eq!(readable_origin("https://mail.example:8443"), "mail.example:8443");
/// assert_eq!(readable_origin("http://mail.example"), "http://mail.example");
/// ```
#[must_use]
pub fn readable_origin(origin: &str) -> &str {
    origin.strip_prefix("https://").unwrap_or(origin)
}

impl Origin {
    /// Reads the origin of a login address. What comes after the host and port is not looked at.
    ///
    /// The address is parsed by the rules of browsers (the WHATWG URL standard), after everything is refused
    /// that those rules would repair or that makes an address look like a different one.
    ///
    /// # Errors
    /// * [`OriginError::TooLong`] above 8 KiB.
    /// * [`OriginError::Form`] for control characters anywhere, and for what is not `scheme://authority`.
    /// * [`OriginError::Scheme`] for all but `http` and `https`.
    /// * [`OriginError::UserInfo`] and [`OriginError::TrailingDot`] for hosts that pass for others.
    /// * [`OriginError::Host`] for empty or long labels, characters that no name has, and addresses in a second form.
    pub fn parse(url: &str) -> Result<Self, OriginError> {
        if url.len() > MAX_URL_LEN {
            return Err(OriginError::TooLong { bytes: url.len() });
        }
        let (scheme, authority) = split(url)?;
        check_authority(authority)?;
        let address = format!("{}://{authority}/", scheme.as_str());
        let address = Address::parse(&address).map_err(|_| OriginError::Host)?;
        let host = match address.host() {
            Host::Domain(domain) => check_domain(domain)?,
            Host::Ipv4(address) => check_ipv4(&address.to_string(), authority)?,
            Host::Ipv6(address) => format!("[{address}]").into_boxed_str(),
        };
        let port = address.port().unwrap_or(scheme.default_port());
        Ok(Self { scheme, host, port })
    }

    /// The scheme.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host, as browsers write it.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The domain that someone registered: the public suffix and one label. None for addresses of machines, for
    /// names of one label, and for hosts that are public suffixes themselves. Looked up here and not when the address is
    /// read: the list is a megabyte of code, which programs that never ask do not carry.
    ///
    /// By the Public Suffix List with its private section. It is for display only: the whole origin decides what
    /// belongs together, and no pin changes when the list does.
    #[must_use]
    pub fn registrable_domain(&self) -> Option<&str> {
        // A name of one label stands for its network's own suffix: `intranet` is not registered anywhere.
        let is_name = self.host.contains('.') && self.host.parse::<Ipv4Addr>().is_err();
        psl::domain_str(&self.host).filter(|_| is_name)
    }

    /// The port, the scheme's own when the address names none.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.host)?;
        if self.port == self.scheme.default_port() {
            return Ok(());
        }
        write!(f, ":{}", self.port)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({self})")
    }
}

/// Reads what `Display` writes, and no other address.
impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let origin = Self::parse(text)?;
        if origin.to_string() == text {
            Ok(origin)
        } else {
            Err(OriginError::Form)
        }
    }
}

/// Parts the address before its path. Browsers also take `https:example.com`, `https:\example.com` and tabs
/// and line breaks anywhere; nobody means those.
fn split(url: &str) -> Result<(Scheme, &str), OriginError> {
    if url.chars().any(char::is_control) {
        return Err(OriginError::Form);
    }
    let (scheme, rest) = url.split_once(':').ok_or(OriginError::Form)?;
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        _ => return Err(OriginError::Scheme),
    };
    let rest = rest.strip_prefix("//").ok_or(OriginError::Form)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    Ok((scheme, authority))
}

/// `@` would hide the host behind a name, `%` spells it in disguise, and `\` ends it for some readers only.
fn check_authority(authority: &str) -> Result<(), OriginError> {
    match authority {
        "" => Err(OriginError::Host),
        _ if authority.contains('@') => Err(OriginError::UserInfo),
        _ if authority.contains(['%', '\\']) || authority.contains(char::is_whitespace) => Err(OriginError::Host),
        _ => Ok(()),
    }
}

/// Checks a name that is already ASCII.
fn check_domain(domain: &str) -> Result<Box<str>, OriginError> {
    if domain.ends_with('.') {
        return Err(OriginError::TrailingDot);
    }
    // Browsers let other characters pass, but nobody can register them, and `*` or `,` reads like a pattern.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let label_fits = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(plain);
    if domain.len() > 253 || !domain.split('.').all(label_fits) {
        return Err(OriginError::Host);
    }
    Ok(domain.into())
}

/// Browsers read `127.1`, `0x7f000001` and `017700000001` as addresses; only the plain form is taken here.
fn check_ipv4(address: &str, authority: &str) -> Result<Box<str>, OriginError> {
    let rest = authority.strip_prefix(address).ok_or(OriginError::Host)?;
    if rest.is_empty() || rest.starts_with(':') {
        Ok(address.into())
    } else {
        Err(OriginError::Host)
    }
}

/// An address is not a login page's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OriginError {
    /// It is too long.
    #[error("an address of {bytes} bytes: at most {MAX_URL_LEN} are read")]
    TooLong {
        /// Its bytes.
        bytes: usize,
    },
    /// It is not of the form `scheme://host`, or holds control characters.
    #[error("it is not an address of the form https://host/")]
    Form,
    /// Its scheme is neither `https` nor `http`.
    #[error("its scheme is neither https nor http")]
    Scheme,
    /// It names a user in front of the host, which is how one host passes for another.
    #[error("it names a user in front of the host")]
    UserInfo,
    /// Its host ends with a dot: to a browser that is another origin.
    #[error("its host ends with a dot")]
    TrailingDot,
    /// Its host or port is not valid, or is spelled in disguise.
    #[error("its host or port is not valid, or not in its plain form")]
    Host,
}
