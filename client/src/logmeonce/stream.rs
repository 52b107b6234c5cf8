//! Lists of sites, one site at a time: however long a list is, memory stays flat.

mod framed;

use std::fmt;
use std::sync::Arc;
use std::vec::IntoIter;

use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};
use zkvault_core::SecretBuffer;
use zkvault_core::model::{OddRecord, Record as _, Site};

use self::framed::Framed;
use super::answer::Document;
use super::{Call, LogMeOnce, MAX_LIST_LEN};
use crate::body::read_whole;
use crate::decoding::Decoded;
use crate::document::json::{self, Kind};
use crate::error::{Again, ClientError, ErrorKind};
use crate::media;
use crate::message;
use crate::oauth::Token;
use crate::parts::Parts;
use crate::refusal::Wanted;
use crate::transport::{Body as _, Transport};

/// The most sites of one list: 1,048,576.
pub const MAX_SITES: u64 = 1 << 20;

/// The most inputs of all sites of one list together: 4,194,304. What compares them keeps something of each.
pub const MAX_INPUTS: u64 = 1 << 22;

/// The most bytes of a part of a list: 1 GiB, a kilobyte for each of the most sites, and as much as a snapshot holds.
/// Sites and what stands between them have limits of their own, but a list could continue for ever with neither, or
/// fill a disk.
pub const MAX_SITES_LEN: u64 = 1 << 30;

/// Bytes that show what a body is.
const SNIFFED: usize = 4;

/// Sites on their way.
pub struct SiteStream<'a, T: Transport> {
    client: &'a LogMeOnce<T>,
    call: Call,
    parts: Parts,
    part: Part<T>,
    count: Count,
    /// Why there are no more, if that was no end.
    failure: Option<ClientError>,
}

/// One part of a list, with what its head said.
struct Part<T: Transport> {
    status: StatusCode,
    headers: HeaderMap,
    /// What it was asked for with.
    token: Option<Arc<Token>>,
    source: Source<Decoded<T::Body>>,
    sites: u64,
}

enum Source<B> {
    /// JSON: cut into sites as it comes.
    Framed(Box<Framed<B>>),
    /// XML: read whole.
    Listed(IntoIter<Result<Site, OddRecord>>, Map<String, Value>),
    Ended,
}

/// How many sites and inputs there were.
#[derive(Debug, Default)]
struct Count {
    sites: u64,
    inputs: u64,
}

impl Count {
    fn add(&mut self, site: &Result<Site, OddRecord>) -> Result<(), ClientError> {
        let too_many = |what| ClientError::new(ErrorKind::TooLarge).with_detail(what);
        self.sites += 1;
        self.inputs += site.as_ref().map_or(0, inputs);
        match (self.sites > MAX_SITES, self.inputs > MAX_INPUTS) {
            (true, _) => Err(too_many(format!("more than {MAX_SITES} sites"))),
            (_, true) => Err(too_many(format!("more than {MAX_INPUTS} inputs of sites"))),
            _ => Ok(()),
        }
    }
}

impl<'a, T: Transport> SiteStream<'a, T> {
    pub(super) async fn open(client: &'a LogMeOnce<T>, call: Call) -> Result<Self, ClientError> {
        let mut parts = Parts::default();
        Ok(Self {
            part: Part::open(client, &call, &mut parts).await?,
            client,
            call,
            parts,
            count: Count::default(),
            failure: None,
        })
    }

    /// The next site, or `None` at the end of the list. A site that cannot be used comes as the reason, and the next
    /// ones after it.
    ///
    /// # Errors
    /// [`ClientError`] when the list breaks off or is none; every later call then fails in the same way. What was
    /// told before is not the whole list.
    pub async fn next(&mut self) -> Result<Option<Result<Site, OddRecord>>, ClientError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let next = self.read().await;
        if let Err(error) = &next {
            self.failure = Some(error.clone());
        }
        next
    }

    async fn read(&mut self) -> Result<Option<Result<Site, OddRecord>>, ClientError> {
        loop {
            if let Some(site) = self.next_of_part().await? {
                self.count.add(&site)?;
                return Ok(Some(site));
            }
            let Some(beside) = self.part.end() else { return Ok(None) };
            let Part { headers, sites, .. } = &self.part;
            let place = (self.client.url(), self.call.path());
            if !self.parts.read(*sites, &beside, headers, place)? {
                return Ok(None);
            }
            self.part = Part::open(self.client, &self.call, &mut self.parts).await?;
        }
    }

    /// The next site of the part. One that refuses the token in place of sites is asked for again with another, once.
    async fn next_of_part(&mut self) -> Result<Option<Result<Site, OddRecord>>, ClientError> {
        match self.part.next(self.client, &self.call, &mut self.parts).await {
            Err(error) if error.again() == Again::WithNewToken && self.part.sites == 0 => {
                if let Some(token) = &self.part.token {
                    self.client.service.other_than(token).await?;
                }
                self.part = Part::open(self.client, &self.call, &mut self.parts).await?;
                let next = self.part.next(self.client, &self.call, &mut self.parts).await;
                next.map_err(ClientError::final_one)
            }
            next => next,
        }
    }
}

