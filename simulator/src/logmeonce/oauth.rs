//! OAuth 2.0 (RFC 6749, 6750, 7636): who gets tokens, and whose they are.

mod authorize;
mod ledger;
mod token;

pub(super) use authorize::authorize;
pub(super) use ledger::{Caller, Ledger};
pub(super) use token::token;
