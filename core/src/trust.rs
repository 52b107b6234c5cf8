//! Trust: what a lying server must not get away with (docs/spec/trust.md).
//!
//! The server holds names, addresses and selectors in plaintext, and nothing authenticates them. So a client keeps
//! a *pin* of every site it has seen, and compares. Nothing here repairs anything: an assessment says what was
//! found, and a pin moves only when nothing was, or when a person accepts the site as it is.
//!
//! ```
//! use zkvault_core::key::KeySet;
//! use zkvault_core::model::Site;
//! use zkvault_core::trust::{Account, PinSet, Use, Permission, Verdict, assess, summary};
//!
//! let site = |url: &str| -> Result<Site, serde_json::Error> {
//!     serde_json::from_str(&format!(r#"{{"id":7,"name":"Mail","login":{{"Url":"{url}","inputs":[]}}}}"#))
//! };
//! let (keys, mut pins) = (KeySet::new(), PinSet::new());
//! assess(Account::FirstUse, [site("https://mail.example/login")?], &keys).advance(&mut pins);
//!
//! let moved = assess(Account::Pinned(&pins), [site("https://mail.example.evil.example/login")?], &keys);
//! let verdict = &moved.sites()[0];
//! assert_eq!(verdict.verdict(), Verdict::MetadataChanged);
//! assert_eq!(verdict.permission(Use::Fill), Permission::Refused);
//! assert!(summary(verdict.findings(), None).starts_with("the login page is at another place"));
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! How it goes for one account: an [`Assessor`] takes every site that the service lists, with the keys; an
//! [`Assessment`] says what was found at each; [`Assessment::advance`] moves the pins of those at which nothing was;
//! and [`PinSet::accept`] moves one that a person looked at. [`permission`] is the one rule for what may be done with
//! a site until then, for every face.
//!
//! Where pins are kept is the caller's: [`PinSet::to_json`] for a snapshot, [`PinSet::seal`] for a place that is not
//! trusted, [`Pin::history`] for a store that has the sites anyway. What pins cannot do is in docs/spec/trust.md,
//! "What this cannot do": above all, at first use there is nothing to compare with.

mod assess;
mod compare;
mod difference;
mod finding;
mod history;
mod json;

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

pub use assess::{Account, Assessment, Assessor, Sighting, SiteVerdict, assess};
pub use difference::around_difference;
pub use finding::{
    Change, Field, Finding, FirstSeen, Permission, Place, Rollback, Tampering, Use, Verdict, permission,
};
pub use history::HistoryError;
pub use json::{MAX_PIN_LEN, MAX_PINS_LEN, ReadPinsError, WritePinsError};

pub use crate::digest::ValueDigest;
pub use origin::{MAX_URL_LEN, Origin, OriginError, Scheme, readable_origin};
pub use page::Page;
pub use pin::{MAX_EARLIER_PER_INPUT, Pin, PinnedInput, ValueForm};
pub use sealed::{OpenPinsError, PinsKey, PinsKeys, SealPinsError};
pub use set::{AcceptError, PinSet};
pub use text::{MAX_PINNED_TEXT_LEN, PinnedText};
pub use words::{Explanation, gravity, headline, summary};
