//! The keyring as its callers use it; the file and the contents are tried in modules of their own.

mod contents;
mod file;
mod keys;
mod layouts;
mod merging;
mod model;
mod received;

use std::sync::Arc;

use super::*;
use crate::account::{AccountName, MAX_ACCOUNT_LEN};
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
        is_weak: true,
        is_read_only: false,
        contents: Contents {
            serial: 1,
            identity: Identity::generate().unwrap(),
            personal: PersonalKeys::generate().unwrap(),
            accounts: Accounts::default(),
            keys: Keys::generate(1_700_000_000).unwrap(),
            credentials: Credentials::default(),
            layouts: VendorLayouts::default(),
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
        replaces: None,
    }
}

fn key(byte: u8) -> Arc<VaultKey> {
    Arc::new(VaultKey::from_slice(&[byte; 32]).unwrap())
}

/// Everything that can be told apart in a keyring, but its serial.
#[derive(Debug, PartialEq)]
struct Description {
    keys: Vec<String>,
    default: String,
    identity: [u8; 32],
    personal: Vec<[u8; 32]>,
    accounts: Vec<String>,
    credentials: Vec<(String, String)>,
}

fn description(keyring: &Keyring) -> Description {
    let key = |entry: &KeyEntry| format!("{entry:?} {:?}", entry.key().expose_secret());
    let credentials = keyring.credentials().iter();
    Description {
        keys: keyring.keys().iter().map(key).collect(),
        default: keyring.keys().default_label().to_owned(),
        identity: *keyring.identity().expose_secret(),
        personal: keyring.personal_keys().iter().map(|key| *key.expose_secret()).collect(),
        accounts: keyring.accounts().iter().map(ToString::to_string).collect(),
        credentials: credentials
            .map(|(name, secret)| (name.to_owned(), secret.expose_secret().to_owned()))
            .collect(),
    }
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
    assert_eq!(first.retired(), Some(1_700_000_002));
    assert_eq!(second.replaces(), Some(first.key().fingerprint()));
    assert_eq!(keyring.serial(), 7);
    let personal: Vec<_> = keyring
        .personal_keys()
        .iter()
        .map(|key| key.expose_secret()[0])
        .collect();
    assert_eq!(personal, [3, 4]);
    let accounts: Vec<_> = keyring.accounts().iter().map(ToString::to_string).collect();
    assert_eq!(accounts, ["acme.logmeonce.com", "[2001:db8::1]:8443/vault"]);
    assert_eq!(keyring.identity().expose_secret()[..2], [8, 7]);
    assert_eq!(
        keyring.credentials().get("logmeonce.secret").unwrap(),
        &text("s\"écret")
    );
}

#[test]
fn a_new_keyring_opens_with_its_passphrase_only() {
    let params = KdfParams::new(19 * 1024, 2, 1).unwrap();
    let mut keyring = Keyring::create(&text("correct horse"), params, 1_700_000_000).unwrap();
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
    keyring.keys_mut().rotate("vault", "2026", 1_800_000_000).unwrap();
    keyring.renew_personal_key().unwrap();
    let account = AccountName::parse("acme.example:8443/x").unwrap();
    keyring.accounts_mut().add(account).unwrap();
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
    let mut keyring = cheap();
    let mut sealed = || SealedKeyring::parse(&keyring.to_bytes().unwrap()).unwrap();
    let (left, right) = (sealed(), sealed());
    assert_eq!(left.kdf, right.kdf);
    assert_ne!(left.message[..24], right.message[..24]);
    let failed = random::failing::with(|| keyring.to_bytes());
    assert_eq!(failed, Err(SaveKeyringError::Seal(SealError::Random(RandomError))));
}

#[test]
fn every_save_raises_the_serial() {
    let params = KdfParams::new(19 * 1024, 2, 1).unwrap();
    let mut keyring = Keyring::create(&text("correct horse"), params, 0).unwrap();
    for serial in 1..4 {
        let bytes = keyring.to_bytes().unwrap();
        assert_eq!((keyring.serial(), unlock(&bytes).unwrap().serial()), (serial, serial));
    }
    keyring.contents.serial = MAX_SERIAL;
    assert_eq!(keyring.to_bytes(), Err(SaveKeyringError::Serial));
}

