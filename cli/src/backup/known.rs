//! The newest backup that is known at each place: the memory by which an older or another line is noticed. It lies
//! beside the keyring, and holds no secret.

use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use zkvault::fs;
use zkvault::fs::create_private_folder;
use zkvault_core::snapshot::SnapshotDigest;
use zkvault_core::trust::Head;

use crate::context::Context;
use crate::error::{CliError, Exit, Result};

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
pub(crate) struct KnownHeads {
    path: PathBuf,
    heads: Vec<KnownHead>,
}

impl KnownHeads {
    /// Reads the memory of the profile. A file that is missing is an empty one; one that cannot be read is not.
    pub(crate) fn read(context: &Context<'_>) -> Result<Self> {
        let path = context.profile()?.known_backups_path();
        let mut text = String::new();
        let read = File::open(&path).and_then(|file| file.take(MAX_LEN + 1).read_to_string(&mut text));
        match read {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self {
                path,
                heads: Vec::new(),
            }),
            Err(error) => Err(CliError::file("read", &path, &error)),
            Ok(_) => match parse(&text) {
                Some(heads) => Ok(Self { path, heads }),
                None => Err(CliError::new(
                    Exit::Integrity,
                    "known-backups",
                    format!("{} cannot be read", path.display()),
                )
                .hint("it says which backups were the newest: put it back, or remove it and look at zkv backup list")),
            },
        }
    }

    /// The newest backup that was seen at a place.
    pub(crate) fn at(&self, place: &str) -> Option<Head> {
        self.heads
            .iter()
            .find(|known| known.place == place)
            .map(KnownHead::head)
    }

    /// Remembers the newest backup at a place.
    pub(crate) fn remember(&mut self, place: &str, head: Head) -> Result<()> {
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
        let json = serde_json::to_vec(&document)
            .map_err(|error| CliError::new(Exit::Other, "json", "the backup was not remembered").cause(error))?;
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
