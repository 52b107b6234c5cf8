//! Work in a fixed number of slots that go round: one thread fills them, all processor cores work on them, and
//! this thread takes them in the order in which they were filled. Memory is that of the slots, however much
//! passes through.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::error::{CliError, Exit, Result};

/// More threads than this gain nothing.
const MAX_WORKERS: usize = 32;

/// How many threads are worth starting.
pub(crate) fn workers() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(MAX_WORKERS)
}

/// A slot on its way round.
struct Turn<S> {
    sequence: u64,
    slot: S,
    result: Result<()>,
}

enum Event<S> {
    /// A slot was worked on.
    Done(Turn<S>),
    /// So many slots were filled, and then there was nothing more, or an error.
    End { filled: u64, result: Result<()> },
}

/// Runs `fill` until it says `false`, `work` on every slot it filled, and `take` on those in their order.
///
/// An error comes out where it happened: everything before it was taken. The threads are not waited for then,
/// because one of them may be waiting for input that never comes.
pub(crate) fn run<S: Send + 'static>(
    slots: Vec<S>,
    workers: usize,
    fill: impl FnMut(&mut S) -> Result<bool> + Send + 'static,
    work: impl Fn(&mut S) -> Result<()> + Send + Sync + 'static,
    take: impl FnMut(&mut S) -> Result<()>,
) -> Result<()> {
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
        let (filled, result) = fill_slots(fill, &empty, &jobs);
        // Nobody listens any more when an earlier slot has failed.
        let _ = events.send(Event::End { filled, result });
    });
    in_order(&results, &recycle, take)
}

fn fill_slots<S>(
    mut fill: impl FnMut(&mut S) -> Result<bool>,
    empty: &Receiver<S>,
    jobs: &Sender<Turn<S>>,
) -> (u64, Result<()>) {
    let mut sequence = 0;
    // No slot comes back when whoever takes them has given up.
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

fn work_on<S>(work: &impl Fn(&mut S) -> Result<()>, queue: &Mutex<Receiver<Turn<S>>>, events: &Sender<Event<S>>) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(mut turn) = next else { return };
        turn.result = work(&mut turn.slot);
        if events.send(Event::Done(turn)).is_err() {
            return;
        }
    }
}

fn in_order<S>(
    results: &Receiver<Event<S>>,
    recycle: &Sender<S>,
    mut take: impl FnMut(&mut S) -> Result<()>,
) -> Result<()> {
    let (mut waiting, mut next, mut end) = (BTreeMap::<u64, Turn<S>>::new(), 0, None);
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
            Err(_) => return Err(CliError::new(Exit::Other, "internal", "a worker thread ended early")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn counting(until: u64) -> impl FnMut(&mut u64) -> Result<bool> {
        let mut number = 0;
        move |slot| {
            *slot = number;
            number += 1;
            Ok(number <= until)
        }
    }

    fn failing(number: u64) -> CliError {
        CliError::new(Exit::Other, "test", number.to_string())
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
                    Err(failing(20))
                } else {
                    filled
                }
            };
            let work = |slot: &mut u64| if *slot == 20 { Err(failing(20)) } else { Ok(()) };
            let result = run(vec![0; 4], 3, fill, work, |slot| {
                taken.push(*slot);
                Ok(())
            });
            assert_eq!(result.unwrap_err().message, "20");
            assert_eq!(taken, (0..20).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_error_in_taking_ends_the_run_though_the_input_goes_on() {
        let endless = |slot: &mut u64| {
            *slot += 1;
            Ok(true)
        };
        let result = run(vec![0; 4], 2, endless, |_| Ok(()), |_| Err(failing(1)));
        assert_eq!(result.unwrap_err().message, "1");
    }
}
