//! Pins as JSON (docs/spec/trust.md): one form for each set, so that it can be sealed, compared and named by a
//! snapshot's digest.
//!
//! ```json
//! {"format":"zkvault.pins","version":2,"sites":[pin, …]}
//! ```
//!
//! Sites in ascending order of their numbers, members in the order of docs/spec/trust.md's vector, no white space.
//! What was read is written again and compared: that refuses every second form without a rule for each.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::pin::{Pin, Record};
use super::set::PinSet;
use crate::json::Object;

/// Bytes of a set of pins at most: 1 GiB, which is about a million sites. Reading one allocates a few times as
/// much.
pub const MAX_PINS_LEN: usize = 1024 * 1024 * 1024;
/// Bytes of one pin at most: 64 MiB, more than a site with the most inputs, texts and earlier values has.
pub const MAX_PIN_LEN: usize = 64 * 1024 * 1024;

const FORMAT: &str = "zkvault.pins";
const VERSION: u64 = 2;

#[derive(Serialize)]
struct DocumentRef<'a> {
    format: &'a str,
    version: u64,
    sites: Vec<&'a Record>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    version: u64,
    sites: Vec<Record>,
}

/// What every version of the document starts from.
#[derive(Deserialize)]
struct Start {
    format: String,
    version: u64,
}

impl PinSet {
    /// The set as JSON, for a snapshot or another place that is sealed.
    ///
    /// Names and addresses are in it in plaintext, and it decides what is trusted: it is kept sealed.
    ///
    /// # Errors
    /// [`WritePinsError`] when it is longer than a reader accepts.
    pub fn to_json(&self) -> Result<String, WritePinsError> {
        let document = DocumentRef {
            format: FORMAT,
            version: VERSION,
            sites: self.iter().map(|pin| &pin.0).collect(),
        };
        write(&document, MAX_PINS_LEN)
    }

    /// Reads what [`Self::to_json`] wrote, and nothing else.
    ///
    /// # Errors
    /// * [`ReadPinsError::TooLong`] above 1 GiB, before anything is read.
    /// * [`ReadPinsError::PreRelease`] and [`ReadPinsError::UnsupportedVersion`] by the version.
    /// * [`ReadPinsError::Malformed`] for another form, sites out of order, and pins that contradict themselves.
    pub fn from_json(json: &str) -> Result<Self, ReadPinsError> {
        check_len(json, MAX_PINS_LEN)?;
        let Object(start) = serde_json::from_str::<Object<Start>>(json)
            .map_err(|_| ReadPinsError::Malformed("they are no JSON object with a format and a version"))?;
        if start.format != FORMAT {
            return Err(ReadPinsError::Malformed("they have another format"));
        }
        if start.version < VERSION {
            return Err(ReadPinsError::PreRelease);
        }
        if start.version > VERSION {
            return Err(ReadPinsError::UnsupportedVersion(start.version));
        }
        let document: Document = read(json)?;
        let ascending = document.sites.array_windows().all(|[one, next]| one.id < next.id);
        if !ascending {
            return Err(ReadPinsError::Malformed("their sites are not in order"));
        }
        document.sites.into_iter().map(checked).collect()
    }
}

impl Pin {
    /// The pin as JSON, for a store that keeps one record a pin.
    ///
    /// # Errors
    /// [`WritePinsError`] when it is longer than a reader accepts.
    pub fn to_json(&self) -> Result<String, WritePinsError> {
        write(&self.0, MAX_PIN_LEN)
    }

    /// Reads what [`Self::to_json`] wrote, and nothing else.
    ///
    /// # Errors
    /// [`ReadPinsError`].
    pub fn from_json(json: &str) -> Result<Self, ReadPinsError> {
        check_len(json, MAX_PIN_LEN)?;
        checked(read(json)?)
    }
}

/// JSON of the right form may still say what no comparison would: that a value which is none was opened.
fn checked(record: Record) -> Result<Pin, ReadPinsError> {
    let pin = Pin(record);
    if pin.is_consistent() {
        Ok(pin)
    } else {
        Err(ReadPinsError::Malformed("a pin contradicts itself"))
    }
}

fn write<T: Serialize>(document: &T, limit: usize) -> Result<String, WritePinsError> {
    let json = serde_json::to_string(document).map_err(|_| WritePinsError::Json)?;
    if json.len() > limit {
        return Err(WritePinsError::TooLong {
            bytes: json.len(),
            limit,
        });
    }
    Ok(json)
}

fn check_len(json: &str, limit: usize) -> Result<(), ReadPinsError> {
    if json.len() > limit {
        return Err(ReadPinsError::TooLong {
            bytes: json.len(),
            limit,
        });
    }
    Ok(())
}

/// Reads a document and writes it again: what comes out must be what went in.
fn read<T: Serialize + DeserializeOwned>(json: &str) -> Result<T, ReadPinsError> {
    let document: T =
        serde_json::from_str(json).map_err(|_| ReadPinsError::Malformed("their members are not as specified"))?;
    match serde_json::to_string(&document) {
        Ok(again) if again == json => Ok(document),
        _ => Err(ReadPinsError::Malformed("they are not in canonical form")),
    }
}

/// Pins were not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WritePinsError {
    /// They are longer than their reader would accept.
    #[error("the pins have {bytes} bytes: at most {limit} are read")]
    TooLong {
        /// How many there are.
        bytes: usize,
        /// How many are read.
        limit: usize,
    },
    /// They could not be written as JSON.
    #[error("the pins could not be written")]
    Json,
}

/// A text is not pins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadPinsError {
    /// It is too long.
    #[error("the pins have {bytes} bytes: at most {limit} are read")]
    TooLong {
        /// How many there are.
        bytes: usize,
        /// How many are read.
        limit: usize,
    },
    /// It is not what was specified.
    #[error("the pins are malformed: {0}")]
    Malformed(&'static str),
    /// It was written by a program from before the first release.
    #[error("the pins were made by a pre-release of zkvault: make them anew")]
    PreRelease,
    /// It was written by a later program.
    #[error("pins of version {0}: this program reads version {VERSION}")]
    UnsupportedVersion(u64),
}
