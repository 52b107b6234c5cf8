//! What every command needs to know about this run.

use std::cell::OnceCell;
use std::rc::Rc;

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
    /// The passphrase that a person typed.
    typed: OnceCell<Rc<SecretText>>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(global: &'a Global, output: Output) -> Self {
        Self {
            output,
            prompt: Prompt::new(global.no_input),
            global,
            typed: OnceCell::new(),
        }
    }

    /// The passphrase of a keyring that exists. A command that opens it twice asks once; one that was not typed is
    /// read again, and not kept in memory meanwhile.
    pub(crate) fn passphrase(&self) -> Result<Rc<SecretText>> {
        if let Some(typed) = self.typed.get() {
            return Ok(Rc::clone(typed));
        }
        if let Some(given) = passphrase::given()? {
            return Ok(Rc::new(given));
        }
        let typed = Rc::new(passphrase::ask(self.prompt)?);
        Ok(Rc::clone(self.typed.get_or_init(|| typed)))
    }

    /// The profile that was asked for.
    pub(crate) fn profile(&self) -> Result<Profile> {
        Profile::select(self.global.profile.as_deref())
    }
}
