//! A world of two people on three devices, a former member, and a service and a storage that lie for them. What the real
//! functions say is compared with a model that knows who did what: in every short sequence of events, and in long random
//! ones.
//!
//! The rules of the world are those of docs/spec/trust.md#keys: a forged state is never believed by a device that knows
//! of the rotation, nobody loses what their keys sealed, and an honest change alarms nobody who has its key and was there.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::activation::{ActivationKey, ActivationPayload};
use crate::file::{BlockSize, FileMeta, FilePrelude, FileSealer, ParsedPrelude};
use crate::key::KeyFingerprint;
use crate::model::Site;
use crate::repository::{RepositoryEntry, RepositoryPath, StoredFile, blob_name};
use crate::trust::{Account, Assessor, Permission, PinSet, Sighting, Use};
use crate::value::{ValueContext, seal_bound, seal_vendor};

/// Anna's two devices, and Ben's one.
const DEVICES: [usize; 3] = [A1, A2, B];
const A1: usize = 0;
const A2: usize = 1;
const B: usize = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    /// Somebody changes the password on a device.
    Write(usize),
    /// Anna rotates the key on her first device; the former member has the old one.
    Rotate,
    /// Anna's second device takes in the keyring of the first.
    Pull,
    /// Ben gets the keys, and agrees to what they change.
    HandOver,
    /// A device syncs with a service that is honest for once.
    Sync(usize),
    /// Everybody is served a password that the former member sealed.
    Forge,
    /// Everybody is served the oldest password again, as if it were new.
    Replay,
    /// Anna renews her identity and her personal key.
    Renew,
}

const EVENTS: [Event; 11] = [
    Event::Write(A1),
    Event::Write(B),
    Event::Rotate,
    Event::Pull,
    Event::HandOver,
    Event::Sync(A1),
    Event::Sync(A2),
    Event::Sync(B),
    Event::Forge,
    Event::Replay,
    Event::Renew,
];

/// A value as the model knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Served {
    sealed: String,
    key: KeyFingerprint,
    text: String,
    honest: bool,
}

struct Device {
    keyring: Keyring,
    pins: PinSet,
    trusted: Site,
    /// What it pinned, the newest last.
    pinned: Vec<Served>,
    /// The key of the newest, if the device had it.
    pinned_key: Option<KeyFingerprint>,
}

impl Device {
    fn pin(&mut self, site: Site, served: Served) {
        self.trusted = site;
        self.pinned_key = self.keyring.keys().entry(served.key).map(|_| served.key);
        if self.pinned.last() != Some(&served) {
            self.pinned.push(served);
        }
    }
}

struct World {
    is_vendor: bool,
    devices: [Device; 3],
    /// Every password that an honest person set, the newest last.
    values: Vec<Served>,
    /// The keys that the former member has.
    stolen: Vec<Arc<VaultKey>>,
    clock: u64,
    /// Files of all, honest or not: blob, entry, bytes, key.
    files: Vec<(String, String, Vec<u8>, KeyFingerprint)>,
    first_keyring: Keyring,
    first_activation: ActivationPayload,
}

fn copy(keyring: &Keyring) -> Keyring {
    let plaintext = super::super::contents::write(&keyring.contents)
        .unwrap()
        .expose_secret()
        .to_vec();
    Keyring {
        contents: super::super::contents::read(&plaintext.into()).unwrap(),
        ..cheap()
    }
}

fn default_key(keyring: &Keyring) -> Arc<VaultKey> {
    Arc::clone(keyring.keys().default_entry().unwrap().key())
}

/// All keys of a keyring, as they are handed over; the default becomes that of the receiver.
fn activation(keyring: &Keyring) -> ActivationPayload {
    let default = keyring.keys().default_label();
    let keys = keyring.keys().iter().map(|entry| ActivationKey {
        is_retired: entry.state() == KeyState::Retired,
        becomes_default: entry.label() == default,
        replaces: entry.replaces(),
        ..ActivationKey::new(Arc::clone(entry.key()), entry.label().to_owned())
    });
    ActivationPayload::new(keys.collect(), 1, 2).unwrap()
}

