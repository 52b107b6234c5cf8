//! Files end to end, and each fault by its name.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::*;
use crate::cobblestone;
use crate::error::{DecryptError, SealError};
use crate::identity::{Identity, PublicIdentity};
use crate::key::{KeySet, VaultKey};
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_was_sealed_opens(length in edge_lengths(), stated in any::<bool>()) {
        let meta = FileMeta { size: stated.then_some(length as u64), ..FileMeta::default() };
        let file = seal_file(&sealer(&meta), &content(length));
        prop_assert_eq!(open_file(&file), Some(content(length)));
        let extent = opener(&file).layout().extent(length as u64).unwrap();
        prop_assert_eq!(extent.file_len(), file.len() as u64);
    }

    #[test]
    fn pieces_make_the_same_file(length in edge_lengths(), piece in 1usize..40_000) {
        let (sealer, content) = (sealer(&FileMeta::default()), content(length));
        let mut file = sealer.prelude().to_vec();
        for (index, last, plaintext) in blocks(&content) {
            let mut block = sealer.block_sealer(index, last, &mut file).unwrap();
            for piece in plaintext.chunks(piece) {
                block.update(piece, &mut file).unwrap();
            }
            block.finish(&mut file).unwrap();
        }
        prop_assert_eq!(open_file(&file), Some(content.clone()));

        let opener = opener(&file);
        let extent = opener.extent_of_file(file.len() as u64).unwrap();
        let mut opened = Vec::new();
        for block in (0..extent.block_count()).filter_map(|index| extent.block(index)) {
            let mut stream = opener.block_opener(block.index, block.last);
            for piece in span(&file, &block).chunks(piece) {
                stream.update(piece, &mut opened).unwrap();
            }
            stream.finish(&mut opened).unwrap();
        }
        prop_assert_eq!(opened, content);
    }

    #[test]
    fn any_range_is_read_alone(length in 1usize..150_000, start in 0usize..150_000, count in 1usize..40_000) {
        let content = content(length);
        let (start, end) = (start % length, length.min(start % length + count));
        let file = seal_file(&sealer(&FileMeta::default()), &content);
        prop_assert_eq!(read_range(&file, start as u64, end as u64), &content[start..end]);
    }

    #[test]
    fn any_bytes_are_an_answer_and_not_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        let _ = FilePrelude::parse(&bytes);
        let _ = FilePrelude::parse(&[b"ZKVAULT\x01\0\0\0\x20", &bytes[..]].concat());
    }
}

/// As a downloader seeks: only the headers of the blocks and the chunks that the range touches are read.
fn read_range(file: &[u8], start: u64, end: u64) -> Vec<u8> {
    let opener = opener(file);
    let extent = opener.extent_of_file(file.len() as u64).unwrap();
    let (mut content, mut at) = (Vec::new(), start);
    while at < end {
        let position = extent.locate(at).unwrap();
        let block = extent.block(position.block).unwrap();
        let header = span(file, &block).first_chunk().unwrap();
        let chunk = block.chunk(position.chunk).unwrap();
        let sealed = &file[chunk.offset as usize..(chunk.offset + chunk.sealed_len) as usize];
        let mut opened = Vec::new();
        let reader = opener.block_reader(&block, header).unwrap();
        reader.open_chunks(position.chunk, sealed, &mut opened).unwrap();
        content.extend_from_slice(&opened[position.within..]);
        at += (opened.len() - position.within) as u64;
    }
    content.truncate((end - start) as usize);
    content
}

