mod model;

use super::record::context;
use super::*;
use crate::account::AccountName;
use crate::cobblestone;
use crate::error::SealError;
use crate::file::{BlockSize, FileMeta, FileSealer};
use crate::keyring::MAX_KEYRING_LEN;
use crate::personal::PersonalKey;
use crate::snapshot::Manifest;

const ACCOUNT: &str = "acme.logmeonce.com";

fn chain_of(byte: u8, account: &str) -> ChainKey {
    let key = PersonalKey::from_slice(&[byte; 32]).unwrap();
    ChainKey::derive(&key, &AccountName::parse(account).unwrap())
}

fn chain() -> ChainKey {
    chain_of(1, ACCOUNT)
}

fn record() -> BackupRecord {
    BackupRecord {
        account: AccountName::parse(ACCOUNT).unwrap(),
        synced: 1_700_000_000,
        keyring: None,
        follows: None,
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
    FileSealer::for_chain(&chain(), &[], &FileMeta::default(), size, 1_700_000_000).unwrap()
}

/// The record of a backup with this keyring.
fn record_with(keyring: &[u8]) -> BackupRecord {
    BackupRecord {
        keyring: Some(keyring)
            .filter(|file| !file.is_empty())
            .map(|file| KeyringStamp::new(5, file)),
        ..record()
    }
}

/// A backup up to its first block.
fn backup(keyring: &[u8]) -> Vec<u8> {
    let sealer = sealer();
    let start = record_with(keyring).seal(&chain(), keyring, &sealer.prelude_digest());
    [&start.unwrap(), sealer.prelude()].concat()
}

fn whole(bytes: &[u8]) -> BackupHeader {
    match BackupHeader::parse(bytes).unwrap() {
        ParsedBackup::Whole(header) => *header,
        ParsedBackup::Needs(more) => panic!("it needs {more}"),
    }
}

#[test]
fn a_header_is_read_back_and_tells_how_much_it_needs() {
    for keyring in [&b"a keyring"[..], b""] {
        let bytes = backup(keyring);
        let header = whole(&[&bytes[..], b"blocks"].concat());
        assert_eq!(header.keyring(), Some(keyring).filter(|keyring| !keyring.is_empty()));
        assert_eq!(header.open(&chain()), Ok(record_with(keyring)));
        for other in [chain_of(2, ACCOUNT), chain_of(1, "other.example")] {
            assert_eq!(header.open(&other), Err(BackupError::NoKey));
        }
        assert_eq!(header.tag(), chain().tag());
        assert!(header.prelude().unlock_with_chain(&chain()).is_ok());
        assert!(header.prelude().unlock_with_chain(&chain_of(2, ACCOUNT)).is_err());
        assert!(bytes[header.file_offset()..].starts_with(b"ZKVAULT"));
        let mut given = 0;
        while let ParsedBackup::Needs(needed) = BackupHeader::parse(&bytes[..given]).unwrap() {
            assert!(needed > given && needed <= bytes.len());
            given = needed;
        }
        assert_eq!(given, bytes.len());
    }
}

/// Z46: it may carry the tag, and a vault key that a team shares is of no use.
#[test]
fn z46_a_record_that_somebody_else_sealed_under_the_tag_does_not_open() {
    let sealer = sealer();
    let forged = record()
        .seal(&chain_of(2, ACCOUNT), b"", &sealer.prelude_digest())
        .unwrap();
    let mut bytes = [&forged, sealer.prelude()].concat();
    bytes[8..18].copy_from_slice(&chain().tag().to_bytes());
    assert_eq!(whole(&bytes).open(&chain()), Err(BackupError::Decrypt));
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
        assert_eq!(whole(&bytes).open(&chain()), Err(BackupError::Decrypt));
    }
}

#[test]
fn every_changed_byte_is_noticed() {
    let bytes = backup(b"keyring");
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let opened = match BackupHeader::parse(&changed) {
            Ok(ParsedBackup::Whole(header)) => header.open(&chain()).is_ok(),
            _ => false,
        };
        assert!(!opened, "byte {at}");
    }
}

