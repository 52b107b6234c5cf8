//! The records of lists, of which one that cannot be used must not keep the others from being read.
//!
//! A service's list may hold anything. A record that cannot be read is set aside with its name and the member at
//! fault, so that a person can tell the service's operator, and the others are used (threat model, R08).
//!
//! ```
//! use zkvault_core::model::{Record, Site};
//!
//! let site = Site::from_json(r#"{"id":"101","name":"Google","login":{"inputs":[]}}"#)?;
//! assert_eq!((Site::KIND, site.id()), ("site", 101), "a number may come as text");
//! let odd = Site::from_json(r#"{"id":101,"name":"Google","login":"none"}"#).unwrap_err();
//! assert_eq!(odd.to_string(), "site 101 (\"Google\"): its member \"login\" is a text, not an object");
//! assert_eq!((odd.id(), odd.member()), (Some(101), Some("login")));
//! // Half a number is a different number: nothing is guessed about an id.
//! assert!(Site::from_json(r#"{"id":7.5}"#).is_err());
//! # Ok::<(), zkvault_core::model::OddRecord>(())
//! ```

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::member::{Fault, Member as _, form};
use super::object::{Object, Unread};
use super::{Group, Site, User};
use crate::order::sorted;

/// Characters of a record's name that are kept.
const MAX_NAME_CHARS: usize = 100;
/// Members that name a record, the best one first.
const NAMES: [&str; 3] = ["name", "username", "email"];

/// An object of the API that has an id, and stands in lists.
pub trait Record: DeserializeOwned + Serialize {
    /// What one is called: `site`, `user` or `group`.
    const KIND: &'static str;

    /// Its id.
    fn id(&self) -> u64;

    /// Reads one.
    ///
    /// # Errors
    /// [`OddRecord`], which names it as far as it can be named, and the member that is to blame.
    fn from_json(json: &str) -> Result<Self, OddRecord>;
}

/// Makes a record of a type that [`json_object`](super::object::json_object) defined.
macro_rules! record {
    ($type:ty, $kind:literal) => {
        impl Record for $type {
            const KIND: &'static str = $kind;

            fn id(&self) -> u64 {
                self.id
            }

            fn from_json(json: &str) -> Result<Self, OddRecord> {
                serde_json::from_str(json).map_err(|_| OddRecord::of::<Self>(json))
            }
        }
    };
}

record!(Site, "site");
record!(User, "user");
record!(Group, "group");

/// A record that cannot be used. It quotes nothing of it but its name.
///
/// Escape its texts before they are printed to a terminal: the name is the service's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OddRecord {
    kind: &'static str,
    id: Option<u64>,
    name: Option<String>,
    member: Option<String>,
    why: String,
}

impl OddRecord {
    /// One of another kind, without an id that could be used; `why` follows its name, as in `has no id`.
    #[must_use]
    pub fn new(kind: &'static str, name: Option<String>, why: &str) -> Self {
        Self {
            kind,
            id: None,
            name: name.map(|name| name.chars().take(MAX_NAME_CHARS).collect()),
            member: None,
            why: why.to_owned(),
        }
    }

    /// The same, of one whose id can be used.
    #[must_use]
    pub fn with_id(self, id: u64) -> Self {
        Self { id: Some(id), ..self }
    }

    /// What it is one of: `site`, `user` or `group`, or what [`new`](Self::new) was told.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// Its id, if it has one.
    #[must_use]
    pub fn id(&self) -> Option<u64> {
        self.id
    }

    /// Its name as the service wrote it, of which at most 100 characters are kept.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The member that is to blame, such as `login.inputs[1].value`; none when it is the record as a whole.
    #[must_use]
    pub fn member(&self) -> Option<&str> {
        self.member.as_deref()
    }

    /// What is wrong with it, in words that follow the record's name.
    #[must_use]
    pub fn reason(&self) -> String {
        match &self.member {
            Some(member) => format!("its member {member:?} {}", self.why),
            None => format!("it {}", self.why),
        }
    }

    /// Bytes that are no text, in place of a record.
    ///
    /// JSON is UTF-8 (RFC 8259 §8.1), so nothing of them can be named.
    #[must_use]
    pub fn not_utf8<T: Record>() -> Self {
        Self::whole::<T>("is not UTF-8")
    }

