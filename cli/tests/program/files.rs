//! `zkv file`: every length around a block's edges, streams, and what is cut, changed or not ours.

use zkvault_test_support::{Desk, json_of, repository, stderr_of, stdout};

/// The smallest block, so that small files have many.
const BLOCK: usize = 16 * 1024;

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index / 7 % 251) as u8).collect()
}

fn key() -> [String; 2] {
    ["--key-file".to_owned(), repository("examples/example.key")]
}

/// Seals `length` bytes in the smallest blocks into `x.zkv`.
fn sealed(length: usize) -> Desk {
    let desk = Desk::new();
    desk.write("x", content(length));
    desk.zkv(&["file", "encrypt", "x", "-o", "x.zkv", "--block-size", "16KiB"])
        .args(key())
        .assert()
        .success();
    desk
}

#[test]
fn every_length_around_the_edges_of_a_block() {
    for length in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 20 * BLOCK + 5] {
        let desk = sealed(length);
        desk.zkv(&["file", "decrypt", "x.zkv", "-o", "y"])
            .args(key())
            .assert()
            .success();
        assert!(desk.read("y") == content(length), "{length}");
        // The same through pipes, where no length is known.
        let mut streamed = desk.zkv(&["file", "encrypt", "-", "-o", "-", "--block-size", "16KiB"]);
        let streamed = streamed.args(key()).write_stdin(content(length)).assert().success();
        let mut opened = desk.zkv(&["file", "decrypt", "-", "-o", "-"]);
        let opened = opened
            .args(key())
            .write_stdin(streamed.get_output().stdout.clone())
            .assert()
            .success();
        assert!(opened.get_output().stdout == content(length), "{length}");
    }
}

#[test]
fn blocks_too_large_to_be_held_pass_in_pieces() {
    let desk = Desk::new();
    desk.write("x", content(3_000_000));
    desk.zkv(&["file", "encrypt", "x", "-o", "x.zkv", "--block-size", "32MiB"])
        .args(key())
        .assert()
        .success();
    desk.zkv(&["file", "decrypt", "x.zkv", "-o", "y"])
        .args(key())
        .assert()
        .success();
    assert!(desk.read("y") == content(3_000_000));
    let sealed = desk.read("x.zkv");
    let mut cut = desk.zkv(&["file", "decrypt", "-", "-o", "z"]);
    cut.args(key())
        .write_stdin(sealed[..sealed.len() - 1].to_vec())
        .assert()
        .code(10);
    let mut longer = desk.zkv(&["file", "decrypt", "-", "-o", "z"]);
    longer
        .args(key())
        .write_stdin([&sealed[..], b"x"].concat())
        .assert()
        .code(10);
    assert!(!desk.path("z").exists());
    let mut of_unknown_size = desk.zkv(&["file", "encrypt", "-", "-o", "z", "--block-size", "32MiB"]);
    of_unknown_size.args(key()).write_stdin("x").assert().code(2);
}

#[test]
fn nothing_appears_of_a_file_that_was_cut_or_changed() {
    let desk = sealed(5 * BLOCK + 100);
    let good = desk.read("x.zkv");
    let block = BLOCK + 2 * 16 + 56;
    let prelude = good.len() - 5 * block - (100 + 72);
    let mut swapped = good.clone();
    swapped[prelude..prelude + 2 * block].rotate_left(block);
    let mut flipped = good.clone();
    flipped[prelude + 3 * block] ^= 1;
    let faults = [
        ("cut inside a block", good[..good.len() - 1].to_vec()),
        ("cut between blocks", good[..prelude + 3 * block].to_vec()),
        ("cut inside the prelude", good[..prelude - 1].to_vec()),
        ("blocks missing", good[..prelude].to_vec()),
        ("appended", [&good[..], b"x"].concat()),
        ("blocks swapped", swapped),
        ("bit flipped", flipped),
        ("not ours", b"%PDF-1.7 and so on".to_vec()),
        ("empty", Vec::new()),
    ];
    for (fault, bytes) in faults {
        desk.write("bad.zkv", &bytes);
        desk.zkv(&["file", "decrypt", "bad.zkv", "-o", "y"])
            .args(key())
            .assert()
            .code(10);
        desk.zkv(&["file", "decrypt", "-", "-o", "y"])
            .args(key())
            .write_stdin(bytes)
            .assert()
            .code(10);
        assert_eq!(desk.names(), ["bad.zkv", "x", "x.zkv"], "{fault}");
    }
}

