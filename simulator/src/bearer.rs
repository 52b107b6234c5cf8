//! Bearer tokens in the header (RFC 6750 §2.1), and nowhere else.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName};

use crate::answer::Refusal;

/// What a service says to those without a token, or with a wrong one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Challenge {
    pub(crate) missing: &'static str,
    pub(crate) invalid: &'static str,
}

impl Challenge {
    /// The token of a request.
    pub(crate) fn token(self, headers: &HeaderMap) -> Result<String, Refusal> {
        let missing = || {
            let message = "an access token is needed: Authorization: Bearer …";
            Refusal::new(401, "unauthorized", message).with_header("www-authenticate", self.missing)
        };
        let authorization = header(headers, AUTHORIZATION)?.ok_or_else(missing)?;
        match authorization.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.to_owned()),
            _ => Err(missing()),
        }
    }

    /// The refusal of a token.
    pub(crate) fn invalid(self) -> Refusal {
        let message = "the access token is unknown, revoked or expired";
        Refusal::new(401, "invalid_token", message).with_header("www-authenticate", self.invalid)
    }
}

/// All values of a header as one list.
pub(crate) fn header(headers: &HeaderMap, name: HeaderName) -> Result<Option<String>, Refusal> {
    let values = headers.get_all(&name).iter().map(|value| value.to_str());
    let values = values.collect::<Result<Vec<_>, _>>();
    let values = values.map_err(|_| Refusal::bad(format!("the header {name} is not ASCII")))?;
    Ok((!values.is_empty()).then(|| values.join(",")))
}
