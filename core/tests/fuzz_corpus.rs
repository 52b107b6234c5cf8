//! Replays the fuzz corpora on a stable compiler: the properties that the fuzzers look for counterexamples of,
//! on every seed and on every input that once failed.

#[cfg(test)]
#[path = "../../fuzz/properties/activation.rs"]
mod activation;
#[cfg(test)]
#[path = "../../fuzz/properties/cobblestone.rs"]
mod cobblestone;
#[cfg(test)]
#[path = "../../fuzz/properties/file_blocks.rs"]
mod file_blocks;
#[cfg(test)]
#[path = "../../fuzz/properties/file_prelude.rs"]
mod file_prelude;
#[cfg(test)]
#[path = "../../fuzz/properties/heap.rs"]
mod heap;
#[cfg(test)]
#[path = "../../fuzz/properties/identity.rs"]
mod identity;
#[cfg(test)]
#[path = "../../fuzz/properties/keyring.rs"]
mod keyring;
#[cfg(test)]
#[path = "../../fuzz/properties/keyring_contents.rs"]
mod keyring_contents;
#[cfg(test)]
#[path = "../../fuzz/properties/origin.rs"]
mod origin;
#[cfg(test)]
#[path = "../../fuzz/properties/reference.rs"]
mod reference;
#[cfg(test)]
#[path = "../../fuzz/properties/replay.rs"]
mod replay;
#[cfg(test)]
#[path = "../../fuzz/properties/sites_document.rs"]
mod sites_document;
#[cfg(test)]
#[path = "../../fuzz/properties/snapshot.rs"]
mod snapshot;
#[cfg(test)]
#[path = "../../fuzz/properties/value_envelope.rs"]
mod value_envelope;
#[cfg(test)]
#[path = "../../fuzz/properties/vendor_layouts.rs"]
mod vendor_layouts;

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::replay::{self, corpus};
    use crate::{activation, sites_document, snapshot, value_envelope, vendor_layouts};
    use crate::{file_blocks, file_prelude, identity, keyring, keyring_contents, origin, reference};

    /// One test, because memory is measured for the whole program.
    #[test]
    fn every_seed_keeps_its_property() {
        corpus("activation", activation::check);
        corpus("file_blocks", file_blocks::check);
        corpus("file_prelude", file_prelude::check);
        corpus("identity", identity::check);
        corpus("keyring", keyring::check);
        corpus("keyring_contents", keyring_contents::check);
        corpus("origin", origin::check);
        corpus("reference", reference::check);
        corpus("sites_document", sites_document::check);
        corpus("snapshot", snapshot::check);
        corpus("value_envelope", value_envelope::check);
        corpus("vendor_layouts", vendor_layouts::check);
        value_vectors();
    }

    /// The values of the vectors, whatever they are meant to do, keep to the property as well.
    fn value_vectors() {
        for entry in fs::read_dir(replay::root().join("tests/vectors/value")).unwrap() {
            let content = fs::read_to_string(entry.unwrap().path()).unwrap();
            if let Some(value) = content.lines().find_map(|line| line.strip_prefix("value: ")) {
                let value: String = serde_json::from_str(value).unwrap();
                value_envelope::check(value.as_bytes());
            }
        }
    }
}