#[test]
fn to_stdout_only_authentic_blocks_go_out_and_the_end_is_reported() {
    let desk = sealed(5 * BLOCK);
    let mut bad = desk.read("x.zkv");
    let middle = bad.len() - 2 * (BLOCK + 88);
    bad[middle] ^= 1;
    let failed = desk
        .zkv(&["file", "decrypt", "-", "-o", "-"])
        .args(key())
        .write_stdin(bad)
        .assert()
        .code(10);
    let output = failed.get_output();
    assert!(output.stdout == content(3 * BLOCK), "{}", output.stdout.len());
    assert!(String::from_utf8_lossy(&output.stderr).contains("not the whole file"));
}

#[test]
fn recipients_open_what_was_sealed_to_them() {
    let (maria, jun, eve) = (Desk::with_keyring(), Desk::with_keyring(), Desk::with_keyring());
    let identity = |desk: &Desk| stdout(&mut desk.zkv(&["identity", "show"])).trim().to_owned();
    let mut encrypt = maria.zkv(&["file", "encrypt", "-", "-o", "x.zkv", "--recipient"]);
    encrypt
        .args([&identity(&maria), "--recipient", &identity(&jun)])
        .write_stdin("for two")
        .assert()
        .success();
    let sealed = maria.read("x.zkv");
    for (desk, exit) in [(&maria, 0), (&jun, 0), (&eve, 10)] {
        let mut decrypt = desk.zkv(&["file", "decrypt", "-", "-o", "-"]);
        let opened = decrypt.write_stdin(sealed.clone()).assert().code(exit);
        opened.stdout(if exit == 0 { "for two" } else { "" });
    }
    // Without a recipient it is sealed under the keyring's own key.
    maria
        .zkv(&["file", "encrypt", "-", "-o", "own.zkv"])
        .write_stdin("mine")
        .assert()
        .success();
    assert_eq!(
        stdout(&mut maria.zkv(&["file", "decrypt", "own.zkv", "-o", "-"])),
        "mine"
    );
    jun.write("own.zkv", maria.read("own.zkv"));
    jun.zkv(&["file", "decrypt", "own.zkv", "-o", "-"]).assert().code(10);
}

/// The kernel says that this file has no bytes, and then gives some: as a file that grows while it is read.
#[cfg(target_os = "linux")]
#[test]
fn a_source_that_changed_is_an_error() {
    let desk = Desk::new();
    for size in ["16KiB", "32MiB"] {
        let mut zkv = desk.zkv(&["file", "encrypt", "/proc/version", "-o", "x.zkv", "--block-size", size]);
        let failed = zkv.args(key()).assert().code(1);
        assert!(String::from_utf8_lossy(&failed.get_output().stderr).contains("changed while it was read"));
        assert!(desk.names().is_empty());
    }
}

#[test]
fn messages_name_what_the_caller_named() {
    let desk = Desk::new();
    desk.write("x", "content");
    let error = |args: &[&str], exit: i32| {
        let failed = desk.zkv(args).args(key()).write_stdin("no file").assert().code(exit);
        String::from_utf8(failed.get_output().stderr.clone()).unwrap()
    };
    let nowhere = error(&["file", "encrypt", "x", "-o", "nowhere/x.zkv"], 3);
    assert!(nowhere.starts_with("error: cannot write nowhere/x.zkv\n"), "{nowhere}");
    assert!(!nowhere.contains(".zkv-"), "the draft is nobody's business: {nowhere}");
    let streamed = error(&["file", "decrypt", "-", "-o", "y"], 10);
    assert!(
        streamed.starts_with("error: standard input did not open\n"),
        "{streamed}"
    );
}

