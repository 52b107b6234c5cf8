//! What a sync takes from the service: every site, one by one, and the lists of users and groups.

use serde::Serialize;
use zkvault_client::logmeonce::{LogMeOnce, SiteStream};
use zkvault_client::{ClientError, ErrorKind, Transport};
use zkvault_core::model::{Group, Site, User};

use super::{List, Lists, SyncError, Withheld};
use crate::progress::Progress;
use crate::store::StoreError;

/// Where the sites and lists of an account come from.
pub(super) trait Source {
    /// The next site; `None` after the last.
    async fn next_site(&mut self) -> Result<Option<Site>, SyncError>;

    /// The lists, after the sites.
    async fn lists(&mut self) -> Result<Lists, SyncError>;
}

/// The service itself.
pub(super) struct Service<'a, T: Transport> {
    client: &'a LogMeOnce<T>,
    progress: &'a dyn Progress,
    sites: Option<SiteStream<T::Body>>,
}

impl<'a, T: Transport> Service<'a, T> {
    pub(super) fn new(client: &'a LogMeOnce<T>, progress: &'a dyn Progress) -> Self {
        Self {
            client,
            progress,
            sites: None,
        }
    }
}

impl<T: Transport> Source for Service<'_, T> {
    async fn next_site(&mut self) -> Result<Option<Site>, SyncError> {
        let sites = match &mut self.sites {
            Some(sites) => sites,
            none => none.insert(self.client.sites(None).await?),
        };
        let site = sites.next().await?;
        self.progress.advance(u64::from(site.is_some()));
        Ok(site)
    }

    async fn lists(&mut self) -> Result<Lists, SyncError> {
        let mut withheld = Vec::new();
        let users = allowed(Withheld::Users, self.client.users().await, &mut withheld)?;
        let groups = allowed(Withheld::Groups, self.client.groups().await, &mut withheld)?;
        Ok(Lists {
            users: users.as_deref().map(list::<User>).transpose()?,
            groups: groups.as_deref().map(list::<Group>).transpose()?,
            withheld,
        })
    }
}

/// An account that may read sites need not be one that may read users.
fn allowed<T>(
    what: Withheld,
    result: Result<T, ClientError>,
    withheld: &mut Vec<Withheld>,
) -> Result<Option<T>, SyncError> {
    match result {
        Err(error) if error.kind() == ErrorKind::Forbidden => {
            withheld.push(what);
            Ok(None)
        }
        result => Ok(result.map(Some)?),
    }
}

fn list<T: Serialize>(items: &[T]) -> Result<List, StoreError> {
    Ok(List {
        json: serde_json::to_vec(items).map_err(StoreError::json("a list"))?,
        count: items.len() as u64,
    })
}
