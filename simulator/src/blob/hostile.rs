//! Ready-made lies of a hostile storage.

use std::collections::BTreeMap;

use super::content::Piece;
use super::state::{Committed, Entry, State, StoredBlob};

/// A way in which the storage lies to who lists or reads blobs. What is stored, and what requests change in it, stay as
/// they are.
///
/// An attack on a blob that is not there changes nothing. Blobs are meant in every container.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BlobAttack {
    /// Shows two blobs under each other's names.
    Swap {
        /// The name of a blob.
        one: String,
        /// The other's.
        other: String,
    },
    /// Shows the beginning of a blob as the whole.
    Truncate {
        /// The blob.
        name: String,
        /// The bytes that are left.
        len: u64,
    },
    /// Shows another blob under a name: an older one, or a forged one.
    Replace {
        /// The name.
        name: String,
        /// What is shown.
        blob: StoredBlob,
    },
    /// Leaves a blob out.
    Drop {
        /// The blob.
        name: String,
    },
    /// Sends every request elsewhere, with its path and parameters: also those that write.
    Redirect {
        /// The status, such as 307.
        status: u16,
        /// Scheme, host and port.
        to: String,
    },
}

impl BlobAttack {
    /// Where requests are sent to.
    pub(super) fn redirect(&self) -> Option<(u16, String)> {
        match self {
            Self::Redirect { status, to } => Some((*status, to.clone())),
            _ => None,
        }
    }

    /// Changes a state into what the storage pretends.
    pub(super) fn pretend(&self, state: &mut State) {
        state.all_blobs().for_each(|blobs| self.pretend_in(blobs));
    }

    fn pretend_in(&self, blobs: &mut BTreeMap<String, Entry>) {
        match self {
            Self::Swap { one, other } => swap(blobs, one, other),
            Self::Truncate { name, len } => {
                if let Some(blob) = committed(blobs, name) {
                    let content = blob.read(0, (*len).min(blob.len())).unwrap_or_default();
                    blob.blocks = vec![(String::new(), Piece::Memory(content))];
                }
            }
            Self::Replace { name, blob: shown } => {
                if let Some(blob) = committed(blobs, name) {
                    blob.blocks = vec![(String::new(), Piece::Memory(shown.content.clone().into()))];
                    blob.metadata.clone_from(&shown.metadata);
                }
            }
            Self::Drop { name } => {
                blobs.remove(name);
            }
            Self::Redirect { .. } => {}
        }
    }
}

fn committed<'a>(blobs: &'a mut BTreeMap<String, Entry>, name: &str) -> Option<&'a mut Committed> {
    blobs.get_mut(name)?.committed.as_mut()
}

fn swap(blobs: &mut BTreeMap<String, Entry>, one: &str, other: &str) {
    if let (Some(first), Some(second)) = (blobs.get(one).cloned(), blobs.get(other).cloned()) {
        blobs.insert(one.to_owned(), second);
        blobs.insert(other.to_owned(), first);
    }
}