/// No matter who made the keyring that is opened, the one that is saved costs as much to guess as a new one.
#[test]
fn a_saved_keyring_is_never_weaker_than_todays_default() {
    let default = KdfParams::default();
    for (memory_kib, iterations) in [(8, 1), (8, 4), (default.memory_kib(), 2)] {
        let kdf = Kdf {
            params: KdfParams::received(memory_kib.into(), iterations.into(), 1).unwrap(),
            salt: [5; 16],
        };
        let unlock_key = kdf.derive(&text("correct horse")).unwrap();
        let weak = Keyring {
            kdf,
            unlock_key,
            ..cheap()
        }
        .to_bytes()
        .unwrap();
        let mut opened = unlock(&weak).unwrap();
        assert!(opened.is_weak());
        let sealed = SealedKeyring::parse(&weak).unwrap();
        let mut read = sealed.unlock_to_read(&text("correct horse")).unwrap();
        assert_eq!(read.to_bytes(), Err(SaveKeyringError::ReadOnly));
        assert_eq!(description(&read), description(&opened));
        let saved = opened.to_bytes().unwrap();
        let params = SealedKeyring::parse(&saved).unwrap().params();
        assert!(!opened.is_weak());
        assert_eq!(params.memory_kib(), default.memory_kib());
        assert_eq!(params.iterations(), iterations.max(default.iterations()));
        assert_eq!(description(&unlock(&saved).unwrap()), description(&opened));
    }
}

#[test]
fn a_keyring_that_is_strong_keeps_its_header() {
    let params = KdfParams::default();
    let bytes = Keyring::create(&text("correct horse"), params, 0)
        .unwrap()
        .to_bytes()
        .unwrap();
    let saved = unlock(&bytes).unwrap().to_bytes().unwrap();
    let headers = [&bytes, &saved].map(|file| SealedKeyring::parse(file).unwrap().kdf);
    assert_eq!(headers[0], headers[1]);
}

#[test]
fn what_is_renewed_is_another_one_and_old_personal_keys_stay() {
    let mut keyring = cheap();
    let identity = keyring.identity().public();
    keyring.renew_identity().unwrap();
    assert_ne!(keyring.identity().public(), identity);
    let mut before: Vec<_> = description(&keyring).personal;
    for _ in 1..MAX_PERSONAL_KEYS {
        keyring.renew_personal_key().unwrap();
        let after = description(&keyring).personal;
        assert_eq!(after[1..], before);
        before = after;
    }
    assert_eq!(keyring.renew_personal_key(), Err(RenewError::Full));
    assert_eq!(keyring.personal_keys().len(), MAX_PERSONAL_KEYS);
}

#[test]
fn an_unlock_key_opens_what_its_passphrase_opens() {
    let mut keyring = Keyring::create(&text("correct horse"), KdfParams::default(), 1_700_000_000).unwrap();
    let bytes = keyring.to_bytes().unwrap();
    let sealed = SealedKeyring::parse(&bytes).unwrap();
    assert_eq!(sealed.unlock_key_id(), keyring.unlock_key_id());
    let kept = UnlockKey::from_slice(keyring.unlock_key().expose_secret()).unwrap();
    let mut again = sealed.open(kept).unwrap();
    assert_eq!(description(&again), description(&keyring));
    let saved = again.to_bytes().unwrap();
    assert_eq!(
        unlock(&saved).unwrap().serial(),
        2,
        "it is saved under the same passphrase"
    );
    let other = UnlockKey::from_slice(&[1; 32]).unwrap();
    assert_eq!(sealed.open(other).unwrap_err(), UnlockKeyringError::Decrypt);
}

