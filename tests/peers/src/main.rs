//! Runs core's work and that of peers that can share a program with it, and prints the rate of each, one line a
//! kind. `scripts/bench-core` runs this and the other peers in turn and makes a table of it.

mod files;
mod timing;
mod values;

fn main() {
    values::run();
    files::run();
}
