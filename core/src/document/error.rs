//! Why a document is refused. No message quotes the document: it may hold secrets.
//!
//! Offsets count bytes of the document in UTF-8, without a byte order mark.

use super::{MAX_DEPTH, MAX_SITE_LEN};
use crate::text::TextError;

/// A document is refused as a whole. Offsets count bytes from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// Its bytes are not text in an encoding that is read.
    #[error("the document is not read: {0}")]
    Text(#[from] TextError),
    /// It is JSON, but not one of the documents of sites; or it is no JSON at all.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// It is not valid JSON at this byte, or its text there is not UTF-8.
    #[error("the document is not valid JSON at byte {offset}")]
    Syntax {
        /// Where the fault is.
        offset: u64,
    },
    /// It ends before it is complete.
    #[error("the document is cut off: it ends before its last bracket")]
    Truncated,
    /// Something other than white space follows its last bracket.
    #[error("the document continues after its last bracket, at byte {offset}")]
    Trailing {
        /// Where the rest begins.
        offset: u64,
    },
    /// A site or another member nests arrays and objects deeper than [`MAX_DEPTH`].
    #[error("the document nests deeper than {MAX_DEPTH} levels at byte {offset}")]
    TooDeep {
        /// Where the part begins that nests too deep.
        offset: u64,
    },
    /// A site or another member is longer than [`MAX_SITE_LEN`].
    #[error("a site or another member of the document is longer than {MAX_SITE_LEN} bytes, at byte {offset}")]
    TooLarge {
        /// Where the part begins that is too long.
        offset: u64,
    },
}

/// What makes a document none of those that are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShapeError {
    /// It does not begin with `{` or `[`.
    #[error("the document is neither a JSON object nor an array")]
    NotADocument,
    /// It is an object without `sites`, and without the `login` or `id` that would make it a site.
    #[error("the document is neither a site nor a list of sites: it has no \"sites\", \"login\" or \"id\"")]
    NoSites,
    /// Its `sites` member is not an array.
    #[error("\"sites\" is not an array")]
    SitesNotAnArray,
    /// An element of the list of sites is not an object.
    #[error("an element of the list of sites is not an object")]
    SiteNotAnObject,
    /// It has two members `sites`, or both `sites` and `login`: what it means is open to interpretation.
    #[error("the document is ambiguous: it has \"sites\" twice, or both \"sites\" and \"login\"")]
    Ambiguous,
}
