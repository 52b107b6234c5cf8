//! What every request below `/rest` must pass: its token, what it accepts, what it sends. And the audit log.

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::LogMeOnce;
use super::audit::{AuditEntry, loggable};
use super::oauth::Caller;
use crate::answer::{Answer, Refusal};
use crate::bearer::{Challenge, header};
use crate::exchange::MAX_BODY_LEN;
use crate::format::Format;
use crate::params::Params;

const CHALLENGE: Challenge = Challenge {
    missing: r#"Bearer realm="LogMeOnce""#,
    invalid: r#"Bearer realm="LogMeOnce", error="invalid_token""#,
};

pub(super) async fn gate(State(service): State<LogMeOnce>, request: Request, next: Next) -> Response {
    let caller = match authenticate(&service, request.headers()) {
        Ok(caller) => caller,
        Err(refusal) => return refusal.into_response(),
    };
    let mut entry = AuditEntry {
        millis: service.millis(),
        api_key: caller.api_key,
        username: caller.username,
        method: request.method().to_string(),
        path: format!("/rest{}", request.uri().path()),
        parameters: Default::default(),
        status: 0,
    };
    let (answer, mut response) = match admit(&service, request, &mut entry).await {
        Ok((format, request)) => serve(&service, format, request, next).await,
        Err(refusal) => (refusal.into(), Response::default()),
    };
    entry.status = answer.status;
    service.log(entry);
    response.extensions_mut().insert(answer);
    response
}

/// Reads what the request accepts and sends, and hands its parameters on.
async fn admit(service: &LogMeOnce, request: Request, entry: &mut AuditEntry) -> Result<(Format, Request), Refusal> {
    let settings = service.settings();
    if !settings.api_enabled {
        return Err(Refusal::new(
            403,
            "access_denied",
            "the REST API is not enabled for this account",
        ));
    }
    let accept = header(request.headers(), ACCEPT)?;
    let format = Format::negotiate(accept.as_deref());
    let format =
        format.ok_or_else(|| Refusal::new(406, "not_acceptable", "answers are application/json or application/xml"))?;
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY_LEN).await.unwrap_or_default();
    let params = Params::of_request(&parts, &body)?;
    entry.parameters = loggable(&params, &settings.activation_key_parameter);
    let mut request = Request::from_parts(parts, body.into());
    request.extensions_mut().insert(params);
    Ok((format, request))
}

async fn serve(service: &LogMeOnce, format: Format, request: Request, next: Next) -> (Answer, Response) {
    let mut response = next.run(request).await;
    let answer = response.extensions_mut().remove::<Answer>();
    let mut answer = answer.unwrap_or_else(|| Refusal::new(500, "no_answer", "no route answered").into());
    answer.format = format;
    service
        .attacks()
        .iter()
        .for_each(|attack| attack.rewrite(&mut answer.document));
    (answer, response)
}

fn authenticate(service: &LogMeOnce, headers: &HeaderMap) -> Result<Caller, Refusal> {
    let token = CHALLENGE.token(headers)?;
    let now = service.millis();
    let caller = service.ledger(|ledger| ledger.caller(&token, now));
    caller.ok_or_else(|| CHALLENGE.invalid())
}
