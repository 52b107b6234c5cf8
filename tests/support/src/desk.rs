//! A folder of its own for a test, and the program in it, with nothing of the outer environment.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

/// The passphrase of the keyrings of desks.
pub const PASSPHRASE: &str = "clamp-juror-onyx-radiator";

/// A temporary folder, with a profile's folder inside.
#[derive(Debug)]
pub struct Desk {
    folder: tempfile::TempDir,
}

impl Default for Desk {
    fn default() -> Self {
        Self::new()
    }
}

impl Desk {
    /// Without a keyring.
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// With a keyring whose KDF is as cheap as is allowed.
    pub fn with_keyring() -> Self {
        let desk = Self::new();
        let cheap = ["--kdf-memory", "19MiB", "--kdf-passes", "2", "--kdf-lanes", "1"];
        desk.zkv(&["init"]).args(cheap).assert().success();
        desk
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file in the folder, and gives its path.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        std::fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    /// The bytes of a file in the folder.
    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Where the keyring is, or would be.
    pub fn keyring(&self) -> PathBuf {
        self.path("config/default/keyring.json")
    }

    /// Names of what is in the folder, besides the profile.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.filter(|name| name != "config" && name != "data").collect();
        names.sort();
        names
    }

    /// The program in this folder, with the passphrase in the environment and without prompts.
    pub fn zkv(&self, args: &[&str]) -> Command {
        Command::from_std(self.zkv_std(args))
    }

    /// As [`Self::zkv`], for tests that watch it while it runs.
    pub fn zkv_std(&self, args: &[&str]) -> std::process::Command {
        let mut command = std::process::Command::new(program());
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ZKV_")) {
            command.env_remove(name);
        }
        command
            .env("ZKV_CONFIG_DIR", self.path("config"))
            .env("ZKV_DATA_DIR", self.path("data"))
            // Where an agent listens, in a test that makes this folder.
            .env("XDG_RUNTIME_DIR", self.path("runtime"))
            .env("ZKV_PASSPHRASE", PASSPHRASE)
            // A developer who runs the tests at a terminal must not be prompted.
            .env("ZKV_NO_INPUT", "1");
        command.current_dir(self.folder.path()).args(args);
        command
    }
}

/// The program that Cargo built for the tests that run: it tells them where, and it is beside those that are run by hand.
fn program() -> PathBuf {
    let beside = || {
        let test = std::env::current_exe().unwrap();
        let folder = test.ancestors().nth(2).unwrap();
        folder.join("zkv").with_extension(std::env::consts::EXE_EXTENSION)
    };
    std::env::var_os("CARGO_BIN_EXE_zkv").map_or_else(beside, PathBuf::from)
}

/// A file of the repository.
pub fn repository(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    root.join(path).to_str().unwrap().to_owned()
}

/// What the program printed on success.
#[track_caller]
pub fn stdout(command: &mut Command) -> String {
    String::from_utf8(command.assert().success().get_output().stdout.clone()).unwrap()
}

/// The JSON document that the program printed on success.
#[track_caller]
pub fn json_of(command: &mut Command) -> Value {
    serde_json::from_str(&stdout(command)).unwrap()
}

/// What the program said of a failure with this exit code.
#[track_caller]
pub fn stderr_of(command: &mut Command, code: i32) -> String {
    let failed = command.assert().code(code);
    String::from_utf8(failed.get_output().stderr.clone()).unwrap()
}
