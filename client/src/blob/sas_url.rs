//! The address of a container with its token.

use std::fmt;

use percent_encoding::percent_decode_str;
use zkvault_core::SecretText;
use zkvault_host::Address;

use crate::time::seconds;

/// The longest address that is read, in bytes.
const MAX_LEN: usize = 8192;
const DFS: &str = ".dfs.core.windows.net";
const BLOB: &str = ".blob.core.windows.net";

/// The address of a container with a SAS token: `https`, or `http` on the loopback interface.
///
/// The token is kept as it was given and sent as it is: written anew, it may be another one. Shown, the address
/// ends before it.
pub struct SasUrl {
    /// Without a slash at its end, and without the token.
    base: String,
    host: String,
    token: SecretText,
    claims: Claims,
}

/// What a token says of itself. The service alone knows whether it is true.
#[derive(Debug, Default, PartialEq, Eq)]
struct Claims {
    starts_at: Option<u64>,
    expires_at: Option<u64>,
    permissions: Option<String>,
}

impl SasUrl {
    /// Reads an address as people copy it: with quotation marks, `&amp;`, or a byte order mark and line end around
    /// it. Addresses of the `dfs` endpoint become those of the `blob` endpoint.
    ///
    /// # Errors
    /// [`SasUrlError`], which quotes nothing of it.
    pub fn parse(text: &SecretText) -> Result<Self, SasUrlError> {
        let text = text.expose_secret().trim_start_matches('\u{feff}').trim();
        let text = text.trim_matches(['"', '\'']).trim();
        if text.len() > MAX_LEN {
            return Err(SasUrlError::Malformed);
        }
        let (address, token) = text.split_once('?').ok_or(SasUrlError::NoToken)?;
        let (base, host) = base(address)?;
        let token = unescaped(token);
        let claims = claims(token.expose_secret())?;
        Ok(Self {
            base,
            host,
            token,
            claims,
        })
    }

    /// The host, as it is shown to people.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether another address is that of the same container.
    pub(super) fn is_same_place(&self, other: &Self) -> bool {
        self.base == other.base
    }

    /// When the token ends, in seconds since 1970 (UTC), where it says so: with the key that signed it at the latest.
    /// One with a stored policy does not say it.
    #[must_use]
    pub fn expires_at(&self) -> Option<u64> {
        self.claims.expires_at
    }

    /// When the token begins, in seconds since 1970 (UTC), where it says so.
    #[must_use]
    pub fn starts_at(&self) -> Option<u64> {
        self.claims.starts_at
    }

    /// The letters of what the token allows, where it says so.
    #[must_use]
    pub fn permissions(&self) -> Option<&str> {
        self.claims.permissions.as_deref()
    }

    /// The address with its token, as it can be given to another program.
    #[must_use]
    pub fn to_secret(&self) -> SecretText {
        self.join("", "")
    }

    /// Whether the token surely does not allow what needs one of `letters`.
    pub(super) fn lacks(&self, letters: &str) -> bool {
        let granted = self.claims.permissions.as_deref();
        granted.is_some_and(|granted| !granted.contains(|letter| letters.contains(letter)))
    }

    /// The address of a blob, or of the container when it is empty, with parameters that are encoded already. The
    /// token comes once, at the end.
    pub(super) fn join(&self, blob: &str, parameters: &str) -> SecretText {
        let mut url = self.base.clone();
        if !blob.is_empty() {
            url.push('/');
            url.extend(percent_encoding::utf8_percent_encode(blob, IN_PATH));
        }
        url.push('?');
        if !parameters.is_empty() {
            url.push_str(parameters);
            url.push('&');
        }
        url.push_str(self.token.expose_secret());
        SecretText::from(url)
    }
}

/// Without the escapes of HTML, however often a text was escaped on its way: what is read again is the same.
fn unescaped(token: &str) -> SecretText {
    let mut token = SecretText::from(token.to_owned());
    while token.expose_secret().contains("&amp;") {
        token = SecretText::from(token.expose_secret().replace("&amp;", "&"));
    }
    token
}

