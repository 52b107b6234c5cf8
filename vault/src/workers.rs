//! Work in a fixed number of slots that go round: one thread fills them, all processor cores work on them, and
//! this thread takes them in the order in which they were filled. Memory is that of the slots, however much
//! passes through.
//!
//! ```
//! use zkvault::workers::{WorkersEnded, run};
//!
//! let (mut numbers, mut sum) = (1..=100_u64, 0);
//! run(
//!     vec![0; 8],
//!     4,
//!     move |slot| Ok(numbers.next().map(|number| *slot = number).is_some()),
//!     |slot| {
//!         *slot *= *slot;
//!         Ok(())
//!     },
//!     |slot| {
//!         sum += *slot;
//!         Ok::<(), WorkersEnded>(())
//!     },
//! )?;
//! assert_eq!(sum, 338_350);
//! # Ok::<(), WorkersEnded>(())
//! ```
//!
//! Slots wait in three places: empty ones for the filler, filled ones for a worker, finished ones for their turn. A
//! worker that is slow therefore stops the others only when all slots wait behind it; twice as many slots as workers,
//! and two more, keep everybody busy.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// More threads than this gain nothing.
const MAX_WORKERS: usize = 32;

/// A worker thread ended before its work was done. It can only have panicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a worker thread ended early")]
pub struct WorkersEnded;

codes!(WorkersEnded {
    Self => "internal",
});

/// How many threads are worth starting: one for each processor core, at most 32.
#[must_use]
pub fn workers() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(MAX_WORKERS)
}

/// A slot on its way round.
struct Turn<S, E> {
    /// Its place in the order in which slots were filled.
    sequence: u64,
    slot: S,
    result: Result<(), E>,
}

enum Event<S, E> {
    /// A slot was worked on.
    Done(Turn<S, E>),
    /// So many slots were filled, and then there was nothing more, or an error.
    End { filled: u64, result: Result<(), E> },
    /// A thread panicked: a slot is lost.
    Lost,
}

/// Reports a panic of its thread, which nobody would notice while the other threads wait for each other.
struct Watch<'a, S, E>(&'a Sender<Event<S, E>>);

impl<S, E> Drop for Watch<'_, S, E> {
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = self.0.send(Event::Lost);
        }
    }
}

/// Runs `fill` until it says `false`, `work` on every slot it filled, and `take` on those in their order.
///
/// An error comes out where it happened: everything before it was taken. The threads are not waited for then,
/// because one of them may be waiting for input that never comes.
///
/// # Errors
///
/// The first error of `fill`, `work` or `take`; [`WorkersEnded`] when one of them panicked on its thread.
pub fn run<S: Send + 'static, E: From<WorkersEnded> + Send + 'static>(
    slots: Vec<S>,
    workers: usize,
    fill: impl FnMut(&mut S) -> Result<bool, E> + Send + 'static,
    work: impl Fn(&mut S) -> Result<(), E> + Send + Sync + 'static,
    take: impl FnMut(&mut S) -> Result<(), E>,
) -> Result<(), E> {
    let (recycle, empty) = channel();
    let (jobs, queue) = channel();
    let (events, results) = channel();
    for slot in slots {
        // The other end is held right here.
        let _ = recycle.send(slot);
    }
    let (work, queue) = (Arc::new(work), Arc::new(Mutex::new(queue)));
    for _ in 0..workers {
        let (work, queue, events) = (Arc::clone(&work), Arc::clone(&queue), events.clone());
        thread::spawn(move || work_on(&*work, &queue, &events));
    }
    thread::spawn(move || {
        let _watch = Watch(&events);
        let (filled, result) = fill_slots(fill, &empty, &jobs);
        // Nobody listens any more when an earlier slot has failed.
        let _ = events.send(Event::End { filled, result });
    });
    in_order(&results, &recycle, take)
}

/// Fills slots until there is nothing more; how many, and why it ended.
fn fill_slots<S, E>(
    mut fill: impl FnMut(&mut S) -> Result<bool, E>,
    empty: &Receiver<S>,
    jobs: &Sender<Turn<S, E>>,
) -> (u64, Result<(), E>) {
    let mut sequence = 0;
    // No slot comes back when their taker has given up.
    while let Ok(mut slot) = empty.recv() {
        match fill(&mut slot) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return (sequence, Err(error)),
        }
        let result = Ok(());
        if jobs.send(Turn { sequence, slot, result }).is_err() {
            break;
        }
        sequence += 1;
    }
    (sequence, Ok(()))
}

