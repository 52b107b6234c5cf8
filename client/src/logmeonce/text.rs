//! Responses for programs that hand them on: looked into, and in one form whatever form the service has.

use serde::Serialize;
use zkvault_core::model::{Group, OddRecord, Record, Site, User};
use zkvault_core::{SecretBuffer, SecretBytes};

use super::{Call, LogMeOnce, MAX_LIST_LEN};
use crate::document::json::Kind;
use crate::error::ClientError;
use crate::parts::Parts;
use crate::transport::Transport;

/// A list as JSON text, without the records that cannot be used.
#[derive(Debug)]
pub struct ListText {
    /// `{"sites":[…]}`, `{"users":[…]}` or `{"groups":[…]}`.
    pub text: SecretBuffer,
    /// The records that were set aside, each with the reason. Who hands the text on has to hand them on too: the list
    /// is not whole without them.
    pub odd: Vec<OddRecord>,
}

/// Responses as JSON text. Members that the API's page knows have its types; others are as the service wrote them.
impl<T: Transport> LogMeOnce<T> {
    /// All sites, or those that a phrase is found in, as `{"sites":[…]}`. Read whole, unlike [`sites`](Self::sites),
    /// and so of at most [`MAX_LIST_LEN`].
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn sites_json(&self, search: Option<&str>) -> Result<ListText, ClientError> {
        self.list_json(Call::sites(search), Kind::Site, checked::<Site>).await
    }

    /// One site: its object, without what may be around it.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn site_json(&self, id: u64) -> Result<SecretBuffer, ClientError> {
        let mut text = SecretBuffer::new();
        text.extend(written(&self.site(id).await?)?.expose_secret());
        Ok(text)
    }

    /// All users, as `{"users":[…]}`.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn users_json(&self) -> Result<ListText, ClientError> {
        self.list_json(Call::users(), Kind::User, checked::<User>).await
    }

    /// All groups, as `{"groups":[…]}`.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn groups_json(&self) -> Result<ListText, ClientError> {
        self.list_json(Call::groups(), Kind::Group, checked::<Group>).await
    }

    /// One code for the lists of all kinds: what differs is how a record is checked.
    async fn list_json(&self, call: Call, kind: Kind, check: Check) -> Result<ListText, ClientError> {
        let mut list = ListText {
            text: SecretBuffer::new(),
            odd: Vec::new(),
        };
        list.text.extend(format!("{{\"{}\":[", kind.plural()).as_bytes());
        let (mut parts, mut limit, mut is_first) = (Parts::default(), MAX_LIST_LEN, true);
        loop {
            let document = self.document(&call.part(&parts.parameters()), limit).await;
            let document = document.map_err(|error| parts.failed(error))?;
            limit = limit.saturating_sub(document.len());
            let mut count = 0;
            let beside = document.each(kind, &mut |record| {
                count += 1;
                parts.note(record.as_bytes());
                match check(record)? {
                    Ok(record) => {
                        list.text.extend(if is_first { "" } else { "," }.as_bytes());
                        list.text.extend(record.expose_secret());
                        is_first = false;
                    }
                    Err(odd) => list.odd.push(odd),
                }
                Ok(())
            })?;
            if !parts.read(count, &beside, document.headers(), (self.url(), call.path()))? {
                list.text.extend(b"]}");
                return Ok(list);
            }
        }
    }
}

/// Writes a record in the page's types, or says why it cannot be used.
type Check = fn(&str) -> Result<Result<SecretBytes, OddRecord>, ClientError>;

fn checked<R: Record>(json: &str) -> Result<Result<SecretBytes, OddRecord>, ClientError> {
    match R::from_json(json) {
        Ok(record) => written(&record).map(Ok),
        Err(odd) => Ok(Err(odd)),
    }
}

fn written(record: &impl Serialize) -> Result<SecretBytes, ClientError> {
    let written = serde_json::to_vec(record).map_err(|_| ClientError::malformed("it cannot be written"))?;
    Ok(SecretBytes::from(written))
}
