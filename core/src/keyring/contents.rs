//! The JSON inside a keyring. Secrets stand in it as base64, which needs no escapes: they are read where they
//! lie, and no parser makes a copy of its own.
//!
//! The strings of secrets have no escapes, which a reader that borrows `&str` refuses by itself; labels and names may
//! have them. What is written is one form; what is read may have its members in any order. Errors are fixed texts: a
//! message of the JSON reader might quote a secret.

mod layouts;

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize};
use zeroize::Zeroizing;

use super::keys::{KeyOrigin, KeyState, Keys, NewKey};
use super::personal::PersonalKeys;
use super::{Accounts, Contents, Credentials, MAX_SERIAL};
use crate::account::AccountName;
use crate::error::SealError;
use crate::identity::Identity;
use crate::json::{self, Object};
use crate::key::{KeyFingerprint, VaultKey};
use crate::personal::PersonalKey;
use crate::secret::{SecretBytes, SecretText};
use crate::secret_buffer::SecretBuffer;

/// Unknown and repeated members are refused, as in everything that zkvault writes for itself.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    serial: u64,
    identity: &'a str,
    /// The newest first.
    #[serde(borrow)]
    personal: Vec<&'a str>,
    #[serde(borrow)]
    accounts: Vec<&'a str>,
    /// The position of the default key.
    default: usize,
    #[serde(borrow)]
    keys: Vec<Object<Key<'a>>>,
    #[serde(borrow)]
    credentials: Vec<Object<Credential<'a>>>,
    /// Absent where there are none.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    layouts: Option<Vec<Object<layouts::Account>>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Key<'a> {
    #[serde(borrow)]
    label: Cow<'a, str>,
    origin: &'a str,
    created: u64,
    state: &'a str,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    retired: Option<u64>,
    #[serde(borrow, default, deserialize_with = "present_text")]
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "present_text")]
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor_id: Option<Cow<'a, str>>,
    /// Absent unless it is true.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    follow: Option<bool>,
    secret: &'a str,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Credential<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    secret: &'a str,
}

/// A member that may be absent, but not `null`.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// As [`present`], a text without escapes.
fn present_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Cow<'de, str>>, D::Error> {
    <&str>::deserialize(deserializer).map(|text| Some(text.into()))
}

/// Reads the opened contents; the error says what is wrong with them.
///
/// Each rule of docs/spec/keyring.md#contents is checked by the type that keeps it, and a file that breaks one is
/// refused as a whole: a keyring that lost a key unnoticed would be saved without it.
pub(super) fn read(plaintext: &SecretBytes) -> Result<Contents, &'static str> {
    let document = json::read(plaintext.expose_secret());
    let Object(document): Object<Document<'_>> = document.ok_or("the JSON is not as specified")?;
    if !(1..=MAX_SERIAL).contains(&document.serial) {
        return Err("the serial is out of limits");
    }
    let identity = Identity::from_slice(&decode(document.identity)?);
    Ok(Contents {
        serial: document.serial,
        identity: identity.map_err(|_| "the identity has not 32 bytes")?,
        personal: read_personal(&document.personal)?,
        accounts: read_accounts(&document.accounts)?,
        keys: read_keys(&document)?,
        credentials: read_credentials(&document.credentials)?,
        layouts: layouts::read(document.layouts)?,
    })
}

fn read_personal(personal: &[&str]) -> Result<PersonalKeys, &'static str> {
    let mut keys = Vec::with_capacity(personal.len());
    for key in personal {
        let key = PersonalKey::from_slice(&decode(key)?).map_err(|_| "a personal key has not 32 bytes")?;
        keys.push(Arc::new(key));
    }
    PersonalKeys::new(keys).ok_or("there are not 1 to 16 different personal keys")
}

/// In its one form only: two spellings would be two chains.
fn read_accounts(names: &[&str]) -> Result<Accounts, &'static str> {
    let mut accounts = Accounts::default();
    for name in names {
        let account = AccountName::parse(name).map_err(|_| "an account has no name of one")?;
        if account.as_str() != *name || accounts.contains(&account) {
            return Err("an account is there twice, or not in its one form");
        }
        accounts.add(account).map_err(|_| "there are too many accounts")?;
    }
    Ok(accounts)
}

