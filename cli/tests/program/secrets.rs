//! Where secrets are not: in messages, in arguments, in files that others can read.

use zkvault_test_support::{Desk, PASSPHRASE, repository};

const CANARY: &str = "canary-3f81c6a2";
/// Where output is thrown away.
const NOWHERE: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

/// Every way to fail with a secret in use, with and without `--json`: none repeats it.
#[test]
fn no_message_repeats_a_secret() {
    let desk = Desk::with_keyring();
    desk.write("canary.key", CANARY);
    desk.write(
        "canary.json",
        format!(r#"{{"id":1,"login":{{"inputs":[{{"value":"{CANARY}"}},{{"value":7}}]}}}}"#),
    );
    desk.write(
        "broken.json",
        format!(r#"[{{"id":1,"login":{{"inputs":[{{"value":"{CANARY}"}},{CANARY}]}}}}]"#),
    );
    desk.write("secret.txt", format!("{CANARY}\0\u{7}"));
    let key = repository("examples/example.key");
    let cases: [&[&str]; 12] = [
        &["decrypt", "canary.json", "--key-file", "canary.key"],
        &["decrypt", "canary.json", "--key-file", &key, "-o", NOWHERE],
        &["decrypt", "broken.json", "--key-file", &key, "-o", NOWHERE],
        &["decrypt", "secret.txt", "--key-file", &key],
        &["encrypt", "canary.json", "--key-file", &key],
        &["encrypt", "broken.json", "--key-file", &key],
        &["inspect", "secret.txt"],
        &["key", "import", "canary.key"],
        &["activate", "secret.txt", "--host", "example.com", "--user-id", "1"],
        &[
            "activate",
            "secret.txt",
            "--host",
            "example.com",
            "--user-id",
            "1",
            "--code-file",
            "secret.txt",
        ],
        &["key", "derive", "--username", "maria", "--server-salt", "!"],
        &["file", "decrypt", "secret.txt", "-o", "out", "--key-file", "canary.key"],
    ];
    for args in cases {
        for json in [&[][..], &["--json"]] {
            let mut zkv = desk.zkv(args);
            let output = zkv
                .args(json)
                .env("ZKV_MASTER_PASSWORD", CANARY)
                .env("ZKV_ACTIVATION_CODE", CANARY);
            let output = output.output().unwrap();
            assert!(!output.status.success(), "{args:?}");
            let printed = [output.stdout, output.stderr].concat();
            let printed = String::from_utf8_lossy(&printed).into_owned();
            assert!(
                !printed.contains(CANARY) && !printed.contains(PASSPHRASE),
                "{args:?}: {printed}"
            );
        }
    }
    desk.zkv(&["key", "list"])
        .env("ZKV_PASSPHRASE", CANARY)
        .assert()
        .code(10);
}

#[test]
fn json_errors_are_one_object_each() {
    let desk = Desk::new();
    for args in [
        &["key", "list"][..],
        &["decrypt", "missing"],
        &["frobnicate"],
        &["file", "encrypt"],
    ] {
        let output = desk.zkv(args).arg("--json").output().unwrap();
        let error: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
        assert!(
            error["code"].is_string() && error["message"].is_string(),
            "{args:?}: {error}"
        );
        assert!(output.stdout.is_empty());
    }
}

#[cfg(unix)]
#[test]
fn what_is_written_is_for_the_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::with_keyring();
    let key = repository("examples/example.key");
    desk.zkv(&["key", "export", "-o", "exported.key"]).assert().success();
    desk.zkv(&["key", "derive", "--username", "maria", "-o", "derived.key"])
        .env("ZKV_MASTER_PASSWORD", CANARY)
        .assert()
        .success();
    desk.zkv(&[
        "decrypt",
        &repository("examples/sites.json"),
        "-o",
        "clear.json",
        "--key-file",
        &key,
    ])
    .assert()
    .success();
    desk.zkv(&["file", "encrypt", "clear.json", "-o", "clear.zkv"])
        .assert()
        .success();
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for name in desk.names() {
        assert_eq!(mode(desk.path(&name)), 0o600, "{name}");
    }
    assert_eq!(desk.names().len(), 4);
    assert_eq!(mode(desk.keyring()), 0o600);
    assert_eq!(mode(desk.path("config/default/lock")), 0o600);
    assert_eq!(mode(desk.path("config/default")), 0o700);
    assert_eq!(mode(desk.path("config")), 0o700);
}

#[test]
fn a_failure_leaves_the_keyring_as_it_was() {
    let desk = Desk::with_keyring();
    desk.write("bad.key", "31 bytes");
    let before = std::fs::read(desk.keyring()).unwrap();
    desk.zkv(&["key", "import", "bad.key"]).assert().code(1);
    desk.zkv(&["key", "import", &repository("examples/example.key"), "--label", "vault"])
        .assert()
        .code(1);
    desk.zkv(&["key", "rotate", "--label", ""]).assert().code(1);
    desk.zkv(&["key", "rotate"])
        .env("ZKV_PASSPHRASE", "wrong")
        .assert()
        .code(10);
    desk.zkv(&["init"]).assert().code(1);
    assert_eq!(std::fs::read(desk.keyring()).unwrap(), before);
}

#[test]
fn a_hostile_keyring_is_refused_before_any_work() {
    let desk = Desk::with_keyring();
    let good = String::from_utf8(std::fs::read(desk.keyring()).unwrap()).unwrap();
    let huge = good.replace("19456", "4294967295");
    assert_ne!(good, huge);
    for bad in [huge.as_str(), &good[..good.len() / 2], "", "{}", &"x".repeat(20 << 20)] {
        std::fs::write(desk.keyring(), bad).unwrap();
        let started = std::time::Instant::now();
        desk.zkv(&["key", "list"]).assert().code(1);
        assert!(
            started.elapsed().as_secs() < 60,
            "it derived a key of 4 TiB, or tried to"
        );
    }
    // Changed, but still of the right form.
    let position = good.len() - 20;
    let other = if good.as_bytes()[position] == b'A' { "B" } else { "A" };
    let mut changed = good.clone();
    changed.replace_range(position..=position, other);
    std::fs::write(desk.keyring(), changed).unwrap();
    desk.zkv(&["key", "list"]).assert().code(10);
}

#[test]
fn the_order_of_key_sources_is_flag_environment_keyring() {
    let desk = Desk::with_keyring();
    let (sites, key) = (repository("examples/sites.json"), repository("examples/example.key"));
    desk.write("other.key", [7; 32]);
    desk.zkv(&["decrypt", &sites]).assert().code(10);
    desk.zkv(&["decrypt", &sites])
        .env("ZKV_KEY_FILE", &key)
        .assert()
        .success();
    desk.zkv(&["decrypt", &sites, "--key-file", "other.key"])
        .env("ZKV_KEY_FILE", &key)
        .assert()
        .code(10);
    desk.zkv(&["decrypt", &sites, "--key-file", "other.key", "--key-file", &key])
        .assert()
        .success();
    // The passphrase from a file, with its line end.
    desk.write("passphrase.txt", format!("{PASSPHRASE}\n"));
    let mut list = desk.zkv(&["key", "list"]);
    list.env_remove("ZKV_PASSPHRASE")
        .env("ZKV_PASSPHRASE_FILE", "passphrase.txt")
        .assert()
        .success();
}
