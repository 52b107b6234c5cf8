//! What every request to the API must pass: its token, and what it sends.

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Loome;
use crate::answer::{Answer, Refusal};
use crate::bearer::Challenge;
use crate::exchange::MAX_BODY_LEN;
use crate::params::Params;

const CHALLENGE: Challenge = Challenge {
    missing: "Bearer",
    invalid: r#"Bearer error="invalid_token""#,
};

pub(super) async fn gate(State(service): State<Loome>, request: Request, next: Next) -> Response {
    match admit(&service, request).await {
        Ok(request) => next.run(request).await,
        Err(refusal) => Problem(refusal).into_response(),
    }
}

async fn admit(service: &Loome, request: Request) -> Result<Request, Refusal> {
    let token = CHALLENGE.token(request.headers())?;
    let now = service.millis();
    if service.tokens(|tokens| tokens.get(&token, now)).is_none() {
        return Err(CHALLENGE.invalid());
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY_LEN).await.unwrap_or_default();
    let params = Params::of_request(&parts, &body)?;
    let mut request = Request::from_parts(parts, body.into());
    request.extensions_mut().insert(params);
    Ok(request)
}

/// A refusal as services on ASP.NET write it (RFC 9457).
pub(super) struct Problem(Refusal);

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(refusal) = self;
        let document = json!({"title": refusal.code(), "status": refusal.status, "detail": refusal.message()});
        let mut answer = Answer::from(refusal);
        answer.document = document;
        answer
            .header("content-type", "application/problem+json")
            .into_response()
    }
}
