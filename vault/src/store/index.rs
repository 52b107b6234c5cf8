//! The index and its details: what is known of every site, in short (docs/spec/store.md). The index says which
//! records there are, so a record that is not in it, or not as it says, is nobody's.
//!
//! The two parts are written together, by `Writer`, in ascending order of ids, and read together by [`Entries`]. The
//! index alone suffices to find a site by its name and to read it; the details are read for lists and for logins. Their
//! layouts in bytes are in docs/spec/store.md#index-and-details.
//!
//! A text is kept up to 1,024 bytes, so that a service with names of a megabyte makes no index of gigabytes. The record
//! has the whole text, and a pin compares the whole.

use std::borrow::Cow;

use zkvault_core::resolve::Named;

use super::standing::Standing;
use super::varint::{Reader, put, put_bytes};

/// The first byte of an index, and of its details.
const VERSION: u8 = 1;
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
/// The address begins with the origin, which is left out of it.
const URL_IS_REST: u8 = 8;

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

/// Writes an index and its details. Entries come in ascending order of their ids.
#[derive(Debug)]
pub(crate) struct Writer {
    index: Vec<u8>,
    details: Vec<u8>,
    last: u64,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Self {
            index: vec![VERSION],
            details: vec![VERSION],
            last: 0,
        }
    }

    /// Appends an entry. Ids are written as the distance from the one before; an entry out of order would be read as
    /// malformed.
    pub(crate) fn add(&mut self, entry: &Entry<'_>) {
        let out = &mut self.index;
        put(out, entry.id.wrapping_sub(self.last));
        self.last = entry.id;
        out.push(entry.standing as u8);
        out.push(
            flag(entry.trusted.is_some(), TRUSTED)
                | flag(entry.candidate.is_some(), CANDIDATE)
                | flag(entry.findings.is_some(), FINDINGS)
                | flag(entry.name.is_some(), NAME),
        );
        for slot in [entry.trusted, entry.candidate, entry.findings].into_iter().flatten() {
            put(out, slot.row);
            put(out, slot.revision);
        }
        if let Some(name) = &entry.name {
            put_bytes(out, name.as_bytes());
        }
        self.add_details(entry);
    }

    /// Appends the rest of an entry. Most addresses begin with their origin, which is left out of them.
    fn add_details(&mut self, entry: &Entry<'_>) {
        let out = &mut self.details;
        let url = entry.url.as_deref();
        let rest = url.and_then(|url| url.strip_prefix(entry.origin.as_deref()?));
        out.push(
            flag(entry.updated.is_some(), UPDATED)
                | flag(entry.origin.is_some(), ORIGIN)
                | flag(url.is_some(), URL)
                | flag(rest.is_some(), URL_IS_REST),
        );
        if let Some(updated) = entry.updated {
            put(out, updated);
        }
        for text in [entry.origin.as_deref(), rest.or(url)].into_iter().flatten() {
            put_bytes(out, text.as_bytes());
        }
    }

    /// The index and the details.
    pub(crate) fn finish(self) -> (Vec<u8>, Vec<u8>) {
        (self.index, self.details)
    }
}

fn flag(is: bool, flag: u8) -> u8 {
    if is { flag } else { 0 }
}

/// Reads the entries of an index one by one. An item that is [`Malformed`] is the last.
///
/// The names borrow from the bytes of the index: a list of 100,000 sites allocates nothing for them.
#[derive(Debug, Clone)]
pub struct Entries<'a> {
    index: Reader<'a>,
    details: Option<Reader<'a>>,
    last: Option<u64>,
    /// Whether the next item is an error: the first byte was wrong.
    failed: bool,
}

/// An index is not as specified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the index is not as specified")]
pub struct Malformed;

