//! The keyring as its callers use it; the file and the contents are tried in modules of their own.

mod contents;
mod file;

use std::sync::Arc;

use super::*;
use crate::key::{KeyId, VaultKey};
use crate::random;

/// Written by independent code (Python: argon2-cffi, hmac, cryptography). Its parameters are far too weak for
/// a keyring of ours, and good enough for a test.
const VECTOR: &str = include_str!("../../../tests/vectors/keyring.json");

fn text(secret: &str) -> SecretText {
    SecretText::from(secret.to_owned())
}

/// A keyring under a key that is cheap to derive.
fn cheap() -> Keyring {
    let kdf = Kdf {
        params: KdfParams::received(8, 1, 1).unwrap(),
        salt: [5; 16],
    };
    Keyring {
        kdf,
        unlock_key: kdf.derive(&text("correct horse")).unwrap(),
        contents: Contents {
            identity: Identity::generate().unwrap(),
            keys: Keys::generate(1_700_000_000).unwrap(),
            credentials: Credentials::default(),
        },
    }
}

fn unlock(bytes: &[u8]) -> Result<Keyring, UnlockKeyringError> {
    Keyring::unlock(bytes, &text("correct horse"))
}

fn imported(label: &str) -> NewKey<'_> {
    NewKey {
        label,
        origin: KeyOrigin::Imported,
        created: 1_700_000_001,
        vendor_id: None,
    }
}

fn key(byte: u8) -> Arc<VaultKey> {
    Arc::new(VaultKey::from_slice(&[byte; 32]).unwrap())
}

/// Everything that can be told apart in a keyring.
fn description(
    keyring: &Keyring,
) -> (
    Vec<impl PartialEq + fmt::Debug>,
    String,
    [u8; 32],
    Vec<(String, String)>,
) {
    let keys = keyring.keys().iter().map(|entry| {
        let secret = *entry.key().expose_secret();
        let label = entry.label().to_owned();
        (
            label,
            entry.origin(),
            entry.created(),
            entry.state(),
            entry.vendor_id(),
            secret,
        )
    });
    let credentials = keyring.credentials().iter();
    (
        keys.collect(),
        keyring.keys().default_label().to_owned(),
        *keyring.identity().expose_secret(),
        credentials
            .map(|(name, secret)| (name.to_owned(), secret.expose_secret().to_owned()))
            .collect(),
    )
}

#[test]
fn a_keyring_of_independent_code_opens() {
    let keyring = unlock(VECTOR.as_bytes()).unwrap();
    let second = keyring.keys().find("second \"key\" é").unwrap();
    assert_eq!(second.vendor_id(), Some(KeyId::from_bytes([0xd8, 0x7f, 0x7e, 0x0c])));
    assert_eq!(second.key(), &key(2));
    assert_eq!(
        (second.origin(), second.created()),
        (KeyOrigin::Imported, 1_700_000_001)
    );
    assert_eq!(keyring.keys().default_label(), second.label());
    let first = keyring.keys().find("878694ff").unwrap();
    assert_eq!((first.label(), first.state()), ("vault", KeyState::Retired));
    assert_eq!(keyring.identity().expose_secret()[..2], [8, 7]);
    assert_eq!(
        keyring.credentials().get("logmeonce.secret").unwrap(),
        &text("s\"écret")
    );
}

#[test]
fn a_new_keyring_opens_with_its_passphrase_only() {
    let params = KdfParams::new(19 * 1024, 2, 1).unwrap();
    let keyring = Keyring::create(&text("correct horse"), params, 1_700_000_000).unwrap();
    let bytes = keyring.to_bytes().unwrap();
    assert_eq!(SealedKeyring::parse(&bytes).unwrap().params(), params);
    assert_eq!(description(&unlock(&bytes).unwrap()), description(&keyring));
    let wrong = Keyring::unlock(&bytes, &text("correct hors"));
    assert_eq!(wrong.unwrap_err(), UnlockKeyringError::Decrypt);
    let empty = Keyring::unlock(&bytes, &text(""));
    assert_eq!(empty.unwrap_err(), UnlockKeyringError::Kdf(KdfError::EmptyPassphrase));
}

