//! What is done with the secrets. Each case returns what a program would keep.

use std::any::Any;
use std::error::Error;
use std::hint::black_box;
use std::io::{self, Write as _};
use std::sync::Arc;

use zeroize::{Zeroize as _, Zeroizing};
use zkvault_core::SecretText;
use zkvault_core::activation::{Activation, ActivationKey, ActivationPayload, ActivationTarget};
use zkvault_core::file::{BlockSize, FileMeta, FilePrelude, FileSealer, ParsedPrelude};
use zkvault_core::identity::Identity;
use zkvault_core::kdf::{KdfParams, VendorKdf};
use zkvault_core::key::{KeyId, KeySet, VaultKey};
use zkvault_core::keyring::{KeyOrigin, Keyring, NewKey};
use zkvault_core::model::SealedValue;
use zkvault_core::value::{Envelope, SiteKey, ValueContext, seal_bound, seal_vendor};
use zkvault_core::vendor::catalog;

use crate::Secrets;

type Held = Box<dyn Any>;
type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Does what `case` names.
#[inline(never)]
pub(crate) fn run(case: &str, secrets: &Secrets) -> Result<Held> {
    match case {
        "control-in-place" => Ok(in_place(secrets)),
        "control-moved" => moved(secrets),
        "vault-key" => vault_key(secrets),
        "value" => value(secrets),
        "keyring" => keyring(secrets),
        "identity" => identity(secrets),
        "file" => file(secrets),
        "vendor-kdf" => vendor_kdf(secrets),
        "vendor-layout" => vendor_layout(secrets),
        _ => Err("there is no such case".into()),
    }
}

/// A key as it should be held: filled where it stays, wiped there.
fn in_place(secrets: &Secrets) -> Held {
    Box::new(Zeroizing::new(secrets.key.to_vec()))
}

/// A key as it is held when nobody thinks of it: an array that is passed on by value. It is wiped where it ends.
#[inline(never)]
fn moved(secrets: &Secrets) -> Result<Held> {
    struct Wiped(Box<[u8; 32]>);
    impl Drop for Wiped {
        fn drop(&mut self) {
            self.0.as_mut_slice().zeroize();
        }
    }
    #[inline(never)]
    fn boxed(key: [u8; 32]) -> Wiped {
        Wiped(Box::new(black_box(key)))
    }
    // Deep down, where nothing that comes later writes over it by chance.
    let room = [0u8; 32 * 1024];
    black_box(&room);
    let key: [u8; 32] = secrets.key.as_slice().try_into()?;
    Ok(Box::new(boxed(black_box(key))))
}

const PLACE: ValueContext<'static> = ValueContext {
    site_id: 1,
    input_type: "password",
    input_name: "pw",
};

fn key_set(key: &Arc<VaultKey>) -> KeySet {
    let mut keys = KeySet::new();
    keys.add(Arc::clone(key), None);
    keys
}

fn text_of(secrets: &Secrets) -> Result<SecretText> {
    Ok(SecretText::from_utf8(secrets.text.to_vec().into())?)
}

/// A vault key that seals and opens values of both layouts.
fn vault_key(secrets: &Secrets) -> Result<Held> {
    let key = Arc::new(VaultKey::from_slice(&secrets.key)?);
    let bound = seal_bound(&key, &PLACE, "whatever")?;
    let vendor = seal_vendor(&key, KeyId::from_bytes([0; 4]), "whatever")?;
    let keys = key_set(&key);
    Envelope::parse(&bound)?.open(&keys, Some(&PLACE))?;
    Envelope::parse(&vendor)?.open(&keys, None)?;
    Ok(Box::new(key))
}

/// A plaintext, sealed and opened in both layouts, and kept.
fn value(secrets: &Secrets) -> Result<Held> {
    let key = Arc::new(VaultKey::generate()?);
    let keys = key_set(&key);
    let text = text_of(secrets)?;
    let bound = seal_bound(&key, &PLACE, text.expose_secret())?;
    let vendor = seal_vendor(&key, KeyId::from_bytes([0; 4]), text.expose_secret())?;
    let kept = Envelope::parse(&bound)?.open(&keys, Some(&PLACE))?;
    Envelope::parse(&vendor)?.open(&keys, None)?;
    Ok(Box::new(kept))
}

