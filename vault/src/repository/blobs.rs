//! The blobs of one file: which they are, and their end.
//!
//! With keys, a file may be in a blob for each key of its line, of which only the newest is read. Its end is the end of
//! all of them: the oldest first, so that a run that is cut off leaves the newest, and never brings an older content
//! back.

use zkvault_client::blob::{BlobError, BlobErrorKind};
use zkvault_core::repository::RepositoryPath;

use super::RepositoryKeys;
use super::listing::is_sealed;
use crate::transfer::{Candidate, Container, StorageError};

/// The blobs of a file that [`delete`] would delete; none when there is no such file. Without the permission to read
/// these are those that it may be in. Without keys it is a file that is not encrypted.
///
/// # Errors
///
/// [`StorageError`].
pub async fn find(
    container: &Container,
    name: &RepositoryPath,
    keys: Option<&RepositoryKeys>,
) -> Result<Vec<String>, StorageError> {
    for line in lines(name, keys) {
        let mut there = Vec::new();
        for blob in &line {
            match container.properties(blob).await {
                Err(error) if is_missing(&error) => {}
                Err(error) if matches!(error.kind(), BlobErrorKind::Permission { .. }) => return Ok(line),
                Err(error) => return Err(StorageError::new(format!("{name} was not looked for"), error)),
                Ok(_) => there.push(blob.clone()),
            }
        }
        if !there.is_empty() {
            return Ok(there);
        }
    }
    Ok(Vec::new())
}

/// Deletes a file under all keys of its line: else the content of before would be there again. Returns whether there
/// was one.
///
/// # Errors
///
/// [`StorageError`].
pub async fn delete(
    container: &Container,
    name: &RepositoryPath,
    keys: Option<&RepositoryKeys>,
) -> Result<bool, StorageError> {
    for line in lines(name, keys) {
        let mut was_there = false;
        for blob in line {
            match container.delete(&blob).await {
                Err(error) if is_missing(&error) => {}
                Err(error) => return Err(StorageError::new(format!("{name} was not deleted"), error)),
                Ok(()) => was_there = true,
            }
        }
        if was_there {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The blobs that a file may be in, line by line of keys; of each line the oldest first, so that a run that is cut off
/// leaves the newest.
fn lines(name: &RepositoryPath, keys: Option<&RepositoryKeys>) -> Vec<Vec<String>> {
    match keys {
        Some(keys) => {
            let lines = keys.lines(name).into_iter();
            let blobs = |line: Vec<Candidate>| line.into_iter().rev().map(|candidate| candidate.blob);
            lines.map(|line| blobs(line).collect()).collect()
        }
        None if is_sealed(name.as_str()) => Vec::new(),
        None => vec![vec![name.as_str().to_owned()]],
    }
}

/// What is not there is as good as deleted: another run may have been faster.
fn is_missing(error: &BlobError) -> bool {
    error.kind() == BlobErrorKind::NotFound
}
