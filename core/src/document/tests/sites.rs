//! What becomes of one site, and of one that has a fault.

use super::*;
use crate::value::{EnvelopeError, OpenValueError, OpenedValue, ValueContext, seal_bound, seal_vendor};
use crate::{Coded as _, SecretBuffer};

const CONTEXT: ValueContext<'_> = ValueContext {
    site_id: 7,
    input_type: "password",
    input_name: "pw",
};

fn bound(text: &str) -> String {
    seal_bound(&key(1), &CONTEXT, text).unwrap()
}

fn vendor(text: &str) -> String {
    seal_vendor(&key(1), KeyId::from_bytes([1, 2, 3, 4]), text).unwrap()
}

/// A site with the id 7 and one input `pw` that has `value`, which is JSON.
fn site(value: &str) -> String {
    format!(r#"{{"id":7,"login":{{"inputs":[{{"name":"pw","type":"password","value":{value}}}]}}}}"#)
}

fn decrypt_one(site: &str) -> (String, Vec<&'static str>) {
    let (output, failures) = decrypt(site, 5, &keys(&[2, 1]));
    (output, failures.iter().map(|failure| failure.error.code()).collect())
}

fn refused(site: &[u8]) -> SiteError {
    let (mut output, mut failures) = (SecretBuffer::new(), Vec::<InputFailure>::new());
    output.extend(b"before");
    let error = decrypt_site(&keys(&[1]), site, &mut output, &mut failures).unwrap_err();
    assert_eq!(output.expose_secret(), b"before", "nothing was written");
    assert_eq!(
        encrypt_site(SealAs::Bound(&key(1)), site, &mut output),
        Err(error.into())
    );
    assert_eq!(inspect_site(site, |_, _| {}), Err(error));
    error
}

#[test]
fn values_of_both_versions_open() {
    for value in [bound("a\"b\\\u{0}/ü"), vendor("a\"b\\\u{0}/ü")] {
        let (output, failures) = decrypt_one(&site(&format!("\"{value}\"")));
        assert_eq!(output, site(r#""a\"b\\\u0000/ü""#));
        assert!(failures.is_empty());
    }
}

#[test]
fn escapes_in_values_types_and_names_are_read() {
    let value = bound("x").replace('/', "\\/").replace('A', "\\u0041");
    let site = site(&format!("\"{value}\""))
        .replace("\"pw\"", r#""p\u0077""#)
        .replace(r#""value""#, r#""v\u0061lue""#);
    let (output, failures) = decrypt_one(&site);
    assert_eq!((output, failures.len()), (site.replace(&value, "x"), 0));
}

#[test]
fn absent_null_and_empty_values_stay_and_do_not_fail() {
    for value in ["null", "\"\""] {
        assert_eq!(decrypt_one(&site(value)), (site(value), vec![]));
    }
    let without = [
        r#"{"id":7}"#,
        r#"{"id":7,"login":null}"#,
        r#"{"id":7,"login":[]}"#,
        r#"{"id":7,"login":{}}"#,
        r#"{"id":7,"login":{"inputs":null}}"#,
        r#"{"id":7,"login":{"inputs":[]}}"#,
        r#"{"id":7,"login":{"inputs":[{},[],{"name":"pw"}]}}"#,
    ];
    for site in without {
        assert_eq!(decrypt_one(site), (site.to_owned(), vec![]));
        assert_eq!(encrypt(site, 5, SealAs::Bound(&key(1))).unwrap(), site);
        inspect_site(site.as_bytes(), |_, _| panic!("{site}")).unwrap();
    }
}

#[test]
fn an_empty_plaintext_is_sealed_and_a_null_one_is_not() {
    let sealed = encrypt(&site("\"\""), 5, SealAs::Bound(&key(1))).unwrap();
    assert_ne!(sealed, site("\"\""));
    assert_eq!(decrypt_one(&sealed), (site("\"\""), vec![]));
    assert_eq!(encrypt(&site("null"), 5, SealAs::Bound(&key(1))).unwrap(), site("null"));
    let sealed = encrypt_site(
        SealAs::Bound(&key(1)),
        site("\"\"").as_bytes(),
        &mut SecretBuffer::new(),
    );
    assert_eq!(sealed, Ok(1));
}

#[test]
fn what_does_not_open_stays_and_the_others_open() {
    let good = vendor("good");
    let faults = [
        ("1", "malformed"),
        ("true", "malformed"),
        (r#"["a"]"#, "malformed"),
        (r#"{"a":1}"#, "malformed"),
        (r#""\ud800""#, "malformed"),
        (r#""hunter2""#, "malformed"),
        (r#""\u0000""#, "malformed"),
        (
            &format!("\"{}\"", seal_bound(&key(9), &CONTEXT, "x").unwrap()),
            "no-key",
        ),
        (
            &format!("\"{}\"", seal_vendor(&key(9), KeyId::from_bytes([0; 4]), "x").unwrap()),
            "decrypt",
        ),
        (
            &format!(
                "\"{}\"",
                seal_bound(&key(1), &ValueContext { site_id: 8, ..CONTEXT }, "x").unwrap()
            ),
            "decrypt",
        ),
    ];
    for (value, code) in faults {
        let document = |good: &str| {
            site(value)
                .replace("]}}", &format!(r#",{{"name":"pw","value":"{good}"}}]}}}}"#))
                .replace("[{", "[{},{")
        };
        let (output, failures) = decrypt(&document(&good), 5, &keys(&[1]));
        assert_eq!(output, document("good"), "{value}");
        let [failure] = &failures[..] else {
            panic!("{value}: {failures:?}")
        };
        let place = InputPlace {
            site_id: Some(7),
            index: 1,
            name: "pw".to_owned(),
        };
        assert_eq!((failure.error.code(), &failure.place), (code, &place), "{value}");
    }
}

#[test]
fn a_bound_value_needs_an_id_and_texts_and_a_vendor_value_does_not() {
    let faults = [
        ("\"id\":7,", ""),
        ("\"id\":7", "\"id\":\"7\""),
        ("\"id\":7", "\"id\":null"),
        ("\"id\":7", "\"id\":7.0"),
        ("\"id\":7", "\"id\":-7"),
        ("\"id\":7", "\"id\":18446744073709551616"),
        ("\"pw\"", "1"),
        ("\"pw\"", r#""\udc00""#),
        ("\"password\"", "[]"),
    ];
    for (from, to) in faults {
        let faulty = |value: &str| site(&format!("\"{value}\"")).replace(from, to);
        let sealed = faulty(&bound("x"));
        assert_eq!(decrypt_one(&sealed), (sealed.clone(), vec!["no-context"]), "{to}");
        assert_eq!(decrypt_one(&faulty(&vendor("x"))), (faulty("x"), vec![]), "{to}");
    }
}

#[test]
fn missing_names_and_types_are_empty_texts() {
    let context = ValueContext {
        site_id: 7,
        input_type: "",
        input_name: "",
    };
    let value = seal_bound(&key(1), &context, "x").unwrap();
    for input in ["", r#""name":"","#, r#""type":null,"#] {
        let site = |value: &str| format!(r#"{{"id":7,"login":{{"inputs":[{{{input}"value":"{value}"}}]}}}}"#);
        assert_eq!(decrypt_one(&site(&value)), (site("x"), vec![]), "{input}");
    }
}

#[test]
fn what_cannot_be_sealed_is_named_and_nothing_is_written() {
    let no_id = |value: &str| site(value).replace("\"id\":7,", "");
    let seal = SealAs::Bound(&key(1));
    let faults = [
        (site("1"), SealInputError::NotAString),
        (site(r#""\ud800""#), SealInputError::NotAString),
        (site(&format!("\"{}\"", bound("x"))), SealInputError::AlreadySealed),
        (
            site(&format!("\"{}\"", vendor("x").replace('/', "\\/"))),
            SealInputError::AlreadySealed,
        ),
        (no_id("\"x\""), SealInputError::NoContext),
        (site("\"x\"").replace("\"pw\"", "1"), SealInputError::NoContext),
    ];
    for (site, expected) in faults {
        // A good input in front must not be written either.
        let site = site.replace("[{", r#"[{"name":"a","value":"b"},{"#);
        let mut output = SecretBuffer::new();
        let error = encrypt_site(seal, site.as_bytes(), &mut output).unwrap_err();
        assert!(output.is_empty(), "{site}");
        match error {
            EncryptSiteError::Input { place, error } if place.site_id.is_some() => {
                assert_eq!((place.index, error), (1, expected), "{site}")
            }
            EncryptSiteError::Input { error, .. } => assert_eq!(error, expected, "{site}"),
            EncryptSiteError::Site(error) => panic!("{site}: {error}"),
        }
    }
    let vendor = encrypt(&no_id("\"x\""), 5, SealAs::Vendor(&key(1), KeyId::from_bytes([0; 4]))).unwrap();
    assert_eq!(
        decrypt_one(&vendor),
        (no_id("\"x\""), vec![]),
        "a vendor value needs no context"
    );
}

#[test]
fn no_random_bytes_means_no_site() {
    let mut output = SecretBuffer::new();
    let error =
        crate::random::failing::with(|| encrypt_site(SealAs::Bound(&key(1)), site("\"x\"").as_bytes(), &mut output));
    assert!(matches!(
        error,
        Err(EncryptSiteError::Input {
            error: SealInputError::Seal(_),
            ..
        })
    ));
    assert!(output.is_empty());
}

#[test]
fn fields_that_are_read_may_not_be_there_twice() {
    let twice = [
        ("\"id\":7", "\"id\":7,\"id\":7"),
        ("\"id\":7", "\"id\":7,\"i\\u0064\":8"),
        ("\"id\":7", "\"name\":1,\"id\":7,\"name\":2"),
        ("\"login\"", "\"login\":{},\"login\""),
        ("\"inputs\"", "\"inputs\":[],\"inputs\""),
        ("\"value\"", "\"value\":\"a\",\"value\""),
        ("\"value\"", "\"\\u0076alue\":\"a\",\"value\""),
        ("\"type\"", "\"type\":\"a\",\"type\""),
        ("\"name\"", "\"name\":\"a\",\"name\""),
    ];
    for (from, to) in twice {
        let error = refused(site("\"x\"").replacen(from, to, 1).as_bytes());
        assert!(matches!(error, SiteError::DuplicateField { .. }), "{to}: {error}");
    }
    let others = site("\"\"").replace("\"id\":7", "\"id\":7,\"a\":1,\"a\":2");
    assert_eq!(
        decrypt_one(&others),
        (others.clone(), vec![]),
        "what we do not read may be"
    );
}

#[test]
fn sites_of_another_shape_are_refused() {
    let shapes = [
        r#"{"login":1}"#,
        r#"{"login":"a"}"#,
        r#"{"login":[{"inputs":[]}]}"#,
        r#"{"login":[[{"value":"a"}]]}"#,
        r#"{"login":{"inputs":{}}}"#,
        r#"{"login":{"inputs":"a"}}"#,
        r#"{"login":{"inputs":[1]}}"#,
        r#"{"login":{"inputs":[null]}}"#,
        r#"{"login":{"inputs":[["pw","password","hunter2"]]}}"#,
    ];
    for site in shapes {
        let error = refused(site.as_bytes());
        assert!(matches!(error, SiteError::Shape { .. }), "{site}: {error:?}");
        assert!(!error.to_string().contains("hunter2"));
    }
}

#[test]
fn what_is_no_json_object_is_refused() {
    let faults = [
        "",
        "[]",
        "1",
        "{",
        "{}}",
        "{} {}",
        "{\"a\":1,}",
        "{\"a\":\"\u{0}\"}",
        "{\"a\":[1}}",
        "{\"a\":\"\\q\"}",
        "\u{feff}{}",
    ];
    for site in faults {
        let error = refused(site.as_bytes());
        assert!(
            matches!(error, SiteError::Syntax { .. } | SiteError::Shape { .. }),
            "{site}: {error:?}"
        );
    }
    assert_eq!(refused(b"{\n\n \"a\":x}"), SiteError::Syntax { offset: 8 });
    assert_eq!(refused(b"{\"a\":\"\xff\"}"), SiteError::NotUtf8 { offset: 6 });
    assert_eq!(refused(b"{\"a\":\"\xed\xa0\x80\"}"), SiteError::NotUtf8 { offset: 6 });
}

#[test]
fn lone_surrogates_in_fields_we_do_not_read_are_copied() {
    let site = r#"{"id":7,"a":["\udc00",{"\ud800":1}]}"#;
    assert_eq!(decrypt_one(site), (site.to_owned(), vec![]));
    // A key must be text to tell whether it is one of ours.
    assert_eq!(refused(br#"{"\ud800":1}"#), SiteError::Syntax { offset: 8 });
}

#[test]
fn the_longest_values_pass() {
    let text = "ü".repeat(crate::value::MAX_VALUE_LEN / 2);
    let plain = site(&format!("\"{text}\""));
    let sealed = encrypt(&plain, 1 << 16, SealAs::Bound(&key(1))).unwrap();
    assert_eq!(decrypt(&sealed, 1 << 16, &keys(&[1])), (plain, vec![]));
    let error = encrypt(&site(&format!("\"{text}a\"")), 1 << 16, SealAs::Bound(&key(1))).unwrap_err();
    assert!(matches!(
        error,
        EncryptSiteError::Input {
            error: SealInputError::Seal(_),
            ..
        }
    ));
    let long = site(&format!("\"{}\"", "A".repeat(4 << 20)));
    let (output, failures) = decrypt(&long, 1 << 16, &keys(&[1]));
    assert_eq!(output, long);
    assert!(matches!(
        failures[0].error,
        InputError::Open(OpenValueError::Malformed(EnvelopeError::TooLong { .. }))
    ));
}

#[test]
fn a_report_can_have_the_opened_values() {
    struct Rows(Vec<(Option<u64>, String, usize, String, String, OpenedValue)>);
    impl DecryptReport for Rows {
        fn opened(&mut self, input: &InputRef<'_>, value: OpenedValue) {
            let (site, name, kind) = (input.site_name(), input.name(), input.input_type());
            self.0.push((
                input.site_id(),
                site.to_owned(),
                input.index(),
                name.into_owned(),
                kind.into_owned(),
                value,
            ));
        }

        fn failed(&mut self, input: &InputRef<'_>, error: InputError) {
            panic!("{input:?}: {error}");
        }
    }
    let mut rows = Rows(Vec::new());
    let site = site(&format!("\"{}\"", bound("hunter2"))).replace("\"id\"", "\"name\":\"a\\nb\",\"id\"");
    decrypt_site(&keys(&[1]), site.as_bytes(), &mut SecretBuffer::new(), &mut rows).unwrap();
    let (id, site, index, name, kind, value) = rows.0.pop().unwrap();
    assert_eq!(
        (id, site.as_str(), index, name.as_str(), kind.as_str()),
        (Some(7), "a\nb", 0, "pw", "password")
    );
    assert_eq!(value.text.expose_secret(), "hunter2");
}

/// Read or shown once for every input, these would cost gigabytes.
#[test]
fn a_long_id_and_a_long_name_cost_no_square() {
    let digits = "1".repeat(MAX_SITE_LEN / 2);
    let name = "\u{fc}\\n".repeat(MAX_SITE_LEN / 16);
    let inputs = vec![r#"{"value":"x"}"#; MAX_INPUTS].join(",");
    let site = format!(r#"{{"id":{digits},"name":"{name}","login":{{"inputs":[{inputs}]}}}}"#);
    let (mut places, mut shown) = (Vec::new(), 0);
    inspect_site(site.as_bytes(), |input, _| {
        assert_eq!(input.site_name().len(), 1023, "no half of a character");
        shown += input.site_name().len();
        places.push(input.place());
    })
    .unwrap();
    assert_eq!((places.len(), shown), (MAX_INPUTS, MAX_INPUTS * 1023));
    assert!(places.iter().all(|place| place.site_id.is_none()));
}

#[test]
fn the_number_of_inputs_is_bounded() {
    let site = |inputs: usize| format!(r#"{{"login":{{"inputs":[{}]}}}}"#, vec!["{}"; inputs].join(","));
    assert_eq!(decrypt_one(&site(MAX_INPUTS)), (site(MAX_INPUTS), vec![]));
    let error = refused(site(MAX_INPUTS + 1).as_bytes());
    assert!(matches!(error, SiteError::TooManyInputs { .. }), "{error:?}");
}

/// As the vendor's client does it, which opens the values of such a site with the site's key and no other.
#[test]
fn in_a_layout_the_values_of_a_site_with_a_key_are_sealed_under_that_key() {
    let layout = crate::vendor::catalog::find("vendor-gcm-16+pkcs7").unwrap();
    let number = [1, 2, 3, 4];
    let mut opening = keys(&[2, 1]);
    opening.set_vendor_layouts(vec![layout.clone()]);
    let seal = |key| {
        SealAs::Layout(SealInLayout {
            layout,
            key,
            number: KeyId::from_bytes(number),
            keys: &opening,
        })
    };
    let own = key(1);
    let shared = |sealed: &str| site("\"new\"").replace("{\"id\"", &format!("{{\"key\":{sealed:?},\"id\""));
    let value = |sealed: &str| {
        let sealed: serde_json::Value = serde_json::from_str(sealed).unwrap();
        sealed["login"]["inputs"][0]["value"].as_str().unwrap().to_owned()
    };
    let under = |key: &VaultKey, sealed: &str| layout.open_text(key, &value(sealed)).is_ok();
    let site_key = layout.seal_key(&key(2), number, &key(50)).unwrap();
    let sealed = encrypt(&shared(&site_key), 5, seal(&own)).unwrap();
    assert!(under(&key(50), &sealed) && !under(&own, &sealed));
    assert_eq!(decrypt(&sealed, 5, &opening).0, shared(&site_key));
    // A site without a key, or with something that is none, is sealed under the key that was given.
    for plain in [site("\"new\""), shared("not a key")] {
        assert!(under(&own, &encrypt(&plain, 5, seal(&own)).unwrap()));
    }
    // Of a key that does not open nothing is guessed. A bound value is never under it.
    let foreign = shared(&layout.seal_key(&key(9), number, &key(50)).unwrap());
    let error = encrypt(&foreign, 5, seal(&own)).unwrap_err();
    assert_eq!(error.code(), "site-key");
    assert!(encrypt(&foreign, 5, SealAs::Bound(&own)).is_ok());
}
