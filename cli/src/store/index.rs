//! The index: what is known of every site, in short (docs/spec/store.md). It says which records there are, so a
//! record that is not in it, or not as it says, is nobody's.

use std::borrow::Cow;

use super::standing::Standing;
use super::varint::{Reader, put, put_bytes};

/// The first byte of an index.
const VERSION: u8 = 1;
/// Bytes of a name or an address that the index keeps. The record has the whole.
const MAX_TEXT_LEN: usize = 1024;

/// The characters of a name that stand in a line of ours: less than a line, so that no name looks like two.
const MAX_LABEL_CHARS: usize = 60;

const TRUSTED: u8 = 1;
const CANDIDATE: u8 = 2;
const FINDINGS: u8 = 4;
const UPDATED: u8 = 8;
const NAME: u8 = 16;
const URL: u8 = 32;
const ORIGIN: u8 = 64;
/// The address begins with the origin, which is left out of it.
const URL_IS_REST: u8 = 128;

/// Where a record is, and in which revision of the store it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Slot {
    /// The number of its row.
    pub(crate) row: u64,
    /// The revision.
    pub(crate) revision: u64,
}

/// What the index says of a site. Its texts are those of the trusted copy, or of the other where there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    /// The API's number of the site.
    pub(crate) id: u64,
    pub(crate) standing: Standing,
    /// The copy that the pin vouches for.
    pub(crate) trusted: Option<Slot>,
    /// What the server serves, where that is another.
    pub(crate) candidate: Option<Slot>,
    /// The findings, where the standing does not say all of them.
    pub(crate) findings: Option<Slot>,
    /// When it was last changed, by the server's clock.
    pub(crate) updated: Option<u64>,
    /// At most [`MAX_TEXT_LEN`] bytes, as the other texts.
    pub(crate) name: Option<Cow<'a, str>>,
    /// The address of its login page.
    pub(crate) url: Option<Cow<'a, str>>,
    /// Scheme, host and port of it.
    pub(crate) origin: Option<Cow<'a, str>>,
}

impl Entry<'_> {
    /// The copy to show and to read from: the trusted one where there is one.
    pub(crate) fn copy(&self) -> Option<Slot> {
        self.trusted.or(self.candidate)
    }

    /// Whether a person accepted that the site is gone.
    pub(crate) fn is_gone(&self) -> bool {
        self.standing == Standing::Gone
    }

    /// What the site is called in messages.
    pub(crate) fn label(&self) -> String {
        let name = self.name.as_deref().unwrap_or_default();
        match (name, name.char_indices().nth(MAX_LABEL_CHARS)) {
            ("", _) => self.id.to_string(),
            (name, None) => format!("{name} ({})", self.id),
            (name, Some((end, _))) => format!("{}… ({})", name.get(..end).unwrap_or_default(), self.id),
        }
    }

    pub(crate) fn into_owned(self) -> Entry<'static> {
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

/// Writes an index. Entries come in ascending order of their ids.
#[derive(Debug)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
    last: u64,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Self {
            bytes: vec![VERSION],
            last: 0,
        }
    }

    pub(crate) fn add(&mut self, entry: &Entry<'_>) {
        let out = &mut self.bytes;
        put(out, entry.id.wrapping_sub(self.last));
        self.last = entry.id;
        out.push(entry.standing as u8);
        let rest = entry
            .url
            .as_deref()
            .and_then(|url| url.strip_prefix(entry.origin.as_deref()?));
        out.push(flags(entry) | if rest.is_some() { URL_IS_REST } else { 0 });
        for slot in [entry.trusted, entry.candidate, entry.findings].into_iter().flatten() {
            put(out, slot.row);
            put(out, slot.revision);
        }
        if let Some(updated) = entry.updated {
            put(out, updated);
        }
        let url = rest.or(entry.url.as_deref());
        for text in [entry.name.as_deref(), entry.origin.as_deref(), url]
            .into_iter()
            .flatten()
        {
            put_bytes(out, text.as_bytes());
        }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

fn flags(entry: &Entry<'_>) -> u8 {
    let flag = |is: bool, flag: u8| if is { flag } else { 0 };
    flag(entry.trusted.is_some(), TRUSTED)
        | flag(entry.candidate.is_some(), CANDIDATE)
        | flag(entry.findings.is_some(), FINDINGS)
        | flag(entry.updated.is_some(), UPDATED)
        | flag(entry.name.is_some(), NAME)
        | flag(entry.url.is_some(), URL)
        | flag(entry.origin.is_some(), ORIGIN)
}

/// Reads the entries of an index one by one. An item that is [`Malformed`] is the last.
#[derive(Debug, Clone)]
pub(crate) struct Entries<'a> {
    reader: Reader<'a>,
    last: Option<u64>,
    failed: bool,
}

