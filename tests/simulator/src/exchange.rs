//! The outermost layer of every service: records the request, lets faults happen, writes the answer.

use std::sync::Arc;

use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::sleep;

use crate::answer::{Answer, Refusal};
use crate::body;
use crate::conditions::Conditions;
use crate::faults::{self, Fault};
use crate::traffic::Received;

/// Bytes of the longest request body.
pub(crate) const MAX_BODY_LEN: usize = 1024 * 1024;

pub(crate) async fn exchange(State(conditions): State<Arc<Conditions>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_LEN).await else {
        let refusal = Refusal::new(413, "too_large", format!("a body has at most {MAX_BODY_LEN} bytes"));
        return write(&conditions, refusal.into(), HeaderMap::new(), None);
    };
    let received = Received::new(&parts, &body);
    conditions.record(received.clone());
    sleep(conditions.latency()).await;

    let fault = conditions.take_fault(&received.path);
    let (mut answer, headers) = match (conditions.count_request(), fault) {
        (Err(seconds), _) => (faults::failure(429, Some(seconds)), HeaderMap::new()),
        (_, Some(Fault::Status { status, retry_after })) => (faults::failure(status, retry_after), HeaderMap::new()),
        (_, Some(Fault::HtmlPage)) => return html_page(),
        _ => run(Request::from_parts(parts, body.into()), next).await,
    };
    if let Some(rewriter) = conditions.rewriter() {
        rewriter(&received, &mut answer);
    }
    write(&conditions, answer, headers, fault)
}

/// Lets the service answer. The headers are those that the router adds, such as `Allow`.
async fn run(request: Request, next: Next) -> (Answer, HeaderMap) {
    let (mut parts, _no_body) = next.run(request).await.into_parts();
    let answer = parts.extensions.remove::<Answer>();
    // A service answers nothing else.
    let answer = answer.unwrap_or_else(|| Refusal::new(500, "no_answer", "the service gave no answer").into());
    (answer, parts.headers)
}

fn write(conditions: &Conditions, mut answer: Answer, headers: HeaderMap, fault: Option<Fault>) -> Response {
    if let Some(Fault::HugeField { bytes }) = fault {
        faults::inflate(&mut answer.document, bytes);
    }
    let mut bytes = answer.format.write(&answer.document);
    if let Some(Fault::Malformed) = fault {
        bytes.pop();
    }
    let length = bytes.len();
    let bytes = Bytes::from(bytes);
    let body = match fault {
        Some(Fault::Truncated) => body::truncated(bytes),
        Some(Fault::SlowLoris { pause }) => body::slow(bytes, pause),
        _ => bytes.into(),
    };
    let mut response = Response::new(body);
    *response.status_mut() = answer.status.try_into().unwrap_or_default();
    *response.headers_mut() = headers;
    let date = httpdate::fmt_http_date(conditions.clock().now());
    let own = [("date", date), ("content-length", length.to_string())];
    let content_type = (length > 0).then(|| ("content-type", answer.format.content_type().to_owned()));
    for (name, value) in own.into_iter().chain(content_type) {
        set(response.headers_mut(), name, &value);
    }
    for (name, value) in &answer.headers {
        set(response.headers_mut(), name, value);
    }
    response
}

/// A rewriter may have put in what is no header: that is left out.
fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
        headers.insert(name, value);
    }
}

fn html_page() -> Response {
    let mut response = Response::new(faults::HTML_PAGE.into());
    set(response.headers_mut(), "content-type", "text/html; charset=utf-8");
    response
}
