//! Sites.

use zkvault_core::model::Site;

use super::ties::Tie;
use super::{Call, LogMeOnce, SiteStream};
use crate::document::json::Kind;
use crate::error::ClientError;
use crate::transport::Transport;

/// Sites.
impl<T: Transport> LogMeOnce<T> {
    /// All sites, or those that a phrase is found in, one at a time.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn sites(&self, search: Option<&str>) -> Result<SiteStream<'_, T>, ClientError> {
        self.stream(Call::sites(search)).await
    }

    /// The sites that are assigned to a user, one at a time.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn sites_of_user(&self, user: u64) -> Result<SiteStream<'_, T>, ClientError> {
        self.stream(Call::tied(Tie::UserSites, user)).await
    }

    /// The sites that are assigned to a group, one at a time.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn sites_of_group(&self, group: u64) -> Result<SiteStream<'_, T>, ClientError> {
        self.stream(Call::tied(Tie::GroupSites, group)).await
    }

    /// One site.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn site(&self, id: u64) -> Result<Site, ClientError> {
        self.single(&Call::site(id), Kind::Site, id).await
    }

    async fn stream(&self, call: Call) -> Result<SiteStream<'_, T>, ClientError> {
        SiteStream::open(self, call).await
    }
}
