//! This process: what keeps its memory to itself.

use super::{Check, State};
use crate::hardening::{self, Protection};

pub(super) fn checks() -> Vec<Check> {
    hardening::protections().into_iter().map(check).collect()
}

/// A protection that is missing is no fault of the installation.
fn check(protection: Protection) -> Check {
    let Protection {
        name,
        in_force,
        detail,
        hint,
    } = protection;
    match in_force {
        true => Check::new(name, State::Ok, detail),
        false => Check::new(name, State::Warn, detail).hint(hint),
    }
}
