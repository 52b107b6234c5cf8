//! Listing a container, page by page.

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::BlobContainer;
use super::error::BlobError;
use super::exchange::{Ask, read_into};
use super::xml::{self, Step};
use crate::transport::Transport;

/// Blobs of a page. The service has up to 5,000.
const PAGE_LEN: usize = 1000;
/// Bytes of a page: each blob with 8 KiB of metadata, and its properties.
const MAX_PAGE_BYTES: usize = 16 << 20;
/// The most blobs of a page that any service gives.
const MAX_PAGE_BLOBS: usize = 5000;
/// Metadata of a blob. Without a limit, elements of four bytes would fill the memory with what is forty times as long.
const MAX_METADATA: usize = 256;

/// A blob in a listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedBlob {
    /// Its name.
    pub name: String,
    /// Bytes of its content.
    pub len: u64,
    /// Its last change, in seconds since 1970 (UTC).
    pub modified: Option<u64>,
    /// Metadata; names as the service writes them.
    pub metadata: Vec<(String, String)>,
}

impl ListedBlob {
    /// The metadata of this name, whatever the case.
    #[must_use]
    pub fn metadata(&self, name: &str) -> Option<&str> {
        let found = self.metadata.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// A listing on its way.
#[derive(Debug)]
pub struct Listing<'a, T> {
    container: &'a BlobContainer<T>,
    prefix: String,
    /// Where the next page begins; nothing after the last.
    marker: Option<String>,
}

impl<T: Transport> BlobContainer<T> {
    /// Lists the blobs whose names begin with `prefix`, with their metadata. Needs the right to list.
    pub fn list(&self, prefix: &str) -> Listing<'_, T> {
        Listing {
            container: self,
            prefix: prefix.to_owned(),
            marker: Some(String::new()),
        }
    }
}

impl<T: Transport> Listing<'_, T> {
    /// The next page, which may be empty though others follow; `None` at the end.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn next_page(&mut self) -> Result<Option<Vec<ListedBlob>>, BlobError> {
        let Some(marker) = &self.marker else { return Ok(None) };
        let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
        let parameters = format!(
            "restype=container&comp=list&include=metadata&maxresults={PAGE_LEN}&prefix={}&marker={}",
            encoded(&self.prefix),
            encoded(marker)
        );
        let ask = Ask {
            parameters: &parameters,
            ..Ask::new(Method::GET, "", "l")
        };
        let page = self.container.ask(&ask, async |mut answer| {
            let mut body = Vec::new();
            read_into(answer.body_mut(), MAX_PAGE_BYTES, &mut body).await?;
            parse(&body)
        });
        let (blobs, next) = page.await?;
        if next.is_some() && next.as_ref() == self.marker.as_ref() {
            return Err(BlobError::malformed("the listing does not go on"));
        }
        self.marker = next;
        Ok(Some(blobs))
    }
}

/// The blobs of a page, and where the next one begins.
fn parse(document: &[u8]) -> Result<(Vec<ListedBlob>, Option<String>), BlobError> {
    let (mut blobs, mut blob, mut next) = (Vec::new(), ListedBlob::default(), None);
    xml::walk(document, |path, step| {
        let ["EnumerationResults", rest @ ..] = &xml::names(path)[..] else {
            return Err(xml::malformed());
        };
        match (rest, step) {
            (["NextMarker"], Step::Close(text)) => next = Some(text.to_owned()).filter(|marker| !marker.is_empty()),
            (["Blobs", "Blob"], Step::Close(_)) => {
                if blobs.len() == MAX_PAGE_BLOBS {
                    return Err(BlobError::malformed(format!("it has more than {MAX_PAGE_BLOBS} blobs")));
                }
                blobs.push(std::mem::take(&mut blob));
            }
            (["Blobs", "Blob", "Name"], Step::Close(text)) => blob.name = text.to_owned(),
            (["Blobs", "Blob", "Properties", "Content-Length"], Step::Close(text)) => {
                blob.len = text.trim().parse().map_err(|_| xml::malformed())?;
            }
            (["Blobs", "Blob", "Properties", "Last-Modified"], Step::Close(text)) => blob.modified = time(text),
            (["Blobs", "Blob", "Metadata", name], Step::Close(text)) => {
                if blob.metadata.len() == MAX_METADATA {
                    return Err(BlobError::malformed(format!(
                        "a blob has more than {MAX_METADATA} metadata"
                    )));
                }
                blob.metadata.push(((*name).to_owned(), text.to_owned()));
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok((blobs, next))
}

fn time(text: &str) -> Option<u64> {
    let time = httpdate::parse_http_date(text.trim()).ok()?;
    let since = time.duration_since(std::time::SystemTime::UNIX_EPOCH).ok()?;
    Some(since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_as_azure_writes_it() {
        let document = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults \
            ServiceEndpoint=\"https://a.blob.core.windows.net/\" ContainerName=\"c\"><Prefix>zkv/</Prefix><Blobs>\
            <Blob><Name>zkv/a &amp; b.zkv</Name><Properties><Last-Modified>Sun, 06 Nov 1994 08:49:37 GMT</Last-Modified>\
            <Etag>0x8D</Etag><Content-Length>12</Content-Length><Content-MD5 /></Properties>\
            <Metadata><Zkv>AAEC+/==</Zkv></Metadata><OrMetadata /></Blob><Blob><Name>zkv/c</Name><Properties/></Blob>\
            </Blobs><NextMarker>2!88!x</NextMarker></EnumerationResults>";
        let (blobs, next) = parse(document.as_bytes()).unwrap();
        assert_eq!(next.as_deref(), Some("2!88!x"));
        let expected = ListedBlob {
            name: "zkv/a & b.zkv".to_owned(),
            len: 12,
            modified: Some(784_111_777),
            metadata: vec![("Zkv".to_owned(), "AAEC+/==".to_owned())],
        };
        assert_eq!((blobs.len(), &blobs[0]), (2, &expected));
        assert_eq!(blobs[0].metadata("zkv"), Some("AAEC+/=="));
        assert!(parse(b"<html></html>").is_err());
        assert_eq!(
            parse(b"<EnumerationResults><NextMarker /></EnumerationResults>"),
            Ok((Vec::new(), None))
        );
    }

    #[test]
    fn blobs_and_their_metadata_are_limited() {
        let page = |blob: &str, number: usize| {
            let blobs = blob.repeat(number);
            parse(format!("<EnumerationResults><Blobs>{blobs}</Blobs></EnumerationResults>").as_bytes())
        };
        assert_eq!(
            page("<Blob/>", MAX_PAGE_BLOBS).map(|(blobs, _)| blobs.len()),
            Ok(MAX_PAGE_BLOBS)
        );
        assert!(page("<Blob/>", MAX_PAGE_BLOBS + 1).is_err());
        let blob = |metadata: usize| format!("<Blob><Metadata>{}</Metadata></Blob>", "<a/>".repeat(metadata));
        assert_eq!(page(&blob(MAX_METADATA), 2).map(|(blobs, _)| blobs.len()), Ok(2));
        assert!(page(&blob(MAX_METADATA + 1), 1).is_err());
    }
}
