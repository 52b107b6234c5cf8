//! Takes a document of sites through all processor cores: one thread reads and cuts it, the others work on the
//! pieces, and this one gets the results in the document's order.
//!
//! A fixed number of buffers goes round, so that memory stays the same for a document of any length.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use zeroize::Zeroizing;
use zkvault_core::{Batch, Framer, Part, SecretBuffer};

use crate::error::{CliError, Exit, Result};
use crate::input::Input;

/// Large enough that handing it over costs nothing, small enough to stay in a core's cache.
const PIECE_LEN: usize = 256 * 1024;
const MAX_WORKERS: usize = 32;

/// What is done with every site.
pub(crate) trait SiteWork: Send + Sync + 'static {
    /// What is found out about the sites of one piece.
    type Report: Default + Send + 'static;

    /// Writes what takes the site's place to the end of `output`.
    fn site(
        &self,
        site: &[u8],
        output: &mut SecretBuffer,
        report: &mut Self::Report,
    ) -> std::result::Result<(), CliError>;
}

/// A buffer on its way round.
struct Piece<R> {
    sequence: u64,
    batch: Batch,
    output: SecretBuffer,
    report: Result<R>,
}

enum Event<R> {
    /// A piece was worked on.
    Done(Box<Piece<R>>),
    /// The reader read its last: so many pieces, or an error after them.
    End { pieces: u64, result: Result<()> },
}

/// Runs `work` on every site of `input`, and `take` on the results, in the order of the document.
///
/// The threads are not waited for when something fails: one of them may be waiting for input that never comes.
pub(crate) fn run<W: SiteWork>(
    input: Input,
    work: W,
    mut take: impl FnMut(&[u8], W::Report) -> Result<()>,
) -> Result<()> {
    let workers = thread::available_parallelism().map_or(1, usize::from).min(MAX_WORKERS);
    let (recycle, empty) = channel();
    let (jobs, queue) = channel();
    let (events, results) = channel();
    for _ in 0..workers * 2 + 2 {
        // The other end is held right here.
        let _ = recycle.send(Box::new(Piece::new()));
    }
    let (work, queue) = (Arc::new(work), Arc::new(Mutex::new(queue)));
    for _ in 0..workers {
        let (work, queue, events) = (Arc::clone(&work), Arc::clone(&queue), events.clone());
        thread::spawn(move || work_on(&*work, &queue, &events));
    }
    thread::spawn(move || {
        let (pieces, result) = read_pieces(input, &empty, &jobs);
        let _ = events.send(Event::End { pieces, result });
    });
    in_order(
        &results,
        |piece| {
            let report = std::mem::replace(&mut piece.report, Ok(W::Report::default()));
            take(piece.output.expose_secret(), report?)
        },
        &recycle,
    )
}

impl<R: Default> Piece<R> {
    fn new() -> Self {
        Self {
            sequence: 0,
            batch: Batch::new(),
            output: SecretBuffer::new(),
            report: Ok(R::default()),
        }
    }
}

/// The reader: how many pieces were handed on, and how the document ended.
fn read_pieces<R>(
    mut input: Input,
    empty: &Receiver<Box<Piece<R>>>,
    jobs: &Sender<Box<Piece<R>>>,
) -> (u64, Result<()>) {
    let mut pieces = 0;
    let result = cut(&mut input, empty, |mut piece| {
        piece.sequence = pieces;
        pieces += 1;
        jobs.send(piece).is_ok()
    });
    (pieces, result)
}

fn cut<R>(
    input: &mut Input,
    empty: &Receiver<Box<Piece<R>>>,
    mut hand_on: impl FnMut(Box<Piece<R>>) -> bool,
) -> Result<()> {
    let mut framer = Framer::new();
    let mut bytes = Zeroizing::new(vec![0; PIECE_LEN]);
    // Whoever waits for results is gone when no buffer comes back; then nobody wants the rest.
    while let Ok(mut piece) = empty.recv() {
        loop {
            let length = read_full(input, &mut bytes).map_err(|error| input.error(&error))?;
            let read = bytes.get(..length).unwrap_or_default();
            if read.is_empty() {
                return framer.finish().map_err(|error| input.refused(error));
            }
            framer
                .push(read, &mut piece.batch)
                .map_err(|error| input.refused(error))?;
            if !piece.batch.is_empty() {
                break;
            }
        }
        if !hand_on(piece) {
            break;
        }
    }
    Ok(())
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

fn work_on<W: SiteWork>(work: &W, queue: &Mutex<Receiver<Box<Piece<W::Report>>>>, events: &Sender<Event<W::Report>>) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(mut piece) = next else { return };
        piece.output.clear();
        piece.report = work_on_parts(work, &piece.batch, &mut piece.output);
        if events.send(Event::Done(piece)).is_err() {
            return;
        }
    }
}

fn work_on_parts<W: SiteWork>(work: &W, batch: &Batch, output: &mut SecretBuffer) -> Result<W::Report> {
    let mut report = W::Report::default();
    for part in batch.parts() {
        match part {
            Part::Copy(bytes) => output.extend(bytes),
            Part::Site { index, bytes } => work.site(bytes, output, &mut report).map_err(|error| {
                let message = format!("{} (site {} of the document)", error.message, index + 1);
                CliError { message, ..error }
            })?,
        }
    }
    Ok(report)
}

fn in_order<R>(
    results: &Receiver<Event<R>>,
    mut take: impl FnMut(&mut Piece<R>) -> Result<()>,
    recycle: &Sender<Box<Piece<R>>>,
) -> Result<()> {
    let mut waiting = BTreeMap::<u64, Box<Piece<R>>>::new();
    let mut end = None;
    let mut next = 0;
    loop {
        while let Some(mut piece) = waiting.remove(&next) {
            take(&mut piece)?;
            next += 1;
            // A reader that is done takes no more buffers.
            let _ = recycle.send(piece);
        }
        if let Some((_, result)) = end.take_if(|(pieces, _)| *pieces == next) {
            return result;
        }
        match results.recv() {
            Ok(Event::Done(piece)) => drop(waiting.insert(piece.sequence, piece)),
            Ok(Event::End { pieces, result }) => end = Some((pieces, result)),
            Err(_) => return Err(CliError::new(Exit::Other, "internal", "a worker thread ended early")),
        }
    }
}