#[test]
fn all_contents_come_back() {
    let mut keyring = cheap();
    let vendor_id = Some(KeyId::from_bytes([0xd8, 0x7f, 0x7e, 0x0c]));
    let details = NewKey {
        vendor_id,
        ..imported("from \"LogMeOnce\" \\ é")
    };
    keyring.keys_mut().add(key(1), details).unwrap();
    keyring.keys_mut().rotate("2026", 1_800_000_000).unwrap();
    keyring
        .credentials_mut()
        .set("loome", text("a \"b\" \\ \u{1f511}\n"))
        .unwrap();
    keyring.credentials_mut().set("empty", text("")).unwrap();
    let again = unlock(&keyring.to_bytes().unwrap()).unwrap();
    assert_eq!(description(&again), description(&keyring));
    assert_eq!(again.keys().default_label(), "2026");
}

#[test]
fn saving_draws_a_fresh_salt_and_keeps_the_header() {
    let keyring = cheap();
    let sealed = || SealedKeyring::parse(&keyring.to_bytes().unwrap()).unwrap();
    let (left, right) = (sealed(), sealed());
    assert_eq!(left.kdf, right.kdf);
    assert_ne!(left.message[..24], right.message[..24]);
    let failed = random::failing::with(|| keyring.to_bytes());
    assert_eq!(failed, Err(SealError::Random(RandomError)));
}

#[test]
fn another_passphrase_replaces_the_old_one() {
    let mut keyring = cheap();
    let weak = KdfParams::received(8, 1, 1).unwrap();
    let error = keyring.change_passphrase(&text("battery staple"), weak).unwrap_err();
    assert!(matches!(error, PassphraseError::Kdf(KdfError::TooWeak { .. })));
    let params = KdfParams::new(19 * 1024, 2, 1).unwrap();
    let error = keyring.change_passphrase(&text(""), params).unwrap_err();
    assert_eq!(error, PassphraseError::Kdf(KdfError::EmptyPassphrase));
    let before = keyring.to_bytes().unwrap();
    assert!(unlock(&before).is_ok());

    keyring.change_passphrase(&text("battery staple"), params).unwrap();
    let after = keyring.to_bytes().unwrap();
    assert_eq!(unlock(&after).unwrap_err(), UnlockKeyringError::Decrypt);
    let opened = Keyring::unlock(&after, &text("battery staple")).unwrap();
    assert_eq!(description(&opened), description(&keyring));
    assert_ne!(SealedKeyring::parse(&after).unwrap().kdf.salt, [5; 16]);
}

#[test]
fn a_weak_keyring_is_never_created() {
    let weak = KdfParams::received(8, 1, 1).unwrap();
    let error = Keyring::create(&text("x"), weak, 0).unwrap_err();
    assert!(matches!(error, PassphraseError::Kdf(KdfError::TooWeak { .. })));
    let failed = random::failing::with(|| Keyring::create(&text("x"), KdfParams::default(), 0));
    assert_eq!(failed.unwrap_err(), PassphraseError::Random(RandomError));
}