/// What is encoded in the name of a blob: all but letters, digits, `-`, `_`, `.`, `~` and the slashes.
const IN_PATH: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

/// The address without its token, and the host.
fn base(address: &str) -> Result<(String, String), SasUrlError> {
    let address = Address::parse(address).map_err(|_| SasUrlError::Malformed)?;
    if !address.is_secure() && !address.host().is_loopback() {
        return Err(SasUrlError::NotSecure);
    }
    if address.names_user() || address.fragment().is_some() {
        return Err(SasUrlError::Malformed);
    }
    let (mut origin, mut host) = (address.origin(), address.host_str().to_owned());
    if let Some(account) = host.strip_suffix(DFS) {
        let of_blobs = format!("{account}{BLOB}");
        origin = origin.replacen(&host, &of_blobs, 1);
        host = of_blobs;
    }
    let path = address.path().trim_end_matches('/');
    let segments = path.split('/').filter(|segment| !segment.is_empty()).count();
    // Azure has the account in the host, Azurite in the path.
    let expected = if host.ends_with(BLOB) { 1..=1 } else { 1..=2 };
    match expected.contains(&segments) {
        true => Ok((format!("{origin}{path}"), host)),
        false => Err(SasUrlError::NoContainer),
    }
}

/// Reads a copy of the token. Its characters must be those of a query, so that it is sent as it is.
fn claims(token: &str) -> Result<Claims, SasUrlError> {
    if !token
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !b"\"#<>'\\^`{|}".contains(&byte))
    {
        return Err(SasUrlError::Malformed);
    }
    let get = |name: &str| {
        let mut pairs = token.split('&').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(known, _)| *known == name)?;
        percent_decode_str(value).decode_utf8().ok()
    };
    if get("sig").is_none_or(|signature| signature.is_empty()) {
        return Err(SasUrlError::NoToken);
    }
    Ok(Claims {
        starts_at: get("st").as_deref().and_then(time),
        expires_at: ["se", "ske"].iter().filter_map(|end| time(&get(end)?)).min(),
        permissions: get("sp").map(|letters| letters.into_owned()),
    })
}

/// The forms of Azure: a date, to minutes, to seconds or less.
fn time(text: &str) -> Option<u64> {
    let whole = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        17 => format!("{}:00Z", text.strip_suffix('Z')?),
        _ => text.to_owned(),
    };
    seconds(&whole)
}

/// Without the token.
impl fmt::Display for SasUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

impl fmt::Debug for SasUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            base,
            host: _,
            token: _,
            claims,
        } = self;
        f.debug_struct("SasUrl")
            .field("base", base)
            .field("claims", claims)
            .finish_non_exhaustive()
    }
}