impl<'a> Entries<'a> {
    /// Of an index's bytes and, where more than names and records are wanted, of its details.
    #[must_use]
    pub fn new(index: &'a [u8], details: Option<&'a [u8]>) -> Self {
        let mut index = Reader::new(index);
        let mut details = details.map(Reader::new);
        let failed =
            index.byte() != Some(VERSION) || details.as_mut().is_some_and(|details| details.byte() != Some(VERSION));
        Self {
            index,
            details,
            last: None,
            failed,
        }
    }

    /// Reads an entry of both parts; `None` for what no writer writes: an id twice, a standing that there is not, an
    /// end in the middle.
    fn entry(&mut self) -> Option<Entry<'a>> {
        let reader = &mut self.index;
        let id = match (self.last, reader.number()?) {
            (Some(_), 0) => return None,
            (last, more) => last.unwrap_or_default().checked_add(more)?,
        };
        self.last = Some(id);
        let standing = Standing::from_byte(reader.byte()?)?;
        let flags = reader.byte()?;
        let mut slot = |flag| read_if(flags & flag != 0, || read_slot(reader));
        let (trusted, candidate, findings) = (slot(TRUSTED)?, slot(CANDIDATE)?, slot(FINDINGS)?);
        let name = read_if(flags & NAME != 0, || reader.text())?;
        let Details { updated, origin, url } = match &mut self.details {
            Some(details) => read_details(details)?,
            None => Details::default(),
        };
        Some(Entry {
            id,
            standing,
            trusted,
            candidate,
            findings,
            updated,
            name: name.map(Cow::Borrowed),
            url,
            origin: origin.map(Cow::Borrowed),
        })
    }

    /// Whether both parts ended, and at the same site.
    fn is_at_end(&self) -> bool {
        self.index.is_empty() && self.details.as_ref().is_none_or(Reader::is_empty)
    }

    /// Ends the iteration: after a malformed entry the next byte means nothing.
    fn stop(&mut self) -> Malformed {
        self.failed = false;
        self.index = Reader::new(&[]);
        self.details = None;
        Malformed
    }
}

#[derive(Default)]
struct Details<'a> {
    updated: Option<u64>,
    origin: Option<&'a str>,
    url: Option<Cow<'a, str>>,
}

fn read_details<'a>(reader: &mut Reader<'a>) -> Option<Details<'a>> {
    let flags = reader.byte()?;
    let updated = read_if(flags & UPDATED != 0, || reader.number())?;
    let origin = read_if(flags & ORIGIN != 0, || reader.text())?;
    let url = read_if(flags & URL != 0, || reader.text())?;
    let url = match (flags & URL_IS_REST != 0, origin, url) {
        (false, _, url) => url.map(Cow::Borrowed),
        (true, Some(origin), Some(rest)) => Some(Cow::Owned([origin, rest].concat())),
        (true, ..) => return None,
    };
    Some(Details { updated, origin, url })
}

/// The outer `None` is a failure, the inner one a member that is not there.
fn read_if<T>(there: bool, read: impl FnOnce() -> Option<T>) -> Option<Option<T>> {
    match there {
        true => read().map(Some),
        false => Some(None),
    }
}