fn read_credentials(members: &[Object<Credential<'_>>]) -> Result<Credentials, &'static str> {
    let mut credentials = Credentials::default();
    for Object(Credential { name, secret }) in members {
        if credentials.get(name).is_some() {
            return Err("two credentials have one name");
        }
        let mut secret = decode(secret)?;
        let secret = SecretText::from_utf8(SecretBytes::from(std::mem::take(&mut *secret)));
        let secret = secret.map_err(|_| "a credential is not text")?;
        credentials
            .set(name, secret)
            .map_err(|_| "a credential is out of limits")?;
    }
    Ok(credentials)
}

/// In the order of the file, which is by age; the order is checked so that no line of keys is a circle.
fn read_keys(document: &Document<'_>) -> Result<Keys, &'static str> {
    let mut keys = Keys::incomplete();
    for Object(key) in &document.keys {
        read_key(key, &mut keys)?;
    }
    if !keys.are_in_order() {
        return Err("a key comes before the one that it replaces");
    }
    keys.complete(document.default).ok_or("the default is no active key")
}

fn read_key(key: &Key<'_>, keys: &mut Keys) -> Result<(), &'static str> {
    let vault_key = VaultKey::from_slice(&decode(key.secret)?).map_err(|_| "a key has not 32 bytes")?;
    let vendor_id = key.vendor_id.as_ref().map(|id| id.parse()).transpose();
    let details = NewKey {
        label: &key.label,
        origin: KeyOrigin::from_name(key.origin).ok_or("the origin of a key is unknown")?,
        created: key.created,
        vendor_id: vendor_id.map_err(|_| "a vendor's number is not 8 hexadecimal digits")?,
        replaces: key.replaces.as_deref().map(read_fingerprint).transpose()?,
    };
    let state = KeyState::from_name(key.state).ok_or("the state of a key is unknown")?;
    if (state == KeyState::Retired) != key.retired.is_some() {
        return Err("a key has a time of retirement and is active, or has none and is retired");
    }
    if key.follow == Some(false) {
        return Err("a key says that nobody follows it");
    }
    keys.push(Arc::new(vault_key), details, key.retired)
        .map_err(|_| "a key is there twice or replaces itself, or its label is not usable")?;
    keys.follow(&key.label, key.follow.is_some())
        .map_err(|_| "a key has no label")
}

fn read_fingerprint(base64: &str) -> Result<KeyFingerprint, &'static str> {
    let bytes = STANDARD.decode(base64).ok().and_then(|bytes| bytes.try_into().ok());
    let bytes = bytes.ok_or("the fingerprint of a key is not 16 bytes of canonical base64")?;
    Ok(KeyFingerprint::from_bytes(bytes))
}

/// Into a buffer that is wiped. `decode_vec` allocates once, for the length of the text.
fn decode(base64: &str) -> Result<Zeroizing<Vec<u8>>, &'static str> {
    let mut bytes = Zeroizing::new(Vec::new());
    let decoded = STANDARD.decode_vec(base64, &mut bytes);
    decoded.map_err(|_| "a secret is not canonical base64")?;
    Ok(bytes)
}

/// The contents as JSON, in a buffer that leaves no copy of them.
///
/// Base64 of the secrets is made first, each in a buffer of its own that is wiped, and borrowed by the document.
pub(super) fn write(contents: &Contents) -> Result<SecretBuffer, SealError> {
    let Contents {
        serial,
        identity,
        personal,
        accounts,
        keys,
        credentials,
        layouts,
    } = contents;
    let identity = encode(identity.expose_secret())?;
    let personal: Result<Vec<_>, _> = personal.iter().map(|key| encode(key.expose_secret())).collect();
    let personal = personal?;
    let key_secrets: Result<Vec<_>, _> = keys.iter().map(|entry| encode(entry.key().expose_secret())).collect();
    let key_secrets = key_secrets?;
    let tokens: Result<Vec<_>, _> = credentials
        .iter()
        .map(|(_, text)| encode(text.expose_secret().as_bytes()))
        .collect();
    let tokens = tokens?;
    let document = Document {
        serial: *serial,
        identity: &identity,
        personal: personal.iter().map(|key| key.as_str()).collect(),
        accounts: accounts.iter().map(AccountName::as_str).collect(),
        default: keys.default_position(),
        keys: keys
            .iter()
            .zip(&key_secrets)
            .map(|(entry, secret)| Key {
                label: entry.label().into(),
                origin: entry.origin().name(),
                created: entry.created(),
                state: entry.state().name(),
                retired: entry.retired(),
                replaces: entry
                    .replaces()
                    .map(|replaced| STANDARD.encode(replaced.to_bytes()).into()),
                vendor_id: entry.vendor_id().map(|id| id.to_string().into()),
                follow: entry.is_followed().then_some(true),
                secret,
            })
            .map(Object)
            .collect(),
        credentials: credentials
            .iter()
            .zip(&tokens)
            .map(|((name, _), secret)| Credential {
                name: name.into(),
                secret,
            })
            .map(Object)
            .collect(),
        layouts: layouts::write(layouts),
    };
    let mut json = SecretBuffer::new();
    // Numbers and strings: there is nothing that JSON could refuse.
    serde_json::to_writer(&mut json, &document).map_err(|_| SealError::TooLong)?;
    Ok(json)
}

/// Base64 straight into a buffer that is wiped; the encoder's other entries go through one on the stack.
fn encode(secret: &[u8]) -> Result<Zeroizing<String>, SealError> {
    let length = base64::encoded_len(secret.len(), true).ok_or(SealError::TooLong)?;
    let mut bytes = Zeroizing::new(vec![0; length]);
    STANDARD
        .encode_slice(secret, &mut bytes)
        .map_err(|_| SealError::TooLong)?;
    let text = String::from_utf8(std::mem::take(&mut *bytes));
    text.map(Zeroizing::new).map_err(|_| SealError::TooLong)
}