fn retired(keyring: &Keyring) -> BTreeSet<KeyFingerprint> {
    let entries = keyring.keys().iter().filter(|entry| entry.state() == KeyState::Retired);
    entries.map(|entry| entry.key().fingerprint()).collect()
}

fn path() -> RepositoryPath {
    RepositoryPath::parse("a").unwrap()
}

impl World {
    fn new(is_vendor: bool) -> Self {
        let anna = cheap();
        let mut ben = cheap();
        let first_activation = activation(&anna);
        let reception = ben.plan_reception(&first_activation, 1).unwrap();
        ben.receive(reception);
        let site: Site = serde_json::from_value(json!({"id": 1, "login": {"inputs": []}})).unwrap();
        let device = |keyring| Device {
            keyring,
            pins: PinSet::new(),
            trusted: site.clone(),
            pinned: Vec::new(),
            pinned_key: None,
        };
        let mut world = Self {
            is_vendor,
            devices: [device(copy(&anna)), device(copy(&anna)), device(ben)],
            values: Vec::new(),
            stolen: Vec::new(),
            clock: 0,
            files: Vec::new(),
            first_keyring: anna,
            first_activation,
        };
        world.write(A1);
        for device in DEVICES {
            world.accept(device, world.values[0].clone());
        }
        world
    }

    fn seal(&mut self, key: &VaultKey, honest: bool) -> Served {
        self.clock += 1;
        let text = format!("{} {}", if honest { "honest" } else { "forged" }, self.clock);
        let context = ValueContext {
            site_id: 1,
            input_type: "password",
            input_name: "pass",
        };
        let sealed = match self.is_vendor {
            true => seal_vendor(key, key.id(), &text).unwrap(),
            false => seal_bound(key, &context, &text).unwrap(),
        };
        Served {
            sealed,
            key: key.fingerprint(),
            text,
            honest,
        }
    }

    /// The site with a value, changed later than anything before.
    fn site(&mut self, served: &Served) -> Site {
        self.clock += 1;
        let input = json!({"type": "password", "name": "pass", "value": served.sealed});
        let login = json!({"Url": "https://a.example", "inputs": [input]});
        serde_json::from_value(json!({"id": 1, "name": "Site", "updated": self.clock, "login": login})).unwrap()
    }

    fn write(&mut self, device: usize) {
        let key = default_key(&self.devices[device].keyring);
        let value = self.seal(&key, true);
        self.values.push(value);
        self.store(&key);
    }

    /// Puts a file into the storage.
    fn store(&mut self, key: &Arc<VaultKey>) {
        let sealer = FileSealer::new(&[Arc::clone(key)], &[], &FileMeta::default(), BlockSize::default(), 0).unwrap();
        let mut bytes = sealer.prelude().to_vec();
        sealer.seal_block(0, true, b"x", &mut bytes).unwrap();
        let prelude = sealer.prelude_digest();
        let entry = RepositoryEntry {
            path: path(),
            size: 1,
            modified: None,
            prelude,
        };
        let (entry, blob) = (entry.seal(key).unwrap(), blob_name(key, &path()));
        self.files.push((blob, entry, bytes, key.fingerprint()));
    }

    /// A person looked at the value and said yes.
    fn accept(&mut self, device: usize, served: Served) {
        let site = self.site(&served);
        let device = &mut self.devices[device];
        device.pins.accept(&site, &device.keyring.keys().key_set()).unwrap();
        device.pin(site, served);
    }