fn read_slot(reader: &mut Reader<'_>) -> Option<Slot> {
    Some(Slot {
        row: reader.number()?,
        revision: reader.number()?,
    })
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return Some(Err(self.stop()));
        }
        if self.is_at_end() {
            return None;
        }
        let entry = self.entry();
        Some(entry.ok_or_else(|| self.stop()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Vec<Entry<'static>> {
        let slot = |row| Some(Slot { row, revision: row * 3 });
        let empty = Entry {
            id: 0,
            standing: Standing::Ok,
            trusted: None,
            candidate: None,
            findings: None,
            updated: None,
            name: None,
            url: None,
            origin: None,
        };
        let full = Entry {
            id: 7,
            standing: Standing::Tampered,
            trusted: slot(1),
            candidate: slot(2),
            findings: slot(300),
            updated: Some(1_700_000_000),
            name: Some("Größe".into()),
            url: Some("https://example.com/login".into()),
            origin: Some("https://example.com".into()),
        };
        let mapped = Entry {
            id: u64::MAX,
            url: Some("HTTPS://Example.com:443/".into()),
            name: Some("".into()),
            ..full.clone()
        };
        vec![empty, full, mapped]
    }

    #[test]
    fn any_member_may_be_missing() {
        let full = || entries().swap_remove(1);
        let without: Vec<Entry<'static>> = vec![
            Entry {
                trusted: None,
                ..full()
            },
            Entry {
                candidate: None,
                ..full()
            },
            Entry {
                findings: None,
                ..full()
            },
            Entry {
                updated: None,
                ..full()
            },
            Entry { name: None, ..full() },
            Entry { origin: None, ..full() },
            Entry { url: None, ..full() },
        ];
        for entry in without {
            let (index, details) = written(std::slice::from_ref(&entry));
            assert_eq!(read(&index, Some(&details)), Ok(vec![entry]));
        }
    }

    fn written(entries: &[Entry<'_>]) -> (Vec<u8>, Vec<u8>) {
        let mut writer = Writer::new();
        entries.iter().for_each(|entry| writer.add(entry));
        writer.finish()
    }

    fn read(index: &[u8], details: Option<&[u8]>) -> Result<Vec<Entry<'static>>, Malformed> {
        Entries::new(index, details)
            .map(|entry| entry.map(Entry::into_owned))
            .collect()
    }

    #[test]
    fn every_entry_comes_back() {
        let (index, details) = written(&entries());
        assert_eq!(read(&index, Some(&details)), Ok(entries()));
        let (index_of_none, details_of_none) = written(&[]);
        assert_eq!(read(&index_of_none, Some(&details_of_none)), Ok(Vec::new()));
        let names = read(&index, None).unwrap();
        assert_eq!((names[1].name.as_deref(), &names[1].url), (Some("Größe"), &None));
    }

    #[test]
    fn cut_and_foreign_bytes_are_refused_once() {
        let (index, details) = written(&entries());
        let whole: Vec<(usize, usize)> = (0..4)
            .map(|count| written(&entries()[..count]))
            .map(|(index, details)| (index.len(), details.len()))
            .collect();
        for cut in 0..index.len() {
            let alone = whole.iter().any(|(index, _)| *index == cut);
            assert_eq!(read(&index[..cut], None).is_ok(), alone, "cut at {cut}");
            let fails = Entries::new(&index[..cut], Some(&details)).filter(|entry| entry.is_err());
            assert_eq!(fails.count(), 1, "cut at {cut}");
        }
        for cut in 0..details.len() {
            let fails = Entries::new(&index, Some(&details[..cut])).filter(|entry| entry.is_err());
            assert_eq!(fails.count(), 1, "details cut at {cut}");
        }
        for bad in [&[2][..], &[1, 1, 0x7f, 0], &[1, 1, 0, 0, 0, 0, 0]] {
            assert!(read(bad, None).is_err(), "{bad:?}");
        }
        for bad in [&[2][..], &[1, URL_IS_REST], &[1, URL | URL_IS_REST, 0]] {
            assert!(read(&[1, 1, 0, 0], Some(bad)).is_err(), "{bad:?}");
        }
    }

    /// Spaces up to the terminal's edge would make a line of a name look like one of ours.
    #[test]
    fn a_label_is_shorter_than_a_line() {
        let label = |name: &str| {
            let entry = Entry {
                name: Some(name.to_owned().into()),
                ..entries().swap_remove(0)
            };
            entry.label()
        };
        assert_eq!(label("GitHub"), "GitHub (0)");
        assert_eq!(label(&"ä".repeat(60)), format!("{} (0)", "ä".repeat(60)));
        assert_eq!(label(&"ä".repeat(61)), format!("{}… (0)", "ä".repeat(60)));
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let long = "ä".repeat(1000);
        assert_eq!(kept(&long).len(), 1024);
        assert_eq!(kept(&format!("a{long}")).len(), 1023);
        assert_eq!(kept("short"), "short");
    }
}
