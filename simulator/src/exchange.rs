//! The outermost layer of every service: records the request, lets faults happen, writes the answer.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::sleep;

use crate::answer::{Answer, Refusal};
use crate::body;
use crate::conditions::Conditions;
use crate::faults::{self, Fault};
use crate::traffic::Received;
use crate::wire::Cut;

/// Bytes of the longest request body.
pub(crate) const MAX_BODY_LEN: usize = 1024 * 1024;

pub(crate) async fn exchange(State(conditions): State<Arc<Conditions>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_LEN).await else {
        let refusal = Refusal::new(413, "too_large", format!("a body has at most {MAX_BODY_LEN} bytes"));
        return written(refusal.into(), HeaderMap::new(), None).send(&conditions, None);
    };
    let received = Received::new(&parts, &body);
    conditions.record(received.clone());
    sleep(conditions.latency()).await;

    let quirks = conditions.quirks();
    let page = quirks
        .iter()
        .find_map(|quirk| quirk.page(&mut parts.uri))
        .unwrap_or(1)
        .max(1);
    let fault = conditions.take_fault(&received.path);
    let cut = cut_of(&parts);
    let (mut answer, headers) = match (conditions.count_request(), fault) {
        (Err(seconds), _) => (faults::failure(429, Some(seconds)), HeaderMap::new()),
        (_, Some(Fault::Status { status, retry_after })) => (faults::failure(status, retry_after), HeaderMap::new()),
        (_, Some(Fault::HtmlPage)) => return html_page(),
        (_, Some(Fault::Reset)) => return cut_off(&cut),
        (_, Some(Fault::Stall)) => std::future::pending().await,
        _ => match quirks.iter().find_map(|quirk| quirk.answers(&received)) {
            Some(answer) => (answer, HeaderMap::new()),
            None => run(Request::from_parts(parts, body.into()), next).await,
        },
    };
    if fault == Some(Fault::AnswerLost) {
        return cut_off(&cut);
    }
    if let Some(rewriter) = conditions.rewriter() {
        rewriter(&received, &mut answer);
    }
    quirks
        .iter()
        .for_each(|quirk| quirk.change(&received, page, &mut answer));
    let mut written = written(answer, headers, fault);
    quirks.iter().for_each(|quirk| quirk.write(&mut written));
    written.send(&conditions, fault)
}

/// What cuts the connection on which a request came.
pub(crate) fn cut_of(parts: &Parts) -> Cut {
    let info = parts.extensions.get::<ConnectInfo<Cut>>();
    info.map(|ConnectInfo(cut)| cut.clone()).unwrap_or_default()
}

/// Cuts the connection. The response never leaves: writing it fails.
pub(crate) fn cut_off(cut: &Cut) -> Response {
    cut.now();
    Response::new(Body::empty())
}

/// Lets the service answer. The headers are those that the router adds, such as `Allow`.
async fn run(request: Request, next: Next) -> (Answer, HeaderMap) {
    let (mut parts, _no_body) = next.run(request).await.into_parts();
    let answer = parts.extensions.remove::<Answer>();
    // A service answers nothing else.
    let answer = answer.unwrap_or_else(|| Refusal::new(500, "no_answer", "the service gave no answer").into());
    (answer, parts.headers)
}

/// Writes the document of an answer.
fn written(mut answer: Answer, mut headers: HeaderMap, fault: Option<Fault>) -> Written {
    if let Some(Fault::HugeField { bytes }) = fault {
        faults::inflate(&mut answer.document, bytes);
    }
    let bytes = answer.format.write(&answer.document);
    if !bytes.is_empty() {
        set(&mut headers, "content-type", answer.format.content_type());
    }
    for (name, value) in &answer.headers {
        set(&mut headers, name, value);
    }
    Written {
        status: answer.status,
        headers,
        bytes: bytes.into(),
    }
}

/// An answer whose bytes are known.
pub(crate) struct Written {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Written {
    /// Sends the answer with the service's date, as a fault lets it.
    pub(crate) fn send(mut self, conditions: &Conditions, fault: Option<Fault>) -> Response {
        match fault {
            Some(Fault::Malformed) => self.bytes.truncate(self.bytes.len().saturating_sub(1)),
            Some(Fault::Empty) => self.bytes.clear(),
            _ => {}
        }
        let length = self.bytes.len();
        let body = match fault {
            Some(Fault::Truncated) => body::truncated(self.bytes),
            Some(Fault::SlowLoris { pause }) => body::slow(self.bytes, pause),
            _ => self.bytes.into(),
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status.try_into().unwrap_or_default();
        let headers = response.headers_mut();
        set(headers, "date", &httpdate::fmt_http_date(conditions.clock().now()));
        set(headers, "content-length", &length.to_string());
        headers.extend(self.headers);
        response
    }
}

/// A rewriter may have put in what is no header: that is left out.
pub(crate) fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
        headers.insert(name, value);
    }
}

pub(crate) fn html_page() -> Response {
    let mut response = Response::new(faults::HTML_PAGE.into());
    set(response.headers_mut(), "content-type", "text/html; charset=utf-8");
    response
}
