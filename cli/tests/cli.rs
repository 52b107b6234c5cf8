//! What every command prints and returns, as examples that are run: `cmd/*.trycmd`.
//!
//! `TRYCMD=overwrite cargo test -p zkv --test cli` writes what is printed now into the examples. Commands run in
//! this crate's folder; examples with a folder `*.in` run in a copy of it, and may write there.

#[test]
fn examples() {
    // Not as the compiler wrote it: what is built on one system may be tested on a different one.
    let crate_folder = std::env::current_dir().unwrap();
    let config = crate_folder.join("tests/fixtures/config").into_os_string();
    trycmd::TestCases::new()
        // A keyring with the passphrase `fixture`; an example that needs a different one sets ZKV_CONFIG_DIR.
        .env(
            if cfg!(windows) { "APPDATA" } else { "XDG_CONFIG_HOME" },
            config.into_string().unwrap(),
        )
        .env("NO_COLOR", "1")
        .env("ZKV_NO_INPUT", "1")
        .case("tests/cmd/*.trycmd");
}
