//! Password health: which passwords of a store are reused, weak, old or known from breaches (ADR 0029).
//!
//! ```
//! # fn example(contents: &zkvault::vault::Contents) -> Result<(), Box<dyn std::error::Error>> {
//! use zkvault::audit::{Options, audit};
//! use zkvault::progress::NoProgress;
//!
//! let audited = audit(contents, &Options { hashes: false }, &NoProgress)?;
//! let reused = audited.passwords.iter().filter(|password| password.reuse.is_some()).count();
//! println!("{reused} of {} passwords are used at several sites", audited.passwords.len());
//! # Ok(())
//! # }
//! ```
//!
//! Nothing leaves the machine: the passwords are opened one at a time, compared by a keyed digest whose key exists for one
//! audit, and wiped. Which password is used at which sites is told by a number that only counts. Nothing in the result is a
//! password or derived from one, but the estimate of its strength.
//!
//! For breaches there are SHA-1 hashes, because that is what the list of breached passwords has. They are made only if they
//! are asked for, are wiped when they are dropped, and are compared with a [file](HashList), or with a service to which five
//! of their forty digits are sent ([`ranges`]).

mod hibp;
pub mod ranges;
mod reuse;
mod shared;

use zeroize::Zeroizing;
use zkvault_core::model::Site;
use zkvault_core::site::{FieldKind, fields};
use zkvault_core::trust::Page;
use zkvault_core::value::SiteKey;
use zkvault_core::{Coded as _, SecretText};
use zxcvbn::{Score, zxcvbn};

pub use self::hibp::{HashList, HashListError};
use self::reuse::Digests;
pub use self::shared::people;
use crate::progress::Progress;
use crate::store::{Entry, StoreError};
use crate::vault::{Contents, ReadError};

/// A SHA-1 hash of a password, wiped when it is dropped.
pub type Hash = Zeroizing<[u8; 20]>;

/// Characters of a password whose strength is estimated: the work grows with their square, and what has as many is strong.
const MAX_ESTIMATED: usize = 100;

/// How an audit is made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Whether the hashes are made with which breaches are looked up.
    pub hashes: bool,
}

/// An audit cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There are no random bytes.
    #[error("the system's random number generator failed")]
    Random,
}

codes!(AuditError {
    Self::Random => "random",
    ;
    Self::Store(error) => inner(error),
});

/// How hard a password is to guess, as zxcvbn estimates it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// Fewer than a thousand guesses.
    Trivial,
    /// Fewer than a million.
    Weak,
    /// Fewer than a hundred million.
    Fair,
    /// Fewer than ten thousand million.
    Good,
    /// More.
    Strong,
}

impl Strength {
    /// All of them, the weakest first.
    pub const ALL: [Self; 5] = [Self::Trivial, Self::Weak, Self::Fair, Self::Good, Self::Strong];

    /// Its word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trivial => "trivial",
            Self::Weak => "weak",
            Self::Fair => "fair",
            Self::Good => "good",
            Self::Strong => "strong",
        }
    }

    /// Whether it should be replaced: an attacker with the service's hashes guesses it.
    #[must_use]
    pub fn is_weak(self) -> bool {
        self <= Self::Fair
    }

    /// Estimates a password. Words of its site count as known to an attacker.
    fn of(password: &str, words: &[&str]) -> Self {
        let end = password
            .char_indices()
            .nth(MAX_ESTIMATED)
            .map_or(password.len(), |(at, _)| at);
        match zxcvbn(password.get(..end).unwrap_or(password), words).score() {
            Score::Zero => Self::Trivial,
            Score::One => Self::Weak,
            Score::Two => Self::Fair,
            Score::Three => Self::Good,
            _ => Self::Strong,
        }
    }
}

/// What was found of one password of a site.
#[derive(Debug)]
pub struct Password {
    /// The number of the site.
    pub site: u64,
    /// What its input is called.
    pub field: String,
    /// How strong it is.
    pub strength: Strength,
    /// The number of the group of equal passwords, if it is used at several sites; counted from 1.
    pub reuse: Option<usize>,
    /// How often breaches have it, if that was looked up.
    pub breached: Option<u64>,
    /// What it is looked up by, if that was asked for.
    hash: Option<Hash>,
}

impl Password {
    /// What it is looked up by.
    #[must_use]
    pub fn hash(&self) -> Option<&Hash> {
        self.hash.as_ref()
    }
}

/// A site of an audit, without its passwords.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditedSite {
    /// The number of the site.
    pub id: u64,
    /// What it is called.
    pub name: String,
    /// Scheme, host and port of its login page.
    pub origin: Option<String>,
    /// When the service changed it last. Its password is at least as old.
    pub updated: Option<u64>,
    /// The number of the group of sites with one login page and one user name, if there are several; counted from 1.
    pub duplicate: Option<usize>,
}

impl AuditedSite {
    /// Whether its password is sent in plaintext: its login page is `http`, and not of this machine.
    #[must_use]
    pub fn is_plaintext(&self) -> bool {
        let is_plaintext = |origin: &str| origin.starts_with("http://") && Page::at(origin).is_none();
        self.origin.as_deref().is_some_and(is_plaintext)
    }
}

/// A value that did not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unopened {
    /// The number of the site.
    pub site: u64,
    /// What its input is called; nothing where the site itself cannot be read.
    pub field: Option<String>,
    /// Why: a stable word.
    pub reason: &'static str,
}

