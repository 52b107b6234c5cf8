//! Reads an index and its details.

use std::borrow::Cow;

use super::shape::{self, BLOCK, Block, Shape, VERSION};
use super::{CANDIDATE, Entry, FINDINGS, NAME, ORIGIN, ORIGIN_BEGINS_URL, Slot, TRUSTED, UPDATED, URL};
use crate::store::standing::Standing;
use crate::store::varint::Reader;

/// Reads the entries of an index one by one. An item that is [`Malformed`] is the last.
///
/// The texts borrow from the bytes of the parts: a list of 100,000 sites allocates nothing for them.
#[derive(Debug, Clone)]
pub struct Entries<'a> {
    index: Reader<'a>,
    details: Option<Reader<'a>>,
    /// The directories of both, from the next block on.
    directory: &'a [u8],
    details_directory: &'a [u8],
    /// Bytes from the first site to the end, and from the first detail.
    body_len: (usize, usize),
    /// Sites to come, of the block and of all.
    left: (u32, u32),
    /// The id of the next site, where that begins a block.
    first: Option<u64>,
    last: Option<u64>,
    /// Whether the next item is an error: what stands in front of the sites was wrong.
    failed: bool,
}

/// An index is not as specified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the index is not as specified")]
pub struct Malformed;

impl<'a> Entries<'a> {
    /// Of an index's bytes and, where more than names and records are wanted, of its details.
    #[must_use]
    pub fn new(index: &'a [u8], details: Option<&'a [u8]>) -> Self {
        Self::of_parts(index, details).unwrap_or(Self {
            failed: true,
            ..Self::of_block(0, 0, &[], None)
        })
    }

    fn of_parts(index: &'a [u8], details: Option<&'a [u8]>) -> Option<Self> {
        let shape = Shape::read(index)?;
        let (in_front, body) = index.split_at_checked(usize::try_from(shape.body()).ok()?)?;
        let (directory, _) = shape.split(in_front)?;
        let details = match details {
            Some(details) => Some(details.split_at_checked(usize::try_from(shape.details_body()).ok()?)?),
            None => None,
        };
        let (details_directory, details) = match details {
            Some((in_front, details)) => (in_front.strip_prefix(&[VERSION])?, Some(details)),
            None => (&[][..], None),
        };
        Some(Self {
            directory,
            details_directory,
            left: (0, shape.sites),
            first: None,
            ..Self::of_block(0, 0, body, details)
        })
    }

    /// The `sites` of one block, of which the first has this id.
    pub(in crate::store) fn of_block(first: u64, sites: u32, index: &'a [u8], details: Option<&'a [u8]>) -> Self {
        Self {
            index: Reader::new(index),
            details: details.map(Reader::new),
            directory: &[],
            details_directory: &[],
            body_len: (index.len(), details.map_or(0, <[u8]>::len)),
            left: (sites, sites),
            first: Some(first),
            last: None,
            failed: false,
        }
    }

    /// Begins a block, which is where the directories say. A lookup begins there without having read what is in front.
    fn begin_block(&mut self) -> Option<()> {
        let (block, rest) = self.directory.split_at_checked(shape::BLOCK_LEN)?;
        let Block { first, offset } = shape::blocks(block).next()?;
        self.directory = rest;
        if self.last.is_some_and(|last| first <= last) || self.body_len.0 - self.index.len() != offset as usize {
            return None;
        }
        if let Some(details) = &self.details {
            let (offset, rest) = self.details_directory.split_at_checked(shape::NUMBER_LEN)?;
            self.details_directory = rest;
            if self.body_len.1 - details.len() != shape::numbers(offset).next()? as usize {
                return None;
            }
        }
        (self.first, self.left.0) = (Some(first), self.left.1.min(BLOCK));
        Some(())
    }

