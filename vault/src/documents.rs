//! Takes a document of sites through all processor cores, in its order and in flat memory.
//!
//! ```
//! use zkvault::core::SecretBuffer;
//! use zkvault::documents::{self, RunError, SiteWork};
//!
//! /// Counts the bytes of every site, and copies it.
//! struct Count;
//!
//! impl SiteWork for Count {
//!     type Report = usize;
//!     type Error = std::convert::Infallible;
//!
//!     fn site(&self, site: &[u8], output: &mut SecretBuffer, report: &mut usize) -> Result<(), Self::Error> {
//!         *report += site.len();
//!         output.extend(site);
//!         Ok(())
//!     }
//! }
//!
//! let (document, mut copy, mut count) = (r#"{"sites": [{"id": 1}, {"id": 2}]}"#, Vec::new(), 0);
//! documents::run(document.as_bytes(), Count, |bytes, report| {
//!     copy.extend_from_slice(bytes);
//!     count += report;
//!     Ok(())
//! })?;
//! assert_eq!((copy.as_slice(), count), (document.as_bytes(), 18));
//! # Ok::<(), RunError<std::convert::Infallible>>(())
//! ```
//!
//! One thread reads the document and cuts it between sites, every core works on pieces of about 256 KiB, and the
//! caller's thread takes the results in their order. Memory is that of the pieces, two for each core and two more, and
//! of the largest site: a document of gigabytes takes some megabytes. The pieces hold plaintext in one direction or the
//! other, and are wiped.
//!
//! Limits on depth, length and form are those of the framer in core; what exceeds them is [`RunError::Refused`] (threat
//! model, Z07 and Z38). Everything before the failure was taken by then: write to an
//! [`AtomicFile`](crate::fs::AtomicFile), so that half a document is never left.

use std::error::Error;
use std::io::{self, Read};

use zeroize::Zeroizing;
use zkvault_core::SecretBuffer;
use zkvault_core::document::{Batch, DocumentError, Framer, Part};

use crate::workers::{self, WorkersEnded};

/// Large enough that handing it over costs nothing, small enough to stay in a core's cache.
const PIECE_LEN: usize = 256 * 1024;

/// What is done with every site.
pub trait SiteWork: Send + Sync + 'static {
    /// What is found out about the sites of one piece.
    type Report: Default + Send + 'static;
    /// Why a site is refused.
    type Error: Send + 'static;

    /// Writes what takes the site's place to the end of `output`. `site` is its JSON, to the byte.
    ///
    /// # Errors
    ///
    /// The first one ends the whole document.
    fn site(&self, site: &[u8], output: &mut SecretBuffer, report: &mut Self::Report) -> Result<(), Self::Error>;
}

/// A document did not come to its end. `E` is the error of the caller's own work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError<E: Error + 'static> {
    /// It could not be read.
    #[error("the document cannot be read")]
    Read(#[source] io::Error),
    /// It is no document of sites, or too large in some way.
    #[error("the document was refused")]
    Refused(#[source] DocumentError),
    /// The work on a site failed.
    #[error("site {} of the document failed", index + 1)]
    Site {
        /// Its place in the document, from 0.
        index: u64,
        /// Why.
        source: E,
    },
    /// The caller did not take what came out.
    #[error("the result was not taken")]
    Take(#[source] E),
    /// A thread ended early.
    #[error(transparent)]
    Ended(#[from] WorkersEnded),
}

/// A piece of the document, and what becomes of it.
#[derive(Default)]
struct Piece<R> {
    batch: Batch,
    output: SecretBuffer,
    report: R,
}

/// Runs `work` on every site of `document`, and `take` on the results, in the order of the document. What is between
/// the sites comes out as it was.
///
/// # Errors
///
/// [`RunError`], for the first failure; everything before it was taken. The document's reader is not waited for then.
pub fn run<W: SiteWork<Error: Error>>(
    document: impl Read + Send + 'static,
    work: W,
    mut take: impl FnMut(&[u8], W::Report) -> Result<(), W::Error>,
) -> Result<(), RunError<W::Error>> {
    let workers = workers::workers();
    let pieces = (0..workers * 2 + 2).map(|_| Piece::<W::Report>::default()).collect();
    let mut cutter = Cutter {
        document,
        framer: Some(Framer::new()),
        bytes: Zeroizing::new(vec![0; PIECE_LEN]),
    };
    workers::run(
        pieces,
        workers,
        move |piece| cutter.fill(&mut piece.batch),
        move |piece| {
            piece.output.clear();
            work_on(&work, piece)
        },
        |piece| {
            let taken = take(piece.output.expose_secret(), std::mem::take(&mut piece.report));
            taken.map_err(RunError::Take)
        },
    )
}

/// Reads the document and cuts it between its sites.
struct Cutter<R> {
    document: R,
    /// `None` after the document's end.
    framer: Option<Framer>,
    bytes: Zeroizing<Vec<u8>>,
}

impl<R: Read> Cutter<R> {
    /// The next batch that holds anything; `false` when the document is complete.
    fn fill<E: Error>(&mut self, batch: &mut Batch) -> Result<bool, RunError<E>> {
        while let Some(framer) = &mut self.framer {
            let length = read_full(&mut self.document, &mut self.bytes).map_err(RunError::Read)?;
            if length == 0 {
                break;
            }
            let read = self.bytes.get(..length).unwrap_or_default();
            framer.push(read, batch).map_err(RunError::Refused)?;
            if !batch.is_empty() {
                return Ok(true);
            }
        }
        let finished = self.framer.take().map(Framer::finish).transpose();
        finished.map_err(RunError::Refused)?;
        Ok(false)
    }
}

/// Fills `buffer` unless the input ends before.
fn read_full(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
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

/// Copies what is between the sites, and has the sites worked on.
fn work_on<W: SiteWork<Error: Error>>(work: &W, piece: &mut Piece<W::Report>) -> Result<(), RunError<W::Error>> {
    for part in piece.batch.parts() {
        match part {
            Part::Copy(bytes) => piece.output.extend(bytes),
            Part::Site { index, bytes } => {
                let worked = work.site(bytes, &mut piece.output, &mut piece.report);
                worked.map_err(|source| RunError::Site { index, source })?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// Copies a site.
    struct Copy;

    impl SiteWork for Copy {
        type Report = ();
        type Error = Infallible;

        fn site(&self, site: &[u8], output: &mut SecretBuffer, (): &mut ()) -> Result<(), Infallible> {
            output.extend(site);
            Ok(())
        }
    }

    /// A pipe of one byte at a time, each after a signal.
    struct Interrupted {
        document: &'static [u8],
        signal: bool,
    }

    impl Read for Interrupted {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.signal = !self.signal;
            match self.signal {
                true => Err(io::ErrorKind::Interrupted.into()),
                false => self.document.read(buffer.get_mut(..1).unwrap_or_default()),
            }
        }
    }

    #[test]
    fn a_signal_ends_no_document() {
        let document = br#"{"sites": [{"id": 1}, {"id": 2}]}"#;
        let (input, mut copy) = (
            Interrupted {
                document,
                signal: false,
            },
            Vec::new(),
        );
        let taken = run(input, Copy, |bytes, ()| {
            copy.extend_from_slice(bytes);
            Ok(())
        });
        assert!(taken.is_ok() && copy == document, "{taken:?}");
    }
}
