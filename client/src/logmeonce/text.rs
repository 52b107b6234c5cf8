//! Responses for programs that hand them on: looked into, and in one form whatever form the service has.

use serde::Serialize;
use zkvault_core::SecretBuffer;
use zkvault_core::model::{Group, Record, Site, User};

use super::json::Kind;
use super::{Call, LogMeOnce};
use crate::error::ClientError;
use crate::parts::Listed;
use crate::transport::Transport;

/// Responses as JSON text. Members that the API's page knows have its types; others are as the service wrote them.
impl<T: Transport> LogMeOnce<T> {
    /// All sites, or those that a phrase is found in, as `{"sites":[…]}`. Read whole, unlike [`sites`](Self::sites),
    /// and so of at most [`MAX_LIST_LEN`](super::MAX_LIST_LEN).
    ///
    /// # Errors
    /// [`ClientError`], as of every request; of the kind `Malformed` also for a site that cannot be used, which it names.
    pub async fn sites_json(&self, search: Option<&str>) -> Result<SecretBuffer, ClientError> {
        list_json(self.list::<Site>(&Call::sites(search), Kind::Site).await?, Kind::Site)
    }

    /// One site: its object, without what may be around it.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn site_json(&self, id: u64) -> Result<SecretBuffer, ClientError> {
        let mut text = SecretBuffer::new();
        append(&mut text, &self.site(id).await?)?;
        Ok(text)
    }

    /// All users, as `{"users":[…]}`.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn users_json(&self) -> Result<SecretBuffer, ClientError> {
        list_json(self.list::<User>(&Call::users(), Kind::User).await?, Kind::User)
    }

    /// All groups, as `{"groups":[…]}`.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn groups_json(&self) -> Result<SecretBuffer, ClientError> {
        list_json(self.list::<Group>(&Call::groups(), Kind::Group).await?, Kind::Group)
    }
}

/// A list that lacks a record must not look whole to a program that has no way to hear of it.
fn list_json<R: Record>(listed: Listed<R>, kind: Kind) -> Result<SecretBuffer, ClientError> {
    if let Some(odd) = listed.odd.first() {
        return Err(ClientError::malformed(match odd.id() {
            Some(id) => format!("{} {id}: {}", kind.singular(), odd.reason()),
            None => odd.reason(),
        }));
    }
    let mut text = SecretBuffer::new();
    text.extend(format!("{{\"{}\":[", kind.plural()).as_bytes());
    for (index, record) in listed.records.iter().enumerate() {
        if index > 0 {
            text.extend(b",");
        }
        append(&mut text, record)?;
    }
    text.extend(b"]}");
    Ok(text)
}

fn append(text: &mut SecretBuffer, record: &impl Serialize) -> Result<(), ClientError> {
    let written = serde_json::to_vec(record).map_err(|_| ClientError::malformed("it cannot be written"))?;
    text.extend(&zeroize::Zeroizing::new(written));
    Ok(())
}
