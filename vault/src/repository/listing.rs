//! What is in a repository.
//!
//! One list of the storage gives all names: each blob's metadata have its path, sealed under a vault key, so nothing
//! else is fetched. What the listing contains is untrusted. An entry that does not open for the name of its blob, or
//! whose blob is too short for it, is counted as foreign; a blob that cannot be used at all is set aside, and twenty of
//! those are named.
//!
//! Files that are not encrypted are a different list ([`list_plain`]): a storage must not be able to put one of them
//! where an encrypted one is expected.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use zkvault_client::NativeTransport;
use zkvault_client::blob::{ListedBlob, ListedPage, Listing, OddBlob};
use zkvault_core::key::KeySet;
use zkvault_core::repository::{BLOB_PREFIX, EntryError, RepositoryEntry};
use zkvault_core::time::rfc3339;

use super::RepositoryKeys;
use crate::transfer::{Container, OpenedBy, StorageError, TransferError};
use crate::workers::WorkersEnded;

/// The metadata that holds a file's sealed entry.
const ENTRY: &str = "zkv";
/// Blobs that cannot be used and are named. The others are counted.
const MAX_NAMED: usize = 20;

/// A file in a repository. As JSON, its time is in the form of RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedFile {
    /// Its name.
    pub name: String,
    /// Bytes of content, where the storage says so.
    pub size: Option<u64>,
    /// The last change in seconds since 1970 (UTC): of the source for an encrypted file, of the blob for another. None
    /// where it is not known, or before 1970.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    pub modified: Option<u64>,
    /// Whether it is in the archive tier, and cannot be downloaded as it is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    /// What the storage calls it.
    pub blob: String,
    /// The key that it is under; `None` of a file that is not encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<OpenedBy>,
    /// The blobs of the same file under other keys of the line, which a download does not look at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<String>,
}

impl ListedFile {
    /// Whether only a retired key opens it.
    #[must_use]
    pub fn is_under_retired_key(&self) -> bool {
        self.key.as_ref().is_some_and(OpenedBy::is_retired)
    }
}

/// For people who read the JSON.
fn as_text<S: Serializer>(time: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(rfc3339).serialize(serializer)
}

/// What a repository was found to hold.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ListedFiles {
    /// In the order of their names.
    pub files: Vec<ListedFile>,
    /// Folders that are blobs of their own, without a slash at the end.
    pub folders: Vec<String>,
    /// The number of encrypted files that the keys do not open.
    pub foreign: usize,
    /// How many of those were changed: they have no entry, one that does not open with the key that it names, or fewer
    /// bytes than it says. The others are for keys that are not there.
    pub changed: usize,
    /// Blobs that cannot be used: the first ones.
    pub odd: Vec<OddBlob>,
    /// How many blobs cannot be used.
    pub odd_count: usize,
}

impl ListedFiles {
    /// Names the first blobs that cannot be used, and counts all.
    fn set_aside(&mut self, page: &mut ListedPage) {
        let room = MAX_NAMED.saturating_sub(self.odd.len());
        self.odd.extend(page.odd.drain(..).take(room));
        self.odd_count += page.odd_count;
    }

    fn add_plain(&mut self, blob: ListedBlob) {
        match blob.is_folder {
            true => self.folders.push(blob.name.trim_end_matches('/').to_owned()),
            false => self.files.push(ListedFile {
                name: blob.name.clone(),
                size: blob.len,
                modified: blob.modified,
                archived: blob.is_archived,
                blob: blob.name,
                key: None,
                earlier: Vec::new(),
            }),
        }
    }
}

