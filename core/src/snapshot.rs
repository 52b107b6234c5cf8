//! Snapshots: the plaintext of a backup, a gzip-compressed JSON document (docs/spec/snapshot.md).
//!
//! The values in it are as sealed as they were. What a snapshot is sealed in is a file like any other.
//!
//! ```
//! use serde_json::value::RawValue;
//! use zkvault_core::snapshot::{Manifest, Snapshot, SnapshotLimits};
//!
//! let raw = |json: &str| RawValue::from_string(json.to_owned());
//! let manifest = Manifest { revision: 1, parent: None, time: 1_700_000_000, device: "laptop".to_owned() };
//! let snapshot = Snapshot { manifest, sites: raw("[]")?, users: raw("[]")?, groups: raw("[]")?, pins: raw("[]")? };
//!
//! let bytes = snapshot.encode(SnapshotLimits::default())?;
//! let again = Snapshot::decode(&bytes, SnapshotLimits::default())?;
//! assert_eq!(again.digest()?, snapshot.digest()?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod contents;
mod digest;
mod gzip;
mod lineage;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::json::{self, Object};

pub use contents::{ContradictionError, SavedSite, SnapshotContents};
pub use digest::{SnapshotDigest, SnapshotDigestError};
pub use lineage::{Lineage, SnapshotHead, SnapshotHeadError};

const FORMAT: &str = "zkvault.snapshot";
const VERSION: u64 = 1;
/// Bytes of a device's label at most, as UTF-8.
const MAX_DEVICE_LEN: usize = 128;

/// How long a snapshot may be. The default is 256 MiB compressed and 1 GiB as JSON, which is about a million
/// sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotLimits {
    /// Compressed bytes.
    pub compressed: usize,
    /// Bytes of the JSON document. Reading one allocates at most twice as much for it, and its parts again.
    pub document: usize,
}

impl Default for SnapshotLimits {
    fn default() -> Self {
        Self {
            compressed: 256 * 1024 * 1024,
            document: 1024 * 1024 * 1024,
        }
    }
}

/// Where a snapshot stands in the line of snapshots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Counts the snapshots of a vault, from 1.
    pub revision: u64,
    /// The digest of the snapshot that this one follows; none for the first.
    #[serde(deserialize_with = "Option::deserialize")]
    pub parent: Option<SnapshotDigest>,
    /// When it was made, in seconds since 1970 (UTC).
    pub time: u64,
    /// The device that made it, by a name for people: at most 128 bytes.
    pub device: String,
}

/// A snapshot: its manifest and, each as the JSON it came as, byte for byte, what was saved.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Where it stands.
    pub manifest: Manifest,
    /// The sites, their values still sealed.
    pub sites: Box<RawValue>,
    /// The users.
    pub users: Box<RawValue>,
    /// The groups.
    pub groups: Box<RawValue>,
    /// The pins.
    pub pins: Box<RawValue>,
}

impl Snapshot {
    /// The document that is compressed: for who compresses by other means.
    ///
    /// # Errors
    /// [`WriteSnapshotError`] when the device's label or the document is longer than a reader accepts.
    pub fn to_document(&self, limit: usize) -> Result<Vec<u8>, WriteSnapshotError> {
        self.check_device()?;
        let mut document = Vec::new();
        let written = self.write(&mut |bytes| {
            document.extend_from_slice(bytes);
            Ok(())
        });
        written.map_err(|_| WriteSnapshotError::Json)?;
        match document.len() {
            len if len > limit => Err(WriteSnapshotError::TooLong { document: len }),
            _ => Ok(document),
        }
    }

    /// Reads a document. Only the form that [`Self::to_document`] writes is accepted, so that a document has one digest.
    ///
    /// # Errors
    /// [`ReadSnapshotError`].
    pub fn from_document(document: &[u8]) -> Result<Self, ReadSnapshotError> {
        check_version(document)?;
        let malformed = ReadSnapshotError::Malformed("its members are not as specified");
        let Object(document_read): Object<Document> = json::read(document).ok_or(malformed)?;
        let snapshot = document_read.into_snapshot();
        if snapshot.manifest.device.len() > MAX_DEVICE_LEN {
            return Err(ReadSnapshotError::Malformed("the label of its device is too long"));
        }
        if !snapshot.writes_as(document) {
            return Err(ReadSnapshotError::Malformed("it is not in canonical form"));
        }
        Ok(snapshot)
    }

