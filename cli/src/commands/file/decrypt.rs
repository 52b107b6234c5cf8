//! `zkv file decrypt`.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use zkvault::transfer::OpenedBy;
use zkvault_core::file::{FileOpener, FilePrelude, OpenBlockError, ParsedPrelude, UnlockFileError};

use super::blocks::Blocks;
use super::{MAX_HELD_BLOCK, Source, not_opened, streamed};
use crate::args::{FileDecrypt, RequireKey};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::input::Input;
use crate::opened_by::{self, Required};
use crate::output::Progress;
use crate::sink::Sink;
use crate::{key_source, keychain, keyring_file};

pub(crate) fn run(args: &FileDecrypt, context: &Context<'_>) -> Result<Exit> {
    let mut source = Source::open(&args.input)?;
    let prelude = read_prelude(&mut source.input, &args.input)?;
    let files = key_source::selected(&args.keys.paths);
    let Unlocked { opener, by } = unlock(&args.input, &prelude, &files, &args.required, context)?;
    if let Some(len) = source.len {
        opener
            .extent_of_file(len)
            .map_err(|error| not_opened(&args.input, error))?;
    }
    let mut sink = Sink::open(Some(&args.destination.output), args.destination.force)?;
    let mut progress = Progress::new(source.len, context.output.is_json());
    open(opener, source, &args.input, &mut sink, &mut progress).map_err(|error| match sink.is_stdout() {
        true => error.hint("what came out is authentic, but it is not the whole file"),
        false => error,
    })?;
    let to_stdout = sink.is_stdout();
    sink.commit()?;
    drop(progress);
    opened_by::report(context.output, &by);
    if context.output.is_json() && !to_stdout {
        context.output.json(&Decrypted { opened_by: &by })?;
    }
    Ok(Exit::Success)
}

/// What is said of a file that was written.
#[derive(Serialize)]
struct Decrypted<'a> {
    opened_by: &'a OpenedBy,
}

/// A file that is unlocked, and by what.
pub(super) struct Unlocked {
    pub(super) opener: FileOpener,
    pub(super) by: OpenedBy,
}

/// Reads exactly the prelude from the start of a file.
pub(super) fn read_prelude(input: &mut Input, path: &Path) -> Result<FilePrelude> {
    let mut bytes = Vec::new();
    let mut wanted = 0;
    loop {
        let missing = (wanted - bytes.len()) as u64;
        let read = input
            .by_ref()
            .take(missing)
            .read_to_end(&mut bytes)
            .map_err(|error| input.error(&error))?;
        if (read as u64) < missing {
            return Err(not_opened(path, "it is cut off, or not an encrypted zkvault file"));
        }
        match FilePrelude::parse(&bytes).map_err(|error| not_opened(path, error))? {
            ParsedPrelude::Whole(prelude) => return Ok(prelude),
            ParsedPrelude::Needs(length) => wanted = length,
        }
    }
}

/// Unlocks a file with key files, or else with the keyring: its keys, then its identity.
pub(super) fn unlock(
    path: &Path,
    prelude: &FilePrelude,
    files: &[PathBuf],
    required: &RequireKey,
    context: &Context<'_>,
) -> Result<Unlocked> {
    let keyring = match files {
        [] => Some(keyring_file::unlock(context)?),
        _ => None,
    };
    let required = Required::new(required, keyring.as_ref())?;
    let mut keys = keyring
        .as_ref()
        .map(|keyring| keyring.keys().key_set())
        .unwrap_or_default();
    keychain::add_files(&mut keys, files)?;
    let opened = match (prelude.unlock(&required.among(&keys)), required, &keyring) {
        (Err(UnlockFileError::NoKey), Required::Nothing, Some(keyring)) => {
            prelude.unlock_with_identity(keyring.identity())
        }
        (Err(UnlockFileError::NoKey), Required::Active | Required::Key(_), _) => {
            return Err(required.refused(&path.display().to_string()));
        }
        (opened, _, _) => opened,
    };
    let opener = opened.map_err(|error| not_unlocked(path, error))?;
    let by = OpenedBy::new(opener.unlocked_by(), keyring.as_ref());
    Ok(Unlocked { opener, by })
}

fn not_unlocked(path: &Path, error: UnlockFileError) -> CliError {
    let failed = not_opened(path, error);
    match error {
        UnlockFileError::NoKey => failed.hint("zkv file inspect shows for which keys it is; give one with --key-file"),
        _ => failed,
    }
}

fn open(opener: FileOpener, source: Source, path: &Path, sink: &mut Sink, progress: &mut Progress) -> Result<()> {
    let block_size = opener.layout().block_size();
    if block_size.bytes() > MAX_HELD_BLOCK {
        return streamed::open(&opener, source.input, path, sink, progress);
    }
    let path = path.to_owned();
    let blocks = Blocks {
        input: source.input,
        block_len: usize::try_from(block_size.sealed_bytes()).unwrap_or(usize::MAX),
        total: source.len,
    };
    let work = move |index, last, sealed: &[u8], out: &mut Vec<u8>| {
        opener
            .open_block(index, last, sealed, out)
            .map_err(|error| block_failed(&path, index, error))
    };
    blocks.run(work, sink, progress)
}

pub(super) fn block_failed(path: &Path, index: u64, error: OpenBlockError) -> CliError {
    not_opened(path, format!("block {index}: {error}"))
}
