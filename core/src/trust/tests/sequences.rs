//! Sequences of what people and servers do, against a simple model of what must be found.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Op {
    /// A person changes a value somewhere else; the server is honest.
    Change(usize),
    /// The server hides a site, or shows it again.
    Hide(usize),
    /// The server puts another address in.
    Redirect(usize),
    /// The server gives one site's password to another.
    Copy(usize, usize),
    /// The server goes back to the state after the n-th sync.
    Roll(usize),
    /// The server is honest again.
    Honest,
    Shuffle,
    /// A person accepts a site as it is.
    Accept(usize),
}

const SITES: usize = 4;

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let at = || 0..SITES;
    let op = prop_oneof![
        3 => at().prop_map(Op::Change),
        1 => at().prop_map(Op::Hide),
        1 => at().prop_map(Op::Redirect),
        1 => (at(), at()).prop_map(|(to, from)| Op::Copy(to, from)),
        2 => (0..8_usize).prop_map(Op::Roll),
        2 => Just(Op::Honest),
        1 => Just(Op::Shuffle),
        2 => at().prop_map(Op::Accept),
    ];
    prop::collection::vec(op, 1..25)
}

/// A site to the model: when it was changed, whether its address is the right one, and the number of its value.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Seen {
    updated: u64,
    redirected: bool,
    value: usize,
}

/// What the model knows to be pinned.
#[derive(Debug, Clone)]
struct Known {
    seen: Seen,
    gone: bool,
    earlier: Vec<usize>,
}

#[derive(Default)]
struct World {
    honest: BTreeMap<usize, Seen>,
    served: BTreeMap<usize, Seen>,
    reversed: bool,
    states: Vec<BTreeMap<usize, Seen>>,
    known: BTreeMap<usize, Known>,
    /// The site that each pin was last moved to, as a store keeps it.
    copies: BTreeMap<usize, Site>,
    values: Vec<String>,
    time: u64,
}

impl World {
    fn new() -> Self {
        let mut world = Self::default();
        for at in 0..SITES {
            let seen = world.changed();
            world.honest.insert(at, seen);
        }
        world.served = world.honest.clone();
        world
    }

    fn changed(&mut self) -> Seen {
        self.time += 1;
        self.values.push(vendor("x"));
        Seen {
            updated: self.time,
            redirected: false,
            value: self.values.len() - 1,
        }
    }

    fn serve(&mut self, op: &Op) {
        match *op {
            Op::Change(at) => {
                let seen = self.changed();
                self.honest.insert(at, seen);
                self.served = self.honest.clone();
            }
            Op::Hide(at) => {
                if self.served.remove(&at).is_none() {
                    self.served.insert(at, self.honest[&at]);
                }
            }
            Op::Redirect(at) => {
                if let Some(seen) = self.served.get_mut(&at) {
                    seen.redirected = true;
                }
            }
            Op::Copy(to, from) => {
                let value = self.honest[&from].value;
                if let Some(seen) = self.served.get_mut(&to) {
                    seen.value = value;
                }
            }
            Op::Roll(state) => {
                if let Some(state) = self.states.get(state) {
                    self.served = state.clone();
                }
            }
            Op::Honest => self.served = self.honest.clone(),
            Op::Shuffle => self.reversed = !self.reversed,
            Op::Accept(_) => {}
        }
    }

    fn sites(&self) -> Vec<Site> {
        let mut sites: Vec<Site> = self.served.keys().map(|at| self.site(*at)).collect();
        if self.reversed {
            sites.reverse();
        }
        sites
    }

    fn site(&self, at: usize) -> Site {
        let seen = self.served[&at];
        let host = if seen.redirected { "evil.test" } else { "example.com" };
        site(&json!({
            "id": at, "updated": seen.updated,
            "login": {"Url": format!("https://{host}/"), "inputs": [
                {"name": "p", "type": "password", "value": self.values[seen.value]},
            ]},
        }))
    }

    /// What must be found at a site, by looking at every other one.
    fn expected(&self, at: usize) -> Verdict {
        let known = &self.known[&at];
        let Some(now) = self.served.get(&at) else {
            return if known.gone { Verdict::Ok } else { Verdict::Missing };
        };
        let moved = now.value != known.seen.value;
        let elsewhere = |(other, known): (&usize, &Known)| {
            *other != at && (known.seen.value == now.value || known.earlier.contains(&now.value))
        };
        let shared = self
            .served
            .iter()
            .any(|(other, seen)| *other != at && seen.value == now.value);
        let both_moved = self
            .served
            .iter()
            .any(|(other, seen)| *other != at && seen.value == now.value && self.known[other].seen.value != seen.value);
        if moved && (self.known.iter().any(elsewhere) || shared && both_moved) {
            Verdict::Tampered
        } else if known.gone || now.updated < known.seen.updated || moved && known.earlier.contains(&now.value) {
            Verdict::RolledBack
        } else if now.redirected != known.seen.redirected {
            Verdict::MetadataChanged
        } else {
            Verdict::Ok
        }
    }

