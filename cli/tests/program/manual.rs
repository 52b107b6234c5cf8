//! Manual pages, and the scripts with which shells complete.

use zkvault_test_support::{Desk, stdout};

/// Roff without options reads Latin-1, and warns of everything that its encoding does not have.
#[test]
fn manual_pages_are_ascii_and_there_is_one_per_command() {
    let desk = Desk::new();
    let pages = desk.path("pages");
    let made = std::process::Command::new(env!("CARGO_BIN_EXE_zkv"))
        .args(["man", "--dir"])
        .arg(&pages)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let (mut names, mut escaped) = (Vec::new(), false);
    for entry in std::fs::read_dir(&pages).unwrap() {
        let entry = entry.unwrap();
        let page = std::fs::read(entry.path()).unwrap();
        assert!(page.is_ascii(), "{:?}", entry.path());
        escaped |= page.windows(8).any(|window| window == br"\[u2026]");
        names.push(entry.file_name().into_string().unwrap());
    }
    assert!(escaped, "an ellipsis is somewhere, and is written as roff names it");
    for name in ["zkv.1", "zkv-read.1", "zkv-key-import.1"] {
        assert!(names.iter().any(|known| known == name), "{name} of {names:?}");
    }
}

#[test]
fn scripts_are_small_and_those_of_other_shells_stay() {
    let desk = Desk::new();
    let script = |shell| stdout(&mut desk.zkv(&["completions", shell]));
    for shell in ["bash", "zsh", "fish"] {
        let script = script(shell);
        assert!(script.lines().count() < 40, "{script}");
        assert!(script.contains("command zkv completions"), "{script}");
    }
    assert!(script("powershell").contains("Register-ArgumentCompleter"));
    assert!(script("elvish").contains("edit:completion:arg-completer"));
    for wrong in [&["powershell", "--", "read"][..], &["bash", "--", "zkv read "]] {
        desk.zkv(&[&["completions"], wrong].concat()).assert().code(2);
    }
}