/// An index is not as specified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

impl<'a> Entries<'a> {
    /// Of an index's bytes.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let mut reader = Reader::new(bytes);
        let failed = reader.byte() != Some(VERSION);
        Self {
            reader,
            last: None,
            failed,
        }
    }

    fn entry(&mut self) -> Option<Entry<'a>> {
        let reader = &mut self.reader;
        let id = match (self.last, reader.number()?) {
            (Some(_), 0) => return None,
            (last, more) => last.unwrap_or_default().checked_add(more)?,
        };
        self.last = Some(id);
        let standing = Standing::from_byte(reader.byte()?)?;
        let flags = reader.byte()?;
        let mut slot = |flag| read_if(flags & flag != 0, || read_slot(reader));
        let (trusted, candidate, findings) = (slot(TRUSTED)?, slot(CANDIDATE)?, slot(FINDINGS)?);
        let updated = read_if(flags & UPDATED != 0, || reader.number())?;
        let mut text = |flag| read_if(flags & flag != 0, || reader.text());
        let (name, origin, url) = (text(NAME)?, text(ORIGIN)?, text(URL)?);
        let url = match (flags & URL_IS_REST != 0, origin, url) {
            (false, _, url) => url.map(Cow::Borrowed),
            (true, Some(origin), Some(rest)) => Some(Cow::Owned([origin, rest].concat())),
            (true, ..) => return None,
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
}

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
            self.reader = Reader::new(&[]);
            return std::mem::take(&mut self.failed).then_some(Err(Malformed));
        }
        if self.reader.is_empty() {
            return None;
        }
        let entry = self.entry();
        if entry.is_none() {
            self.reader = Reader::new(&[]);
        }
        Some(entry.ok_or(Malformed))
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

    fn written(entries: &[Entry<'_>]) -> Vec<u8> {
        let mut writer = Writer::new();
        entries.iter().for_each(|entry| writer.add(entry));
        writer.finish()
    }

    #[test]
    fn every_entry_comes_back() {
        let read: Result<Vec<_>, _> = Entries::new(&written(&entries()))
            .map(|entry| entry.map(Entry::into_owned))
            .collect();
        assert_eq!(read.unwrap(), entries());
        assert_eq!(Entries::new(&written(&[])).count(), 0);
    }

    #[test]
    fn cut_and_foreign_bytes_are_refused_once() {
        let good = written(&entries());
        let whole: Vec<usize> = (1..4).map(|count| written(&entries()[..count]).len()).collect();
        for cut in 0..good.len() {
            let read: Vec<_> = Entries::new(&good[..cut]).collect();
            let fails = read.iter().filter(|entry| entry.is_err()).count();
            assert_eq!(fails, usize::from(cut != 1 && !whole.contains(&cut)), "cut at {cut}");
        }
        for bad in [&[2][..], &[1, 1, 9, 0], &[1, 1, 0, URL_IS_REST], &[1, 1, 0, 0, 0, 0, 0]] {
            assert_eq!(Entries::new(bad).filter(|entry| entry.is_err()).count(), 1, "{bad:?}");
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
