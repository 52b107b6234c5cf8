//! The host's part of HTTP: sending a request, waiting, and the time.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

use crate::marker::{MaybeSend, MaybeSync};

/// What the client needs from its host. Natively it can be shared between threads, and its futures are `Send`; in a
/// browser they cannot be.
///
/// A transport must send every request as it is and to no other place: it follows no redirects, adds no
/// credentials, and keeps no cache or cookies. It decides on timeouts.
pub trait Transport: MaybeSend + MaybeSync {
    /// The body of a response, while it arrives.
    type Body: Body;

    /// Sends a request, and gives the head of its response with the body still to come.
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Result<Response<Self::Body>, TransportError>> + MaybeSend;

    /// Waits.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + MaybeSend;

    /// Notes that a request waits before it is sent again, and why, for hosts that show it to people. `reason` holds no
    /// secret.
    fn waiting(&self, reason: &str, pause: Duration) {
        let _ = (reason, pause);
    }

    /// The host's clock: seconds since 1970 (UTC).
    fn now(&self) -> u64;
}

/// A reference to a transport is a transport.
impl<T: Transport> Transport for &T {
    type Body = T::Body;

    fn send(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Result<Response<Self::Body>, TransportError>> + MaybeSend {
        T::send(self, request)
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + MaybeSend {
        T::sleep(self, duration)
    }

    fn waiting(&self, reason: &str, pause: Duration) {
        T::waiting(self, reason, pause);
    }

    fn now(&self) -> u64 {
        T::now(self)
    }
}

/// A body that arrives in pieces of any size.
pub trait Body: MaybeSend {
    /// The next piece, or `None` at the end.
    fn chunk(&mut self) -> impl Future<Output = Result<Option<Bytes>, TransportError>> + MaybeSend;
}

/// How far a request got that failed on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportFault {
    /// No connection came about: the service has seen nothing of the request.
    Connect,
    /// It took too long. The service may have carried the request out.
    Timeout,
    /// The connection broke, or what came was no HTTP. The service may have carried the request out.
    Broken,
    /// Nothing vouches for the service: its certificate cannot be used. Another attempt would meet the same one.
    Untrusted,
    /// What came cannot be read, and would come again.
    Unreadable,
}

/// A request failed on its way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct TransportError {
    fault: TransportFault,
    reason: String,
}

impl TransportError {
    /// With a reason that people read. It must name no address with a query and no header: those may be secrets.
    #[must_use]
    pub fn new(fault: TransportFault, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { fault, reason }
    }

    /// How far the request got.
    #[must_use]
    pub fn fault(&self) -> TransportFault {
        self.fault
    }
}
