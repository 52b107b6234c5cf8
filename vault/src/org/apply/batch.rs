//! Many ties in few requests: each request names one thing and up to 500 that are tied to it.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use zkvault_client::logmeonce::{Call, CallError, Rights as Wanted};

use crate::org::model::{Relation, Right, Rights, Tie};
use crate::org::read::{MAX_IDS, Side};

/// What is done to a tie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Deed {
    Tie,
    Permit(Rights),
    Untie,
}

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    side: Side,
    deed: Deed,
    owner: u64,
    /// What is tied to the owner, and the changes that ask for it.
    others: Vec<(u64, usize)>,
}

impl Batch {
    pub(super) fn call(&self) -> Result<Call, CallError> {
        let ids: Vec<u64> = self.others.iter().map(|(id, _)| *id).collect();
        match self.deed {
            Deed::Tie => Call::assign(self.side.endpoint, self.owner, &ids),
            Deed::Untie => Call::unassign(self.side.endpoint, self.owner, &ids),
            Deed::Permit(rights) => {
                Call::set_privileges(self.side.endpoint, self.owner, &ids, wanted(self.side.relation, rights))
            }
        }
    }

    pub(super) fn is_several(&self) -> bool {
        self.others.len() > 1
    }

    pub(super) fn changes(&self) -> impl Iterator<Item = usize> {
        self.others.iter().map(|(_, change)| *change)
    }

    pub(super) fn halves(self) -> [Self; 2] {
        let (first, second) = self.others.split_at(self.others.len() / 2);
        [first, second].map(|others| Self {
            others: others.to_vec(),
            ..self
        })
    }
}

/// Every permission of a relation: those that are wanted are set, the others unset.
fn wanted(relation: Relation, rights: Rights) -> Wanted {
    let has = |right| Some(rights.has(right));
    match relation {
        Relation::Membership => Wanted::Membership {
            create: has(Right::Create),
            assign: has(Right::Assign),
        },
        Relation::UserSite | Relation::GroupSite => Wanted::Sharing {
            read: has(Right::Read),
            update: has(Right::Update),
            delete: has(Right::Delete),
        },
    }
}

/// The requests for deeds. The thing with the most ties that are left is served first, whatever its side: a thousand
/// assignments of a group are two requests, and so are those of a site to a thousand users.
pub(super) fn batches(deeds: Vec<(usize, Tie, Deed)>) -> Vec<Batch> {
    let mut by_deed: BTreeMap<(Relation, Deed), Vec<(usize, Tie)>> = BTreeMap::new();
    for (index, tie, deed) in deeds {
        by_deed.entry((tie.relation, deed)).or_default().push((index, tie));
    }
    by_deed
        .into_iter()
        .flat_map(|((relation, deed), ties)| covered(relation, deed, &ties))
        .collect()
}

fn covered(relation: Relation, deed: Deed, ties: &[(usize, Tie)]) -> Vec<Batch> {
    let sides = Side::both(relation);
    // The ties of each thing, by their places in the list.
    let mut things: BTreeMap<(bool, u64), BTreeSet<usize>> = BTreeMap::new();
    for (place, (_, tie)) in ties.iter().enumerate() {
        things.entry((true, tie.left)).or_default().insert(place);
        things.entry((false, tie.right)).or_default().insert(place);
    }
    let mut heap: BinaryHeap<(usize, (bool, u64))> = things.iter().map(|(thing, ties)| (ties.len(), *thing)).collect();
    let mut batches = Vec::new();
    while let Some((count, thing)) = heap.pop() {
        let left = things.get(&thing).map_or(0, BTreeSet::len);
        if left < count {
            // Others have taken some of its ties since.
            if left > 0 {
                heap.push((left, thing));
            }
            continue;
        }
        let (is_left, owner) = thing;
        let taken = things.remove(&thing).unwrap_or_default();
        let mut others = Vec::with_capacity(taken.len());
        for place in taken {
            let Some((change, tie)) = ties.get(place) else { continue };
            let (other, end) = if is_left {
                (tie.right, (false, tie.right))
            } else {
                (tie.left, (true, tie.left))
            };
            others.push((other, *change));
            if let Some(ties) = things.get_mut(&end) {
                ties.remove(&place);
            }
        }
        let [left_side, right_side] = sides;
        let side = if is_left { left_side } else { right_side };
        let batch = |others: &[(u64, usize)]| Batch {
            side,
            deed,
            owner,
            others: others.to_vec(),
        };
        batches.extend(others.chunks(MAX_IDS).map(batch));
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ties(relation: Relation, lefts: std::ops::Range<u64>, rights: std::ops::Range<u64>) -> Vec<(usize, Tie, Deed)> {
        let pairs = lefts.flat_map(|left| rights.clone().map(move |right| Tie { relation, left, right }));
        pairs.enumerate().map(|(index, tie)| (index, tie, Deed::Tie)).collect()
    }

    #[test]
    fn a_thousand_assignments_are_a_handful_of_requests() {
        for (lefts, rights, requests) in [
            (1..2, 1..1001, 2),
            (1..1001, 1..2, 2),
            (1..3, 1..501, 2),
            (1..501, 1..3, 2),
        ] {
            let deeds = ties(Relation::UserSite, lefts.clone(), rights.clone());
            assert_eq!(batches(deeds).len(), requests, "{lefts:?} {rights:?}");
        }
    }

    #[test]
    fn every_deed_is_in_one_request() {
        let deeds = ties(Relation::GroupSite, 1..30, 1..40);
        let expected = deeds.len();
        let mut found: Vec<usize> = batches(deeds)
            .iter()
            .flat_map(|batch| batch.changes().collect::<Vec<_>>())
            .collect();
        found.sort_unstable();
        assert_eq!(found, (0..expected).collect::<Vec<_>>());
    }
}
