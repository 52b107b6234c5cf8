//! Finds the site, user or group that a person means by an id, an address, or a name or a part of it.
//!
//! One rule for every command and every face. The first of these that fits anything decides:
//!
//! 1. the id, written as the API writes it;
//! 2. a name, letter by letter;
//! 3. a name in other letters of upper and lower case, or composed in another way (Unicode NFC);
//! 4. for an address, the origin of the login page; then its host;
//! 5. the beginning of a name or host;
//! 6. any part of a name or host.
//!
//! What is trusted comes before everything that is not: a service that lists a new site under a name, a part of a name or
//! an id neither takes the place of a trusted one nor makes it ambiguous.
//!
//! ```
//! use std::borrow::Cow;
//! use zkvault_core::resolve::{Named, Resolution, resolve};
//!
//! #[derive(Debug, PartialEq)]
//! struct Group(u64, &'static str);
//!
//! impl Named for Group {
//!     fn id(&self) -> u64 {
//!         self.0
//!     }
//!     fn names(&self) -> impl Iterator<Item = Cow<'_, str>> {
//!         [self.1.into()].into_iter()
//!     }
//! }
//!
//! let groups = || [Group(5717, "Canada"), Group(5719, "Arizona")].into_iter().map(Ok::<_, ()>);
//! assert_eq!(resolve("ari", groups), Ok(Resolution::One(Group(5719, "Arizona"))));
//! assert_eq!(resolve("5717", groups), Ok(Resolution::One(Group(5717, "Canada"))));
//! assert_eq!(resolve("cannada", groups), Ok(Resolution::None { suggestions: vec![Group(5717, "Canada")] }));
//! ```
//!
//! Sites come from wherever the caller keeps them, as an iterator that is asked for again when nothing fits, so that
//! a store of many thousand need not be in memory. The result is the item itself. A list in which ids and whole names
//! can be looked up need not be read for most texts ([`resolve_in`]).

mod lookup;
mod suggest;

use std::borrow::Cow;

use memchr::memmem::Finder;

use crate::model::{Group, User};
use crate::text::{folded, folded_in, trimmed};
use crate::trust::Origin;
pub use lookup::{Lookup, resolve_in};
use suggest::Suggestions;

/// Suggestions when nothing fits, at most.
pub const MAX_SUGGESTIONS: usize = 3;

/// What can be meant by a text.
///
/// Names are the service's: compared, never executed, and escaped when they are shown.
pub trait Named {
    /// The API's number of it.
    fn id(&self) -> u64;

    /// Every name that it has: for a user, e-mail address, user name and full name.
    fn names(&self) -> impl Iterator<Item = Cow<'_, str>>;

    /// The origin of its login page, as [`Origin`] writes it. None unless implemented.
    fn origin(&self) -> Option<&str> {
        None
    }

    /// Whether a person accepted it as it is. All are unless implemented.
    fn is_trusted(&self) -> bool {
        true
    }
}

/// By e-mail address, user name and full name.
impl Named for User {
    fn id(&self) -> u64 {
        self.id
    }

    fn names(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let parts = [&self.firstname, &self.lastname].map(|part| part.as_deref().unwrap_or_default());
        let full = parts.join(" ").trim().to_owned();
        let single = [&self.email, &self.username].into_iter().flatten();
        let single = single
            .filter(|name| !name.is_empty())
            .map(|name| Cow::Borrowed(name.as_str()));
        single.chain(Some(full).filter(|full| !full.is_empty()).map(Cow::Owned))
    }
}

impl Named for Group {
    fn id(&self) -> u64 {
        self.id
    }

    fn names(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.name.as_deref().map(Cow::Borrowed).into_iter()
    }
}

/// How much of a name is enough.
///
/// ```
/// use zkvault_core::model::Group;
/// use zkvault_core::resolve::{Matching, Resolution, resolve_by};
///
/// # let group = |id, name: &str| {
/// #     let mut group = Group::new(id);
/// #     group.name = Some(name.to_owned());
/// #     group
/// # };
/// let groups = || [group(1, "Canada"), group(2, "Canada West")].into_iter().map(Ok::<_, ()>);
/// // Whole names win over parts: there is nothing ambiguous here.
/// assert!(matches!(resolve_by("canada", Matching::Parts, groups), Ok(Resolution::One(found)) if found.id == 1));
/// // What is changed needs its whole name; what only has a part of it is suggested.
/// let removed = resolve_by("West", Matching::Whole, groups);
/// assert!(matches!(removed, Ok(Resolution::None { suggestions }) if suggestions[0].id == 2));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matching {
    /// A whole name, an id, an origin or a host: for what is changed. What has a part of that name is suggested.
    Whole,
    /// Also the beginning or a part of a name or host: for what is only looked at.
    Parts,
}

/// What a text means.
///
/// `Several` is for a person to choose from; a program stops there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resolution<T> {
    /// This one.
    One(T),
    /// Any of these, which are two or more, in the order in which they came.
    Several(Vec<T>),
    /// Nothing that there is.
    None {
        /// What is spelled alike, the most similar first: at most [`MAX_SUGGESTIONS`].
        suggestions: Vec<T>,
    },
}

/// How well something fits, the best first.
///
/// The order of the variants is the order of the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Id,
    Exact,
    Folded,
    Origin,
    Host,
    Beginning,
    Part,
}

