//! Cuts a document that arrives in pieces into parts to copy and whole sites.
//!
//! A state machine over brackets, keys and commas. Sites are cut out by counting brackets ([`Nest`]) and are not
//! parsed here, so that this one pass is fast and the parsing can run on many threads. Everything around the sites is
//! parsed, since nobody else looks at it. No byte is dropped: white space between sites is in the parts to copy.

mod cut;
mod members;

use std::borrow::Cow;

use serde::de::IgnoredAny;

pub use self::cut::CutSite;
use self::members::{Listing, Members};
use super::batch::{Batch, Frame};
use super::error::{DocumentError, ShapeError};
use super::nest::{Nest, TooDeep};
use super::sniff::is_space;
use crate::json;
use crate::secret_buffer::SecretBuffer;
use crate::text::{Decoder, TextError};

/// Bytes that one site may have, and so may each other member next to `sites`, and all members before `sites`
/// together: 16 MiB.
pub const MAX_SITE_LEN: usize = 16 << 20;

/// Reads a document of sites in pieces of any size, in any encoding that a [`Decoder`] reads. Its parts are UTF-8 without a
/// byte order mark, and offsets count bytes of them.
///
/// Holds back what is not complete yet: at most [`MAX_SITE_LEN`] bytes and one piece. Everything outside the
/// sites is checked here; the sites themselves only for their length and depth.
///
/// What it holds back may be secret, and is wiped when it is dropped.
#[derive(Debug, Default)]
pub struct Framer {
    decoder: Decoder,
    /// What the decoder made of the last piece.
    decoded: SecretBuffer,
    /// Where the text ended, if it is none from there on.
    not_text: Option<TextError>,
    state: State,
    nest: Nest,
    /// The part of the document that is in no batch yet.
    carry: SecretBuffer,
    /// The document's offset of the first byte of `carry`.
    offset: u64,
    /// Bytes of `carry` that were read.
    scanned: usize,
    /// Bytes of `carry` that have a frame.
    framed: usize,
    /// Where in `carry` the site, key or member value begins that is being read.
    part: usize,
    /// Where in `carry` the top object begins, while it may still turn out to be a site.
    undecided: Option<usize>,
    members: Members,
    sites: u64,
    /// What is taken more leniently, and kept, of a list that a service answers.
    listing: Option<Listing>,
    /// Of a list: the site that is being read, once it is longer or nests deeper than one may.
    cut: Option<CutSite>,
}

/// What the next byte belongs to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first bracket.
    #[default]
    Start,
    /// After `[`.
    FirstSite,
    /// After a comma between sites.
    Site,
    InSite,
    /// In a number, `true`, `false` or `null` in place of a site.
    InScalarSite,
    AfterSite,
    /// After the `{` of a list that is written as an object.
    FirstNumber,
    /// After a comma in such a list.
    Number,
    InNumber,
    AfterNumber,
    /// After the `{` of the top object.
    FirstKey,
    /// After a comma between members.
    Key,
    InKey,
    Colon,
    Value,
    InValue,
    /// In a number, `true`, `false` or `null`.
    InScalar,
    AfterValue,
    End,
}

impl Framer {
    /// Ready for the first piece of a document.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ready for the first piece of a list of sites as a service answers it. Besides documents it takes a list that is
    /// written as an object with numbers for names; `null` or an empty text for an empty list; and anything in place
    /// of a site, for the reader to refuse. A site alone is no list.
    ///
    /// A site that is longer or nests deeper than one may does not end the list: its bytes are passed on as parts to
    /// copy, and [`Batch::cut_sites`] names it.
    ///
    /// [`beside_sites`](Self::beside_sites) then gives the other members, of at most 1 MiB together: a service says
    /// there how many sites there are, or that something failed.
    #[must_use]
    pub fn of_listing() -> Self {
        Self {
            listing: Some(Listing::default()),
            ..Self::default()
        }
    }

    /// Of a list: the members beside the sites that were read so far, as a JSON object.
    #[must_use]
    pub fn beside_sites(&self) -> SecretBuffer {
        self.listing.as_ref().map(Listing::to_json).unwrap_or_default()
    }

