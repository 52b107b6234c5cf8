//! One value of a store: found by its reference, checked against its pin, and opened.
//!
//! `find` looks at the index alone, and opens little of it for an id or a whole name. `usable_entry` reads the findings
//! and asks [`permission`] what they permit. `open_copy` reads one record, finds the field, and opens the value under the
//! context of its site, type and name, so that one that was moved does not open (threat model, Z01 and Z02). Nothing
//! else of the store is read for one value, and nothing is cached.

use std::borrow::Cow;

use zkvault_core::model::Input;
use zkvault_core::reference::Reference;
use zkvault_core::resolve::{Lookup, Named, Resolution, resolve_in};
use zkvault_core::site::{FieldError, Found, find};
use zkvault_core::totp::TotpError;
use zkvault_core::trust::{Finding, Permission, Use, permission};
use zkvault_core::value::{EnvelopeError, Layout, OpenValueError, SiteKey};
use zkvault_core::vendor::Trust;
use zkvault_core::{Coded as _, SecretText};

use super::{Contents, Index};
use crate::directory::{FindError, Kind, Listed};
use crate::store::{self, Entry, Slot, Standing, StoreError};

/// Candidates whose user name is opened, at most.
///
/// A name that fits thousands of sites must not open thousands of values for an error message.
const MAX_OPENED: usize = 50;

/// A value, and what is to be known of its site before it is used.
#[derive(Debug)]
#[non_exhaustive]
pub struct ReadValue {
    /// The plaintext.
    pub text: SecretText,
    /// The layout that it was sealed in, which says whether anything authenticates it; none of an address, which is not
    /// sealed.
    pub layout: Option<Layout>,
    /// What the site is called in messages.
    pub site: String,
    /// The site's verdict.
    pub standing: Standing,
    /// What was found at the site and does not forbid to read it. Show it to the person.
    pub warnings: Vec<Finding>,
    /// The same in a line, with the names of the inputs; empty where nothing was found.
    pub found: String,
}

/// A plaintext of a site, and the layout that it was sealed in.
#[derive(Debug)]
pub struct Opened {
    /// The plaintext.
    pub text: SecretText,
    /// None of an address, which is not sealed.
    pub layout: Option<Layout>,
}

/// A site that may be used: the copy to read from, and what has to be said about it. There is no other way to get one
/// than by asking whether its findings permit the use.
pub(super) struct Usable<'a> {
    pub(super) entry: Entry<'a>,
    pub(super) slot: Slot,
    warnings: Vec<Finding>,
    found: String,
}

impl Opened {
    /// The address of a site, which is listed in plaintext.
    fn address(url: &str) -> Self {
        Self {
            text: SecretText::from(url.to_owned()),
            layout: None,
        }
    }
}

impl Usable<'_> {
    /// One of its values.
    pub(super) fn value(self, Opened { text, layout }: Opened) -> ReadValue {
        ReadValue {
            text,
            layout,
            site: self.entry.label(),
            standing: self.entry.standing,
            warnings: self.warnings,
            found: self.found,
        }
    }
}