impl Fit {
    fn is_enough(self, matching: Matching) -> bool {
        match matching {
            Matching::Whole => self <= Self::Host,
            Matching::Parts => true,
        }
    }
}

/// Finds what `wanted` means among what `all` lists, which is called again for suggestions when nothing fits.
///
/// # Errors
/// The first error of `all`.
pub fn resolve<T, E, I>(wanted: &str, all: impl FnMut() -> I) -> Result<Resolution<T>, E>
where
    T: Named,
    I: Iterator<Item = Result<T, E>>,
{
    resolve_by(wanted, Matching::Parts, all)
}

/// As [`resolve`], where a part of a name may not be enough.
///
/// # Errors
/// The first error of `all`.
pub fn resolve_by<T, E, I>(wanted: &str, matching: Matching, mut all: impl FnMut() -> I) -> Result<Resolution<T>, E>
where
    T: Named,
    I: Iterator<Item = Result<T, E>>,
{
    let wanted = Wanted::new(wanted);
    let mut best = None;
    let (mut found, mut near) = (Vec::new(), Vec::new());
    let mut buffer = String::new();
    for item in all() {
        let item = item?;
        let Some(fit) = wanted.fit(&item, &mut buffer) else {
            continue;
        };
        if !fit.is_enough(matching) {
            if near.len() < MAX_SUGGESTIONS {
                near.push(item);
            }
            continue;
        }
        let rank = (!item.is_trusted(), fit);
        if best.is_none_or(|best| rank < best) {
            best = Some(rank);
            found.clear();
        }
        if best == Some(rank) {
            found.push(item);
        }
    }
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(Resolution::One(only)),
        (Some(last), false) => {
            found.push(last);
            Ok(Resolution::Several(found))
        }
        (None, _) if !near.is_empty() => Ok(Resolution::None { suggestions: near }),
        (None, _) => suggest(&wanted, all()),
    }
}

fn suggest<T: Named, E>(wanted: &Wanted<'_>, all: impl Iterator<Item = Result<T, E>>) -> Result<Resolution<T>, E> {
    let mut suggestions = Suggestions::new(&wanted.folded);
    for item in all {
        suggestions.offer(item?);
    }
    let suggestions = suggestions.into_best();
    Ok(Resolution::None { suggestions })
}

/// A text, and what it could be.
struct Wanted<'a> {
    text: &'a str,
    folded: String,
    /// Finds it in other texts: made once for all of them.
    finder: Finder<'static>,
    id: Option<u64>,
    origin: Option<String>,
    /// The host of an address, or a text that could be one.
    host: Option<String>,
}

impl<'a> Wanted<'a> {
    fn new(text: &'a str) -> Self {
        let text = trimmed(text);
        let address = Origin::parse(text).ok();
        let bare_host = || {
            Origin::parse(&format!("https://{text}"))
                .ok()
                .filter(|_| text.contains(['.', ':']))
        };
        let host = address.clone().or_else(bare_host);
        let folded = folded(text).into_owned();
        Self {
            text,
            finder: Finder::new(&folded).into_owned(),
            folded,
            id: number(text),
            origin: address.map(|origin| origin.to_string()),
            host: host.map(|origin| origin.host().to_owned()),
        }
    }

    /// How well an item fits. The buffer is used again for the next.
    fn fit(&self, item: &impl Named, buffer: &mut String) -> Option<Fit> {
        if self.text.is_empty() {
            return None;
        }
        if self.id == Some(item.id()) {
            return Some(Fit::Id);
        }
        // A number means an id, or a name that is just that: otherwise `7` would mean every site with a 7 in its name. It
        // is written in one way only, so no name has to be folded to see that.
        if self.id.is_some() {
            return item.names().any(|name| name == self.text).then_some(Fit::Exact);
        }
        let by_name = item.names().filter_map(|name| self.fit_of_name(&name, buffer)).min();
        let by_origin = item.origin().and_then(|origin| self.fit_of_origin(origin));
        by_name.into_iter().chain(by_origin).min()
    }

    fn fit_of_name(&self, name: &str, buffer: &mut String) -> Option<Fit> {
        if name == self.text {
            return Some(Fit::Exact);
        }
        let name = folded_in(name, buffer);
        match name == self.folded {
            true => Some(Fit::Folded),
            false => self.fit_of_part(name),
        }
    }

    fn fit_of_origin(&self, origin: &str) -> Option<Fit> {
        if self.origin.as_deref() == Some(origin) {
            return Some(Fit::Origin);
        }
        let host = host_of(origin);
        match self.host.as_deref() == Some(host) {
            true => Some(Fit::Host),
            false => self.fit_of_part(host.strip_prefix("www.").unwrap_or(host)),
        }
    }

    /// Where the text stands in a name or host.
    fn fit_of_part(&self, folded: &str) -> Option<Fit> {
        match self.finder.find(folded.as_bytes())? {
            0 => Some(Fit::Beginning),
            _ => Some(Fit::Part),
        }
    }
}

/// The id that a text is, as a number is written: `007` and `+7` are names.
fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|id: &u64| id.to_string() == text)
}

/// The host of an origin as [`Origin`] writes it.
fn host_of(origin: &str) -> &str {
    let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests;