#[test]
fn debug_shows_no_secret() {
    let keyring = unlock(VECTOR.as_bytes()).unwrap();
    insta::assert_snapshot!(format!("{keyring:?}"), @r#"Keyring { kdf: Kdf { params: KdfParams { memory_kib: 64, iterations: 2, lanes: 2 }, salt: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] }, identity: Identity { public: PublicIdentity(zkv1afaqt9p79402c8a57e5am49wfkkezn7vm4eh5654he3h39ewmp5qu8tqnr), secret: [REDACTED] }, keys: Keys { entries: [KeyEntry { key: VaultKey { id: KeyId(878694ff), secret: [REDACTED], .. }, label: "vault", origin: Generated, created: 1700000000, state: Retired, vendor_id: None }, KeyEntry { key: VaultKey { id: KeyId(f4fe342f), secret: [REDACTED], .. }, label: "second \"key\" é", origin: Imported, created: 1700000001, state: Active, vendor_id: Some(KeyId(d87f7e0c)) }], default: 1 }, credentials: Credentials({"logmeonce.secret": SecretText([REDACTED])}), .. }"#);
}

#[test]
fn keys_and_labels_are_added_once() {
    let mut keyring = cheap();
    let keys = keyring.keys_mut();
    keys.add(key(1), imported("one")).unwrap();
    let label = "one".to_owned();
    assert_eq!(
        keys.add(key(1), imported("two")),
        Err(AddKeyError::KeyPresent { label })
    );
    assert_eq!(keys.add(key(2), imported("one")), Err(AddKeyError::LabelTaken));
    let long = "x".repeat(MAX_LABEL_LEN + 1);
    for label in ["", " ", "\u{a0}\t", "a\nb", "\u{9b}", "D87F7E0C", &long] {
        assert_eq!(keys.add(key(2), imported(label)), Err(AddKeyError::Label), "{label:?}");
    }
    assert_eq!(keys.len(), 2);
    assert_eq!(keys.default_label(), "vault");
}

#[test]
fn a_received_key_gets_a_label_whatever_it_came_with() {
    let mut keyring = cheap();
    let keys = keyring.keys_mut();
    let made_up = |byte| KeyOrigin::Imported.label_for(&key(byte));
    assert_eq!(keys.add_received(key(1), imported("one")), Ok("one".to_owned()));
    assert_eq!(
        keys.add_received(key(1), imported("two")),
        Ok("one".to_owned()),
        "it stays"
    );
    assert_eq!(
        keys.add_received(key(1), imported("a\nb")),
        Ok("one".to_owned()),
        "it stays"
    );
    assert_eq!(keys.add_received(key(2), imported("one")), Ok(made_up(2)), "taken");
    assert_eq!(keys.add_received(key(2), imported("one")), Ok(made_up(2)), "it stays");
    assert_eq!(keys.add_received(key(3), imported(" ")), Ok(made_up(3)), "unusable");
    keys.add(key(4), imported(&made_up(5))).unwrap();
    assert_eq!(keys.add_received(key(5), imported("")), Err(AddKeyError::LabelTaken));
    assert_eq!(keys.len(), 5);
}

#[test]
fn keys_are_found_by_label_id_and_vendor_number() {
    let mut keyring = cheap();
    let keys = keyring.keys_mut();
    let number = key(2).id();
    keys.add(
        key(1),
        NewKey {
            vendor_id: Some(number),
            ..imported("one")
        },
    )
    .unwrap();
    let find = |keys: &Keys, name: &str| keys.find(name).map(|entry| entry.label().to_owned());
    assert_eq!(find(keys, "one"), Ok("one".to_owned()));
    assert_eq!(find(keys, "878694ff"), Ok("one".to_owned()));
    assert_eq!(find(keys, &number.to_string()), Ok("one".to_owned()));
    assert_eq!(find(keys, "two"), Err(FindKeyError::NotFound));
    assert_eq!(find(keys, "00000000"), Err(FindKeyError::NotFound));
    keys.add(key(2), imported("two")).unwrap();
    assert_eq!(
        find(keys, &number.to_string()),
        Err(FindKeyError::Ambiguous { keys: 2 })
    );
    assert_eq!(find(keys, "two"), Ok("two".to_owned()));
}

#[test]
fn the_default_is_always_one_active_key() {
    let mut keyring = cheap();
    let keys = keyring.keys_mut();
    assert_eq!(keys.retire("vault"), Err(KeyStateError::IsDefault));
    keys.rotate("second", 2).unwrap();
    assert_eq!(keys.default_label(), "second");
    assert_eq!(keys.find("vault").unwrap().state(), KeyState::Retired);
    assert_eq!(keys.set_default("vault"), Err(KeyStateError::Retired));
    assert_eq!(keys.set_default("third"), Err(KeyStateError::NotFound));
    keys.add(key(3), imported("third")).unwrap();
    assert_eq!(keys.default_label(), "second");
    keys.set_default("third").unwrap();
    keys.retire("second").unwrap();
    assert_eq!(keys.retire("third"), Err(KeyStateError::IsDefault));
    assert_eq!(keys.rotate("second", 3), Err(AddKeyError::LabelTaken));
    assert_eq!(keys.default_label(), "third");
    assert_eq!(keys.find("third").unwrap().state(), KeyState::Active);
}

#[test]
fn the_key_set_has_every_key_and_the_default_first() {
    let mut keyring = cheap();
    let number = KeyId::from_bytes([1, 2, 3, 4]);
    for byte in 1..4 {
        let vendor_id = (byte == 1).then_some(number);
        let label = byte.to_string();
        keyring
            .keys_mut()
            .add(
                key(byte),
                NewKey {
                    vendor_id,
                    ..imported(&label)
                },
            )
            .unwrap();
    }
    keyring.keys_mut().set_default("2").unwrap();
    keyring.keys_mut().retire("vault").unwrap();
    let set = keyring.keys().key_set();
    assert_eq!(set.len(), 4);
    let order = |id| {
        set.prepared_for(id)
            .map(|(key, _)| key.expose_secret()[0])
            .take(3)
            .collect::<Vec<_>>()
    };
    assert_eq!(order(KeyId::from_bytes([0; 4])), [2, 3, 1]);
    assert_eq!(order(number), [1, 2, 3]);
}

#[test]
fn credentials_have_limits() {
    let mut credentials = Credentials::default();
    let longest = "x".repeat(MAX_CREDENTIAL_LEN);
    let too_long = credentials.set("a", text(&(longest.clone() + "x")));
    assert_eq!(
        too_long,
        Err(CredentialError::TooLong {
            bytes: MAX_CREDENTIAL_LEN + 1
        })
    );
    for name in ["", "a\u{7f}", &"n".repeat(129)] {
        assert_eq!(credentials.set(name, text("x")), Err(CredentialError::Name), "{name:?}");
    }
    for number in 0..MAX_CREDENTIALS {
        credentials.set(&number.to_string(), text(&longest)).unwrap();
    }
    assert_eq!(credentials.set("one more", text("x")), Err(CredentialError::Full));
    credentials.set("0", text("replaced")).unwrap();
    assert_eq!(credentials.remove("0"), Some(text("replaced")));
    assert_eq!(credentials.remove("0"), None);
    assert!(credentials.set("one more", text("x")).is_ok());
}

#[test]
fn the_fullest_keyring_still_fits_its_file() {
    let mut keyring = cheap();
    for number in 0..MAX_CREDENTIALS {
        let name = format!("{number:\\>128}");
        keyring
            .credentials_mut()
            .set(&name, text(&"x".repeat(MAX_CREDENTIAL_LEN)))
            .unwrap();
    }
    for number in 1..MAX_KEYS {
        let label = format!("{number:\">128}");
        let vendor_id = Some(KeyId::from_bytes([0; 4]));
        let details = NewKey {
            vendor_id,
            created: u64::MAX,
            origin: KeyOrigin::VendorDerived,
            label: &label,
        };
        keyring
            .keys_mut()
            .add(Arc::new(VaultKey::generate().unwrap()), details)
            .unwrap();
    }
    assert_eq!(keyring.keys_mut().rotate("more", 0), Err(AddKeyError::Full));
    let bytes = keyring.to_bytes().unwrap();
    assert!(bytes.len() < MAX_KEYRING_LEN, "{}", bytes.len());
    assert_eq!(unlock(&bytes).unwrap().keys().len(), MAX_KEYS);
}
