//! The seed of a site's one-time codes: where it is, as found out or as a person says.
//!
//! A seed is a value like any other, sealed and bound to its field. What differs is how it is found: services and
//! people call its field in many ways, so a person may say once which field it is ([`Contents::choose_totp`]), and the
//! choice stays on this device. Nothing here computes a code: [`Totp`] does, from a time that the caller gives.

use std::collections::BTreeSet;

use zkvault_core::site::{fields, totp_fields};
use zkvault_core::totp::Totp;
use zkvault_core::trust::Use;

use super::read::Opened;
use super::{Contents, Index, ReadError, ReadValue};
use crate::store::{Entry, Slot, StoreError};

impl Contents {
    /// The seed of a site's one-time passwords. Without `field`, it is that of the field that a person
    /// [chose](Self::choose_totp), else it is looked for: in the fields whose name or type says so ([`totp_fields`]), else in
    /// those that hold an `otpauth` address.
    ///
    /// The plaintext is the seed, which makes all codes there will ever be: show the code of a [`Totp`] and not the
    /// text.
    ///
    /// # Errors
    ///
    /// [`ReadError`], and [`ReadError::NoSeed`] and [`ReadError::Seed`] where there is none that can be used.
    pub fn totp(
        &self,
        index: &Index,
        site: &str,
        field: Option<&str>,
        usage: Use,
    ) -> Result<(Totp, ReadValue), ReadError> {
        let usable = self.usable(index, site, usage)?;
        let (field, value) = match field {
            Some(field) => (field.to_owned(), self.open_copy(&usable.entry, usable.slot, field)?),
            None => self.seed(&usable.entry, usable.slot)?,
        };
        let site_id = usable.entry.id;
        let totp = Totp::parse(&value.text).map_err(|source| ReadError::Seed { site_id, field, source })?;
        Ok((totp, usable.value(value)))
    }

    /// Remembers on this device which field holds the seed of a site's one-time codes, or looks for it again. The contents
    /// must have been opened [to change them](super::Vault::contents_to_change), and the vault has to
    /// [remember](super::Vault::remember) the store. What was chosen for sites that are not listed any more is forgotten.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn choose_totp(&mut self, index: &Index, site_id: u64, field: Option<&str>) -> Result<(), StoreError> {
        let mut choices = self.store.choices()?;
        let listed = self.entries(index).map(|entry| Ok(entry?.id));
        let listed: BTreeSet<u64> = listed.collect::<Result<_, StoreError>>()?;
        choices.totp.retain(|id, _| listed.contains(id));
        match field {
            Some(field) => choices.totp.insert(site_id, field.to_owned()),
            None => choices.totp.remove(&site_id),
        };
        self.store.choose(&choices)
    }

    /// The field that a person chose for the seed of a site's one-time codes.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`].
    pub fn chosen_totp(&self, site_id: u64) -> Result<Option<String>, StoreError> {
        Ok(self.store.choices()?.totp.remove(&site_id))
    }

    /// The field that holds a seed, and the seed.
    fn seed(&self, entry: &Entry<'_>, slot: Slot) -> Result<(String, Opened), ReadError> {
        if let Some(field) = self.chosen_totp(entry.id)? {
            let opened = self.open_copy(entry, slot, &field).map_err(|error| match error {
                ReadError::Field(source) => ReadError::Chosen {
                    site: entry.label(),
                    field: field.clone(),
                    source,
                },
                error => error,
            });
            return opened.map(|opened| (field, opened));
        }
        let site = self.store.site(entry.id, slot)?;
        let number = |index: usize| format!("input {}", index + 1);
        if let Some(named) = totp_fields(&site).find(|field| field.input.value.is_some()) {
            let field = number(named.index);
            return Ok((named.label(), self.open_copy(entry, slot, &field)?));
        }
        let addresses = fields(&site).filter_map(|field| {
            let value = self.open_copy(entry, slot, &number(field.index)).ok()?;
            Totp::is_address(&value.text).then(|| (field.label(), value))
        });
        let found: Vec<_> = addresses.take(2).collect();
        let [found] = <[_; 1]>::try_from(found).map_err(|_| ReadError::NoSeed { site: entry.label() })?;
        Ok(found)
    }
}
