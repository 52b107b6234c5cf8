//! What can be done to values without their key.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use zkvault_test_support::{Desk, json_of};

fn input(name: &str, value: &str) -> Value {
    json!({"name": name, "type": "password", "value": value})
}

fn site(id: u64, inputs: &[Value]) -> Value {
    json!({"id": id, "login": {"inputs": inputs}})
}

/// Seals a document with a key file.
fn sealed(desk: &Desk, document: &Value, key: &str, layout: &[&str]) -> Value {
    desk.write("plain.json", document.to_string());
    json_of(desk.zkv(&["encrypt", "plain.json", "--key-file", key]).args(layout))
}

/// The value of every input of a document.
fn values(document: &Value) -> Vec<Vec<String>> {
    let sites = document.as_array().unwrap().iter();
    let inputs = sites.map(|site| site["login"]["inputs"].as_array().unwrap().iter());
    inputs
        .map(|inputs| {
            inputs
                .map(|input| input["value"].as_str().unwrap().to_owned())
                .collect()
        })
        .collect()
}

/// Opens a document: what came out, and the reasons why inputs did not open.
fn opened(desk: &Desk, document: &Value, key: &str) -> (Vec<Vec<String>>, Vec<Value>) {
    desk.write("sealed.json", document.to_string());
    let output = desk
        .zkv(&["decrypt", "sealed.json", "--json", "--key-file", key])
        .output()
        .unwrap();
    let reasons = match output.status.code() {
        Some(0) => Vec::new(),
        Some(10) => {
            let error: Value = serde_json::from_slice(&output.stderr).unwrap();
            error["failures"].as_array().unwrap().clone()
        }
        other => panic!("{other:?}: {}", String::from_utf8_lossy(&output.stderr)),
    };
    (values(&serde_json::from_slice(&output.stdout).unwrap()), reasons)
}

fn permutations(of: &[usize]) -> Vec<Vec<usize>> {
    if of.len() < 2 {
        return vec![of.to_vec()];
    }
    let mut all = Vec::new();
    for (place, first) in of.iter().enumerate() {
        let rest: Vec<_> = of
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != place)
            .map(|(_, item)| *item)
            .collect();
        all.extend(
            permutations(&rest)
                .into_iter()
                .map(|tail| [&[*first][..], &tail].concat()),
        );
    }
    all
}

/// Five inputs in all 120 orders: a value opens in its own place and nowhere else.
#[test]
fn z01_swapped_inputs_open_in_no_order_but_their_own() {
    let desk = Desk::new();
    desk.write("k.key", [1; 32]);
    let names = ["user", "password", "pin", "answer", "token"];
    let plain = site(7, &names.map(|name| input(name, &format!("the {name} of it"))));
    let honest = values(&sealed(&desk, &json!([plain]), "k.key", &[]))[0].clone();
    let orders = permutations(&[0, 1, 2, 3, 4]);
    let permuted = orders.iter().map(|order| {
        let inputs: Vec<_> = names
            .iter()
            .zip(order)
            .map(|(name, from)| input(name, &honest[*from]))
            .collect();
        site(7, &inputs)
    });
    let (found, reasons) = opened(&desk, &permuted.collect(), "k.key");
    let mut moved = 0;
    for (order, inputs) in orders.iter().zip(found) {
        for (place, (from, value)) in order.iter().zip(inputs).enumerate() {
            if place == *from {
                assert_eq!(value, format!("the {} of it", names[place]));
            } else {
                assert_eq!(value, honest[*from], "it stays sealed");
                moved += 1;
            }
        }
    }
    assert_eq!((orders.len(), moved), (120, reasons.len()));
    assert!(reasons.iter().all(|failure| failure["reason"] == reasons[0]["reason"]));
}

/// Values of four keys (two vaults of two generations) for three sites, each tried in each place with each key.
#[test]
fn z02_values_of_other_sites_vaults_and_generations_do_not_open() {
    const KEYS: u8 = 4;
    const SITES: u64 = 3;
    let desk = Desk::new();
    let mut all = Vec::new();
    for key in 0..KEYS {
        desk.write(&format!("{key}.key"), [key + 1; 32]);
        let plain: Value = (0..SITES)
            .map(|id| site(id, &[input("pw", &format!("key {key} site {id}"))]))
            .collect();
        let document = sealed(&desk, &plain, &format!("{key}.key"), &[]);
        all.extend(
            values(&document)
                .into_iter()
                .zip(0..SITES)
                .map(|(value, id)| (key, id, value[0].clone())),
        );
    }
    let everywhere = all
        .iter()
        .flat_map(|(_, _, value)| (0..SITES).map(|id| site(id, &[input("pw", value)])));
    let everywhere: Value = everywhere.collect();
    for key in 0..KEYS {
        let (found, reasons) = opened(&desk, &everywhere, &format!("{key}.key"));
        let mut opens = 0;
        for (number, value) in found.into_iter().enumerate() {
            let (owner, home, sealed) = &all[number / SITES as usize];
            let here = (number % SITES as usize) as u64;
            if (*owner, *home) == (key, here) {
                assert_eq!(value[0], format!("key {key} site {here}"));
                opens += 1;
            } else {
                assert_eq!(value[0], *sealed);
            }
        }
        assert_eq!(
            (opens, reasons.len()),
            (SITES as usize, everywhere.as_array().unwrap().len() - SITES as usize)
        );
    }
}

