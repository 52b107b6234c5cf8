//! What is in a repository.

use serde::Serialize;
use zkvault_client::NativeTransport;
use zkvault_client::blob::{ListedPage, Listing, OddBlob};
use zkvault_core::key::KeySet;
use zkvault_core::repository::{BLOB_PREFIX, RepositoryEntry};

use super::{Container, failed};
use crate::clock;
use crate::error::Result;
use crate::output::{Output, escaped};

/// The metadata that holds a file's sealed entry.
pub(crate) const ENTRY: &str = "zkv";
/// Blobs that cannot be used and are named. The others are counted.
const MAX_NAMED: usize = 20;

/// A file in a repository.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Listed {
    pub(crate) name: String,
    /// Bytes of content, where the storage says so.
    pub(crate) size: Option<u64>,
    /// The last change: of the source for an encrypted file, of the blob for another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) modified: Option<String>,
    /// Whether it is in the archive tier, and cannot be downloaded as it is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) archived: bool,
    /// What the storage calls it.
    pub(crate) blob: String,
}

/// What a repository was found to hold.
#[derive(Debug, Default)]
pub(crate) struct Files {
    /// In the order of their names.
    pub(crate) files: Vec<Listed>,
    /// Folders that are blobs of their own, without a slash at the end.
    pub(crate) folders: Vec<String>,
    /// The number of encrypted files that the keys do not open.
    pub(crate) foreign: usize,
    /// Blobs that cannot be used: the first ones, and how many.
    pub(crate) odd: Vec<OddBlob>,
    pub(crate) odd_count: usize,
}

impl Files {
    /// Names what was set aside.
    pub(crate) fn warn(&self, output: Output) {
        if self.foreign > 0 {
            let message = format!(
                "{} files are not shown: they are for other keys, or were changed",
                self.foreign
            );
            output.warning(&message);
        }
        for OddBlob { name, reason } in &self.odd {
            output.warning(&escaped(&format!("the blob {name:?} is not shown: {reason}")));
        }
        if let more @ 1.. = self.odd_count.saturating_sub(self.odd.len()) {
            output.warning(&format!("{more} more blobs are not shown: they cannot be used"));
        }
    }

    fn set_aside(&mut self, page: &mut ListedPage) {
        let room = MAX_NAMED.saturating_sub(self.odd.len());
        self.odd.extend(page.odd.drain(..).take(room));
        self.odd_count += page.odd_count;
    }
}

/// The encrypted files that the keys open.
pub(crate) async fn list_sealed(container: &Container, keys: &KeySet) -> Result<Files> {
    let mut found = Files::default();
    let mut listing = container.list(BLOB_PREFIX, ENTRY);
    while let Some(mut page) = next_page(&mut listing).await? {
        found.set_aside(&mut page);
        for blob in page.blobs.into_iter().filter(|blob| !blob.is_folder) {
            let entry = blob
                .metadata
                .as_deref()
                .map(|entry| RepositoryEntry::open(entry, &blob.name, keys));
            match entry {
                Some(Ok(entry)) => found.files.push(Listed {
                    name: entry.path.as_str().to_owned(),
                    size: Some(entry.size),
                    modified: entry
                        .modified
                        .and_then(|time| u64::try_from(time).ok())
                        .map(clock::shown),
                    archived: blob.is_archived,
                    blob: blob.name,
                }),
                _ => found.foreign += 1,
            }
        }
    }
    found.files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

/// The blobs that are not encrypted.
pub(crate) async fn list_plain(container: &Container) -> Result<Files> {
    let mut found = Files::default();
    let mut listing = container.list("", "");
    while let Some(mut page) = next_page(&mut listing).await? {
        found.set_aside(&mut page);
        for blob in page
            .blobs
            .into_iter()
            .filter(|blob| !blob.name.starts_with(BLOB_PREFIX))
        {
            match blob.is_folder {
                true => found.folders.push(blob.name.trim_end_matches('/').to_owned()),
                false => found.files.push(Listed {
                    name: blob.name.clone(),
                    size: blob.len,
                    modified: blob.modified.map(clock::shown),
                    archived: blob.is_archived,
                    blob: blob.name,
                }),
            }
        }
    }
    Ok(found)
}

async fn next_page(listing: &mut Listing<'_, NativeTransport>) -> Result<Option<ListedPage>> {
    let page = listing.next_page().await;
    page.map_err(|error| failed("the repository was not listed", &error))
}
