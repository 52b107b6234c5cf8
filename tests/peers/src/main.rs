//! Measures core against its peers, in one process and in turn, and prints a Markdown table.
//!
//! `cargo run --release --manifest-path tests/peers/Cargo.toml`

mod files;
mod timing;
mod values;

fn main() {
    println!("| work | ours | peer | ratio |");
    println!("|---|---|---|---|");
    values::run();
    files::run();
}