    /// Takes the next piece, and puts into `batch` every part that is now complete; it may be none.
    ///
    /// # Errors
    /// * [`DocumentError::Text`] for an encoding that is not read, [`DocumentError::Shape`] for a document that is
    ///   none of sites.
    /// * [`DocumentError::Syntax`] and [`DocumentError::Trailing`] with the byte, also of a key or member that is no
    ///   JSON.
    /// * [`DocumentError::TooDeep`] and [`DocumentError::TooLarge`] with where the part begins.
    ///
    /// Every later call then fails in the same way, and `batch` is empty.
    pub fn push(&mut self, piece: &[u8], batch: &mut Batch) -> Result<(), DocumentError> {
        batch.clear();
        batch.sites_before = self.sites;
        self.decode(piece);
        let result = self.read(batch).and_then(|()| self.check_text());
        if result.is_err() {
            batch.clear();
        }
        result
    }

    /// Says that no piece follows.
    ///
    /// # Errors
    /// [`DocumentError::Truncated`] when the document is not complete.
    pub fn finish(mut self) -> Result<(), DocumentError> {
        self.end()
    }

    /// As [`finish`](Self::finish), for a caller that still asks what stood beside the sites.
    ///
    /// # Errors
    /// [`DocumentError::Truncated`] when the document is not complete.
    pub fn end(&mut self) -> Result<(), DocumentError> {
        self.check_text()?;
        let rest = std::mem::take(&mut self.decoder).finish()?;
        if !rest.is_empty() {
            self.carry.extend(&rest);
            self.read(&mut Batch::new())?;
        }
        match self.state {
            State::End => Ok(()),
            _ => Err(DocumentError::Truncated),
        }
    }

    fn decode(&mut self, piece: &[u8]) {
        if self.not_text.is_some() {
            return;
        }
        match self.decoder.decode(piece, &mut self.decoded) {
            Ok(text) => self.carry.extend(text),
            Err(error) => {
                self.not_text = Some(error);
                self.carry.extend(self.decoded.expose_secret());
            }
        }
    }

    fn check_text(&self) -> Result<(), DocumentError> {
        self.not_text.map_or(Ok(()), |error| Err(error.into()))
    }

    fn read(&mut self, batch: &mut Batch) -> Result<(), DocumentError> {
        while self.scanned < self.carry.len() {
            self.step(batch)?;
        }
        if self.is_cuttable() && self.scanned - self.part > MAX_SITE_LEN {
            self.begin_cut();
        }
        let held = self.held();
        self.check_len(held, self.carry.len())?;
        self.hand_over(held, batch);
        Ok(())
    }

    /// Where the bytes begin that must stay here.
    fn held(&self) -> usize {
        let reading = matches!(
            self.state,
            State::InSite | State::InScalarSite | State::InNumber | State::InKey | State::InValue | State::InScalar
        );
        match self.undecided {
            Some(start) => start,
            None if reading && self.cut.is_none() => self.part,
            None => self.scanned,
        }
    }

    /// Moves the bytes before `held` into the batch. The others are part of the last piece, unless no part
    /// was completed: so every byte is copied twice at most, however small the pieces.
    fn hand_over(&mut self, held: usize, batch: &mut Batch) {
        self.frame_copy(held, &mut batch.frames);
        if held == 0 {
            return;
        }
        std::mem::swap(&mut self.carry, &mut batch.bytes);
        let rest = batch.bytes.expose_secret().get(held..).unwrap_or_default();
        self.carry.extend(rest);
        batch.bytes.truncate(held);
        self.offset += held as u64;
        self.scanned -= held;
        self.framed = 0;
        self.part = self.part.saturating_sub(held);
        self.undecided = self.undecided.map(|start| start - held);
    }

    fn step(&mut self, batch: &mut Batch) -> Result<(), DocumentError> {
        match self.state {
            State::InSite | State::InNumber | State::InKey | State::InValue => self.read_nested(batch),
            State::InScalar | State::InScalarSite => self.read_scalar(batch),
            _ => self.read_structure(&mut batch.frames),
        }
    }

    fn unread(&self) -> &[u8] {
        self.carry.expose_secret().get(self.scanned..).unwrap_or_default()
    }

    /// Reads on in a site, a key, or a member value that is an object, array or string.
    fn read_nested(&mut self, batch: &mut Batch) -> Result<(), DocumentError> {
        // A copy, so that a part which nests too deep is found again by the next call.
        let mut nest = self.nest;
        let offset = self.at(self.part);
        let read = match nest.advance(self.unread()) {
            Err(TooDeep) if self.is_cuttable() => {
                self.begin_cut();
                return Ok(());
            }
            read => read.map_err(|TooDeep| DocumentError::TooDeep { offset })?,
        };
        let Some(read) = read else {
            self.nest = nest;
            self.pass(self.carry.len());
            return Ok(());
        };
        let end = self.scanned + read;
        self.check_part(end)?;
        self.state = match self.state {
            State::InKey => self.end_key(end)?,
            State::InValue => self.end_value(end)?,
            State::InNumber => self.end_number(end)?,
            _ => self.end_site(end, batch),
        };
        self.scanned = end;
        Ok(())
    }

