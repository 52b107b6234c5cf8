//! Somebody without permissions: the user who runs the tests, or `nobody` where that is root, for whom much is allowed that the
//! program's users may not do.

use std::os::unix::fs::{MetadataExt as _, chown};
use std::process::Command;

use zkvault_test_support::Desk;

use crate::killed::inherit;

const NOBODY: u32 = 65534;

/// Whether root runs the tests.
pub(crate) fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

/// A desk that belongs to somebody without rights, who runs a copy of the program.
pub(crate) struct Person {
    pub(crate) desk: Desk,
}

impl Person {
    pub(crate) fn new() -> Self {
        let desk = Desk::new();
        std::fs::copy(env!("CARGO_BIN_EXE_zkv"), desk.path("zkv")).unwrap();
        let person = Self { desk };
        person.own("");
        person
    }

    /// Gives a file or folder of the desk to the person.
    pub(crate) fn own(&self, name: &str) {
        if is_root() {
            chown(self.desk.path(name), Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }

    /// Any program, run by the person.
    pub(crate) fn runs(&self, program: &str) -> Command {
        let mut command = match is_root() {
            true => {
                let mut setpriv = Command::new("setpriv");
                let ids = [format!("--reuid={NOBODY}"), format!("--regid={NOBODY}")];
                setpriv.args(ids).args(["--clear-groups", "--", program]);
                setpriv
            }
            false => Command::new(program),
        };
        inherit(&mut command, &self.desk.zkv_std(&[]));
        command
    }

    /// `zkv`, run by the person.
    pub(crate) fn zkv(&self, args: &[&str]) -> Command {
        let mut command = self.runs("./zkv");
        command.args(args);
        command
    }
}
