//! What every command needs to know about this run.

use std::cell::OnceCell;

use zkvault_core::SecretText;

use crate::args::Global;
use crate::error::Result;
use crate::output::Output;
use crate::passphrase;
use crate::profile::Profile;
use crate::prompt::Prompt;

/// How to print, whether to ask, and which profile to use.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) output: Output,
    pub(crate) prompt: Prompt,
    global: &'a Global,
    passphrase: OnceCell<SecretText>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(global: &'a Global, output: Output) -> Self {
        Self {
            output,
            prompt: Prompt::new(global.no_input),
            global,
            passphrase: OnceCell::new(),
        }
    }

    /// The passphrase of a keyring that exists. A command that opens it twice asks once.
    pub(crate) fn passphrase(&self) -> Result<&SecretText> {
        match self.passphrase.get() {
            Some(passphrase) => Ok(passphrase),
            None => {
                let passphrase = passphrase::current(self.prompt)?;
                Ok(self.passphrase.get_or_init(|| passphrase))
            }
        }
    }

    /// The profile that was asked for.
    pub(crate) fn profile(&self) -> Result<Profile> {
        Profile::select(self.global.profile.as_deref())
    }
}