#[test]
fn lengths_that_no_backup_has_are_refused() {
    let bytes = backup(b"keyring");
    let mut long = bytes.clone();
    long[18..22].copy_from_slice(&4097_u32.to_be_bytes());
    assert_eq!(BackupHeader::parse(&long), Err(BackupError::Malformed));
    for (version, error) in [(1, BackupError::PreRelease), (3, BackupError::Version(3))] {
        let mut other = bytes.clone();
        other[7] = version;
        assert_eq!(BackupHeader::parse(&other), Err(error));
        assert_eq!(
            BackupHeader::parse(&other[..8]),
            Err(error),
            "the version alone is enough"
        );
    }
    let wordy = BackupRecord {
        manifest: Manifest {
            device: "d".repeat(5000),
            ..record().manifest
        },
        ..record()
    };
    assert_eq!(wordy.seal(&chain(), b"", &[0; 32]), Err(SealError::TooLong));
    let longest = vec![b'{'; MAX_KEYRING_LEN + 1];
    assert!(record().seal(&chain(), &longest[1..], &[0; 32]).is_ok());
    assert_eq!(record().seal(&chain(), &longest, &[0; 32]), Err(SealError::TooLong));
}

/// Only the person whose chain it is can make these.
#[test]
fn authentic_records_in_another_form_are_refused() {
    let opened = |json: &str, keyring: &[u8]| {
        let sealer = sealer();
        let context = context(chain().tag(), &sealer.prelude_digest(), keyring);
        let sealed = cobblestone::seal(chain().input_key(), &context, json.as_bytes()).unwrap();
        let mut bytes = b"ZKVBACK\x02".to_vec();
        bytes.extend_from_slice(&chain().tag().to_bytes());
        for part in [&sealed[..], keyring] {
            bytes.extend_from_slice(&(part.len() as u32).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes.extend_from_slice(sealer.prelude());
        whole(&bytes).open(&chain())
    };
    let d = "ab".repeat(32);
    let json = |keyring: &str, follows: &str, revision: u64, parent: &str| {
        format!(
            r#"{{"account":"{ACCOUNT}","synced":1,"keyring":{keyring},"follows":{follows},"manifest":{{"revision":{revision},"parent":{parent},"time":1,"device":"d"}},"digest":"{d}"}}"#
        )
    };
    let parent = format!("\"{d}\"");
    let good = json("null", "null", 2, &parent);
    assert!(opened(&good, b"").is_ok());
    assert!(opened(&json("null", "null", 1, "null"), b"").is_ok());
    let stamp = serde_json::to_string(&KeyringStamp::new(3, b"file")).unwrap();
    assert!(opened(&json(&stamp, "null", 2, &parent), b"file").is_ok());
    let before = chain_of(2, ACCOUNT).tag();
    let follows = |tag: ChainTag, revision: u64| format!("\"{tag} {revision}:{d}\"");
    assert!(opened(&json("null", &follows(before, 1), 2, &parent), b"").is_ok());
    for (fault, text, keyring) in [
        ("white space", good.replacen(',', ", ", 1), &b""[..]),
        ("another member", good.replacen("account", "host", 1), b""),
        ("another account", good.replacen("acme.", "evil.", 1), b""),
        ("an account in another form", good.replacen("acme.", "ACME.", 1), b""),
        ("revision 0", json("null", "null", 0, "null"), b""),
        ("a first one with a parent", json("null", "null", 1, &parent), b""),
        ("a later one without", json("null", "null", 2, "null"), b""),
        ("a keyring that is not there", json(&stamp, "null", 2, &parent), b""),
        ("a keyring that is not named", good.clone(), b"file"),
        ("another keyring", json(&stamp, "null", 2, &parent), b"else"),
        (
            "it follows itself",
            json("null", &follows(chain().tag(), 1), 2, &parent),
            b"",
        ),
        (
            "it follows another revision",
            json("null", &follows(before, 2), 2, &parent),
            b"",
        ),
        ("it follows no head", json("null", "\"x\"", 2, &parent), b""),
    ] {
        assert_eq!(opened(&text, keyring), Err(BackupError::Malformed), "{fault}");
    }
    let unlike = format!("\"{before} 1:{}\"", "cd".repeat(32));
    assert_eq!(
        opened(&json("null", &unlike, 2, &parent), b""),
        Err(BackupError::Malformed),
        "another parent"
    );
}