/// A value cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The site is not found.
    #[error(transparent)]
    Site(#[from] FindError),
    /// The site has no such field, or several.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// What was found at the site forbids to read it.
    #[error("{site} may not be used as it is: {why}")]
    Refused {
        /// The site's number.
        site_id: u64,
        /// What the site is called.
        site: String,
        /// What was found, in words.
        why: String,
    },
    /// Nothing authenticates the value, and nobody allowed it to be handed on.
    #[error("a value of {site} may have been changed: nothing authenticates values of the layout {layout}")]
    Unauthenticated {
        /// What the site is called.
        site: String,
        /// The name of the layout.
        layout: String,
    },
    /// The field is there and holds nothing.
    #[error("the field {field:?} of site {site_id} has no value")]
    NoValue {
        /// The site.
        site_id: u64,
        /// The field.
        field: String,
    },
    /// What the field holds is no sealed value.
    #[error("the field {field:?} of site {site_id} did not open")]
    Malformed {
        /// The site.
        site_id: u64,
        /// The field.
        field: String,
        /// Why.
        source: EnvelopeError,
    },
    /// No field holds the seed of one-time passwords, or several may.
    #[error("no field of {site} is known to hold the seed of one-time codes")]
    NoSeed {
        /// What the site is called.
        site: String,
    },
    /// The field that a person chose for the seed cannot be found any more.
    #[error("the field {field:?} that was remembered for the one-time codes of {site} is not found")]
    Chosen {
        /// What the site is called.
        site: String,
        /// The field.
        field: String,
        /// Why.
        source: FieldError,
    },
    /// A field that should hold such a seed holds something else.
    #[error("the field {field:?} of site {site_id} is not the seed of one-time codes")]
    Seed {
        /// The site.
        site_id: u64,
        /// The field.
        field: String,
        /// Why.
        source: TotpError,
    },
    /// It is a sealed value that does not open.
    #[error(transparent)]
    NotOpened(#[from] ValueNotOpened),
}

codes!(ReadError {
    Self::Refused { .. } => "refused",
    Self::Unauthenticated { .. } => "unauthenticated",
    Self::NoValue { .. } => "no-value",
    Self::Malformed { .. } => "malformed",
    Self::NoSeed { .. } | Self::Chosen { .. } => "no-totp",
    Self::Seed { .. } => "totp",
    ;
    Self::Store(error) => inner(error),
    Self::Site(error) => inner(error),
    Self::Field(error) => inner(error),
    Self::NotOpened(error) => inner(error),
});

/// A sealed value does not open: no key fits, or it was moved or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the field {field:?} of site {site_id} did not open")]
pub struct ValueNotOpened {
    /// The site.
    pub site_id: u64,
    /// The field.
    pub field: String,
    /// Why.
    pub source: OpenValueError,
}

impl ValueNotOpened {
    /// A stable name for programs: that of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.source.code()
    }
}

/// An entry of which it does not matter whether a person trusts it: to accept it, it must be found.
#[derive(Clone)]
struct Unranked<'a>(Entry<'a>);

impl<'a> From<Entry<'a>> for Unranked<'a> {
    fn from(entry: Entry<'a>) -> Self {
        Self(entry)
    }
}

/// Of entries, and of what is made of them.
impl<'a, T: From<Entry<'a>>> Lookup<T, StoreError> for store::Lookup<'_> {
    fn by_id(&mut self, id: u64) -> Result<Option<T>, StoreError> {
        Ok(self.site(id)?.map(T::from))
    }

    fn by_name(&mut self, folded: &str) -> Result<Option<Vec<T>>, StoreError> {
        let found = self.sites_named(folded)?;
        Ok(found.map(|sites| sites.into_iter().map(T::from).collect()))
    }
}

impl Named for Unranked<'_> {
    fn id(&self) -> u64 {
        self.0.id
    }

    fn names(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.0.names()
    }

    fn origin(&self) -> Option<&str> {
        self.0.origin()
    }
}

impl Contents {
    /// Finds the one site that is meant by an id, an address, or a name or a part of it:
    /// [`resolve`](zkvault_core::resolve::resolve) says by which rules. Those with a trusted copy come first.
    ///
    /// A whole reference such as `zkv://GitHub/password` is taken for its site. Sites without a trusted copy are looked
    /// at only when no trusted one fits, so that a new site cannot take the name of a known one (threat model, Z48).
    ///
    /// # Errors
    ///
    /// [`FindError`] in a [`ReadError::Site`], and [`ReadError::Store`].
    pub fn find<'a>(&'a self, index: &'a Index, wanted: &str) -> Result<Entry<'a>, ReadError> {
        let wanted = &*site_of(wanted);
        match resolve_in(wanted, &mut self.store.lookup()?, || self.entries(index))? {
            Resolution::One(entry) => Ok(entry),
            Resolution::Several(entries) => Err(self.ambiguous(wanted, &entries).into()),
            Resolution::None { suggestions } => Err(not_found(wanted, &suggestions).into()),
            _ => Err(not_found(wanted, &[]).into()),
        }
    }

