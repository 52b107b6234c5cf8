//! What every command needs to know about this run.

use crate::output::Output;

/// How to print.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) output: Output,
}
