//! Sites in the order of their names, which the index has: nothing is folded and sorted for a list.

use super::{Contents, Index};
use crate::store::{Entries, Entry, StoreError, places_by_name, sorted_by_name};

/// Entries in the order of their names, upper and lower case alike, and then of their ids.
#[derive(Debug)]
pub struct Sorted<'a> {
    /// In the order of their ids.
    entries: Vec<Entry<'a>>,
    /// Their numbers in the order of their names.
    order: Vec<usize>,
}

impl<'a> Sorted<'a> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = &Entry<'a>> {
        self.order.iter().filter_map(|number| self.entries.get(*number))
    }
}

impl Contents {
    /// The sites of an index that are wanted, in the order of their names, without those that a person accepted to be
    /// gone.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`].
    pub fn sorted<'a>(
        &self,
        index: &'a Index,
        mut is_wanted: impl FnMut(&Entry<'a>) -> bool,
    ) -> Result<Sorted<'a>, StoreError> {
        let (sites, details) = self.whole(index)?;
        // Of each place in the index, the number of its entry here.
        let (mut entries, mut numbers) = (Vec::new(), Vec::new());
        for entry in Entries::new(sites, Some(details)) {
            let entry = entry.map_err(|_| self.store.malformed_index())?;
            let is_wanted = !entry.is_gone() && is_wanted(&entry);
            numbers.push(is_wanted.then_some(entries.len()));
            entries.extend(is_wanted.then_some(entry));
        }
        let places = places_by_name(sites).map_err(|_| self.store.malformed_index())?;
        let order = match places {
            Some(places) => {
                let number = |place: u32| numbers.get(place as usize).copied().flatten();
                places.into_iter().filter_map(number).collect()
            }
            None => sorted_by_name(&entries),
        };
        Ok(Sorted { entries, order })
    }
}
