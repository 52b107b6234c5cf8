//! The newest backup that is known at each place: the memory by which an older or another line is noticed. It lies
//! beside the keyring, and holds no secret.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use zkvault_core::snapshot::SnapshotDigest;
use zkvault_core::trust::Head;

use super::Result;
use super::error::BackupError;
use crate::fs::{self, FileAction, FileError, create_private_folder};

const FORMAT: &str = "zkvault.known-backups";
const VERSION: u64 = 1;
/// Places that are remembered, the last ones.
const MAX_PLACES: usize = 64;
/// Bytes of the file at most: each place is an address of at most a few hundred.
const MAX_LEN: u64 = 256 * 1024;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownHead {
    /// The address of a container without its token, or `file`.
    place: String,
    revision: u64,
    digest: SnapshotDigest,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    version: u64,
    heads: Vec<KnownHead>,
}

/// What is remembered.
#[derive(Debug)]
pub struct KnownHeads {
    path: PathBuf,
    heads: Vec<KnownHead>,
}

impl KnownHeads {
    /// Reads the memory. A file that is missing is an empty one; one that cannot be read is not.
    ///
    /// # Errors
    ///
    /// [`BackupError::Memory`] or [`BackupError::File`].
    pub fn read(path: &Path) -> Result<Self> {
        let path = path.to_owned();
        let mut text = String::new();
        let read = File::open(&path).and_then(|file| file.take(MAX_LEN + 1).read_to_string(&mut text));
        match read {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self {
                path,
                heads: Vec::new(),
            }),
            Err(error) => Err(FileError::system(FileAction::Read, &path, error).into()),
            Ok(_) => match parse(&text) {
                Some(heads) => Ok(Self { path, heads }),
                None => Err(BackupError::Memory { path }),
            },
        }
    }

    /// The newest backup that was seen at a place.
    #[must_use]
    pub fn at(&self, place: &str) -> Option<Head> {
        self.heads
            .iter()
            .find(|known| known.place == place)
            .map(KnownHead::head)
    }

    /// Remembers the newest backup at a place.
    ///
    /// # Errors
    ///
    /// [`BackupError::File`].
    pub fn remember(&mut self, place: &str, head: Head) -> Result<()> {
        if self.at(place) == Some(head) {
            return Ok(());
        }
        self.heads.retain(|known| known.place != place);
        self.heads.push(KnownHead {
            place: place.to_owned(),
            revision: head.revision,
            digest: head.digest,
        });
        let excess = self.heads.len().saturating_sub(MAX_PLACES);
        self.heads.drain(..excess);
        let document = Document {
            format: FORMAT.to_owned(),
            version: VERSION,
            heads: self.heads.clone(),
        };
        let json = serde_json::to_vec(&document).map_err(BackupError::NotRemembered)?;
        if let Some(folder) = self.path.parent() {
            create_private_folder(folder)?;
        }
        Ok(fs::write(&self.path, &json, true)?)
    }
}

impl KnownHead {
    fn head(&self) -> Head {
        Head {
            revision: self.revision,
            digest: self.digest,
        }
    }
}

fn parse(text: &str) -> Option<Vec<KnownHead>> {
    let document: Document = serde_json::from_str(text).ok()?;
    let is_ours = document.format == FORMAT && document.version == VERSION && text.len() as u64 <= MAX_LEN;
    is_ours.then_some(document.heads)
}
