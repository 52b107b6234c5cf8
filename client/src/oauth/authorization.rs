//! The authorization code grant with PKCE (RFC 6749 §4.1, RFC 7636): what is sent to the browser, and what comes back.

use std::fmt;

use oauth2::basic::BasicClient;
use oauth2::{AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, RedirectUrl};
use url::Url;
use zkvault_core::SecretText;
use zkvault_host::Address;

use crate::error::OAuthCode;

/// The longest query that is read when the browser comes back, in bytes.
const MAX_QUERY_LEN: usize = 8 * 1024;

/// A login in the browser that has begun: the address to open, and the secrets that tie the answer to it.
pub struct Authorization {
    url: Url,
    redirect: RedirectUri,
    state: SecretText,
    verifier: SecretText,
}

impl Authorization {
    /// Begins one. `endpoint` is the authorization endpoint, `key` the API key.
    pub(crate) fn begin(endpoint: AuthUrl, key: &str, redirect: RedirectUri) -> Self {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = BasicClient::new(ClientId::new(key.to_owned()))
            .set_auth_uri(endpoint)
            .set_redirect_uri(RedirectUrl::from_url(redirect.as_url().clone()));
        let (url, state) = client
            .authorize_url(CsrfToken::new_random)
            .set_pkce_challenge(challenge)
            .url();
        Self {
            url,
            redirect,
            state: SecretText::from(state.into_secret()),
            verifier: SecretText::from(verifier.into_secret()),
        }
    }

    /// The address to open in a browser. It holds the state of this login, so it is for the user only.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Where the browser comes back to.
    #[must_use]
    pub fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect
    }

    /// Reads the query with which the browser came back: the code, if it belongs to this login.
    ///
    /// # Errors
    /// [`AuthorizationError`], which also tells an answer to another login from a refusal of this one.
    pub fn code(&self, query: &str) -> Result<SecretText, AuthorizationError> {
        if query.len() > MAX_QUERY_LEN {
            return Err(AuthorizationError::Malformed);
        }
        let find = |name| Self::single(query, name);
        let state = find("state")?.ok_or(AuthorizationError::OtherLogin)?;
        if state != self.state {
            return Err(AuthorizationError::OtherLogin);
        }
        if let Some(error) = find("error")? {
            return Err(AuthorizationError::Refused(OAuthCode::from_name(error.expose_secret())));
        }
        let code = find("code")?.filter(|code| !code.expose_secret().is_empty());
        code.ok_or(AuthorizationError::Malformed)
    }

    /// A parameter, which may be there once only (RFC 6749 §3.1).
    fn single(query: &str, name: &str) -> Result<Option<SecretText>, AuthorizationError> {
        let mut values = form_urlencoded::parse(query.as_bytes())
            .filter(|(known, _)| known == name)
            .map(|(_, value)| SecretText::from(value.into_owned()));
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(AuthorizationError::Malformed),
            (value, None) => Ok(value),
        }
    }

    pub(super) fn verifier(&self) -> &SecretText {
        &self.verifier
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            url: _,
            redirect,
            state,
            verifier,
        } = self;
        f.debug_struct("Authorization")
            .field("redirect", redirect)
            .field("state", state)
            .field("verifier", verifier)
            .finish_non_exhaustive()
    }
}

/// What came back is no code for this login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizationError {
    /// The state is missing or differs: somebody else's login, or an attack.
    #[error("the answer belongs to another login")]
    OtherLogin,
    /// The service or the user refused.
    #[error("the login was refused")]
    Refused(OAuthCode),
    /// There is no code, or something is there twice.
    #[error("the answer holds no code")]
    Malformed,
}

/// Where the browser comes back to: `https`, or `http` on the loopback interface (RFC 8252 §7.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUri(Url);

impl RedirectUri {
    /// Reads an address.
    ///
    /// # Errors
    /// [`RedirectUriError`] when a code must not be sent there.
    pub fn parse(text: &str) -> Result<Self, RedirectUriError> {
        let url = Url::parse(text).map_err(|_| RedirectUriError)?;
        let address = Address::parse(text).map_err(|_| RedirectUriError)?;
        let safe = address.is_secure() || address.host().is_loopback();
        let plain = !address.names_user() && address.fragment().is_none();
        (safe && plain).then_some(Self(url)).ok_or(RedirectUriError)
    }

    pub(crate) fn as_url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

/// A code must not be sent to this address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a redirect address is https://, or http:// on this machine, without user name and fragment")]
pub struct RedirectUriError;

#[cfg(test)]
mod tests {
    use super::*;

    fn authorization() -> Authorization {
        let endpoint = AuthUrl::new("https://a.example/oauth2/authorize".to_owned()).unwrap();
        Authorization::begin(
            endpoint,
            "the key",
            RedirectUri::parse("http://127.0.0.1:1/callback").unwrap(),
        )
    }

    #[test]
    fn the_address_has_what_the_grant_needs() {
        let authorization = authorization();
        let url = Url::parse(authorization.url()).unwrap();
        let get = |name| {
            url.query_pairs()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.into_owned())
        };
        assert_eq!(get("response_type").as_deref(), Some("code"));
        assert_eq!(get("client_id").as_deref(), Some("the key"));
        assert_eq!(get("redirect_uri").as_deref(), Some("http://127.0.0.1:1/callback"));
        assert_eq!(get("code_challenge_method").as_deref(), Some("S256"));
        assert_eq!(get("code_challenge").unwrap().len(), 43);
        assert_eq!(get("state").as_deref(), Some(authorization.state.expose_secret()));
        assert!(!authorization.url().contains(authorization.verifier.expose_secret()));
        assert_ne!(self::authorization().state, authorization.state);
    }

    #[test]
    fn only_the_answer_to_this_login_counts() {
        let authorization = authorization();
        let state = authorization.state.expose_secret();
        let code = |query: &str| authorization.code(query).map(|code| code.expose_secret().to_owned());
        assert_eq!(code(&format!("code=a%2Bb&state={state}")).as_deref(), Ok("a+b"));
        let refused = AuthorizationError::Refused(OAuthCode::AccessDenied);
        assert_eq!(code(&format!("error=access_denied&state={state}")), Err(refused));
        for other in ["code=a", "", "code=a&state=", "code=a&state=b", "error=access_denied"] {
            assert_eq!(code(other), Err(AuthorizationError::OtherLogin), "{other}");
        }
        for broken in ["", "code=", "code=a&code=b", "code=a&state=b"] {
            let query = format!("state={state}&{broken}");
            assert_eq!(code(&query), Err(AuthorizationError::Malformed), "{query}");
        }
        let long = format!("state={state}&code={}", "a".repeat(MAX_QUERY_LEN));
        assert_eq!(code(&long), Err(AuthorizationError::Malformed));
    }

    #[test]
    fn codes_go_to_safe_addresses_only() {
        for safe in [
            "https://a.example/b",
            "http://127.0.0.1:5/",
            "http://[::1]/",
            "http://localhost/x?y=z",
        ] {
            assert!(RedirectUri::parse(safe).is_ok(), "{safe}");
        }
        for unsafe_one in [
            "http://a.example",
            "https://u@a.example",
            "https://a.example/#b",
            "ftp://127.0.0.1",
            "a",
        ] {
            assert!(RedirectUri::parse(unsafe_one).is_err(), "{unsafe_one}");
        }
    }
}
