//! Files end to end, and who opens them.

mod blocks;
mod prelude;
mod round_trips;
mod uploads;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::*;
use crate::cobblestone;
use crate::error::{DecryptError, SealError};
use crate::identity::{Identity, PublicIdentity};
use crate::key::{KeyMember, KeySet, VaultKey};
use crate::random;

const BLOCK: usize = 32 << 10;

fn vault_key() -> Arc<VaultKey> {
    Arc::new(VaultKey::from_slice(&[5; 32]).unwrap())
}

fn keys() -> KeySet {
    let mut keys = KeySet::new();
    keys.add(vault_key(), None);
    keys
}

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i / 7 + i / 5000) as u8).collect()
}

fn sealer(meta: &FileMeta) -> FileSealer {
    FileSealer::new(
        &[vault_key()],
        &[],
        meta,
        BlockSize::new(BLOCK as u32).unwrap(),
        1_700_000_000,
    )
    .unwrap()
}

/// Number, whether it is the last, and plaintext of every block.
fn blocks(content: &[u8]) -> Vec<(u64, bool, &[u8])> {
    let count = content.len().div_ceil(BLOCK).max(1);
    let block = |index: usize| &content[index * BLOCK..content.len().min((index + 1) * BLOCK)];
    (0..count)
        .map(|index| (index as u64, index + 1 == count, block(index)))
        .collect()
}

fn seal_file(sealer: &FileSealer, content: &[u8]) -> Vec<u8> {
    let mut file = sealer.prelude().to_vec();
    for (index, last, plaintext) in blocks(content) {
        assert_eq!(sealer.layout().block_offset(index), Some(file.len() as u64));
        sealer.seal_block(index, last, plaintext, &mut file).unwrap();
    }
    file
}

fn prelude(file: &[u8]) -> FilePrelude {
    match FilePrelude::parse(file).unwrap() {
        ParsedPrelude::Whole(prelude) => prelude,
        ParsedPrelude::Needs(needed) => panic!("{needed} bytes are needed"),
    }
}

fn opener(file: &[u8]) -> FileOpener {
    prelude(file).unlock(&keys()).unwrap()
}

fn span<'file>(file: &'file [u8], block: &BlockSpan) -> &'file [u8] {
    &file[block.offset as usize..(block.offset + block.sealed_len) as usize]
}

/// Opens a file of known length; `None` when anything is wrong with it.
fn open_file(file: &[u8]) -> Option<Vec<u8>> {
    let opener = opener(file);
    let extent = opener.extent_of_file(file.len() as u64).ok()?;
    let mut content = Vec::new();
    for index in 0..extent.block_count() {
        let block = extent.block(index)?;
        opener
            .open_block(index, block.last, span(file, &block), &mut content)
            .ok()?;
    }
    Some(content)
}

fn edge_lengths() -> impl Strategy<Value = usize> {
    (
        0usize..4,
        prop_oneof![Just(0), Just(1), Just(16_383), Just(16_384), Just(BLOCK - 1), 0..BLOCK],
    )
        .prop_map(|(blocks, rest)| blocks * BLOCK + rest)
}

#[test]
fn every_key_and_recipient_opens_the_file() {
    let (one, two) = (Identity::generate().unwrap(), Identity::generate().unwrap());
    let other = Arc::new(VaultKey::from_slice(&[6; 32]).unwrap());
    let recipients = [one.public(), two.public()];
    let meta = FileMeta {
        name: Some("a.txt".to_owned()),
        ..FileMeta::default()
    };
    let sealer = FileSealer::new(&[other.clone(), vault_key()], &recipients, &meta, BlockSize::MIN, 7).unwrap();
    let parsed = prelude(sealer.prelude());
    assert_eq!(
        parsed.vault_key_ids().collect::<Vec<_>>(),
        [other.id(), vault_key().id()]
    );
    assert_eq!((parsed.recipient_count(), parsed.created()), (2, 7));
    assert_eq!(parsed.unlock(&keys()).unwrap().meta(), &meta);
    for identity in [one, two] {
        assert_eq!(parsed.unlock_with_identity(&identity).unwrap().meta(), &meta);
    }
}

#[test]
fn nobody_else_does() {
    let parsed = prelude(sealer(&FileMeta::default()).prelude());
    let mut others = KeySet::new();
    others.add(Arc::new(VaultKey::from_slice(&[6; 32]).unwrap()), None);
    assert_eq!(parsed.unlock(&others).unwrap_err(), UnlockFileError::NoKey);
    assert_eq!(parsed.unlock(&KeySet::new()).unwrap_err(), UnlockFileError::NoKey);
    let stranger = Identity::generate().unwrap();
    assert_eq!(
        parsed.unlock_with_identity(&stranger).unwrap_err(),
        UnlockFileError::NoKey
    );
    let for_one = FileSealer::new(
        &[],
        &[Identity::generate().unwrap().public()],
        &FileMeta::default(),
        BlockSize::MIN,
        0,
    );
    let parsed = prelude(for_one.unwrap().prelude());
    assert_eq!(
        parsed.unlock_with_identity(&stranger).unwrap_err(),
        UnlockFileError::NoKey
    );
}

