//! Files whose blocks are too large to be held: one thread, one piece of a block after the other.

use std::io::Read as _;
use std::path::Path;

use zeroize::Zeroizing;
use zkvault_core::file::{BLOCK_HEADER_LEN, BlockOpener, FileOpener, FileSealer};

use super::decrypt::block_failed;
use super::encrypt::not_sealed;
use super::not_opened;
use crate::error::{CliError, Exit, Result};
use crate::input::Input;
use crate::output::Progress;
use crate::sink::Sink;

const PIECE_LEN: u64 = 1 << 20;

/// Seals an input of known length.
pub(super) fn seal(
    sealer: &FileSealer,
    mut input: Input,
    len: u64,
    sink: &mut Sink,
    progress: &mut Progress,
) -> Result<()> {
    let too_long = || CliError::new(Exit::Other, "seal", "the file is too long");
    let extent = sealer.layout().extent(len).ok_or_else(too_long)?;
    let (mut piece, mut sealed) = (Zeroizing::new(Vec::new()), Vec::new());
    for index in 0..extent.block_count() {
        let span = extent.block(index).ok_or_else(too_long)?;
        sealed.clear();
        let mut block = sealer
            .block_sealer(index, span.last, &mut sealed)
            .map_err(|error| CliError::new(Exit::Other, "seal", "the file was not sealed").cause(error))?;
        let mut left = span.plaintext_len;
        while left > 0 && read_piece(&mut input, left, &mut piece)? > 0 {
            left -= piece.len() as u64;
            block.update(&piece, &mut sealed).map_err(not_sealed)?;
            sink.write(&sealed)?;
            sealed.clear();
            progress.add(piece.len() as u64);
        }
        block.finish(&mut sealed).map_err(not_sealed)?;
        sink.write(&sealed)?;
    }
    match read_piece(&mut input, 1, &mut piece)? {
        0 => Ok(()),
        _ => Err(
            CliError::new(Exit::Other, "source-changed", "the file changed while it was read")
                .cause(format!("it has more than the {len} bytes that it had at first")),
        ),
    }
}

/// Opens a file. Each piece that goes out is authentic, and whether it is in its place the end of its block says.
pub(super) fn open(
    opener: &FileOpener,
    mut input: Input,
    path: &Path,
    sink: &mut Sink,
    progress: &mut Progress,
) -> Result<()> {
    let (mut piece, mut opened) = (Zeroizing::new(Vec::new()), Zeroizing::new(Vec::new()));
    for index in 0.. {
        let mut left = opener.layout().block_size().sealed_bytes();
        read_piece(&mut input, BLOCK_HEADER_LEN as u64, &mut piece)?;
        let (mut block, last) = begin(opener, path, index, &piece)?;
        left -= piece.len() as u64;
        while left > 0 && read_piece(&mut input, left, &mut piece)? > 0 {
            left -= piece.len() as u64;
            block
                .update(&piece, &mut opened)
                .map_err(|error| block_failed(path, index, error))?;
            sink.write(&opened)?;
            opened.clear();
            progress.add(piece.len() as u64);
        }
        block
            .finish(&mut opened)
            .map_err(|error| block_failed(path, index, error))?;
        sink.write(&opened)?;
        opened.clear();
        if last {
            break;
        }
    }
    match read_piece(&mut input, 1, &mut piece)? {
        0 => Ok(()),
        _ => Err(not_opened(path, "something was appended to it")),
    }
}

/// Starts a block from its header, which is committed to whether the block is the last.
fn begin<'a>(
    opener: &'a FileOpener,
    path: &Path,
    index: u64,
    header: &[u8],
) -> Result<(BlockOpener<&'a FileOpener>, bool)> {
    let mut nothing = Vec::new();
    let mut inner = opener.block_opener(index, false);
    if inner.update(header, &mut nothing).is_ok() {
        return Ok((inner, false));
    }
    let mut last = opener.block_opener(index, true);
    let begun = last.update(header, &mut nothing);
    begun.map_err(|error| block_failed(path, index, error))?;
    Ok((last, true))
}

/// Reads up to `most` bytes, and no more than a piece. Returns how many there were; 0 at the end.
fn read_piece(input: &mut Input, most: u64, piece: &mut Vec<u8>) -> Result<usize> {
    piece.clear();
    let read = input.by_ref().take(most.min(PIECE_LEN)).read_to_end(piece);
    read.map_err(|error| input.error(&error))
}
