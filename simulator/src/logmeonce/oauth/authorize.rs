//! The authorization endpoint. There is nobody to ask: it approves at once.

use axum::extract::State;
use axum::http::Uri;
use url::{Host, Url};

use super::ledger::Authorization;
use crate::answer::{Answer, Refusal};
use crate::logmeonce::LogMeOnce;
use crate::params::Params;

/// Letters of an S256 challenge: a SHA-256 digest in base64 (RFC 7636 §4.2).
const CHALLENGE_LEN: usize = 43;

pub(in crate::logmeonce) async fn authorize(State(service): State<LogMeOnce>, uri: Uri) -> Result<Answer, Refusal> {
    let params = Params::from_query(uri.query())?;
    // Before these two are right, there is nowhere to send anybody.
    let api_key = params.required("client_id")?;
    if !service.settings().api_keys.iter().any(|known| known.key == api_key) {
        return Err(Refusal::new(400, "invalid_client", "the API key is unknown"));
    }
    let mut target = redirect_target(params.required("redirect_uri")?)?;
    let outcome = approve(&service, &params, api_key)?;
    {
        let mut query = target.query_pairs_mut();
        match &outcome {
            Ok(code) => query.append_pair("code", code),
            Err(error) => query.append_pair("error", error),
        };
        if let Some(state) = params.text("state")? {
            query.append_pair("state", state);
        }
    }
    Ok(Answer::new(302, serde_json::Value::Null).header("location", target))
}

/// A code, or the error to come back with (RFC 6749 §4.1.2.1).
fn approve(service: &LogMeOnce, params: &Params, api_key: &str) -> Result<Result<String, &'static str>, Refusal> {
    match params.text("response_type")? {
        Some("code") => {}
        Some(_) => return Ok(Err("unsupported_response_type")),
        None => return Ok(Err("invalid_request")),
    }
    let challenge = params
        .text("code_challenge")?
        .filter(|challenge| challenge.len() == CHALLENGE_LEN);
    let (Some(challenge), Some("S256")) = (challenge, params.text("code_challenge_method")?) else {
        return Ok(Err("invalid_request"));
    };
    let authorization = Authorization {
        api_key: api_key.to_owned(),
        redirect_uri: params.required("redirect_uri")?.to_owned(),
        challenge: challenge.to_owned(),
    };
    let now = service.millis();
    service.ledger(|ledger| ledger.issue_code(authorization, now)).map(Ok)
}

/// https, or http on the loopback interface (RFC 8252 §7.3), without a fragment.
fn redirect_target(uri: &str) -> Result<Url, Refusal> {
    let target = Url::parse(uri).ok().filter(|target| target.fragment().is_none());
    let allowed = |target: &Url| match (target.scheme(), target.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(Host::Ipv6(address))) => address.is_loopback(),
        ("http", Some(Host::Domain(name))) => name == "localhost",
        _ => false,
    };
    target
        .filter(allowed)
        .ok_or_else(|| Refusal::bad("redirect_uri must be https, or http on this machine"))
}
