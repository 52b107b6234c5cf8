//! File encryption, from memory to memory.

use std::hint::black_box;
use std::io::{Read, Write};
use std::sync::Arc;

use zkvault_core::file::{BlockSize, FileMeta, FileOpener, FilePrelude, FileSealer, ParsedPrelude};
use zkvault_core::key::{KeySet, VaultKey};

use crate::timing::report;

const BLOCKS: usize = 16;
const BLOCK_LEN: usize = 8 << 20;
const TOTAL: f64 = (BLOCKS * BLOCK_LEN) as f64;

pub fn run() {
    let key = Arc::new(VaultKey::from_slice(&[7; 32]).expect("32 bytes"));
    let sealer = FileSealer::new(&[key.clone()], &[], &FileMeta::default(), BlockSize::default(), 0).expect("a file");
    let opener = opener(&sealer, key);
    let plaintext = vec![1; BLOCK_LEN];
    let mut sealed = Vec::new();
    sealer.seal_block(0, false, &plaintext, &mut sealed).expect("sealed");

    let identity = age::x25519::Identity::generate();
    let content = vec![1; BLOCKS * BLOCK_LEN];
    let encrypted = age_encrypt(&identity, &content);

    report("age encrypt", TOTAL, || drop(black_box(age_encrypt(&identity, &content))));
    report("age decrypt", TOTAL, || drop(black_box(age_decrypt(&identity, &encrypted))));
    report("seal", TOTAL, || seal_blocks(&sealer, &plaintext, BLOCKS));
    report("open", TOTAL, || open_blocks(&opener, &sealed));
    report("seal, two threads", 2.0 * TOTAL, || {
        std::thread::scope(|scope| {
            scope.spawn(|| seal_blocks(&sealer, &plaintext, BLOCKS));
            seal_blocks(&sealer, &plaintext, BLOCKS);
        });
    });
}

fn opener(sealer: &FileSealer, key: Arc<VaultKey>) -> FileOpener {
    let mut keys = KeySet::new();
    keys.add(key, None);
    match FilePrelude::parse(sealer.prelude()) {
        Ok(ParsedPrelude::Whole(prelude)) => prelude.unlock(&keys).expect("unlocked"),
        other => panic!("no prelude: {other:?}"),
    }
}

fn seal_blocks(sealer: &FileSealer, plaintext: &[u8], count: usize) {
    let mut sealed = Vec::new();
    for index in 0..count {
        sealed.clear();
        sealer.seal_block(index as u64, false, plaintext, &mut sealed).expect("sealed");
        black_box(&sealed);
    }
}

fn open_blocks(opener: &FileOpener, sealed: &[u8]) {
    let mut opened = Vec::new();
    for _ in 0..BLOCKS {
        opened.clear();
        opener.open_block(0, false, sealed, &mut opened).expect("opened");
        black_box(&opened);
    }
}

fn age_encrypt(identity: &age::x25519::Identity, content: &[u8]) -> Vec<u8> {
    let recipient = identity.to_public();
    let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as _)).expect("a recipient");
    let mut sealed = Vec::with_capacity(content.len() + content.len() / 1000 + 1000);
    let mut writer = encryptor.wrap_output(&mut sealed).expect("a header");
    writer.write_all(content).expect("sealed");
    writer.finish().expect("sealed");
    sealed
}

fn age_decrypt(identity: &age::x25519::Identity, sealed: &[u8]) -> Vec<u8> {
    let decryptor = age::Decryptor::new(sealed).expect("a header");
    let mut reader = decryptor.decrypt(std::iter::once(identity as _)).expect("unlocked");
    let mut opened = Vec::with_capacity(sealed.len());
    reader.read_to_end(&mut opened).expect("opened");
    opened
}
