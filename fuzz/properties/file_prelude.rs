//! Whatever is given as the start of a file: it is read only in the one form that its content has, it asks for
//! no more bytes than it needs, and what is made from anything can be opened again, and only as it was made.

use std::sync::Arc;

use serde_json::Value;
use zkvault_core::file::{BlockSize, FileMeta, FilePrelude, FileSealer, ParsedPrelude, PreludeError};
use zkvault_core::identity::Identity;
use zkvault_core::key::{KeySet, VaultKey};

use crate::heap;

/// Bytes in front of the header.
const FIXED_LEN: usize = 12;

pub(crate) fn check(data: &[u8]) {
    // The header, its parts decoded, and the header written again; an entry may be more than its shortest JSON.
    let limit = 16 * data.len().min(FilePrelude::MAX_LEN) + 4096;
    let parsed = heap::within(limit, || FilePrelude::parse(data));
    prefixes_agree(data, &parsed);
    match parsed {
        Ok(ParsedPrelude::Whole(prelude)) => whole(data, &prelude),
        Ok(ParsedPrelude::Needs(length)) => {
            assert!(length > data.len(), "it has all that it needs");
            assert!(length <= FilePrelude::MAX_LEN);
        }
        Err(_) => {}
    }
    as_header(data);
    round_trip(data);
}

/// A file is refused as early as can be, and for the same reason however much of it is available.
fn prefixes_agree(data: &[u8], whole: &Result<ParsedPrelude, PreludeError>) {
    for length in [0, 1, 7, 8, 11, 12, data.len() / 2, data.len().saturating_sub(1)] {
        match (FilePrelude::parse(&data[..length.min(data.len())]), whole) {
            (Err(early), late) => assert_eq!(Err(early), *late),
            (Ok(ParsedPrelude::Whole(prelude)), late) => assert_eq!(Ok(ParsedPrelude::Whole(prelude)), *late),
            (Ok(ParsedPrelude::Needs(early)), Ok(ParsedPrelude::Needs(late))) => assert!(early <= *late),
            (Ok(ParsedPrelude::Needs(_)), _) => {}
        }
    }
}

fn whole(data: &[u8], prelude: &FilePrelude) {
    let length = usize::try_from(prelude.layout().prelude_len()).unwrap();
    assert!(length <= data.len().min(FilePrelude::MAX_LEN));
    // Canonical: the header is what its own content is written as.
    let header = &data[FIXED_LEN..length];
    let content: Value = serde_json::from_slice(header).unwrap();
    assert_eq!(serde_json::to_vec(&content).unwrap(), header);
    assert!(prelude.recipient_count() + prelude.vault_key_ids().count() > 0);

    // Nobody can make one that opens under a key drawn just now.
    let mut keys = KeySet::new();
    keys.add(Arc::new(VaultKey::generate().unwrap()), None);
    assert!(prelude.unlock(&keys).is_err());
    assert!(prelude.unlock_with_identity(&Identity::generate().unwrap()).is_err());

    if let Some(extent) = prelude.layout().extent_of_file(data.len() as u64) {
        assert_eq!(extent.file_len(), data.len() as u64);
        let last = extent.block(extent.block_count() - 1).unwrap();
        assert!(last.last);
        assert_eq!(last.offset + last.sealed_len, data.len() as u64);
    }
}

/// The bytes as a header, whatever its length: most inputs get to the JSON this way.
fn as_header(data: &[u8]) {
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    let framed = [b"ZKVAULT\x01", &length[..], data].concat();
    if let Ok(ParsedPrelude::Whole(prelude)) = FilePrelude::parse(&framed) {
        assert_eq!(prelude.layout().prelude_len(), framed.len() as u64);
        whole(&framed, &prelude);
    }
}

/// The bytes as the content of a file, and their text, where it is one, as its name.
fn round_trip(data: &[u8]) {
    let key = Arc::new(VaultKey::from_slice(&[7; 32]).unwrap());
    let mut keys = KeySet::new();
    keys.add(Arc::clone(&key), None);
    let meta = FileMeta {
        name: std::str::from_utf8(data).ok().map(str::to_owned),
        size: Some(data.len() as u64),
        ..FileMeta::default()
    };
    let Ok(sealer) = FileSealer::new(&[key], &[], &meta, BlockSize::MIN, data.len() as u64) else {
        assert!(meta.name.is_some(), "only a name can be unacceptable");
        return;
    };
    let mut file = sealer.prelude().to_vec();
    let extent = sealer.layout().extent(data.len() as u64).unwrap();
    let blocks: Vec<_> = (0..extent.block_count())
        .map(|index| extent.block(index).unwrap())
        .collect();
    let mut rest = data;
    for block in &blocks {
        let (plaintext, after) = rest.split_at(usize::try_from(block.plaintext_len).unwrap());
        sealer
            .seal_block(block.index, block.last, plaintext, &mut file)
            .unwrap();
        rest = after;
    }
    assert_eq!(file.len() as u64, extent.file_len());

    let Ok(ParsedPrelude::Whole(prelude)) = FilePrelude::parse(&file) else {
        panic!("what was written cannot be read");
    };
    whole(&file, &prelude);
    let opener = prelude.unlock(&keys).unwrap();
    assert_eq!(*opener.meta(), meta);
    let mut opened = Vec::new();
    for block in &blocks {
        let start = usize::try_from(block.offset).unwrap();
        let sealed = &file[start..start + usize::try_from(block.sealed_len).unwrap()];
        assert!(
            opener
                .open_block(block.index, !block.last, sealed, &mut Vec::new())
                .is_err()
        );
        opener.open_block(block.index, block.last, sealed, &mut opened).unwrap();
    }
    assert_eq!(opened, data);
}
