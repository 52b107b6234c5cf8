//! Replays what fuzzers start from and what they once found.

use std::fs;
use std::path::{Path, PathBuf};

/// The property of `target`, on each file of its corpus.
pub(crate) fn corpus(target: &str, check: fn(&[u8])) {
    let folder = root().join("fuzz/corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{target} has no seeds");
    for file in files {
        println!("{}", file.display());
        check(&fs::read(file).unwrap());
    }
}

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