/// Two keys whose identifiers are both 8922ac6a: a wrap that does not open is not the last word.
#[test]
fn every_entry_with_the_identifier_is_tried() {
    let pair = [8957u16, 15187].map(|number| {
        let mut bytes = [0; 32];
        bytes[30..].copy_from_slice(&number.to_be_bytes());
        Arc::new(VaultKey::from_slice(&bytes).unwrap())
    });
    assert_eq!(pair[0].id(), pair[1].id());
    let sealer = FileSealer::new(&pair, &[], &FileMeta::default(), BlockSize::MIN, 0).unwrap();
    for key in pair {
        let mut keys = KeySet::new();
        keys.add(key, None);
        assert!(prelude(sealer.prelude()).unlock(&keys).is_ok());
    }
}

/// Former members keep the retired key: what an active key opens as well is better evidence.
#[test]
fn the_opener_says_which_key_it_was_and_an_active_one_goes_first() {
    let [retired, active] = [6, 7].map(|byte| Arc::new(VaultKey::from_slice(&[byte; 32]).unwrap()));
    let identity = Identity::generate().unwrap();
    let member = |key: &Arc<VaultKey>, is_retired| KeyMember {
        key: Arc::clone(key),
        vendor_id: None,
        is_retired,
        replaces: None,
        is_followed: false,
    };
    let both = [Arc::clone(&retired), Arc::clone(&active)];
    let sealer = FileSealer::new(&both, &[identity.public()], &FileMeta::default(), BlockSize::MIN, 0).unwrap();
    let mut keys = KeySet::new();
    keys.add_member(member(&retired, true));
    let by = |keys: &KeySet| prelude(sealer.prelude()).unlock(keys).unwrap().unlocked_by();
    let opened = by(&keys);
    assert!(
        matches!(opened, UnlockedBy::VaultKey { fingerprint, is_retired: true, .. } if fingerprint == retired.fingerprint())
    );
    assert!(!opened.is_active_key());
    keys.add_member(member(&active, false));
    let opened = by(&keys);
    assert!(matches!(opened, UnlockedBy::VaultKey { id, is_retired: false, .. } if id == active.id()));
    assert!(opened.is_active_key());
    let opener = prelude(sealer.prelude()).unlock_with_identity(&identity).unwrap();
    assert_eq!(opener.unlocked_by(), UnlockedBy::Identity);
    assert!(!UnlockedBy::Identity.is_active_key());
}

#[test]
fn a_file_is_for_1_to_64() {
    let create = |count| {
        let keys: Vec<_> = (0..count).map(|_| vault_key()).collect();
        FileSealer::new(&keys, &[], &FileMeta::default(), BlockSize::MIN, 0)
    };
    for actual in [0, 65] {
        assert_eq!(create(actual).unwrap_err(), CreateFileError::KeyCount { actual });
    }
    assert_eq!(prelude(create(64).unwrap().prelude()).vault_key_ids().count(), 64);
    let longest = FileMeta {
        name: Some("\"".repeat(255)),
        size: Some(u64::MAX),
        modified: Some(i64::MIN),
        content_type: Some("\"".repeat(255)),
    };
    let keys: Vec<_> = (0..64).map(|_| vault_key()).collect();
    let sealer = FileSealer::new(&keys, &[], &longest, BlockSize::MAX, u64::MAX).unwrap();
    assert_eq!(opener(sealer.prelude()).meta(), &longest);
    assert!(
        sealer.prelude().len() < FilePrelude::MAX_LEN / 2,
        "{}",
        sealer.prelude().len()
    );
}

#[test]
fn no_random_bytes_means_no_file_and_no_block() {
    let create = || FileSealer::new(&[vault_key()], &[], &FileMeta::default(), BlockSize::MIN, 0);
    assert!(matches!(random::failing::with(create), Err(CreateFileError::Random(_))));
    let (sealer, mut out) = (create().unwrap(), Vec::new());
    let sealed = random::failing::with(|| sealer.seal_block(0, true, b"x", &mut out));
    assert!(matches!(sealed, Err(SealBlockError::Seal(SealError::Random(_)))));
    assert!(random::failing::with(|| sealer
        .block_sealer(0, true, &mut out)
        .is_err()));
    assert!(out.is_empty());
}

#[test]
fn debug_shows_no_key() {
    let sealer = sealer(&FileMeta::default());
    insta::assert_snapshot!(format!("{sealer:?}"), @"FileSealer { key: FileKey([REDACTED]), layout: FileLayout { prelude_len: 402, block_size: BlockSize(32768) }, .. }");
    insta::assert_snapshot!(format!("{:?}", opener(sealer.prelude())), @"FileOpener { key: FileKey([REDACTED]), layout: FileLayout { prelude_len: 402, block_size: BlockSize(32768) }, meta: FileMeta { name: None, size: None, modified: None, content_type: None }, unlocked_by: VaultKey { fingerprint: KeyFingerprint(5edef55c1c108008afdebd807190ace4), id: KeyId(cec3c084), is_retired: false }, .. }");
}