    fn pin(&mut self, at: usize) {
        let Some(now) = self.served.get(&at).copied() else {
            if let Some(known) = self.known.get_mut(&at) {
                known.gone = true;
            }
            return;
        };
        let mut earlier = Vec::new();
        if let Some(known) = self.known.get(&at) {
            earlier = known.earlier.clone();
            earlier.push(known.seen.value);
            earlier.retain(|value| *value != now.value);
        }
        let known = Known {
            seen: now,
            gone: false,
            earlier,
        };
        self.known.insert(at, known);
        self.copies.insert(at, self.site(at));
    }

    /// An assessment as a store makes it, with the pin of a site that is not settled, finds the same and moves the same.
    /// Returns the pins that move.
    fn store_finds_the_same(&self, pins: &PinSet, found: &Assessment) -> Result<Vec<Pin>, TestCaseError> {
        let (keys, mut next) = (keys(), Vec::new());
        let mut assessor = Assessor::new(Account::Stored, &keys);
        for (number, site) in self.sites().into_iter().enumerate() {
            let copy = self.copies.get(&(site.id as usize));
            let pin = pins.get(site.id);
            let is_same = copy.map(|copy| serde_json::to_string(copy).unwrap()) == serde_json::to_string(&site).ok();
            if is_same && pin.is_some_and(|pin| Pin::is_settled(&site, &pin.history())) {
                assessor.add_settled(site.id);
                continue;
            }
            let trusted = || copy.cloned();
            let sighting = Sighting {
                pin,
                trusted: &trusted,
                first: None,
            };
            next.extend(assessor.add_stored(&site, sighting).map(|pin| (number, pin)));
        }
        let missing = pins.iter().filter(|pin| !pin.is_gone()).map(Pin::site_id);
        let missing = missing.filter(|id| !self.served.contains_key(&(*id as usize)));
        let each = |take: &mut dyn FnMut(&Pin)| {
            pins.iter().for_each(take);
            Ok::<_, std::convert::Infallible>(())
        };
        let stored = assessor.finish_stored(missing, each).unwrap();
        let verdicts = |assessment: &Assessment| {
            let sites = assessment.sites().iter();
            let mut verdicts: Vec<_> = sites.map(|site| (site.site_id(), site.findings().to_vec())).collect();
            verdicts.sort_by_key(|(id, _)| *id);
            verdicts
        };
        prop_assert_eq!(verdicts(&stored), verdicts(found));
        next.retain(|(number, _)| stored.sites()[*number].moves());
        Ok(next.into_iter().map(|(_, pin)| pin).collect())
    }

    fn sync(&mut self, pins: &mut PinSet) -> Result<(), TestCaseError> {
        let (keys, pinned) = (keys(), pins.clone());
        let mut assessor = Assessor::new(Account::Pinned(&pinned), &keys);
        for site in self.sites() {
            let trusted = || self.copies.get(&(site.id as usize)).cloned();
            let sighting = Sighting {
                trusted: &trusted,
                ..Sighting::default()
            };
            assessor.add(&site, sighting);
        }
        let mut found = assessor.finish();
        let stored = self.store_finds_the_same(&pinned, &found)?;
        let mut verdicts: BTreeMap<usize, Verdict> = BTreeMap::new();
        for site in found.sites() {
            verdicts.insert(site.site_id() as usize, site.verdict());
        }
        let mut expected = Vec::new();
        for at in 0..SITES {
            let verdict = self.expected(at);
            prop_assert_eq!(
                verdicts.get(&at).copied().unwrap_or(Verdict::Ok),
                verdict,
                "site {}",
                at
            );
            expected.push(verdict);
        }
        found.advance(pins);
        let moved = pins.iter().filter(|pin| pinned.get(pin.site_id()) != Some(*pin));
        let by_id = stored.iter().cloned().collect::<PinSet>();
        prop_assert!(moved.eq(by_id.iter()), "a store moves the same pins");
        for (at, _) in expected
            .iter()
            .enumerate()
            .filter(|(_, verdict)| **verdict == Verdict::Ok)
        {
            if self.served.contains_key(&at) {
                self.pin(at);
            }
        }
        let again = PinSet::from_json(&pins.to_json().unwrap());
        prop_assert_eq!(again.as_ref(), Ok(&*pins));
        for pin in pins.iter() {
            let copy = &self.copies[&(pin.site_id() as usize)];
            let restored = Pin::restore(copy, &pin.history());
            prop_assert_eq!(restored.as_ref(), Ok(pin));
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn sequences_are_found_out_as_the_model_says(ops in ops()) {
        let mut world = World::new();
        let mut pins = PinSet::new();
        assess(Account::FirstUse, world.sites(), &keys()).advance(&mut pins);
        for at in 0..SITES {
            world.pin(at);
        }
        world.states.push(world.served.clone());
        for op in &ops {
            world.serve(op);
            world.sync(&mut pins)?;
            if let Op::Accept(at) = *op {
                match world.served.contains_key(&at) {
                    true => pins.accept(&world.site(at), &keys()).unwrap(),
                    false => pins.accept_missing(at as u64).unwrap(),
                }
                world.pin(at);
                world.sync(&mut pins)?;
            }
            world.states.push(world.served.clone());
        }
    }
}
