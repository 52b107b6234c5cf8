//! What of an account goes into a backup.

use serde_json::value::RawValue;
use wasm_bindgen::prelude::wasm_bindgen;
use zkvault_core::account::AccountName;
use zkvault_core::snapshot::{Manifest, Snapshot};
use zkvault_core::trust::PinSet;

use crate::document::each_site;
use crate::error::{Error, Result};
use crate::trust::read_site;
use crate::vault::Vault;

/// Sites, users, groups and pins of an account.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Parts {
    sites: Box<RawValue>,
    users: Box<RawValue>,
    groups: Box<RawValue>,
    pins: Box<RawValue>,
}

#[wasm_bindgen]
impl Vault {
    /// The parts of the account named `host`: its sites as a document, and its pins, sealed as they are kept; empty bytes are
    /// none. The pin of a site that is gone goes with it, where nothing of the site is left.
    ///
    /// # Errors
    /// `malformed`, `host`, `pins`, `no-key`, `decrypt`, or `too-long`.
    #[wasm_bindgen(js_name = backupParts)]
    pub fn backup_parts(&self, host: &str, sites: &[u8], pins: &[u8]) -> std::result::Result<Parts, Error> {
        let (list, ids) = list_of_sites(sites)?;
        let account = AccountName::parse(host)?;
        let pins = match pins.is_empty() {
            true => PinSet::new(),
            false => PinSet::open(pins, &account, self.pins_keys())?.0,
        };
        let kept = pins.iter().filter(|pin| !pin.is_gone() || ids.contains(&pin.site_id()));
        let pins: PinSet = kept.cloned().collect();
        Ok(Parts {
            sites: raw(&list)?,
            users: raw("null")?,
            groups: raw("null")?,
            pins: raw(&pins.to_json()?)?,
        })
    }
}

#[wasm_bindgen]
impl Parts {
    /// The list of users.
    ///
    /// # Errors
    /// `malformed`.
    #[wasm_bindgen(setter)]
    pub fn set_users(&mut self, users: String) -> std::result::Result<(), Error> {
        self.users = raw(&users)?;
        Ok(())
    }

    /// The list of groups.
    ///
    /// # Errors
    /// `malformed`.
    #[wasm_bindgen(setter)]
    pub fn set_groups(&mut self, groups: String) -> std::result::Result<(), Error> {
        self.groups = raw(&groups)?;
        Ok(())
    }
}

impl Parts {
    pub(super) fn snapshot(&self, manifest: Manifest) -> Snapshot {
        Snapshot {
            manifest,
            sites: self.sites.clone(),
            users: self.users.clone(),
            groups: self.groups.clone(),
            pins: self.pins.clone(),
        }
    }
}

/// The sites of a document as one list, each byte for byte, and their ids.
fn list_of_sites(document: &[u8]) -> Result<(String, Vec<u64>)> {
    let (mut list, mut ids) = (String::from("["), Vec::new());
    each_site(document, |bytes| {
        if list.len() > 1 {
            list.push(',');
        }
        list.push_str(str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))?);
        ids.push(read_site(bytes)?.id);
        Ok(())
    })?;
    list.push(']');
    Ok((list, ids))
}

fn raw(json: &str) -> Result<Box<RawValue>> {
    serde_json::from_str(json).map_err(|_| malformed("it is not JSON"))
}

fn malformed(message: &str) -> Error {
    Error::new("malformed", message)
}