    /// As [`Self::find`], for a person who will be shown the site and asked: whether it is trusted decides nothing.
    ///
    /// # Errors
    ///
    /// As [`Self::find`].
    pub fn find_to_accept<'a>(&'a self, index: &'a Index, wanted: &str) -> Result<Entry<'a>, ReadError> {
        let entries = |all: Vec<Unranked<'a>>| all.into_iter().map(|Unranked(entry)| entry).collect::<Vec<_>>();
        let wanted = &*site_of(wanted);
        let all = || self.entries(index).map(|entry| entry.map(Unranked));
        match resolve_in(wanted, &mut self.store.lookup()?, all)? {
            Resolution::One(Unranked(entry)) => Ok(entry),
            Resolution::Several(all) => Err(self.ambiguous(wanted, &entries(all)).into()),
            Resolution::None { suggestions } => Err(not_found(wanted, &entries(suggestions)).into()),
            _ => Err(not_found(wanted, &[]).into()),
        }
    }

    /// Reads one value, unless what was found at its site forbids that.
    ///
    /// For a person who looks at it. A program that hands the value on says so with [`Self::read_for`].
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub fn read(&self, reference: &Reference) -> Result<ReadValue, ReadError> {
        self.read_for(&self.index(), reference, Use::Read)
    }

