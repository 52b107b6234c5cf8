//! What every command needs to know about this run.

use std::cell::{OnceCell, Ref, RefCell};
use std::rc::Rc;

use zkvault::directory::Kind;
use zkvault_core::SecretText;

use crate::args::Global;
use crate::error::Result;
use crate::output::Output;
use crate::passphrase;
use crate::profile::Profile;
use crate::prompt::Prompt;

/// The code of the error that a mistyped passphrase is.
const WRONG: &str = "wrong-passphrase";

/// How to print, whether to ask, and which profile to use.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) output: Output,
    pub(crate) prompt: Prompt,
    global: &'a Global,
    /// The passphrase that a person typed.
    typed: OnceCell<Rc<SecretText>>,
    /// What things are called that were looked up, for the journal.
    names: RefCell<Vec<(Kind, u64, String)>>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(global: &'a Global, output: Output) -> Self {
        Self {
            output,
            prompt: Prompt::new(global.no_input),
            global,
            typed: OnceCell::new(),
            names: RefCell::default(),
        }
    }

    /// Opens something with the passphrase of a keyring that exists. A person who mistypes it may try again, three times
    /// in all; one that comes from the environment is tried once.
    pub(crate) fn with_passphrase<T>(&self, mut open: impl FnMut(&SecretText) -> Result<T>) -> Result<T> {
        if self.typed.get().is_some() || passphrase::is_given()? {
            return open(&*self.passphrase()?);
        }
        let mut typed = passphrase::ask(self.prompt)?;
        for _ in 1..passphrase::TRIES {
            match open(&typed) {
                Err(error) if error.code == WRONG => typed = passphrase::ask_again(self.prompt)?,
                result => return self.remember(typed, result),
            }
        }
        let result = open(&typed);
        self.remember(typed, result)
    }

    /// The passphrase that a person has just chosen. What follows in this run does not ask for it.
    pub(crate) fn chosen(&self, passphrase: SecretText) -> Rc<SecretText> {
        Rc::clone(self.typed.get_or_init(|| Rc::new(passphrase)))
    }

    /// Keeps what was typed if it was right.
    fn remember<T>(&self, typed: SecretText, result: Result<T>) -> Result<T> {
        result.inspect(|_| {
            self.typed.get_or_init(|| Rc::new(typed));
        })
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

    /// Remembers what a thing is called: a change of it is recorded with the name.
    pub(crate) fn learn(&self, kind: Kind, id: u64, name: impl Into<String>) {
        self.names.borrow_mut().push((kind, id, name.into()));
    }

    /// What was learned.
    pub(crate) fn names(&self) -> Ref<'_, [(Kind, u64, String)]> {
        Ref::map(self.names.borrow(), Vec::as_slice)
    }

    /// The name of the profile, if the command line has it.
    pub(crate) fn profile_name(&self) -> Option<&str> {
        self.global.profile.as_deref()
    }

    /// Whether nobody has to be asked for the passphrase: it is in the environment, or was typed.
    pub(crate) fn has_passphrase(&self) -> bool {
        self.typed.get().is_some() || passphrase::is_given().unwrap_or(true)
    }

    /// The profile that was asked for.
    pub(crate) fn profile(&self) -> Result<Profile> {
        Profile::select(self.profile_name())
    }
}
