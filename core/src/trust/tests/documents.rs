//! Pins as JSON: one form, and what is refused.

use super::*;

/// The vector of docs/spec/trust.md.
const DOCUMENT: &str = concat!(
    r#"{"format":"zkvault.pins","version":2,"sites":[{"id":7,"gone":false,"updated":1000,"name":"Example","flags":293,"#,
    r#""image":null,"icon":null,"origin":"https://example.com","url":"https://example.com/login","regex":null,"#,
    r##""username":null,"trim":null,"submit":"#go","inputs":[{"type":"password","name":"pass","flags":5,"##,
    r#""value":{"form":"bound","check":"opened","key":"Rrd2cAWy5onFeNU9C+Chhg==","digest":"uZhgWPQmE53z9s4OuHk4PkgXoU2Nr4Sm5k19uN+H1F0="}}],"#,
    r#""earlier":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]}]}"#
);

fn malformed(name: &str, json: &str) {
    let error = PinSet::from_json(json).expect_err(name);
    assert!(matches!(error, ReadPinsError::Malformed(_)), "{name}: {error}");
}

#[test]
fn the_specified_document_reads_and_writes_as_itself() {
    let pins = PinSet::from_json(DOCUMENT).unwrap();
    assert_eq!(pins.to_json().unwrap(), DOCUMENT);
    let pin = pins.get(7).unwrap();
    assert_eq!(pin.origin().unwrap().to_string(), "https://example.com");
    assert_eq!(
        (pin.name().unwrap().whole(), pin.updated()),
        (Some("Example"), Some(1000))
    );
    // SHA-256("zkvault.pin.value.v1" || 0x00 || "Ag=="), computed apart.
    assert_eq!(pin.inputs()[0].digest(), Some(ValueDigest::of("Ag==")));
    let one = pin.to_json().unwrap();
    assert!(DOCUMENT.contains(&one));
    assert_eq!(Pin::from_json(&one).as_ref(), Ok(pin));
    assert_eq!(
        PinSet::new().to_json().unwrap(),
        r#"{"format":"zkvault.pins","version":2,"sites":[]}"#
    );
}

