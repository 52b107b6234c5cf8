//! What the tests of the program share: a folder of their own, and the program with nothing of the outer
//! environment.

use std::path::{Path, PathBuf};

use assert_cmd::Command;

pub(crate) const PASSPHRASE: &str = "clamp-juror-onyx-radiator";

/// A temporary folder, with a profile's folder inside.
pub(crate) struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// With a keyring whose KDF is as cheap as is allowed.
    pub(crate) fn with_keyring() -> Self {
        let desk = Self::new();
        let cheap = ["--kdf-memory", "19MiB", "--kdf-passes", "2", "--kdf-lanes", "1"];
        desk.zkv(&["init"]).args(cheap).assert().success();
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        std::fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn keyring(&self) -> PathBuf {
        self.path("config/default/keyring.json")
    }

    /// Names of what is in the folder, besides the profile.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.filter(|name| name != "config" && name != "data").collect();
        names.sort();
        names
    }

    /// The program in this folder, with the passphrase in the environment.
    pub(crate) fn zkv(&self, args: &[&str]) -> Command {
        Command::from_std(self.zkv_std(args))
    }

    /// As [`Self::zkv`], for tests that watch it while it runs.
    pub(crate) fn zkv_std(&self, args: &[&str]) -> std::process::Command {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_zkv"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ZKV_")) {
            command.env_remove(name);
        }
        command
            .env("ZKV_CONFIG_DIR", self.path("config"))
            .env("ZKV_DATA_DIR", self.path("data"))
            .env("ZKV_PASSPHRASE", PASSPHRASE);
        command.current_dir(self.folder.path()).args(args);
        command
    }
}

/// A file of the repository.
pub(crate) fn repository(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    root.join(path).to_str().unwrap().to_owned()
}

/// What the program printed on success.
pub(crate) fn stdout(command: &mut Command) -> String {
    String::from_utf8(command.assert().success().get_output().stdout.clone()).unwrap()
}
