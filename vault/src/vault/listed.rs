//! What a store lists of a kind, for finding it by its names.
//!
//! [`directory::find`](crate::directory::find) then finds one of them. For sites [`Contents::find`] is better where
//! only the store is asked: it reads the index without a copy of every name.

use zkvault_core::model::{Group, User};
use zkvault_core::store::RecordKind;

use super::Contents;
use crate::directory::{Kind, Listed};
use crate::store::StoreError;

impl Contents {
    /// Everything of a kind that the store has; none where the service did not show users or groups.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`].
    pub fn directory(&self, kind: Kind) -> Result<Option<Vec<Listed>>, StoreError> {
        match kind {
            Kind::Site => {
                let index = self.index();
                let sites = self
                    .entries(&index)
                    .map(|entry| entry.map(|entry| Listed::from(&entry)));
                sites.collect::<Result<_, _>>().map(Some)
            }
            Kind::User => self.listed::<User>(RecordKind::Users),
            Kind::Group => self.listed::<Group>(RecordKind::Groups),
        }
    }

    /// A list that is kept whole, read as records of this type.
    fn listed<T>(&self, kind: RecordKind) -> Result<Option<Vec<Listed>>, StoreError>
    where
        T: serde::de::DeserializeOwned,
        for<'t> Listed: From<&'t T>,
    {
        let Some(json) = self.store.list(kind)? else {
            return Ok(None);
        };
        let all: Vec<T> = serde_json::from_slice(json.expose_secret()).map_err(StoreError::json("a list"))?;
        Ok(Some(all.iter().map(Listed::from).collect()))
    }
}
