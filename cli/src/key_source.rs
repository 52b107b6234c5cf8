//! Key files, from the command line or the environment.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;
use zkvault::config::Setting;
use zkvault_core::key::{MAX_KEY_FILE_LEN, VaultKey};

use crate::error::{CliError, Result};
use crate::output::shown_path;
use crate::settings;

/// The key files that were asked for: by flag, else by the setting `key-file`, else none.
pub(crate) fn selected(flags: &[PathBuf]) -> Vec<PathBuf> {
    if flags.is_empty() {
        return settings::path(Setting::KeyFile).into_iter().collect();
    }
    flags.to_vec()
}

/// Reads one key file.
pub(crate) fn read(path: &Path) -> Result<Arc<VaultKey>> {
    let file = File::open(path).map_err(|error| CliError::file("open the key file", path, &error))?;
    read_from(file, path)
}

/// As [`read`], from anything that can be read; `path` is only its name.
pub(crate) fn read_from(reader: impl Read, path: &Path) -> Result<Arc<VaultKey>> {
    // Room for everything from the start: a buffer that grows leaves copies behind.
    let mut file = Zeroizing::new(Vec::with_capacity(MAX_KEY_FILE_LEN + 1));
    // One byte more, to notice a longer file.
    let read = reader.take(MAX_KEY_FILE_LEN as u64 + 1).read_to_end(&mut file);
    read.map_err(|error| CliError::file("read the key file", path, &error))?;
    VaultKey::from_file(&file).map(Arc::new).map_err(|error| {
        CliError::of(&error, format!("{} is not a key file", shown_path(path)))
            .cause(error)
            .hint("a key file holds 32 bytes: raw, as 64 hexadecimal digits, or as 44 base64 characters")
    })
}
