//! `zkv file decrypt`.

use std::io::Read as _;
use std::path::Path;

use zkvault_core::file::{FileOpener, FilePrelude, OpenBlockError, ParsedPrelude, UnlockFileError};
use zkvault_core::key::KeySet;

use super::blocks::Blocks;
use super::{MAX_HELD_BLOCK, Source, not_opened, streamed};
use crate::args::FileDecrypt;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::input::Input;
use crate::output::Progress;
use crate::sink::Sink;
use crate::{key_source, keychain, keyring_file};

pub(crate) fn run(args: &FileDecrypt, context: &Context<'_>) -> Result<Exit> {
    let mut source = Source::open(&args.input)?;
    let prelude = read_prelude(&mut source.input, &args.input)?;
    let opener = unlock(&prelude, &key_source::selected(&args.keys.paths), context)
        .and_then(|opened| opened.map_err(|error| not_unlocked(&args.input, error)))?;
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
    sink.commit()?;
    Ok(Exit::Success)
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
    prelude: &FilePrelude,
    files: &[std::path::PathBuf],
    context: &Context<'_>,
) -> Result<std::result::Result<FileOpener, UnlockFileError>> {
    if !files.is_empty() {
        let mut keys = KeySet::new();
        keychain::add_files(&mut keys, files)?;
        return Ok(prelude.unlock(&keys));
    }
    let keyring = keyring_file::unlock(context)?;
    Ok(match prelude.unlock(&keyring.keys().key_set()) {
        Err(UnlockFileError::NoKey) => prelude.unlock_with_identity(keyring.identity()),
        unlocked => unlocked,
    })
}

pub(super) fn not_unlocked(path: &Path, error: UnlockFileError) -> CliError {
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
