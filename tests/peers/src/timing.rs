//! One measurement of one kind of work.

use std::time::Instant;

/// Does `work` once and prints how many millions of `units` it does a second.
pub fn report(name: &str, units: f64, mut work: impl FnMut()) {
    let start = Instant::now();
    work();
    println!("{name}\t{}", units / start.elapsed().as_secs_f64() / 1e6);
}
