//! A part of a list in JSON, cut into sites as it comes.

use std::collections::VecDeque;

use serde_json::{Map, Value};
use zkvault_core::document::{Batch, DocumentError, Framer, Part, ShapeError};
use zkvault_core::model::{OddRecord, Site};
use zkvault_core::{SecretBuffer, SecretBytes};

use super::{media, refusal};
use crate::document::json::{self, Kind};
use crate::error::{ClientError, ErrorKind};
use crate::marker::{MaybeSend, MaybeSync};
use crate::media::Media;
use crate::refusal::{self as refusals, Wanted};
use crate::transport::Body;

/// Bytes from the beginning that are kept until a site comes, for what the document says if it is no list, and for a list
/// that stands elsewhere than where the API's page shows it: 1 MiB.
const MAX_START: usize = 1 << 20;

pub(super) struct Framed<B> {
    body: B,
    /// Bytes that may still come.
    bytes_left: u64,
    framer: Framer,
    /// Whether the list has ended.
    ended: bool,
    batch: Batch,
    ready: VecDeque<Result<SecretBytes, OddRecord>>,
    /// Nothing after the first site.
    start: Option<SecretBuffer>,
    /// What came before the first `next`.
    first: SecretBuffer,
    /// The members beside a list that was read whole.
    beside: Option<Map<String, Value>>,
}

impl<B: Body> Framed<B> {
    /// `first` is the beginning of the body, which was read to see what it is.
    pub(super) fn new(body: B, first: SecretBuffer, bytes_left: u64) -> Self {
        Self {
            body,
            bytes_left,
            framer: Framer::of_listing(),
            ended: false,
            batch: Batch::new(),
            ready: VecDeque::new(),
            start: Some(SecretBuffer::new()),
            first,
            beside: None,
        }
    }

    /// The bytes of the next site, or why it is set aside.
    pub(super) async fn next(
        &mut self,
        holds_secret: impl Fn(&str) -> bool + MaybeSend + MaybeSync,
    ) -> Result<Option<Result<SecretBytes, OddRecord>>, ClientError> {
        loop {
            if let Some(site) = self.ready.pop_front() {
                self.start = None;
                return Ok(Some(site));
            }
            if self.ended {
                return Ok(None);
            }
            let framed = match self.piece().await? {
                Some(piece) => self.push(piece.expose_secret()),
                None => self.finish(&holds_secret)?,
            };
            if let Err(error) = framed {
                self.read_otherwise(error, &holds_secret).await?;
            }
        }
    }

    /// The members beside the list, which has ended.
    pub(super) fn beside(&mut self) -> Map<String, Value> {
        if let Some(beside) = self.beside.take() {
            return beside;
        }
        let beside = self.framer.beside_sites();
        media::utf8(&beside).map(json::outline).unwrap_or_default()
    }

    async fn piece(&mut self) -> Result<Option<SecretBuffer>, ClientError> {
        let piece = match self.first.is_empty() {
            false => std::mem::take(&mut self.first),
            true => match self.body.chunk().await? {
                None => return Ok(None),
                Some(bytes) => {
                    let mut piece = SecretBuffer::new();
                    piece.extend(&bytes);
                    piece
                }
            },
        };
        let left = self.bytes_left.checked_sub(piece.len() as u64);
        self.bytes_left = left.ok_or_else(too_long)?;
        Ok(Some(piece))
    }

    fn push(&mut self, piece: &[u8]) -> Result<(), DocumentError> {
        if let Some(start) = &mut self.start {
            let room = MAX_START - start.len().min(MAX_START);
            start.extend(piece.get(..room).unwrap_or(piece));
        }
        self.framer.push(piece, &mut self.batch)?;
        self.ready.extend(self.batch.parts().filter_map(|part| match part {
            Part::Site { bytes, .. } => Some(Ok(SecretBytes::from(bytes.to_vec()))),
            Part::Copy(_) => None,
        }));
        let cut = self.batch.cut_sites().iter();
        self.ready
            .extend(cut.map(|site| Err(OddRecord::cut_off::<Site>(site.start(), &site.reason()))));
        Ok(())
    }

