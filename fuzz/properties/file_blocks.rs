//! Whatever is done to the bytes and blocks of a file: it opens only as it was sealed. The input is a list of edits.

use std::sync::{Arc, OnceLock};

use arbitrary::{Arbitrary, Unstructured};
use zkvault_core::file::{
    BLOCK_HEADER_LEN, BlockSize, BlockSpan, FileMeta, FileOpener, FilePrelude, FileSealer, ParsedPrelude,
};
use zkvault_core::key::{KeySet, VaultKey};

use crate::heap;

/// Two full blocks and one that is not.
const CONTENT_LEN: usize = 2 * 16 * 1024 + 100;
const MAX_EDITS: usize = 16;

/// One thing that is done to a file. Places count modulo what there is.
#[derive(Debug, Arbitrary)]
enum Edit {
    /// Changes bits of a byte near a block's start, where its header is, or near its end.
    Change {
        block: u8,
        at: i16,
        bits: u8,
    },
    /// Changes bits of a byte of the prelude.
    ChangePrelude {
        at: u16,
        bits: u8,
    },
    /// Cuts bytes off the end.
    Cut {
        bytes: u16,
    },
    /// Cuts whole blocks off the end.
    CutBlocks {
        from: u8,
    },
    /// Puts bytes at the end.
    Append {
        bytes: Vec<u8>,
    },
    Swap {
        one: u8,
        other: u8,
    },
    Repeat {
        block: u8,
        at: u8,
    },
    Remove {
        block: u8,
    },
    /// Moves bytes from a block's end to the next one's start.
    Shift {
        block: u8,
        bytes: u8,
    },
    /// A block in place of another's, of one of the other files.
    Take {
        file: u8,
        block: u8,
        at: u8,
    },
    TakePrelude {
        file: u8,
    },
}

/// A file in its parts.
#[derive(Clone, PartialEq)]
struct Parts {
    prelude: Vec<u8>,
    blocks: Vec<Vec<u8>>,
}

impl Parts {
    fn bytes(&self) -> Vec<u8> {
        [&self.prelude[..], &self.blocks.concat()].concat()
    }
}

/// Files under one key: two whose description states the size, with the same content, and two where it does not.
struct Sealed {
    keys: KeySet,
    content: Vec<u8>,
    files: Vec<Parts>,
}

pub(crate) fn check(data: &[u8]) {
    let sealed = sealed();
    let mut input = Unstructured::new(data);
    let original = input.arbitrary::<u8>().unwrap_or_default();
    let mut file = sealed.files[usize::from(original) % sealed.files.len()].clone();
    for edit in input
        .arbitrary_iter::<Edit>()
        .into_iter()
        .flatten()
        .flatten()
        .take(MAX_EDITS)
    {
        apply(&edit, &mut file, sealed);
    }
    let file = file.bytes();
    // The content, once per way to open it.
    match heap::within(4 * file.len() + 64 * 1024, || open(&file, &sealed.keys)) {
        Some(content) => {
            assert!(
                sealed.files.iter().any(|sealed| sealed.bytes() == file),
                "it was never sealed"
            );
            assert_eq!(content, sealed.content);
        }
        None => assert!(
            sealed.files.iter().all(|sealed| sealed.bytes() != file),
            "it does not open"
        ),
    }
}

fn sealed() -> &'static Sealed {
    static SEALED: OnceLock<Sealed> = OnceLock::new();
    SEALED.get_or_init(|| {
        let key = Arc::new(VaultKey::from_slice(&[7; 32]).unwrap());
        let mut keys = KeySet::new();
        keys.add(Arc::clone(&key), None);
        let content: Vec<u8> = (0..CONTENT_LEN).map(|place| (place / 256) as u8).collect();
        let size = Some(CONTENT_LEN as u64);
        let files = [size, size, None, None].map(|size| seal(&key, &content, size)).to_vec();
        Sealed { keys, content, files }
    })
}

fn seal(key: &Arc<VaultKey>, content: &[u8], size: Option<u64>) -> Parts {
    let meta = FileMeta {
        size,
        ..FileMeta::default()
    };
    let sealer = FileSealer::new(&[Arc::clone(key)], &[], &meta, BlockSize::MIN, 0).unwrap();
    let extent = sealer.layout().extent(content.len() as u64).unwrap();
    let plaintexts = content.chunks(BlockSize::MIN.bytes() as usize);
    let seal_block = |(index, plaintext): (u64, &[u8])| {
        let mut sealed = Vec::new();
        sealer
            .seal_block(index, index + 1 == extent.block_count(), plaintext, &mut sealed)
            .unwrap();
        sealed
    };
    Parts {
        prelude: sealer.prelude().to_vec(),
        blocks: (0..).zip(plaintexts).map(seal_block).collect(),
    }
}