    /// Reads an entry of both parts; `None` for what no writer writes: an id twice, a standing that there is not, an
    /// end in the middle.
    fn entry(&mut self) -> Option<Entry<'a>> {
        if self.left.0 == 0 {
            self.begin_block()?;
        }
        let reader = &mut self.index;
        let id = match (self.first.take(), reader.number()?) {
            (Some(first), 0) => first,
            (None, more @ 1..) => self.last?.checked_add(more)?,
            _ => return None,
        };
        self.last = Some(id);
        self.left = (self.left.0 - 1, self.left.1 - 1);
        let standing = Standing::from_byte(reader.byte()?)?;
        let flags = reader.byte()?;
        let mut slot = |flag| read_if(flags & flag != 0, || read_slot(reader));
        let (trusted, candidate, findings) = (slot(TRUSTED)?, slot(CANDIDATE)?, slot(FINDINGS)?);
        let name = read_if(flags & NAME != 0, || reader.text())?;
        let Details { updated, origin, url } = match &mut self.details {
            Some(details) => read_details(details)?,
            None => Details::default(),
        };
        Some(Entry {
            id,
            standing,
            trusted,
            candidate,
            findings,
            updated,
            name: name.map(Cow::Borrowed),
            url: url.map(Cow::Borrowed),
            origin: origin.map(Cow::Borrowed),
        })
    }

    /// Whether both parts ended, and at the same site.
    fn is_at_end(&self) -> bool {
        self.left.1 == 0 && self.index.is_empty() && self.details.as_ref().is_none_or(Reader::is_empty)
    }

    /// Ends the iteration: after a malformed entry the next byte means nothing.
    fn stop(&mut self) -> Malformed {
        *self = Self::of_block(0, 0, &[], None);
        Malformed
    }
}

#[derive(Default)]
struct Details<'a> {
    updated: Option<u64>,
    origin: Option<&'a str>,
    url: Option<&'a str>,
}

fn read_details<'a>(reader: &mut Reader<'a>) -> Option<Details<'a>> {
    let flags = reader.byte()?;
    let updated = read_if(flags & UPDATED != 0, || reader.number())?;
    let apart = read_if(flags & ORIGIN != 0, || reader.text())?;
    let url = read_if(flags & URL != 0, || reader.text())?;
    let origin = match (flags & ORIGIN_BEGINS_URL != 0, apart) {
        (false, apart) => apart,
        (true, None) => Some(url?.get(..usize::try_from(reader.number()?).ok()?)?),
        (true, Some(_)) => return None,
    };
    Some(Details { updated, origin, url })
}

/// The outer `None` is a failure, the inner one a member that is not there.
fn read_if<T>(there: bool, read: impl FnOnce() -> Option<T>) -> Option<Option<T>> {
    match there {
        true => read().map(Some),
        false => Some(None),
    }
}

fn read_slot(reader: &mut Reader<'_>) -> Option<Slot> {
    Some(Slot {
        row: reader.number()?,
        revision: reader.number()?,
    })
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return Some(Err(self.stop()));
        }
        if self.is_at_end() {
            return None;
        }
        let entry = match self.left.1 {
            0 => None,
            _ => self.entry(),
        };
        Some(entry.ok_or_else(|| self.stop()))
    }
}

/// The places of the sites of an index in the order of their names; `None` where the names are folded in another way
/// than this program folds them. Every place is there once.
pub(crate) fn places_by_name(index: &[u8]) -> Result<Option<Vec<u32>>, Malformed> {
    let shape = Shape::read(index).ok_or(Malformed)?;
    if !shape.is_ordered {
        return Ok(None);
    }
    let in_front = index.get(..usize::try_from(shape.body()).map_err(|_| Malformed)?);
    let (_, order) = in_front.and_then(|in_front| shape.split(in_front)).ok_or(Malformed)?;
    let mut is_there = vec![false; shape.sites as usize];
    let mut places = Vec::with_capacity(is_there.len());
    for place in shape::numbers(order) {
        match is_there.get_mut(place as usize) {
            Some(is_there) if !*is_there => *is_there = true,
            _ => return Err(Malformed),
        }
        places.push(place);
    }
    Ok(Some(places))
}
