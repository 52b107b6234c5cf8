//! What is sealed opens, whole and in parts.

use super::*;

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
