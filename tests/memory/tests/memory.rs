//! What is left of the secrets of a program that held them: nothing.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first failure, in its helpers too"
)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha512};
use zkvault_core::SecretText;
use zkvault_core::identity::Identity;
use zkvault_core::kdf::VendorKdf;
use zkvault_core::keyring::Keyring;

/// The program with one case, and what it was given.
struct Holder {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    key: [u8; 32],
    text: String,
}

impl Holder {
    fn start(case: &str) -> Self {
        let mut random = [0; 72];
        getrandom::fill(&mut random).unwrap();
        let (key, letters) = random.split_first_chunk().unwrap();
        let text = letters.iter().map(|byte| char::from(b'a' + byte % 26)).collect();
        let mut command = Command::new(env!("CARGO_BIN_EXE_hold-secret"));
        let mut child = command
            .arg(case)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut holder = Self {
            input: child.stdin.take().unwrap(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
            key: *key,
            text,
        };
        holder.input.write_all(&holder.key).unwrap();
        holder.input.write_all(holder.text.as_bytes()).unwrap();
        holder
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Waits until the program is at that stage.
    fn at(&mut self, stage: &str) {
        assert_eq!(self.line(), stage, "the program ended early");
    }

    fn go_on(&mut self) {
        self.input.write_all(b"\n").unwrap();
    }

    fn traces(&self, secret: &[u8]) -> BTreeMap<String, usize> {
        zkvault_memory::traces(self.child.id(), secret).unwrap()
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A secret to look for.
struct Wanted {
    name: &'static str,
    bytes: Vec<u8>,
    /// Whether the program keeps it until it drops what it holds. What it does not keep must be gone before.
    kept: bool,
}

impl Wanted {
    fn kept(name: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        let (bytes, kept) = (bytes.into(), true);
        Self { name, bytes, kept }
    }

    fn gone(name: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        let (bytes, kept) = (bytes.into(), false);
        Self { name, bytes, kept }
    }
}

/// Looks for the secrets of a program that just began to hold what it keeps, and again after it dropped that.
fn leaves_nothing(mut holder: Holder, wanted: &[Wanted]) {
    holder.at("held");
    let mut wrong = Vec::new();
    for Wanted { name, bytes, kept } in wanted {
        let traces = holder.traces(bytes);
        match (kept, traces.is_empty()) {
            (true, true) => panic!("{name} is not found even while it is kept: the scan is blind"),
            (false, false) => wrong.push(format!("{name}, already before: {traces:?}")),
            _ => {}
        }
    }
    holder.go_on();
    holder.at("dropped");
    for Wanted { name, bytes, .. } in wanted {
        let traces = holder.traces(bytes);
        if !traces.is_empty() {
            wrong.push(format!("{name}: {traces:?}"));
        }
    }
    assert!(wrong.is_empty(), "windows of 8 bytes are left of: {wrong:#?}");
}

#[test]
fn z30_the_scan_finds_a_key_that_is_held_and_none_that_was_wiped_in_place() {
    let holder = Holder::start("control-in-place");
    let key = Wanted::kept("the key", holder.key);
    leaves_nothing(holder, &[key]);
}

/// Were this not found, the scan would find nothing.
#[test]
fn z30_the_scan_finds_what_moving_an_array_leaves_behind() {
    let mut holder = Holder::start("control-moved");
    holder.at("held");
    holder.go_on();
    holder.at("dropped");
    let traces = holder.traces(&holder.key);
    assert!(traces.contains_key("[stack]"), "a moved array left nothing: {traces:?}");
}

#[test]
fn z30_a_vault_key_leaves_nothing() {
    let holder = Holder::start("vault-key");
    let key = Wanted::kept("the key", holder.key);
    leaves_nothing(holder, &[key]);
}

#[test]
fn z30_the_plaintext_of_a_value_leaves_nothing() {
    let holder = Holder::start("value");
    let text = Wanted::kept("the text", holder.text.as_bytes());
    leaves_nothing(holder, &[text]);
}

#[test]
fn z30_a_keyring_leaves_neither_keys_nor_passphrase_nor_what_argon2_made_of_it() {
    let mut holder = Holder::start("keyring");
    let file = holder.line();
    let passphrase = SecretText::from(holder.text.clone());
    let keyring = Keyring::unlock(file.as_bytes(), &passphrase).unwrap();
    let identity = keyring.identity().expose_secret();
    let mut wanted = vec![
        Wanted::gone("the passphrase", holder.text.as_bytes()),
        Wanted::kept("the identity", *identity),
        Wanted::gone("base64 of the identity", base64(identity)),
    ];
    for entry in keyring.keys().iter() {
        let key = entry.key().expose_secret();
        wanted.push(Wanted::kept("a vault key", *key));
        wanted.push(Wanted::gone("base64 of a vault key", base64(key)));
    }
    let derived = Derived::of(&file, &holder.text);
    wanted.push(Wanted::gone("the unlock key", derived.key));
    let blocks = derived.memory.into_iter();
    wanted.extend(blocks.map(|block| Wanted::gone("Argon2's memory", block)));
    leaves_nothing(holder, &wanted);
}

#[test]
fn z30_an_identity_leaves_nothing_after_it_received_and_sent() {
    let holder = Holder::start("identity");
    let clamped = Identity::from_slice(&holder.key).unwrap();
    let identity = Wanted::kept("the identity", *clamped.expose_secret());
    leaves_nothing(holder, &[identity]);
}

#[test]
fn z30_a_file_leaves_neither_its_content_nor_the_key() {
    let holder = Holder::start("file");
    let key = Wanted::kept("the key", holder.key);
    let content = Wanted::kept("the content", holder.text.as_bytes());
    leaves_nothing(holder, &[key, content]);
}

#[test]
fn z30_a_key_of_the_vendors_kdf_leaves_nothing() {
    let holder = Holder::start("vendor-kdf");
    let password = SecretText::from(holder.text.clone());
    let key = VendorKdf::Legacy.derive_key("user@company.example", None, &password);
    let key = Wanted::kept("the key", *key.unwrap().expose_secret());
    let password = Wanted::gone("the master password", holder.text.as_bytes());
    leaves_nothing(holder, &[key, password]);
}

#[test]
fn z30_the_forms_of_a_key_and_the_key_of_a_site_leave_nothing() {
    let holder = Holder::start("vendor-layout");
    let forms = Sha512::digest(holder.key);
    let (cipher, mac) = forms.split_at(32);
    let wanted = [
        Wanted::kept("the key", holder.key),
        Wanted::kept("the cipher's half", cipher),
        Wanted::kept("the MAC's half", mac),
        Wanted::gone("the site's key", &holder.text.as_bytes()[..32]),
    ];
    leaves_nothing(holder, &wanted);
}

/// What stands in base64 in the JSON of a keyring, but for its last characters.
fn base64(secret: &[u8]) -> Vec<u8> {
    STANDARD.encode(secret).trim_end_matches('=').into()
}

/// What Argon2 makes of a passphrase, by the crate itself: the key, and samples of the memory it passed over.
struct Derived {
    key: [u8; 32],
    memory: Vec<Vec<u8>>,
}

impl Derived {
    fn of(keyring: &str, passphrase: &str) -> Self {
        let keyring: Value = serde_json::from_str(keyring).unwrap();
        let kdf = &keyring["kdf"];
        let number = |name: &str| u32::try_from(kdf[name].as_u64().unwrap()).unwrap();
        let params = Params::new(number("memory_kib"), number("iterations"), number("lanes"), Some(32)).unwrap();
        let salt = STANDARD.decode(kdf["salt"].as_str().unwrap()).unwrap();
        let mut memory = vec![Block::new(); params.block_count()];
        let mut key = [0; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(passphrase.as_bytes(), &salt, &mut key, &mut memory)
            .unwrap();
        let samples = memory.iter().step_by(memory.len() / 50).map(|block| {
            let words: &[u64] = block.as_ref();
            words.iter().take(2).flat_map(|word| word.to_ne_bytes()).collect()
        });
        Self {
            key,
            memory: samples.collect(),
        }
    }
}
