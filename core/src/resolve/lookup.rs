//! Finding what is meant without reading everything: an id, and a whole name.
//!
//! These are the first three rules, and the ones that programs use. What they find decides only where it is trusted:
//! then nothing that the others could find comes before it. Everything else is read and compared as if there were no
//! lookup, so that the same text always means the same thing (`a_lookup_changes_nothing`).

use super::{Named, Resolution, folded, number, resolve, trimmed};

/// A list in which an id and a whole name can be looked up.
pub trait Lookup<T, E> {
    /// The one with this id.
    ///
    /// # Errors
    /// What keeps the list says.
    fn by_id(&mut self, id: u64) -> Result<Option<T>, E>;

    /// All that have a name whose [`folded`](crate::text::folded) text is this one, in the order of the list; `None`
    /// where that is not known without reading it.
    ///
    /// # Errors
    /// What keeps the list says.
    fn by_name(&mut self, folded: &str) -> Result<Option<Vec<T>>, E>;
}

/// As [`resolve`], of a list with a lookup: `all` is read where that does not decide.
///
/// # Errors
/// The first error of the lookup or of `all`.
pub fn resolve_in<T, E, I>(
    wanted: &str,
    lookup: &mut impl Lookup<T, E>,
    all: impl FnMut() -> I,
) -> Result<Resolution<T>, E>
where
    T: Named + Clone,
    I: Iterator<Item = Result<T, E>>,
{
    let text = trimmed(wanted);
    let found = match number(text) {
        Some(id) => lookup.by_id(id)?.into_iter().collect(),
        None => lookup.by_name(&folded(text))?.unwrap_or_default(),
    };
    let trusted: Vec<T> = found.into_iter().filter(Named::is_trusted).collect();
    match trusted.is_empty() {
        true => resolve(wanted, all),
        false => resolve(wanted, || trusted.iter().cloned().map(Ok)),
    }
}
