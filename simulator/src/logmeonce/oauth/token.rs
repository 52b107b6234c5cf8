//! The token endpoint and its four grants.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::ledger::Caller;
use crate::answer::{Answer, Refusal};
use crate::logmeonce::LogMeOnce;
use crate::params::Params;

pub(in crate::logmeonce) async fn token(
    State(service): State<LogMeOnce>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Answer, Refusal> {
    let params = Params::from_body(&headers, &body)?;
    let grant = params.required("grant_type")?;
    let api_key = client(&service, &params)?;
    let (caller, refresh) = match grant {
        "client_credentials" => (of_client(api_key), false),
        "authorization_code" => (by_code(&service, &params, api_key)?, true),
        "password" => (by_password(&service, &params, api_key)?, true),
        "refresh_token" => (
            by_refresh(&service, &params, &api_key)?,
            service.settings().rotate_refresh_tokens,
        ),
        _ => {
            return Err(Refusal::new(
                400,
                "unsupported_grant_type",
                "the grant type is not supported",
            ));
        }
    };
    issue(&service, caller, refresh)
}

/// The page sends the API key and its secret as parameters. HTTP Basic, the other way, is not in it.
fn client(service: &LogMeOnce, params: &Params) -> Result<String, Refusal> {
    let key = params.text("client_id")?.unwrap_or_default();
    let secret = params.text("client_secret")?.unwrap_or_default();
    let mut known = service.settings().api_keys.into_iter();
    let client = known.find(|known| known.key == key && known.secret == secret);
    let client = client.ok_or_else(|| Refusal::new(401, "invalid_client", "the client credentials are invalid"));
    client.map(|client| client.key)
}

fn of_client(api_key: String) -> Caller {
    Caller {
        api_key,
        username: None,
    }
}

fn by_code(service: &LogMeOnce, params: &Params, api_key: String) -> Result<Caller, Refusal> {
    let code = params.required("code")?;
    let redirect_uri = params.required("redirect_uri")?;
    let verifier = params.required("code_verifier")?;
    let now = service.millis();
    let authorization = service.ledger(|ledger| ledger.redeem_code(code, now));
    let right = authorization.is_some_and(|authorization| {
        authorization.api_key == api_key
            && authorization.redirect_uri == redirect_uri
            && authorization.challenge == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
    });
    let verifier_fits = (43..=128).contains(&verifier.len());
    match right && verifier_fits {
        true => Ok(of_client(api_key)),
        false => Err(invalid_grant(
            "the code, its redirect_uri or its code_verifier is invalid",
        )),
    }
}

fn by_password(service: &LogMeOnce, params: &Params, api_key: String) -> Result<Caller, Refusal> {
    let username = params.required("username")?;
    let password = params.required("password")?;
    if !service.read(|organisation| organisation.logs_in(username, password)) {
        return Err(invalid_grant(
            "the user name or the password is invalid, or the user is not active",
        ));
    }
    let username = Some(username.to_owned());
    Ok(Caller { api_key, username })
}

fn by_refresh(service: &LogMeOnce, params: &Params, api_key: &str) -> Result<Caller, Refusal> {
    let token = params.required("refresh_token")?;
    let once = service.settings().rotate_refresh_tokens;
    let now = service.millis();
    let caller = service.ledger(|ledger| ledger.redeem_refresh(token, api_key, once, now));
    caller.ok_or_else(|| invalid_grant("the refresh token is invalid"))
}

/// The page's four members, and a refresh token where the grant brings one.
fn issue(service: &LogMeOnce, caller: Caller, refresh: bool) -> Result<Answer, Refusal> {
    let ttl = service.settings().token_ttl;
    let ttl_millis = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX / 2);
    let now = service.millis();
    let access_token = service.ledger(|ledger| ledger.issue_access(caller.clone(), now, ttl_millis))?;
    let mut document = json!({
        "access_token": access_token,
        "expires_in": ttl.as_secs(),
        "token_type": "Bearer",
        "scope": null,
    });
    if refresh {
        let refresh_token = service.ledger(|ledger| ledger.issue_refresh(caller, now))?;
        if let Value::Object(members) = &mut document {
            members.insert("refresh_token".to_owned(), refresh_token.into());
        }
    }
    Ok(Answer::ok(document)
        .header("cache-control", "no-store")
        .header("pragma", "no-cache"))
}

fn invalid_grant(message: &str) -> Refusal {
    Refusal::new(400, "invalid_grant", message)
}
