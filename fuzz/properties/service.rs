//! A service that answers with what the fuzzer wrote, and what the client asked it for.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use zkvault_client::{Body, Bytes, Request, Response, StatusCode, Transport, TransportError};

/// Answers every request in the same way.
pub(crate) struct Service {
    pub(crate) status: StatusCode,
    pub(crate) media_type: &'static str,
    pub(crate) body: Vec<u8>,
    /// Bytes of a piece of the body.
    pub(crate) piece: usize,
    pub(crate) asked: Mutex<Vec<String>>,
}

impl Service {
    pub(crate) fn new(media_type: &'static str, body: &[u8], piece: usize) -> Self {
        Self {
            status: StatusCode::OK,
            media_type,
            body: body.to_vec(),
            piece,
            asked: Mutex::default(),
        }
    }

    /// The addresses that were asked for.
    pub(crate) fn asked(&self) -> MutexGuard<'_, Vec<String>> {
        self.asked.lock().unwrap()
    }
}

impl Transport for Service {
    type Body = Pieces;

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Pieces>, TransportError> {
        self.asked().push(request.uri().to_string());
        let body = Bytes::copy_from_slice(&self.body);
        let answer = Response::builder()
            .status(self.status)
            .header("content-type", self.media_type);
        Ok(answer
            .body(Pieces {
                body,
                piece: self.piece.max(1),
            })
            .unwrap())
    }

    async fn sleep(&self, _duration: Duration) {}

    fn now(&self) -> u64 {
        1_767_225_600
    }
}

/// A body that arrives in pieces of one size.
pub(crate) struct Pieces {
    body: Bytes,
    piece: usize,
}

impl Body for Pieces {
    async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        let piece = self.body.split_to(self.piece.min(self.body.len()));
        Ok(Some(piece).filter(|piece| !piece.is_empty()))
    }
}

/// Runs what never waits: here every answer is ready at once.
pub(crate) fn run<R>(work: impl Future<Output = R>) -> R {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("it waits, and nothing is to be waited for"),
    }
}
