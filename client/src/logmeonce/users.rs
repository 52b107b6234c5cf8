//! Users.

use zkvault_core::SecretText;
use zkvault_core::model::User;

use super::ties::Tie;
use super::{Call, LogMeOnce};
use crate::document::json::Kind;
use crate::error::ClientError;
use crate::parts::Listed;
use crate::transport::Transport;

/// The fields of a user that change. The others stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserUpdate {
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Day of birth, `YYYY-MM-DD`.
    pub birthdate: Option<String>,
    /// `m` or another letter.
    pub gender: Option<String>,
    /// Street and number.
    pub address: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// Postal code.
    pub zip: Option<String>,
    /// Two letters of the country.
    pub country: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// Company.
    pub company: Option<String>,
    /// What the user does there.
    pub job_title: Option<String>,
    /// Address of a web site.
    pub website: Option<String>,
}

impl UserUpdate {
    /// Every field by the name of its parameter.
    pub(super) fn named(&self) -> [(&'static str, Option<&str>); 13] {
        let Self {
            first_name,
            last_name,
            birthdate,
            gender,
            address,
            city,
            state,
            zip,
            country,
            phone,
            company,
            job_title,
            website,
        } = self;
        [
            ("firstName", first_name.as_deref()),
            ("lastName", last_name.as_deref()),
            ("birthdate", birthdate.as_deref()),
            ("gender", gender.as_deref()),
            ("address", address.as_deref()),
            ("city", city.as_deref()),
            ("state", state.as_deref()),
            ("zip", zip.as_deref()),
            ("country", country.as_deref()),
            ("phone", phone.as_deref()),
            ("company", company.as_deref()),
            ("jobTitle", job_title.as_deref()),
            ("website", website.as_deref()),
        ]
    }
}

/// Users.
impl<T: Transport> LogMeOnce<T> {
    /// All users.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn users(&self) -> Result<Listed<User>, ClientError> {
        self.list(&Call::users(), Kind::User).await
    }

    /// One user.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn user(&self, id: u64) -> Result<User, ClientError> {
        self.single(&Call::user(id), Kind::User, id).await
    }

    /// The members of a group.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn users_of_group(&self, group: u64) -> Result<Listed<User>, ClientError> {
        self.list(&Call::tied(Tie::GroupUsers, group), Kind::User).await
    }

    /// The users whom a site is assigned to.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn users_of_site(&self, site: u64) -> Result<Listed<User>, ClientError> {
        self.list(&Call::tied(Tie::SiteUsers, site), Kind::User).await
    }

    /// Changes a user. Gives the user as it is then, if the service tells.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn update_user(&self, id: u64, update: &UserUpdate) -> Result<Option<User>, ClientError> {
        self.changed(&Call::update_user(id, update)?, Kind::User).await
    }

    /// Deletes a user.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn delete_user(&self, id: u64) -> Result<(), ClientError> {
        self.execute(&Call::delete_user(id)).await
    }

    /// Activates a user, the first time with an encryption key and the name of its parameter.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn activate_user(&self, id: u64, key: Option<(&str, SecretText)>) -> Result<(), ClientError> {
        self.execute(&Call::activate_user(id, key)).await
    }

    /// Deactivates a user.
    ///
    /// # Errors
    /// [`ClientError`], as of every request.
    pub async fn deactivate_user(&self, id: u64) -> Result<(), ClientError> {
        self.execute(&Call::deactivate_user(id)).await
    }
}
