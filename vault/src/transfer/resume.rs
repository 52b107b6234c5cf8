//! What an earlier run left of an upload: a note that it is done, a journal of what it sent, blocks that wait in the
//! storage, or the file itself, whose end that run did not see.
//!
//! Each is believed only as far as it fits: the job's note if the storage has that version, the journal if the source
//! has that stamp, the blocks if their identifiers have the tag of this prelude, and a file that is there if its entry
//! is bound to this prelude.
//!
//! A token that may not read cannot tell: then the note and the journal are believed, and a conflict is found by the
//! commit.

use std::collections::BTreeSet;
use std::sync::Arc;

use zkvault_client::blob::{BlobError, BlobErrorKind, Etag};
use zkvault_core::repository::RepositoryEntry;

use super::Result;
use super::journal::Journal;
use super::local::Item;
use super::plan::Content;
use super::source::Source;
use super::upload::{Upload, Uploader, exists};
use crate::fs::{FileAction, FileError};

/// A plan that is resumed, its metadata, and the parts that the storage took.
type Resumed = (Content, (String, String), BTreeSet<u32>);

impl Uploader<'_> {
    /// Whether an earlier run of the same job has uploaded it, and it is still there. Returns the version of the blob.
    /// One that somebody replaced or deleted since is uploaded again, or found in the way.
    pub(super) async fn done_before(&self, item: &Item, blob: &str, source: &Source) -> Result<Option<String>> {
        let earlier = self.job.and_then(|job| job.earlier(item.name.as_str(), &source.stamp));
        let Some(earlier) = earlier else { return Ok(None) };
        match self.container.properties(blob).await {
            Ok(there) if there.etag.as_str() == earlier.etag => Ok(Some(earlier.etag.clone())),
            Err(error) if is_forbidden(&error) => Ok(Some(earlier.etag.clone())),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == BlobErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failure(item, error)),
        }
    }

    /// The journal of an upload. `None` when journals are not wanted, or a different run has it.
    pub(super) fn journal(&self, item: &Item, blob: &str) -> Result<Option<Journal>> {
        let Some(folder) = &self.options.journals else {
            return Ok(None);
        };
        let path = std::path::absolute(&item.path);
        let path = path.map_err(|error| FileError::system(FileAction::Open, &item.path, error))?;
        let place = self.container.url().to_string();
        Journal::open(folder, &[&place, blob, &path.to_string_lossy()])
    }

    /// What the journal has of an upload of the source in this very state.
    pub(super) fn resumed(&self, item: &Item, source: &Arc<Source>, journal: Option<&mut Journal>) -> Option<Resumed> {
        let earlier = journal?.earlier(&source.stamp)?;
        let content = Content::resume(&earlier.begun, source, self.key_set().as_ref())?;
        let metadata = content.metadata(source, &item.name, self.options.key.as_deref()).ok()?;
        Some((content, metadata, earlier.stored))
    }

    /// Whether the name is taken: by this very upload, whose end an earlier run did not see, or by something else.
    /// To know that before the first byte is worth a request; a token that may not read learns it from the commit.
    pub(super) async fn already_there(&self, upload: &Upload<'_>, resumes: bool) -> Result<Option<Etag>> {
        if self.options.overwrite && !resumes {
            return Ok(None);
        }
        let there = match self.container.properties(&upload.blob).await {
            Ok(there) => there,
            Err(error) if error.kind() == BlobErrorKind::NotFound || is_forbidden(&error) => return Ok(None),
            Err(error) => return Err(self.failure(upload.item, error)),
        };
        let digest = there.metadata("zkv").zip(self.key_set()).and_then(|(entry, keys)| {
            let entry = RepositoryEntry::open(entry, &upload.blob, &keys).ok()?;
            Some(entry.prelude)
        });
        let tag = upload.options.metadata.iter().any(|pair| there.metadata.contains(pair));
        if tag || digest.is_some() && digest == upload.content.prelude_digest() {
            return Ok(Some(there.etag));
        }
        match self.options.overwrite {
            true => Ok(None),
            false => Err(exists(upload.item)),
        }
    }
}

/// Whether the token does not permit the request, or is not for this container.
pub(super) fn is_forbidden(error: &BlobError) -> bool {
    matches!(error.kind(), BlobErrorKind::Permission { .. } | BlobErrorKind::Scope)
}