#[test]
fn another_passphrase_replaces_the_old_one() {
    let mut keyring = cheap();
    let params = KdfParams::new(19 * 1024, 2, 1).unwrap();
    let error = keyring.change_passphrase(&text(""), params).unwrap_err();
    assert_eq!(error, PassphraseError::Kdf(KdfError::EmptyPassphrase));
    let before = keyring.to_bytes().unwrap();
    assert!(unlock(&before).is_ok());

    keyring.change_passphrase(&text("battery staple"), params).unwrap();
    assert_eq!(
        keyring.params().memory_kib(),
        KdfParams::default().memory_kib(),
        "raised"
    );
    let after = keyring.to_bytes().unwrap();
    assert_eq!(unlock(&after).unwrap_err(), UnlockKeyringError::Decrypt);
    let opened = Keyring::unlock(&after, &text("battery staple")).unwrap();
    assert_eq!(description(&opened), description(&keyring));
    assert_ne!(SealedKeyring::parse(&after).unwrap().kdf.salt, [5; 16]);
}

#[test]
fn a_copy_has_all_that_is_in_it_and_is_changed_alone() {
    let mut keyring = unlock(VECTOR.as_bytes()).unwrap();
    let mut copy = keyring.copy();
    assert_eq!(format!("{copy:?}"), format!("{keyring:?}"));
    assert_eq!(description(&copy), description(&keyring));
    let renamed = copy.to_bytes().unwrap();
    assert_eq!(description(&unlock(&renamed).unwrap()), description(&copy));
    copy.credentials_mut().set("more", text("x")).unwrap();
    copy.renew_identity().unwrap();
    assert_ne!(description(&copy), description(&keyring));
    let original = keyring.to_bytes().unwrap();
    assert_eq!(description(&unlock(&original).unwrap()), description(&keyring));
    assert_eq!(keyring.credentials().get("more"), None);
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
    let sealed = SealedKeyring::parse(VECTOR.as_bytes()).unwrap();
    let keyring = sealed.unlock_to_read(&text("correct horse")).unwrap();
    insta::assert_snapshot!(format!("{keyring:?}"), @r#"Keyring { kdf: Kdf { params: KdfParams { memory_kib: 64, iterations: 2, lanes: 2 }, salt: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] }, serial: 7, identity: Identity { public: PublicIdentity(zkv1afaqt9p79402c8a57e5am49wfkkezn7vm4eh5654he3h39ewmp5qu8tqnr), secret: [REDACTED] }, personal: PersonalKeys([PersonalKey([REDACTED]), PersonalKey([REDACTED])]), accounts: Accounts([AccountName("acme.logmeonce.com"), AccountName("[2001:db8::1]:8443/vault")]), keys: Keys { entries: [KeyEntry { key: VaultKey { id: KeyId(878694ff), secret: [REDACTED], .. }, label: "vault", origin: Generated, created: 1700000000, retired: Some(1700000002), replaces: None, vendor_id: None, is_followed: false }, KeyEntry { key: VaultKey { id: KeyId(f4fe342f), secret: [REDACTED], .. }, label: "second \"key\" é", origin: Imported, created: 1700000001, retired: None, replaces: Some(KeyFingerprint(46b7767005b2e689c578d53d0be0a186)), vendor_id: Some(KeyId(d87f7e0c)), is_followed: false }], default: 1 }, credentials: Credentials({"logmeonce.secret": SecretText([REDACTED])}), layouts: VendorLayouts([]), .. }"#);
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
            replaces: Some(key(1).fingerprint()),
        };
        keyring
            .keys_mut()
            .add(Arc::new(VaultKey::generate().unwrap()), details)
            .unwrap();
    }
    assert_eq!(
        keyring.keys_mut().rotate("vault", "more", 0),
        Err(AddKeyError::Full.into())
    );
    for number in 0..MAX_ACCOUNTS {
        let name = format!("{number}.example/{}", "x".repeat(MAX_ACCOUNT_LEN - 12));
        keyring.accounts_mut().add(AccountName::parse(&name).unwrap()).unwrap();
    }
    let one_more = AccountName::parse("more.example").unwrap();
    assert_eq!(keyring.accounts_mut().add(one_more), Err(AccountsFull));
    while keyring.renew_personal_key().is_ok() {}
    keyring.contents.serial = MAX_SERIAL - 1;
    let bytes = keyring.to_bytes().unwrap();
    assert!(bytes.len() < MAX_KEYRING_LEN, "{}", bytes.len());
    assert_eq!(unlock(&bytes).unwrap().keys().len(), MAX_KEYS);
}
