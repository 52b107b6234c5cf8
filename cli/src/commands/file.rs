//! `zkv file`.

mod blocks;
mod decrypt;
mod encrypt;
mod inspect;
mod streamed;

use std::path::Path;

use crate::args::FileCommand;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};

/// Above this a block is not held in memory, but passes through it in pieces.
const MAX_HELD_BLOCK: u32 = 16 << 20;

pub(crate) fn run(command: &FileCommand, context: &Context<'_>) -> Result<Exit> {
    match command {
        FileCommand::Encrypt(args) => encrypt::run(args, context),
        FileCommand::Decrypt(args) => decrypt::run(args, context),
        FileCommand::Inspect(args) => inspect::run(args, context),
    }
}

/// A file that is open for reading, and what the file system says of it.
struct Source {
    input: crate::input::Input,
    /// Known for regular files only.
    len: Option<u64>,
    /// The last change, in seconds since 1970.
    modified: Option<i64>,
}

impl Source {
    fn open(path: &Path) -> Result<Self> {
        let input = crate::input::Input::open(Some(path))?;
        let metadata = match path.as_os_str() == "-" {
            true => None,
            false => std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file),
        };
        let modified = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
        Ok(Self {
            input,
            len: metadata.as_ref().map(std::fs::Metadata::len),
            modified: modified.and_then(zkvault::time::of_file),
        })
    }
}

/// The file is not what was sealed.
fn not_opened(path: &Path, cause: impl ToString) -> CliError {
    let name = match path.as_os_str() == "-" {
        true => "standard input".to_owned(),
        false => path.display().to_string(),
    };
    CliError::new(Exit::Integrity, "decrypt", format!("{name} did not open")).cause(cause)
}
