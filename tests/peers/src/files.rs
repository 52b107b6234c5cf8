//! File encryption, from memory to memory.

use std::hint::black_box;
use std::io::{Read, Write};
use std::process::Command;
use std::sync::Arc;

use zkvault_core::{BlockSize, FileMeta, FileOpener, FilePrelude, FileSealer, KeySet, ParsedPrelude, VaultKey};

use crate::timing::{Candidate, medians};

const BLOCKS: usize = 16;
const BLOCK_LEN: usize = 8 << 20;

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

    let times = medians(&mut [
        Candidate::new("seal", || seal_blocks(&sealer, &plaintext, BLOCKS)),
        Candidate::new("seal on two threads", || two_threads(|| seal_blocks(&sealer, &plaintext, BLOCKS / 2))),
        Candidate::new("open", || open_blocks(&opener, &sealed)),
        Candidate::new("age encrypt", || drop(black_box(age_encrypt(&identity, &content)))),
        Candidate::new("age decrypt", || drop(black_box(age_decrypt(&identity, &encrypted)))),
    ]);
    let [seal, seal_two, open, age_seal, age_open] = times[..] else { return };
    row("seal a file, one thread", seal, "age 0.12", age_seal);
    row("open a file, one thread", open, "age 0.12", age_open);
    row("seal a file, two threads", seal_two, "one thread", seal);
    match openssl() {
        Some(rate) => row("seal a file, one thread", seal, "openssl speed, 16 KiB", total() / rate),
        None => eprintln!("openssl is not installed: that row is missing"),
    }
}

fn total() -> f64 {
    (BLOCKS * BLOCK_LEN) as f64
}

fn row(work: &str, ours: f64, peer: &str, theirs: f64) {
    let rate = |seconds: f64| total() / seconds / 1e9;
    println!("| {work} | {:.2} GB/s | {peer}: {:.2} GB/s | {:.2} |", rate(ours), rate(theirs), theirs / ours);
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

fn two_threads(work: impl Fn() + Sync) {
    std::thread::scope(|scope| {
        scope.spawn(&work);
        work();
    });
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

/// Bytes a second that OpenSSL's own benchmark reports.
fn openssl() -> Option<f64> {
    let arguments = ["speed", "-mr", "-seconds", "3", "-bytes", "16384", "-evp", "aes-256-gcm"];
    let output = Command::new("openssl").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let line = text.lines().find(|line| line.starts_with("+F:"))?;
    line.rsplit(':').next()?.parse().ok()
}
