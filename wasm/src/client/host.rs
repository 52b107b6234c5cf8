//! HTTP by the host's `fetch`, time and waiting, from `host.js`.

use std::future::{Future, poll_fn};
use std::task::Poll;
use std::time::Duration;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::{JsCast as _, JsValue, wasm_bindgen};
use zeroize::Zeroizing;
use zkvault_client::{Body, Bytes, Request, Response, Transport, TransportError, TransportFault};

#[wasm_bindgen(raw_module = "./host.js")]
extern "C" {
    /// Something that the host does meanwhile.
    type Pending;

    /// Its result: an array once it is there. A fault is a text in the place of the array.
    #[wasm_bindgen(method)]
    fn take(this: &Pending) -> JsValue;

    /// Begins a request. The result is its status, the names and values of its headers, and its body.
    fn send(method: &str, url: &str, headers: Array, body: Option<Uint8Array>) -> Pending;

    /// Begins to read a piece of a body. The result is the piece; nothing at the end.
    fn read(body: &JsValue) -> Pending;

    /// Begins to wait.
    fn sleep(milliseconds: f64) -> Pending;

    /// Milliseconds since 1970.
    fn now() -> f64;
}

/// The page's, worker's or program's own HTTP.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Host;

/// A body that the host receives.
#[derive(Debug)]
pub(crate) struct HostBody(JsValue);

impl Transport for Host {
    type Body = HostBody;

    async fn send(&self, request: Request<Bytes>) -> Result<Response<HostBody>, TransportError> {
        let (head, body) = request.into_parts();
        let headers = Array::new();
        for (name, value) in &head.headers {
            // Of our own making, and so texts.
            headers.push(&name.as_str().into());
            headers.push(&value.to_str().unwrap_or_default().into());
        }
        let bytes = (!body.is_empty()).then(|| Uint8Array::from(body.as_ref()));
        let pending = send(head.method.as_str(), &uri(&head.uri), headers, bytes);
        response(&result(pending).await?).ok_or_else(|| broken("its head is not in order"))
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> {
        let pending = sleep(duration.as_secs_f64() * 1000.0);
        async { drop(result(pending).await) }
    }

    fn now(&self) -> u64 {
        (now() / 1000.0) as u64
    }
}

impl Body for HostBody {
    async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        let piece = result(read(&self.0)).await?.get(0);
        Ok(piece.dyn_into::<Uint8Array>().ok().map(|piece| {
            // Answers hold tokens, among others.
            Bytes::from_owner(Zeroizing::new(piece.to_vec()))
        }))
    }
}

fn result(pending: Pending) -> impl Future<Output = Result<Array, TransportError>> {
    poll_fn(move |_| {
        let taken = pending.take();
        match taken.as_string() {
            Some(fault) => Poll::Ready(Err(failure(&fault))),
            None => taken.dyn_into().map_or(Poll::Pending, |array| Poll::Ready(Ok(array))),
        }
    })
}

/// A fault is `timeout`, or the reason why there is no answer.
fn failure(fault: &str) -> TransportError {
    match fault {
        "timeout" => TransportError::new(TransportFault::Timeout, "no answer came in time"),
        reason => broken(reason),
    }
}

/// `fetch` does not tell whether the service has seen the request: it may have carried it out.
fn broken(reason: &str) -> TransportError {
    TransportError::new(TransportFault::Broken, reason)
}

fn uri(uri: &http::Uri) -> String {
    uri.to_string()
}

fn response(answer: &Array) -> Option<Response<HostBody>> {
    let mut response = Response::builder().status(answer.get(0).as_f64()? as u16);
    let headers: Array = answer.get(1).dyn_into().ok()?;
    for index in (0..headers.length()).step_by(2) {
        let (name, value) = (headers.get(index).as_string()?, headers.get(index + 1).as_string()?);
        response = response.header(name, value);
    }
    response.body(HostBody(answer.get(2))).ok()
}
