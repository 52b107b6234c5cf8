use std::sync::Arc;

use super::*;
use crate::file::{BlockSize, FileMeta, FileSealer};
use crate::key::KeySet;

fn key(byte: u8) -> Arc<VaultKey> {
    Arc::new(VaultKey::from_slice(&[byte; 32]).unwrap())
}

fn keys(bytes: &[u8]) -> KeySet {
    let mut keys = KeySet::new();
    bytes.iter().for_each(|byte| keys.add(key(*byte), None));
    keys
}

fn record() -> BackupRecord {
    BackupRecord {
        host: "acme.logmeonce.com".to_owned(),
        synced: 1_700_000_000,
        manifest: Manifest {
            revision: 2,
            parent: Some(
                "be7c020c841585834886236da788b7363dcef096409864103ef6d44eaed19814"
                    .parse()
                    .unwrap(),
            ),
            time: 1_700_000_001,
            device: "lap\"top".to_owned(),
        },
        digest: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
            .parse()
            .unwrap(),
    }
}

fn sealer() -> FileSealer {
    let size = BlockSize::new(16_384).unwrap();
    FileSealer::new(&[key(1)], &[], &FileMeta::default(), size, 1_700_000_000).unwrap()
}

/// A backup up to its first block.
fn backup(keyring: &[u8]) -> Vec<u8> {
    let sealer = sealer();
    let start = record().seal(&key(1), keyring, &sealer.prelude_digest()).unwrap();
    [&start, sealer.prelude()].concat()
}

fn whole(bytes: &[u8]) -> BackupStart {
    match BackupStart::parse(bytes).unwrap() {
        ParsedBackup::Whole(start) => *start,
        ParsedBackup::Needs(more) => panic!("it needs {more}"),
    }
}

#[test]
fn a_start_is_read_back_and_tells_how_much_it_needs() {
    for keyring in [&b"a keyring"[..], b""] {
        let bytes = backup(keyring);
        let start = whole(&[&bytes[..], b"blocks"].concat());
        assert_eq!(start.keyring(), Some(keyring).filter(|keyring| !keyring.is_empty()));
        assert_eq!(start.open(&keys(&[2, 1])), Ok(record()));
        assert_eq!(start.open(&keys(&[2])), Err(BackupError::NoKey));
        assert!(bytes[start.file_offset()..].starts_with(b"ZKVAULT"));
        let mut given = 0;
        while let ParsedBackup::Needs(needed) = BackupStart::parse(&bytes[..given]).unwrap() {
            assert!(needed > given && needed <= bytes.len());
            given = needed;
        }
        assert_eq!(given, bytes.len());
    }
}

#[test]
fn keyring_record_and_file_belong_together() {
    let (one, other) = (backup(b"keyring-1"), backup(b"keyring-2"));
    let swapped = |from: &[u8], to: &[u8]| {
        let at = one.windows(from.len()).position(|window| window == from).unwrap();
        [&one[..at], to, &one[at + from.len()..]].concat()
    };
    let keyring = swapped(b"keyring-1", b"keyring-2");
    let (start, foreign) = (whole(&one), whole(&other));
    let file = [&one[..start.file_offset()], &other[foreign.file_offset()..]].concat();
    for bytes in [keyring, file] {
        assert_eq!(whole(&bytes).open(&keys(&[1])), Err(BackupError::Decrypt));
    }
}

#[test]
fn every_changed_byte_is_noticed() {
    let bytes = backup(b"keyring");
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let opened = match BackupStart::parse(&changed) {
            Ok(ParsedBackup::Whole(start)) => start.open(&keys(&[1])).is_ok(),
            _ => false,
        };
        assert!(!opened, "byte {at}");
    }
}

#[test]
fn lengths_that_no_backup_has_are_refused() {
    let bytes = backup(b"keyring");
    let mut long = bytes.clone();
    long[12..16].copy_from_slice(&4097_u32.to_be_bytes());
    assert_eq!(BackupStart::parse(&long), Err(BackupError::Malformed));
    let mut later = bytes;
    later[7] = 2;
    assert_eq!(BackupStart::parse(&later), Err(BackupError::Version(2)));
    let wordy = BackupRecord {
        host: "h".repeat(5000),
        ..record()
    };
    assert_eq!(wordy.seal(&key(1), b"", &[0; 32]), Err(SealError::TooLong));
}

/// Only a key holder can make these.
#[test]
fn authentic_records_in_another_form_are_refused() {
    let sealer = sealer();
    let json = serde_json::to_string(&record()).unwrap();
    for (from, to) in [(",", ", "), ("\"host\"", "\"other\""), ("synced\":", "synced\":1")] {
        let changed = json.replacen(from, to, 1);
        let sealed = cobblestone::seal(
            key(1).input_key(),
            &context(&sealer.prelude_digest(), b""),
            changed.as_bytes(),
        );
        let sealed = sealed.unwrap();
        let mut bytes = record().seal(&key(1), b"", &sealer.prelude_digest()).unwrap();
        bytes.truncate(8 + 4);
        bytes.extend_from_slice(&(sealed.len() as u32).to_be_bytes());
        bytes.extend_from_slice(&sealed);
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(sealer.prelude());
        let opened = whole(&bytes).open(&keys(&[1]));
        // Another time is another record, in the specified form.
        assert_eq!(opened.is_err(), from != "synced\":", "{from}");
    }
}

#[test]
fn names_depend_on_key_and_revision_alone() {
    let name = backup_blob_name(&key(1), 7);
    assert_eq!(name, NAME_OF_7);
    assert_ne!(name, backup_blob_name(&key(2), 7));
    assert_ne!(name, backup_blob_name(&key(1), 8));
}

/// Computed with Python's hmac module.
const NAME_OF_7: &str = "zkv-backup/5ysg5vyivea6aa5vram7g2hllejizwdw.zkvb";
