//! The one place where random bytes enter the library.
//!
//! Keys, salts, nonces and generated passwords all come through [`fill`]. There is no generator of our own with a
//! state that could be copied or repeated, and no fallback: a system without random bytes is an error (threat model,
//! Z11).

use crate::error::RandomError;

/// Fills `buffer` from the operating system's generator (`crypto.getRandomValues` in a browser).
///
/// # Errors
/// [`RandomError`] when the system has none to give; `buffer` must then not be used.
pub(crate) fn fill(buffer: &mut [u8]) -> Result<(), RandomError> {
    #[cfg(test)]
    if failing::is_on() {
        return Err(RandomError);
    }
    getrandom::fill(buffer).map_err(|_| RandomError)
}

/// `N` random bytes that are not secret: salts and identifiers.
pub(crate) fn array<const N: usize>() -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

/// A generator that can be made to fail, so that tests see what a broken one does.
#[cfg(test)]
pub(crate) mod failing {
    use std::cell::Cell;

    thread_local! { static FAILING: Cell<bool> = const { Cell::new(false) }; }

    pub(super) fn is_on() -> bool {
        FAILING.get()
    }

    /// Runs `work` on a thread whose generator fails.
    pub(crate) fn with<T>(work: impl FnOnce() -> T) -> T {
        FAILING.set(true);
        let result = work();
        FAILING.set(false);
        result
    }
}