/// A bound value that nobody has touched.
fn honest(desk: &Desk) -> String {
    let plain = json!([site(7, &[input("pw", "secret")])]);
    values(&sealed(desk, &plain, "k.key", &[]))[0][0].clone()
}

#[test]
fn z08_every_other_version_is_refused_and_the_length_of_a_key_selects_nothing() {
    let desk = Desk::new();
    desk.write("k.key", [1; 32]);
    let honest = honest(&desk);
    let bytes = STANDARD.decode(&honest).unwrap();
    let versions = (0..=255).filter(|version| *version != 2).map(|version| {
        let mut other = bytes.clone();
        other[0] = version;
        site(7, &[input("pw", &STANDARD.encode(other))])
    });
    let (found, reasons) = opened(&desk, &versions.collect(), "k.key");
    assert_eq!((found.len(), reasons.len()), (255, 255));
    let unknown = reasons
        .iter()
        .filter(|failure| failure["reason"] == reasons[0]["reason"]);
    assert!(
        unknown.count() >= 254,
        "all but the vendor's are versions that nobody knows: {:?}",
        reasons[0]
    );

    desk.write("sealed.json", json!([site(7, &[input("pw", &honest)])]).to_string());
    for len in [0, 1, 16, 24, 31, 33, 64] {
        desk.write("odd.key", vec![1; len]);
        for command in [["decrypt", "sealed.json"], ["encrypt", "plain.json"]] {
            let refused = desk.zkv(&command).args(["--key-file", "odd.key"]).assert().failure();
            assert!(refused.get_output().stdout.is_empty(), "{len}");
        }
    }
}

/// Sealing in a layout of the vendor's takes its name.
const VENDOR: [&str; 4] = ["--layout", "vendor", "--unconfirmed", "vendor-gcm"];

/// Each bit of a value of 200 bytes and more, in both layouts.
#[test]
fn z09_one_flipped_bit_is_noticed_wherever_it_is() {
    let desk = Desk::new();
    desk.write("k.key", [1; 32]);
    let text = "t".repeat(120);
    for (layout, unauthenticated) in [(&[][..], 0), (&VENDOR[..], 32)] {
        let plain = json!([site(7, &[input("pw", &text)])]);
        let honest = values(&sealed(&desk, &plain, "k.key", layout))[0][0].clone();
        let bytes = STANDARD.decode(&honest).unwrap();
        let flipped = (0..bytes.len() * 8).map(|bit| {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            site(7, &[input("pw", &STANDARD.encode(flipped))])
        });
        let (found, reasons) = opened(&desk, &flipped.collect(), "k.key");
        assert_eq!(found.len(), bytes.len() * 8);
        let opens: Vec<_> = found
            .iter()
            .enumerate()
            .filter(|(_, value)| value[0] == text)
            .map(|(bit, _)| bit)
            .collect();
        // The vendor's key number is not authenticated: bytes 1 to 4.
        assert!(opens.iter().all(|bit| (8..40).contains(bit)), "{layout:?}: {opens:?}");
        assert_eq!(opens.len(), unauthenticated, "{layout:?}");
        assert_eq!(reasons.len() + opens.len(), found.len());
    }
}

#[test]
fn z11_no_salt_comes_twice() {
    const COUNT: usize = 20_000;
    let desk = Desk::new();
    desk.write("k.key", [1; 32]);
    let inputs: Vec<_> = (0..100).map(|_| input("pw", "the same text")).collect();
    let plain: Value = (0..COUNT as u64 / 100).map(|_| site(7, &inputs)).collect();
    for (layout, nonce) in [(&[][..], 5..29), (&VENDOR[..], 5..17)] {
        let document = sealed(&desk, &plain, "k.key", layout);
        let all = values(&document).concat();
        let salts: HashSet<_> = all
            .iter()
            .map(|value| STANDARD.decode(value).unwrap()[nonce.clone()].to_vec())
            .collect();
        assert_eq!((all.len(), salts.len()), (COUNT, COUNT), "{layout:?}");
    }
}

