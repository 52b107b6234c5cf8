//! Manual pages.

use zkvault_test_support::Desk;

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