/// A text is not the address of a container with its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SasUrlError {
    /// It is no address, or too long, or has characters that no address has.
    #[error("this is no address of a container, such as https://account.blob.core.windows.net/container?sv=…")]
    Malformed,
    /// It is `http`, and not on this machine: the token would cross the network in clear.
    #[error("the address begins with http://, which sends its token in clear: only https:// is used")]
    NotSecure,
    /// It has no token, or one without signature.
    #[error("the address has no SAS token: it goes on with a question mark and a signature")]
    NoToken,
    /// It is that of an account or a blob.
    #[error("the address is not that of a container")]
    NoContainer,
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "sv=2025-11-05&st=2026-01-01&se=2030-01-01T00%3A00Z&sr=c&sp=racwdl&sig=CANARY%2Bxx%3D";

    fn parse(text: &str) -> Result<SasUrl, SasUrlError> {
        SasUrl::parse(&SecretText::from(text.to_owned()))
    }

    #[test]
    fn an_address_is_read_as_people_copy_it() {
        let plain = format!("https://a.blob.core.windows.net/c?{TOKEN}");
        let forms = [
            plain.clone(),
            format!("\u{feff}{plain}\r\n"),
            format!("\"{plain}\""),
            plain.replace('&', "&amp;"),
            plain.replace('&', "&amp;amp;"),
            plain.replace(".blob.", ".dfs."),
            plain.replace("/c?", "/c/?"),
        ];
        for form in forms {
            let url = parse(&form).unwrap();
            assert_eq!(url.to_string(), "https://a.blob.core.windows.net/c", "{form}");
            let joined = url.join("zkv/ä b+#.zkv", "comp=block");
            let expected = format!("https://a.blob.core.windows.net/c/zkv/%C3%A4%20b%2B%23.zkv?comp=block&{TOKEN}");
            assert_eq!(joined.expose_secret(), expected);
        }
        let url = parse(&plain).unwrap();
        assert_eq!(
            (url.starts_at(), url.expires_at()),
            (Some(1_767_225_600), Some(1_893_456_000))
        );
        assert_eq!(
            (url.permissions(), url.host()),
            (Some("racwdl"), "a.blob.core.windows.net")
        );
        assert!(url.lacks("x") && !url.lacks("cw"));
        let delegated = parse(&format!("{plain}&ske=2029-01-01T00%3A00%3A00Z")).unwrap();
        assert_eq!(delegated.expires_at(), Some(1_861_920_000), "with the key that signed");
        assert!(delegated.is_same_place(&url) && !parse(&plain.replace("/c?", "/d?")).unwrap().is_same_place(&url));
    }

    #[test]
    fn the_token_is_never_shown() {
        let url = parse(&format!("http://127.0.0.1:10000/account/c?{TOKEN}")).unwrap();
        let shown = format!("{url} {url:?}");
        assert!(shown.contains("http://127.0.0.1:10000/account/c"), "{shown}");
        assert!(!shown.contains("sig") && !shown.contains("CANARY"), "{shown}");
    }

    #[test]
    fn what_is_no_container_with_a_token_is_refused() {
        let cases = [
            ("https://a.blob.core.windows.net/c", SasUrlError::NoToken),
            ("https://a.blob.core.windows.net/c?sv=1&se=2", SasUrlError::NoToken),
            ("https://a.blob.core.windows.net/c?sig=", SasUrlError::NoToken),
            ("https://a.blob.core.windows.net/?sig=x", SasUrlError::NoContainer),
            ("https://a.blob.core.windows.net/c/blob?sig=x", SasUrlError::NoContainer),
            ("http://a.blob.core.windows.net/c?sig=x", SasUrlError::NotSecure),
            ("http://127.0.0.1.evil.example/c?sig=x", SasUrlError::NotSecure),
            ("ftp://127.0.0.1/c?sig=x", SasUrlError::Malformed),
            ("https://u:p@a.blob.core.windows.net/c?sig=x", SasUrlError::Malformed),
            ("https://a.blob.core.windows.net/c?sig=x#y", SasUrlError::Malformed),
            ("https://a.blob.core.windows.net/c?sig=x y", SasUrlError::Malformed),
            ("https://a.blob.core.windows.net/c?sig=ä", SasUrlError::Malformed),
            ("?sig=x", SasUrlError::Malformed),
            ("", SasUrlError::NoToken),
        ];
        for (text, error) in cases {
            assert_eq!(parse(text).err(), Some(error), "{text}");
        }
        let long = format!("https://a.blob.core.windows.net/c?sig={}", "x".repeat(MAX_LEN));
        assert_eq!(parse(&long).err(), Some(SasUrlError::Malformed));
    }

    #[test]
    fn a_token_of_a_stored_policy_says_no_expiry() {
        let url = parse("https://a.blob.core.windows.net/c?sv=1&sr=c&si=policy&sig=x").unwrap();
        assert_eq!((url.expires_at(), url.permissions()), (None, None));
        assert!(!url.lacks("w"));
    }
}