    /// SHA-256 of the uncompressed document: what the next snapshot names as its parent.
    ///
    /// # Errors
    /// [`WriteSnapshotError::Json`] when a part cannot be written.
    pub fn digest(&self) -> Result<SnapshotDigest, WriteSnapshotError> {
        let mut hash = Sha256::new();
        let written = self.write(&mut |bytes| {
            hash.update(bytes);
            Ok(())
        });
        written.map_err(|_| WriteSnapshotError::Json)?;
        Ok(SnapshotDigest::from_bytes(hash.finalize().into()))
    }

    fn check_device(&self) -> Result<(), WriteSnapshotError> {
        match self.manifest.device.len() {
            bytes if bytes > MAX_DEVICE_LEN => Err(WriteSnapshotError::Device { bytes }),
            _ => Ok(()),
        }
    }

    fn writes_as(&self, document: &[u8]) -> bool {
        let mut rest = document;
        let written = self.write(&mut |bytes| {
            rest = rest.strip_prefix(bytes).ok_or(io::ErrorKind::InvalidData)?;
            Ok(())
        });
        written.is_ok() && rest.is_empty()
    }

    fn write(&self, sink: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let Self {
            manifest,
            sites,
            users,
            groups,
            pins,
        } = self;
        let document = DocumentRef {
            format: FORMAT,
            version: VERSION,
            manifest,
            sites,
            users,
            groups,
            pins,
        };
        serde_json::to_writer(Sink(sink), &document).map_err(io::Error::from)
    }
}

/// A writer that hands on what it is given.
struct Sink<'a>(&'a mut dyn FnMut(&[u8]) -> io::Result<()>);

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.0)(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What every version of the document starts from.
#[derive(Deserialize)]
struct Start<'a> {
    format: &'a str,
    version: u64,
}

fn check_version(document: &[u8]) -> Result<(), ReadSnapshotError> {
    match json::read::<Object<Start<'_>>>(document) {
        Some(Object(start)) if start.format != FORMAT => Err(ReadSnapshotError::Malformed("it has another format")),
        Some(Object(start)) if start.version != VERSION => Err(ReadSnapshotError::UnsupportedVersion(start.version)),
        Some(_) => Ok(()),
        None => Err(ReadSnapshotError::Malformed(
            "it is no JSON object with a format and a version",
        )),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "format")]
    _format: String,
    #[serde(rename = "version")]
    _version: u64,
    manifest: Object<Manifest>,
    sites: Box<RawValue>,
    users: Box<RawValue>,
    groups: Box<RawValue>,
    pins: Box<RawValue>,
}

impl Document {
    fn into_snapshot(self) -> Snapshot {
        Snapshot {
            manifest: self.manifest.0,
            sites: self.sites,
            users: self.users,
            groups: self.groups,
            pins: self.pins,
        }
    }
}

#[derive(Serialize)]
struct DocumentRef<'a> {
    format: &'a str,
    version: u64,
    manifest: &'a Manifest,
    sites: &'a RawValue,
    users: &'a RawValue,
    groups: &'a RawValue,
    pins: &'a RawValue,
}

/// A snapshot was not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteSnapshotError {
    /// The label of the device is too long.
    #[error("the label of the device has {bytes} bytes: at most {MAX_DEVICE_LEN} are accepted")]
    Device {
        /// Its bytes.
        bytes: usize,
    },
    /// The snapshot is longer than its reader would accept.
    #[error("a snapshot of {document} bytes is longer than its limits")]
    TooLong {
        /// Bytes of the JSON document.
        document: usize,
    },
    /// A part could not be written as JSON.
    #[error("a part of the snapshot could not be written")]
    Json,
}

/// Bytes are not a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadSnapshotError {
    /// There are too many compressed bytes.
    #[error("a compressed snapshot of {bytes} bytes: at most {limit} are read")]
    CompressedTooLong {
        /// How many there are.
        bytes: usize,
        /// How many are read.
        limit: usize,
    },
    /// The document is too long: perhaps a small file made to fill the memory.
    #[error("the snapshot has more than {limit} bytes when it is decompressed")]
    DocumentTooLong {
        /// How many are read.
        limit: usize,
    },
    /// The bytes are not one whole gzip member.
    #[error("the snapshot is not gzip, or cut, or something follows it")]
    Gzip,
    /// The document is not a snapshot's.
    #[error("the snapshot is malformed: {0}")]
    Malformed(&'static str),
    /// The snapshot was written by a later program.
    #[error("a snapshot of version {0}: this program reads version {VERSION}")]
    UnsupportedVersion(u64),
}
