//! Whatever stands inside a keyring that was sealed as it should be: it is read or refused, its limits hold, and what
//! is read is what is saved.

use std::sync::OnceLock;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zkvault_core::SecretText;
use zkvault_core::keyring::{
    KeyState, Keyring, MAX_ACCOUNT_LAYOUTS, MAX_CREDENTIAL_LEN, MAX_CREDENTIALS, MAX_KEYS, MAX_LABEL_LEN,
    SealedKeyring, StoredLayout, UnlockKeyringError,
};

use crate::{cobblestone, heap};

/// The least that Argon2id can be asked for.
const MEMORY_KIB: u32 = 8;
const SALT: [u8; 16] = [0; 16];
const PASSPHRASE: &str = "correct horse";

pub(crate) fn check(data: &[u8]) {
    let Some(file) = sealed(data) else { return };
    let passphrase = SecretText::from(PASSPHRASE.to_owned());
    // The file in base64, decoded and opened; then keys and labels, which are several times their shortest JSON.
    let opened = heap::within(32 * data.len() + 64 * 1024, || {
        let sealed = SealedKeyring::parse(&file)?;
        sealed.unlock_to_read(&passphrase)
    });
    match opened {
        Ok(keyring) => {
            usable(&keyring);
            is_saved_as_it_is(Keyring::unlock(&file, &passphrase).unwrap(), &passphrase);
        }
        Err(UnlockKeyringError::Contents(_)) => {}
        Err(error) => panic!("it was sealed by the specification, and does not open: {error}"),
    }
}

/// The file around contents, by the specification (docs/spec/keyring.md).
fn sealed(contents: &[u8]) -> Option<Vec<u8>> {
    static KEY: OnceLock<[u8; 32]> = OnceLock::new();
    let key = KEY.get_or_init(|| {
        let params = Params::new(MEMORY_KIB, 1, 1, Some(32)).unwrap();
        let mut key = [0; 32];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2
            .hash_password_into(PASSPHRASE.as_bytes(), &SALT, &mut key)
            .unwrap();
        key
    });
    let number = |number: u32| u64::from(number).to_be_bytes();
    let fields: [&[u8]; 5] = [b"argon2id", &number(MEMORY_KIB), &number(1), &number(1), &SALT];
    let message = cobblestone::seal(key, &cobblestone::context("zkvault.keyring.v2", &fields), contents);
    let kdf = format!(
        r#"{{"name":"argon2id","memory_kib":{MEMORY_KIB},"iterations":1,"lanes":1,"salt":"{}"}}"#,
        STANDARD.encode(SALT)
    );
    let sealed = STANDARD.encode(message);
    let file = format!(r#"{{"format":"zkvault.keyring","version":2,"kdf":{kdf},"sealed":"{sealed}"}}"#);
    (file.len() <= zkvault_core::keyring::MAX_KEYRING_LEN).then_some(file.into_bytes())
}

fn usable(keyring: &Keyring) {
    let (keys, credentials) = (keyring.keys(), keyring.credentials());
    assert!((1..=MAX_KEYS).contains(&keys.len()) && credentials.iter().len() <= MAX_CREDENTIALS);
    assert!(keys.iter().all(|key| (1..=MAX_LABEL_LEN).contains(&key.label().len())));
    assert!(
        credentials
            .iter()
            .all(|(_, secret)| secret.expose_secret().len() <= MAX_CREDENTIAL_LEN)
    );
    for of in keyring.vendor_layouts().iter() {
        assert!((1..=MAX_ACCOUNT_LAYOUTS).contains(&of.layouts().len()));
        let is_sound = |stored: &StoredLayout| !stored.is_confirmed() || stored.require_sealing().is_ok();
        assert!(of.layouts().iter().all(is_sound));
    }
    let default = keys.iter().find(|key| key.label() == keys.default_label());
    assert!(default.is_some_and(|key| key.state() == KeyState::Active));
    let mut ids: Vec<_> = keys.iter().map(|key| key.label()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), keys.len(), "a label names one key");
}

fn is_saved_as_it_is(mut keyring: Keyring, passphrase: &SecretText) {
    let Ok(saved) = keyring.to_bytes() else {
        return assert_eq!(keyring.serial(), (1 << 53) - 1, "only the last serial is not saved");
    };
    let again = Keyring::unlock(&saved, passphrase).unwrap();
    assert!(again.identity() == keyring.identity());
    assert_eq!(described(&again), described(&keyring));
}

/// All that a keyring holds besides its identity.
fn described(keyring: &Keyring) -> String {
    let mut all = keyring.keys().default_label().to_owned();
    for account in keyring.accounts().iter() {
        all += &format!("\n{account}");
    }
    all += &format!("\n{:?}", keyring.vendor_layouts());
    all += &format!("\n{:?}", keyring.personal_keys().len());
    for key in keyring.keys().iter() {
        let (state, origin) = (key.state().name(), key.origin().name());
        let secret = STANDARD.encode(key.key().expose_secret());
        all += &format!(
            "\n{:?} {state} {origin} {} {:?} {:?} {:?} {secret}",
            key.label(),
            key.created(),
            key.vendor_id(),
            key.retired(),
            key.replaces()
        );
    }
    for (name, secret) in keyring.credentials().iter() {
        all += &format!("\n{name:?} {:?}", secret.expose_secret());
    }
    all
}
