//! What an account holds: containers, blobs, and blocks that wait for their commit.

use std::collections::{BTreeMap, HashMap};
use std::time::SystemTime;

use axum::body::Bytes;

use super::content::{self, Piece};
use super::reply::{Problem, Result};

/// As many blobs as Azure lists at once.
const MAX_PAGE_LEN: usize = 5000;

/// A committed blob, for tests to look at and to put in place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredBlob {
    /// The content.
    pub content: Vec<u8>,
    /// Metadata by name, in lower case.
    pub metadata: Vec<(String, String)>,
    /// The lengths of the blocks it was committed from; one for a blob that came whole.
    pub block_lengths: Vec<u64>,
}

/// The whole account.
#[derive(Debug, Clone)]
pub(super) struct State {
    containers: HashMap<String, BTreeMap<String, Entry>>,
    changes: u64,
    requests: u64,
    pub(super) page_len: usize,
}

impl Default for State {
    fn default() -> Self {
        Self {
            containers: HashMap::new(),
            changes: 0,
            requests: 0,
            page_len: MAX_PAGE_LEN,
        }
    }
}

/// What is under one name.
#[derive(Debug, Clone, Default)]
pub(super) struct Entry {
    pub(super) committed: Option<Committed>,
    pub(super) uncommitted: BTreeMap<String, Piece>,
    pub(super) leased: bool,
    /// Whether it is in the archive tier.
    pub(super) archived: bool,
}

/// A blob that can be read.
#[derive(Debug, Clone)]
pub(super) struct Committed {
    /// Blocks by identifier; a blob that came whole is one without.
    pub(super) blocks: Vec<(String, Piece)>,
    pub(super) etag: String,
    pub(super) modified: SystemTime,
    pub(super) metadata: Vec<(String, String)>,
    pub(super) content_type: String,
}

impl Committed {
    pub(super) fn len(&self) -> u64 {
        self.blocks.iter().map(|(_, piece)| piece.len()).sum()
    }

    pub(super) fn read(&self, start: u64, end: u64) -> std::io::Result<Bytes> {
        content::read(self.blocks.iter().map(|(_, piece)| piece), start, end)
    }
}

impl Entry {
    pub(super) fn etag(&self) -> Option<&str> {
        self.committed.as_ref().map(|committed| committed.etag.as_str())
    }
}

impl State {
    pub(super) fn create_container(&mut self, name: &str) -> bool {
        let known = self.containers.contains_key(name);
        self.containers.entry(name.to_owned()).or_default();
        !known
    }

    pub(super) fn container(&mut self, name: &str) -> Result<&mut BTreeMap<String, Entry>> {
        const MISSING: Problem = Problem::new(404, "ContainerNotFound", "The specified container does not exist.");
        self.containers.get_mut(name).ok_or(MISSING)
    }

    /// A blob that is there to be read.
    pub(super) fn committed(&mut self, container: &str, name: &str) -> Result<&mut Entry> {
        const MISSING: Problem = Problem::new(404, "BlobNotFound", "The specified blob does not exist.");
        let entry = self.container(container)?.get_mut(name);
        entry.filter(|entry| entry.committed.is_some()).ok_or(MISSING)
    }

    /// What is under a name, perhaps nothing yet.
    pub(super) fn entry(&mut self, container: &str, name: &str) -> Result<&mut Entry> {
        Ok(self.container(container)?.entry(name.to_owned()).or_default())
    }

    /// The blobs of every container.
    pub(super) fn all_blobs(&mut self) -> impl Iterator<Item = &mut BTreeMap<String, Entry>> {
        self.containers.values_mut()
    }

    /// The number of a request.
    pub(super) fn next_number(&mut self) -> u64 {
        self.requests += 1;
        self.requests
    }

    /// A tag that no blob has had.
    pub(super) fn new_etag(&mut self) -> String {
        self.changes += 1;
        format!("\"0x8DC{:012X}\"", self.changes)
    }

    pub(super) fn names(&self, container: &str) -> Vec<String> {
        let entries = self.containers.get(container).into_iter().flatten();
        let committed = entries.filter(|(_, entry)| entry.committed.is_some());
        committed.map(|(name, _)| name.clone()).collect()
    }

    pub(super) fn stored(&mut self, container: &str, name: &str) -> Option<StoredBlob> {
        let committed = self.committed(container, name).ok()?.committed.as_ref()?;
        Some(StoredBlob {
            content: committed.read(0, committed.len()).ok()?.to_vec(),
            metadata: committed.metadata.clone(),
            block_lengths: committed.blocks.iter().map(|(_, piece)| piece.len()).collect(),
        })
    }

    pub(super) fn put(&mut self, container: &str, name: &str, blob: StoredBlob, modified: SystemTime) {
        self.create_container(container);
        let etag = self.new_etag();
        if let Ok(entry) = self.entry(container, name) {
            entry.committed = Some(Committed {
                blocks: vec![(String::new(), Piece::Memory(blob.content.into()))],
                etag,
                modified,
                metadata: blob.metadata,
                content_type: "application/octet-stream".to_owned(),
            });
        }
    }

    pub(super) fn uncommitted(&self, container: &str, name: &str) -> Vec<String> {
        let entry = self.containers.get(container).and_then(|blobs| blobs.get(name));
        entry
            .map(|entry| entry.uncommitted.keys().cloned().collect())
            .unwrap_or_default()
    }

    pub(super) fn expire_blocks(&mut self, container: &str) {
        for entry in self
            .containers
            .get_mut(container)
            .into_iter()
            .flat_map(BTreeMap::values_mut)
        {
            entry.uncommitted.clear();
        }
    }

    pub(super) fn lease(&mut self, container: &str, name: &str, leased: bool) {
        if let Ok(entry) = self.committed(container, name) {
            entry.leased = leased;
        }
    }

    pub(super) fn archive(&mut self, container: &str, name: &str, archived: bool) {
        if let Ok(entry) = self.committed(container, name) {
            entry.archived = archived;
        }
    }
}
