//! Interleaved rounds: every candidate runs once a round, so that a machine that slows down slows all of them.

use std::time::Instant;

const ROUNDS: usize = 15;

/// One thing to time: a name and a closure that does all of its work once.
pub struct Candidate<'a> {
    pub name: &'a str,
    pub work: Box<dyn FnMut() + 'a>,
}

impl<'a> Candidate<'a> {
    pub fn new(name: &'a str, work: impl FnMut() + 'a) -> Self {
        Self { name, work: Box::new(work) }
    }
}

/// Median seconds of each candidate, in the order given.
pub fn medians(candidates: &mut [Candidate<'_>]) -> Vec<f64> {
    let mut times = vec![Vec::with_capacity(ROUNDS); candidates.len()];
    for round in 0..=ROUNDS {
        for (candidate, times) in candidates.iter_mut().zip(&mut times) {
            let start = Instant::now();
            (candidate.work)();
            if round > 0 {
                times.push(start.elapsed().as_secs_f64());
            }
        }
    }
    times.iter_mut().map(|times| median(times)).collect()
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
