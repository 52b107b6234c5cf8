//! Which texts are equal, without keeping one.

use std::collections::HashMap;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::AuditError;

/// Digests under a key that exists for one audit: they tell nothing afterwards, and nothing to anybody without the key.
pub(super) struct Digests {
    keyed: Hmac<Sha256>,
    /// Where each text was found: places, with the site of each.
    found: HashMap<[u8; 32], Vec<(usize, u64)>>,
}

impl Digests {
    pub(super) fn new() -> Result<Self, AuditError> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut_slice()).map_err(|_| AuditError::Random)?;
        let keyed = Hmac::new_from_slice(key.as_slice()).map_err(|_| AuditError::Random)?;
        Ok(Self {
            keyed,
            found: HashMap::new(),
        })
    }

    /// Adds a text in parts, each with its length, so that two texts with other parts are never alike.
    pub(super) fn add(&mut self, parts: &[&[u8]], place: usize, site: u64) {
        let mut keyed = self.keyed.clone();
        for part in parts {
            keyed.update(&(part.len() as u64).to_be_bytes());
            keyed.update(part);
        }
        let digest: [u8; 32] = keyed.finalize().into_bytes().into();
        self.found.entry(digest).or_default().push((place, site));
    }

    /// The places of texts that several sites have, each with the number of its group. Groups are counted from 1, in the
    /// order of their first places, which says nothing about the texts.
    pub(super) fn groups(self) -> Vec<(usize, usize)> {
        let several = |places: &Vec<(usize, u64)>| {
            places
                .iter()
                .any(|(_, site)| Some(*site) != places.first().map(|(_, first)| *first))
        };
        let mut groups: Vec<Vec<(usize, u64)>> = self.found.into_values().filter(several).collect();
        groups.sort_unstable();
        let numbered = (1..).zip(groups);
        numbered
            .flat_map(|(number, places)| places.into_iter().map(move |(place, _)| (place, number)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_of_several_sites_and_numbered_by_their_first() {
        let mut digests = Digests::new().unwrap();
        for (place, (text, site)) in [("b", 1), ("a", 1), ("a", 1), ("b", 2), ("c", 3), ("d", 3), ("d", 4)]
            .into_iter()
            .enumerate()
        {
            digests.add(&[text.as_bytes()], place, site);
        }
        assert_eq!(digests.groups(), [(0, 1), (3, 1), (5, 2), (6, 2)]);
    }

    #[test]
    fn parts_are_not_joined() {
        let mut digests = Digests::new().unwrap();
        digests.add(&[b"ab", b"c"], 0, 1);
        digests.add(&[b"a", b"bc"], 1, 2);
        assert_eq!(digests.groups(), []);
    }
}
