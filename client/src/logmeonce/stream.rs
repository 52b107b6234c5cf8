//! Lists of sites, one site at a time: however long a list is, memory stays flat.

use std::collections::VecDeque;
use std::fmt;

use http::Response;
use zkvault_core::SecretBytes;
use zkvault_core::document::{Batch, DocumentError, Framer, Part};
use zkvault_core::model::Site;

use super::json::{self, Kind};
use super::{MAX_LIST_LEN, xml};
use crate::body::read_whole;
use crate::error::{ClientError, ErrorKind};
use crate::media::{Media, html_page};
use crate::transport::Body;

/// The most sites of one list: 1,048,576.
pub const MAX_SITES: u64 = 1 << 20;

/// The most inputs of all sites of one list together: 4,194,304. What compares them keeps something of each.
pub const MAX_INPUTS: u64 = 1 << 22;

/// The most bytes of a list: 4 GiB. Sites and what stands between them have limits of their own, but a list could go
/// on for ever with neither.
pub const MAX_SITES_LEN: u64 = 1 << 32;

/// Sites on their way.
pub struct SiteStream<B> {
    source: Source<B>,
    /// Sites that were told.
    told: u64,
    /// Inputs that may still come.
    inputs_left: u64,
    /// Why there are no more, if that was no end.
    failure: Option<ClientError>,
}

enum Source<B> {
    /// JSON: cut into sites as it comes.
    Framed(Box<Framed<B>>),
    /// XML: read whole.
    Listed(std::vec::IntoIter<Site>),
}

struct Framed<B> {
    body: B,
    /// Bytes that may still come.
    bytes_left: u64,
    /// None when the list has ended.
    framer: Option<Framer>,
    batch: Batch,
    ready: VecDeque<SecretBytes>,
}

impl<B: Body> SiteStream<B> {
    pub(super) async fn open(response: Response<B>) -> Result<Self, ClientError> {
        let (head, mut body) = response.into_parts();
        let source = match Media::of(&head.headers) {
            Media::Html => return Err(html_page().with_status(head.status)),
            Media::Xml => {
                let whole = read_whole(&mut body, MAX_LIST_LEN).await?;
                let list = xml::parse(whole.expose_secret())?.to_list(Kind::Site)?;
                Source::Listed(json::list(&list, Kind::Site)?.into_iter())
            }
            _ => Source::Framed(Box::new(Framed::new(body, MAX_SITES_LEN))),
        };
        Ok(Self {
            source,
            told: 0,
            inputs_left: MAX_INPUTS,
            failure: None,
        })
    }

    /// The next site, or `None` at the end of the list.
    ///
    /// # Errors
    /// [`ClientError`] when the list breaks off or is none; every later call then fails in the same way. What was
    /// told before is not the whole list.
    pub async fn next(&mut self) -> Result<Option<Site>, ClientError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let next = self.read().await;
        match &next {
            Ok(site) => self.told += u64::from(site.is_some()),
            Err(error) => self.failure = Some(error.clone()),
        }
        next
    }

    async fn read(&mut self) -> Result<Option<Site>, ClientError> {
        let number = self.told;
        let next = match &mut self.source {
            Source::Listed(sites) => sites.next(),
            Source::Framed(framed) => match framed.next().await? {
                Some(bytes) => Some(parse(&bytes, number)?),
                None => None,
            },
        };
        if next.is_some() && number >= MAX_SITES {
            return Err(ClientError::new(ErrorKind::TooLarge).with_detail(format!("more than {MAX_SITES} sites")));
        }
        let left = self.inputs_left.checked_sub(next.as_ref().map_or(0, inputs));
        self.inputs_left = left.ok_or_else(|| {
            ClientError::new(ErrorKind::TooLarge).with_detail(format!("more than {MAX_INPUTS} inputs of sites"))
        })?;
        Ok(next)
    }
}

