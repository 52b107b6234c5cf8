//! What a keyring keeps of an account's layouts, given to the keys that open its values.
//!
//! Two questions are answered from the keyring: with which layouts values are opened ([`opening_keys`]), and which of
//! them may be handed to a program ([`usable_layouts`]). They differ for layouts without a tag or MAC: such a value may
//! be shown to a person, and goes nowhere else before somebody allowed that (threat model, Z60).

use zkvault_core::key::KeySet;
use zkvault_core::keyring::{Keyring, StoreLayoutError, Stored, StoredLayout};
use zkvault_core::vendor::Layout;

use super::KeyHit;
/// The keys of a keyring, to open values with: those of the vendor in the layouts that are kept for the account.
#[must_use]
pub fn opening_keys(keyring: &Keyring) -> KeySet {
    let mut keys = keyring.keys().key_set();
    let kept = keyring.vendor_layouts().of(keyring.account().as_ref());
    keys.set_vendor_layouts(kept.iter().map(|stored| stored.layout().clone()).collect());
    keys
}

/// The layouts of the account whose texts may be handed on: those with a tag or MAC, and those that a person allowed.
pub(crate) fn usable_layouts(keyring: &Keyring) -> Vec<Layout> {
    let kept = keyring.vendor_layouts().of(keyring.account().as_ref()).iter();
    let usable = kept.filter(|stored| stored.is_usable());
    usable.map(|stored| stored.layout().clone()).collect()
}

/// Keeps a layout that was found, for the account.
///
/// # Errors
/// [`StoreLayoutError`].
pub fn keep(keyring: &mut Keyring, found: &KeyHit) -> Result<Stored, StoreLayoutError> {
    let account = keyring.account();
    let opened = u32::try_from(found.hit.opened).unwrap_or(u32::MAX);
    let stored = StoredLayout::found(found.hit.layout.clone(), found.source, opened);
    keyring.vendor_layouts_mut().store(account, stored)
}
