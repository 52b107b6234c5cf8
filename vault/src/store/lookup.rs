//! Finds single sites in the index without opening all of it: by the directory, the block that has an id; by the order,
//! the sites that have a name.
//!
//! Of an index of 100,000 sites, which has three megabytes, an id takes two pieces of 16 KiB and one of the details, and
//! a name about forty. What a lookup finds is as authentic as what a whole index says, since every piece opens in its
//! place alone. What it does not find may be in a piece that is damaged, so nothing is concluded from that: all is read then
//! ([`resolve_in`](zkvault_core::resolve::resolve_in)).

use std::cmp::Ordering;

use zkvault_core::SecretBytes;
use zkvault_core::text::folded;

use super::index::shape::{self, BLOCK, Block, HEADER_LEN, Shape, VERSION};
use super::part::Part;
use super::{Entries, Entry, Result, Store};

/// Sites of one name that are collected. Of more than that, all are read.
const MAX_NAMED: usize = 100;

/// An index and its details, opened as far as it is needed.
pub(crate) struct Lookup<'a> {
    store: &'a Store,
    index: Part<'a>,
    details: Part<'a>,
    shape: Shape,
    /// Where the blocks begin, and where their details do.
    blocks: Vec<Block>,
    details_of_blocks: Vec<u32>,
}

impl<'a> Lookup<'a> {
    /// Opens the beginning of both parts.
    pub(super) fn new(store: &'a Store, mut index: Part<'a>, mut details: Part<'a>) -> Result<Self> {
        let malformed = || store.malformed_index();
        let header = index.bytes(0, HEADER_LEN.min(index.len()))?;
        let shape = Shape::read(header.expose_secret()).ok_or_else(malformed)?;
        let directory = index.bytes(HEADER_LEN, shape.directory_len())?;
        let of_details = details.bytes(0, shape.details_body())?;
        let of_details = of_details
            .expose_secret()
            .strip_prefix(&[VERSION])
            .ok_or_else(malformed)?;
        Ok(Self {
            blocks: shape::blocks(directory.expose_secret()).collect(),
            details_of_blocks: shape::numbers(of_details).collect(),
            store,
            index,
            details,
            shape,
        })
    }

    /// The site with this id, unless a person accepted that it is gone.
    pub(crate) fn site(&mut self, id: u64) -> Result<Option<Entry<'static>>> {
        let after = self.blocks.partition_point(|block| block.first <= id);
        let Some(block) = after.checked_sub(1) else {
            return Ok(None);
        };
        let found = self.in_block(block, true, |entry| entry.id == id)?;
        Ok(found.filter(|entry| !entry.is_gone()))
    }

    /// The sites whose name is this one when it is folded, by their ids; `None` where that is not known without reading
    /// all of the index.
    pub(crate) fn sites_named(&mut self, name: &str) -> Result<Option<Vec<Entry<'static>>>> {
        if !self.shape.is_ordered {
            return Ok(None);
        }
        let mut found = Vec::new();
        for position in self.first_not_before(name)?..self.shape.sites {
            let place = self.place_at(position)?;
            let entry = self.at(place, true)?;
            if *folded(entry.name.as_deref().unwrap_or_default()) != *name {
                break;
            }
            if found.len() == MAX_NAMED {
                return Ok(None);
            }
            found.extend(Some(entry).filter(|entry| !entry.is_gone()));
        }
        Ok(Some(found))
    }

    /// The position in the order of the first site whose name is not before this one.
    fn first_not_before(&mut self, name: &str) -> Result<u32> {
        let (mut from, mut to) = (0, self.shape.sites);
        while from < to {
            let middle = from.midpoint(to);
            let place = self.place_at(middle)?;
            let entry = self.at(place, false)?;
            match folded(entry.name.as_deref().unwrap_or_default()).as_ref().cmp(name) {
                Ordering::Less => from = middle + 1,
                Ordering::Equal | Ordering::Greater => to = middle,
            }
        }
        Ok(from)
    }

    /// The place of the site that is at a position of the order.
    fn place_at(&mut self, position: u32) -> Result<u32> {
        let at = self.shape.order() + u64::from(position) * 4;
        let place = self.index.bytes(at, 4)?;
        let place = shape::numbers(place.expose_secret()).next();
        place.ok_or_else(|| self.store.malformed_index())
    }

    /// The site at a place.
    fn at(&mut self, place: u32, with_details: bool) -> Result<Entry<'static>> {
        let mut before = place % BLOCK;
        let is_it = move |_: &Entry<'_>| {
            let is_it = before == 0;
            before = before.saturating_sub(1);
            is_it
        };
        let found = self.in_block((place / BLOCK) as usize, with_details, is_it)?;
        found.ok_or_else(|| self.store.malformed_index())
    }

    /// The first entry of a block that is wanted.
    fn in_block(
        &mut self,
        block: usize,
        with_details: bool,
        mut wanted: impl FnMut(&Entry<'_>) -> bool,
    ) -> Result<Option<Entry<'static>>> {
        let malformed = |store: &Store| store.malformed_index();
        let Block { first, offset } = *self.blocks.get(block).ok_or_else(|| malformed(self.store))?;
        let next = self.blocks.get(block + 1).map(|next| next.offset);
        let index = piece(&mut self.index, self.shape.body(), offset, next).ok_or_else(|| malformed(self.store))??;
        let details = match (with_details, self.details_of_blocks.get(block)) {
            (true, Some(offset)) => {
                let next = self.details_of_blocks.get(block + 1).copied();
                let details = piece(&mut self.details, self.shape.details_body(), *offset, next);
                Some(details.ok_or_else(|| malformed(self.store))??)
            }
            _ => None,
        };
        let sites = (self.shape.sites - block as u32 * BLOCK).min(BLOCK);
        let details = details.as_ref().map(SecretBytes::expose_secret);
        for entry in Entries::of_block(first, sites, index.expose_secret(), details) {
            let entry = entry.map_err(|_| malformed(self.store))?;
            if wanted(&entry) {
                return Ok(Some(entry.into_owned()));
            }
        }
        Ok(None)
    }
}

/// The bytes of a block of a part; `None` where the directory contradicts itself.
fn piece(part: &mut Part<'_>, body: u64, offset: u32, next: Option<u32>) -> Option<Result<SecretBytes>> {
    let from = body + u64::from(offset);
    let to = next.map_or(part.len(), |next| body + u64::from(next));
    Some(part.bytes(from, to.checked_sub(from)?))
}