/// One worker: takes the next filled slot, in the order in which they were filled, until there are no more.
fn work_on<S, E>(
    work: &impl Fn(&mut S) -> Result<(), E>,
    queue: &Mutex<Receiver<Turn<S, E>>>,
    events: &Sender<Event<S, E>>,
) {
    let _watch = Watch(events);
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(mut turn) = next else { return };
        turn.result = work(&mut turn.slot);
        if events.send(Event::Done(turn)).is_err() {
            return;
        }
    }
}

/// Takes finished slots in their order. Those that come early wait; there are never more of them than slots.
fn in_order<S, E: From<WorkersEnded>>(
    results: &Receiver<Event<S, E>>,
    recycle: &Sender<S>,
    mut take: impl FnMut(&mut S) -> Result<(), E>,
) -> Result<(), E> {
    let (mut waiting, mut next, mut end) = (BTreeMap::<u64, Turn<S, E>>::new(), 0, None);
    loop {
        while let Some(mut turn) = waiting.remove(&next) {
            turn.result?;
            take(&mut turn.slot)?;
            next += 1;
            // Nothing is filled any more after the end.
            let _ = recycle.send(turn.slot);
        }
        if let Some((_, result)) = end.take_if(|(filled, _)| *filled == next) {
            return result;
        }
        match results.recv() {
            Ok(Event::Done(turn)) => drop(waiting.insert(turn.sequence, turn)),
            Ok(Event::End { filled, result }) => end = Some((filled, result)),
            Ok(Event::Lost) | Err(_) => return Err(WorkersEnded.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[derive(Debug, PartialEq, Eq)]
    enum Failure {
        At(u64),
        Ended,
    }

    impl From<WorkersEnded> for Failure {
        fn from(_: WorkersEnded) -> Self {
            Self::Ended
        }
    }

    fn counting(until: u64) -> impl FnMut(&mut u64) -> Result<bool, Failure> {
        let mut number = 0;
        move |slot| {
            *slot = number;
            number += 1;
            Ok(number <= until)
        }
    }

    #[test]
    fn slots_are_taken_in_order_whoever_is_first() {
        let mut taken = Vec::new();
        let slow_when_even = |slot: &mut u64| {
            thread::sleep(Duration::from_millis(if slot.is_multiple_of(2) { 2 } else { 0 }));
            Ok(())
        };
        let result = run(vec![0; 5], 3, counting(50), slow_when_even, |slot| {
            taken.push(*slot);
            Ok(())
        });
        assert!(result.is_ok());
        assert_eq!(taken, (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn everything_before_an_error_is_taken() {
        for in_fill in [true, false] {
            let (mut taken, mut count) = (Vec::new(), counting(50));
            let fill = move |slot: &mut u64| {
                let filled = count(slot);
                if in_fill && *slot == 20 {
                    Err(Failure::At(20))
                } else {
                    filled
                }
            };
            let work = |slot: &mut u64| if *slot == 20 { Err(Failure::At(20)) } else { Ok(()) };
            let result = run(vec![0; 4], 3, fill, work, |slot| {
                taken.push(*slot);
                Ok(())
            });
            assert_eq!(result, Err(Failure::At(20)));
            assert_eq!(taken, (0..20).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_error_in_taking_ends_the_run_though_the_input_goes_on() {
        let endless = |slot: &mut u64| {
            *slot += 1;
            Ok(true)
        };
        let result = run(vec![0; 4], 2, endless, |_| Ok(()), |_| Err(Failure::At(1)));
        assert_eq!(result, Err(Failure::At(1)));
    }

    #[test]
    fn a_panic_on_every_thread_is_an_error_and_no_hang() {
        let work = |slot: &mut u64| if *slot == 3 { panic!("as a test") } else { Ok(()) };
        assert_eq!(run(vec![0; 4], 1, counting(50), work, |_| Ok(())), Err(Failure::Ended));
        let fill = |_: &mut u64| panic!("as a test");
        assert_eq!(run(vec![0; 4], 1, fill, |_| Ok(()), |_| Ok(())), Err(Failure::Ended));
    }
}
