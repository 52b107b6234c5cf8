//! Blocks in the wrong place, or of the wrong length.

use super::*;

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
