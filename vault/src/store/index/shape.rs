//! Where everything is in an index and its details (docs/spec/store.md#index-and-details).
//!
//! ```text
//! index     = 0x02 || folding(4) || u32be number of sites || directory || order || site …
//! directory = u64be id of the first site || u32be where it is in the index, counted from the first site      for each block
//! order     = u32be place of a site      by the folded names of the sites, and then by their ids
//! details   = 0x02 || u32be where its first detail is, counted from the first of all || … || detail …
//! ```
//!
//! A block is 128 sites; the last one may have fewer. All of this is of a fixed length, so that a lookup knows where to
//! look before it has opened anything.

use zkvault_core::text::FOLDING;

/// The first byte of an index, and of its details.
pub(crate) const VERSION: u8 = 2;
/// Sites of a block: about 4 KB of the index and 10 KB of the details are read for one of them.
pub(crate) const BLOCK: u32 = 128;
/// Bytes in front of the directory.
pub(crate) const HEADER_LEN: u64 = 9;
/// Bytes of a block in the directory of the index.
pub(super) const BLOCK_LEN: usize = 12;
/// Bytes of a number in the directory of the details and in the order.
pub(super) const NUMBER_LEN: usize = 4;

/// How long everything in front of the sites is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) sites: u32,
    /// Whether the order is that of the folding of this program. A later one may fold names that have letters of a
    /// later Unicode in another way.
    pub(crate) is_ordered: bool,
}

/// Where a block begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block {
    /// The id of its first site.
    pub(crate) first: u64,
    /// Where that is, from the first site of all.
    pub(crate) offset: u32,
}

impl Shape {
    /// From the first [`HEADER_LEN`] bytes of an index.
    pub(crate) fn read(header: &[u8]) -> Option<Self> {
        let (version, rest) = header.split_first()?;
        let (folding, rest) = rest.split_first_chunk::<4>()?;
        let (sites, _) = rest.split_first_chunk::<4>()?;
        (*version == VERSION).then_some(Self {
            sites: u32::from_be_bytes(*sites),
            is_ordered: *folding == FOLDING,
        })
    }

    pub(super) fn write(sites: u32) -> Vec<u8> {
        let mut header = vec![VERSION];
        header.extend(FOLDING);
        header.extend(sites.to_be_bytes());
        header
    }

    pub(crate) const fn blocks(self) -> u64 {
        self.sites.div_ceil(BLOCK) as u64
    }

    /// Bytes of the directory, which begins behind the header.
    pub(crate) const fn directory_len(self) -> u64 {
        self.blocks() * BLOCK_LEN as u64
    }

    /// Where the order begins.
    pub(crate) const fn order(self) -> u64 {
        HEADER_LEN + self.directory_len()
    }

    /// Bytes of the order.
    pub(crate) const fn order_len(self) -> u64 {
        self.sites as u64 * NUMBER_LEN as u64
    }

    /// Where the first site begins.
    pub(crate) const fn body(self) -> u64 {
        self.order() + self.order_len()
    }

    /// The directory and the order, from all that is in front of the sites.
    pub(super) fn split(self, in_front: &[u8]) -> Option<(&[u8], &[u8])> {
        let rest = in_front.get(usize::try_from(HEADER_LEN).ok()?..)?;
        rest.split_at_checked(usize::try_from(self.directory_len()).ok()?)
    }

    /// Where the first detail begins.
    pub(crate) const fn details_body(self) -> u64 {
        1 + self.blocks() * NUMBER_LEN as u64
    }
}

/// The blocks of a directory.
pub(crate) fn blocks(directory: &[u8]) -> impl ExactSizeIterator<Item = Block> + Clone {
    let (blocks, _) = directory.as_chunks::<BLOCK_LEN>();
    blocks.iter().map(|[a, b, c, d, e, f, g, h, offset @ ..]| Block {
        first: u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]),
        offset: u32::from_be_bytes(*offset),
    })
}

/// The numbers of an order, or of the directory of the details.
pub(crate) fn numbers(bytes: &[u8]) -> impl ExactSizeIterator<Item = u32> + Clone {
    let (numbers, _) = bytes.as_chunks::<NUMBER_LEN>();
    numbers.iter().map(|number| u32::from_be_bytes(*number))
}
