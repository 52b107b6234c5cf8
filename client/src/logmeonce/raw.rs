//! Any request, with its answer as it comes.

use std::fmt;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Response, StatusCode};
use zkvault_core::SecretBuffer;

use super::answer::Document;
use super::{Call, Format, LogMeOnce, Outcome};
use crate::decoding::Decoded;
use crate::error::ClientError;
use crate::retry;
use crate::transport::{Body, Transport};

/// An answer that nobody has looked into, with its body still to come.
pub struct RawAnswer<B> {
    status: StatusCode,
    content_type: Option<String>,
    body: B,
}

impl<B: Body> RawAnswer<B> {
    fn new(response: Response<B>) -> Self {
        let (head, body) = response.into_parts();
        let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Self {
            status: head.status,
            content_type: content_type.map(str::to_owned),
            body,
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What the service says that the body is.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// The error that the status stands for, if it is no success.
    #[must_use]
    pub fn error(&self) -> Option<ClientError> {
        (!self.status.is_success()).then(|| ClientError::of_status(self.status, None))
    }

    /// The error that a body stands for which says under a status of 2xx that the request failed. `body` is all of it.
    #[must_use]
    pub fn refusal(&self, call: &Call, body: &[u8]) -> Option<ClientError> {
        let mut text = SecretBuffer::new();
        text.extend(body);
        let document = Document::new(HeaderMap::new(), text).ok()?;
        // The body itself is shown, and with it what the service says.
        let refusal = document.check_success(call.wanted(), |_| true).err()?;
        Some(refusal.with_status(self.status))
    }

    /// The next piece of the body.
    ///
    /// # Errors
    /// [`ClientError`] when the body breaks off.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, ClientError> {
        Ok(self.body.chunk().await?)
    }
}

impl<B> fmt::Debug for RawAnswer<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            status,
            content_type,
            body: _,
        } = self;
        f.debug_struct("RawAnswer")
            .field("status", status)
            .field("content_type", content_type)
            .finish_non_exhaustive()
    }
}

impl<T: Transport> LogMeOnce<T> {
    /// Sends a call and gives its answer as it comes, whatever its status: errors of the service are answers too.
    /// Only what failed on the way is sent again.
    ///
    /// # Errors
    /// [`ClientError`] when there is no answer, or one that redirects.
    pub async fn raw(&self, call: &Call, accept: Format) -> Result<RawAnswer<Decoded<T::Body>>, ClientError> {
        let send = || async move {
            let response = self.authorized(call, accept).await?;
            match response.status().is_redirection() {
                true => Err(ClientError::of_status(response.status(), None)),
                false => Ok(RawAnswer::new(response)),
            }
        };
        let sent = retry::run(self.transport(), call.effect(), send);
        self.witnessed(call, sent, |answer| Outcome::Answered(answer.status.as_u16()))
            .await
    }
}
