//! The list of groups in a store: under their keys the keys of their sites may be sealed.

use zkvault_core::store::RecordKind;

use crate::store::Store;

/// The groups of a store as JSON; nothing where it has none. A list that is damaged keeps no site from being read: what
/// verifies the store finds it.
pub(crate) fn stored(store: &Store) -> Vec<u8> {
    let groups = store.list(RecordKind::Groups).ok().flatten();
    groups.map_or_else(Vec::new, |json| json.expose_secret().to_vec())
}
