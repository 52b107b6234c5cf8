//! The blob of one file: which it is, and its end.

use zkvault_client::blob::{BlobError, BlobErrorKind};
use zkvault_core::repository::RepositoryPath;

use super::RepositoryKeys;
use super::listing::is_sealed;
use crate::transfer::{Container, StorageError};

/// The blob of a file; none when there is no such file. Without the permission to read it is the first one that it can be.
/// Without keys it is a file that is not encrypted.
///
/// # Errors
///
/// [`StorageError`].
pub async fn find(
    container: &Container,
    name: &RepositoryPath,
    keys: Option<&RepositoryKeys>,
) -> Result<Option<String>, StorageError> {
    for blob in blobs(name, keys) {
        match container.properties(&blob).await {
            Err(error) if is_missing(&error) => {}
            Ok(_) => return Ok(Some(blob)),
            Err(error) if matches!(error.kind(), BlobErrorKind::Permission { .. }) => return Ok(Some(blob)),
            Err(error) => return Err(StorageError::new(format!("{name} was not looked for"), error)),
        }
    }
    Ok(None)
}

/// Deletes a file. Returns whether there was one.
///
/// # Errors
///
/// [`StorageError`].
pub async fn delete(
    container: &Container,
    name: &RepositoryPath,
    keys: Option<&RepositoryKeys>,
) -> Result<bool, StorageError> {
    for blob in blobs(name, keys) {
        match container.delete(&blob).await {
            Err(error) if is_missing(&error) => {}
            Err(error) => return Err(StorageError::new(format!("{name} was not deleted"), error)),
            Ok(()) => return Ok(true),
        }
    }
    Ok(false)
}

/// The blobs that a file may be in.
fn blobs(name: &RepositoryPath, keys: Option<&RepositoryKeys>) -> Vec<String> {
    match keys {
        Some(keys) => keys.blob_names(name).collect(),
        None if is_sealed(name.as_str()) => Vec::new(),
        None => vec![name.as_str().to_owned()],
    }
}

fn is_missing(error: &BlobError) -> bool {
    error.kind() == BlobErrorKind::NotFound
}
