//! The sealed part of the keyring file, opened: one fault at a time.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::contents;
use super::*;
use crate::secret::SecretBytes;

fn vector() -> String {
    let keyring = unlock(VECTOR.as_bytes()).unwrap();
    String::from_utf8(contents::write(&keyring.contents).unwrap().expose_secret().to_vec()).unwrap()
}

pub(super) fn read(json: &str) -> Result<Contents, &'static str> {
    contents::read(&SecretBytes::from(json.as_bytes().to_vec()))
}

#[test]
fn contents_are_written_as_specified() {
    insta::assert_snapshot!(vector(), @r#"{"serial":7,"identity":"CAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHB0c=","personal":["AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=","BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ="],"accounts":["acme.logmeonce.com","[2001:db8::1]:8443/vault"],"default":1,"keys":[{"label":"vault","origin":"generated","created":1700000000,"state":"retired","retired":1700000002,"secret":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="},{"label":"second \"key\" é","origin":"imported","created":1700000001,"state":"active","replaces":"Rrd2cAWy5onFeNU9C+Chhg==","vendor_id":"d87f7e0c","secret":"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="}],"credentials":[{"name":"logmeonce.secret","secret":"cyLDqWNyZXQ="}]}"#);
}

#[test]
fn contents_with_one_fault_are_named() {
    let faults = [
        (
            "unknown_member",
            "{\"serial\"",
            "{\"x\":1,\"serial\"",
            "the JSON is not as specified",
        ),
        (
            "identity_twice",
            "\"identity\"",
            "\"identity\":\"\",\"identity\"",
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
            "serial_zero",
            "\"serial\":7",
            "\"serial\":0",
            "the serial is out of limits",
        ),
        (
            "serial_beyond_doubles",
            "\"serial\":7",
            "\"serial\":9007199254740992",
            "the serial is out of limits",
        ),
        ("personal_short", "[\"AwMD", "[\"", "a personal key has not 32 bytes"),
        (
            "personal_none",
            "\"personal\":[",
            "\"personal\":[],\"x\":[",
            "the JSON is not as specified",
        ),
        (
            "account_of_another_form",
            "acme.logmeonce.com",
            "Acme.logmeonce.com",
            "an account is there twice, or not in its one form",
        ),
        (
            "account_without_name",
            "acme.logmeonce.com",
            "",
            "an account has no name of one",
        ),
        (
            "account_twice",
            "[2001:db8::1]:8443/vault",
            "acme.logmeonce.com",
            "an account is there twice, or not in its one form",
        ),
        (
            "retired_without_time",
            ",\"retired\":1700000002",
            "",
            "a key has a time of retirement and is active, or has none and is retired",
        ),
        (
            "active_with_time",
            "\"state\":\"active\"",
            "\"state\":\"active\",\"retired\":1",
            "a key has a time of retirement and is active, or has none and is retired",
        ),
        ("retired_null", "1700000002", "null", "the JSON is not as specified"),
        (
            "replaces_null",
            "\"replaces\":\"Rrd2cAWy5onFeNU9C+Chhg==\"",
            "\"replaces\":null",
            "the JSON is not as specified",
        ),
        (
            "replaces_short",
            "Rrd2cAWy5onFeNU9C+Chhg==",
            "Rrd2cAWy5onFeNU9C+Ch",
            "the fingerprint of a key is not 16 bytes of canonical base64",
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
            "a key is there twice or replaces itself, or its label is not usable",
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
        Some("a key is there twice or replaces itself, or its label is not usable")
    );
    let start = |personal: &str| {
        let identity = "CAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHB0c=";
        format!(r#"{{"serial":1,"identity":"{identity}","personal":{personal},"accounts":[]"#)
    };
    let one = r#"["AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM="]"#;
    let keyless = |personal: &str| start(personal) + r#","default":0,"keys":[],"credentials":[]}"#;
    assert_eq!(read(&keyless(one)).err(), Some("the default is no active key"));
    let many = (0..=MAX_PERSONAL_KEYS as u8).map(|byte| format!("\"{}\"", STANDARD.encode([byte; 32])));
    let too_many = format!("[{}]", many.collect::<Vec<_>>().join(","));
    let twice = one.replace("]", &one.replace('[', ","));
    for personal in ["[]", &too_many, &twice] {
        let expected = Some("there are not 1 to 16 different personal keys");
        assert_eq!(read(&keyless(personal)).err(), expected, "{personal}");
    }
}

/// Else a line of keys could be a circle.
#[test]
fn a_key_that_comes_before_the_one_it_replaces_is_refused() {
    let good = vector();
    let replaced = STANDARD.encode(key(1).fingerprint().to_bytes());
    let other = STANDARD.encode(key(9).fingerprint().to_bytes());
    let later = STANDARD.encode(key(2).fingerprint().to_bytes());
    assert!(
        read(&good.replace(&replaced, &other)).is_ok(),
        "a key that is not there"
    );
    let expected = Some("a key is there twice or replaces itself, or its label is not usable");
    assert_eq!(read(&good.replace(&replaced, &later)).err(), expected);
    let expected = Some("a key comes before the one that it replaces");
    let one = good.replace(&replaced, &other);
    let earlier = one.replace(
        r#""state":"retired","#,
        &format!(r#""state":"retired","replaces":"{later}","#),
    );
    assert_eq!(read(&earlier).err(), expected, "a later one");
}

#[test]
fn arrays_in_place_of_objects_are_refused() {
    let secret = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    let key = format!(r#"{{"label":"a","origin":"imported","created":1,"state":"active","secret":"{secret}"}}"#);
    let credential = r#"{"name":"b","secret":""}"#;
    let contents = |key: &str, credential: &str| {
        format!(
            r#"{{"serial":1,"identity":"{secret}","personal":["{secret}"],"accounts":[],"default":0,"keys":[{key}],"credentials":[{credential}]}}"#
        )
    };
    assert!(read(&contents(&key, credential)).is_ok());
    for array in [
        contents(
            &format!(r#"["a","imported",1,"active",1,"AQ==","d87f7e0c","{secret}"]"#),
            credential,
        ),
        contents(&key, r#"["b",""]"#),
        format!(r#"[1,"{secret}",["{secret}"],[],0,[{key}],[{credential}]]"#),
    ] {
        assert_eq!(read(&array).err(), Some("the JSON is not as specified"), "{array}");
    }
}

#[test]
fn damaged_contents_are_an_error_of_their_own() {
    let keyring = cheap();
    let message = cobblestone::seal(&keyring.unlock_key.input_key(), &sealed::context(&keyring.kdf), b"{}").unwrap();
    let file = sealed::write(&keyring.kdf, &message).unwrap();
    let error = unlock(&file).unwrap_err();
    assert_eq!(error, UnlockKeyringError::Contents("the JSON is not as specified"));
    insta::assert_snapshot!(error, @"the keyring opened, but its contents are damaged: the JSON is not as specified");
}
