//! Takes a document of sites through all processor cores, in its order and in flat memory.

use std::io::{self, Read as _};

use zeroize::Zeroizing;
use zkvault_core::SecretBuffer;
use zkvault_core::document::{Batch, Framer, Part};

use crate::error::{CliError, Result};
use crate::input::Input;
use crate::ring;

/// Large enough that handing it over costs nothing, small enough to stay in a core's cache.
const PIECE_LEN: usize = 256 * 1024;

/// What is done with every site.
pub(crate) trait SiteWork: Send + Sync + 'static {
    /// What is found out about the sites of one piece.
    type Report: Default + Send + 'static;

    /// Writes what takes the site's place to the end of `output`.
    fn site(&self, site: &[u8], output: &mut SecretBuffer, report: &mut Self::Report) -> Result<()>;
}

/// A piece of the document, and what becomes of it.
#[derive(Default)]
struct Piece<R> {
    batch: Batch,
    output: SecretBuffer,
    report: R,
}

/// Runs `work` on every site of `input`, and `take` on the results, in the order of the document.
pub(crate) fn run<W: SiteWork>(
    input: Input,
    work: W,
    mut take: impl FnMut(&[u8], W::Report) -> Result<()>,
) -> Result<()> {
    let workers = ring::workers();
    let pieces = (0..workers * 2 + 2).map(|_| Piece::<W::Report>::default()).collect();
    let mut cutter = Cutter {
        input,
        framer: Some(Framer::new()),
        bytes: Zeroizing::new(vec![0; PIECE_LEN]),
    };
    ring::run(
        pieces,
        workers,
        move |piece| cutter.fill(&mut piece.batch),
        move |piece| {
            piece.output.clear();
            work_on(&work, piece)
        },
        |piece| take(piece.output.expose_secret(), std::mem::take(&mut piece.report)),
    )
}

/// Reads the document and cuts it between its sites.
struct Cutter {
    input: Input,
    /// `None` after the document's end.
    framer: Option<Framer>,
    bytes: Zeroizing<Vec<u8>>,
}

impl Cutter {
    /// The next batch that holds anything; `false` when the document is complete.
    fn fill(&mut self, batch: &mut Batch) -> Result<bool> {
        while let Some(framer) = &mut self.framer {
            let length = read_full(&mut self.input, &mut self.bytes).map_err(|error| self.input.error(&error))?;
            if length == 0 {
                break;
            }
            let read = self.bytes.get(..length).unwrap_or_default();
            framer.push(read, batch).map_err(|error| self.input.refused(error))?;
            if !batch.is_empty() {
                return Ok(true);
            }
        }
        let finished = self.framer.take().map(Framer::finish).transpose();
        finished.map_err(|error| self.input.refused(error))?;
        Ok(false)
    }
}

/// Fills `buffer` unless the input ends before.
fn read_full(input: &mut Input, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn work_on<W: SiteWork>(work: &W, piece: &mut Piece<W::Report>) -> Result<()> {
    for part in piece.batch.parts() {
        match part {
            Part::Copy(bytes) => piece.output.extend(bytes),
            Part::Site { index, bytes } => {
                work.site(bytes, &mut piece.output, &mut piece.report)
                    .map_err(|error| in_site(error, index))?;
            }
        }
    }
    Ok(())
}

fn in_site(error: CliError, index: u64) -> CliError {
    let message = format!("{} (site {} of the document)", error.message, index + 1);
    CliError { message, ..error }
}
