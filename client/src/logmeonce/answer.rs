//! Responses that are read whole: JSON or XML, and nothing that only looks like a response.

use http::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use zkvault_core::SecretBuffer;
use zkvault_core::model::{OddRecord, Record};

use super::{Call, LogMeOnce, MAX_ANSWER_LEN, MAX_LIST_LEN, Outcome};
use crate::body::read_whole;
use crate::document::json::{self, Kind, ListDocument};
use crate::document::xml;
use crate::error::ClientError;
use crate::media::{self, Media};
use crate::message::ServiceMessage;
use crate::parts::{Listed, Parts};
use crate::refusal::{self, Wanted};
use crate::retry;
use crate::transport::Transport;

/// A whole response.
pub(super) struct Document {
    headers: HeaderMap,
    media: Media,
    text: SecretBuffer,
}

impl Document {
    /// Checks that the body is the API's; an empty one is as well.
    pub(super) fn new(headers: HeaderMap, body: SecretBuffer) -> Result<Self, ClientError> {
        let text = media::text_of(body)?;
        let media = Media::of(media::utf8(&text)?)?;
        match media {
            Media::Other => return Err(ClientError::foreign("it is neither JSON nor XML")),
            Media::Xml => {
                xml::parse(text.expose_secret())?;
            }
            Media::Empty | Media::Json => {}
        }
        Ok(Self { headers, media, text })
    }

    fn text(&self) -> Result<&str, ClientError> {
        media::utf8(&self.text)
    }

    pub(super) fn list<D: DeserializeOwned>(&self, kind: Kind) -> Result<Vec<D>, ClientError> {
        match self.media {
            Media::Xml => json::list(&xml::parse(self.text.expose_secret())?.to_list(kind)?, kind),
            _ => json::list(self.text()?, kind),
        }
    }

    /// The records of a list, with what stands beside it.
    #[expect(clippy::type_complexity, reason = "each record, or why it is set aside")]
    pub(super) fn records<T: Record>(
        &self,
        kind: Kind,
    ) -> Result<(Vec<Result<T, OddRecord>>, Map<String, Value>), ClientError> {
        let mut records = Vec::new();
        let beside = self.each(kind, &mut |json| {
            records.push(T::from_json(json));
            Ok(())
        })?;
        Ok((records, beside))
    }

    /// Gives the text of each record of a list to `visit`, and what stands beside the list.
    pub(super) fn each(
        &self,
        kind: Kind,
        visit: &mut dyn FnMut(&str) -> Result<(), ClientError>,
    ) -> Result<Map<String, Value>, ClientError> {
        let mut visit_all = |document: &ListDocument<'_>| document.items.iter().try_for_each(|item| visit(item.get()));
        match self.media {
            Media::Xml => {
                let root = xml::parse(self.text.expose_secret())?;
                let list = root.to_list(kind)?;
                visit_all(&json::list_document(&list, kind)?)?;
                Ok(root.beside(kind))
            }
            _ => {
                let document = json::list_document(self.text()?, kind)?;
                visit_all(&document)?;
                Ok(document.beside)
            }
        }
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Bytes of its text.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    pub(super) fn single<T: Record>(&self, kind: Kind) -> Result<T, ClientError> {
        let read = |json: &str| T::from_json(json).map_err(|odd| ClientError::malformed(odd.reason()));
        match self.media {
            Media::Xml => read(&xml::parse(self.text.expose_secret())?.to_single(kind)?),
            _ => read(json::single(self.text()?, kind)?),
        }
    }

    /// Refuses a response that says of itself, under a status of 2xx, that the request failed.
    pub(super) fn check_success(&self, wanted: Wanted, holds_secret: impl Fn(&str) -> bool) -> Result<(), ClientError> {
        let document = match self.media {
            Media::Empty | Media::Other => return Ok(()),
            Media::Xml => xml::parse(self.text.expose_secret())?.to_document(),
            Media::Json => json::document(self.text()?),
        };
        match refusal::find(&document, wanted) {
            None => Ok(()),
            Some(kind) => {
                let message = ServiceMessage::of_document(&document);
                Err(ClientError::new(kind).with_message(message.and_then(|message| message.shown(holds_secret))))
            }
        }
    }
}

impl<T: Transport> LogMeOnce<T> {
    /// Sends a call and reads its response whole.
    pub(super) async fn document(&self, call: &Call, limit: usize) -> Result<Document, ClientError> {
        let read = || async move {
            let response = self.authorized(call, self.format).await?;
            let (head, mut body) = self.successful(response, call).await?.into_parts();
            let body = read_whole(&mut body, limit)
                .await
                .map_err(|error| error.with_status(head.status))?;
            let document = Document::new(head.headers, body).map_err(|error| error.with_status(head.status))?;
            let checked = document.check_success(call.wanted(), |text| self.holds_secret(text, call));
            checked.map_err(|error| error.with_status(head.status))?;
            Ok(document)
        };
        let read = retry::run(self.transport(), call.effect(), read);
        self.witnessed(call, read, |_| Outcome::Confirmed).await
    }

    /// Sends a call whose response has nothing to tell.
    ///
    /// # Errors
    /// [`ClientError`], as of every request; of the kind `Rejected` also when the service says under a status of 2xx
    /// that it did not do it.
    pub async fn execute(&self, call: &Call) -> Result<(), ClientError> {
        self.document(call, MAX_ANSWER_LEN).await.map(drop)
    }

    /// Gets a list whole, in as many parts as it comes.
    pub(super) async fn list<R: Record>(&self, call: &Call, kind: Kind) -> Result<Listed<R>, ClientError> {
        let (mut listed, mut parts, mut limit) = (Listed::default(), Parts::default(), MAX_LIST_LEN);
        loop {
            let document = self.document(&call.part(&parts.parameters()), limit).await?;
            limit = limit.saturating_sub(document.text.len());
            let (records, beside) = document.records(kind)?;
            let count = records.len() as u64;
            records.into_iter().for_each(|record| listed.push(record));
            if !parts.read(count, &beside, &document.headers, (&self.url, call.path()))? {
                return Ok(listed);
            }
        }
    }

    /// Gets one object. A different one in its place is refused: its name and values are not what was asked for.
    pub(super) async fn single<R: Record>(&self, call: &Call, kind: Kind, id: u64) -> Result<R, ClientError> {
        let object: R = self.document(call, MAX_ANSWER_LEN).await?.single(kind)?;
        match object.id() == id {
            true => Ok(object),
            false => Err(ClientError::malformed(
                "it has a different id than the one that was asked for",
            )),
        }
    }

    /// What a change answers: the page does not say whether that is the changed object.
    pub(super) async fn changed<R: Record>(&self, call: &Call, kind: Kind) -> Result<Option<R>, ClientError> {
        Ok(self.document(call, MAX_ANSWER_LEN).await?.single(kind).ok())
    }
}