/// Whatever is wrong with a bound value, the answer is the same to the letter.
#[test]
fn z12_all_failures_of_a_value_look_alike() {
    let desk = Desk::new();
    desk.write("k.key", [1; 32]);
    let plain = json!([site(7, &[input("pw", "secret")])]);
    let honest = values(&sealed(&desk, &plain, "k.key", &[]))[0][0].clone();
    let flipped = |at: usize| {
        let mut bytes = STANDARD.decode(&honest).unwrap();
        bytes[at] ^= 1;
        STANDARD.encode(bytes)
    };
    let last = STANDARD.decode(&honest).unwrap().len() - 1;
    let cases = [
        ("the salt", site(7, &[input("pw", &flipped(6))])),
        ("the commitment", site(7, &[input("pw", &flipped(30))])),
        ("the padded text", site(7, &[input("pw", &flipped(65))])),
        (
            "the last byte of the padding",
            site(7, &[input("pw", &flipped(last - 16))]),
        ),
        ("the tag", site(7, &[input("pw", &flipped(last))])),
        (
            "the type",
            json!({"id": 7, "login": {"inputs": [{"name": "pw", "type": "text", "value": honest}]}}),
        ),
    ];
    let mut said = HashSet::new();
    for (what, document) in cases {
        desk.write("sealed.json", json!([document]).to_string());
        let output = desk
            .zkv(&["decrypt", "sealed.json", "--json", "--key-file", "k.key"])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(10), "{what}");
        said.insert(output.stderr);
    }
    assert_eq!(said.len(), 1, "{said:?}");
}

#[test]
fn z37_the_length_of_a_sealed_value_tells_the_length_of_its_text_in_steps_only() {
    let desk = Desk::new();
    desk.write("k.key", [1; 32]);
    let texts: Vec<_> = (0..200).map(|len| input("pw", &"a".repeat(len))).collect();
    let lengths: Vec<_> = values(&sealed(&desk, &json!([site(7, &texts)]), "k.key", &[]))[0]
        .iter()
        .map(|value| STANDARD.decode(value).unwrap().len())
        .collect();
    for (len, sealed) in lengths.iter().enumerate() {
        assert_eq!(*sealed, lengths[0] + 32 * (len / 32), "{len}");
    }
    // Nothing is compressed: a guess that repeats the secret is as long as one that does not.
    let guess = |guess: &str| {
        let text = format!("password=hunter2 {guess}");
        let sealed = sealed(&desk, &json!([site(7, &[input("pw", &text.repeat(20))])]), "k.key", &[]);
        values(&sealed)[0][0].len()
    };
    assert_eq!(guess("password=hunter2"), guess("qwx0vzk1=j9#r5tm"));
}

#[test]
fn z38_documents_that_two_readers_would_read_differently_are_refused() {
    let desk = Desk::new();
    desk.write("k.key", [1; 32]);
    let honest = honest(&desk);
    let whole = |inner: &str| format!(r#"[{{"id":7,"login":{{"inputs":[{inner}]}}}}]"#);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let refused = [
        format!(r#"[{{"id":7,"id":8,"login":{{"inputs":[{{"name":"pw","type":"password","value":"{honest}"}}]}}}}]"#),
        whole(&format!(
            r#"{{"name":"pw","name":"x","type":"password","value":"{honest}"}}"#
        )),
        whole(&format!(
            r#"{{"name":"pw","type":"password","value":"{honest}","value":"{honest}"}}"#
        )),
        whole(&format!(
            r#"{{"name":"pw","\u0074ype":"text","type":"password","value":"{honest}"}}"#
        )),
        whole(&format!(
            r#"{{"name":"pw","type":"password","value":"{honest}","x":{deep}}}"#
        )),
        format!("{}x", whole("")),
        whole("")[..20].to_owned(),
        "[{\"id\":7,\"name\":\"\u{0}\"}]".to_owned(),
    ];
    for document in refused {
        desk.write("bad.json", &document);
        let failed = desk
            .zkv(&["decrypt", "bad.json", "--key-file", "k.key", "-o", "out"])
            .assert()
            .code(1);
        let said = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
        assert!(said.starts_with("error: ") && said.len() < 1000, "{said}");
        assert!(!desk.path("out").exists());
    }
    // Base64 has one spelling.
    let bits = honest.trim_end_matches('=');
    let spelled = [
        format!("{bits}===="),
        bits.replace(['+', '/'], "-"),
        format!("{} {}", &honest[..8], &honest[8..]),
        format!("{honest}\n"),
        format!("{honest}A"),
    ];
    let spelled: Vec<_> = spelled.into_iter().filter(|text| *text != honest).collect();
    let sites: Value = spelled.iter().map(|value| site(7, &[input("pw", value)])).collect();
    let (found, reasons) = opened(&desk, &sites, "k.key");
    assert_eq!((found.concat(), reasons.len()), (spelled.clone(), spelled.len()));
    assert!(
        reasons.iter().all(|failure| failure["reason"] != "decrypt"),
        "{reasons:?}"
    );
}