    /// Reads on in a number or literal: its end is the first byte that cannot belong to it.
    fn read_scalar(&mut self, batch: &mut Batch) -> Result<(), DocumentError> {
        let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let Some(read) = self.unread().iter().position(|byte| !belongs(byte)) else {
            self.pass(self.carry.len());
            return Ok(());
        };
        let end = self.scanned + read;
        self.check_part(end)?;
        self.state = match self.state {
            State::InScalar => self.end_value(end)?,
            _ => self.end_site(end, batch),
        };
        self.scanned = end;
        Ok(())
    }

    fn end_site(&mut self, end: usize, batch: &mut Batch) -> State {
        match self.cut.is_some() {
            true => {
                self.pass(end);
                batch.cut.extend(self.cut.take());
            }
            false => self.frame_site(self.part, end, &mut batch.frames),
        }
        State::AfterSite
    }

    /// A name in a list that is written as an object: only a number keeps it from being something else.
    fn end_number(&self, end: usize) -> Result<State, DocumentError> {
        let number = json::read::<Cow<'_, str>>(self.part_bytes(end)).and_then(|name| name.parse::<u64>().ok());
        match number {
            Some(_) => Ok(State::AfterNumber),
            None => Err(ShapeError::SitesNotAnArray.into()),
        }
    }

    fn end_key(&mut self, end: usize) -> Result<State, DocumentError> {
        let key = json::read::<Cow<'_, str>>(self.part_bytes(end)).ok_or_else(|| self.syntax(self.part))?;
        self.members.add(&key)?;
        let key = self.carry.expose_secret().get(self.part..end).unwrap_or_default();
        if let Some(listing) = &mut self.listing {
            key.clone_into(&mut listing.key);
        }
        Ok(State::Colon)
    }

    fn end_value(&mut self, end: usize) -> Result<State, DocumentError> {
        json::read::<IgnoredAny>(self.part_bytes(end)).ok_or_else(|| self.syntax(self.part))?;
        let (offset, value) = (self.at(self.part), self.carry.expose_secret().get(self.part..end));
        match (&mut self.listing, value.unwrap_or_default()) {
            (Some(_), b"null" | b"\"\"") if self.members.last_is_sites => self.undecided = None,
            _ if self.members.last_is_sites => return Err(ShapeError::SitesNotAnArray.into()),
            (Some(listing), value) => listing.add(value, offset)?,
            (None, _) => {}
        }
        Ok(State::AfterValue)
    }

    fn part_bytes(&self, end: usize) -> &[u8] {
        self.carry.expose_secret().get(self.part..end).unwrap_or_default()
    }

    /// Reads one byte outside of sites, keys and values, and the white space before it.
    ///
    /// What a byte means depends on the state alone, so that pieces may end anywhere.
    fn read_structure(&mut self, frames: &mut Vec<Frame>) -> Result<(), DocumentError> {
        let Some(spaces) = self.unread().iter().position(|byte| !is_space(*byte)) else {
            self.scanned = self.carry.len();
            return Ok(());
        };
        let at = self.scanned + spaces;
        let byte = self.unread().get(spaces).copied().unwrap_or_default();
        let after = match (self.state, byte) {
            (State::Start, b'{') => self.begin_object(at),
            (State::Start, b'[') => State::FirstSite,
            (State::FirstSite | State::Site, b'{') => self.begin_part(State::InSite, at),
            (State::FirstSite | State::AfterSite, b']') if !self.is_numbered() => self.end_list(),
            (State::FirstNumber | State::AfterSite, b'}') if self.is_numbered() => self.end_list(),
            (State::AfterSite, b',') if self.is_numbered() => State::Number,
            (State::AfterSite, b',') => State::Site,
            (State::FirstNumber | State::Number, b'"') => self.begin_part(State::InNumber, at),
            (State::AfterNumber, b':') => State::Site,
            (State::FirstSite | State::Site, _) if self.listing.is_some() => self.begin_other(byte, at)?,
            (State::FirstKey | State::Key, b'"') => self.begin_part(State::InKey, at),
            (State::FirstKey | State::AfterValue, b'}') => self.end_object(at + 1, frames)?,
            (State::Colon, b':') => State::Value,
            (State::Value, b'[') if self.members.last_is_sites => self.begin_list(at + 1)?,
            (State::Value, b'{') if self.members.last_is_sites && self.listing.is_some() => {
                self.begin_numbers(at + 1)?
            }
            (State::Value, b'n' | b'"') if self.listing.is_some() => self.begin_value(byte, at)?,
            (State::Value, _) if !self.members.last_is_sites => self.begin_value(byte, at)?,
            (State::AfterValue, b',') => State::Key,
            _ => return Err(self.unexpected(byte, at)),
        };
        self.state = after;
        // A part is read from its first byte on.
        let begins = matches!(
            after,
            State::InSite | State::InScalarSite | State::InNumber | State::InKey | State::InValue | State::InScalar
        );
        self.scanned = if begins { at } else { at + 1 };
        Ok(())
    }

