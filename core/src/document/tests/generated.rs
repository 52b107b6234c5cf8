//! Documents with arbitrary members, white space and order, in arbitrary pieces.

use crate::SecretBuffer;
use proptest::prelude::*;

use super::*;
use crate::value::Envelope;

/// A run of a generated document.
#[derive(Debug, Clone)]
enum Run {
    /// JSON that must come through as it is.
    Raw(String),
    /// The plaintext of a value.
    Value(String),
}

type Runs = Vec<Run>;

fn raw(text: impl Into<String>) -> Run {
    Run::Raw(text.into())
}

fn space() -> impl Strategy<Value = String> {
    prop_oneof![3 => Just(String::new()), 1 => "[ \t\r\n]{0,3}"]
}

fn string() -> impl Strategy<Value = String> {
    let escaped = r#"(\\["\\/bfnrt]|\\u[0-9a-fA-F]{4}|[\[\]{},:a-z é😀]){0,12}"#;
    escaped.prop_map(|text| format!("\"{text}\""))
}

fn json() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        string(),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,3})?",
        "true|false|null"
    ];
    scalar.prop_recursive(3, 12, 4, |inner| {
        let list = prop::collection::vec((space(), inner.clone(), space()), 0..4);
        let members = prop::collection::vec((string(), space(), inner), 0..4);
        prop_oneof![
            list.prop_map(|items| {
                let items: Vec<_> = items.into_iter().map(|(a, item, b)| format!("{a}{item}{b}")).collect();
                format!("[{}]", items.join(","))
            }),
            members.prop_map(|members| {
                let members: Vec<_> = members
                    .into_iter()
                    .map(|(key, a, value)| format!("{a}{key}{a}:{value}{a}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

/// An object of `members` among others that zkvault does not know, in any order.
fn object(members: impl Strategy<Value = Vec<(&'static str, Runs)>>) -> impl Strategy<Value = Runs> {
    let unknown = prop::collection::vec(("x[a-z]{0,5}", json()), 0..3);
    let all = (members, unknown).prop_map(|(members, unknown)| {
        let mut all: Vec<(String, Runs)> = members
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        all.extend(unknown.into_iter().map(|(key, value)| (key, vec![raw(value)])));
        all
    });
    (all.prop_shuffle(), space()).prop_map(|(members, space)| {
        let mut runs = vec![raw("{")];
        for (number, (key, value)) in members.into_iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            runs.push(raw(format!("{comma}{space}\"{key}\"{space}:{space}")));
            runs.extend(value);
        }
        runs.push(raw(format!("{space}}}")));
        runs
    })
}

fn list(element: impl Strategy<Value = Runs>) -> impl Strategy<Value = Runs> {
    (prop::collection::vec(element, 0..4), space()).prop_map(|(elements, space)| {
        let mut runs = vec![raw("[")];
        for (number, element) in elements.into_iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            runs.push(raw(format!("{space}{comma}{space}")));
            runs.extend(element);
        }
        runs.push(raw(format!("{space}]")));
        runs
    })
}

fn input() -> impl Strategy<Value = Runs> {
    let name = prop::option::of("[a-z\\[\\]\"\\\\é]{0,8}");
    let value = prop::option::of("[ -~é😀\u{0}-\u{1f}]{0,40}");
    let members = (name, value).prop_map(|(name, value)| {
        let name = name.map(|name| ("name", vec![raw(serde_json::to_string(&name).unwrap())]));
        let value = value.map(|value| ("value", vec![Run::Value(value)]));
        name.into_iter()
            .chain(value)
            .chain([("type", vec![raw("\"text\"")])])
            .collect()
    });
    object(members)
}

fn site() -> impl Strategy<Value = Runs> {
    let login = object(list(input()).prop_map(|inputs| vec![("inputs", inputs)]));
    object((any::<u64>(), login).prop_map(|(id, login)| vec![("id", vec![raw(id.to_string())]), ("login", login)]))
}

fn document() -> impl Strategy<Value = Runs> {
    let wrapper = object(list(site()).prop_map(|sites| vec![("sites", sites)]));
    let document = prop_oneof![site().boxed(), list(site()).boxed(), wrapper.boxed()];
    (document, space()).prop_map(|(mut runs, space)| {
        runs.insert(0, raw(space.clone()));
        runs.push(raw(space));
        runs
    })
}

/// Whether a value ends in a control character that no text ends in.
fn ends_oddly(run: &Run) -> bool {
    let odd = |last: char| last.is_control() && !"\t\r\n".contains(last);
    matches!(run, Run::Value(text) if text.ends_with(odd))
}

fn text(runs: &Runs) -> String {
    let text = |run: &Run| match run {
        Run::Raw(text) => text.clone(),
        Run::Value(text) => serde_json::to_string(text).unwrap(),
    };
    runs.iter().map(text).collect()
}

/// Checks that `sealed` is the document with an envelope of `version` for every value.
fn check_sealed(runs: &Runs, sealed: &str, version: u8) {
    let mut rest = sealed;
    for run in runs {
        rest = match run {
            Run::Raw(text) => rest.strip_prefix(text.as_str()).expect("bytes between values stay"),
            Run::Value(_) => {
                let (value, after) = rest.strip_prefix('"').unwrap().split_once('"').unwrap();
                assert_eq!(Envelope::parse(value).unwrap().version().number(), version);
                after
            }
        };
    }
    assert_eq!(rest, "");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_encrypted_decrypts_to_the_same_document(runs in document(), a in 1usize..200, b in 1usize..200) {
        let plain = text(&runs);
        let vendor = SealAs::Vendor(&key(1), KeyId::from_bytes([1, 2, 3, 4]));
        for (seal, version) in [(SealAs::Bound(&key(1)), 2), (vendor, 1)] {
            let Ok(sealed) = encrypt(&plain, a, seal) else {
                // The vendor's layout does not take what it cannot tell from padding.
                prop_assert!(version == 1 && runs.iter().any(ends_oddly));
                continue;
            };
            check_sealed(&runs, &sealed, version);
            let (opened, failures) = decrypt(&sealed, b, &keys(&[2, 1]));
            prop_assert_eq!(&opened, &plain);
            prop_assert!(failures.is_empty());
            let (unopened, failures) = decrypt(&sealed, b, &keys(&[2]));
            prop_assert_eq!(&unopened, &sealed);
            let values = runs.iter().filter(|run| matches!(run, Run::Value(_))).count();
            prop_assert_eq!(failures.len(), values);
        }
    }

    #[test]
    fn one_changed_byte_gives_the_same_outcome_for_all_pieces(runs in document(), at: prop::sample::Index, byte: u8, size in 1usize..50) {
        let mut document = text(&runs).into_bytes();
        let at = at.index(document.len());
        document[at] = byte;
        let frame = |size: usize| -> Result<_, DocumentError> {
            let (mut framer, mut batch, mut parts) = (Framer::new(), Batch::new(), Vec::new());
            for piece in document.chunks(size) {
                framer.push(piece, &mut batch)?;
                for part in batch.parts() {
                    if let Part::Site { bytes, .. } = part {
                        let mut output = SecretBuffer::new();
                        let result = decrypt_site(&KeySet::new(), bytes, &mut output, &mut Vec::new());
                        parts.push((result, bytes.to_vec()));
                    }
                }
            }
            framer.finish().map(|()| parts)
        };
        let whole = frame(usize::MAX);
        prop_assert_eq!(frame(size), whole.clone());
        // Exactly what another parser takes is taken, but for documents of another shape and duplicate fields.
        let valid = serde_json::from_slice::<serde::de::IgnoredAny>(&document).is_ok() && str::from_utf8(&document).is_ok();
        let taken = whole.is_ok_and(|parts| parts.iter().all(|(result, _)| result.is_ok()));
        prop_assert!(valid || !taken);
    }
}