    /// Also a list that came whole may be refused by what stands beside it.
    fn finish(&mut self, holds_secret: &impl Fn(&str) -> bool) -> Result<Result<(), DocumentError>, ClientError> {
        if let Err(error) = self.framer.end() {
            return Ok(Err(error));
        }
        self.ended = true;
        match refusal(&self.framer.beside_sites(), holds_secret) {
            Some(refusal) => Err(refusal),
            None => Ok(Ok(())),
        }
    }

    /// What the document is instead of a list in its usual place: one in an envelope, a refusal, or nothing that the API
    /// would send.
    async fn read_otherwise(
        &mut self,
        error: DocumentError,
        holds_secret: &(impl Fn(&str) -> bool + MaybeSync),
    ) -> Result<(), ClientError> {
        let kind = match error {
            DocumentError::TooLarge { .. } | DocumentError::TooDeep { .. } => ErrorKind::TooLarge,
            _ => ErrorKind::Malformed,
        };
        // No message of these quotes the document.
        let plain = ClientError::new(kind).with_detail(error.to_string());
        let Some(mut start) = self.start.take().filter(|_| kind == ErrorKind::Malformed) else {
            return Err(plain);
        };
        while start.len() < MAX_START {
            match self.body.chunk().await? {
                Some(piece) => start.extend(&piece),
                None => break,
            }
        }
        let is_whole = start.len() < MAX_START;
        let start = media::text_of(start)?;
        let Ok(text) = media::utf8(&start) else {
            return Err(plain);
        };
        match Media::of(text)? {
            Media::Other => return Err(ClientError::foreign("it is neither JSON nor XML")),
            Media::Empty if text.trim().is_empty() => return Err(ClientError::malformed("it is empty")),
            _ if refusals::find(&json::document(text), Wanted::Records).is_some() => {
                return Err(refusal(&start, holds_secret).unwrap_or(plain));
            }
            _ => {}
        }
        let is_elsewhere = matches!(
            error,
            DocumentError::Shape(ShapeError::NoSites | ShapeError::SitesNotAnArray)
        );
        let list = json::list_document(text, Kind::Site).ok();
        let list = list.filter(|_| is_whole && is_elsewhere).ok_or(plain)?;
        let items = list.items.iter().map(|item| item.get().as_bytes().to_vec());
        self.ready.extend(items.map(SecretBytes::from).map(Ok));
        (self.beside, self.ended) = (Some(list.beside), true);
        Ok(())
    }
}

