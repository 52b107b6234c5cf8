//! Answers that are read whole: JSON or XML, and nothing that only looks like an answer.

use serde::de::{DeserializeOwned, IgnoredAny};
use zkvault_core::SecretBuffer;

use super::json::{self, Kind};
use super::{Call, LogMeOnce, MAX_ANSWER_LEN, MAX_LIST_LEN, xml};
use crate::body::read_whole;
use crate::error::{ClientError, ErrorKind, ServiceMessage};
use crate::media::{Media, html_page};
use crate::retry;
use crate::transport::Transport;

/// A whole answer.
pub(super) struct Document {
    media: Media,
    body: SecretBuffer,
}

impl Document {
    /// Checks that it is what its head says; an empty one is as well.
    fn new(media: Media, body: SecretBuffer) -> Result<Self, ClientError> {
        let document = Self { media, body };
        match media {
            Media::Html => return Err(html_page()),
            _ if document.is_empty() => {}
            Media::Xml => {
                xml::parse(document.bytes())?;
            }
            Media::Json => drop(json::read::<IgnoredAny>(document.text()?, "answer")?),
            Media::Other => {}
        }
        Ok(document)
    }

    fn bytes(&self) -> &[u8] {
        self.body.expose_secret()
    }

    fn text(&self) -> Result<&str, ClientError> {
        str::from_utf8(self.bytes()).map_err(|_| ClientError::malformed("it is not UTF-8"))
    }

    fn is_empty(&self) -> bool {
        self.bytes().trim_ascii().is_empty()
    }

    pub(super) fn list<D: DeserializeOwned>(&self, kind: Kind) -> Result<Vec<D>, ClientError> {
        match self.media {
            Media::Xml => json::list(&xml::parse(self.bytes())?.to_list(kind)?, kind),
            _ => json::list(self.text()?, kind),
        }
    }

    pub(super) fn single<D: DeserializeOwned>(&self, kind: Kind) -> Result<D, ClientError> {
        match self.media {
            Media::Xml => json::single(&xml::parse(self.bytes())?.to_single(kind)?, kind),
            _ => json::single(self.text()?, kind),
        }
    }

    /// The answer's own text.
    pub(super) fn into_json(self) -> Result<SecretBuffer, ClientError> {
        match self.media {
            Media::Xml => Err(ClientError::malformed("it is XML, and JSON was asked for")),
            _ => Ok(self.body),
        }
    }

    /// Refuses an answer that says of itself, under a status of 2xx, that the request failed.
    fn check_success(&self, holds_secret: impl Fn(&str) -> bool) -> Result<(), ClientError> {
        let failed = match self.media {
            _ if self.is_empty() => false,
            Media::Xml => xml::parse(self.bytes())?.child_text("success") == Some("false"),
            Media::Json => json::member(self.text()?, "success")? == Some("false"),
            _ => false,
        };
        if failed {
            let message = ServiceMessage::find(self.bytes());
            return Err(ClientError::new(ErrorKind::Rejected).with_message(message, holds_secret));
        }
        Ok(())
    }
}

impl<T: Transport> LogMeOnce<T> {
    /// Sends a call and reads its answer whole.
    pub(super) async fn document(&self, call: &Call, limit: usize) -> Result<Document, ClientError> {
        let read = async || {
            let response = self.authorized(call, self.format).await?;
            let (head, mut body) = self.successful(response, call).await?.into_parts();
            let media = Media::of(&head.headers);
            let body = read_whole(&mut body, limit)
                .await
                .map_err(|error| error.with_status(head.status))?;
            Document::new(media, body).map_err(|error| error.with_status(head.status))
        };
        let document = retry::run(self.transport(), call.effect(), read).await?;
        document.check_success(|text| self.holds_secret(text, call))?;
        Ok(document)
    }

    /// Sends a call whose answer has nothing to tell.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn execute(&self, call: &Call) -> Result<(), ClientError> {
        self.document(call, MAX_ANSWER_LEN).await.map(drop)
    }

    pub(super) async fn list<D: DeserializeOwned>(&self, call: &Call, kind: Kind) -> Result<Vec<D>, ClientError> {
        self.document(call, MAX_LIST_LEN).await?.list(kind)
    }

    /// Gets one object. A different one in its place is refused: its name and values are not what was asked for.
    pub(super) async fn single<D: DeserializeOwned>(
        &self,
        call: &Call,
        kind: Kind,
        is_wanted: impl Fn(&D) -> bool,
    ) -> Result<D, ClientError> {
        let object = self.document(call, MAX_ANSWER_LEN).await?.single(kind)?;
        match is_wanted(&object) {
            true => Ok(object),
            false => Err(ClientError::malformed(
                "it has another id than the one that was asked for",
            )),
        }
    }

    /// What a change answers: the page does not say whether that is the changed object.
    pub(super) async fn changed<D: DeserializeOwned>(&self, call: &Call, kind: Kind) -> Result<Option<D>, ClientError> {
        Ok(self.document(call, MAX_ANSWER_LEN).await?.single(kind).ok())
    }
}
