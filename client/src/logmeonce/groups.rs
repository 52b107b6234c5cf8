//! Groups, and what is assigned to what.

use zkvault_core::model::Group;

use super::privilege::{self, Privilege};
use super::ties::{Rights, Tie};
use super::{Call, LogMeOnce};
use crate::document::json::Kind;
use crate::error::ClientError;
use crate::parts::Listed;
use crate::transport::Transport;

/// Groups.
impl<T: Transport> LogMeOnce<T> {
    /// All groups.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn groups(&self) -> Result<Listed<Group>, ClientError> {
        self.list(&Call::groups(), Kind::Group).await
    }

    /// One group.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn group(&self, id: u64) -> Result<Group, ClientError> {
        self.single(&Call::group(id), Kind::Group, id).await
    }

    /// The groups that a user is a member of.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn groups_of_user(&self, user: u64) -> Result<Listed<Group>, ClientError> {
        self.list(&Call::tied(Tie::UserGroups, user), Kind::Group).await
    }

    /// The groups that a site is assigned to.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn groups_of_site(&self, site: u64) -> Result<Listed<Group>, ClientError> {
        self.list(&Call::tied(Tie::SiteGroups, site), Kind::Group).await
    }

    /// Creates a group. Gives the group with its id, if the service tells.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn create_group(&self, name: &str, description: Option<&str>) -> Result<Option<Group>, ClientError> {
        self.changed(&Call::create_group(name, description), Kind::Group).await
    }

    /// Changes the name or description of a group. Gives the group as it is then, if the service tells.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn update_group(
        &self,
        id: u64,
        name: Option<&str>,
        description: Option<&str>,
    ) -> Result<Option<Group>, ClientError> {
        self.changed(&Call::update_group(id, name, description)?, Kind::Group)
            .await
    }
}

/// What is assigned to what.
impl<T: Transport> LogMeOnce<T> {
    /// Ties all of `ids` to the owner.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn assign(&self, tie: Tie, owner: u64, ids: &[u64]) -> Result<(), ClientError> {
        self.execute(&Call::assign(tie, owner, ids)?).await
    }

    /// Unties all of `ids` from the owner.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn unassign(&self, tie: Tie, owner: u64, ids: &[u64]) -> Result<(), ClientError> {
        self.execute(&Call::unassign(tie, owner, ids)?).await
    }

    /// The permissions that go with the ties of the owner to `ids`, with the inherited ones.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn privileges(&self, tie: Tie, owner: u64, ids: &[u64]) -> Result<Listed<Privilege>, ClientError> {
        let call = Call::privileges(tie, owner, ids)?;
        privilege::listed(&self.document(&call, super::MAX_LIST_LEN).await?, ids)
    }

    /// Changes the permissions that go with the ties of the owner to `ids`. Gives the permissions as they are then; none if
    /// the service does not tell.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn set_privileges(
        &self,
        tie: Tie,
        owner: u64,
        ids: &[u64],
        rights: Rights,
    ) -> Result<Vec<Privilege>, ClientError> {
        let call = Call::set_privileges(tie, owner, ids, rights)?;
        let document = self.document(&call, super::MAX_ANSWER_LEN).await?;
        Ok(privilege::told(&document, ids))
    }
}
