//! Listing a container, page by page. One blob that cannot be used does not stop the others.

mod page;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::BlobContainer;
use super::error::{BlobError, BlobErrorKind};
use super::exchange::{Ask, read_document};
use crate::transport::Transport;

pub(super) use page::is_folder_mark;
pub use page::{ListedBlob, ListedPage, OddBlob};

/// Blobs of a page. The service has up to 5,000.
const PAGE_LEN: usize = 1000;
/// Bytes of a page: each blob with 8 KiB of metadata, and its properties.
const MAX_PAGE_BYTES: usize = 16 << 20;
/// Bytes that a whole listing takes in memory: hundreds of thousands of files. Beyond, it is taken for endless.
const MAX_WEIGHT: u64 = 256 << 20;
/// Bytes of the pages of a whole listing.
const MAX_BYTES: u64 = 4 << 30;
/// Pages in a row without any blob, which a service may send while it looks.
const MAX_EMPTY_PAGES: usize = 1000;
/// Blobs for which a page of its own is usual. A listing may have [`MAX_EMPTY_PAGES`] pages more than that.
const FEW_BLOBS: usize = 500;

/// A listing on its way.
#[derive(Debug)]
pub struct Listing<'a, T> {
    container: &'a BlobContainer<T>,
    prefix: String,
    /// The metadata that are kept.
    metadata: &'static str,
    /// Where the next page begins; nothing after the last.
    marker: Option<String>,
    length: Length,
}

impl<T: Transport> BlobContainer<T> {
    /// Lists the blobs whose names begin with `prefix`. Needs the permission to list. Of their metadata only those
    /// called `metadata` are kept, whatever the case: others may have put any number of them beside.
    pub fn list(&self, prefix: &str, metadata: &'static str) -> Listing<'_, T> {
        Listing {
            container: self,
            prefix: prefix.to_owned(),
            metadata,
            marker: Some(String::new()),
            length: Length::default(),
        }
    }
}

impl<T: Transport> Listing<'_, T> {
    /// The next page, which may be empty though others follow; `None` at the end.
    ///
    /// # Errors
    /// [`BlobError`]; of the kind [`Endless`](BlobErrorKind::Endless) when the pages repeat themselves, are many with
    /// few blobs each, or take more than 256 MiB of memory in all.
    pub async fn next_page(&mut self) -> Result<Option<ListedPage>, BlobError> {
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
        let (prefix, metadata) = (&self.prefix, self.metadata);
        let page = self.container.ask(&ask, |answer| async move {
            let body = read_document(answer, MAX_PAGE_BYTES).await?;
            Ok((page::parse(&body, prefix, metadata)?, body.len()))
        });
        let ((page, next), bytes) = page.await?;
        self.length.add(&page, bytes, next.as_deref())?;
        self.marker = next;
        Ok(Some(page))
    }
}

/// How long a listing is so far.
#[derive(Debug, Default)]
struct Length {
    weight: u64,
    bytes: u64,
    empty_pages: usize,
    pages: usize,
    blobs: usize,
    /// Digests of the markers that were followed.
    markers: HashSet<u64>,
}

impl Length {
    /// Adds a page, and whether it may continue at `next`.
    fn add(&mut self, page: &ListedPage, bytes: usize, next: Option<&str>) -> Result<(), BlobError> {
        self.weight = self.weight.saturating_add(page.weight());
        self.bytes = self.bytes.saturating_add(bytes as u64);
        self.empty_pages = if page.is_empty() { self.empty_pages + 1 } else { 0 };
        self.pages += 1;
        let blobs = page.blobs.len().saturating_add(page.odd_count);
        self.blobs = self.blobs.saturating_add(blobs);
        let Some(next) = next else { return Ok(()) };
        let mut hasher = DefaultHasher::new();
        next.hash(&mut hasher);
        let endless = if !self.markers.insert(hasher.finish()) {
            "it leads back to a page that was read".to_owned()
        } else if self.empty_pages > MAX_EMPTY_PAGES {
            format!("it has more than {MAX_EMPTY_PAGES} pages in a row without a blob, and continues")
        } else if self.pages.saturating_sub(self.blobs / FEW_BLOBS) > MAX_EMPTY_PAGES {
            format!("it has {} pages with few blobs each, and continues", self.pages)
        } else if self.weight > MAX_WEIGHT || self.bytes > MAX_BYTES {
            format!("it has more than {} MiB of names, and continues", MAX_WEIGHT >> 20)
        } else {
            return Ok(());
        };
        Err(BlobError::new(BlobErrorKind::Endless).with_detail(endless))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(blobs: usize, name_len: usize) -> ListedPage {
        let names: String = (0..blobs)
            .map(|_| format!("<Blob><Name>{}</Name></Blob>", "n".repeat(name_len)))
            .collect();
        let document = format!("<EnumerationResults><Blobs>{names}</Blobs></EnumerationResults>");
        page::parse(document.as_bytes(), "", "").unwrap().0
    }

    /// Follows markers until the listing is given up, and how many pages that took.
    fn given_up(page: &ListedPage, bytes: usize, marker: impl Fn(usize) -> String) -> (usize, String) {
        let mut length = Length::default();
        let mut number = 0;
        loop {
            number += 1;
            if let Err(error) = length.add(page, bytes, Some(&marker(number))) {
                assert_eq!(error.kind(), BlobErrorKind::Endless);
                return (number, error.to_string());
            }
        }
    }

    #[test]
    fn every_listing_without_an_end_is_given_up() {
        let small = page(1, 10);
        for (period, what) in [(1, "the same marker"), (2, "two in turn"), (7, "seven in turn")] {
            let (pages, error) = given_up(&small, 100, |number| (number % period).to_string());
            assert_eq!(pages, period + 1, "{what}");
            assert!(error.contains("leads back"), "{error}");
        }
        let ever_new = |number: usize| number.to_string();
        assert_eq!(given_up(&page(0, 0), 100, ever_new).0, MAX_EMPTY_PAGES + 1);
        for (blobs, most) in [(1, 1010), (100, 1300), (300, 3000)] {
            let (pages, error) = given_up(&page(blobs, 10), 100, ever_new);
            assert!(
                pages <= most && error.contains("few blobs"),
                "{blobs}: {pages}: {error}"
            );
        }
        let (pages, error) = given_up(&page(1000, 900), 1 << 20, ever_new);
        assert!(
            (200..300).contains(&pages) && error.contains("256 MiB"),
            "{pages}: {error}"
        );
        assert_eq!(
            given_up(&small, MAX_PAGE_BYTES, ever_new).0,
            257,
            "by what it transfers"
        );
        assert!(Length::default().add(&small, 1, None).is_ok());
    }
}
