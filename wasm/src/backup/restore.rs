//! What a backup gives back.

use js_sys::{Array, JsString, Uint8Array};
use serde_json::value::RawValue;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use zkvault_core::SecretBytes;
use zkvault_core::account::AccountName;
use zkvault_core::snapshot::{Snapshot, SnapshotDigest};

use super::{open, whole};
use crate::error::Error;
use crate::file::Opening;
use crate::vault::Vault;

/// Of pins that begin a record of their own.
const FIRST_REVISION: u64 = 1;

#[wasm_bindgen]
impl Vault {
    /// Opens the file in a backup, whose record is opened first: a recipient could have made another. `len` is that of the blob, and
    /// `host` the account.
    ///
    /// # Errors
    /// `backup-not-opened`, `unsupported-version`, `no-key`, `decrypt`, or `file`.
    #[wasm_bindgen(js_name = openBackup)]
    pub fn open_backup(&self, start: &[u8], len: u64, host: &str) -> Result<Opening, Error> {
        let start = whole(start)?;
        let (chain, _) = open(&start, &self.chains(Some(&AccountName::parse(host)?))?)?;
        let opener = start.prelude().unlock_with_chain(&chain)?;
        Ok(Opening::of_backup(opener, start.file_offset() as u64, len)?)
    }

    /// The parts of a backup, from its start and its document: sites, users and groups as the service answers, null where
    /// it did not show them, and the pins as a sealed record of revision 1.
    ///
    /// # Errors
    /// `backup-not-opened` when it is another document than the record's, `backup-malformed`, `host`, and as for
    /// [`Self::open_backup`].
    #[wasm_bindgen(js_name = openSnapshot)]
    pub fn open_snapshot(&self, start: &[u8], document: Vec<u8>, host: &str) -> Result<Array, Error> {
        let (_, record) = open(&whole(start)?, &self.chains(Some(&AccountName::parse(host)?))?)?;
        let document = SecretBytes::from(document);
        let snapshot = Snapshot::from_document(document.expose_secret())?;
        if !record.describes(&snapshot, SnapshotDigest::of_document(document.expose_secret())) {
            let message = "the content of the backup is not the one that it was made of";
            return Err(Error::new("backup-not-opened", message));
        }
        let contents = snapshot.contents()?;
        let pins = self.seal_pins(&contents.pins, &record.account, FIRST_REVISION)?;
        Ok(Array::of4(
            &answer("sites", &snapshot.sites),
            &answer("users", &snapshot.users),
            &answer("groups", &snapshot.groups),
            &Uint8Array::from(pins.as_slice()),
        ))
    }
}

/// A list in the answer that the service gives it in.
fn answer(member: &str, list: &RawValue) -> JsValue {
    match list.get() {
        "null" => JsValue::NULL,
        list => JsString::from(format!("{{\"{member}\":{list}}}")).into(),
    }
}