    /// A record of which only the beginning was kept; `why` follows its name. It is named by the members that are whole.
    #[must_use]
    pub fn cut_off<T: Record>(start: &[u8], why: &str) -> Self {
        let odd = Self::whole::<T>(why);
        let members = whole_members(start);
        match members.as_ref().map(|members| serde_json::from_str(members)) {
            Some(Ok(Unread(members))) => odd.named_by(&members),
            _ => odd,
        }
    }

    fn whole<T: Record>(why: &str) -> Self {
        Self::new(T::KIND, None, why)
    }

    fn of<T: Record + Object>(json: &str) -> Self {
        let Ok(raw) = serde_json::from_str::<&RawValue>(json) else {
            return Self::whole::<T>("is not valid JSON");
        };
        let Ok(Unread(members)) = serde_json::from_str(json) else {
            let why = match raw.get().starts_with('{') {
                true => "has a member whose name is no text".to_owned(),
                false => format!("is {}, not an object", form(raw)),
            };
            return Self::whole::<T>(&why);
        };
        let mut odd = Self::whole::<T>("cannot be read").named_by(&members);
        match (T::fault_in(json), twice(&members)) {
            (_, Some(name)) if T::KEYS.contains(&name) => {
                (odd.member, odd.why) = (Some(name.to_owned()), "is there twice".to_owned());
            }
            // What a member is called that nobody knows may be anything.
            (_, Some(_)) => "has a member twice".clone_into(&mut odd.why),
            (Some(Fault { path, why }), None) => {
                (odd.member, odd.why) = (Some(path.trim_start_matches('.').to_owned()), why);
            }
            (None, None) if odd.id.is_none() => "has no id".clone_into(&mut odd.why),
            (None, None) => "has a member twice, in one of its objects".clone_into(&mut odd.why),
        }
        odd
    }

    fn named_by(self, members: &[(String, &RawValue)]) -> Self {
        let get = |wanted: &str| {
            let mut named = members.iter().filter(|(name, _)| name == wanted);
            named.next().map(|(_, raw)| *raw)
        };
        let name = NAMES
            .iter()
            .find_map(|name| String::read_shown(get(name)?)?.filter(|name| !name.is_empty()));
        Self {
            id: get("id").and_then(exact_id),
            name: name.map(|name| name.chars().take(MAX_NAME_CHARS).collect()),
            ..self
        }
    }
}

/// The members of an object that breaks off which are whole, as an object.
fn whole_members(start: &[u8]) -> Option<Zeroizing<String>> {
    let (mut depth, mut in_text, mut is_escaped, mut end) = (0_usize, false, false, 0);
    for (at, byte) in start.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_text => is_escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' if depth == 1 => end = at,
            _ => {}
        }
    }
    let members = str::from_utf8(start.get(..end)?).ok()?;
    Some(Zeroizing::new(format!("{members}}}")))
}

fn exact_id(raw: &RawValue) -> Option<u64> {
    u64::read_exact(&mut serde_json::Deserializer::from_str(raw.get()))
        .ok()
        .flatten()
}

/// A member that is there twice.
fn twice<'a>(members: &'a [(String, &RawValue)]) -> Option<&'a str> {
    let names: Vec<&str> = sorted(members.iter().map(|(name, _)| name.as_str()));
    let twice = names.array_windows().find(|[one, next]| one == next);
    twice.map(|[name, _]| *name)
}

/// `site 101 ("Google"): its member "login" is a text, not an object`.
impl fmt::Display for OddRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id {
            Some(id) => write!(f, "{} {id}", self.kind)?,
            None => write!(f, "{} {} without a usable id", article(self.kind), self.kind)?,
        }
        if let Some(name) = &self.name {
            write!(f, " ({name:?})")?;
        }
        write!(f, ": {}", self.reason())
    }
}

/// Of the vowels, the one of `user` is spoken as a consonant.
fn article(kind: &str) -> &'static str {
    match kind.starts_with(['a', 'e', 'i', 'o']) {
        true => "an",
        false => "a",
    }
}

impl std::error::Error for OddRecord {}
