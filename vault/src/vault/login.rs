//! The login of a site, for another program that knows the address: found by the origin of the login page alone.
//!
//! Git and docker ask for a login by an address, and nobody looks at which site answers. So the origin must be equal in
//! scheme, host and port, as in the browser extension (threat model, Z35): a part of a name, a parent domain or the
//! service's own pattern finds nothing here. Several logins of one origin are an error that lists them, never the first
//! of them.

use zkvault_core::SecretText;
use zkvault_core::site::FieldError;
use zkvault_core::trust::{Origin, Use};

use super::read::Usable;
use super::{Contents, Index, ReadError, ReadValue};
use crate::store::Entry;

/// What a site calls the person.
const USERNAME: &str = "username";

/// A login that is wanted: a page, and what is known of the login already.
#[derive(Debug, Clone, Copy)]
pub struct WantedLogin<'a> {
    /// The origin of the login page.
    pub origin: &'a Origin,
    /// The user name, where several logins have this origin.
    pub username: Option<&'a str>,
    /// The field that is given as the password.
    pub field: &'a str,
}

/// A user name and a password.
#[derive(Debug)]
#[non_exhaustive]
pub struct Login {
    /// None where the site has no field for one, or it is empty.
    pub username: Option<SecretText>,
    /// The password, and what is to be known of its site.
    pub password: ReadValue,
}

impl Contents {
    /// The login of the one site whose login page has this origin and that has this user name; none where there is no such
    /// site. A part of a host or a name is not enough: nobody looks at what another program is given. Sites with a trusted
    /// copy come first, as in [`Self::find`].
    ///
    /// # Errors
    ///
    /// [`ReadError::Refused`] where what was found at the site forbids to fill it in, [`ReadError::Site`] where several
    /// logins fit, and the other errors of [`Self::read_for`].
    pub fn login(&self, index: &Index, wanted: WantedLogin<'_>) -> Result<Option<Login>, ReadError> {
        let (mut fitting, mut failed) = (Vec::new(), Ok(None));
        for entry in self.at_origin(index, wanted.origin)? {
            match self.has_username(&entry, wanted.username) {
                Ok(true) => fitting.push(entry),
                Ok(false) => {}
                // One that cannot be read does not stop the others.
                Err(error) => failed = failed.and(Err(error)),
            }
        }
        match <[Entry<'_>; 1]>::try_from(fitting) {
            Ok([entry]) => self.open_login(entry, wanted).map(Some),
            Err(none) if none.is_empty() => failed,
            Err(several) => Err(self.ambiguous(&wanted.origin.to_string(), &several).into()),
        }
    }

    /// The sites with this login page: those with a trusted copy, or else those without.
    fn at_origin<'a>(&'a self, index: &'a Index, origin: &Origin) -> Result<Vec<Entry<'a>>, ReadError> {
        let origin = origin.to_string();
        let all = self.entries(index).collect::<Result<Vec<_>, _>>()?;
        let here = all
            .into_iter()
            .filter(|entry| entry.origin.as_deref() == Some(&*origin));
        let (trusted, new): (Vec<_>, Vec<_>) = here.partition(|entry| entry.trusted.is_some());
        Ok(if trusted.is_empty() { new } else { trusted })
    }

    /// Whether a site has this user name. One without a user name takes every one. The name is opened to compare it,
    /// and does not leave.
    fn has_username(&self, entry: &Entry<'_>, wanted: Option<&str>) -> Result<bool, ReadError> {
        let (Some(wanted), Some(slot)) = (wanted, entry.copy()) else {
            return Ok(true);
        };
        let username = optional(self.read_copy(entry, slot, USERNAME))?;
        Ok(username.is_none_or(|username| username.expose_secret() == wanted))
    }

    /// Opens both fields for [`Use::Fill`], which is what it comes to when a program types them in.
    fn open_login(&self, entry: Entry<'_>, wanted: WantedLogin<'_>) -> Result<Login, ReadError> {
        let usable = self.usable_entry(entry, Use::Fill)?;
        let username = self.open_usable(&usable, USERNAME, Use::Fill).map(|value| value.text);
        let username = optional(username)?;
        let password = self.open_usable(&usable, wanted.field, Use::Fill)?;
        Ok(Login {
            username,
            password: Usable::value(usable, password),
        })
    }
}

/// None for a field that is not there or empty.
fn optional(read: Result<SecretText, ReadError>) -> Result<Option<SecretText>, ReadError> {
    match read {
        Err(ReadError::NoValue { .. } | ReadError::Field(FieldError::NotFound { .. })) => Ok(None),
        read => read.map(Some),
    }
}