#[test]
fn several_chunks_are_opened_at_once() {
    let content = content(BLOCK);
    let file = seal_file(&sealer(&FileMeta::default()), &content);
    let opener = opener(&file);
    let block = opener.extent_of_file(file.len() as u64).unwrap().block(0).unwrap();
    let reader = opener
        .block_reader(&block, span(&file, &block).first_chunk().unwrap())
        .unwrap();
    let mut opened = Vec::new();
    reader
        .open_chunks(0, &span(&file, &block)[BLOCK_HEADER_LEN..], &mut opened)
        .unwrap();
    assert_eq!(opened, content);
    assert_eq!(reader.open_chunks(0, &[], &mut opened), Err(DecryptError));
    for first in [3, u64::MAX - 1, u64::MAX] {
        let sealed = &span(&file, &block)[BLOCK_HEADER_LEN..];
        assert_eq!(reader.open_chunks(first, sealed, &mut opened), Err(DecryptError));
    }
    assert_eq!(opened, content);
}

#[test]
fn threads_share_a_sealer_and_an_opener() {
    let content = content(6 * BLOCK + 5);
    let sealer = sealer(&FileMeta::default());
    let sealed = std::thread::scope(|scope| {
        let seal = |(index, last, plaintext)| {
            let mut sealed = Vec::new();
            sealer.seal_block(index, last, plaintext, &mut sealed).map(|()| sealed)
        };
        let threads: Vec<_> = blocks(&content)
            .into_iter()
            .map(|block| scope.spawn(move || seal(block)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap().unwrap())
            .collect::<Vec<_>>()
    });
    let file = [sealer.prelude(), &sealed.concat()].concat();
    assert_eq!(open_file(&file), Some(content));
}

#[test]
fn a_block_is_sealed_without_spare_room_and_opened_so() {
    let sealer = sealer(&FileMeta::default());
    let (mut sealed, mut opened) = (Vec::new(), Vec::new());
    sealer.seal_block(0, true, &content(BLOCK), &mut sealed).unwrap();
    opener(sealer.prelude())
        .open_block(0, true, &sealed, &mut opened)
        .unwrap();
    assert_eq!((sealed.capacity(), opened.capacity()), (sealed.len(), BLOCK));
}

// Who opens a file

#[test]
fn a_file_is_gone_on_with_from_its_prelude() {
    let content = content(150_000);
    let first = sealer(&FileMeta::default());
    let begun = first.prelude().to_vec();
    let resumed = FileSealer::resume(&begun, &keys()).unwrap();
    assert_eq!(
        (resumed.prelude(), resumed.prelude_digest()),
        (first.prelude(), first.prelude_digest())
    );
    assert_eq!(prelude(&begun).digest(), first.prelude_digest());
    let mut file = begun.clone();
    for (index, last, block) in blocks(&content) {
        let sealer = if index == 0 { &first } else { &resumed };
        sealer.seal_block(index, last, block, &mut file).unwrap();
    }
    assert_eq!(open_file(&file), Some(content));
    // The same block twice is two messages.
    let seal = |sealer: &FileSealer| {
        let mut out = Vec::new();
        sealer.seal_block(0, true, b"same", &mut out).unwrap();
        out
    };
    assert_ne!(seal(&resumed)[..24], seal(&resumed)[..24]);

    let error = |bytes: &[u8], keys: &KeySet| FileSealer::resume(bytes, keys).unwrap_err();
    assert_eq!(error(&begun, &KeySet::new()), UnlockFileError::NoKey.into());
    assert_eq!(error(&begun[..20], &keys()), PreludeError::NotAFile.into());
    assert_eq!(error(&file, &keys()), PreludeError::NotCanonical.into());
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
    insta::assert_snapshot!(format!("{:?}", opener(sealer.prelude())), @"FileOpener { key: FileKey([REDACTED]), layout: FileLayout { prelude_len: 402, block_size: BlockSize(32768) }, meta: FileMeta { name: None, size: None, modified: None, content_type: None }, .. }");
}

// Blocks in the wrong place

/// A file of three blocks, its blocks apart.
fn three() -> (Vec<u8>, Vec<Vec<u8>>) {
    let sealer = sealer(&FileMeta::default());
    let seal = |(index, last, plaintext)| {
        let mut sealed = Vec::new();
        sealer.seal_block(index, last, plaintext, &mut sealed).unwrap();
        sealed
    };
    let content = content(2 * BLOCK + BLOCK);
    (
        sealer.prelude().to_vec(),
        blocks(&content).into_iter().map(seal).collect(),
    )
}

fn join(prelude: &[u8], blocks: &[&Vec<u8>]) -> Vec<u8> {
    blocks
        .iter()
        .fold(prelude.to_vec(), |file, block| [file, block.to_vec()].concat())
}

#[test]
fn blocks_reordered_removed_repeated_or_spliced() {
    let ((prelude, blocks), (_, others)) = (three(), three());
    let [a, b, c] = &blocks[..] else { panic!("three blocks") };
    assert!(open_file(&join(&prelude, &[a, b, c])).is_some());
    let wrong: [&[&Vec<u8>]; 8] = [
        &[b, a, c],
        &[a, c, b],
        &[a, b],
        &[a, c],
        &[b, c],
        &[a, b, b, c],
        &[a, b, c, c],
        &[a, &others[1], c],
    ];
    for (case, blocks) in wrong.into_iter().enumerate() {
        assert_eq!(open_file(&join(&prelude, blocks)), None, "case {case}");
    }
    assert_eq!(open_file(&prelude), None);
}

#[test]
fn a_block_of_another_file() {
    let (one, two) = (sealer(&FileMeta::default()), sealer(&FileMeta::default()));
    let (mut sealed, mut opened) = (Vec::new(), Vec::new());
    one.seal_block(0, true, b"x", &mut sealed).unwrap();
    let result = opener(two.prelude()).open_block(0, true, &sealed, &mut opened);
    assert_eq!(result, Err(OpenBlockError::Decrypt(DecryptError)));
    assert!(opener(one.prelude()).open_block(0, true, &sealed, &mut opened).is_ok());
}

#[test]
fn a_last_block_is_no_other_and_no_other_is_last() {
    let sealer = sealer(&FileMeta::default());
    let opener = opener(sealer.prelude());
    for last in [true, false] {
        let (mut sealed, mut opened) = (Vec::new(), Vec::new());
        sealer.seal_block(3, last, &content(BLOCK), &mut sealed).unwrap();
        let result = opener.open_block(3, !last, &sealed, &mut opened);
        assert_eq!(result, Err(OpenBlockError::Decrypt(DecryptError)));
        assert!(opener.open_block(3, last, &sealed, &mut opened).is_ok());
    }
}

#[test]
fn a_file_cut_or_extended_anywhere() {
    let file = seal_file(&sealer(&FileMeta::default()), &content(BLOCK + 100));
    let prelude_len = prelude(&file).layout().prelude_len() as usize;
    for length in (prelude_len..prelude_len + 200).chain(file.len() - 300..file.len()) {
        assert_eq!(open_file(&file[..length]), None, "{length}");
    }
    for more in [1, 15, 16, 72, 73] {
        assert_eq!(open_file(&[&file[..], &vec![0; more]].concat()), None, "{more}");
    }
}

#[test]
fn a_failed_block_leaves_nothing() {
    let sealer = sealer(&FileMeta::default());
    let mut sealed = Vec::new();
    sealer.seal_block(0, true, &content(BLOCK), &mut sealed).unwrap();
    *sealed.last_mut().unwrap() ^= 1;
    let mut opened = b"before".to_vec();
    let result = opener(sealer.prelude()).open_block(0, true, &sealed, &mut opened);
    assert_eq!(result, Err(OpenBlockError::Decrypt(DecryptError)));
    assert_eq!(opened, b"before");
}

#[test]
fn a_cut_stream_is_no_block() {
    let sealer = sealer(&FileMeta::default());
    let opener = opener(sealer.prelude());
    let mut sealed = Vec::new();
    sealer.seal_block(0, true, &content(BLOCK), &mut sealed).unwrap();
    for length in [0, 1, 55, 56, 57, 56 + 16_400, 56 + 2 * 16_400, sealed.len() - 1] {
        let (mut stream, mut opened) = (opener.block_opener(0, true), Vec::new());
        let updated = stream.update(&sealed[..length], &mut opened);
        let result = updated.and_then(|()| stream.finish(&mut opened));
        assert_eq!(result, Err(OpenBlockError::Decrypt(DecryptError)), "{length}");
    }
}

/// In the specified order, each with its length.
#[test]
fn the_contexts_are_the_specified_ones() {
    let of_file = |label: &str| [label.as_bytes(), b"\0\0\0\0\x10", &[3; 16]].concat();
    let [for_key, for_recipient] = key::contexts(&[3; 16]);
    assert_eq!(for_key.as_bytes(), of_file("zkvault.file.key.v1"));
    assert_eq!(for_recipient.as_bytes(), of_file("zkvault.file.recipient.v1"));
    assert_eq!(
        sealer::meta_context(&[3; 16]).as_bytes(),
        of_file("zkvault.file.meta.v1")
    );
    let rules = block::BlockRules {
        digest: [4; 32],
        layout: FileLayout::new(12, BlockSize::MIN),
        size: None,
    };
    for (last, flag) in [(true, 1), (false, 0)] {
        let expected = [
            b"zkvault.file.block.v1\0\0\0\0\x20".as_slice(),
            &[4; 32],
            b"\0\0\0\x08\0\0\0\0\0\0\x01\x02",
            &[0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, flag],
        ];
        assert_eq!(rules.context(0x102, last).as_bytes(), expected.concat());
    }
}

// Lengths

#[test]
fn lengths_that_a_block_cannot_have() {
    let sealer = sealer(&FileMeta::default());
    let cases = [
        (0, false, BLOCK - 1),
        (0, false, 0),
        (1, true, 0),
        (0, true, BLOCK + 1),
        (u64::MAX, true, 1),
    ];
    for (index, last, length) in cases {
        let expected = Err(SealBlockError::Length(BlockLengthError::Block {
            index,
            actual: length as u64,
        }));
        let mut out = Vec::new();
        assert_eq!(sealer.seal_block(index, last, &content(length), &mut out), expected);
        assert!(out.is_empty());
        let mut block = sealer.block_sealer(index, last, &mut out).unwrap();
        let updated = block.update(&content(length), &mut out);
        assert_eq!(updated.is_err(), length > BLOCK, "what is too long is noticed at once");
        assert_eq!(updated.and_then(|()| block.finish(&mut out)), expected);
    }
}

/// A hostile sealer has no rules: what it seals must not open either.
#[test]
fn lengths_that_an_opener_refuses() {
    let sealer = sealer(&FileMeta::default());
    let opener = opener(sealer.prelude());
    for (index, last, length) in [(0, false, BLOCK - 1), (1, true, 0), (0, true, BLOCK + 1)] {
        let sealed = sealer.seal_unchecked(index, last, &content(length));
        let expected = OpenBlockError::Length(BlockLengthError::Block {
            index,
            actual: length as u64,
        });
        assert_eq!(opener.open_block(index, last, &sealed, &mut Vec::new()), Err(expected));
        let (mut stream, mut out) = (opener.block_opener(index, last), Vec::new());
        let result = stream.update(&sealed, &mut out).and_then(|()| stream.finish(&mut out));
        // A stream stops at the longest sealed block, before it knows the length of the content.
        let expected = if length > BLOCK { DecryptError.into() } else { expected };
        assert_eq!(result, Err(expected));
    }
}

#[test]
fn content_of_another_size_than_stated() {
    let stated = BLOCK as u64 + 10;
    let meta = FileMeta {
        size: Some(stated),
        ..FileMeta::default()
    };
    let sealer = sealer(&meta);
    let opener = opener(sealer.prelude());
    for (index, last, length, actual) in [
        (1, true, 9, stated - 1),
        (1, true, 11, stated + 1),
        (0, true, BLOCK, BLOCK as u64),
        (1, false, BLOCK, 2 * BLOCK as u64),
    ] {
        let error = BlockLengthError::Size { stated, actual };
        let result = sealer.seal_block(index, last, &content(length), &mut Vec::new());
        assert_eq!(result, Err(SealBlockError::Length(error)));
        let sealed = sealer.seal_unchecked(index, last, &content(length));
        let result = opener.open_block(index, last, &sealed, &mut Vec::new());
        assert_eq!(result, Err(OpenBlockError::Length(error)));
        let (mut stream, mut out) = (opener.block_opener(index, last), Vec::new());
        let result = stream.update(&sealed, &mut out).and_then(|()| stream.finish(&mut out));
        assert_eq!(result, Err(OpenBlockError::Length(error)));
    }
    let good = opener.layout().extent(stated).unwrap();
    assert_eq!(opener.extent_of_file(good.file_len()), Ok(good));
    let actual = opener.layout().extent(stated + 1).unwrap().file_len();
    assert_eq!(opener.extent_of_file(actual), Err(FileLengthError { actual }));
}

// The prelude

#[test]
fn a_prelude_says_what_it_needs() {
    let file = seal_file(&sealer(&FileMeta::default()), b"x");
    let whole = prelude(&file).layout().prelude_len() as usize;
    for length in 0..whole {
        let needed = if length < 12 { 12 } else { whole };
        assert_eq!(
            FilePrelude::parse(&file[..length]),
            Ok(ParsedPrelude::Needs(needed)),
            "{length}"
        );
    }
    assert_eq!(prelude(&file[..whole]), prelude(&file));
}

fn frame(json: &str) -> Vec<u8> {
    let length = (json.len() as u32).to_be_bytes();
    [b"ZKVAULT\x01", &length[..], json.as_bytes()].concat()
}

fn json(file: &[u8]) -> String {
    String::from_utf8(file[12..].to_vec()).unwrap()
}

/// The error after `change` was made to a good header.
fn fault(change: impl FnOnce(String) -> String) -> PreludeError {
    let recipient = PublicIdentity::from_bytes([9; 32]).unwrap();
    let meta = FileMeta::default();
    let good = FileSealer::new(&[vault_key()], &[recipient], &meta, BlockSize::MIN, 7).unwrap();
    let changed = change(json(good.prelude()));
    assert_ne!(changed, json(good.prelude()));
    FilePrelude::parse(&frame(&changed)).unwrap_err()
}

/// `text` with the base64 of `member`, which is there once or more, replaced in its first place.
fn with_member(text: &str, member: &str, value: &str) -> String {
    let start = text.find(&format!("\"{member}\":\"")).unwrap() + member.len() + 4;
    let end = start + text[start..].find('"').unwrap();
    [&text[..start], value, &text[end..]].concat()
}

#[test]
fn the_header_has_the_specified_form() {
    let text = json(sealer(&FileMeta::default()).prelude());
    let text = with_member(
        &with_member(&with_member(&text, "sealed", "S"), "file_id", "I"),
        "meta",
        "M",
    );
    insta::assert_snapshot!(text, @r#"{"file_id":"I","block_size":32768,"created":1700000000,"keys":[{"type":"vault-key","key_id":"cec3c084","sealed":"S"}],"meta":"M"}"#);
}

#[test]
fn another_magic() {
    for wrong in [&b"ZKVAULU\x01\0\0\0\0"[..], b"age-encryption.org", b"\0", b"zkvault"] {
        assert_eq!(FilePrelude::parse(wrong), Err(PreludeError::NotAFile));
    }
}

#[test]
fn unknown_version() {
    for wrong in [&b"ZKVAULT\x02"[..], b"ZKVAULT\x02\0\0\0\0", b"ZKVAULT\x00\0\0\0\0{}"] {
        assert_eq!(FilePrelude::parse(wrong), Err(PreludeError::Version(wrong[7])));
    }
}

#[test]
fn a_header_that_is_too_long() {
    let at = |length: u32| FilePrelude::parse(&[b"ZKVAULT\x01", &length.to_be_bytes()[..]].concat());
    assert_eq!(at(65_536), Ok(ParsedPrelude::Needs(12 + 65_536)));
    assert_eq!(at(65_537), Err(PreludeError::HeaderLength { actual: 65_537 }));
    assert_eq!(
        at(u32::MAX),
        Err(PreludeError::HeaderLength {
            actual: u32::MAX as usize
        })
    );
}

#[test]
fn not_json_or_not_a_header() {
    for wrong in ["", "{}", "[]", "null", "{\"file_id\":\"\"", &"[".repeat(60_000)] {
        assert_eq!(
            FilePrelude::parse(&frame(wrong)),
            Err(PreludeError::Json),
            "{wrong:.20}"
        );
    }
}

#[test]
fn json_faults() {
    let faults: [fn(String) -> String; 9] = [
        |text| text.replace("\"created\"", "\"made\""),
        |text| text.replacen('{', "{\"more\":1,", 1),
        |text| text.replace("\"created\":7", "\"created\":7,\"created\":7"),
        |text| text.replace("\"created\":7", "\"created\":7.5"),
        |text| text.replace("\"created\":7", "\"created\":-7"),
        |text| text.replace("vault-key", "vault_key"),
        |text| text.replace("\"key_id\"", "\"more\":1,\"key_id\""),
        |text| text + "{}",
        |text| {
            text.replace(
                "\"type\":\"recipient\"",
                "\"type\":\"recipient\",\"type\":\"recipient\"",
            )
        },
    ];
    for (case, change) in faults.into_iter().enumerate() {
        assert_eq!(fault(change), PreludeError::Json, "case {case}");
    }
}

#[test]
fn json_in_another_form() {
    let faults: [fn(String) -> String; 6] = [
        |text| text.replace("\"created\":7", "\"created\": 7"),
        |text| text + " ",
        |text| text.replace("recipient", "reci\\u0070ient"),
        |text| {
            text.replace(
                "\"block_size\":16384,\"created\":7",
                "\"created\":7,\"block_size\":16384",
            )
        },
        |text| with_member(&text, "key_id", &vault_key().id().to_string().to_uppercase()),
        |text| {
            let id = text[text.find("key_id").unwrap() + 9..][..8].to_owned();
            let (member, sealed) = (format!("\"key_id\":\"{id}\","), text.find("\"sealed\"").unwrap());
            let end = sealed + text[sealed..].find('}').unwrap();
            let moved = format!("{},{}", &text[sealed..end], member.trim_end_matches(','));
            text.replace(&format!("{member}{}", &text[sealed..end]), &moved)
        },
    ];
    for (case, change) in faults.into_iter().enumerate() {
        assert_eq!(fault(change), PreludeError::NotCanonical, "case {case}");
    }
}

#[test]
fn members_that_are_malformed() {
    let of = |length: usize| STANDARD.encode(vec![9; length]);
    for (member, value) in [
        ("file_id", of(15)),
        ("file_id", of(17)),
        ("file_id", of(16).replace('=', "")),
        ("file_id", "CQkJCQkJCQkJCQkJCQkJCR==".to_owned()),
        ("key_id", "123".to_owned()),
        ("sealed", of(103)),
        ("sealed", of(105)),
        ("encapped", of(31)),
        ("encapped", STANDARD.encode([0; 32])),
        ("encapped", STANDARD.encode([0xff; 32])),
        ("meta", of(71)),
        ("meta", of(72 + 3317)),
        ("meta", String::new()),
    ] {
        assert_eq!(
            fault(|text| with_member(&text, member, &value)),
            PreludeError::Field(member),
            "{member} {value}"
        );
    }
}

#[test]
fn a_recipients_wrap_of_another_length() {
    for length in [47, 49] {
        let error = fault(|text| {
            let (keys, recipient) = text.split_at(text.find("\"recipient\"").unwrap());
            format!(
                "{keys}{}",
                with_member(recipient, "sealed", &STANDARD.encode(vec![9; length]))
            )
        });
        assert_eq!(error, PreludeError::Field("sealed"), "{length}");
    }
}

#[test]
fn no_entries_or_too_many() {
    let entries = |count: usize| {
        let entry = format!(
            "{{\"type\":\"vault-key\",\"key_id\":\"00000000\",\"sealed\":\"{}\"}}",
            STANDARD.encode([1; 104])
        );
        move |text: String| {
            let (start, end) = (text.find('[').unwrap(), text.rfind(']').unwrap());
            [&text[..=start], &vec![entry; count].join(","), &text[end..]].concat()
        }
    };
    assert_eq!(fault(entries(0)), PreludeError::Field("keys"));
    assert_eq!(fault(entries(65)), PreludeError::Field("keys"));
}

#[test]
fn block_sizes_outside_the_limits() {
    for actual in [0, 16_383, 24 << 10, (128 << 20) + (16 << 10)] {
        let error = fault(|text| text.replace("16384", &actual.to_string()));
        assert_eq!(error, PreludeError::BlockSize(BlockSizeError { actual }));
    }
}

/// What no check of its own protects, the digest of the prelude does: time, block size, another's entry.
#[test]
fn a_changed_prelude_opens_no_block() {
    let sealer = sealer(&FileMeta::default());
    let mut sealed = Vec::new();
    sealer.seal_block(0, true, b"x", &mut sealed).unwrap();
    let good = json(sealer.prelude());
    for changed in [good.replace("1700000000", "1700000001"), good.replace("32768", "16384")] {
        assert_ne!(changed, good);
        let opener = opener(&frame(&changed));
        let result = opener.open_block(0, true, &sealed, &mut Vec::new());
        assert_eq!(result, Err(OpenBlockError::Decrypt(DecryptError)));
    }
}

#[test]
fn changed_wraps_and_descriptions() {
    let good = json(sealer(&FileMeta::default()).prelude());
    let other = json(sealer(&FileMeta::default()).prelude());
    let member = |text: &str, name: &str| {
        let start = text.find(&format!("\"{name}\":\"")).unwrap() + name.len() + 4;
        text[start..start + text[start..].find('"').unwrap()].to_owned()
    };
    for name in ["file_id", "sealed", "meta"] {
        let changed = with_member(&good, name, &member(&other, name));
        let result = prelude(&frame(&changed)).unlock(&keys());
        assert_eq!(result.unwrap_err(), UnlockFileError::Decrypt(DecryptError), "{name}");
    }
}

/// Only someone with the file key can do this, but a reader must not take a path from them.
#[test]
fn an_authentic_description_that_is_not_acceptable() {
    for (meta, expected) in [
        (&br#"{"name":"../.profile"}"#[..], FileMetaError::Name),
        (br#"{ "size":1}"#, FileMetaError::Json),
    ] {
        let (key, file_id) = (key::FileKey::generate().unwrap(), [3; 16]);
        let header = header::Header {
            file_id,
            block_size: BlockSize::MIN,
            created: 0,
            keys: vec![key.wrap_for_vault_key(&vault_key(), &file_id).unwrap()],
            meta: cobblestone::seal(key.input_key(), &sealer::meta_context(&file_id), meta).unwrap(),
        };
        let (prelude, bytes) = FilePrelude::create(header).unwrap();
        assert_eq!(FilePrelude::parse(&bytes), Ok(ParsedPrelude::Whole(prelude.clone())));
        assert_eq!(prelude.unlock(&keys()).unwrap_err(), UnlockFileError::Meta(expected));
    }
}
