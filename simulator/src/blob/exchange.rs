//! The way of a request: recorded, delayed, broken if a test asks for that, checked, and carried out.

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::Response;
use tokio::time::sleep;

use super::BlobStorage;
use super::operation::Operation;
use super::reply::{Problem, Reply, Result};
use super::request::BlobRequest;
use crate::exchange::{cut_of, cut_off, html_page};
use crate::faults::Fault;
use crate::traffic::Received;

/// Bytes of the longest block or blob that is taken at once. Azure takes 4,000 MiB.
const MAX_BODY_LEN: usize = 256 << 20;
/// As much of a body is recorded: all of them would fill the memory.
const RECORDED_LEN: usize = 4096;

pub(super) async fn exchange(State(storage): State<BlobStorage>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let conditions = storage.conditions();
    let is_head = parts.method == Method::HEAD;
    let send = |reply: Reply, fault| {
        reply
            .written(storage.state(|state| state.next_number()))
            .send(conditions, fault)
    };
    let Ok(body) = to_bytes(body, MAX_BODY_LEN).await else {
        return send(Problem::new(413, "RequestBodyTooLarge", "").reply(is_head), None);
    };
    let received = Received::new(&parts, body.get(..RECORDED_LEN).unwrap_or(&body));
    let fault = conditions.take_fault(&received.path);
    conditions.record(received);
    sleep(conditions.latency()).await;

    let failure = |status, retry_after: Option<u64>| {
        let reply = Problem::injected(status).reply(is_head);
        match retry_after {
            Some(seconds) => reply.header("retry-after", &seconds.to_string()),
            None => reply,
        }
    };
    let cut = cut_of(&parts);
    let reply = match (conditions.count_request(), fault) {
        (Err(seconds), _) => failure(503, Some(seconds)),
        (_, Some(Fault::Status { status, retry_after })) => failure(status, retry_after),
        (_, Some(Fault::HtmlPage)) => return html_page(),
        (_, Some(Fault::Reset)) => return cut_off(&cut),
        (_, Some(Fault::Stall)) => std::future::pending().await,
        _ => serve(&storage, &parts, body).unwrap_or_else(|problem| problem.reply(is_head)),
    };
    match fault {
        Some(Fault::AnswerLost) => cut_off(&cut),
        fault => send(reply, fault),
    }
}

fn serve(storage: &BlobStorage, parts: &Parts, body: axum::body::Bytes) -> Result<Reply> {
    if let Some((status, to)) = storage.redirect() {
        let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
        return Ok(Reply::new(status).header("location", &format!("{to}{path}")));
    }
    let request = BlobRequest::parse(parts, body)?;
    let operation = Operation::of(&request).ok_or(Problem::new(
        405,
        "UnsupportedHttpVerb",
        "The resource doesn't support specified Http Verb.",
    ))?;
    if let Some(problem) = storage.refusal(operation, &request) {
        return Err(problem);
    }
    let grant = storage.account().check(&request, storage.conditions().clock().now())?;
    operation.run(&request, &grant, storage)
}
