//! The keys of groups, under which the keys of their sites may be sealed.

use zkvault_core::key::KeySet;
use zkvault_core::model::Group;
use zkvault_core::store::RecordKind;

use crate::store::Store;

/// The groups of a store as JSON; nothing where it has none. A list that is damaged keeps no site from being read: what
/// verifies the store finds it.
pub(crate) fn stored(store: &Store) -> Vec<u8> {
    let groups = store.list(RecordKind::Groups).ok().flatten();
    groups.map_or_else(Vec::new, |json| json.expose_secret().to_vec())
}

/// The groups of a list that can be read.
pub(crate) fn read(json: &[u8]) -> Vec<Group> {
    let groups: Vec<Box<serde_json::value::RawValue>> = serde_json::from_slice(json).unwrap_or_default();
    let group = |raw: &serde_json::value::RawValue| serde_json::from_str(raw.get()).ok();
    groups.iter().filter_map(|raw| group(raw)).collect()
}

/// Opens the keys of groups with `keys`, which take them. A list that is none, and a group that is none, have no key.
pub(crate) fn open(keys: &mut KeySet, json: &[u8]) {
    // Most accounts have none: then nothing is read.
    let has_keys = json.windows(5).any(|bytes| bytes == b"\"key\"");
    keys.open_groups(&if has_keys { read(json) } else { Vec::new() });
}