/// A keyring under the text as its passphrase, with the key in it: made, saved, dropped, and opened again. Its file
/// goes to stdout.
fn keyring(secrets: &Secrets) -> Result<Held> {
    let passphrase = text_of(secrets)?;
    let mut made = Keyring::create(&passphrase, KdfParams::new(19 * 1024, 2, 4)?, 0)?;
    let details = NewKey {
        label: "imported",
        origin: KeyOrigin::Imported,
        created: 0,
        vendor_id: None,
        replaces: None,
    };
    made.keys_mut()
        .add(Arc::new(VaultKey::from_slice(&secrets.key)?), details)?;
    let token = SecretText::from("a token".to_owned());
    made.credentials_mut().set("token", token)?;
    let file = made.to_bytes()?;
    drop(made);
    let opened = Keyring::unlock(&file, &passphrase)?;
    io::stdout().write_all(&file)?;
    io::stdout().write_all(b"\n")?;
    Ok(Box::new(opened))
}

/// An identity that receives a key and sends one.
fn identity(secrets: &Secrets) -> Result<Held> {
    let (identity, other) = (Identity::from_slice(&secrets.key)?, Identity::generate()?);
    let target = ActivationTarget::new("company.example", 1)?;
    let pass = |from: &Identity, to: &Identity| -> Result<()> {
        let key = ActivationKey::new(Arc::new(VaultKey::generate()?), "vault".to_owned());
        let payload = ActivationPayload::new(vec![key], 0, 10)?;
        let sealed = Activation::seal_to(from, &to.public(), &target, &payload)?;
        sealed.open(to, &from.public().fingerprint(), &target, 5)?;
        Ok(())
    };
    pass(&identity, &other)?;
    pass(&other, &identity)?;
    Ok(Box::new(identity))
}

/// A file under the key, whose content is the text: sealed and opened, and the content kept.
fn file(secrets: &Secrets) -> Result<Held> {
    let key = Arc::new(VaultKey::from_slice(&secrets.key)?);
    let sealer = FileSealer::new(&[Arc::clone(&key)], &[], &FileMeta::default(), BlockSize::MIN, 0)?;
    let mut sealed = Vec::new();
    sealer.seal_block(0, true, &secrets.text, &mut sealed)?;
    let ParsedPrelude::Whole(prelude) = FilePrelude::parse(sealer.prelude())? else {
        return Err("the prelude is whole".into());
    };
    let mut content = Zeroizing::new(Vec::with_capacity(secrets.text.len()));
    prelude
        .unlock(&key_set(&key))?
        .open_block(0, true, &sealed, &mut content)?;
    Ok(Box::new((key, content)))
}

/// The forms of a key that a layout of the vendor uses, kept with the key while values are opened; and the key of a site,
/// the first bytes of the text, which is opened for one of them.
fn vendor_layout(secrets: &Secrets) -> Result<Held> {
    let layout = catalog::find("vendor-cbc-hmac-128").ok_or("it is in the catalogue")?;
    let key = Arc::new(VaultKey::from_slice(&secrets.key)?);
    let mut keys = key_set(&key);
    keys.set_vendor_layouts(vec![layout.clone()]);
    let number = [1, 2, 3, 4];
    let (sealed, value) = {
        let site_key = VaultKey::from_slice(secrets.text.get(..32).ok_or("the text is longer")?)?;
        (
            layout.seal_key(&key, number, &site_key)?,
            layout.seal(&site_key, number, "whatever")?,
        )
    };
    let sealed = SealedValue::new(sealed)?;
    let site_key = SiteKey::open(Some(&sealed), &keys).ok_or("the site's key opens")?;
    Envelope::parse(&value)?.open_in(&keys, Some(&site_key), None)?;
    drop(site_key);
    Ok(Box::new(keys))
}

/// A key that the vendor's web client would make of the text.
fn vendor_kdf(secrets: &Secrets) -> Result<Held> {
    let key = VendorKdf::Legacy.derive_key("user@company.example", None, &text_of(secrets)?)?;
    Ok(Box::new(key))
}
