//! The sealed part of the keyring file, opened: one fault at a time.

use super::super::contents;
use super::*;
use crate::secret::SecretBytes;

fn vector() -> String {
    let keyring = unlock(VECTOR.as_bytes()).unwrap();
    String::from_utf8(contents::write(&keyring.contents).unwrap().to_vec()).unwrap()
}

fn read(json: &str) -> Result<Contents, &'static str> {
    contents::read(&SecretBytes::from(json.as_bytes().to_vec()))
}

#[test]
fn contents_are_written_as_specified_without_growing_their_buffer() {
    insta::assert_snapshot!(vector(), @r#"{"identity":"CAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHB0c=","default":1,"keys":[{"label":"vault","origin":"generated","created":1700000000,"state":"retired","secret":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="},{"label":"second \"key\" é","origin":"imported","created":1700000001,"state":"active","vendor_id":"d87f7e0c","secret":"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="}],"credentials":[{"name":"logmeonce.secret","secret":"cyLDqWNyZXQ="}]}"#);
    let json = contents::write(&cheap().contents).unwrap();
    assert_eq!(json.len(), json.capacity());
}

#[test]
fn contents_with_one_fault_are_named() {
    let faults = [
        (
            "unknown_member",
            "{\"identity\"",
            "{\"x\":1,\"identity\"",
            "the JSON is not as specified",
        ),
        (
            "identity_twice",
            "{\"identity\"",
            "{\"identity\":\"\",\"identity\"",
            "the JSON is not as specified",
        ),
        (
            "key_member_twice",
            "\"state\":\"active\"",
            "\"state\":\"active\",\"state\":\"active\"",
            "the JSON is not as specified",
        ),
        (
            "identity_short",
            "\"identity\":\"CAcH",
            "\"identity\":\"",
            "the identity has not 32 bytes",
        ),
        (
            "key_short",
            "\"secret\":\"AQEB",
            "\"secret\":\"",
            "a key has not 32 bytes",
        ),
        ("key_spare_bits", "QE=\"", "QF=\"", "a secret is not canonical base64"),
        (
            "origin_unknown",
            "\"imported\"",
            "\"found\"",
            "the origin of a key is unknown",
        ),
        (
            "state_unknown",
            "\"active\"",
            "\"asleep\"",
            "the state of a key is unknown",
        ),
        (
            "vendor_id_long",
            "d87f7e0c",
            "d87f7e0c0",
            "a vendor's number is not 8 hexadecimal digits",
        ),
        (
            "default_retired",
            "\"default\":1",
            "\"default\":0",
            "the default is no active key",
        ),
        (
            "default_missing",
            "\"default\":1",
            "\"default\":2",
            "the default is no active key",
        ),
        (
            "label_empty",
            "\"label\":\"vault\"",
            "\"label\":\"\"",
            "a key is there twice, or its label is not usable",
        ),
        (
            "credential_name_empty",
            "\"logmeonce.secret\"",
            "\"\"",
            "a credential is out of limits",
        ),
        (
            "credential_not_text",
            "\"secret\":\"cyLDqWNyZXQ=\"",
            "\"secret\":\"/w==\"",
            "a credential is not text",
        ),
        (
            "credential_twice",
            "{\"name\":\"logmeonce.secret\"",
            "{\"name\":\"logmeonce.secret\",\"secret\":\"\"},{\"name\":\"logmeonce.secret\"",
            "two credentials have one name",
        ),
        ("trailing", "}]}", "}]}}", "the JSON is not as specified"),
        ("vendor_id_null", "\"d87f7e0c\"", "null", "the JSON is not as specified"),
    ];
    let good = vector();
    assert!(read(&good).is_ok());
    for (name, from, to, expected) in faults {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{name}");
        assert_eq!(read(&changed).err(), Some(expected), "{name}");
    }
    let doubled = good
        .replace(&"AgIC".repeat(10), &"AQEB".repeat(10))
        .replace("AgI=", "AQE=");
    assert_eq!(
        read(&doubled).err(),
        Some("a key is there twice, or its label is not usable")
    );
    let keyless =
        r#"{"identity":"CAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHB0c=","default":0,"keys":[],"credentials":[]}"#;
    assert_eq!(read(keyless).err(), Some("the default is no active key"));
}

#[test]
fn arrays_in_place_of_objects_are_refused() {
    let secret = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    let key = format!(r#"{{"label":"a","origin":"imported","created":1,"state":"active","secret":"{secret}"}}"#);
    let credential = r#"{"name":"b","secret":""}"#;
    let contents = |key: &str, credential: &str| {
        format!(r#"{{"identity":"{secret}","default":0,"keys":[{key}],"credentials":[{credential}]}}"#)
    };
    assert!(read(&contents(&key, credential)).is_ok());
    for array in [
        contents(
            &format!(r#"["a","imported",1,"active","d87f7e0c","{secret}"]"#),
            credential,
        ),
        contents(&key, r#"["b",""]"#),
        format!(r#"["{secret}",0,[{key}],[{credential}]]"#),
    ] {
        assert_eq!(read(&array).err(), Some("the JSON is not as specified"), "{array}");
    }
}

#[test]
fn damaged_contents_are_an_error_of_their_own() {
    let keyring = cheap();
    let message = cobblestone::seal(keyring.unlock_key.input_key(), &sealed::context(&keyring.kdf), b"{}").unwrap();
    let file = sealed::write(&keyring.kdf, &message).unwrap();
    let error = unlock(&file).unwrap_err();
    assert_eq!(error, UnlockKeyringError::Contents("the JSON is not as specified"));
    insta::assert_snapshot!(error, @"the keyring opened, but its contents are damaged: the JSON is not as specified");
}
