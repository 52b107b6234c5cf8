//! The keyring's file: read, changed under the profile's lock, and written back whole.

use std::io::Read as _;
use std::path::Path;

use zkvault::{fs, time};
use zkvault_core::SecretText;
use zkvault_core::kdf::KdfParams;
use zkvault_core::keyring::{Keyring, MAX_KEYRING_LEN, ReadKeyringError, SealedKeyring, UnlockKeyringError};

use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::shown_path;
use crate::passphrase;

/// Makes a keyring, unless there is one: it is never replaced.
pub(crate) fn create(context: &Context<'_>, params: KdfParams, allow_weak: bool) -> Result<Keyring> {
    let profile = context.profile()?;
    let path = profile.keyring_path();
    let _held = profile.hold()?;
    if path.exists() {
        return Err(
            CliError::new(Exit::Other, "exists", format!("{} exists already", shown_path(&path)))
                .hint("zkv --profile NAME init makes another one beside it"),
        );
    }
    let passphrase = passphrase::new(context.prompt, context.output, allow_weak)?;
    let keyring = Keyring::create(&passphrase, params, time::now()?)
        .map_err(|error| CliError::new(Exit::Other, "keyring", "the keyring was not made").cause(error))?;
    save(&keyring, &path, false)?;
    Ok(keyring)
}

/// Opens the keyring to read from it.
pub(crate) fn unlock(context: &Context<'_>) -> Result<Keyring> {
    OpenKeyring::unlock(context).map(|open| open.keyring)
}

/// An open keyring that can be saved without its passphrase, as long as nobody else has saved it.
pub(crate) struct OpenKeyring {
    keyring: Keyring,
    /// The file as it was read. It is sealed.
    file: Vec<u8>,
}

impl OpenKeyring {
    /// Opens the keyring for as long as a command takes.
    pub(crate) fn unlock(context: &Context<'_>) -> Result<Self> {
        let path = context.profile()?.keyring_path();
        // Before anybody is asked for a passphrase: the file must be there and in order.
        let file = read(&path)?;
        let sealed = parse(&file, &path)?;
        let passphrase = context.passphrase()?;
        let keyring = open(&sealed, &passphrase, &path)?;
        Ok(Self { keyring, file })
    }

    /// What is in it, for a command that does not save it.
    pub(crate) fn into_keyring(self) -> Keyring {
        self.keyring
    }

    /// The file, which is sealed.
    pub(crate) fn file(&self) -> &[u8] {
        &self.file
    }

    /// What is in it.
    pub(crate) fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Changes the keyring and saves it. A file that is not the one that was opened is left as it is, and that is
    /// an error.
    pub(crate) fn update(
        &mut self,
        context: &Context<'_>,
        change: impl FnOnce(&mut Keyring) -> Result<()>,
    ) -> Result<()> {
        let profile = context.profile()?;
        let path = profile.keyring_path();
        let _held = profile.hold()?;
        if read(&path)? != self.file {
            return Err(
                CliError::new(Exit::Other, "busy", "the keyring was changed by another zkv meanwhile")
                    .hint("try again"),
            );
        }
        change(&mut self.keyring)?;
        self.file = save(&self.keyring, &path, true)?;
        Ok(())
    }
}

/// Opens the keyring, lets `change` do something to it, and saves it. When `change` fails the file stays as it was.
pub(crate) fn change<T>(context: &Context<'_>, change: impl FnOnce(&mut Keyring) -> Result<T>) -> Result<T> {
    let profile = context.profile()?;
    let path = profile.keyring_path();
    parse(&read(&path)?, &path)?;
    let _held = profile.hold()?;
    let mut keyring = unlock(context)?;
    let result = change(&mut keyring)?;
    save(&keyring, &path, true)?;
    Ok(result)
}

/// Puts the file of a keyring in its place. One that is there and is another is kept under a new name, so that no key
/// is ever lost; `replace` says that this is wanted.
pub(crate) fn install(context: &Context<'_>, file: &[u8], replace: bool) -> Result<()> {
    let profile = context.profile()?;
    let path = profile.keyring_path();
    let _held = profile.hold()?;
    if !path.exists() {
        return Ok(fs::write(&path, file, false)?);
    }
    let before = read(&path)?;
    if before == file {
        return Ok(());
    }
    if !replace {
        return Err(
            CliError::new(Exit::Other, "exists", format!("{} exists already", shown_path(&path)))
                .hint("--profile NAME restores beside it; --store-only uses it; --force replaces it and keeps a copy"),
        );
    }
    let kept = path.with_extension(format!("before-{}.json", time::now()?));
    fs::write(&kept, &before, true)?;
    context
        .output
        .note(&format!("the keyring that was here is now {}", shown_path(&kept)));
    Ok(fs::write(&path, file, true)?)
}

/// Whether the file is there and in order, as far as that shows without a passphrase.
pub(crate) fn check(path: &Path) -> Result<()> {
    parse(&read(path)?, path).map(drop)
}

/// Returns what was written.
fn save(keyring: &Keyring, path: &Path, overwrite: bool) -> Result<Vec<u8>> {
    let bytes = keyring
        .to_bytes()
        .map_err(|error| CliError::new(Exit::Other, "seal", "the keyring was not saved").cause(error))?;
    fs::write(path, &bytes, overwrite)?;
    Ok(bytes)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MAX_KEYRING_LEN as u64 + 1).read_to_end(&mut bytes));
    read.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => CliError::new(
            Exit::NotFound,
            "no-keyring",
            format!("there is no keyring at {}", shown_path(path)),
        )
        .hint("zkv init makes one; commands that open and seal also take a key from --key-file"),
        _ => CliError::file("read", path, &error),
    })?;
    Ok(bytes)
}

fn parse(file: &[u8], path: &Path) -> Result<SealedKeyring> {
    SealedKeyring::parse(file).map_err(|error| unreadable(path, &error))
}

fn open(sealed: &SealedKeyring, passphrase: &SecretText, path: &Path) -> Result<Keyring> {
    sealed.unlock(passphrase).map_err(|error| match &error {
        UnlockKeyringError::Read(error) => unreadable(path, error),
        UnlockKeyringError::Decrypt | UnlockKeyringError::Contents(_) => {
            CliError::new(Exit::Integrity, "locked", "the keyring did not open").cause(error)
        }
        _ => CliError::new(Exit::Other, "keyring", "the keyring did not open").cause(error),
    })
}

fn unreadable(path: &Path, error: &ReadKeyringError) -> CliError {
    CliError::new(Exit::Other, "keyring", format!("{} cannot be read", shown_path(path))).cause(error)
}
