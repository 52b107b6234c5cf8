//! The token endpoint: client credentials with the scope `webApi`.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::json;

use super::Loome;
use crate::answer::{Answer, Refusal};
use crate::params::Params;

/// The scope that the page asks for.
const SCOPE: &str = "webApi";

pub(super) async fn token(State(service): State<Loome>, headers: HeaderMap, body: Bytes) -> Result<Answer, Refusal> {
    let params = Params::from_body(&headers, &body)?;
    params.only(&["grant_type", "client_id", "client_secret", "scope"])?;
    let settings = service.settings();
    if params.required("grant_type")? != "client_credentials" {
        return Err(refused("unsupported_grant_type", "only client credentials are taken"));
    }
    let (key, secret) = (params.required("client_id")?, params.required("client_secret")?);
    let mut known = settings.api_keys.iter();
    if !known.any(|known| known.key == key && known.secret == secret) {
        return Err(refused("invalid_client", "the client credentials are invalid"));
    }
    if params.required("scope")? != SCOPE {
        return Err(refused("invalid_scope", "the scope is webApi"));
    }
    let ttl = u64::try_from(settings.token_ttl.as_millis()).unwrap_or(u64::MAX);
    let now = service.millis();
    let access_token = service.tokens(|tokens| tokens.issue(key.to_owned(), now, ttl))?;
    let document = json!({
        "access_token": access_token,
        "expires_in": settings.token_ttl.as_secs(),
        "token_type": "Bearer",
        "scope": SCOPE,
    });
    Ok(Answer::ok(document).header("cache-control", "no-store"))
}

/// RFC 6749 §5.2; with parameters instead of HTTP Basic, a wrong client is 400 too.
fn refused(code: &'static str, message: &str) -> Refusal {
    Refusal::new(400, code, message)
}
