//! Takes a secret in, does with it what zkvault does, and waits while its parent looks through its memory: once
//! while it is held, once after it was dropped. `hold-secret CASE`, with the secrets on stdin.

mod cases;

use std::error::Error;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::AsFd as _;

use zeroize::Zeroizing;

/// Bytes of the key that comes first on stdin.
const KEY_LEN: usize = 32;
/// Bytes of the text that follows it.
const TEXT_LEN: usize = 40;

/// What the parent chose, each read straight into the one place where it is wiped.
struct Secrets {
    key: Zeroizing<Vec<u8>>,
    text: Zeroizing<Vec<u8>>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let case = std::env::args().nth(1).ok_or("a case is needed")?;
    // Not by `Stdin`, whose buffer would be a copy of the secrets.
    let mut parent = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut secrets = Secrets {
        key: Zeroizing::new(vec![0; KEY_LEN]),
        text: Zeroizing::new(vec![0; TEXT_LEN]),
    };
    parent.read_exact(&mut secrets.key)?;
    parent.read_exact(&mut secrets.text)?;
    let held = cases::run(&case, &secrets)?;
    drop(secrets);
    wait("held", &mut parent)?;
    drop(held);
    wait("dropped", &mut parent)
}

/// Tells the parent how far it is, and waits for its word.
fn wait(stage: &str, parent: &mut File) -> Result<(), Box<dyn Error>> {
    io::stdout().write_all(format!("{stage}\n").as_bytes())?;
    Ok(parent.read_exact(&mut [0])?)
}
