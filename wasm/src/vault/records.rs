//! Records that a program keeps on a device for its person.

use js_sys::JsString;
use wasm_bindgen::prelude::wasm_bindgen;
use zkvault_core::account::AccountName;
use zkvault_core::local::LocalRecord;
use zkvault_core::personal::PersonalKey;
use zkvault_core::{SecretBytes, SecretText};

use super::{Vault, no_keyring};
use crate::error::{Error, Result};

#[wasm_bindgen]
impl Vault {
    /// Seals a text in UTF-8 under the keyring's personal key, as the record of that name: of an account, or of none.
    ///
    /// # Errors
    /// `no-keyring`, `argument`, `host`, `too-long`, or `random`.
    #[wasm_bindgen(js_name = sealRecord)]
    pub fn seal_record(
        &self,
        name: &str,
        account: Option<String>,
        content: Vec<u8>,
    ) -> std::result::Result<Vec<u8>, Error> {
        let content = SecretBytes::from(content);
        let account = parse_account(account)?;
        let record = LocalRecord {
            account: account.as_ref(),
            name,
        };
        Ok(record.seal(self.personal_key()?, content.expose_secret())?)
    }

    /// Opens what [`Self::seal_record`] made as that record.
    ///
    /// # Errors
    /// `no-keyring`, `argument`, `host`, `local-record`, `decrypt`, or `not-text`.
    #[wasm_bindgen(js_name = openRecord)]
    pub fn open_record(
        &self,
        name: &str,
        account: Option<String>,
        record: &[u8],
    ) -> std::result::Result<JsString, Error> {
        let account = parse_account(account)?;
        let wanted = LocalRecord {
            account: account.as_ref(),
            name,
        };
        let content = SecretText::from_utf8(wanted.open(self.keyring()?.personal_keys(), record)?)?;
        Ok(JsString::from(content.expose_secret()))
    }
}

fn parse_account(account: Option<String>) -> Result<Option<AccountName>> {
    Ok(account.map(|account| AccountName::parse(&account)).transpose()?)
}

impl Vault {
    /// The personal key in use.
    fn personal_key(&self) -> Result<&PersonalKey> {
        let key = self.keyring()?.personal_keys().iter().next();
        Ok(key.ok_or_else(no_keyring)?)
    }
}
