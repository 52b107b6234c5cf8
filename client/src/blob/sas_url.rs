//! The address of a container with its token.

mod claims;
mod endpoint;
mod redaction;
mod spelling;

use std::fmt;

use zkvault_core::SecretText;

use claims::Claims;
use endpoint::Endpoint;

/// The longest address that is read, in bytes.
const MAX_LEN: usize = 8192;

/// The address of a container with a SAS token: `https`, or `http` on the loopback interface.
///
/// Once it is read, the token is sent byte for byte: written anew, it may be a different one. Shown, the address ends
/// before it.
pub struct SasUrl {
    /// Without a slash at its end, and without the token.
    base: String,
    host: String,
    token: SecretText,
    claims: Claims,
}

impl SasUrl {
    /// Reads an address as people copy it: in quotation marks or angle brackets, on several lines, with `&amp;`, `\u0026`,
    /// `??` or the parameters of a listing, and with a signature that was not encoded. Each of these has one meaning.
    /// Addresses of the `dfs` endpoint become those of the `blob` endpoint.
    ///
    /// # Errors
    /// [`SasUrlError`], which quotes nothing of it.
    pub fn parse(text: &SecretText) -> Result<Self, SasUrlError> {
        let url = Self::parse_once(text.expose_secret())?;
        // What it is given out as is read as the same. A text that would then have another meaning, such as one in which
        // `?amp;` became `&amp;`, has none.
        let again = Self::parse_once(url.to_secret().expose_secret());
        match again.is_ok_and(|again| again.base == url.base && again.token == url.token) {
            true => Ok(url),
            false => Err(SasUrlError::Malformed),
        }
    }

    fn parse_once(text: &str) -> Result<Self, SasUrlError> {
        if text.len() > MAX_LEN {
            return Err(SasUrlError::Malformed);
        }
        let (address, token) = spelling::read(text)?;
        let claims = Claims::read(token.expose_secret())?;
        let Endpoint { base, host } = Endpoint::read(&address, claims.is_for_folder())?;
        if base.len() + token.expose_secret().len() >= MAX_LEN {
            return Err(SasUrlError::Malformed);
        }
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

    /// Whether the token's times and permissions are those of a policy that the storage keeps.
    #[must_use]
    pub fn has_policy(&self) -> bool {
        self.claims.policy
    }

    /// The addresses that may use the token, where it says so: one, or a range.
    #[must_use]
    pub fn addresses(&self) -> Option<&str> {
        self.claims.addresses.as_deref()
    }

    /// Whether the token is an account's that is not for containers (`srt` without `c`): it lists nothing.
    #[must_use]
    pub fn lacks_containers(&self) -> bool {
        self.claims.lacks_resource('c')
    }

    /// Whether the token is an account's that is not for blobs themselves (`srt` without `o`).
    #[must_use]
    pub fn lacks_objects(&self) -> bool {
        self.claims.lacks_resource('o')
    }

    /// The address with its token, as it can be given to another program.
    #[must_use]
    pub fn to_secret(&self) -> SecretText {
        self.join("", "")
    }

    /// Whether the token surely does not allow what needs one of `letters`.
    pub(super) fn lacks(&self, letters: &str) -> bool {
        let granted = self.permissions();
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

/// What is encoded in the name of a blob: all but letters, digits, `-`, `_`, `.`, `~` and the slashes.
const IN_PATH: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

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
    /// It is `http`, and not on this machine: the token would cross the network in plaintext.
    #[error("the address begins with http://, which sends its token in plaintext: only https:// is used")]
    NotSecure,
    /// It has no token, or one without signature.
    #[error("the address has no SAS token, which follows a question mark and ends with a signature")]
    NoToken,
    /// Its signature is none: something stands behind it, or it was changed.
    #[error(
        "the signature of the SAS token (sig) has characters that no signature has: something stands behind the address, or \
         it was changed on the way"
    )]
    NoSignature,
    /// It is a token without an address.
    #[error("this is a SAS token alone: put the address of its container in front of it, up to the question mark")]
    NoAddress,
    /// It is a connection string of an account.
    #[error("this is a connection string of an account: give the address of a container with its SAS token")]
    ConnectionString,
    /// It is that of an account.
    #[error("the address names no container: it stands between the host and the question mark")]
    NoContainer,
    /// It is that of a blob or a folder, or the token is for a single blob.
    #[error("the address or its token is that of a blob or a folder, and not of a container")]
    NotAContainer,
    /// It is that of a file share, a queue, a table or a web site; or the token is.
    #[error("the address or its token is that of a different service of Azure: one of blobs is needed")]
    OtherService,
    /// A parameter of the token is there twice, with different values.
    #[error("a parameter of the token is there twice, with different values")]
    Ambiguous,
}

#[cfg(test)]
mod tests;
