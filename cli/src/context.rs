//! What every command needs to know about this run.

use crate::args::Global;
use crate::error::Result;
use crate::output::Output;
use crate::profile::Profile;
use crate::prompt::Prompt;

/// How to print, whether to ask, and which profile to use.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) output: Output,
    pub(crate) prompt: Prompt,
    global: &'a Global,
}

impl<'a> Context<'a> {
    pub(crate) fn new(global: &'a Global, output: Output) -> Self {
        Self {
            output,
            prompt: Prompt::new(global.no_input),
            global,
        }
    }

    /// The profile that was asked for.
    pub(crate) fn profile(&self) -> Result<Profile> {
        Profile::select(self.global.profile.as_deref())
    }
}