    /// What the model expects of a device that is served a value.
    fn expected(&self, device: usize, served: &Served) -> Permission {
        let device = &self.devices[device];
        let (keys, pinned) = (device.keyring.keys(), device.pinned.last().unwrap());
        let is_retired = |entry: &KeyEntry| entry.state() == KeyState::Retired;
        let entry = keys.entry(served.key);
        if pinned.sealed == served.sealed {
            // What did not open before, and opens now under a retired key, was never vouched for.
            let is_new = device.pinned_key.is_none() && entry.is_some_and(is_retired);
            return if is_new {
                Permission::Refused
            } else {
                Permission::Allowed
            };
        }
        if device.pinned.iter().any(|before| before.sealed == served.sealed) {
            return Permission::Refused;
        }
        let Some(entry) = entry else {
            // A device that could read what was there before must be able to read what takes its place.
            return match device.pinned_key {
                Some(_) => Permission::Refused,
                None => Permission::Allowed,
            };
        };
        let mut line = std::iter::successors(Some(entry), |entry| keys.entry(entry.replaces()?));
        let is_in_line = |pinned: KeyFingerprint| line.any(|entry| entry.key().fingerprint() == pinned);
        match !is_retired(entry) && device.pinned_key.is_none_or(is_in_line) {
            false => Permission::Refused,
            true if self.is_vendor && pinned.text != served.text => Permission::Asked,
            true => Permission::Allowed,
        }
    }

    /// Serves a value to a device. What the device does is what the model expects, and a person accepts what is honest.
    fn serve(&mut self, number: usize, served: Served) {
        let expected = self.expected(number, &served);
        let site = self.site(&served);
        let device = &mut self.devices[number];
        let keys = device.keyring.keys().key_set();
        let trusted = || Some(device.trusted.clone());
        let sighting = Sighting {
            trusted: &trusted,
            ..Sighting::default()
        };
        let mut assessor = Assessor::new(Account::Pinned(&device.pins), &keys);
        assessor.add(&site, sighting);
        let mut assessment = assessor.finish();
        let permission = assessment.sites()[0].permission(Use::Fill);
        assert_eq!(permission, expected, "device {number}: {served:?}: {assessment:?}");

        let knows = device.keyring.keys().entry(served.key);
        let is_retired = knows.is_some_and(|entry| entry.state() == KeyState::Retired);
        let is_pinned = device
            .pinned
            .last()
            .is_some_and(|pinned| pinned.sealed == served.sealed);
        if is_retired && !is_pinned {
            assert_eq!(permission, Permission::Refused, "a retired key is believed: {served:?}");
        }
        // Who has the key of an honest change, which is in use, is not alarmed: at most asked about a new text.
        if served.honest && !is_retired && knows.is_some() && self.values.last() == Some(&served) {
            assert_ne!(permission, Permission::Refused, "an honest change alarms: {served:?}");
        }
        let moved = !assessment.advance(&mut device.pins).is_empty();
        assert!(!moved || permission == Permission::Allowed);
        if permission == Permission::Allowed {
            device.pin(site, served);
        } else if served.honest && self.values.last() == Some(&served) {
            self.accept(number, served);
        }
    }

    fn play(&mut self, event: Event) {
        match event {
            Event::Write(device) => self.write(device),
            Event::Rotate => {
                self.clock += 1;
                let label = format!("key {}", self.clock);
                let keyring = &mut self.devices[A1].keyring;
                let (old, key) = (keyring.keys().default_label().to_owned(), default_key(keyring));
                keyring.keys_mut().rotate(&old, &label, self.clock).unwrap();
                keyring.contents.serial += 1;
                self.store(&key);
                self.stolen.push(key);
            }
            Event::Pull => {
                let newer = copy(&self.devices[A1].keyring);
                let keyring = &mut self.devices[A2].keyring;
                keyring.merge(newer, |_| panic!("nothing is in conflict")).unwrap();
            }
            Event::HandOver => {
                let payload = activation(&self.devices[A1].keyring);
                let keyring = &mut self.devices[B].keyring;
                let reception = keyring.plan_reception(&payload, self.clock).unwrap();
                keyring.receive(reception);
            }
            Event::Sync(device) => self.serve(device, self.values.last().unwrap().clone()),
            Event::Forge => {
                for key in self.stolen.clone() {
                    let forged = self.seal(&key, false);
                    // Where nobody said that the key is retired, what its holders seal is what it is for.
                    let knows = |device: &usize| retired(&self.devices[*device].keyring).contains(&key.fingerprint());
                    for device in DEVICES.into_iter().filter(knows).collect::<Vec<_>>() {
                        self.serve(device, forged.clone());
                    }
                }
            }
            Event::Replay => {
                let oldest = self.values[0].clone();
                let saw = |device: &usize| self.devices[*device].pinned.contains(&oldest);
                for device in DEVICES.into_iter().filter(saw).collect::<Vec<_>>() {
                    self.serve(device, oldest.clone());
                }
            }
            Event::Renew => {
                let keyring = &mut self.devices[A1].keyring;
                keyring.renew_identity().unwrap();
                // After 16 there is no room for more, which is said and changes nothing.
                let _ = keyring.renew_personal_key();
            }
        }
    }

