//! zkv
fn main() {}