    fn begin_object(&mut self, at: usize) -> State {
        self.undecided = Some(at);
        State::FirstKey
    }

    /// The top object has `sites`: it is no site.
    fn begin_list(&mut self, end: usize) -> Result<State, DocumentError> {
        if let Some(start) = self.undecided {
            self.check_len(start, end)?;
        }
        self.undecided = None;
        Ok(State::FirstSite)
    }

    fn begin_numbers(&mut self, end: usize) -> Result<State, DocumentError> {
        self.begin_list(end)?;
        if let Some(listing) = &mut self.listing {
            listing.numbered = true;
        }
        Ok(State::FirstNumber)
    }

    fn is_numbered(&self) -> bool {
        self.listing.as_ref().is_some_and(|listing| listing.numbered)
    }

    /// Something else in place of a site.
    fn begin_other(&mut self, byte: u8, at: usize) -> Result<State, DocumentError> {
        match self.begin_value(byte, at)? {
            State::InValue => Ok(State::InSite),
            _ => Ok(State::InScalarSite),
        }
    }

    fn end_list(&self) -> State {
        // Only a top object has members, and `sites` is one.
        if self.members.sites {
            State::AfterValue
        } else {
            State::End
        }
    }

    fn begin_part(&mut self, state: State, at: usize) -> State {
        self.nest = Nest::default();
        self.part = at;
        state
    }

    fn begin_value(&mut self, byte: u8, at: usize) -> Result<State, DocumentError> {
        match byte {
            b'{' | b'[' | b'"' => Ok(self.begin_part(State::InValue, at)),
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => Ok(self.begin_part(State::InScalar, at)),
            _ => Err(self.syntax(at)),
        }
    }

    /// The top object is complete. Without `sites` it is a site itself.
    fn end_object(&mut self, end: usize, frames: &mut Vec<Frame>) -> Result<State, DocumentError> {
        if let Some(start) = self.undecided {
            if self.listing.is_some() || !(self.members.login || self.members.id) {
                return Err(ShapeError::NoSites.into());
            }
            self.check_len(start, end)?;
            self.undecided = None;
            self.frame_site(start, end, frames);
        }
        Ok(State::End)
    }

    fn frame_site(&mut self, start: usize, end: usize, frames: &mut Vec<Frame>) {
        self.frame_copy(start, frames);
        frames.push(Frame::Site(start..end));
        self.framed = end;
        self.sites += 1;
    }

    fn frame_copy(&mut self, end: usize, frames: &mut Vec<Frame>) {
        if self.framed < end {
            frames.push(Frame::Copy(self.framed..end));
            self.framed = end;
        }
    }

    fn check_len(&self, start: usize, end: usize) -> Result<(), DocumentError> {
        if end - start > MAX_SITE_LEN {
            return Err(DocumentError::TooLarge { offset: self.at(start) });
        }
        Ok(())
    }

    /// The error for a byte that the state does not allow.
    fn unexpected(&self, byte: u8, at: usize) -> DocumentError {
        match self.state {
            State::Start => ShapeError::NotADocument.into(),
            State::Value => ShapeError::SitesNotAnArray.into(),
            State::FirstSite | State::Site if !matches!(byte, b',' | b']' | b'}' | b':') => {
                ShapeError::SiteNotAnObject.into()
            }
            State::End => DocumentError::Trailing { offset: self.at(at) },
            _ => self.syntax(at),
        }
    }

    fn syntax(&self, at: usize) -> DocumentError {
        DocumentError::Syntax { offset: self.at(at) }
    }

    fn at(&self, index: usize) -> u64 {
        self.offset + index as u64
    }

    #[cfg(test)]
    pub(super) fn carry_len(&self) -> usize {
        self.carry.len()
    }
}
