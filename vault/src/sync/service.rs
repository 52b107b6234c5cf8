//! What a sync takes from the service: every site, one by one, and the lists of users and groups.
//!
//! [`Source`] has one implementation outside of tests. It exists because a sync must not depend on how its sites come:
//! tests let lists break off, repeat and contradict themselves in ways that an HTTP server would need a script for.

use std::future::Future;

use zkvault_client::logmeonce::{LogMeOnce, SiteStream};
use zkvault_client::{ClientError, Listed, Transport};
use zkvault_core::model::{OddRecord, Record, Site};

use super::{List, ListKind, Lists, SyncError, Withheld};
use crate::progress::Progress;
use crate::store::StoreError;

/// Where the sites and lists of an account come from.
///
/// An error of [`next_site`](Self::next_site) ends the sync, since the rest of the list is unknown; a site that cannot
/// be used is a value, and the next one follows.
pub(super) trait Source: Send {
    /// About so many sites are to come, as far as the last sync knows.
    fn expect(&self, _sites: u64) {}

    /// The next site, or why it cannot be used; `None` after the last.
    fn next_site(&mut self) -> impl Future<Output = Result<Option<Result<Site, OddRecord>>, SyncError>> + Send;

    /// The lists, before the sites.
    fn lists(&mut self) -> impl Future<Output = Result<Lists, SyncError>> + Send;
}

/// The service itself.
pub(super) struct Service<'a, T: Transport> {
    client: &'a LogMeOnce<T>,
    progress: &'a dyn Progress,
    sites: Option<SiteStream<'a, T>>,
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
    fn expect(&self, sites: u64) {
        self.progress.expect(sites);
    }

    /// The request for the sites is sent with the first one, after the lists of users and groups arrived.
    async fn next_site(&mut self) -> Result<Option<Result<Site, OddRecord>>, SyncError> {
        let sites = match &mut self.sites {
            Some(sites) => sites,
            none => none.insert(self.client.sites(None).await?),
        };
        let site = sites.next().await?;
        self.progress.advance(u64::from(site.is_some()));
        Ok(site)
    }

    async fn lists(&mut self) -> Result<Lists, SyncError> {
        let mut lists = Lists::default();
        lists.users = lists.take(ListKind::Users, self.client.users().await)?;
        lists.groups = lists.take(ListKind::Groups, self.client.groups().await)?;
        Ok(lists)
    }
}

impl Lists {
    /// Takes a list, unless it cannot be fetched: that never keeps sites from being stored. An account may not be allowed
    /// to read it, or not have it at all.
    fn take<T: Record>(
        &mut self,
        list: ListKind,
        listed: Result<Listed<T>, ClientError>,
    ) -> Result<Option<List>, StoreError> {
        match listed {
            Err(error) => {
                self.withheld.push(Withheld { list, error });
                Ok(None)
            }
            Ok(Listed { records, odd }) => {
                let ids = odd.iter().map(OddRecord::id).collect();
                self.odd.extend(odd);
                Ok(Some(List {
                    json: serde_json::to_vec(&records).map_err(StoreError::json("a list"))?,
                    count: records.len() as u64,
                    odd: ids,
                }))
            }
        }
    }
}
