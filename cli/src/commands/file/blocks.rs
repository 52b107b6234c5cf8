//! Blocks of one length, from an input through all processor cores to a destination.

use std::io::Read as _;

use zeroize::Zeroizing;

use crate::error::Result;
use crate::input::Input;
use crate::output::Progress;
use crate::sink::Sink;
use zkvault::workers;

/// Bytes that all blocks in flight take together, read and written: with the program itself under 100 MB.
const MAX_IN_FLIGHT: usize = 72 << 20;

/// One block and what becomes of it.
struct Slot {
    index: u64,
    last: bool,
    read: Zeroizing<Vec<u8>>,
    written: Zeroizing<Vec<u8>>,
}

/// The blocks of an input: how long each but the last is, and how many bytes will come, where that is known.
pub(super) struct Blocks {
    pub(super) input: Input,
    pub(super) block_len: usize,
    pub(super) total: Option<u64>,
}

impl Blocks {
    /// Runs `work` on every block, told its number and whether it is the last, and writes the results in order.
    pub(super) fn run(
        self,
        work: impl Fn(u64, bool, &[u8], &mut Vec<u8>) -> Result<()> + Send + Sync + 'static,
        sink: &mut Sink,
        progress: &mut Progress,
    ) -> Result<()> {
        let expected = self.total.and_then(|total| usize::try_from(total).ok());
        // Room for a whole block, and what sealing adds to it.
        let buffer = self.block_len.min(expected.unwrap_or(usize::MAX));
        let buffer = buffer + buffer / 512 + 1024;
        let workers = workers::workers();
        let slots = (MAX_IN_FLIGHT / (buffer * 2)).clamp(1, workers + 2);
        let slots = (0..slots).map(|_| Slot::new(buffer)).collect();
        let mut reader = Reader {
            input: self.input,
            block_len: self.block_len as u64,
            ahead: None,
            next: Some(0),
        };
        workers::run(
            slots,
            workers,
            move |slot| reader.fill(slot),
            move |slot| {
                slot.written.clear();
                work(slot.index, slot.last, &slot.read, &mut slot.written)
            },
            |slot| {
                progress.add(slot.read.len() as u64);
                sink.write(&slot.written)
            },
        )
    }
}

impl Slot {
    fn new(capacity: usize) -> Self {
        Self {
            index: 0,
            last: false,
            read: Zeroizing::new(Vec::with_capacity(capacity)),
            written: Zeroizing::new(Vec::with_capacity(capacity)),
        }
    }
}

/// Reads one byte ahead: only the end of the input tells that a full block is the last.
struct Reader {
    input: Input,
    block_len: u64,
    ahead: Option<u8>,
    /// The number of the next block; `None` after the last.
    next: Option<u64>,
}

impl Reader {
    fn fill(&mut self, slot: &mut Slot) -> Result<bool> {
        let Some(index) = self.next else { return Ok(false) };
        slot.read.clear();
        slot.read.extend(self.ahead.take());
        let missing = self.block_len - slot.read.len() as u64;
        self.read(missing, &mut slot.read)?;
        let mut ahead = Vec::with_capacity(1);
        self.read(1, &mut ahead)?;
        self.ahead = ahead.first().copied();
        slot.index = index;
        slot.last = self.ahead.is_none();
        self.next = (!slot.last).then_some(index + 1);
        Ok(true)
    }

    fn read(&mut self, limit: u64, buffer: &mut Vec<u8>) -> Result<()> {
        let read = self.input.by_ref().take(limit).read_to_end(buffer);
        read.map(drop).map_err(|error| self.input.error(&error))
    }
}
