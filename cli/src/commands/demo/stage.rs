//! Where the demo happens: simulated services, a temporary folder, and this program run as somebody would run it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use zkvault_core::key::VaultKey;
use zkvault_simulator::{ApiKey, LogMeOnce};

use super::services::Services;
use crate::error::{CliError, Exit, Result};
use crate::output::raw_stdout;
use crate::shell;
use zkvault::fs;
use zkvault::fs::Unfinished;

/// The key that the organisation's values are sealed under, as a file.
pub(super) const KEY_FILE: &str = "company.key";
/// How that gets into a keyring.
const IMPORT: [&str; 6] = ["key", "import", KEY_FILE, "--label", "company", "--default"];
/// The link to a data repository, once it was asked for.
pub(super) const LINK_FILE: &str = "repository.sas";
/// The passphrase of the demo's keyrings. They live for seconds and protect nothing.
const PASSPHRASE: &str = "a passphrase for the tour";

/// The stage. Dropped, or left by Ctrl-C, it leaves nothing behind.
#[derive(Debug)]
pub(super) struct Stage {
    services: Services,
    key: VaultKey,
    folder: TempDir,
    _unfinished: Unfinished,
}

impl Stage {
    pub(super) fn set(port: u16) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("zkv-demo-").tempdir();
        let folder = folder.map_err(|error| CliError::io("cannot make a temporary folder", &error))?;
        let unfinished = Unfinished::new(folder.path());
        let key = VaultKey::generate();
        let key = key.map_err(|error| CliError::new(Exit::Other, "demo", "no key was made").cause(error))?;
        let services = Services::start(&key, port)?;
        fs::write(&folder.path().join(KEY_FILE), key.expose_secret(), fs::Existing::Keep)?;
        Ok(Self {
            services,
            key,
            folder,
            _unfinished: unfinished,
        })
    }

    pub(super) fn service(&self) -> &LogMeOnce {
        &self.services.logmeonce
    }

    /// Serves a page to fill. Gives its address.
    pub(super) fn login_page(&self) -> Result<String> {
        self.services.serve_login_page(&self.key)
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What names the account in an activation.
    pub(super) fn account(&self) -> &str {
        let url = self.services.logmeonce_url.as_str();
        url.split_once("://").map_or(url, |(_, account)| account)
    }

    /// The settings of the whole stage, as a shell reads them, with a keyring that holds the company's key.
    pub(super) fn settings(&self) -> Result<Vec<String>> {
        for arguments in [&["init"][..], &IMPORT] {
            let done = self.ask("default", arguments)?;
            if !done.status.success() {
                let cause = String::from_utf8_lossy(&done.stderr).into_owned();
                return Err(CliError::new(Exit::Other, "demo", "no keyring was made").cause(cause));
            }
        }
        let passphrase = ("ZKV_PASSPHRASE", PASSPHRASE.to_owned());
        // The key is in the keyring: a key file of the shell's own would come before that.
        let no_file = ("ZKV_KEY_FILE", String::new());
        let variables = self.variables().into_iter().chain([passphrase, no_file]);
        variables.map(|(name, value)| Ok(shell::export(name, &value))).collect()
    }

    /// Runs `zkv` as `person`, in the stage's folder, with all its output, notes and errors too, where the story is
    /// told. Returns its exit code.
    pub(super) fn play(&self, person: &str, arguments: &[&str]) -> Result<Option<i32>> {
        let notes = raw_stdout()?;
        let status = self.zkv(person, arguments)?.stderr(notes).status();
        status.map(|status| status.code()).map_err(|error| not_started(&error))
    }

    /// Runs `zkv` as `person`, and keeps its output.
    pub(super) fn ask(&self, person: &str, arguments: &[&str]) -> Result<Output> {
        let output = self.zkv(person, arguments)?.output();
        output.map_err(|error| not_started(&error))
    }

    fn zkv(&self, person: &str, arguments: &[&str]) -> Result<Command> {
        let program = std::env::current_exe().map_err(|error| not_started(&error))?;
        let mut command = Command::new(program);
        let ours = |name: &std::ffi::OsStr| name.to_str().is_some_and(|name| name.starts_with("ZKV_"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| ours(name)) {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .current_dir(self.folder())
            .stdin(std::process::Stdio::null())
            .env("ZKV_PASSPHRASE", PASSPHRASE)
            .env("ZKV_NO_INPUT", "1")
            .env("ZKV_PROFILE", person)
            .envs(self.variables());
        Ok(command)
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        let ApiKey { key, secret } = ApiKey::default();
        vec![
            ("ZKV_LOGMEONCE_URL", self.services.logmeonce_url.clone()),
            ("ZKV_LOGMEONCE_KEY", key.clone()),
            ("ZKV_LOGMEONCE_SECRET", secret.clone()),
            ("ZKV_LOOME_URL", self.services.loome_url.clone()),
            ("ZKV_LOOME_KEY", key),
            ("ZKV_LOOME_SECRET", secret),
            ("ZKV_SAS_FILE", self.path(LINK_FILE)),
            ("ZKV_CONFIG_DIR", self.path("config")),
            ("ZKV_DATA_DIR", self.path("data")),
        ]
    }

    /// The keyring of [`Self::settings`].
    pub(super) fn keyring(&self) -> PathBuf {
        self.folder().join("config/default/keyring.json")
    }

    fn path(&self, name: &str) -> String {
        let path: PathBuf = self.folder().join(name);
        path.display().to_string()
    }
}

fn not_started(error: &std::io::Error) -> CliError {
    CliError::io("zkv cannot start itself", error)
}
