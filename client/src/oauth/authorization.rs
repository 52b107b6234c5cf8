//! The authorization code grant with PKCE (RFC 6749 §4.1, RFC 7636): what is sent to the browser, and what comes back.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;
use zkvault_core::SecretText;
use zkvault_host::Address;

use crate::error::{ClientError, ErrorKind, OAuthCode};
use crate::url::with_query;

/// Random bytes of a state and of a verifier, which is 43 characters long then (RFC 7636 §4.1).
const SECRET_LEN: usize = 32;

/// The longest query that is read when the browser comes back, in bytes.
const MAX_QUERY_LEN: usize = 8 * 1024;

/// A login in the browser that has begun: the address to open, and the secrets that tie the answer to it.
pub struct Authorization {
    url: String,
    redirect: RedirectUri,
    state: SecretText,
    verifier: SecretText,
}

impl Authorization {
    /// Begins one. `endpoint` is the authorization endpoint, `key` the API key.
    pub(crate) fn begin(endpoint: String, key: &str, redirect: RedirectUri) -> Result<Self, ClientError> {
        let (state, verifier) = (random_text()?, random_text()?);
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose_secret()));
        let parameters = [
            ("response_type", "code"),
            ("client_id", key),
            ("state", state.expose_secret()),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("redirect_uri", &redirect.0),
        ];
        let url = with_query(endpoint, parameters);
        Ok(Self {
            url,
            redirect,
            state,
            verifier,
        })
    }

    /// The address to open in a browser. It holds the state of this login, so it is for the user only.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
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

/// Text that nobody can guess.
fn random_text() -> Result<SecretText, ClientError> {
    let mut bytes = Zeroizing::new([0; SECRET_LEN]);
    getrandom::fill(bytes.as_mut_slice())
        .map_err(|_| ClientError::new(ErrorKind::Request).with_detail("the system gives no random numbers"))?;
    Ok(SecretText::from(URL_SAFE_NO_PAD.encode(bytes.as_slice())))
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
pub struct RedirectUri(String);

impl RedirectUri {
    /// Reads an address.
    ///
    /// # Errors
    /// [`RedirectUriError`] when a code must not be sent there.
    pub fn parse(text: &str) -> Result<Self, RedirectUriError> {
        let address = Address::parse(text).map_err(|_| RedirectUriError)?;
        let safe = address.is_secure() || address.host().is_loopback();
        let plain = !address.names_user() && address.fragment().is_none();
        (safe && plain).then(|| Self(text.to_owned())).ok_or(RedirectUriError)
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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
        let redirect = RedirectUri::parse("http://127.0.0.1:1/callback").unwrap();
        Authorization::begin("https://a.example/oauth2/authorize".to_owned(), "the key", redirect).unwrap()
    }

    #[test]
    fn the_address_has_what_the_grant_needs() {
        let authorization = authorization();
        let (endpoint, query) = authorization.url().split_once('?').unwrap();
        assert_eq!(endpoint, "https://a.example/oauth2/authorize");
        let get = |name| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.into_owned())
        };
        assert_eq!(get("response_type").as_deref(), Some("code"));
        assert_eq!(get("client_id").as_deref(), Some("the key"));
        assert_eq!(get("redirect_uri").as_deref(), Some("http://127.0.0.1:1/callback"));
        assert_eq!(get("code_challenge_method").as_deref(), Some("S256"));
        let verifier = authorization.verifier.expose_secret();
        assert_eq!(verifier.len(), 43);
        assert_eq!(
            get("code_challenge"),
            Some(URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)))
        );
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

    /// RFC 7636, appendix B.
    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
