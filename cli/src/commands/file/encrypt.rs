//! `zkv file encrypt`.

use std::path::Path;
use std::sync::Arc;

use zkvault::time;
use zkvault_core::file::{BlockSize, CreateFileError, FileMeta, FileSealer, SealBlockError};
use zkvault_core::identity::PublicIdentity;
use zkvault_core::key::VaultKey;

use super::blocks::Blocks;
use super::{MAX_HELD_BLOCK, Source, streamed};
use crate::args::FileEncrypt;
use crate::commands::identity;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::Progress;
use crate::sink::Sink;
use crate::{key_source, keychain, keyring_file};

pub(crate) fn run(args: &FileEncrypt, context: &Context<'_>) -> Result<Exit> {
    if args.destination.output == Path::new("-") && context.output.is_terminal() {
        return Err(CliError::usage("a sealed file is no text for a terminal")
            .hint("write it to a file with --output, or pipe it on"));
    }
    let source = Source::open(&args.input)?;
    let block_size = block_size(args.block_size)?;
    if block_size.bytes() > MAX_HELD_BLOCK && source.len.is_none() {
        return Err(CliError::usage(format!(
            "blocks of {} bytes need an input of known size",
            block_size.bytes()
        ))
        .hint("give a file instead of a stream, or a block size of at most 16MiB"));
    }
    let recipients = args
        .recipients
        .iter()
        .map(|text| identity::parse(text))
        .collect::<Result<Vec<_>>>()?;
    let keys = keys(args, context, &recipients)?;
    let sealer =
        FileSealer::new(&keys, &recipients, &meta(args, &source), block_size, time::now()?).map_err(not_created)?;
    let mut sink = Sink::open(Some(&args.destination.output), args.destination.force)?;
    let mut progress = Progress::new(source.len, context.output.is_json());
    sink.write(sealer.prelude())?;
    seal(sealer, source, &mut sink, &mut progress)?;
    sink.commit()?;
    Ok(Exit::Success)
}

fn block_size(asked: Option<u64>) -> Result<BlockSize> {
    let Some(bytes) = asked else {
        return Ok(BlockSize::default());
    };
    let size = BlockSize::new(u32::try_from(bytes).unwrap_or(u32::MAX));
    size.map_err(|error| CliError::usage(format!("{bytes} is not a block size")).cause(error))
}

/// The vault keys that will open the file: those of key files; or, when it is for no recipient either, the
/// keyring's default key.
fn keys(args: &FileEncrypt, context: &Context<'_>, recipients: &[PublicIdentity]) -> Result<Vec<Arc<VaultKey>>> {
    let files = match recipients {
        [] => key_source::selected(&args.keys.paths),
        // A key that is only in the environment must not get into a file that is meant for others.
        _ => args.keys.paths.clone(),
    };
    if files.is_empty() && recipients.is_empty() {
        let keyring = keyring_file::unlock(context)?;
        return Ok(vec![Arc::clone(keychain::find(&keyring, None)?.key())]);
    }
    files.iter().map(|path| key_source::read(path)).collect()
}

/// What is sealed about the file besides its content. A name that is no plain text is left out.
fn meta(args: &FileEncrypt, source: &Source) -> FileMeta {
    let name = |path: &Path| path.file_name()?.to_str().map(str::to_owned);
    let plain = |name: &String| {
        name.len() <= 255
            && !name
                .chars()
                .any(|character| character.is_control() || character == '\\')
    };
    FileMeta {
        name: source.len.and_then(|_| name(&args.input)).filter(plain),
        size: source.len,
        modified: source.modified,
        content_type: None,
    }
}

fn seal(sealer: FileSealer, source: Source, sink: &mut Sink, progress: &mut Progress) -> Result<()> {
    let Source { input, len, .. } = source;
    let block_size = sealer.layout().block_size();
    if let (true, Some(len)) = (block_size.bytes() > MAX_HELD_BLOCK, len) {
        return streamed::seal(&sealer, input, len, sink, progress);
    }
    let blocks = Blocks {
        input,
        block_len: block_size.bytes() as usize,
        total: len,
    };
    let work = move |index, last, plaintext: &[u8], out: &mut Vec<u8>| {
        sealer.seal_block(index, last, plaintext, out).map_err(not_sealed)
    };
    blocks.run(work, sink, progress)
}

pub(super) fn not_sealed(error: SealBlockError) -> CliError {
    match error {
        SealBlockError::Length(error) => {
            CliError::new(Exit::Other, "source-changed", "the file changed while it was read").cause(error)
        }
        error => CliError::new(Exit::Other, "seal", "the file was not sealed").cause(error),
    }
}

fn not_created(error: CreateFileError) -> CliError {
    match error {
        CreateFileError::KeyCount { .. } => CliError::usage("the file was not sealed").cause(error),
        error => CliError::new(Exit::Other, "seal", "the file was not sealed").cause(error),
    }
}
