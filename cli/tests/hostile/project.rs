//! What the project itself promises: where its code comes from, and what it leaves out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use zkvault_test_support::{Desk, repository, stdout};

fn read(path: &str) -> String {
    std::fs::read_to_string(repository(path)).unwrap()
}

const LOCKS: [&str; 5] = [
    "Cargo.lock",
    "fuzz/Cargo.lock",
    "wasm/bindgen/Cargo.lock",
    "tests/peers/Cargo.lock",
    "tests/peers/bitwarden/Cargo.lock",
];

#[test]
fn z41_every_crate_comes_from_one_registry_with_its_digest() {
    let mut crates = 0;
    for path in LOCKS.into_iter().filter(|path| Path::new(&repository(path)).exists()) {
        let lock = read(path);
        for package in lock.split("[[package]]").skip(1) {
            let Some(source) = package.lines().find_map(|line| line.strip_prefix("source = ")) else {
                continue; // of this repository
            };
            assert_eq!(
                source, "\"registry+https://github.com/rust-lang/crates.io-index\"",
                "{path}: {package}"
            );
            assert!(package.contains("\nchecksum = \""), "{path}: {package}");
            crates += 1;
        }
    }
    assert!(crates > 200);
}

#[test]
fn z41_what_is_checked_and_released_is_built_from_the_lock_file() {
    let mut commands = 0;
    for script in [
        "scripts/test",
        "scripts/test-wasm",
        "scripts/build-wasm",
        "scripts/audit",
    ] {
        for line in read(script).lines().filter(|line| !line.trim_start().starts_with('#')) {
            let built = ["cargo build", "cargo test", "cargo clippy", "cargo doc"]
                .iter()
                .any(|command| line.contains(command));
            let shown = line.contains("section \"");
            if built && (!shown || line.trim_end().ends_with("--locked")) {
                assert!(line.contains("--locked"), "{script}: {line}");
                commands += 1;
            }
            if line.contains("npm ci") || line.contains("npm install") {
                assert!(line.contains("--ignore-scripts"), "{script}: {line}");
            }
        }
    }
    assert!(commands >= 5, "{commands}");
    let package: serde_json::Value = serde_json::from_str(&read("wasm/js/package.json")).unwrap();
    for member in ["scripts", "dependencies", "bundleDependencies"] {
        assert!(package.get(member).is_none(), "{member}");
    }
}

#[test]
fn z08_no_unauthenticated_cipher_is_linked() {
    let lock = read("Cargo.lock");
    for crate_name in [
        "ecb",
        "block-modes",
        "des",
        "rc4",
        "rc2",
        "md4",
        "md5",
        "openssl",
        "native-tls",
    ] {
        assert!(!lock.contains(&format!("name = \"{crate_name}\"\n")), "{crate_name}");
    }
    assert!(lock.contains("name = \"aes-gcm\"\n"), "the search would find them");
}

/// The product's own code: every `src` folder.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let crates = ["core", "client", "vault", "cli", "host", "wasm", "simulator"];
    let mut waiting: Vec<_> = crates.iter().map(|name| folder.join(name).join("src")).collect();
    let mut files = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => waiting.push(path),
                false => files.push(path),
            }
        }
    }
    files
}

/// CBC and CTR authenticate nothing by themselves: core's family of vendor layouts is the only code that may name them.
#[test]
fn z08_unauthenticated_modes_are_used_by_the_vendors_layouts_alone() {
    let uses = |file: &Path| {
        let code = std::fs::read_to_string(file).unwrap();
        code.contains("use cbc") || code.contains("cbc::") || code.contains("use ctr") || code.contains("ctr::")
    };
    let found: Vec<_> = rust_files(Path::new(&repository("")))
        .into_iter()
        .filter(|file| uses(file))
        .collect();
    let names: Vec<_> = found.iter().filter_map(|file| file.file_name()?.to_str()).collect();
    assert_eq!(names, ["cipher.rs"], "{found:?}");
    assert!(found.iter().all(|file| file.ends_with("core/src/vendor/cipher.rs")));
}

#[test]
fn z11_counters_that_overflow_end_a_release_build_too() {
    let manifest = read("Cargo.toml");
    let release = manifest
        .split("[profile.release]")
        .nth(1)
        .unwrap()
        .split("\n[")
        .next()
        .unwrap();
    assert!(release.contains("overflow-checks = true"), "{release}");
}

/// What the program makes is uniform, as far as 300,000 characters of it can tell.
#[test]
fn z44_generated_passwords_are_uniform_and_have_every_class() {
    let desk = Desk::new();
    let mut counts: HashMap<char, f64> = HashMap::new();
    for _ in 0..300 {
        for character in stdout(&mut desk.zkv(&["generate", "--length", "1024"]))
            .trim_end()
            .chars()
        {
            *counts.entry(character).or_default() += 1.0;
        }
        let short = stdout(&mut desk.zkv(&["generate", "--length", "4"]));
        let short = short.trim_end();
        assert_eq!(short.chars().count(), 4);
        for class in [
            |c: char| c.is_ascii_lowercase(),
            |c: char| c.is_ascii_uppercase(),
            |c: char| c.is_ascii_digit(),
            |c: char| c.is_ascii_punctuation(),
        ] {
            assert_eq!(short.chars().filter(|c| class(*c)).count(), 1, "{short}");
        }
    }
    let total: f64 = counts.values().sum();
    let expected = total / counts.len() as f64;
    let statistic: f64 = counts.values().map(|count| (count - expected).powi(2) / expected).sum();
    let freedom = counts.len() as f64 - 1.0;
    assert!(counts.len() > 80 && total == 307_200.0);
    // Nine standard deviations: chance does not get there in anybody's life.
    assert!(
        (statistic - freedom).abs() < 9.0 * (2.0 * freedom).sqrt(),
        "{statistic} of {freedom}"
    );
}
