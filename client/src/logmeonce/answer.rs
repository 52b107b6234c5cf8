//! Responses that are read whole: JSON or XML, and nothing that only looks like a response.

use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};
use zkvault_core::SecretBuffer;
use zkvault_core::model::{OddRecord, Record};

use super::{Call, LogMeOnce, MAX_ANSWER_LEN, MAX_LIST_LEN, Outcome, ServiceChange};
use crate::body::read_whole;
use crate::document::json::{self, Kind, ListDocument};
use crate::document::xml;
use crate::error::ClientError;
use crate::media::{self, Media};
use crate::message;
use crate::parts::{Listed, Parts};
use crate::refusal::{self, Wanted};
use crate::transport::Transport;

/// A whole response.
pub(super) struct Document {
    headers: HeaderMap,
    media: Media,
    text: SecretBuffer,
    /// Whether bytes of the text had to be read as something else.
    is_mended: bool,
    /// Under which it came, where that is worth telling.
    status: Option<StatusCode>,
}

impl Document {
    /// Checks that the body is the API's; an empty one is as well.
    pub(super) fn new(headers: HeaderMap, body: SecretBuffer) -> Result<Self, ClientError> {
        let (text, is_mended) = media::lenient_text_of(body, &headers)?;
        let media = Media::of(media::utf8(&text)?)?;
        match media {
            Media::Other => return Err(ClientError::foreign("it is neither JSON nor XML")),
            Media::Xml => {
                xml::parse(text.expose_secret())?;
            }
            Media::Empty | Media::Json => {}
        }
        Ok(Self {
            headers,
            media,
            text,
            is_mended,
            status: None,
        })
    }

    /// Checks that there is something to read. A name of a person may be written badly; the texts of a site are compared
    /// with those that are pinned, and a value is what was sealed or nothing.
    fn check(&self, kind: Kind) -> Result<(), ClientError> {
        let odd = match (self.media, kind) {
            (Media::Empty, _) if self.text()?.trim().is_empty() => "it is empty",
            (_, Kind::Site) if self.is_mended => "it is not valid JSON in UTF-8",
            _ => return Ok(()),
        };
        let error = ClientError::malformed(odd);
        Err(match self.status {
            Some(status) => error.with_status(status),
            None => error,
        })
    }

    fn text(&self) -> Result<&str, ClientError> {
        media::utf8(&self.text)
    }

    /// A list of things that are no records: each with the number that an object in place of the list names it by.
    pub(super) fn list(&self, kind: Kind) -> Result<Vec<(Option<u64>, Value)>, ClientError> {
        let mut list = Vec::new();
        self.visit(kind, &mut |document| {
            let numbers = document
                .numbers
                .iter()
                .copied()
                .map(Some)
                .chain(std::iter::repeat(None));
            let items = numbers.zip(&document.items);
            list.extend(items.map(|(number, item)| (number, serde_json::from_str(item.get()).unwrap_or_default())));
            Ok(())
        })?;
        Ok(list)
    }

    /// The records of a list, with what stands beside it.
    #[expect(clippy::type_complexity, reason = "each record, or why it is set aside")]
    pub(super) fn records<T: Record>(
        &self,
        kind: Kind,
        parts: &mut Parts,
    ) -> Result<(Vec<Result<T, OddRecord>>, Map<String, Value>), ClientError> {
        let mut records = Vec::new();
        let beside = self.each(kind, &mut |json| {
            parts.note(json.as_bytes());
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
        self.visit(kind, &mut |document| {
            document.items.iter().try_for_each(|item| visit(item.get()))
        })
    }

    /// Gives a list to `visit`, and what stands beside it.
    fn visit(
        &self,
        kind: Kind,
        visit: &mut dyn FnMut(&ListDocument<'_>) -> Result<(), ClientError>,
    ) -> Result<Map<String, Value>, ClientError> {
        self.check(kind)?;
        match self.media {
            Media::Xml => {
                let root = xml::parse(self.text.expose_secret())?;
                let list = root.to_list(kind)?;
                visit(&json::list_document(&list, kind)?)?;
                Ok(root.beside(kind))
            }
            _ => {
                let document = json::list_document(self.text()?, kind)?;
                visit(&document)?;
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
        self.check(kind)?;
        let read = |json: &str| T::from_json(json).map_err(|odd| ClientError::malformed(odd.reason()));
        match self.media {
            Media::Xml => read(&xml::parse(self.text.expose_secret())?.to_single(kind)?),
            _ => read(json::single(self.text()?, kind)?),
        }
    }

    /// Refuses a response that says of itself, under a status of 2xx, that the request failed.
    pub(super) fn check_success(&self, wanted: Wanted, holds_secret: impl Fn(&str) -> bool) -> Result<(), ClientError> {
        let document = self.document()?;
        let refused = document.and_then(|document| message::refused(&document, wanted, holds_secret));
        refused.map_or(Ok(()), Err)
    }

    /// Refuses a response that says of a change that it was not made, or not yet.
    fn check_made(&self, call: &Call, status: StatusCode) -> Result<(), ClientError> {
        let asked = call.change().and_then(ServiceChange::asked);
        let unmade = asked
            .zip(self.document()?)
            .and_then(|(asked, document)| refusal::unmade(&document, &asked, status));
        unmade.map_or(Ok(()), Err)
    }

    /// What it says of itself.
    fn document(&self) -> Result<Option<Value>, ClientError> {
        Ok(match self.media {
            Media::Empty | Media::Other => None,
            Media::Xml => Some(xml::parse(self.text.expose_secret())?.to_document()),
            Media::Json => Some(json::document(self.text()?)),
        })
    }
}

impl<T: Transport> LogMeOnce<T> {
    /// Sends a call and reads its response whole.
    pub(super) async fn document(&self, call: &Call, limit: usize) -> Result<Document, ClientError> {
        let read = self.service.run(call.effect(), || self.exchange(call, limit));
        self.witnessed(call, read, |_| Outcome::Confirmed).await
    }

    async fn exchange(&self, call: &Call, limit: usize) -> Result<Document, ClientError> {
        let response = self.authorized(call, self.format).await?;
        let (head, mut body) = self.successful(response, call).await?.into_parts();
        let read = async {
            let mut document = Document::new(head.headers, read_whole(&mut body, limit).await?)?;
            document.status = Some(head.status);
            document.check_success(call.wanted(), |text| self.holds_secret(text, call))?;
            document.check_made(call, head.status)?;
            Ok(document)
        };
        read.await.map_err(|error: ClientError| error.with_status(head.status))
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
            let document = self.document(&call.part(&parts.parameters()), limit).await;
            let document = document.map_err(|error| parts.failed(error))?;
            limit = limit.saturating_sub(document.text.len());
            let (records, beside) = document.records(kind, &mut parts)?;
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
