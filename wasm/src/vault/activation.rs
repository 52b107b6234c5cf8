//! The identity, and the keys that others send to it.

use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use zkvault_core::{
    Activation, ActivationCode, ActivationKey, ActivationPayload, ActivationTarget, Fingerprint, Identity, Keyring,
    OpenActivationError, PublicIdentity,
};

use super::keys::{KeyRow, add_received};
use super::{Vault, secret_text};
use crate::error::{Error, Result};
use crate::json;

#[derive(Serialize)]
struct Shown {
    identity: String,
    fingerprint: String,
}

#[wasm_bindgen]
impl Vault {
    /// The public identity and its fingerprint, as JSON.
    ///
    /// # Errors
    /// `no-keyring`.
    pub fn identity(&self) -> std::result::Result<String, Error> {
        let public = self.keyring()?.identity().public();
        json::write(&Shown {
            identity: public.to_string(),
            fingerprint: public.fingerprint().to_string(),
        })
    }

    /// Opens an activation that `sender` (a public identity or a fingerprint) sealed to our identity, adds its
    /// keys to the keyring and returns their rows as JSON. `now` is in seconds since 1970 (UTC).
    ///
    /// # Errors
    /// `malformed`, `host`, `fingerprint`, `needs-code`, `other-sender`, `decrypt`, `expired`, `keyring-full`, or
    /// `no-keyring`; then the keyring is unchanged, except that some keys of a long list may have been added
    /// when it became full.
    pub fn activate(
        &mut self,
        activation: &str,
        host: &str,
        user_id: u64,
        sender: &str,
        now: u64,
    ) -> std::result::Result<String, Error> {
        let sender = fingerprint(sender)?;
        self.receive(activation, host, user_id, now, |activation, identity, target| {
            activation.open(identity, &sender, target, now)
        })
    }

    /// As [`Self::activate`], for one that opens with a one-time code in UTF-8.
    ///
    /// # Errors
    /// As for [`Self::activate`], and `activation-code`, `not-text`, or `needs-identity`.
    #[wasm_bindgen(js_name = activateWithCode)]
    pub fn activate_with_code(
        &mut self,
        activation: &str,
        host: &str,
        user_id: u64,
        code: Vec<u8>,
        now: u64,
    ) -> std::result::Result<String, Error> {
        let code: ActivationCode = secret_text(code)?.expose_secret().parse()?;
        self.receive(activation, host, user_id, now, |activation, _identity, target| {
            activation.open_with_code(&code, target, now)
        })
    }

    fn receive(
        &mut self,
        activation: &str,
        host: &str,
        user_id: u64,
        now: u64,
        open: impl FnOnce(
            &Activation,
            &Identity,
            &ActivationTarget,
        ) -> std::result::Result<ActivationPayload, OpenActivationError>,
    ) -> Result<String> {
        let activation: Activation = activation.parse()?;
        let target = ActivationTarget::new(host, user_id)?;
        let keyring = self.keyring_mut()?;
        let payload = open(&activation, keyring.identity(), &target)?;
        let added = add_all(keyring, &payload.into_keys(), now);
        self.refresh();
        let keyring = self.keyring()?;
        let rows = added?.into_iter().map(|label| {
            let entry = keyring.keys().find(&label)?;
            Ok(KeyRow::new(entry, keyring))
        });
        json::write(&rows.collect::<Result<Vec<_>>>()?)
    }
}

fn add_all(keyring: &mut Keyring, keys: &[ActivationKey], now: u64) -> Result<Vec<String>> {
    let add = |received: &ActivationKey| add_received(keyring, &received.key, &received.label, now);
    keys.iter().map(add).collect()
}

fn fingerprint(text: &str) -> Result<Fingerprint> {
    if let Ok(identity) = text.parse::<PublicIdentity>() {
        return Ok(identity.fingerprint());
    }
    Ok(text.parse()?)
}
