//! Keyrings, and what a hostile copy of one asks for.

use serde_json::{Value, json};
use zkvault_test_support::Desk;

/// The keyring with one member of its key derivation replaced, as text: also by what JSON cannot say.
fn with_kdf(keyring: &str, member: &str, value: &str) -> String {
    let document: Value = serde_json::from_str(keyring).unwrap();
    let kdf = document
        .as_object()
        .unwrap()
        .iter()
        .find_map(|(_, part)| part.get(member));
    let number = kdf.unwrap_or_else(|| panic!("the keyring has no {member}")).to_string();
    keyring.replacen(&format!("\"{member}\":{number}"), &format!("\"{member}\":{value}"), 1)
}

const MEMBERS: [&str; 3] = ["memory_kib", "iterations", "lanes"];

#[test]
fn z06_a_keyring_whose_kdf_was_weakened_does_not_open() {
    let desk = Desk::with_keyring();
    let good = std::fs::read_to_string(desk.keyring()).unwrap();
    let weaker = ["0", "1", "-1", "\"3\"", "NaN", "null", "1e1", "true", "[]", "2.5"];
    for member in MEMBERS {
        for value in weaker {
            let bad = with_kdf(&good, member, value);
            assert!(bad != good || value == "1", "{member} {value}");
            if bad == good {
                continue;
            }
            std::fs::write(desk.keyring(), &bad).unwrap();
            let failed = desk.zkv(&["key", "list"]).assert().failure();
            assert!(failed.get_output().stdout.is_empty(), "{member} {value}");
            assert_eq!(
                std::fs::read_to_string(desk.keyring()).unwrap(),
                bad,
                "it is not repaired"
            );
        }
    }
    std::fs::write(desk.keyring(), &good).unwrap();
    desk.zkv(&["key", "list"]).assert().success();
    // Nor does anybody make one.
    for weak in [
        ["--kdf-memory", "8MiB"],
        ["--kdf-passes", "1"],
        ["--kdf-lanes", "0"],
        ["--kdf-memory", "0"],
    ] {
        let desk = Desk::new();
        desk.zkv(&["init"]).args(weak).assert().failure();
        assert!(!desk.keyring().exists(), "{weak:?}");
    }
    // The vendor's old derivation, and few rounds of the new one, only by name.
    let derive = [
        "key",
        "derive",
        "--username",
        "maria",
        "--server-salt",
        "c2FsdA",
        "-o",
        "derived.key",
    ];
    for (more, code) in [
        (&["--iterations", "10000"][..], 2),
        (&["--iterations", "0"], 2),
        (&["--legacy-sha1"], 0),
    ] {
        let mut zkv = desk.zkv(&derive);
        zkv.args(more).env("ZKV_MASTER_PASSWORD", "x").assert().code(code);
        assert_eq!(desk.path("derived.key").exists(), code == 0, "{more:?}");
    }
}

/// 4 TiB of memory and 2³¹ passes are refused before anything is done: under a limit of memory that nothing of it
/// would fit into.
#[cfg(target_os = "linux")]
#[test]
fn z07_a_keyring_that_asks_for_too_much_is_refused_at_once() {
    let desk = Desk::with_keyring();
    let good = std::fs::read_to_string(desk.keyring()).unwrap();
    let limited = || {
        let mut shell = std::process::Command::new("sh");
        shell.args([
            "-c",
            "ulimit -v 131072; ulimit -t 5; exec \"$0\" key list",
            env!("CARGO_BIN_EXE_zkv"),
        ]);
        shell
            .env("ZKV_CONFIG_DIR", desk.path("config"))
            .env("ZKV_PASSPHRASE", zkvault_test_support::PASSPHRASE);
        let output = shell.env("ZKV_DATA_DIR", desk.path("data")).output().unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    assert_eq!(limited().0, Some(0), "the honest one fits: {:?}", limited());
    for (member, value) in [
        ("memory_kib", "4294967295"),
        ("memory_kib", "1073741824"),
        ("iterations", "2147483648"),
        ("iterations", "1000000"),
        ("lanes", "16777215"),
    ] {
        std::fs::write(desk.keyring(), with_kdf(&good, member, value)).unwrap();
        let (code, said) = limited();
        assert!(
            matches!(code, Some(1 | 10)) && said.starts_with("error: "),
            "{member} {value}: {code:?} {said}"
        );
    }
}

#[test]
fn z08_a_keyring_of_another_version_or_algorithm_is_refused() {
    let desk = Desk::with_keyring();
    let good: Value = serde_json::from_slice(&std::fs::read(desk.keyring()).unwrap()).unwrap();
    for (member, value) in good.as_object().unwrap() {
        let others = match value {
            Value::Number(_) => vec![json!(0), json!(255), json!(1), json!(3)],
            Value::String(_) => vec![json!("argon2i"), json!("pbkdf2"), json!(""), Value::Null],
            _ => vec![Value::Null, json!({}), json!([])],
        };
        for other in others {
            let mut bad = good.clone();
            bad[member] = other;
            desk.write("config/default/keyring.json", bad.to_string());
            desk.zkv(&["key", "list"]).assert().failure().stdout("");
        }
    }
}
