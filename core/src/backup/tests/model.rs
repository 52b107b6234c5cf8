//! Two people on three devices and their backups in one container: what the devices say about the heads is compared with a
//! model that knows every backup that was ever made, in every short sequence of events and in long random ones.
//!
//! The rules are those of docs/spec/backup.md#memory: honest devices on an honest storage alarm nobody, whatever their
//! order; a device that saw a backup at the place takes nothing older there; and nothing that does not continue from what
//! it saw, unless what would prove that is missing, which is said.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::snapshot::{SnapshotDigest, SnapshotHead};

/// Anna's two devices, which have one chain, and Ben's one, which has another.
const DEVICES: usize = 3;
const BEN: usize = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    /// A device looks, and puts its next backup there.
    Push(usize),
    /// A device looks.
    Look(usize),
    /// Anna's second device gets the memory of the first, in a keyring.
    Recall,
    /// The storage serves the newest backup of everybody no more, and keeps it.
    Hide,
    /// It serves everything again.
    Show,
    /// It loses the newest of Anna's backups, as if it had never been there.
    Lose,
}

const EVENTS: [Event; 9] = [
    Event::Push(0),
    Event::Push(1),
    Event::Push(BEN),
    Event::Look(0),
    Event::Look(1),
    Event::Recall,
    Event::Hide,
    Event::Show,
    Event::Lose,
];

/// The chain of a device: Anna's or Ben's.
fn chain_of_device(device: usize) -> usize {
    usize::from(device == BEN)
}

#[derive(Default)]
struct World {
    /// What lies at the place, in each chain.
    there: [Vec<BackupRecord>; 2],
    /// How many of the newest are not served.
    hidden: usize,
    lied: bool,
    known: [KnownChain; DEVICES],
    /// What every backup that was ever made follows.
    parents: HashMap<SnapshotDigest, Option<SnapshotDigest>>,
}

impl World {
    fn served(&self, chain: usize) -> &[BackupRecord] {
        let there = &self.there[chain];
        &there[..there.len().saturating_sub(self.hidden)]
    }

    fn plays(&mut self, event: Event) {
        match event {
            Event::Push(device) => self.push(device),
            Event::Look(device) => drop(self.look(device)),
            Event::Recall => {
                let theirs = self.known[0].chain;
                let ours = &mut self.known[1].chain;
                *ours = newest([*ours, theirs]);
            }
            Event::Hide => (self.hidden, self.lied) = (self.hidden + 1, true),
            Event::Show => self.hidden = 0,
            Event::Lose => (_, self.lied) = (self.there[0].pop(), true),
        }
    }

    /// Whether a device takes what it is served, which has to be as the model says.
    fn look(&mut self, device: usize) -> bool {
        let (chain, known) = (chain_of_device(device), self.known[device]);
        let checked = BackupChain::new(self.served(chain)).check(known);
        assert!(
            self.lied || checked.is_ok(),
            "an honest storage alarms nobody: {checked:?}"
        );
        let seen = self.served(chain).last().map(BackupRecord::head);
        let Ok(check) = checked else {
            assert!(
                !self.continues(seen, known.place) || self.has_rival(chain, known),
                "{known:?} {seen:?}"
            );
            return false;
        };
        if let Some(place) = known.place {
            let seen = seen.expect("what was there is not gone");
            assert!(seen.revision >= place.revision, "nothing older is taken");
            assert!(
                self.continues(Some(seen), Some(place)) || check.has_gap,
                "{place} {seen}"
            );
        }
        if let (Some(chain), Some(seen), None) = (known.chain, seen, &check.behind) {
            assert!(
                seen.revision >= chain.revision,
                "what is behind the chain is said to be"
            );
        }
        if let Some(seen) = seen {
            self.known[device] = KnownChain {
                chain: newest([known.chain, Some(seen)]),
                place: Some(seen),
            };
        }
        true
    }

    /// By the word of the model: whether `seen` is `known`, or follows it.
    fn continues(&self, seen: Option<SnapshotHead>, known: Option<SnapshotHead>) -> bool {
        let Some(known) = known else { return true };
        let mut at = seen.map(|seen| seen.digest);
        while let Some(digest) = at {
            if digest == known.digest {
                return true;
            }
            at = self.parents.get(&digest).copied().flatten();
        }
        false
    }

    /// Whether something that the device knows of the chain lies beside what is there: two states were shown.
    fn has_rival(&self, chain: usize, known: KnownChain) -> bool {
        let newest = self.served(chain).last().map(BackupRecord::head);
        !self.continues(newest, known.chain)
    }

    fn push(&mut self, device: usize) {
        if !self.look(device) {
            return;
        }
        let (chain, known) = (chain_of_device(device), self.known[device]);
        let parent = BackupChain::new(self.served(chain)).parent(known);
        let revision = parent.map_or(0, |head| head.revision) + 1;
        // A name that is taken is never written, whether or not it is served.
        if self.there[chain]
            .iter()
            .any(|record| record.manifest.revision == revision)
        {
            assert!(self.lied, "an honest storage has room for the next one");
            return;
        }
        let digest = SnapshotDigest::of_document(self.parents.len().to_string().as_bytes());
        let parent = parent.map(|head| head.digest);
        self.parents.insert(digest, parent);
        let mut record = record();
        record.manifest.revision = revision;
        record.manifest.parent = parent;
        record.digest = digest;
        let head = record.head();
        self.there[chain].push(record);
        self.known[device] = KnownChain {
            chain: Some(head),
            place: Some(head),
        };
    }
}

fn newest(heads: [Option<SnapshotHead>; 2]) -> Option<SnapshotHead> {
    heads.into_iter().flatten().max_by_key(|head| head.revision)
}

fn play(events: impl IntoIterator<Item = Event>) {
    let mut world = World::default();
    events.into_iter().for_each(|event| world.plays(event));
}

/// Every sequence of five events: 59,049 worlds.
#[test]
fn z46_every_short_sequence_of_backups_is_as_the_model_says() {
    const LENGTH: u32 = 5;
    for number in 0..EVENTS.len().pow(LENGTH) {
        play((0..LENGTH).map(|place| EVENTS[number / EVENTS.len().pow(place) % EVENTS.len()]));
    }
}

proptest! {
    #[test]
    fn long_sequences_of_backups_are_as_the_model_says(
        events in prop::collection::vec(prop::sample::select(&EVENTS[..]), 0..60)
    ) {
        play(events);
    }
}
