//! What is in a repository.

use serde::Serialize;
use zkvault_core::key::KeySet;
use zkvault_core::repository::{BLOB_PREFIX, RepositoryEntry};

use super::{Container, failed};
use crate::clock;
use crate::error::Result;

/// The metadata that holds a file's sealed entry.
pub(crate) const ENTRY: &str = "zkv";

/// A file in a repository.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Listed {
    pub(crate) name: String,
    /// Bytes of content.
    pub(crate) size: u64,
    /// The last change: of the source for an encrypted file, of the blob for another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) modified: Option<String>,
    /// What the storage calls it.
    pub(crate) blob: String,
}

/// The encrypted files that the keys open, in the order of their names; and the number of those that they do not.
pub(crate) async fn list_sealed(container: &Container, keys: &KeySet) -> Result<(Vec<Listed>, usize)> {
    let (mut files, mut foreign) = (Vec::new(), 0);
    let mut listing = container.list(BLOB_PREFIX);
    while let Some(page) = listing
        .next_page()
        .await
        .map_err(|error| failed("the repository was not listed", &error))?
    {
        for blob in page {
            let entry = blob
                .metadata(ENTRY)
                .map(|entry| RepositoryEntry::open(entry, &blob.name, keys));
            match entry {
                Some(Ok(entry)) => files.push(Listed {
                    name: entry.path.as_str().to_owned(),
                    size: entry.size,
                    modified: entry
                        .modified
                        .and_then(|time| u64::try_from(time).ok())
                        .map(clock::shown),
                    blob: blob.name,
                }),
                _ => foreign += 1,
            }
        }
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok((files, foreign))
}

/// The blobs that are not encrypted.
pub(crate) async fn list_plain(container: &Container) -> Result<Vec<Listed>> {
    let mut files = Vec::new();
    let mut listing = container.list("");
    while let Some(page) = listing
        .next_page()
        .await
        .map_err(|error| failed("the repository was not listed", &error))?
    {
        let plain = page.into_iter().filter(|blob| !blob.name.starts_with(BLOB_PREFIX));
        files.extend(plain.map(|blob| Listed {
            name: blob.name.clone(),
            size: blob.len,
            modified: blob.modified.map(clock::shown),
            blob: blob.name,
        }));
    }
    Ok(files)
}
