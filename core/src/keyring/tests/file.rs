//! The part of the keyring file that is in plaintext: one fault at a time.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::*;

/// Every field of the header stands in the context, in the specified order.
#[test]
fn the_header_is_bound() {
    let mut expected = b"zkvault.keyring.v2\0\0\0\0\x08argon2id".to_vec();
    for number in [8u64, 1, 1] {
        expected.extend_from_slice(&8u32.to_be_bytes());
        expected.extend_from_slice(&number.to_be_bytes());
    }
    expected.extend_from_slice(b"\0\0\0\x10\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05");
    assert_eq!(sealed::context(&cheap().kdf).as_bytes(), expected);
}

#[test]
fn a_changed_header_never_opens() {
    for (from, to) in [
        (r#""memory_kib":64"#, r#""memory_kib":65"#),
        (r#""iterations":2"#, r#""iterations":1"#),
        (r#""lanes":2"#, r#""lanes":1"#),
        (r#""salt":"AAEC"#, r#""salt":"BAEC"#),
    ] {
        let changed = VECTOR.replace(from, to);
        assert_ne!(changed, VECTOR);
        assert_eq!(
            unlock(changed.as_bytes()).unwrap_err(),
            UnlockKeyringError::Decrypt,
            "{to}"
        );
    }
}

#[test]
fn a_header_that_asks_too_much_is_refused_by_its_number() {
    for (from, to, parameter, value) in [
        (
            r#""memory_kib":64"#,
            r#""memory_kib":4194305"#,
            "memory in KiB",
            4_194_305,
        ),
        (
            r#""memory_kib":64"#,
            r#""memory_kib":1099511627776"#,
            "memory in KiB",
            1 << 40,
        ),
        (r#""memory_kib":64"#, r#""memory_kib":15"#, "memory in KiB", 15),
        (r#""iterations":2"#, r#""iterations":65"#, "iterations", 65),
        (r#""iterations":2"#, r#""iterations":0"#, "iterations", 0),
        (r#""lanes":2"#, r#""lanes":65"#, "lanes", 65),
        (r#""lanes":2"#, r#""lanes":0"#, "lanes", 0),
    ] {
        let error = SealedKeyring::parse(VECTOR.replace(from, to).as_bytes()).unwrap_err();
        let expected = |error| match error {
            ReadKeyringError::Kdf(KdfError::OutOfLimits { parameter, value, .. }) => Some((parameter, value)),
            _ => None,
        };
        assert_eq!(expected(error), Some((parameter, value)), "{to}");
    }
}

#[test]
fn a_file_with_one_fault_is_malformed() {
    let faults = [
        ("another_format", r#""zkvault.keyring""#, r#""zkvault.keyrings""#),
        ("format_missing", r#""format":"zkvault.keyring","#, ""),
        ("version_as_text", r#""version":2"#, r#""version":"2""#),
        ("version_negative", r#""version":2"#, r#""version":-1"#),
        ("version_fraction", r#""version":2"#, r#""version":2.0"#),
        ("version_twice", r#""version":2"#, r#""version":2,"version":2"#),
        ("unknown_member", r#""version":2"#, r#""version":2,"note":"""#),
        ("unknown_kdf_member", r#""lanes":2"#, r#""lanes":2,"secret":"""#),
        ("another_kdf", r#""argon2id""#, r#""argon2i""#),
        ("lanes_twice", r#""lanes":2"#, r#""lanes":2,"lanes":2"#),
        ("lanes_missing", r#""lanes":2,"#, ""),
        ("lanes_null", r#""lanes":2"#, r#""lanes":null"#),
        (
            "memory_beyond_64_bits",
            r#""memory_kib":64"#,
            r#""memory_kib":18446744073709551616"#,
        ),
        ("salt_short", "AAECAwQFBgcICQoLDA0ODw==", "AAECAwQFBgcICQoLDA0O"),
        ("salt_long", "AAECAwQFBgcICQoLDA0ODw==", "AAECAwQFBgcICQoLDA0ODxA="),
        ("salt_spare_bits", "ODw==", "ODx=="),
        ("salt_unpadded", "ODw==", "ODw"),
        ("salt_escaped", r#""salt":"AAEC"#, r#""salt":"\u0041AEC"#),
        ("sealed_twice", r#","sealed""#, r#","sealed":"","sealed""#),
        ("sealed_not_base64", r#""sealed":"Z"#, r#""sealed":"-"#),
        ("sealed_line_break", r#""sealed":"ZGVm"#, r#""sealed":"ZGVm\n"#),
        ("trailing_bytes", "=\"}", "=\"}}"),
        ("two_documents", "=\"}", "=\"}{}"),
    ];
    for (name, from, to) in faults {
        let changed = VECTOR.trim_end().replacen(from, to, 1);
        assert_ne!(changed, VECTOR.trim_end(), "{name}");
        let error = SealedKeyring::parse(changed.as_bytes()).unwrap_err();
        assert!(matches!(error, ReadKeyringError::Malformed(_)), "{name}: {error}");
    }
    let deep = "[".repeat(100_000);
    for other in ["", " ", "null", "{}", "[]", "\u{feff}{}", "{\"format\"", deep.as_str()] {
        let error = SealedKeyring::parse(other.as_bytes()).unwrap_err();
        assert!(matches!(error, ReadKeyringError::Malformed(_)), "{other:.20}: {error}");
    }
}

#[test]
fn arrays_in_place_of_objects_are_malformed() {
    let sealed = SealedKeyring::parse(VECTOR.as_bytes()).unwrap();
    let message = STANDARD.encode(&sealed.message);
    let salt = STANDARD.encode(sealed.kdf.salt);
    let header = format!(r#"{{"name":"argon2id","memory_kib":64,"iterations":2,"lanes":2,"salt":"{salt}"}}"#);
    let array = format!(r#"["argon2id",64,2,2,"{salt}"]"#);
    let file = |kdf: &str| format!(r#"{{"format":"zkvault.keyring","version":2,"kdf":{kdf},"sealed":"{message}"}}"#);
    assert!(SealedKeyring::parse(file(&header).as_bytes()).is_ok());
    assert!(SealedKeyring::parse(file(&array).as_bytes()).is_err());
    let outer = format!(r#"["zkvault.keyring",2,{header},"{message}"]"#);
    assert!(SealedKeyring::parse(outer.as_bytes()).is_err());
}

#[test]
fn another_version_is_named_whatever_else_it_has() {
    let version = |number: u64| VECTOR.replace(r#""version":2"#, &format!(r#""version":{number},"note":[{{}}]"#));
    let error = SealedKeyring::parse(version(3).as_bytes()).unwrap_err();
    assert_eq!(error, ReadKeyringError::UnsupportedVersion(3));
    insta::assert_snapshot!(error, @"a keyring of version 3: this program reads version 2");
    for earlier in [0, 1] {
        let error = SealedKeyring::parse(version(earlier).as_bytes()).unwrap_err();
        assert_eq!(error, ReadKeyringError::PreRelease);
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @"the keyring was made by a pre-release of zkvault: make it anew");
        }
    }
}

#[test]
fn a_file_has_a_longest_length() {
    let padded = |length: usize| VECTOR.trim_end().to_owned() + &" ".repeat(length - VECTOR.trim_end().len());
    assert!(SealedKeyring::parse(padded(MAX_KEYRING_LEN).as_bytes()).is_ok());
    let error = SealedKeyring::parse(padded(MAX_KEYRING_LEN + 1).as_bytes()).unwrap_err();
    assert_eq!(
        error,
        ReadKeyringError::TooLong {
            bytes: MAX_KEYRING_LEN + 1
        }
    );
}

#[test]
fn every_changed_byte_of_the_sealed_part_is_noticed() {
    let sealed = SealedKeyring::parse(VECTOR.as_bytes()).unwrap();
    assert!(sealed.unlock(&text("correct horse")).is_ok());
    for at in 0..sealed.message.len() {
        let mut changed = sealed.clone();
        changed.message[at] ^= 1;
        assert_eq!(
            changed.unlock(&text("correct horse")).unwrap_err(),
            UnlockKeyringError::Decrypt,
            "{at}"
        );
    }
    for length in [0, 55, 56, 71, 72, sealed.message.len() - 1] {
        let mut cut = sealed.clone();
        cut.message.truncate(length);
        assert_eq!(
            cut.unlock(&text("correct horse")).unwrap_err(),
            UnlockKeyringError::Decrypt,
            "{length}"
        );
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(SealedKeyring::parse(&bytes).is_err());
    }

    #[test]
    fn one_changed_byte_is_refused_or_read_back_the_same(at in 0..VECTOR.len(), byte in any::<u8>()) {
        let mut bytes = VECTOR.as_bytes().to_vec();
        bytes[at] = byte;
        if let Ok(sealed) = SealedKeyring::parse(&bytes) {
            let written = sealed::write(&sealed.kdf, &sealed.message).unwrap();
            prop_assert_eq!(SealedKeyring::parse(&written), Ok(sealed));
        }
    }
}
