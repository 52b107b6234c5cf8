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
//!
//! ```text
//! snapshot = one gzip member (RFC 1952) of the document
//! document = {"format":"zkvault.snapshot","version":1,"manifest":{…},"sites":…,"users":…,"groups":…,"pins":…}
//! digest   = SHA-256(document), as 64 lower-case hexadecimal digits
//! ```
//!
//! Members in this order and no white space but inside of the last four, which are kept byte for byte. Since a
//! document has one form, it has one digest, and a chain of parents cannot fork unnoticed (threat model, Z15).
//! Snapshots follow one another: revision 1 has no parent, and each further one names the digest of the one before.
//! [`SnapshotHead`] compares.
//!
//! That its parts belong together is another question, which [`Snapshot::contents`] asks.

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
///
/// Both are checked before the work: a small file that unpacks to terabytes stops one byte past the limit (threat
/// model, Z07).
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
///
/// The device's name is for people and identifies nothing: two devices may have one.
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
///
/// The four parts are not looked at when it is read or written, so that what a service sent is what is restored.
///
/// ```
/// use serde_json::value::RawValue;
/// use zkvault_core::snapshot::{Manifest, ReadSnapshotError, Snapshot};
///
/// let raw = |json: &str| RawValue::from_string(json.to_owned());
/// let manifest = Manifest { revision: 1, parent: None, time: 1_700_000_000, device: "laptop".to_owned() };
/// let snapshot = Snapshot { manifest, sites: raw("[]")?, users: raw("[]")?, groups: raw("[]")?, pins: raw("{}")? };
/// let document = snapshot.to_document(1024)?;
/// assert_eq!(document.len(), 161);
/// let digest = "be7c020c841585834886236da788b7363dcef096409864103ef6d44eaed19814";
/// assert_eq!(snapshot.digest()?.to_string(), digest);
/// // A space more says the same and would have another digest: it is not read.
/// let spaced = String::from_utf8(document)?.replace(":1,", ": 1,");
/// assert!(matches!(Snapshot::from_document(spaced.as_bytes()), Err(ReadSnapshotError::Malformed(_))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// [`WriteSnapshotError::Device`] above 128 bytes, [`WriteSnapshotError::TooLong`] above `limit`, and
    /// [`WriteSnapshotError::Json`] when a part cannot be written.
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
    /// * [`ReadSnapshotError::UnsupportedVersion`] when a later program wrote it.
    /// * [`ReadSnapshotError::Malformed`] for everything else that is not the one form: other members, another order,
    ///   white space, numbers or texts in another spelling, a device's name of more than 128 bytes.
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
    /// Hashes while it writes, and holds no second copy of the document.
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

    /// Compares piece by piece with what writing gives, without a second copy.
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