impl<B: Body> Framed<B> {
    fn new(body: B, bytes_left: u64) -> Self {
        Self {
            body,
            bytes_left,
            framer: Some(Framer::new()),
            batch: Batch::new(),
            ready: VecDeque::new(),
        }
    }

    async fn next(&mut self) -> Result<Option<SecretBytes>, ClientError> {
        loop {
            if let Some(site) = self.ready.pop_front() {
                return Ok(Some(site));
            }
            let Some(framer) = &mut self.framer else {
                return Ok(None);
            };
            match self.body.chunk().await? {
                Some(piece) => {
                    let left = self.bytes_left.checked_sub(piece.len() as u64);
                    self.bytes_left = left.ok_or_else(too_long)?;
                    framer.push(&piece, &mut self.batch).map_err(refusal)?;
                    self.ready.extend(self.batch.parts().filter_map(|part| match part {
                        Part::Site { bytes, .. } => Some(SecretBytes::from(bytes.to_vec())),
                        Part::Copy(_) => None,
                    }));
                }
                None => self.framer.take().map_or(Ok(()), Framer::finish).map_err(refusal)?,
            }
        }
    }
}

fn too_long() -> ClientError {
    ClientError::new(ErrorKind::TooLarge).with_detail("the list has too many bytes")
}

fn inputs(site: &Site) -> u64 {
    let inputs = site.login.as_ref().and_then(|login| login.inputs.as_ref());
    inputs.map_or(0, |inputs| inputs.len() as u64)
}

fn parse(bytes: &SecretBytes, number: u64) -> Result<Site, ClientError> {
    let text = str::from_utf8(bytes.expose_secret());
    let text = text.map_err(|_| ClientError::malformed(format!("site number {number} is not UTF-8")))?;
    json::read(text, &format!("sites[{number}]"))
}

/// No message of these quotes the document.
fn refusal(error: DocumentError) -> ClientError {
    let kind = match error {
        DocumentError::TooLarge { .. } | DocumentError::TooDeep { .. } => ErrorKind::TooLarge,
        _ => ErrorKind::Malformed,
    };
    ClientError::new(kind).with_detail(error.to_string())
}

impl<B> fmt::Debug for SiteStream<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            source: _,
            told,
            inputs_left: _,
            failure,
        } = self;
        f.debug_struct("SiteStream")
            .field("told", told)
            .field("failure", failure)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use zkvault_core::model::{Input, Login};

    use super::*;
    use crate::transport::TransportError;

    struct NoBody;

    impl Body for NoBody {
        async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
            Ok(None)
        }
    }

    /// White space without end, in which no other limit counts anything.
    struct EndlessBody;

    impl Body for EndlessBody {
        async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
            Ok(Some(Bytes::from_static(&[b' '; 64])))
        }
    }

    #[tokio::test]
    async fn a_list_that_never_begins_ends_at_the_limit() {
        let mut sites = SiteStream {
            source: Source::Framed(Box::new(Framed::new(EndlessBody, 10_000))),
            told: 0,
            inputs_left: 4,
            failure: None,
        };
        let error = sites.next().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert_eq!(sites.next().await.unwrap_err(), error, "and it stays so");
    }

    #[tokio::test]
    async fn the_inputs_of_all_sites_are_counted() {
        let site = |id| {
            let mut login = Login::default();
            login.inputs = Some(vec![Input::default(); 2]);
            let mut site = Site::new(id);
            site.login = Some(login);
            site
        };
        let mut sites = SiteStream::<NoBody> {
            source: Source::Listed(vec![site(1), Site::new(2), site(3), site(4)].into_iter()),
            told: 0,
            inputs_left: 4,
            failure: None,
        };
        for id in 1..=3 {
            assert_eq!(sites.next().await.unwrap().map(|site| site.id), Some(id));
        }
        let error = sites.next().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert_eq!(sites.next().await.unwrap_err(), error, "and it stays so");
    }
}