/// Lists the encrypted files that the keys open. Others are counted. One path is one file within a line of keys.
///
/// Pages of 1,000 blobs are fetched one after the other; the entries of one are opened while the next is fetched. A
/// file that lies under several keys of a line is listed once, under the newest, with the other blobs in
/// [`ListedFile::earlier`].
///
/// # Errors
///
/// [`TransferError`], of the storage. A blob that cannot be used is no error: it is in [`ListedFiles::odd`].
pub async fn list_sealed(container: &Container, keys: &RepositoryKeys) -> Result<ListedFiles, TransferError> {
    let (mut found, mut opened) = (ListedFiles::default(), Vec::new());
    let shared = Arc::new((keys.clone(), keys.set()));
    let mut listing = container.list(BLOB_PREFIX, ENTRY);
    let mut next = next_page(&mut listing).await?;
    while let Some(mut page) = next {
        found.set_aside(&mut page);
        let shared = Arc::clone(&shared);
        let opening = tokio::task::spawn_blocking(move || open_all(page.blobs, &shared.0, &shared.1));
        next = next_page(&mut listing).await?;
        let (files, unopened) = opening.await.map_err(|_| WorkersEnded)?;
        found.foreign += unopened.len();
        found.changed += unopened.iter().filter(|why| matches!(why, Unopened::Changed)).count();
        let known = |(key, file)| Some((keys.iter().nth(key)?, file));
        opened.extend(files.into_iter().filter_map(known));
    }
    found.files = keys.one_of_each_line(
        opened,
        |file| &file.name,
        |newest, replaced| newest.earlier.push(replaced.blob),
    );
    Ok(found)
}

/// A file, and the place of its key among the keys.
type Opened = (usize, ListedFile);

/// Why a blob is no file that the keys open.
#[derive(Debug, Clone, Copy)]
enum Unopened {
    /// Its entry is for a key that is not there.
    Foreign,
    /// It has no entry that anybody could open here, or is too short for it.
    Changed,
}

/// Opens the entries of blobs. Returns why the others are none that the keys open, too.
fn open_all(blobs: Vec<ListedBlob>, keys: &RepositoryKeys, set: &KeySet) -> (Vec<Opened>, Vec<Unopened>) {
    let (mut opened, mut unopened) = (Vec::new(), Vec::new());
    for blob in blobs.into_iter().filter(|blob| !blob.is_folder) {
        match open(blob, keys, set) {
            Ok(file) => opened.push(file),
            Err(why) => unopened.push(why),
        }
    }
    (opened, unopened)
}

/// A file as its entry says, if the entry opens and the blob is long enough for it.
fn open(blob: ListedBlob, keys: &RepositoryKeys, set: &KeySet) -> Result<Opened, Unopened> {
    let metadata = blob.metadata.as_deref().ok_or(Unopened::Changed)?;
    let entry = RepositoryEntry::open(metadata, &blob.name, set).map_err(|error| match error {
        EntryError::NoKey => Unopened::Foreign,
        _ => Unopened::Changed,
    })?;
    if blob.len.is_some_and(|len| len <= entry.size) {
        return Err(Unopened::Changed);
    }
    let key = keys.of_blob(&entry.path, &blob.name).ok_or(Unopened::Foreign)?;
    let file = ListedFile {
        name: entry.path.as_str().to_owned(),
        size: Some(entry.size),
        modified: entry.modified.and_then(|time| u64::try_from(time).ok()),
        archived: blob.is_archived,
        blob: blob.name,
        key: Some(OpenedBy::of_repository_key(key)),
        earlier: Vec::new(),
    };
    let place = keys.iter().position(|other| std::ptr::eq(other, key));
    Ok((place.ok_or(Unopened::Foreign)?, file))
}

/// Lists the blobs that are not encrypted.
///
/// # Errors
///
/// [`StorageError`]. A blob that cannot be used is no error: it is in [`ListedFiles::odd`].
pub async fn list_plain(container: &Container) -> Result<ListedFiles, StorageError> {
    let mut found = ListedFiles::default();
    let mut listing = container.list("", "");
    while let Some(mut page) = next_page(&mut listing).await? {
        found.set_aside(&mut page);
        for blob in page.blobs.into_iter().filter(|blob| !is_sealed(&blob.name)) {
            found.add_plain(blob);
        }
    }
    Ok(found)
}

/// Whether a blob has the name of an encrypted file.
pub(super) fn is_sealed(blob: &str) -> bool {
    blob.starts_with(BLOB_PREFIX)
}

async fn next_page(listing: &mut Listing<'_, NativeTransport>) -> Result<Option<ListedPage>, StorageError> {
    let page = listing.next_page().await;
    page.map_err(|error| StorageError::new("the repository was not listed", error))
}
