//! The index and its details: what is known of every site, in short (docs/spec/store.md). The index says which
//! records there are, so a record that is not in it, or not as it says, is nobody's.
//!
//! The two parts are written together, by `Writer`, in ascending order of ids, and read together by [`Entries`]. In
//! front of the sites is where each block of them begins, and their order by names, so that a
//! [`lookup`](super::lookup) reads a block or two. Their layouts in bytes are in
//! docs/spec/store.md#index-and-details.
//!
//! A text is kept up to 1,024 bytes, so that a service with names of a megabyte makes no index of gigabytes. The record
//! has the whole text, and a pin compares the whole.

mod entries;
pub(super) mod shape;
mod writer;

use std::borrow::Cow;

use zkvault_core::resolve::Named;

use super::standing::Standing;

pub(crate) use self::entries::places_by_name;
pub use self::entries::{Entries, Malformed};
pub(crate) use self::writer::{Writer, sorted_by_name};
#[cfg(test)]
mod tests;

/// Bytes of a name or an address that the index keeps. The record has the whole.
const MAX_TEXT_LEN: usize = 1024;

/// The characters of a name that stand in a line of ours: less than a line, so that no name looks like two.
const MAX_LABEL_CHARS: usize = 60;

/// Flags of an entry in the index: which slots follow, in this order, and whether a name does.
const TRUSTED: u8 = 1;
const CANDIDATE: u8 = 2;
const FINDINGS: u8 = 4;
const NAME: u8 = 8;

/// Flags of an entry in the details.
const UPDATED: u8 = 1;
const ORIGIN: u8 = 2;
const URL: u8 = 4;
/// The address begins with the origin, of which the length follows.
const ORIGIN_BEGINS_URL: u8 = 8;

/// Where a record is, and in which revision of the store it was written.
///
/// A record opens only with the revision that the index has for it, so a row that was put back from an earlier state is
/// damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Slot {
    /// The number of its row.
    pub row: u64,
    /// The revision.
    pub revision: u64,
}

/// What the index says of a site. Its texts are those of the trusted copy, or of the other where there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The API's number of the site.
    pub id: u64,
    /// Its verdict.
    pub standing: Standing,
    /// The copy that the pin vouches for.
    pub trusted: Option<Slot>,
    /// What the server serves, where that is another.
    pub candidate: Option<Slot>,
    /// The findings, where the standing does not say all of them.
    pub findings: Option<Slot>,
    /// When it was last changed, by the server's clock.
    pub updated: Option<u64>,
    /// Its name, at most 1024 bytes of it, as of the other texts.
    pub name: Option<Cow<'a, str>>,
    /// The address of its login page.
    pub url: Option<Cow<'a, str>>,
    /// Scheme, host and port of it.
    pub origin: Option<Cow<'a, str>>,
}

/// Found by its name and its login page. One without a trusted copy comes after all that have one.
impl Named for Entry<'_> {
    fn id(&self) -> u64 {
        self.id
    }

    fn names(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.name.as_deref().map(Cow::Borrowed).into_iter()
    }

    fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// By the trusted copy and not by the standing: a site with a changed address still has one, and must not lose its
    /// name to a new site that is called the same (threat model, Z48).
    fn is_trusted(&self) -> bool {
        self.trusted.is_some()
    }
}

impl Entry<'_> {
    /// One of which nothing else is known, and that has no record yet.
    #[must_use]
    pub const fn new(id: u64, standing: Standing) -> Self {
        Self {
            id,
            standing,
            trusted: None,
            candidate: None,
            findings: None,
            updated: None,
            name: None,
            url: None,
            origin: None,
        }
    }

    /// The copy to show and to read from: the trusted one where there is one.
    #[must_use]
    pub fn copy(&self) -> Option<Slot> {
        self.trusted.or(self.candidate)
    }

    /// The copy that the service lists: what findings are about.
    #[must_use]
    pub fn served(&self) -> Option<Slot> {
        self.candidate.or(self.trusted)
    }

    /// Whether a person accepted that the site is gone.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.standing == Standing::Gone
    }

    /// What the site is called in messages.
    ///
    /// The name up to 60 characters and the id, or the id alone where there is no name. A name may have control
    /// characters: escape them before a terminal shows them.
    #[must_use]
    pub fn label(&self) -> String {
        let name = self.name.as_deref().unwrap_or_default();
        match (name, name.char_indices().nth(MAX_LABEL_CHARS)) {
            ("", _) => self.id.to_string(),
            (name, None) => format!("{name} ({})", self.id),
            (name, Some((end, _))) => format!("{}… ({})", name.get(..end).unwrap_or_default(), self.id),
        }
    }

    /// Without borrowing from the index.
    #[must_use]
    pub fn into_owned(self) -> Entry<'static> {
        let owned = |text: Option<Cow<'_, str>>| text.map(|text| Cow::Owned(text.into_owned()));
        Entry {
            name: owned(self.name),
            url: owned(self.url),
            origin: owned(self.origin),
            ..self
        }
    }
}

/// The beginning of a text, as much of it as the index keeps.
pub(crate) fn kept(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MAX_TEXT_LEN)).unwrap_or(text)
}