#[test]
fn a_document_with_one_fault_is_malformed() {
    let digest = "uZhgWPQmE53z9s4OuHk4PkgXoU2Nr4Sm5k19uN+H1F0=";
    let earlier = r#""AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=""#;
    let faults = [
        ("another_format", "zkvault.pins", "zkvault.pin"),
        ("version_as_text", r#""version":2"#, r#""version":"2""#),
        ("version_twice", r#""version":2"#, r#""version":2,"version":2"#),
        ("unknown_member", r#""sites""#, r#""note":1,"sites""#),
        ("unknown_member_of_a_pin", r#""gone""#, r#""note":1,"gone""#),
        ("unknown_member_of_an_input", r#"{"type""#, r#"{"note":1,"type""#),
        ("unknown_member_of_a_value", r#"{"form""#, r#"{"note":1,"form""#),
        ("sites_missing", r#","sites""#, r#","site""#),
        ("member_twice", r#""flags":293"#, r#""flags":293,"flags":293"#),
        ("null_member_missing", r#""image":null,"#, ""),
        ("member_missing", r#""gone":false,"#, ""),
        ("order", r#""image":null,"icon":null"#, r#""icon":null,"image":null"#),
        ("white_space", r#""id":7"#, r#""id": 7"#),
        ("escape", "Example", "\\u0045xample"),
        ("empty_text", r#""Example""#, r#""""#),
        ("negative_id", r#""id":7"#, r#""id":-7"#),
        ("fraction", r#""id":7"#, r#""id":7.0"#),
        ("id_too_large", r#""id":7"#, r#""id":18446744073709551616"#),
        ("gone_as_number", "false", "0"),
        (
            "origin_with_path",
            r#""https://example.com","#,
            r#""https://example.com/","#,
        ),
        (
            "origin_upper_case",
            r#""https://example.com","#,
            r#""https://Example.com","#,
        ),
        (
            "origin_default_port",
            r#""https://example.com","#,
            r#""https://example.com:443","#,
        ),
        ("origin_script", r#""https://example.com","#, r#""javascript:","#),
        ("form_unknown", r#""bound""#, r#""v3""#),
        ("form_absent", r#""bound""#, r#""absent""#),
        ("check_unknown_word", r#""opened""#, r#""yes""#),
        ("malformed_but_opened", r#""bound""#, r#""malformed""#),
        (
            "vendor_but_failed",
            r#""bound","check":"opened","key":"Rrd2cAWy5onFeNU9C+Chhg==""#,
            r#""vendor","check":"failed","key":null"#,
        ),
        ("opened_without_key", r#""Rrd2cAWy5onFeNU9C+Chhg==""#, "null"),
        ("unknown_with_key", r#""opened""#, r#""unknown""#),
        ("key_short", "Rrd2cAWy5onFeNU9C+Chhg==", "Rrd2cAWy5onFeNU9C+Ch"),
        ("key_missing", r#""key":"Rrd2cAWy5onFeNU9C+Chhg==","#, ""),
        ("digest_short", digest, "uZhgWPQmE53z9s4OuHk4PkgXoU2Nr4Sm5k19uN+H1A=="),
        (
            "digest_padding_bits",
            digest,
            "uZhgWPQmE53z9s4OuHk4PkgXoU2Nr4Sm5k19uN+H1F1=",
        ),
        ("digest_unpadded", digest, digest.trim_end_matches('=')),
        ("digest_hex", digest, "00"),
        ("earlier_twice", earlier, &format!("{earlier},{earlier}")),
        ("earlier_is_present", earlier, &format!("\"{digest}\"")),
        ("earlier_null", earlier, "null"),
        ("input_null", r#"{"type""#, r#"null,{"type""#),
        ("trailing_space", "]}]}", "]}]} "),
        ("two_documents", "]}]}", "]}]}{}"),
        ("cut", "]}]}", "]}]"),
    ];
    for (name, from, to) in faults {
        let changed = DOCUMENT.replacen(from, to, 1);
        assert_ne!(changed, DOCUMENT, "{name}");
        malformed(name, &changed);
    }
    malformed("empty", "");
    malformed("array", r#"["zkvault.pins",1,[]]"#);
}

#[test]
fn long_texts_have_one_form() {
    let with_name = |name: &str| DOCUMENT.replace(r#""Example""#, name);
    let digest = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let long = |bytes: usize| with_name(&format!(r#"{{"bytes":{bytes},"sha256":"{digest}"}}"#));
    let whole = |bytes: usize| with_name(&format!("{:?}", "x".repeat(bytes)));
    assert!(PinSet::from_json(&whole(MAX_PINNED_TEXT_LEN)).is_ok());
    assert!(PinSet::from_json(&long(MAX_PINNED_TEXT_LEN + 1)).is_ok());
    malformed("long_text_whole", &whole(MAX_PINNED_TEXT_LEN + 1));
    malformed("short_text_as_digest", &long(MAX_PINNED_TEXT_LEN));
    malformed(
        "digest_with_a_note",
        &long(2000).replace(r#","sha256""#, r#","note":1,"sha256""#),
    );
}

#[test]
fn sites_stand_in_order_and_once() {
    let start = DOCUMENT.find(r#"{"id""#).unwrap();
    let pin = &DOCUMENT[start..DOCUMENT.len() - 2];
    let other = |id: u64| pin.replace(r#""id":7"#, &format!(r#""id":{id}"#));
    let two = |id: u64| DOCUMENT.replace(pin, &format!("{pin},{}", other(id)));
    assert_eq!(PinSet::from_json(&two(8)).unwrap().len(), 2);
    malformed("site_twice", &two(7));
    malformed("sites_out_of_order", &two(6));
}

#[test]
fn limits_are_the_stated_ones() {
    let inputs = |count: usize| {
        let start = DOCUMENT.find(r#"{"type""#).unwrap();
        let end = DOCUMENT.find(r#"],"earlier""#).unwrap();
        let input = r#"{"type":null,"name":null,"flags":null,"value":null}"#;
        let list = vec![input; count].join(",");
        format!("{}{list}{}", &DOCUMENT[..start], &DOCUMENT[end..])
    };
    let most = crate::document::MAX_INPUTS;
    assert!(PinSet::from_json(&inputs(most)).is_ok());
    malformed("too_many_inputs", &inputs(most + 1));
    let bytes = MAX_PIN_LEN + 1;
    let error = Pin::from_json(&" ".repeat(bytes)).unwrap_err();
    assert_eq!(
        error,
        ReadPinsError::TooLong {
            bytes,
            limit: MAX_PIN_LEN
        }
    );
}

#[test]
fn another_version_is_named() {
    let version = |number: u64| DOCUMENT.replace(r#""version":2"#, &format!(r#""version":{number},"extra":[]"#));
    assert_eq!(
        PinSet::from_json(&version(3)),
        Err(ReadPinsError::UnsupportedVersion(3))
    );
    assert_eq!(PinSet::from_json(&version(1)), Err(ReadPinsError::PreRelease));
}

#[test]
fn debug_and_json_of_findings() {
    let pins = pinned(&[vendor_site(1)]);
    let mut changed = vendor_site(1);
    set_value(&mut changed, 0, "");
    set_value(&mut changed, 1, "");
    changed["login"]["regex"] = "x\u{1b}[2J".into();
    let found = findings(&pins, &[changed]);
    let json = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Finding>>(&json).unwrap(), found);
    insta::assert_snapshot!(json, @r#"[{"tampered":{"downgraded":{"input":0,"pinned":"vendor","now":"absent"}}},{"tampered":{"downgraded":{"input":1,"pinned":"vendor","now":"absent"}}},{"changed":{"field":"regex","input":null,"before":"^https://accounts\\.example\\.com/","after":"x\u001b[2J"}}]"#);
    let Some(Finding::Changed(change)) = found.last() else {
        panic!()
    };
    insta::assert_snapshot!(change.after.as_ref().unwrap().to_string(), @r#""x\u{1b}[2J""#);
    let long = PinnedText::of(&"x".repeat(2000)).unwrap();
    assert_eq!((long.whole(), long.text_len()), (None, 2000));
    insta::assert_snapshot!(long.to_string(), @"a text of 2000 bytes, SHA-256 ecd8f49d…");
    insta::assert_snapshot!(format!("{:?}", ValueDigest::of("Ag==")), @"ValueDigest(b9986058…)");
}
