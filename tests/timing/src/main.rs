//! dudect (Reparaz, Balasch, Verbauwhede: "Dude, is my code constant time?") on every comparison of a secret: one class
//! of inputs differs in the first byte, the other in the last. Run by `scripts/check-timing`.

use std::hint::black_box;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dudect_bencher::{BenchRng, Class, CtRunner, ctbench_main};
use rand::{Rng as _, RngExt as _};
use zkvault_core::{SecretBytes, SecretText};
use zkvault_core::identity::{Fingerprint, Identity};
use zkvault_core::key::{KeyId, KeySet, VaultKey};
use zkvault_core::value::{Envelope, ValueContext};
use zkvault_core::value::{seal_bound, seal_vendor};

const SAMPLES: usize = 100_000;
/// Long enough for an early end to show, short enough for every cache.
const LEN: usize = 256;

/// Measures `compare` on pairs that `pair` makes of random bytes: the same bytes, and those with one of them changed.
fn measure<T>(
    runner: &mut CtRunner,
    rng: &mut BenchRng,
    len: usize,
    places: [usize; 2],
    make: impl Fn(&[u8]) -> T,
    compare: impl Fn(&T, &T) -> bool,
) {
    let mut samples = Vec::with_capacity(SAMPLES);
    for _ in 0..SAMPLES {
        let (class, place) = match rng.random::<bool>() {
            true => (Class::Left, places[0]),
            false => (Class::Right, places[1]),
        };
        let mut bytes = vec![0; len];
        rng.fill_bytes(&mut bytes);
        // Text stays text.
        bytes.iter_mut().for_each(|byte| *byte &= 0x7e);
        let first = make(&bytes);
        bytes[place] ^= 1;
        samples.push((class, first, make(&bytes)));
    }
    for (class, first, second) in &samples {
        runner.run_one(*class, || compare(black_box(first), black_box(second)));
    }
}

/// The control, which must be found: a comparison that ends where the bytes differ.
fn control_naive(runner: &mut CtRunner, rng: &mut BenchRng) {
    let naive = |first: &Vec<u8>, second: &Vec<u8>| {
        let mut pairs = first.iter().zip(second);
        pairs.all(|(first, second)| black_box(first) == black_box(second))
    };
    measure(runner, rng, 32, [0, 31], <[u8]>::to_vec, naive);
}

fn vault_key(runner: &mut CtRunner, rng: &mut BenchRng) {
    let make = |bytes: &[u8]| VaultKey::from_slice(bytes).unwrap();
    measure(runner, rng, 32, [0, 31], make, VaultKey::eq);
}

/// The lowest bits of the first byte and the highest of the last are fixed: others are compared.
fn identity(runner: &mut CtRunner, rng: &mut BenchRng) {
    let make = |bytes: &[u8]| Identity::from_slice(bytes).unwrap();
    measure(runner, rng, 32, [1, 31], make, Identity::eq);
}

fn fingerprint(runner: &mut CtRunner, rng: &mut BenchRng) {
    let digit = |byte: &u8| char::from(b'0' + byte % 10);
    let make = |bytes: &[u8]| {
        bytes
            .iter()
            .map(digit)
            .collect::<String>()
            .parse::<Fingerprint>()
            .unwrap()
    };
    measure(runner, rng, 35, [0, 34], make, Fingerprint::eq);
}

fn secret_bytes(runner: &mut CtRunner, rng: &mut BenchRng) {
    let make = |bytes: &[u8]| SecretBytes::from(bytes.to_vec());
    measure(runner, rng, LEN, [0, LEN - 1], make, SecretBytes::eq);
}

fn secret_text(runner: &mut CtRunner, rng: &mut BenchRng) {
    let make = |bytes: &[u8]| SecretText::from(String::from_utf8(bytes.to_vec()).unwrap());
    measure(runner, rng, LEN, [0, LEN - 1], make, SecretText::eq);
}

const PLACE: ValueContext<'static> = ValueContext {
    site_id: 1,
    input_type: "password",
    input_name: "pw",
};

/// Opens copies of one value in which a byte is changed, one class at each of the places.
fn refused(runner: &mut CtRunner, rng: &mut BenchRng, value: &str, keys: &KeySet, places: [usize; 2]) {
    let sealed = STANDARD.decode(value).unwrap();
    let broken = |place: usize| {
        let mut sealed = sealed.clone();
        sealed[place] ^= 1;
        Envelope::parse(&STANDARD.encode(sealed)).unwrap()
    };
    // A copy for every sample: two that are used again and again would differ by where they lie.
    let mut samples = Vec::with_capacity(SAMPLES);
    for _ in 0..SAMPLES {
        let (class, place) = match rng.random::<bool>() {
            true => (Class::Left, places[0]),
            false => (Class::Right, places[1]),
        };
        samples.push((class, broken(place)));
    }
    for (class, envelope) in &samples {
        runner.run_one(*class, || black_box(envelope).open(keys, Some(&PLACE)).is_err());
    }
}

fn a_key() -> (Arc<VaultKey>, KeySet) {
    let (key, mut keys) = (Arc::new(VaultKey::generate().unwrap()), KeySet::new());
    keys.add(Arc::clone(&key), None);
    (key, keys)
}

/// The commitment of a bound value: 32 bytes after a header of 5 and a salt of 24.
fn commitment(runner: &mut CtRunner, rng: &mut BenchRng) {
    let (key, keys) = a_key();
    let value = seal_bound(&key, &PLACE, "whatever").unwrap();
    refused(runner, rng, &value, &keys, [29, 60]);
}

/// The tag of a value in the vendor's layout, which is its last 16 bytes.
fn tag(runner: &mut CtRunner, rng: &mut BenchRng) {
    let (key, keys) = a_key();
    let value = seal_vendor(&key, KeyId::from_bytes([0; 4]), "whatever").unwrap();
    let len = STANDARD.decode(&value).unwrap().len();
    refused(runner, rng, &value, &keys, [len - 16, len - 1]);
}

ctbench_main!(
    control_naive,
    vault_key,
    identity,
    fingerprint,
    secret_bytes,
    secret_text,
    commitment,
    tag
);