/// What an audit found.
#[derive(Debug, Default)]
pub struct Audited {
    /// The sites, in the order of their ids.
    pub sites: Vec<AuditedSite>,
    /// Their passwords, in the same order; of one site those of its inputs of type password that hold something.
    pub passwords: Vec<Password>,
    /// What did not open.
    pub unopened: Vec<Unopened>,
}

/// Opens every password of a store, of the trusted copies where there are some, and judges it. `progress` counts sites.
///
/// # Errors
/// [`AuditError`]; a site or value that cannot be opened is in the result.
pub fn audit(contents: &Contents, options: &Options, progress: &dyn Progress) -> Result<Audited, AuditError> {
    let index = contents.index();
    let mut run = Run {
        contents,
        options,
        audited: Audited::default(),
        passwords: Digests::new()?,
        logins: Digests::new()?,
    };
    let entries = contents.entries(&index).collect::<Result<Vec<_>, _>>()?;
    progress.expect(entries.len() as u64);
    for entry in entries {
        run.site(&entry);
        progress.advance(1);
    }
    Ok(run.finish())
}

struct Run<'a> {
    contents: &'a Contents,
    options: &'a Options,
    audited: Audited,
    /// Digests of passwords, with the places of the passwords and their sites.
    passwords: Digests,
    /// Digests of login pages and user names, with the places of the sites.
    logins: Digests,
}

impl Run<'_> {
    fn site(&mut self, entry: &Entry<'_>) {
        let name = entry.name.as_deref().unwrap_or_default().to_owned();
        let origin = entry.origin.as_deref().map(str::to_owned);
        let place = self.audited.sites.len();
        self.audited.sites.push(AuditedSite {
            id: entry.id,
            name: name.clone(),
            origin: origin.clone(),
            updated: entry.updated,
            duplicate: None,
        });
        if let (Some(origin), Some(username)) = (&origin, self.contents.username(entry)) {
            let parts = [origin.as_bytes(), username.expose_secret().as_bytes()];
            self.logins.add(&parts, place, entry.id);
        }
        match self.contents.site(entry) {
            Ok(site) => self.fields(&site, &[&name, origin.as_deref().unwrap_or_default()]),
            Err(error) => self.audited.unopened.push(Unopened {
                site: entry.id,
                field: None,
                reason: error.code(),
            }),
        }
    }

    fn fields(&mut self, site: &Site, words: &[&str]) {
        let key = SiteKey::open(site.key.as_ref(), self.contents.keys());
        for field in fields(site).filter(|field| field.kind() == FieldKind::Password) {
            let (id, label) = (site.id, field.label());
            match self.contents.open_input(id, key.as_ref(), field.input, label.clone()) {
                Ok(opened) if opened.text.expose_secret().is_empty() => {}
                Ok(opened) => self.password(id, label, &opened.text, words),
                Err(ReadError::NoValue { .. }) => {}
                Err(error) => self.audited.unopened.push(Unopened {
                    site: id,
                    field: Some(label),
                    reason: reason(&error),
                }),
            }
        }
    }

    fn password(&mut self, site: u64, field: String, text: &SecretText, words: &[&str]) {
        let text = text.expose_secret();
        self.passwords
            .add(&[text.as_bytes()], self.audited.passwords.len(), site);
        self.audited.passwords.push(Password {
            site,
            field,
            strength: Strength::of(text, words),
            reuse: None,
            breached: None,
            hash: self.options.hashes.then(|| hibp::hash(text)),
        });
    }

    fn finish(self) -> Audited {
        let Self {
            mut audited,
            passwords,
            logins,
            ..
        } = self;
        for (place, group) in passwords.groups() {
            if let Some(password) = audited.passwords.get_mut(place) {
                password.reuse = Some(group);
            }
        }
        for (place, group) in logins.groups() {
            if let Some(site) = audited.sites.get_mut(place) {
                site.duplicate = Some(group);
            }
        }
        audited
    }
}

/// What is wrong with a value: of a malformed one, what makes it so.
fn reason(error: &ReadError) -> &'static str {
    match error {
        ReadError::Malformed { source, .. } => source.code(),
        error => error.code(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strength_knows_the_words_of_the_site_and_is_bounded() {
        assert_eq!(Strength::of("password", &[]), Strength::Trivial);
        assert!(Strength::of("Tr0ub4dour&3x-vellum-oboe", &[]) >= Strength::Good);
        let name = "Haldenfrey Sailmakers";
        assert!(Strength::of(name, &[name]) < Strength::of(name, &[]));
        assert!(
            Strength::of(&"\u{e9}~Q7".repeat(50_000), &[]).is_weak(),
            "it repeats itself"
        );
        assert!(Strength::Fair.is_weak() && !Strength::Good.is_weak());
    }

    #[test]
    fn plaintext_is_what_another_machine_gets_without_tls() {
        let site = |origin: &str| AuditedSite {
            id: 1,
            name: String::new(),
            origin: Some(origin.to_owned()),
            updated: None,
            duplicate: None,
        };
        for sent in [
            "http://shop.example",
            "http://localhost.shop.example",
            "http://127.0.0.1.shop.example",
        ] {
            assert!(site(sent).is_plaintext(), "{sent}");
        }
        for other in [
            "https://shop.example",
            "http://127.0.0.1:8080",
            "http://localhost",
            "ftp://a.example",
        ] {
            assert!(!site(other).is_plaintext(), "{other}");
        }
    }
}
