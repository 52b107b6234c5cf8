use std::sync::Arc;

use proptest::prelude::*;

use super::super::*;
use crate::key::{KeySet, VaultKey};

const MIB: u64 = 1 << 20;

fn sealer() -> FileSealer {
    let key = Arc::new(VaultKey::generate().unwrap());
    FileSealer::new(&[key], &[], &FileMeta::default(), BlockSize::default(), 1).unwrap()
}

/// What a storage lists when all is there.
fn listed(plan: &UploadPlan, marks: &[PartMark]) -> Vec<(String, u64)> {
    let block = |(number, mark): (u32, &PartMark)| {
        (
            plan.id(number, *mark).to_base64(),
            plan.part(number).unwrap().stored_len,
        )
    };
    (0..).zip(marks).map(block).collect()
}

fn borrowed(listed: &[(String, u64)]) -> impl ExactSizeIterator<Item = (&str, u64)> {
    listed.iter().map(|(id, len)| (id.as_str(), *len))
}

#[test]
fn blocks_grow_with_the_file() {
    let size = |len| UploadPlan::block_size(len).map(|size| u64::from(size.bytes()));
    assert_eq!((size(0), size(1)), (Ok(8 * MIB), Ok(8 * MIB)));
    assert_eq!(size(49_000 * 8 * MIB), Ok(8 * MIB));
    assert_eq!(size(49_000 * 8 * MIB + 1), Ok(9 * MIB));
    assert_eq!(size(49_000 * 128 * MIB), Ok(128 * MIB));
    for len in [49_000 * 128 * MIB + 1, u64::MAX] {
        assert_eq!(size(len), Err(FileTooLargeError));
        assert_eq!(
            UploadPlan::plain(UploadTag::generate().unwrap(), len),
            Err(FileTooLargeError)
        );
    }
    let sealer = sealer();
    assert!(UploadPlan::of_file(&sealer, 49_999 * 8 * MIB).is_ok());
    assert!(UploadPlan::of_file(&sealer, 49_999 * 8 * MIB + 1).is_err());
}

#[test]
fn an_encrypted_file_is_its_prelude_and_its_blocks() {
    let sealer = sealer();
    let plan = UploadPlan::of_file(&sealer, 17 * MIB).unwrap();
    let prelude_len = sealer.prelude().len() as u64;
    assert_eq!(plan.parts(), 4);
    assert_eq!(plan.part(0).unwrap().stored_len, prelude_len);
    let parts = (1..4).map(|number| plan.part(number).unwrap());
    let parts: Vec<_> = parts
        .map(|part| (part.block, part.last, part.offset, part.content_len))
        .collect();
    assert_eq!(
        parts,
        [
            (Some(0), false, 0, 8 * MIB),
            (Some(1), false, 8 * MIB, 8 * MIB),
            (Some(2), true, 16 * MIB, MIB)
        ]
    );
    assert_eq!(plan.part(4), None);
    let with_front = UploadPlan::sealed(plan.tag(), 5000, sealer.layout().block_size(), 17 * MIB).unwrap();
    assert_eq!(with_front.blob_len() - 5000, plan.blob_len() - prelude_len);
    assert!(!plan.is_single() && UploadPlan::of_file(&sealer, 8 * MIB).unwrap().is_single());
}

#[test]
fn a_plan_of_the_prelude_that_was_kept_has_the_same_identifiers() {
    let key = Arc::new(VaultKey::generate().unwrap());
    let sealer = FileSealer::new(&[Arc::clone(&key)], &[], &FileMeta::default(), BlockSize::default(), 1).unwrap();
    let mut keys = KeySet::new();
    keys.add(key, None);
    let again = FileSealer::resume(sealer.prelude(), &keys).unwrap();
    let (plan, same) = [&sealer, &again]
        .map(|sealer| UploadPlan::of_file(sealer, MIB).unwrap())
        .into();
    assert_eq!(plan, same);
    let mark = |sealer: &FileSealer, index, content: &[u8]| PartMark::new(sealer, index, content);
    assert_eq!(mark(&sealer, 3, b"content"), mark(&again, 3, b"content"));
    assert_ne!(
        mark(&sealer, 3, b"content"),
        mark(&sealer, 2, b"content"),
        "its place counts"
    );
    assert_ne!(mark(&sealer, 3, b"content"), mark(&sealer, 3, b"Content"));
    assert_ne!(mark(&sealer, 3, b"content"), mark(&self::sealer(), 3, b"content"));
    assert_ne!(mark(&sealer, 3, b"content"), PartMark::default());
}

