//! Preludes: their one form, and each fault by its name.

use super::*;

#[test]
fn a_prelude_says_what_it_needs() {
    let file = seal_file(&sealer(&FileMeta::default()), b"x");
    let whole = prelude(&file).layout().prelude_len() as usize;
    for length in 0..whole {
        let needed = if length < 12 { 12 } else { whole };
        assert_eq!(
            FilePrelude::parse(&file[..length]),
            Ok(ParsedPrelude::Needs(needed)),
            "{length}"
        );
    }
    assert_eq!(prelude(&file[..whole]), prelude(&file));
}

fn frame(json: &str) -> Vec<u8> {
    let length = (json.len() as u32).to_be_bytes();
    [b"ZKVAULT\x01", &length[..], json.as_bytes()].concat()
}

fn json(file: &[u8]) -> String {
    String::from_utf8(file[12..].to_vec()).unwrap()
}

/// The error after `change` was made to a good header.
fn fault(change: impl FnOnce(String) -> String) -> PreludeError {
    let recipient = PublicIdentity::from_bytes([9; 32]).unwrap();
    let meta = FileMeta::default();
    let good = FileSealer::new(&[vault_key()], &[recipient], &meta, BlockSize::MIN, 7).unwrap();
    let changed = change(json(good.prelude()));
    assert_ne!(changed, json(good.prelude()));
    FilePrelude::parse(&frame(&changed)).unwrap_err()
}

/// `text` with the base64 of `member`, which is there once or more, replaced in its first place.
fn with_member(text: &str, member: &str, value: &str) -> String {
    let start = text.find(&format!("\"{member}\":\"")).unwrap() + member.len() + 4;
    let end = start + text[start..].find('"').unwrap();
    [&text[..start], value, &text[end..]].concat()
}