    /// What holds at the end of every sequence.
    fn check(&mut self) {
        for device in &self.devices {
            self.nobody_is_locked_out(&device.keyring);
        }
        self.an_old_keyring_brings_no_key_back();
        self.an_old_activation_brings_no_key_back();
    }

    /// Every file opens for everybody who has its key; and it is said where former members could have made it.
    fn nobody_is_locked_out(&self, keyring: &Keyring) {
        let (keys, retired) = (keyring.keys().key_set(), retired(keyring));
        for (blob, entry, bytes, key) in &self.files {
            let ParsedPrelude::Whole(prelude) = FilePrelude::parse(bytes).unwrap() else {
                panic!("the prelude is whole");
            };
            let opened = StoredFile::open(&path(), blob, entry, &prelude, bytes.len() as u64, &keys);
            match keyring.keys().entry(*key) {
                Some(_) => assert_eq!(opened.unwrap().key.is_retired, retired.contains(key)),
                None => assert!(opened.is_err()),
            }
        }
    }

    fn an_old_keyring_brings_no_key_back(&self) {
        for device in [A1, A2] {
            let mut keyring = copy(&self.devices[device].keyring);
            let before = retired(&keyring);
            let default = keyring.keys().default_label().to_owned();
            keyring
                .merge(copy(&self.first_keyring), |_| panic!("no conflict"))
                .unwrap();
            assert!(retired(&keyring).is_superset(&before));
            assert_eq!(keyring.keys().default_label(), default);
        }
    }

    fn an_old_activation_brings_no_key_back(&self) {
        let mut keyring = copy(&self.devices[B].keyring);
        let before = retired(&keyring);
        let reception = keyring.plan_reception(&self.first_activation, 9).unwrap();
        let changes = reception.changes().to_vec();
        keyring.receive(reception);
        assert_eq!(retired(&keyring), before, "{changes:?}");
        assert!(!before.contains(&default_key(&keyring).fingerprint()));
    }
}

fn play(is_vendor: bool, events: &[Event]) {
    let mut world = World::new(is_vendor);
    events.iter().for_each(|event| world.play(*event));
    world.check();
}

/// Every sequence of three events, after a rotation that everybody, somebody or nobody else has heard of.
#[test]
fn every_short_sequence_is_as_the_model_says() {
    let starts: [&[Event]; 3] = [&[], &[Event::Rotate], &[Event::Rotate, Event::Pull, Event::HandOver]];
    for (start, is_vendor) in starts.into_iter().flat_map(|start| [(start, false), (start, true)]) {
        for number in 0..EVENTS.len().pow(3) {
            let at = |place: u32| EVENTS[number / EVENTS.len().pow(place) % EVENTS.len()];
            play(is_vendor, &[start, &[at(0), at(1), at(2)]].concat());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_long_sequence_is_as_the_model_says(
        is_vendor in any::<bool>(),
        events in proptest::collection::vec(proptest::sample::select(EVENTS.as_slice()), 1..40),
    ) {
        play(is_vendor, &events);
    }
}
