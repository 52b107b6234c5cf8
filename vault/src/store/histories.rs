//! The histories of the pins, one for each entry of the index that has a trusted copy, in the index's order.
//!
//! A pin is a trusted copy and a history of a few bytes, which is what the copy does not determine: whether each value
//! opened, which values it had before, whether it is gone. Keeping pins whole would double the store (docs/adr/0009).
//! The part is written together with the index, and a trusted copy without its history, or a history without one, is
//! damage of the whole (`a_history_without_a_site_is_damage`).

use super::varint::{Reader, put_bytes};

/// The first byte of the part.
const VERSION: u8 = 2;

/// Reads or writes the part.
#[derive(Debug, Clone)]
pub(crate) struct Histories<'a>(Reader<'a>);

impl<'a> Histories<'a> {
    /// `None` when the bytes are not such a part.
    pub(crate) fn new(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        (reader.byte()? == VERSION).then_some(Self(reader))
    }

    /// The next one.
    pub(crate) fn next(&mut self) -> Option<&'a [u8]> {
        self.0.bytes()
    }

    /// Whether there are no more.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// An empty part, to be filled by [`Self::add`].
    pub(crate) fn start() -> Vec<u8> {
        vec![VERSION]
    }

    /// Appends one.
    pub(crate) fn add(part: &mut Vec<u8>, history: &[u8]) {
        put_bytes(part, history);
    }
}
