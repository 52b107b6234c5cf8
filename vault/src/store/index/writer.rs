//! Writes an index and its details.

use zkvault_core::text::folded;

use super::shape::{BLOCK, Shape, VERSION};
use super::{CANDIDATE, Entry, FINDINGS, NAME, ORIGIN, ORIGIN_BEGINS_URL, TRUSTED, UPDATED, URL};
use crate::store::varint::{put, put_bytes};

/// Writes an index and its details. Entries come in ascending order of their ids.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    sites: Vec<u8>,
    directory: Vec<u8>,
    details: Vec<u8>,
    details_directory: Vec<u8>,
    /// Where each name is in `sites`.
    names: Vec<(usize, usize)>,
    last: u64,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Appends an entry. Ids are written as the distance from the one before; an entry out of order would be read as
    /// malformed.
    pub(crate) fn add(&mut self, entry: &Entry<'_>) {
        if self.names.len().is_multiple_of(BLOCK as usize) {
            self.last = entry.id;
            self.directory.extend(entry.id.to_be_bytes());
            self.directory.extend(offset(&self.sites));
            self.details_directory.extend(offset(&self.details));
        }
        let out = &mut self.sites;
        put(out, entry.id.wrapping_sub(self.last));
        self.last = entry.id;
        out.push(entry.standing as u8);
        out.push(
            flag(entry.trusted.is_some(), TRUSTED)
                | flag(entry.candidate.is_some(), CANDIDATE)
                | flag(entry.findings.is_some(), FINDINGS)
                | flag(entry.name.is_some(), NAME),
        );
        for slot in [entry.trusted, entry.candidate, entry.findings].into_iter().flatten() {
            put(out, slot.row);
            put(out, slot.revision);
        }
        let name = entry.name.as_deref().unwrap_or_default();
        if entry.name.is_some() {
            put_bytes(out, name.as_bytes());
        }
        self.names.push((out.len() - name.len(), out.len()));
        self.add_details(entry);
    }

    /// Appends the rest of an entry. Most addresses begin with their origin, which is not written twice.
    fn add_details(&mut self, entry: &Entry<'_>) {
        let out = &mut self.details;
        let (url, origin) = (entry.url.as_deref(), entry.origin.as_deref());
        let begins = origin.filter(|origin| url.is_some_and(|url| url.starts_with(origin)));
        let apart = origin.filter(|_| begins.is_none());
        out.push(
            flag(entry.updated.is_some(), UPDATED)
                | flag(apart.is_some(), ORIGIN)
                | flag(url.is_some(), URL)
                | flag(begins.is_some(), ORIGIN_BEGINS_URL),
        );
        if let Some(updated) = entry.updated {
            put(out, updated);
        }
        for text in [apart, url].into_iter().flatten() {
            put_bytes(out, text.as_bytes());
        }
        if let Some(origin) = begins {
            put(out, origin.len() as u64);
        }
    }

    /// Whether these are the index and the details that it would write.
    pub(crate) fn would_write(&self, index: &[u8], details: &[u8]) -> (bool, bool) {
        let same = |bytes: &[u8], parts: &[&[u8]]| {
            let rest = parts.iter().try_fold(bytes, |rest, part| rest.strip_prefix(*part));
            rest.is_some_and(<[u8]>::is_empty)
        };
        let header = Shape::write(self.len());
        // The same sites under the same folding have the same order.
        let order = Shape::read(&header).and_then(|shape| {
            let (from, to) = (
                usize::try_from(shape.order()).ok()?,
                usize::try_from(shape.body()).ok()?,
            );
            index.get(from..to)
        });
        (
            same(
                index,
                &[&header, &self.directory, order.unwrap_or_default(), &self.sites],
            ),
            same(details, &[&[VERSION], &self.details_directory, &self.details]),
        )
    }

    /// The index and the details.
    pub(crate) fn finish(self) -> (Vec<u8>, Vec<u8>) {
        let mut index = Shape::write(self.len());
        index.extend(&self.directory);
        index.extend(self.order().flat_map(u32::to_be_bytes));
        index.extend(&self.sites);
        let mut details = vec![VERSION];
        details.extend(self.details_directory);
        details.extend(self.details);
        (index, details)
    }

    /// The service's lists have at most a million sites.
    fn len(&self) -> u32 {
        u32::try_from(self.names.len()).unwrap_or(u32::MAX)
    }

    /// The places of the sites by their folded names, and then by their ids.
    fn order(&self) -> impl Iterator<Item = u32> {
        let name = |&(start, end): &(usize, usize)| self.sites.get(start..end).map(str::from_utf8);
        let names = self.names.iter().map(|range| match name(range) {
            Some(Ok(name)) => name,
            _ => "",
        });
        by_name(names).into_iter().map(|place| place as u32)
    }
}

/// The numbers of entries in the order of their names, where no index has it.
pub(crate) fn sorted_by_name(entries: &[Entry<'_>]) -> Vec<usize> {
    by_name(entries.iter().map(|entry| entry.name.as_deref().unwrap_or_default()))
}

/// The numbers of names in the order of their folded texts; of equal ones, in the order in which they came.
fn by_name<'a>(names: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let mut order: Vec<(ByName, usize)> = names.map(ByName::of).zip(0..).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, number)| number).collect()
}

/// The place of a name among others, upper and lower case alike. Most comparisons of many names end in their beginnings,
/// which are numbers here, side by side in memory.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct ByName {
    beginning: u128,
    rest: Box<[u8]>,
    /// Tells a short name from one with zeros behind it.
    len: usize,
}

impl ByName {
    fn of(name: &str) -> Self {
        let folded = folded(name);
        let mut bytes = [0; size_of::<u128>()];
        bytes.iter_mut().zip(folded.bytes()).for_each(|(to, from)| *to = from);
        Self {
            beginning: u128::from_be_bytes(bytes),
            rest: folded.as_bytes().get(size_of::<u128>()..).unwrap_or_default().into(),
            len: folded.len(),
        }
    }
}

/// An index of more than four gigabytes would be read as malformed: a store's file takes no part of more than one.
fn offset(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes()
}

fn flag(is: bool, flag: u8) -> u8 {
    if is { flag } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_order_of_their_folded_texts() {
        let mut names = [
            "b",
            "A",
            "a",
            "",
            "ab\0",
            "ab",
            "Größe 2",
            "größe 1",
            "E\u{301}",
            "\u{e9}",
            "fifteen bytes: ü",
            "fifteen bytes: z",
            "fifteen bytes: ",
            "the name of a site, B",
            "the name of a site, a",
            "大きさの銀行の名前",
        ];
        let mut expected = names;
        expected.sort_by_key(|name| folded(name).into_owned());
        names.sort_by_key(|name| ByName::of(name));
        assert_eq!(names.map(folded), expected.map(folded));
    }
}
