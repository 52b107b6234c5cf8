//! What is spelled like a text that means nothing.
//!
//! For typing errors: at most a third of the characters and at most four may differ. Names of a service are cut to 64
//! characters before they are compared, so that long ones cost no time of their choice (threat model, Z07).

use super::{MAX_SUGGESTIONS, Named, folded, host_of};

/// Characters of a text that are compared: the time grows with the product of both lengths.
const MAX_COMPARED: usize = 64;

/// The most similar of what was offered so far.
pub(super) struct Suggestions<T> {
    wanted: Vec<char>,
    /// With their distances, the smallest first.
    best: Vec<(usize, T)>,
}

impl<T: Named> Suggestions<T> {
    /// For a folded text.
    pub(super) fn new(wanted: &str) -> Self {
        Self {
            wanted: wanted.chars().take(MAX_COMPARED).collect(),
            best: Vec::with_capacity(MAX_SUGGESTIONS + 1),
        }
    }

    pub(super) fn offer(&mut self, item: T) {
        let by_name = item.names().filter_map(|name| self.distance(&folded(&name)));
        let by_host = item.origin().and_then(|origin| self.distance_of_host(host_of(origin)));
        let Some(distance) = by_name.chain(by_host).min() else {
            return;
        };
        let place = self.best.partition_point(|(other, _)| *other <= distance);
        self.best.insert(place, (distance, item));
        self.best.truncate(MAX_SUGGESTIONS);
    }

    pub(super) fn into_best(self) -> Vec<T> {
        self.best.into_iter().map(|(_, item)| item).collect()
    }

    /// A host, or one of its labels: people leave out `www` and `com`.
    fn distance_of_host(&self, host: &str) -> Option<usize> {
        let labels = host.split('.').filter(|label| label.len() > 3);
        labels.chain([host]).filter_map(|text| self.distance(text)).min()
    }

    /// How many characters are to be changed, added, left out or swapped with the next, if that is at most a third of them.
    fn distance(&self, text: &str) -> Option<usize> {
        let most = self.wanted.len().div_ceil(3).min(4);
        let text: Vec<char> = text.chars().take(MAX_COMPARED).collect();
        if self.wanted.is_empty() || text.len().abs_diff(self.wanted.len()) > most {
            return None;
        }
        Some(edits(&self.wanted, &text)).filter(|edits| *edits <= most && *edits < self.wanted.len())
    }
}

/// The optimal string alignment distance.
///
/// Insertions, deletions, substitutions and swapped neighbours cost one each; no part is edited twice. Three rows are
/// kept.
fn edits(one: &[char], other: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    let mut before = None;
    for (row, character) in one.iter().enumerate() {
        let mut now = Vec::with_capacity(other.len() + 1);
        now.push(row + 1);
        let mut left = row + 1;
        let mut before_other = None;
        for (column, other_character) in other.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX - 1);
            let changed = at(&last, column) + usize::from(character != other_character);
            let mut least = changed.min(left + 1).min(at(&last, column + 1) + 1);
            if before == Some(other_character) && before_other == Some(character) && column > 0 {
                least = least.min(at(&before_last, column - 1) + 1);
            }
            now.push(least);
            left = least;
            before_other = Some(other_character);
        }
        before_last = std::mem::replace(&mut last, now);
        before = Some(character);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_edit_counts_once() {
        for (one, other, distance) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("github", "github", 0),
            ("gihtub", "github", 1),
            ("gthub", "github", 1),
            ("githhub", "github", 1),
            ("gitlub", "github", 1),
            ("abcd", "badc", 2),
            ("kitten", "sitting", 3),
        ] {
            let characters = |text: &str| text.chars().collect::<Vec<_>>();
            assert_eq!(edits(&characters(one), &characters(other)), distance, "{one} {other}");
            assert_eq!(edits(&characters(other), &characters(one)), distance, "{other} {one}");
        }
    }
}
