//! The parts of a document that are complete so far.
//!
//! A framer fills a batch and keeps the rest. Batches are what threads exchange: each has its bytes with it, and the
//! number of the first site, so that results are put back in order.

use std::fmt;
use std::ops::Range;

use super::framer::CutSite;
use crate::secret_buffer::SecretBuffer;

/// A run of the document, cut into parts. Owns its bytes, so that it can be handed to another thread whole.
///
/// Meant to be reused: every [`Framer::push`](super::Framer::push) fills it anew.
///
/// ```
/// use zkvault_core::document::{Batch, Framer, Part};
///
/// let (mut framer, mut batch) = (Framer::new(), Batch::new());
/// framer.push(br#"{"page":1,"sites":[{"id":1},{"id":2}],"more":false}"#, &mut batch)?;
/// let parts: Vec<_> = batch.parts().collect();
/// assert_eq!(parts[1], Part::Site { index: 0, bytes: br#"{"id":1}"# });
/// assert_eq!(parts[3], Part::Site { index: 1, bytes: br#"{"id":2}"# });
/// // One after the other, the parts are the document.
/// assert_eq!((parts.len(), parts[2], parts[4]), (5, Part::Copy(b","), Part::Copy(br#"],"more":false}"#)));
/// framer.finish()?;
/// # Ok::<(), zkvault_core::document::DocumentError>(())
/// ```
#[derive(Default)]
pub struct Batch {
    pub(super) bytes: SecretBuffer,
    pub(super) frames: Vec<Frame>,
    /// Sites of the document before this batch.
    pub(super) sites_before: u64,
    /// Sites of a list that were too long or too deep, and that end in this batch.
    pub(super) cut: Vec<CutSite>,
}

/// Where a part lies in the bytes of its batch.
#[derive(Debug, Clone)]
pub(super) enum Frame {
    Copy(Range<usize>),
    Site(Range<usize>),
}

/// One part of a document. All parts of all batches, one after the other, are the document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// Bytes around the sites, to be copied as they are.
    Copy(&'a [u8]),
    /// One site, from `{` to `}`. Only its brackets were counted: anyone who reads it checks its JSON.
    Site {
        /// The number of sites before it in the document.
        index: u64,
        /// Its bytes.
        bytes: &'a [u8],
    },
}

impl Batch {
    /// A batch without parts. Allocates nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The parts, in the order of the document.
    pub fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let mut index = self.sites_before;
        self.frames.iter().filter_map(move |frame| match frame {
            Frame::Copy(range) => self.bytes.expose_secret().get(range.clone()).map(Part::Copy),
            Frame::Site(range) => {
                let bytes = self.bytes.expose_secret().get(range.clone())?;
                index += 1;
                Some(Part::Site {
                    index: index - 1,
                    bytes,
                })
            }
        })
    }

    /// Of a list: the sites that are longer, or nest deeper, than a site may, and that end in this batch. They are not
    /// among the [`parts`](Self::parts), and have no number there.
    #[must_use]
    pub fn cut_sites(&self) -> &[CutSite] {
        &self.cut
    }

    /// Whether there is no part.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// The number of bytes of all parts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.frames.clear();
        self.cut.clear();
    }
}

/// Shows sizes only: the bytes may hold secrets.
impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            bytes,
            frames,
            sites_before,
            cut,
        } = self;
        f.debug_struct("Batch")
            .field("bytes", bytes)
            .field("frames", &frames.len())
            .field("sites_before", sites_before)
            .field("cut", cut)
            .finish()
    }
}

/// Shows sizes only: the bytes may hold secrets.
impl fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Copy(bytes) => write!(f, "Copy({} bytes)", bytes.len()),
            Self::Site { index, bytes } => write!(f, "Site({index}, {} bytes)", bytes.len()),
        }
    }
}