/// Windows has no such names.
#[cfg(unix)]
#[test]
fn a_line_end_in_a_file_name_does_not_forge_a_line_of_the_message() {
    let desk = Desk::new();
    let failed = desk.zkv(&["inspect", "x\nhint: rm -rf /"]).assert().code(3);
    let message = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
    assert!(
        message.starts_with("error: cannot open x\\nhint: rm -rf /\n"),
        "{message}"
    );
}

/// A keyring whose owner is a recipient, and `x`.
fn person() -> (Desk, String) {
    let desk = Desk::with_keyring();
    desk.write("x", "content");
    let identity = stdout(&mut desk.zkv(&["identity", "show"])).trim().to_owned();
    (desk, identity)
}

fn decrypt(desk: &Desk, file: &str, more: &[&str]) -> assert_cmd::Command {
    desk.zkv(&[&["file", "decrypt", file, "-o", "y", "--force"], more].concat())
}

#[test]
fn z55_who_can_have_made_a_file_is_said_and_can_be_required() {
    let (desk, identity) = person();
    desk.zkv(&["file", "encrypt", "x", "-o", "key.zkv"]).assert().success();
    desk.zkv(&["file", "encrypt", "x", "-o", "me.zkv", "--recipient", &identity])
        .assert()
        .success();

    let said = stderr_of(&mut decrypt(&desk, "key.zkv", &["--require-key"]), 0);
    assert!(
        said.contains("decrypted with the active key \"vault\"") && !said.contains("warning"),
        "{said}"
    );
    let opened = json_of(&mut decrypt(&desk, "key.zkv", &["--json"]));
    assert_eq!(opened["opened_by"]["type"], "vault-key");
    assert_eq!(opened["opened_by"]["label"], "vault");
    assert_eq!(opened["opened_by"]["state"], "active");

    // Z55: what is only for the identity proves no sender.
    let said = stderr_of(&mut decrypt(&desk, "me.zkv", &[]), 0);
    assert!(
        said.contains("anyone who knows your public identity can have made this file"),
        "{said}"
    );
    assert_eq!(
        json_of(&mut decrypt(&desk, "me.zkv", &["--json"]))["opened_by"]["type"],
        "identity"
    );
    std::fs::remove_file(desk.path("y")).unwrap();
    for required in [&["--require-key"][..], &["--require-key", "vault"]] {
        let said = stderr_of(&mut decrypt(&desk, "me.zkv", required), 10);
        assert!(said.contains("was refused"), "{said}");
        assert!(!desk.path("y").exists());
    }
    let inspected = json_of(&mut desk.zkv(&["file", "inspect", "me.zkv", "--open", "--json"]));
    assert_eq!(inspected["opened_by"]["type"], "identity");

    desk.zkv(&["key", "rotate"]).assert().success();
    let said = stderr_of(&mut decrypt(&desk, "key.zkv", &[]), 0);
    assert!(said.contains("the key is retired: anyone who kept it"), "{said}");
    std::fs::remove_file(desk.path("y")).unwrap();
    for required in [&["--require-key"][..], &["--require-key", "vault-2"]] {
        stderr_of(&mut decrypt(&desk, "key.zkv", required), 10);
        assert!(!desk.path("y").exists());
    }
    decrypt(&desk, "key.zkv", &["--require-key", "vault"])
        .assert()
        .success();
    let inspected = stdout(&mut desk.zkv(&["file", "inspect", "key.zkv", "--open"]));
    assert!(inspected.contains("the retired key \"vault\""), "{inspected}");
}

#[test]
fn a_key_file_has_no_label_to_require() {
    let desk = sealed(10);
    let mut named = decrypt(&desk, "x.zkv", &["--require-key", "vault"]);
    stderr_of(named.args(key()), 2);
    let mut alone = decrypt(&desk, "x.zkv", &["--require-key"]);
    let said = stderr_of(alone.args(key()), 0);
    assert!(said.contains(" of a key file"), "{said}");
}