#[test]
fn the_header_has_the_specified_form() {
    let text = json(sealer(&FileMeta::default()).prelude());
    let text = with_member(
        &with_member(&with_member(&text, "sealed", "S"), "file_id", "I"),
        "meta",
        "M",
    );
    insta::assert_snapshot!(text, @r#"{"file_id":"I","block_size":32768,"created":1700000000,"keys":[{"type":"vault-key","key_id":"cec3c084","sealed":"S"}],"meta":"M"}"#);
}

#[test]
fn another_magic() {
    for wrong in [&b"ZKVAULU\x01\0\0\0\0"[..], b"age-encryption.org", b"\0", b"zkvault"] {
        assert_eq!(FilePrelude::parse(wrong), Err(PreludeError::NotAFile));
    }
}

#[test]
fn unknown_version() {
    for wrong in [&b"ZKVAULT\x02"[..], b"ZKVAULT\x02\0\0\0\0", b"ZKVAULT\x00\0\0\0\0{}"] {
        assert_eq!(FilePrelude::parse(wrong), Err(PreludeError::Version(wrong[7])));
    }
}

#[test]
fn a_header_that_is_too_long() {
    let at = |length: u32| FilePrelude::parse(&[b"ZKVAULT\x01", &length.to_be_bytes()[..]].concat());
    assert_eq!(at(65_536), Ok(ParsedPrelude::Needs(12 + 65_536)));
    assert_eq!(at(65_537), Err(PreludeError::HeaderLength { actual: 65_537 }));
    assert_eq!(
        at(u32::MAX),
        Err(PreludeError::HeaderLength {
            actual: u32::MAX as usize
        })
    );
}

#[test]
fn not_json_or_not_a_header() {
    for wrong in ["", "{}", "[]", "null", "{\"file_id\":\"\"", &"[".repeat(60_000)] {
        assert_eq!(
            FilePrelude::parse(&frame(wrong)),
            Err(PreludeError::Json),
            "{wrong:.20}"
        );
    }
}

#[test]
fn json_faults() {
    let faults: [fn(String) -> String; 9] = [
        |text| text.replace("\"created\"", "\"made\""),
        |text| text.replacen('{', "{\"more\":1,", 1),
        |text| text.replace("\"created\":7", "\"created\":7,\"created\":7"),
        |text| text.replace("\"created\":7", "\"created\":7.5"),
        |text| text.replace("\"created\":7", "\"created\":-7"),
        |text| text.replace("vault-key", "vault_key"),
        |text| text.replace("\"key_id\"", "\"more\":1,\"key_id\""),
        |text| text + "{}",
        |text| {
            text.replace(
                "\"type\":\"recipient\"",
                "\"type\":\"recipient\",\"type\":\"recipient\"",
            )
        },
    ];
    for (case, change) in faults.into_iter().enumerate() {
        assert_eq!(fault(change), PreludeError::Json, "case {case}");
    }
}

#[test]
fn json_in_another_form() {
    let faults: [fn(String) -> String; 6] = [
        |text| text.replace("\"created\":7", "\"created\": 7"),
        |text| text + " ",
        |text| text.replace("recipient", "reci\\u0070ient"),
        |text| {
            text.replace(
                "\"block_size\":16384,\"created\":7",
                "\"created\":7,\"block_size\":16384",
            )
        },
        |text| with_member(&text, "key_id", &vault_key().id().to_string().to_uppercase()),
        |text| {
            let id = text[text.find("key_id").unwrap() + 9..][..8].to_owned();
            let (member, sealed) = (format!("\"key_id\":\"{id}\","), text.find("\"sealed\"").unwrap());
            let end = sealed + text[sealed..].find('}').unwrap();
            let moved = format!("{},{}", &text[sealed..end], member.trim_end_matches(','));
            text.replace(&format!("{member}{}", &text[sealed..end]), &moved)
        },
    ];
    for (case, change) in faults.into_iter().enumerate() {
        assert_eq!(fault(change), PreludeError::NotCanonical, "case {case}");
    }
}

#[test]
fn members_that_are_malformed() {
    let of = |length: usize| STANDARD.encode(vec![9; length]);
    for (member, value) in [
        ("file_id", of(15)),
        ("file_id", of(17)),
        ("file_id", of(16).replace('=', "")),
        ("file_id", "CQkJCQkJCQkJCQkJCQkJCR==".to_owned()),
        ("key_id", "123".to_owned()),
        ("sealed", of(103)),
        ("sealed", of(105)),
        ("encapped", of(31)),
        ("encapped", STANDARD.encode([0; 32])),
        ("encapped", STANDARD.encode([0xff; 32])),
        ("meta", of(71)),
        ("meta", of(72 + 3317)),
        ("meta", String::new()),
    ] {
        assert_eq!(
            fault(|text| with_member(&text, member, &value)),
            PreludeError::Field(member),
            "{member} {value}"
        );
    }
}

#[test]
fn a_recipients_wrap_of_another_length() {
    for length in [47, 49] {
        let error = fault(|text| {
            let (keys, recipient) = text.split_at(text.find("\"recipient\"").unwrap());
            format!(
                "{keys}{}",
                with_member(recipient, "sealed", &STANDARD.encode(vec![9; length]))
            )
        });
        assert_eq!(error, PreludeError::Field("sealed"), "{length}");
    }
}

#[test]
fn no_entries_or_too_many() {
    let entries = |count: usize| {
        let entry = format!(
            "{{\"type\":\"vault-key\",\"key_id\":\"00000000\",\"sealed\":\"{}\"}}",
            STANDARD.encode([1; 104])
        );
        move |text: String| {
            let (start, end) = (text.find('[').unwrap(), text.rfind(']').unwrap());
            [&text[..=start], &vec![entry; count].join(","), &text[end..]].concat()
        }
    };
    assert_eq!(fault(entries(0)), PreludeError::Field("keys"));
    assert_eq!(fault(entries(65)), PreludeError::Field("keys"));
}

#[test]
fn block_sizes_outside_the_limits() {
    for actual in [0, 16_383, 24 << 10, (128 << 20) + (16 << 10)] {
        let error = fault(|text| text.replace("16384", &actual.to_string()));
        assert_eq!(error, PreludeError::BlockSize(BlockSizeError { actual }));
    }
}

/// What no check of its own protects, the digest of the prelude does: time, block size, another's entry.
#[test]
fn a_changed_prelude_opens_no_block() {
    let sealer = sealer(&FileMeta::default());
    let mut sealed = Vec::new();
    sealer.seal_block(0, true, b"x", &mut sealed).unwrap();
    let good = json(sealer.prelude());
    for changed in [good.replace("1700000000", "1700000001"), good.replace("32768", "16384")] {
        assert_ne!(changed, good);
        let opener = opener(&frame(&changed));
        let result = opener.open_block(0, true, &sealed, &mut Vec::new());
        assert_eq!(result, Err(OpenBlockError::Decrypt(DecryptError)));
    }
}

#[test]
fn changed_wraps_and_descriptions() {
    let good = json(sealer(&FileMeta::default()).prelude());
    let other = json(sealer(&FileMeta::default()).prelude());
    let member = |text: &str, name: &str| {
        let start = text.find(&format!("\"{name}\":\"")).unwrap() + name.len() + 4;
        text[start..start + text[start..].find('"').unwrap()].to_owned()
    };
    for name in ["file_id", "sealed", "meta"] {
        let changed = with_member(&good, name, &member(&other, name));
        let result = prelude(&frame(&changed)).unlock(&keys());
        assert_eq!(result.unwrap_err(), UnlockFileError::Decrypt(DecryptError), "{name}");
    }
}

/// Only someone with the file key can do this, but a reader must not take a path from them.
#[test]
fn an_authentic_description_that_is_not_acceptable() {
    for (meta, expected) in [
        (&br#"{"name":"../.profile"}"#[..], FileMetaError::Name),
        (br#"{ "size":1}"#, FileMetaError::Json),
    ] {
        let (key, file_id) = (key::FileKey::generate().unwrap(), [3; 16]);
        let header = header::Header {
            file_id,
            block_size: BlockSize::MIN,
            created: 0,
            keys: vec![key.wrap_for_vault_key(&vault_key(), &file_id).unwrap()],
            meta: cobblestone::seal(key.input_key(), &sealer::meta_context(&file_id), meta).unwrap(),
        };
        let (prelude, bytes) = FilePrelude::create(header).unwrap();
        assert_eq!(FilePrelude::parse(&bytes), Ok(ParsedPrelude::Whole(prelude.clone())));
        assert_eq!(prelude.unlock(&keys()).unwrap_err(), UnlockFileError::Meta(expected));
    }
}