fn too_long() -> ClientError {
    ClientError::new(ErrorKind::TooLarge).with_detail("the list has too many bytes")
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::transport::TransportError;

    /// White space without end, in which no other limit counts anything.
    struct EndlessBody;

    impl Body for EndlessBody {
        async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
            Ok(Some(Bytes::from_static(&[b' '; 64])))
        }
    }

    #[tokio::test]
    async fn a_list_that_never_begins_ends_at_the_limit() {
        let mut framed = Framed::new(EndlessBody, SecretBuffer::new(), 10_000);
        assert_eq!(framed.next(|_| false).await.unwrap_err().kind(), ErrorKind::TooLarge);
    }

    /// A body in one piece.
    struct Whole(Option<Bytes>);

    impl Body for Whole {
        async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
            Ok(self.0.take())
        }
    }

    async fn read(body: &str) -> Result<(usize, Map<String, Value>), ClientError> {
        let body = Whole(Some(Bytes::copy_from_slice(body.as_bytes())));
        let mut framed = Framed::new(body, SecretBuffer::new(), 100_000);
        let mut sites = 0;
        while framed.next(|_| false).await?.is_some() {
            sites += 1;
        }
        Ok((sites, framed.beside()))
    }

    #[tokio::test]
    async fn lists_come_with_what_stands_beside_them() {
        let (sites, beside) = read(r#"{"page":1,"sites":[{"id":1},null,"x",5,[],{"id":2}],"meta":{"total":6}}"#)
            .await
            .unwrap();
        assert_eq!(
            (sites, Value::Object(beside)),
            (6, serde_json::json!({"page": 1, "meta": {"total": 6}}))
        );
        for (body, sites) in [
            (r#"{"sites":{"0":{"id":1},"7":{"id":2}}}"#, 2),
            (r#"{"sites":{}}"#, 0),
            (r#"{"sites":null,"error":null}"#, 0),
            (r#"{"sites":""}"#, 0),
            ("[]", 0),
            (r#"[{"id":1}]"#, 1),
            ("\u{feff}[{\"id\":1}]", 1),
            (r#"{"data":{"sites":[{"id":1},{"id":2}]},"status":"ok"}"#, 2),
            (r#"{"data":[{"id":1},5]}"#, 2),
            (r#"{"result":{"items":{"1":{"id":1}}}}"#, 1),
            (r#"{"sites":{"id":1,"login":{}}}"#, 1),
            (r#"{"sites":{"site":[{"id":1},{"id":2}]}}"#, 2),
            (r#"{"Sites":[{"id":1}]}"#, 1),
        ] {
            assert_eq!(read(body).await.map(|(sites, _)| sites), Ok(sites), "{body}");
        }
    }

    #[tokio::test]
    async fn a_site_beyond_the_limits_is_set_aside_by_its_name() {
        let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
        let list = format!(r#"{{"sites":[{{"id":1}},{{"id":7,"name":"Bank","x":{deep}}},{{"id":2}}]}}"#);
        let mut framed = Framed::new(Whole(Some(Bytes::from(list))), SecretBuffer::new(), 100_000);
        let (mut sites, mut odd) = (0, Vec::new());
        while let Some(site) = framed.next(|_| false).await.unwrap() {
            match site {
                Ok(_) => sites += 1,
                Err(record) => odd.push(record.to_string()),
            }
        }
        assert_eq!(sites, 2);
        assert_eq!(odd, [r#"site 7 ("Bank"): it is nested deeper than 64 levels"#]);
    }

    #[tokio::test]
    async fn what_is_no_list_says_why() {
        for (body, kind, said) in [
            (
                r#"{"error":"denied","error_description":"no"}"#,
                ErrorKind::Rejected,
                Some("no"),
            ),
            (
                r#"{"sites":[{"id":1}],"success":false,"message":"half"}"#,
                ErrorKind::Rejected,
                Some("half"),
            ),
            (r#"{"sites":false,"status":403}"#, ErrorKind::Forbidden, None),
            (r#"{"id":"7f3","error":"denied"}"#, ErrorKind::Rejected, Some("denied")),
            ("false", ErrorKind::Rejected, None),
            (r#""Access denied""#, ErrorKind::Rejected, Some("Access denied")),
            (r#"{"id":7,"login":{}}"#, ErrorKind::Malformed, None),
            (r#"{"sites":{"a":{"id":1}}}"#, ErrorKind::Malformed, None),
            (r#"{"data":[{"id":1}],"items":[{"id":2}]}"#, ErrorKind::Malformed, None),
            (r#"{"data":{"sites":[{"id":1}]}} x"#, ErrorKind::Malformed, None),
            (
                r#"{"data":{"sites":[{"id":1}]},"success":false}"#,
                ErrorKind::Rejected,
                None,
            ),
            (r#"{"sites":false}"#, ErrorKind::Malformed, None),
            ("null", ErrorKind::Malformed, None),
            ("{}", ErrorKind::Malformed, None),
            ("", ErrorKind::Malformed, None),
            ("Service unavailable", ErrorKind::Foreign, None),
        ] {
            let error = read(body).await.unwrap_err();
            assert_eq!((error.kind(), error.service_message()), (kind, said), "{body}");
        }
    }
}