fn apply(edit: &Edit, file: &mut Parts, sealed: &Sealed) {
    let count = file.blocks.len();
    if count == 0 {
        return;
    }
    let nth = |block: u8| usize::from(block) % count;
    let other = |number: u8| &sealed.files[usize::from(number) % sealed.files.len()];
    match edit {
        Edit::Change { block, at, bits } => {
            let block = &mut file.blocks[nth(*block)];
            let at = i64::from(*at).rem_euclid(block.len().max(1) as i64) as usize;
            block.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= bits);
        }
        Edit::ChangePrelude { at, bits } => {
            let at = usize::from(*at) % file.prelude.len();
            file.prelude[at] ^= bits;
        }
        Edit::Cut { bytes } => {
            let last = file.blocks.last_mut().unwrap();
            last.truncate(last.len().saturating_sub(usize::from(*bytes)));
        }
        Edit::CutBlocks { from } => file.blocks.truncate(nth(*from)),
        Edit::Append { bytes } => file.blocks.last_mut().unwrap().extend(bytes),
        Edit::Swap { one, other } => file.blocks.swap(nth(*one), nth(*other)),
        Edit::Repeat { block, at } => file.blocks.insert(nth(*at), file.blocks[nth(*block)].clone()),
        Edit::Remove { block } => drop(file.blocks.remove(nth(*block))),
        Edit::Shift { block, bytes } => {
            let block = nth(*block);
            if let Some(next) = file.blocks.get(block + 1).cloned() {
                let kept = file.blocks[block].len().saturating_sub(usize::from(*bytes));
                let moved = file.blocks[block].split_off(kept);
                file.blocks[block + 1] = [moved, next].concat();
            }
        }
        Edit::Take {
            file: number,
            block,
            at,
        } => {
            let blocks = &other(*number).blocks;
            file.blocks[nth(*at)].clone_from(&blocks[usize::from(*block) % blocks.len()]);
        }
        Edit::TakePrelude { file: number } => file.prelude.clone_from(&other(*number).prelude),
    }
}

/// Opens a whole file, each block in the three ways there are; they agree.
fn open(file: &[u8], keys: &KeySet) -> Option<Vec<u8>> {
    let Ok(ParsedPrelude::Whole(prelude)) = FilePrelude::parse(file) else {
        return None;
    };
    let opener = prelude.unlock(keys).ok()?;
    let extent = opener.extent_of_file(file.len() as u64).ok()?;
    let mut content = Vec::new();
    for index in 0..extent.block_count() {
        let block = extent.block(index).unwrap();
        let start = usize::try_from(block.offset).unwrap();
        let sealed = &file[start..start + usize::try_from(block.sealed_len).unwrap()];
        let before = content.len();
        let whole = opener.open_block(index, block.last, sealed, &mut content);
        let expected = whole.is_ok().then(|| &content[before..]);
        assert_eq!(in_pieces(&opener, &block, sealed).as_deref(), expected);
        assert_eq!(by_chunks(&opener, &block, sealed).as_deref(), expected);
        assert!(
            whole.is_ok() || content.len() == before,
            "what is refused leaves nothing"
        );
        whole.ok()?;
    }
    Some(content)
}

fn in_pieces(opener: &FileOpener, block: &BlockSpan, sealed: &[u8]) -> Option<Vec<u8>> {
    let (mut stream, mut opened) = (opener.block_opener(block.index, block.last), Vec::new());
    for piece in sealed.chunks(5000) {
        stream.update(piece, &mut opened).ok()?;
    }
    stream.finish(&mut opened).ok()?;
    Some(opened)
}

fn by_chunks(opener: &FileOpener, block: &BlockSpan, sealed: &[u8]) -> Option<Vec<u8>> {
    let (header, chunks) = sealed.split_first_chunk::<BLOCK_HEADER_LEN>()?;
    let mut opened = Vec::new();
    let reader = opener.block_reader(block, header).ok()?;
    reader.open_chunks(0, chunks, &mut opened).ok()?;
    Some(opened)
}
