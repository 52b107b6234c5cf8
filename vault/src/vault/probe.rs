//! Whether the keys that are there are the right ones.
//!
//! A wrong key shows late otherwise: a sync succeeds without opening a value, and the first error would come from the
//! first read, as one that a damaged value could cause as well.

use zkvault_core::model::{SealedValue, Site};
use zkvault_core::value::SiteKey;

use super::Contents;
use crate::store::StoreError;

/// How many values are tried at most. Of an account with the right key the first ones open.
///
/// An account in which 500 values of others' keys come first is not looked at further.
const MAX_TRIED: usize = 500;

/// What the keys of a vault open of its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opens {
    /// There is no value to open.
    Empty,
    /// At least one value.
    Some,
    /// No value of those that were tried.
    Nothing,
}

impl Contents {
    /// Whether the keys open any value of the account, found out with its first values. Sites whose record is damaged are
    /// left out.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`].
    pub fn opens(&self) -> Result<Opens, StoreError> {
        let index = self.index();
        let mut tried = 0;
        for entry in self.entries(&index) {
            let Ok(site) = self.site(&entry?) else { continue };
            for opened in self.try_values(&site) {
                match opened {
                    true => return Ok(Opens::Some),
                    false => tried += 1,
                }
            }
            if tried >= MAX_TRIED {
                break;
            }
        }
        Ok(if tried == 0 { Opens::Empty } else { Opens::Nothing })
    }

    /// For each value of a site, whether it opens.
    fn try_values<'a>(&'a self, site: &'a Site) -> impl Iterator<Item = bool> + 'a {
        let site_key = SiteKey::open(site.key.as_ref(), &self.keys);
        let inputs = site.login.iter().filter_map(|login| login.inputs.as_ref()).flatten();
        inputs.filter_map(move |input| {
            let envelope = input.value.as_ref().map(SealedValue::envelope)?.ok()?;
            let context = input.context(site.id);
            Some(envelope.open_in(&self.keys, site_key.as_ref(), Some(&context)).is_ok())
        })
    }
}
