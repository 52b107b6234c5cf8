//! Access tokens, with what is known about them.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use zkvault_core::SecretText;

/// The longest token that is taken, in bytes.
const MAX_LEN: usize = 16 * 1024;
/// Seconds before its end at which a token is no longer used, so that it does not end on the way.
const MARGIN: u64 = 60;

/// On whose behalf a token was given, which also says how it is renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// The API key's own: a new one is obtained with the key and its secret.
    Client,
    /// That of a user who logged in: a new one is obtained with the refresh token, if there is one.
    User,
}

/// An access token.
pub struct Token {
    access: SecretText,
    refresh: Option<SecretText>,
    grant: Grant,
    expires_at: Option<u64>,
    renew_at: Option<u64>,
}

/// A token as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept<'a> {
    #[serde(borrow)]
    access: Cow<'a, str>,
    refresh: Option<Cow<'a, str>>,
    grant: Grant,
    expires_at: Option<u64>,
    renew_at: Option<u64>,
}

impl Token {
    /// A token that was asked for at `now` and is good for so many seconds.
    pub(crate) fn new(
        access: SecretText,
        refresh: Option<SecretText>,
        grant: Grant,
        now: u64,
        lifetime: Option<u64>,
    ) -> Result<Self, TokenError> {
        let token = Self {
            access,
            refresh,
            grant,
            expires_at: lifetime.map(|seconds| now.saturating_add(seconds)),
            renew_at: lifetime.map(|seconds| now.saturating_add(seconds - MARGIN.min(seconds / 10))),
        };
        token.check()?;
        Ok(token)
    }

    /// The token in a form that can be kept, in a place for secrets.
    #[must_use]
    pub fn to_json(&self) -> SecretText {
        let refresh = self.refresh.as_ref();
        let kept = Kept {
            access: Cow::Borrowed(self.access.expose_secret()),
            refresh: refresh.map(|refresh| Cow::Borrowed(refresh.expose_secret())),
            grant: self.grant,
            expires_at: self.expires_at,
            renew_at: self.renew_at,
        };
        // Texts and numbers always become JSON.
        SecretText::from(serde_json::to_string(&kept).unwrap_or_default())
    }

    /// Reads what [`to_json`](Self::to_json) gave.
    ///
    /// # Errors
    /// [`TokenError`] when it is something else.
    pub fn from_json(json: &SecretText) -> Result<Self, TokenError> {
        let kept: Kept<'_> = serde_json::from_str(json.expose_secret()).map_err(|_| TokenError)?;
        let token = Self {
            access: SecretText::from(kept.access.into_owned()),
            refresh: kept.refresh.map(|refresh| SecretText::from(refresh.into_owned())),
            grant: kept.grant,
            expires_at: kept.expires_at,
            renew_at: kept.renew_at,
        };
        token.check()?;
        Ok(token)
    }

    /// On whose behalf it was given.
    #[must_use]
    pub fn grant(&self) -> Grant {
        self.grant
    }

    /// When it ends, in seconds since 1970 by the clock of this machine; `None` when the service did not say.
    #[must_use]
    pub fn expires_at(&self) -> Option<u64> {
        self.expires_at
    }

    /// Whether it can be renewed without asking anybody.
    #[must_use]
    pub fn is_renewable(&self) -> bool {
        self.grant == Grant::Client || self.refresh.is_some()
    }

    /// Whether it is time for a new one.
    pub(crate) fn is_stale(&self, now: u64) -> bool {
        self.renew_at.is_some_and(|renew_at| now >= renew_at)
    }

    pub(crate) fn access(&self) -> &SecretText {
        &self.access
    }

    pub(crate) fn refresh(&self) -> Option<&SecretText> {
        self.refresh.as_ref()
    }

    /// With this refresh token, unless there is one.
    #[cfg(feature = "logins")]
    pub(crate) fn or_refresh(mut self, refresh: &SecretText) -> Self {
        self.refresh
            .get_or_insert_with(|| SecretText::from(refresh.expose_secret().to_owned()));
        self
    }

    /// The characters of a token (RFC 6750 §2.1), which are also those that a header can hold.
    fn check(&self) -> Result<(), TokenError> {
        let access = self.access.expose_secret();
        let refresh = self.refresh.as_ref().map_or(0, |refresh| refresh.expose_secret().len());
        let valid = !access.is_empty() && access.bytes().all(|byte| byte.is_ascii_graphic());
        (valid && access.len().max(refresh) <= MAX_LEN)
            .then_some(())
            .ok_or(TokenError)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            access,
            refresh,
            grant,
            expires_at,
            renew_at,
        } = self;
        f.debug_struct("Token")
            .field("access", access)
            .field("refresh", refresh)
            .field("grant", grant)
            .field("expires_at", expires_at)
            .field("renew_at", renew_at)
            .finish()
    }
}

/// A text is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no access token")]
pub struct TokenError;

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretText {
        SecretText::from(text.to_owned())
    }

    fn token(lifetime: Option<u64>) -> Token {
        Token::new(secret("acc.ess"), Some(secret("refresh")), Grant::User, 1000, lifetime).unwrap()
    }

    #[test]
    fn what_is_kept_is_read_again() {
        let kept = token(Some(3600)).to_json();
        let read = Token::from_json(&kept).unwrap();
        assert_eq!(read.to_json(), kept);
        assert_eq!((read.grant(), read.expires_at()), (Grant::User, Some(4600)));
        for other in [
            "",
            "null",
            "[]",
            r#"{"access":"a"}"#,
            r#"{"access":"","grant":"client"}"#,
        ] {
            assert!(Token::from_json(&secret(other)).is_err(), "{other}");
        }
    }

    /// Any printable character may be in a token (RFC 6749, appendix A.12), also those that JSON escapes.
    #[test]
    fn characters_that_json_escapes_are_kept() {
        let odd = Token::new(secret(r#"a\b"c"#), Some(secret("d\"e\u{1}")), Grant::User, 0, None).unwrap();
        let read = Token::from_json(&odd.to_json()).unwrap();
        assert_eq!((read.access(), read.refresh()), (odd.access(), odd.refresh()));
    }

    #[test]
    fn a_token_is_renewed_a_little_before_its_end() {
        let stale = |lifetime, now| token(Some(lifetime)).is_stale(now);
        assert_eq!([stale(3600, 4539), stale(3600, 4540)], [false, true]);
        assert_eq!([stale(10, 1008), stale(10, 1009)], [false, true]);
        assert_eq!([stale(1, 1000), stale(1, 1001), stale(0, 1000)], [false, true, true]);
        assert!(!token(None).is_stale(u64::MAX), "no end was told");
        assert!(!token(Some(u64::MAX)).is_stale(5000));
    }

    #[test]
    fn what_no_header_can_hold_is_no_token() {
        for text in ["", "a b", "a\n", "ä", &"a".repeat(MAX_LEN + 1)] {
            assert!(Token::new(secret(text), None, Grant::Client, 0, None).is_err());
        }
    }

    #[test]
    fn debug_shows_no_token() {
        let shown = format!("{:?}", token(Some(1)));
        assert!(!shown.contains("acc.ess") && !shown.contains("\"refresh\""), "{shown}");
    }
}
