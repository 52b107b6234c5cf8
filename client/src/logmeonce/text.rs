//! Answers as the service wrote them, for programs that hand them on: looked into, and changed in nothing.

use serde::Deserialize;
use serde_json::value::RawValue;
use zkvault_core::SecretBuffer;

use super::json::Kind;
use super::{Call, LogMeOnce, MAX_LIST_LEN};
use crate::error::ClientError;
use crate::transport::Transport;

/// What every object has.
#[derive(Deserialize)]
struct Numbered {
    id: u64,
}

/// Answers as the service wrote them, in JSON.
impl<T: Transport> LogMeOnce<T> {
    /// All sites, or those that a phrase is found in: a list of objects with ids. Read whole, unlike
    /// [`sites`](Self::sites), and so of at most [`MAX_LIST_LEN`].
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn sites_json(&self, search: Option<&str>) -> Result<SecretBuffer, ClientError> {
        self.list_json(&Call::sites(search), Kind::Site).await
    }

    /// One site: its object, without what may be around it.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    #[expect(
        clippy::borrowed_box,
        reason = "a raw value is read into a box, and it is the box that is looked at"
    )]
    pub async fn site_json(&self, id: u64) -> Result<SecretBuffer, ClientError> {
        let has_id =
            |site: &Box<RawValue>| serde_json::from_str::<Numbered>(site.get()).is_ok_and(|numbered| numbered.id == id);
        let site: Box<RawValue> = self.single(&Call::site(id), Kind::Site, has_id).await?;
        let mut text = SecretBuffer::new();
        text.extend(site.get().as_bytes());
        Ok(text)
    }

    /// All users: a list of objects with ids.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn users_json(&self) -> Result<SecretBuffer, ClientError> {
        self.list_json(&Call::users(), Kind::User).await
    }

    /// All groups: a list of objects with ids.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn groups_json(&self) -> Result<SecretBuffer, ClientError> {
        self.list_json(&Call::groups(), Kind::Group).await
    }

    async fn list_json(&self, call: &Call, kind: Kind) -> Result<SecretBuffer, ClientError> {
        let document = self.document(call, MAX_LIST_LEN).await?;
        document.list::<Numbered>(kind)?;
        document.into_json()
    }
}
