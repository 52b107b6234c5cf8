//! Trust: what a lying server must not get away with (docs/spec/trust.md).
//!
//! The server holds names, addresses and selectors in clear, and nothing authenticates them. So a client keeps
//! a *pin* of every site it has seen, and compares. Nothing here repairs anything: an assessment says what was
//! found, and a pin moves only when nothing was, or when a person accepts the site as it is.

mod assess;
mod compare;
mod finding;
mod history;
mod json;
mod lineage;
mod origin;
mod page;
mod pairing;
mod pin;
mod sealed;
mod set;
#[cfg(test)]
mod tests;
mod text;
mod words;

pub use assess::{Account, Assessment, Assessor, SiteVerdict, assess};
pub use finding::{
    Change, Field, Finding, FirstSeen, Permission, Place, Rollback, Tampering, Use, Verdict, permission,
};
pub use history::HistoryError;
pub use json::{MAX_PIN_LEN, MAX_PINS_LEN, ReadPinsError, WritePinsError};
pub use lineage::{Head, HeadError, Lineage};
pub use origin::{MAX_URL_LEN, Origin, OriginError, Scheme};
pub use page::Page;
pub use pin::{MAX_EARLIER_PER_INPUT, Pin, PinnedInput, ValueForm};
pub use sealed::{OpenPinsError, SealPinsError};
pub use set::{AcceptError, PinSet};
pub use text::{MAX_PINNED_TEXT_LEN, PinnedText, ValueDigest};
pub use words::{Explanation, summary};