#[test]
fn a_storage_has_what_it_lists_with_the_right_length_for_this_upload() {
    let sealer = sealer();
    let plan = UploadPlan::of_file(&sealer, 17 * MIB).unwrap();
    let marks = [
        PartMark::default(),
        PartMark::new(&sealer, 0, b"x"),
        PartMark::default(),
        PartMark::default(),
    ];
    let mut there = listed(&plan, &marks);
    let other = UploadPlan::of_file(&self::sealer(), 17 * MIB).unwrap();
    there.push(listed(&other, &marks).remove(2));
    there[3].1 += 1;
    there.remove(2);
    there.extend([("YQ==".to_owned(), 1), ("!".to_owned(), 1), (String::new(), 0)]);
    there.push((plan.id(4, PartMark::default()).to_base64(), MIB));
    let stored = plan.stored(borrowed(&there));
    assert_eq!(stored.keys().copied().collect::<Vec<_>>(), [0, 1]);
    assert_eq!(stored[&1].mark(), marks[1]);
}

#[test]
fn nothing_but_what_was_sent_is_complete() {
    let sealer = sealer();
    let plan = UploadPlan::of_file(&sealer, 17 * MIB).unwrap();
    let marks: Vec<_> = (0..4).map(|number| PartMark::new(&sealer, number, b"x")).collect();
    let mark = |number: u32| marks[number as usize];
    let sent = listed(&plan, &marks);
    let len = plan.blob_len();
    assert!(plan.is_complete(len, borrowed(&sent), mark));

    let changed = |change: fn(&mut Vec<(String, u64)>)| {
        let mut blocks = sent.clone();
        change(&mut blocks);
        blocks
    };
    for (what, len, blocks) in [
        ("a byte less", len - 1, sent.clone()),
        ("a block twice", len, changed(|blocks| blocks.push(blocks[3].clone()))),
        ("a block less", len, changed(|blocks| drop(blocks.pop()))),
        ("two blocks swapped", len, changed(|blocks| blocks.swap(1, 2))),
        ("a block of another length", len, changed(|blocks| blocks[1].1 += 1)),
        (
            "a block with the name of another",
            len,
            changed(|blocks| blocks[2].0 = blocks[1].0.clone()),
        ),
        ("no block", len, Vec::new()),
    ] {
        assert!(!plan.is_complete(len, borrowed(&blocks), mark), "{what}");
    }
    assert!(
        !plan.is_complete(len, borrowed(&sent), |_| PartMark::default()),
        "another content"
    );
    let other = UploadPlan::of_file(&self::sealer(), 17 * MIB).unwrap();
    assert!(!other.is_complete(len, borrowed(&sent), mark), "another upload's");
}

proptest! {
    #[test]
    fn the_parts_are_the_whole(len in 0u64..200 * MIB, front in 0u32..100_000, plain in any::<bool>()) {
        let tag = UploadTag::generate().unwrap();
        let plan = match plain {
            true => UploadPlan::plain(tag, len).unwrap(),
            false => UploadPlan::sealed(tag, front, UploadPlan::block_size(len).unwrap(), len).unwrap(),
        };
        let parts: Vec<_> = (0..plan.parts()).map(|number| plan.part(number).unwrap()).collect();
        prop_assert_eq!(parts.iter().map(|part| part.stored_len).sum::<u64>(), plan.blob_len());
        let mut end = 0;
        for part in &parts {
            prop_assert_eq!(part.offset, end);
            end += part.content_len;
        }
        prop_assert_eq!(end, len);
        prop_assert_eq!(plan.part(plan.parts()), None);
        prop_assert!(parts.iter().rev().skip(1).all(|part| !part.last));
        prop_assert!(parts.last().is_none_or(|part| part.last));
    }

    #[test]
    fn an_identifier_is_read_as_it_was_written(number: u32, mac: [u8; 32], tag: [u8; 8]) {
        let plan = UploadPlan::plain(UploadTag::from_bytes(&tag).unwrap(), 1).unwrap();
        let id = plan.id(number, PartMark::from_mac(&mac).unwrap());
        prop_assert_eq!(id.to_bytes().len(), 24);
        prop_assert_eq!(PartId::from_base64(&id.to_base64()), Some(id));
    }
}
