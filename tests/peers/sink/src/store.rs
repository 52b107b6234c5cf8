//! The blobs, or what is left of them.

use std::collections::{BTreeMap, HashMap};

use crate::content::Content;
use crate::http::Piece;

/// A block: its length, and its bytes where they are kept.
#[derive(Clone)]
pub struct Block {
    pub id: String,
    pub len: usize,
    pub content: Option<Content>,
}

/// A blob that was committed.
pub struct Blob {
    pub blocks: Vec<Block>,
    pub metadata: Vec<(String, String)>,
    pub version: u64,
}

#[derive(Default)]
pub struct Store {
    pub blobs: BTreeMap<String, Blob>,
    /// Blocks without a commit, of every blob.
    pub waiting: HashMap<String, HashMap<String, Block>>,
    versions: u64,
}

impl Blob {
    pub fn len(&self) -> usize {
        self.blocks.iter().map(|block| block.len).sum()
    }

    /// The bytes from `from` to `to`; nothing when they were not kept.
    pub fn range(&self, from: usize, to: usize) -> Option<Vec<Piece>> {
        let (mut pieces, mut start) = (Vec::new(), 0);
        for block in &self.blocks {
            let (first, last) = (from.max(start), to.min(start + block.len));
            if first < last {
                pieces.push(Piece {
                    content: block.content.clone()?,
                    from: first - start,
                    to: last - start,
                });
            }
            start += block.len;
        }
        Some(pieces)
    }
}

impl Store {
    pub fn put(&mut self, name: &str, blocks: Vec<Block>, metadata: Vec<(String, String)>) -> u64 {
        self.versions += 1;
        self.waiting.remove(name);
        let version = self.versions;
        self.blobs.insert(
            name.to_owned(),
            Blob {
                blocks,
                metadata,
                version,
            },
        );
        version
    }

    /// Makes a blob of the blocks that a list names, waiting or committed; nothing when one is missing.
    pub fn commit(&mut self, name: &str, list: &str, metadata: Vec<(String, String)>) -> Option<u64> {
        let waiting = self.waiting.get(name);
        let committed = self.blobs.get(name).map_or(&[][..], |blob| &blob.blocks);
        let names = list
            .split("<Latest>")
            .skip(1)
            .map(|rest| rest.split('<').next().unwrap_or_default());
        let found = names.map(|id| {
            let block = waiting.and_then(|blocks| blocks.get(id));
            block.or_else(|| committed.iter().find(|block| block.id == id)).cloned()
        });
        let blocks = found.collect::<Option<Vec<_>>>()?;
        Some(self.put(name, blocks, metadata))
    }
}