impl<T: Transport> Part<T> {
    async fn open(client: &LogMeOnce<T>, call: &Call, parts: &mut Parts) -> Result<Self, ClientError> {
        let call = &call.part(&parts.parameters());
        let sent = client.send(call).await.map_err(|error| parts.failed(error))?;
        let (head, mut body) = sent.into_parts();
        let opened = async {
            let mut start = SecretBuffer::new();
            while start.len() < SNIFFED {
                match body.chunk().await? {
                    Some(piece) => start.extend(&piece),
                    None => break,
                }
            }
            if !begins_like_xml(start.expose_secret()) {
                return Ok(Source::Framed(Box::new(Framed::new(body, start, MAX_SITES_LEN))));
            }
            let rest = read_whole(&mut body, MAX_LIST_LEN).await?;
            start.extend(rest.expose_secret());
            let document = Document::new(HeaderMap::new(), start)?;
            document.check_success(Wanted::Records, |text| client.holds_secret(text, call))?;
            let (listed, beside) = document.records(Kind::Site, parts)?;
            Ok(Source::Listed(listed.into_iter(), beside))
        };
        let source: Result<_, ClientError> = opened.await;
        Ok(Self {
            source: source.map_err(|error| error.with_status(head.status))?,
            status: head.status,
            headers: head.headers,
            token: client.token(),
            sites: 0,
        })
    }

    async fn next(
        &mut self,
        client: &LogMeOnce<T>,
        call: &Call,
        parts: &mut Parts,
    ) -> Result<Option<Result<Site, OddRecord>>, ClientError> {
        let next = match &mut self.source {
            Source::Listed(sites, _) => sites.next(),
            Source::Ended => None,
            Source::Framed(framed) => {
                let site = framed.next(|text| client.holds_secret(text, call)).await;
                let site = site.map_err(|error| error.with_status(self.status))?;
                site.map(|bytes| {
                    let bytes = bytes?;
                    parts.note(bytes.expose_secret());
                    match str::from_utf8(bytes.expose_secret()) {
                        Ok(text) => Site::from_json(text),
                        Err(_) => Err(OddRecord::not_utf8::<Site>()),
                    }
                })
            }
        };
        self.sites += u64::from(next.is_some());
        Ok(next)
    }

    /// What stood beside the list, once.
    fn end(&mut self) -> Option<Map<String, Value>> {
        match std::mem::replace(&mut self.source, Source::Ended) {
            Source::Listed(_, beside) => Some(beside),
            Source::Framed(mut framed) => Some(framed.beside()),
            Source::Ended => None,
        }
    }
}

/// Refuses a document in place of a list, in the service's words if it says why.
fn refusal(text: &SecretBuffer, holds_secret: impl Fn(&str) -> bool) -> Option<ClientError> {
    let document = json::document(media::utf8(text).ok()?);
    message::refused(&document, Wanted::Records, holds_secret)
}

/// In any encoding that is read: of UTF-16 the first letter is one of the first bytes as well.
fn begins_like_xml(bytes: &[u8]) -> bool {
    let marks = |byte: &u8| matches!(byte, 0 | 0xef | 0xbb | 0xbf | 0xff | 0xfe) || byte.is_ascii_whitespace();
    bytes.iter().find(|byte| !marks(byte)) == Some(&b'<')
}

fn inputs(site: &Site) -> u64 {
    let inputs = site.login.as_ref().and_then(|login| login.inputs.as_ref());
    inputs.map_or(0, |inputs| inputs.len() as u64)
}

impl<T: Transport> fmt::Debug for SiteStream<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            client: _,
            call,
            parts: _,
            part: _,
            count,
            failure,
        } = self;
        f.debug_struct("SiteStream")
            .field("call", call)
            .field("count", count)
            .field("failure", failure)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use zkvault_core::model::{Input, Login};

    use super::*;

    #[test]
    fn sites_and_the_inputs_of_all_are_counted() {
        let mut login = Login::default();
        login.inputs = Some(vec![Input::default(); 2]);
        let mut site = Site::new(1);
        site.login = Some(login);
        let mut count = Count {
            sites: 0,
            inputs: MAX_INPUTS - 3,
        };
        assert!(count.add(&Ok(site.clone())).is_ok());
        assert!(count.add(&Ok(Site::new(2))).is_ok());
        assert_eq!(count.add(&Ok(site)).unwrap_err().kind(), ErrorKind::TooLarge);
        let mut count = Count {
            sites: MAX_SITES - 1,
            inputs: 0,
        };
        assert!(count.add(&Err(OddRecord::not_utf8::<Site>())).is_ok());
        assert_eq!(count.add(&Ok(Site::new(2))).unwrap_err().kind(), ErrorKind::TooLarge);
    }
}