    /// Reads one value for a use, unless what was found at its site forbids that use, or allows it only after a question. A
    /// value that nothing authenticates is shown to a person, and handed on only once somebody allowed that for the account.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub fn read_for(&self, index: &Index, reference: &Reference, usage: Use) -> Result<ReadValue, ReadError> {
        let usable = self.usable(index, &reference.site, usage)?;
        let value = self.open_usable(&usable, &reference.field, usage)?;
        Ok(usable.value(value))
    }

    /// One value of a site that may be used.
    pub(super) fn open_usable(&self, usable: &Usable<'_>, field: &str, usage: Use) -> Result<Opened, ReadError> {
        let value = self.open_copy(&usable.entry, usable.slot, field)?;
        if usage != Use::Read {
            self.require_usable(value.layout.as_ref(), &usable.entry)?;
        }
        Ok(value)
    }

    /// Refuses a value whose layout has neither tag nor MAC, unless a person allowed the layout for this account: a
    /// service could have changed the text without being noticed (threat model, Z60).
    fn require_usable(&self, layout: Option<&Layout>, entry: &Entry<'_>) -> Result<(), ReadError> {
        match layout {
            Some(Layout::Vendor(bare)) if bare.trust() == Trust::Unauthenticated && !self.usable.contains(bare) => {
                Err(ReadError::Unauthenticated {
                    site: entry.label(),
                    layout: bare.name().to_owned(),
                })
            }
            _ => Ok(()),
        }
    }

    /// Several sites, with what they call the person: of those that a person accepted, as far as it can be read.
    pub(super) fn ambiguous(&self, wanted: &str, entries: &[Entry<'_>]) -> FindError {
        let candidate = |(place, entry): (usize, &Entry<'_>)| {
            let slot = entry.trusted.filter(|_| place < MAX_OPENED);
            let username = slot.and_then(|slot| self.read_copy(entry, slot, "username").ok());
            let mut listed = Listed::from(entry);
            listed.username = username.map(|text| text.expose_secret().to_owned());
            listed
        };
        FindError::Ambiguous {
            kind: Kind::Site,
            wanted: wanted.to_owned(),
            candidates: entries.iter().enumerate().map(candidate).collect(),
        }
    }

    /// The one site that is meant, if it may be used so.
    pub(super) fn usable<'a>(&'a self, index: &'a Index, site: &str, usage: Use) -> Result<Usable<'a>, ReadError> {
        self.usable_entry(self.find(index, site)?, usage)
    }

    /// The copy of a site that may be used so.
    pub(super) fn usable_entry<'a>(&self, entry: Entry<'a>, usage: Use) -> Result<Usable<'a>, ReadError> {
        let found = self.store.findings(&entry)?;
        let warnings = match permission(&found, usage, entry.trusted.is_some()) {
            Permission::Allowed => Vec::new(),
            Permission::Warned => found,
            _ => {
                return Err(ReadError::Refused {
                    site_id: entry.id,
                    site: entry.label(),
                    why: self.found(&entry, &found),
                });
            }
        };
        let slot = entry.copy().ok_or(StoreError::DamagedSite(entry.id))?;
        let found = self.found(&entry, &warnings);
        Ok(Usable {
            entry,
            slot,
            warnings,
            found,
        })
    }

    /// The user name to show beside a site's name: of the trusted copy where there is one. `None` where the site has no
    /// input for one, or several, or the value does not open.
    #[must_use]
    pub fn username(&self, entry: &Entry<'_>) -> Option<SecretText> {
        self.read_copy(entry, entry.copy()?, "username").ok()
    }

    /// Reads a field of one copy of a site, whatever was found at it: the caller has looked at the findings, and chosen
    /// between the trusted copy and the one that waits.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub fn read_copy(&self, entry: &Entry<'_>, slot: Slot, wanted: &str) -> Result<SecretText, ReadError> {
        Ok(self.open_copy(entry, slot, wanted)?.text)
    }

    /// As [`Self::read_copy`], with the layout that the value was sealed in.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub fn open_copy(&self, entry: &Entry<'_>, slot: Slot, wanted: &str) -> Result<Opened, ReadError> {
        let site = self.store.site(entry.id, slot)?;
        let (site_id, field) = (site.id, wanted.to_owned());
        let input = match find(&site, wanted)? {
            Found::Input(field) => field.input,
            Found::Address(url) => return Ok(Opened::address(url)),
            _ => return Err(ReadError::NoValue { site_id, field }),
        };
        let site_key = SiteKey::open(site.key.as_ref(), &self.keys);
        self.open_input(site_id, site_key.as_ref(), input, field)
    }

    /// Opens the value of an input, which is called `field`.
    ///
    /// # Errors
    ///
    /// [`ReadError::NoValue`], [`ReadError::Malformed`] and [`ReadError::NotOpened`].
    pub(crate) fn open_input(
        &self,
        site_id: u64,
        site_key: Option<&SiteKey>,
        input: &Input,
        field: String,
    ) -> Result<Opened, ReadError> {
        let Some(value) = &input.value else {
            return Err(ReadError::NoValue { site_id, field });
        };
        let envelope = match value.envelope() {
            Ok(envelope) => envelope,
            Err(EnvelopeError::Empty) => return Err(ReadError::NoValue { site_id, field }),
            Err(source) => return Err(ReadError::Malformed { site_id, field, source }),
        };
        let opened = envelope.open_in(&self.keys, site_key, Some(&input.context(site_id)));
        let opened = opened.map_err(|source| ValueNotOpened { site_id, field, source })?;
        Ok(Opened {
            text: opened.text,
            layout: Some(opened.layout),
        })
    }
}

fn not_found(wanted: &str, alike: &[Entry<'_>]) -> FindError {
    FindError::NotFound {
        kind: Kind::Site,
        wanted: wanted.to_owned(),
        suggestions: alike.iter().map(Listed::from).collect(),
    }
}

/// What a person means who gives a reference where only a site is wanted.
fn site_of(wanted: &str) -> Cow<'_, str> {
    match wanted.parse::<Reference>() {
        Ok(reference) => Cow::Owned(reference.site),
        Err(_) => Cow::Borrowed(wanted),
    }
}
