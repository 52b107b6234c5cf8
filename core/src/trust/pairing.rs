//! Which input of a site is which pinned one.
//!
//! Inputs have no identifiers. Were they compared by their places, an input added in front would make all others look
//! changed, and a person would accept without reading.

use std::collections::{BTreeMap, VecDeque};

use super::pin::PinnedInput;
use super::text::PinnedText;
use crate::digest::ValueDigest;

/// For each input the number of the pinned one that it is, if any.
///
/// An input is known by its name and type, and of several alike the first is the first. What is left over is
/// known by its name, so that a changed type is seen as one, and then by its value, so that a changed name is.
/// Costs n log n in the number of inputs.
///
/// The stages are strict first: an input that is exactly there never loses its pair to one that is only similar.
pub(super) fn pair(pinned: &[PinnedInput], now: &[PinnedInput]) -> Vec<Option<usize>> {
    let mut pairing = Pairing {
        pinned,
        now,
        free: vec![true; pinned.len()],
        pairs: vec![None; now.len()],
    };
    pairing.stage(|input| Some(Likeness::Named(&input.name, Some(&input.input_type))));
    pairing.stage(|input| Some(Likeness::Named(&input.name, None)));
    pairing.stage(|input| input.sealed().map(Likeness::Value));
    pairing.pairs
}

/// What two inputs have in common that are one.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Likeness<'a> {
    /// The name, and the type where it counts.
    Named(&'a Option<PinnedText>, Option<&'a Option<PinnedText>>),
    Value(ValueDigest),
}

struct Pairing<'a> {
    pinned: &'a [PinnedInput],
    now: &'a [PinnedInput],
    /// Which of the pinned ones have no pair yet.
    free: Vec<bool>,
    pairs: Vec<Option<usize>>,
}

impl<'a> Pairing<'a> {
    /// Pairs, in their order, inputs that have no pair yet and are alike.
    fn stage(&mut self, key: fn(&'a PinnedInput) -> Option<Likeness<'a>>) {
        let mut places: BTreeMap<Likeness<'a>, VecDeque<usize>> = BTreeMap::new();
        let free = self
            .pinned
            .iter()
            .zip(&self.free)
            .enumerate()
            .filter(|(_, (_, free))| **free);
        for (place, (input, _)) in free {
            if let Some(key) = key(input) {
                places.entry(key).or_default().push_back(place);
            }
        }
        let single = self.now.iter().zip(&mut self.pairs).filter(|(_, pair)| pair.is_none());
        for (input, pair) in single {
            *pair = key(input).and_then(|key| places.get_mut(&key)?.pop_front());
            if let Some(free) = pair.and_then(|place| self.free.get_mut(place)) {
                *free = false;
            }
        }
    }
}
