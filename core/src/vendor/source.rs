//! Where the key is from under which a layout was found.
//!
//! It is kept with a layout that a search found, because nothing may be sealed under a key that is cheap to search
//! for: the old profile of the vendor's derivation.

use std::fmt;
use std::str::FromStr;

use crate::kdf::VendorKdf;

/// The words for a salt in [`KeySource`]'s text.
const SERVER_SALT: &str = "server-salt";
const USER_NAME: &str = "user-name";

/// Where a key is from: somebody gave it, or a master password derives it.
///
/// ```
/// use zkvault_core::vendor::KeySource;
///
/// let source: KeySource = "pbkdf2-sha1:10000:user-name".parse()?;
/// assert!(source.is_weak());
/// assert_eq!(source.to_string(), "pbkdf2-sha1:10000:user-name");
/// assert!(!"pbkdf2-sha256:600000:server-salt".parse::<KeySource>()?.is_weak());
/// assert!("pbkdf2-sha1:20000:user-name".parse::<KeySource>().is_err(), "there is one old profile");
/// # Ok::<(), zkvault_core::vendor::KeySourceError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySource {
    /// A key of the keyring, or of a key file.
    Given,
    /// The vendor's derivation from a master password.
    Derived {
        /// The profile.
        kdf: VendorKdf,
        /// Whether the server's salt took part, or the user name alone.
        salted: bool,
    },
}

impl KeySource {
    /// Whether a stolen ciphertext under such a key is cheap to attack: nothing is sealed under it.
    #[must_use]
    pub fn is_weak(self) -> bool {
        let kdf = VendorKdf::Legacy;
        matches!(self, Self::Derived { kdf: derived, .. } if derived == kdf)
    }
}

/// `given`, `pbkdf2-sha256:600000:server-salt` or `pbkdf2-sha1:10000:user-name`.
impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Derived { kdf, salted } = self else {
            return f.write_str("given");
        };
        let salt = if *salted { SERVER_SALT } else { USER_NAME };
        write!(f, "{}:{}:{salt}", kdf.name(), kdf.iterations())
    }
}

/// Reads what `Display` writes, and nothing else.
impl FromStr for KeySource {
    type Err = KeySourceError;

    fn from_str(text: &str) -> Result<Self, KeySourceError> {
        if text == "given" {
            return Ok(Self::Given);
        }
        let mut parts = text.splitn(3, ':');
        let (Some(_), Some(iterations), Some(salt)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeySourceError);
        };
        let iterations = iterations.parse().map_err(|_| KeySourceError)?;
        let read = [VendorKdf::Legacy, VendorKdf::Current { iterations }].map(|kdf| Self::Derived {
            kdf,
            salted: salt == SERVER_SALT,
        });
        let same = |source: &Self| source.to_string() == text;
        read.into_iter().find(same).ok_or(KeySourceError)
    }
}

/// A text does not name where a key is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key is \"given\", or of a PBKDF2 with its iterations and salt")]
pub struct KeySourceError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_has_one_text() {
        let derived = |kdf, salted| KeySource::Derived { kdf, salted };
        let current = VendorKdf::Current { iterations: 600_000 };
        for (source, text, weak) in [
            (KeySource::Given, "given", false),
            (derived(current, true), "pbkdf2-sha256:600000:server-salt", false),
            (derived(current, false), "pbkdf2-sha256:600000:user-name", false),
            (derived(VendorKdf::Legacy, false), "pbkdf2-sha1:10000:user-name", true),
        ] {
            assert_eq!(source.to_string(), text);
            assert_eq!(text.parse(), Ok(source));
            assert_eq!(source.is_weak(), weak, "{text}");
        }
        for text in [
            "",
            "Given",
            "pbkdf2-sha256:0600000:user-name",
            "pbkdf2-sha256:+600000:user-name",
            "pbkdf2-sha1:10001:user-name",
            "pbkdf2-sha256:600000",
            "pbkdf2-sha256:600000:salt",
            "pbkdf2-sha256:600000:user-name:",
        ] {
            assert_eq!(text.parse::<KeySource>(), Err(KeySourceError), "{text:?}");
        }
    }
}
