//! The identity, and the keys that others send to it.

use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use zkvault_core::account::AccountName;
use zkvault_core::activation::{Activation, ActivationCode, ActivationPayload, ActivationTarget, OpenActivationError};
use zkvault_core::identity::{Fingerprint, Identity};
use zkvault_core::text;

use super::Vault;
use super::keys::KeyRow;
use crate::error::{Error, Result};
use crate::json;
use crate::secret::secret_text;

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
    /// keys to the keyring and returns their rows as JSON. `now` is in seconds since 1970 (UTC); `accept` allows that
    /// keys of the keyring are retired or replaced, and that the default key changes.
    ///
    /// # Errors
    /// `malformed`, `host`, `fingerprint`, `needs-code`, `other-sender`, `decrypt`, `expired`, `needs-consent`,
    /// `keyring-full`, `retired`, `label-taken`, or `no-keyring`; then the keyring is unchanged.
    pub fn activate(
        &mut self,
        activation: &str,
        host: &str,
        user_id: u64,
        sender: &str,
        now: u64,
        accept: bool,
    ) -> std::result::Result<String, Error> {
        let sender = Fingerprint::of_text(sender)?;
        self.receive(
            activation,
            host,
            user_id,
            (now, accept),
            |activation, identity, target| activation.open(identity, &sender, target, now),
        )
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
        accept: bool,
    ) -> std::result::Result<String, Error> {
        let code: ActivationCode = secret_text(code)?.expose_secret().parse()?;
        self.receive(
            activation,
            host,
            user_id,
            (now, accept),
            |activation, _identity, target| activation.open_with_code(&code, target, now),
        )
    }

    fn receive(
        &mut self,
        activation: &str,
        host: &str,
        user_id: u64,
        (now, accept): (u64, bool),
        open: impl FnOnce(
            &Activation,
            &Identity,
            &ActivationTarget,
        ) -> std::result::Result<ActivationPayload, OpenActivationError>,
    ) -> Result<String> {
        let activation: Activation = text::unwrapped(activation).expose_secret().parse()?;
        // An activation is for a host: the name of an account may have a port and a path as well.
        let target = ActivationTarget::new(AccountName::parse(host)?.host(), user_id)?;
        let keyring = self.keyring_mut()?;
        let payload = open(&activation, keyring.identity(), &target)?;
        let reception = keyring.plan_reception(&payload, now)?;
        if reception.needs_consent() && !accept {
            return Err(Error::new(
                "needs-consent",
                "the activation retires or replaces keys that are here, or changes the default key",
            ));
        }
        let received = keyring.receive(reception);
        self.refresh();
        let keyring = self.keyring()?;
        let rows = received.into_iter().map(|label| {
            let entry = keyring.keys().find(&label)?;
            Ok(KeyRow::new(entry, keyring))
        });
        json::write(&rows.collect::<Result<Vec<_>>>()?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use zkvault_core::activation::ActivationKey;
    use zkvault_core::key::VaultKey;

    use super::*;

    const HOST: &str = "company.logmeonce.com";
    const NOW: u64 = 1_000_000;

    fn vault() -> Vault {
        Vault::create(b"correct horse".to_vec(), Some(19456), Some(2), Some(1), NOW).unwrap()
    }

    fn target() -> ActivationTarget {
        ActivationTarget::new(HOST, 42).unwrap()
    }

    fn payload() -> ActivationPayload {
        let key = |byte, label: &str| {
            ActivationKey::new(Arc::new(VaultKey::from_slice(&[byte; 32]).unwrap()), label.to_owned())
        };
        // The second label is taken in every new keyring.
        ActivationPayload::new(vec![key(1, "shared"), key(2, "vault")], NOW, NOW + 60).unwrap()
    }

    fn by_code() -> (String, Vec<u8>) {
        let code = ActivationCode::generate().unwrap();
        let activation = Activation::seal_with_code(&code, &target(), &payload()).unwrap();
        let text = code.expose_text().expose_secret().as_bytes().to_vec();
        (activation.to_string(), text)
    }

    fn labels(vault: &Vault) -> Vec<String> {
        let keys = vault.keyring().unwrap().keys().iter();
        keys.map(|entry| entry.label().to_owned()).collect()
    }

    #[test]
    fn a_code_opens_an_activation_and_its_keys_open_values() {
        let (mut vault, (activation, code)) = (vault(), by_code());
        let rows = vault
            .activate_with_code(&activation, HOST, 42, code.clone(), NOW, false)
            .unwrap();
        assert_eq!(labels(&vault), ["vault", "shared", "activation-f4fe342f"]);
        assert_eq!(vault.keys.len(), 3);
        assert!(
            rows.contains(
                r#""label":"shared","origin":"activation","state":"active","default":false,"created":1000000"#
            )
        );
        let again = vault
            .activate_with_code(&activation, HOST, 42, code, NOW + 1, false)
            .unwrap();
        assert_eq!(again, rows, "the same once more changes nothing");
    }

    #[test]
    fn an_identity_opens_what_the_expected_sender_sealed_to_it() {
        let (mut vault, sender) = (vault(), Identity::generate().unwrap());
        let recipient = vault.keyring().unwrap().identity().public();
        let activation = Activation::seal_to(&sender, &recipient, &target(), &payload())
            .unwrap()
            .to_string();
        let stranger = Identity::generate().unwrap().public().to_string();
        let mut activate = |from: &str| vault.activate(&activation, HOST, 42, from, NOW, false);
        assert_eq!(activate(&stranger).unwrap_err().code(), "other-sender");
        assert_eq!(activate("12345").unwrap_err().code(), "fingerprint");
        assert!(activate(&sender.public().fingerprint().to_string()).is_ok());
        assert!(activate(&sender.public().to_string()).is_ok());
        assert_eq!(labels(&vault).len(), 3);
    }

    #[test]
    fn what_changes_the_keys_that_are_here_needs_consent() {
        let mut vault = vault();
        let own = Arc::clone(vault.keyring().unwrap().keys().find("vault").unwrap().key());
        let new = ActivationKey {
            becomes_default: true,
            replaces: Some(own.fingerprint()),
            ..ActivationKey::new(Arc::new(VaultKey::from_slice(&[1; 32]).unwrap()), "new".to_owned())
        };
        let payload = ActivationPayload::new(vec![new], NOW, NOW + 60).unwrap();
        let code = ActivationCode::generate().unwrap();
        let activation = Activation::seal_with_code(&code, &target(), &payload)
            .unwrap()
            .to_string();
        let code = code.expose_text().expose_secret().as_bytes().to_vec();
        let refused = vault.activate_with_code(&activation, HOST, 42, code.clone(), NOW, false);
        assert_eq!(refused.unwrap_err().code(), "needs-consent");
        assert_eq!(labels(&vault), ["vault"]);
        vault
            .activate_with_code(&activation, HOST, 42, code, NOW, true)
            .unwrap();
        assert_eq!(labels(&vault), ["vault", "new"]);
        assert_eq!(vault.keyring().unwrap().keys().default_label(), "new");
    }

    #[test]
    fn what_is_wrong_leaves_the_keyring_as_it_was() {
        let (mut vault, (activation, code)) = (vault(), by_code());
        let mut fault = |activation: &str, host, user_id, code: &[u8], now| {
            vault
                .activate_with_code(activation, host, user_id, code.to_vec(), now, false)
                .unwrap_err()
                .code()
        };
        assert_eq!(fault("AQ==", HOST, 42, &code, NOW), "malformed");
        assert_eq!(fault(&activation, "https://a.test/", 42, &code, NOW), "host");
        assert_eq!(fault(&activation, HOST, 43, &code, NOW), "decrypt");
        assert_eq!(fault(&activation, HOST, 42, &by_code().1, NOW), "decrypt");
        assert_eq!(fault(&activation, HOST, 42, b"12345", NOW), "activation-code");
        assert_eq!(fault(&activation, HOST, 42, &[0xff], NOW), "not-text");
        assert_eq!(fault(&activation, HOST, 42, &code, NOW + 60), "expired");
        let from = Identity::generate().unwrap().public().to_string();
        assert_eq!(
            vault
                .activate(&activation, HOST, 42, &from, NOW, false)
                .unwrap_err()
                .code(),
            "needs-code"
        );
        assert_eq!(labels(&vault), ["vault"]);
    }
}
