//! A page of a listing.

use std::time::UNIX_EPOCH;

use crate::blob::error::BlobError;
use crate::blob::xml::{self, Text};
use crate::visible::visible;

/// The most blobs of a page that any service gives.
const MAX_PAGE_BLOBS: usize = 5000;
/// Odd blobs of a page that are named. The others are counted.
const MAX_NAMED: usize = 20;
/// Metadata by which folders of hierarchical namespaces are known.
const FOLDER_MARK: &str = "hdi_isfolder";

/// A blob in a listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedBlob {
    /// Its name.
    pub name: String,
    /// Bytes of its content, where the service says so in a form that can be read.
    pub len: Option<u64>,
    /// Its last change, in seconds since 1970 (UTC).
    pub modified: Option<u64>,
    /// The metadata that were asked for.
    pub metadata: Option<String>,
    /// Whether it stands for a folder: in a hierarchical namespace, or by the slash at the end of its name.
    pub is_folder: bool,
    /// Whether it is in the archive tier: it can be listed and deleted, and not read.
    pub is_archived: bool,
}

/// A blob that is listed and cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OddBlob {
    /// As much of its name as can be shown.
    pub name: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// The blobs of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedPage {
    /// Those that can be used.
    pub blobs: Vec<ListedBlob>,
    /// The first of those that cannot.
    pub odd: Vec<OddBlob>,
    /// How many cannot.
    pub odd_count: usize,
    /// Bytes of the names and metadata of all.
    text_len: u64,
}

impl ListedPage {
    /// Bytes of memory that its blobs take, in about.
    pub(super) fn weight(&self) -> u64 {
        let blobs = (self.blobs.len() + self.odd_count) as u64;
        self.text_len
            .saturating_add(blobs.saturating_mul(size_of::<ListedBlob>() as u64))
    }

    /// Whether it has no blob at all.
    pub(super) fn is_empty(&self) -> bool {
        self.blobs.is_empty() && self.odd_count == 0
    }

    fn add(&mut self, draft: Draft, prefix: &str) {
        if draft.is_past() {
            return;
        }
        let Draft { blob, problem, .. } = draft;
        let metadata_len = blob.metadata.as_ref().map_or(0, String::len);
        self.text_len += (blob.name.len() + metadata_len) as u64;
        let problem = problem.or(match blob.name.as_str() {
            "" => Some("it has no name"),
            name if !name.starts_with(prefix) => Some("its name does not begin as it was asked for"),
            _ => None,
        });
        match problem {
            None => self.blobs.push(blob),
            Some(reason) => {
                self.odd_count += 1;
                if self.odd.len() < MAX_NAMED {
                    let name = visible(&blob.name);
                    self.odd.push(OddBlob { name, reason });
                }
            }
        }
    }
}

/// A blob while its element is read.
#[derive(Debug, Default)]
struct Draft {
    blob: ListedBlob,
    problem: Option<&'static str>,
    /// Whether it is deleted and can be restored, or a snapshot.
    is_kept: bool,
    /// Whether it is one of several versions, and the current one of them.
    is_version: bool,
    is_current: bool,
}

impl Draft {
    /// Whether it is something that its name no longer stands for: a snapshot, an earlier version, or a blob that was
    /// deleted. They are listed to those who ask for them, which we do not.
    const fn is_past(&self) -> bool {
        self.is_kept || self.is_version && !self.is_current
    }

    /// An element of a blob.
    fn read(&mut self, path: &[&str], Text { text, is_damaged }: Text<'_>, metadata: &str) {
        let blob = &mut self.blob;
        let is_true = || text.trim().eq_ignore_ascii_case("true");
        let is_given = || !text.trim().is_empty();
        match path {
            ["Deleted"] => self.is_kept |= is_true(),
            ["Snapshot"] => self.is_kept |= is_given(),
            ["VersionId"] => self.is_version = is_given(),
            ["IsCurrentVersion"] => self.is_current = is_true(),
            ["Name"] => {
                text.clone_into(&mut blob.name);
                blob.is_folder |= text.ends_with('/');
                if is_damaged {
                    self.problem = Some("its name has characters that cannot be read");
                }
            }
            ["Properties", "Content-Length"] => blob.len = text.trim().parse().ok(),
            ["Properties", "Last-Modified"] => blob.modified = time(text),
            ["Properties", "ResourceType"] => blob.is_folder |= text.trim().eq_ignore_ascii_case("directory"),
            ["Properties", "AccessTier"] => blob.is_archived |= text.trim().eq_ignore_ascii_case("archive"),
            ["Properties", "ArchiveStatus"] => blob.is_archived |= is_given(),
            ["Metadata", name] if is_folder_mark(name, text) => blob.is_folder = true,
            ["Metadata", name] if !metadata.is_empty() && name.eq_ignore_ascii_case(metadata) => {
                blob.metadata.get_or_insert_with(|| text.to_owned());
            }
            _ => {}
        }
    }
}

/// Whether metadata say that their blob is a folder.
pub(in crate::blob) fn is_folder_mark(name: &str, value: &str) -> bool {
    name.eq_ignore_ascii_case(FOLDER_MARK) && value.trim().eq_ignore_ascii_case("true")
}

/// The blobs of a page, and where the next one begins. A page of no blobs says so, by an empty `Blobs`: one without it
/// is a listing of something else.
pub(super) fn parse(document: &[u8], prefix: &str, metadata: &str) -> Result<(ListedPage, Option<String>), BlobError> {
    let (mut page, mut draft, mut next) = (ListedPage::default(), Draft::default(), None);
    let mut is_of_blobs = false;
    xml::walk(document, "EnumerationResults", |path, text| {
        match path {
            ["NextMarker"] => next = Some(text.text.trim().to_owned()).filter(|marker| !marker.is_empty()),
            ["Blobs"] => is_of_blobs = true,
            ["Blobs", "Blob"] => {
                if page.blobs.len() + page.odd_count == MAX_PAGE_BLOBS {
                    return Err(BlobError::malformed(format!("it has more than {MAX_PAGE_BLOBS} blobs")));
                }
                page.add(std::mem::take(&mut draft), prefix);
            }
            ["Blobs", "Blob", rest @ ..] => draft.read(rest, text, metadata),
            _ => {}
        }
        Ok(())
    })?;
    match is_of_blobs {
        true => Ok((page, next)),
        false => Err(xml::malformed()),
    }
}

fn time(text: &str) -> Option<u64> {
    let time = httpdate::parse_http_date(text.trim()).ok()?;
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs())
}

#[cfg(test)]
mod tests;
