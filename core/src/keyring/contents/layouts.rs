//! The member `layouts` of a keyring's contents. Nothing in it is secret.
//!
//! What a layout is trusted for follows from its description, so trust and digest are written only to be compared: a
//! file whose words do not fit its layout was changed by hand or by a faulty program, and is refused.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::super::layouts::{AccountLayouts, StoredLayout, VendorLayouts};
use super::present;
use crate::account::AccountName;
use crate::json::Object;
use crate::vendor::{Description, Layout, Trust};

/// The layouts of one account.
///
/// `account` is absent for the layouts of documents of no known account, and never `null`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    layouts: Vec<Object<Entry>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    layout: Object<Description>,
    digest: String,
    kdf: String,
    trust: Trust,
    opened: u32,
    confirmed: bool,
    allowed: bool,
}

pub(super) fn read(accounts: Option<Vec<Object<Account>>>) -> Result<VendorLayouts, &'static str> {
    if accounts.as_ref().is_some_and(Vec::is_empty) {
        return Err("the layouts are there, and of no account");
    }
    let mut layouts = VendorLayouts::default();
    for Object(Account {
        account,
        layouts: entries,
    }) in accounts.unwrap_or_default()
    {
        let account = account.map(|name| read_account(&name)).transpose()?;
        let entries = entries.into_iter().map(|Object(entry)| entry.read());
        if !layouts.put(account, entries.collect::<Result<_, _>>()?) {
            return Err("the layouts of an account are too many, there twice, or out of order");
        }
    }
    Ok(layouts)
}

fn read_account(name: &str) -> Result<AccountName, &'static str> {
    let account = AccountName::parse(name).ok();
    let account = account.filter(|account| account.as_str() == name);
    account.ok_or("an account with layouts has no name in its one form")
}

pub(super) fn write(layouts: &VendorLayouts) -> Option<Vec<Object<Account>>> {
    let account = |of: &AccountLayouts| Account {
        account: of.account().map(ToString::to_string),
        layouts: of.layouts().iter().map(Entry::write).map(Object).collect(),
    };
    let accounts: Vec<_> = layouts.iter().map(account).map(Object).collect();
    (!accounts.is_empty()).then_some(accounts)
}

impl Entry {
    fn write(stored: &StoredLayout) -> Self {
        Self {
            layout: Object(stored.layout().description().clone()),
            digest: STANDARD.encode(stored.digest().to_bytes()),
            kdf: stored.source().to_string(),
            trust: stored.layout().trust(),
            opened: stored.opened(),
            confirmed: stored.is_confirmed(),
            allowed: stored.is_allowed(),
        }
    }

    /// `StoredLayout` checks that nothing is said that the layout does not allow, such as a confirmed one without a
    /// tag.
    fn read(self) -> Result<StoredLayout, &'static str> {
        let Object(description) = self.layout;
        let layout = Layout::new(description).map_err(|_| "a layout makes no sense")?;
        if STANDARD.encode(layout.digest().to_bytes()) != self.digest || layout.trust() != self.trust {
            return Err("a layout has another digest or trust than it says");
        }
        let source = self.kdf.parse().map_err(|_| "a layout's KDF is unknown")?;
        let stored = match self.opened {
            0 => StoredLayout::imported(layout),
            opened => StoredLayout::found(layout, source, opened),
        };
        let stored = stored.with_words(self.confirmed, self.allowed);
        let stored = stored.filter(|stored| stored.source() == source);
        stored.ok_or("what is said of a layout does not fit it")
    }
}
