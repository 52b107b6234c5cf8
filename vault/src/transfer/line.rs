//! One path is one file within a line of keys: what an upload does about the same file under the line's other keys.
//!
//! After a rotation a path may be in the storage under an old key and a new one, which are two blobs with unrelated
//! names. If an upload left the old one, then a deletion of the new one would bring the content of before back, and a
//! former member who has the old key could keep writing under it. So the new blob is written first, read back, and then
//! the old ones go, the oldest first: at every moment the path is one whole file for a reader
//! (docs/spec/repository.md#one-path-one-file).

use std::sync::Arc;

use zkvault_client::blob::{BlobError, BlobErrorKind};
use zkvault_core::key::{KeySet, VaultKey};
use zkvault_core::repository::{RepositoryEntry, RepositoryPath, blob_name};

use super::error::{StorageError, TransferError};
use super::local::Item;
use super::resume::is_forbidden;
use super::upload::{Uploaded, Uploader};
use super::{Container, Result};

impl Uploader<'_> {
    /// Refuses a path that is taken under another key of the line. A token that may not read cannot tell.
    pub(super) async fn must_be_free_in_line(&self, item: &Item) -> Result<()> {
        if self.options.overwrite {
            return Ok(());
        }
        for key in &self.options.rest_of_line {
            match self.container.properties(&blob_name(key, &item.name)).await {
                Ok(_) => {
                    let name = item.name.to_string();
                    return Err(TransferError::ExistsInLine { name });
                }
                Err(error) if error.kind() == BlobErrorKind::NotFound => {}
                Err(error) if is_forbidden(&error) => return Ok(()),
                Err(error) => return Err(self.failure(item, error)),
            }
        }
        Ok(())
    }

    /// Removes the same file under the other keys of the line, once the new one is seen to be there. Returns whether
    /// none is left.
    pub(super) async fn remove_earlier(&self, item: &Item, uploaded: &Uploaded) -> Result<bool> {
        let Some(key) = &self.options.key else { return Ok(true) };
        if !self.options.overwrite || self.options.rest_of_line.is_empty() {
            return Ok(true);
        }
        match is_there(self.container, &item.name, key, &uploaded.blob, &uploaded.etag).await? {
            Some(true) => remove(self.container, &item.name, &self.options.rest_of_line).await,
            // A different upload replaced it meanwhile, and removes what is there to remove.
            Some(false) => Ok(true),
            None => Ok(false),
        }
    }
}

/// Whether this version of a file is there, with an entry that its key opens. `None` where the token may not read.
pub(super) async fn is_there(
    container: &Container,
    name: &RepositoryPath,
    key: &Arc<VaultKey>,
    blob: &str,
    etag: &str,
) -> Result<Option<bool>> {
    let there = match container.properties(blob).await {
        Ok(there) => there,
        Err(error) if is_forbidden(&error) => return Ok(None),
        Err(error) => return Err(not_removed(name, error)),
    };
    let mut keys = KeySet::new();
    keys.add(Arc::clone(key), None);
    let entry = there
        .metadata("zkv")
        .map(|entry| RepositoryEntry::open(entry, blob, &keys));
    let is_its_own = matches!(entry, Some(Ok(entry)) if entry.path == *name);
    Ok(Some(is_its_own && there.etag.as_str() == etag))
}

/// Removes a file under each of these keys, the last first: a run that is cut off leaves the newest. Returns whether
/// the token permits it.
pub(super) async fn remove(container: &Container, name: &RepositoryPath, keys: &[Arc<VaultKey>]) -> Result<bool> {
    for key in keys.iter().rev() {
        match container.delete(&blob_name(key, name)).await {
            Ok(()) => {}
            Err(error) if error.kind() == BlobErrorKind::NotFound => {}
            Err(error) if is_forbidden(&error) => return Ok(false),
            Err(error) => return Err(not_removed(name, error)),
        }
    }
    Ok(true)
}

/// The new file is there: what failed is to remove the one before.
fn not_removed(name: &RepositoryPath, error: BlobError) -> TransferError {
    let what = format!("{name} is there, but its earlier version was not removed");
    StorageError::new(what, error).into()
}
