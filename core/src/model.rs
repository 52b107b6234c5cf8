//! The objects of the LogMeOnce API, as its page shows them.
//!
//! Each type knows the members that the page names. Everything else an object has is kept as it was written,
//! and all members are written back in the order in which they came: a program in the middle must not lose
//! what it does not know. A member that the page shows is optional here unless an object means nothing without
//! it; one that is there twice is refused.
//!
//! Services that are written in languages without types send numbers as text, `0` for `false`, `[]` for an empty
//! object and so on. Such a member is read for what it can only mean, and written back in the page's type. A record
//! of which that cannot be said is an [`OddRecord`].
//!
//! ```
//! use zkvault_core::model::Site;
//!
//! let json = r#"{"id":7,"color":"blue","name":"Mail"}"#;
//! let site: Site = serde_json::from_str(json)?;
//! assert_eq!(site.name.as_deref(), Some("Mail"));
//! assert_eq!(serde_json::to_string(&site)?, json, "what is not known is kept");
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! `required` members are read strictly, since a different number would be a different object; `optional` ones decide
//! something and are read for the one meaning that they can have; `shown` ones are for people, so that one which
//! cannot be read is kept and never an error. A program that changes a member changes that one alone.

mod member;
mod object;
mod record;
mod sealed;

pub use record::{OddRecord, Record};
pub use sealed::SealedValue;

use object::json_object;

use crate::envelope::ValueContext;

json_object! {
    /// A site: an account at some web site, with its encrypted credentials.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Site {
        required {
            /// The API's number of the site. Bound values are bound to it.
            id: u64 = "id",
        }
        optional {
            /// The vendor's bit field.
            flags: u64 = "flags",
            /// The site's own key, sealed: the vendor gives one to a site that is shared, and its values are under it.
            key: SealedValue = "key",
            /// Where and how to log in.
            login: Login = "login",
        }
        shown {
            /// What the site is called.
            name: String = "name",
            /// Address of a large image.
            image: String = "image",
            /// Address of a small image.
            icon: String = "icon",
            /// When it was last changed, in seconds since 1970. A date in another form says nothing: it is kept as it came.
            updated: u64 = "updated",
            /// The vendor's counter or time of use.
            used: u64 = "used",
        }
    }
}

json_object! {
    /// Where and how to log in to a site.
    #[derive(Debug, Clone, Default, PartialEq)]
    pub struct Login {
        required {}
        optional {
            /// Address of the login page; the member is spelled `Url`.
            url: String = "Url",
            /// Pattern of the addresses the login belongs to.
            regex: String = "regex",
            /// The fields of the login form.
            inputs: Vec<Input> = "inputs",
            /// How to recognise who is logged in.
            matches: Match = "match",
            /// What to click.
            action: Action = "action",
        }
        shown {}
    }
}

json_object! {
    /// One field of a login form, with its encrypted value.
    #[derive(Debug, Clone, Default, PartialEq)]
    pub struct Input {
        required {}
        optional {
            /// The vendor's bit field.
            flags: u64 = "flags",
            /// The vendor's name of the field: text that itself holds a JSON array. Bound values are bound to it.
            name: String = "name",
            /// `text`, `password` and so on. Bound values are bound to it.
            input_type: String = "type",
            /// The encrypted value. Never a plaintext.
            value: SealedValue = "value",
        }
        shown {}
    }
}

impl Input {
    /// What a bound value in this input of the site `site_id` is bound to. A missing text counts as empty.
    #[must_use]
    pub fn context(&self, site_id: u64) -> ValueContext<'_> {
        ValueContext {
            site_id,
            input_type: self.input_type.as_deref().unwrap_or_default(),
            input_name: self.name.as_deref().unwrap_or_default(),
        }
    }
}

json_object! {
    /// How to recognise who is logged in.
    #[derive(Debug, Clone, Default, PartialEq)]
    pub struct Match {
        required {}
        optional {
            /// Selectors of the elements that show the user name.
            username: String = "username",
            /// What to cut off from it.
            trim: String = "trim",
        }
        shown {}
    }
}

json_object! {
    /// What to click in a login form.
    #[derive(Debug, Clone, Default, PartialEq)]
    pub struct Action {
        required {}
        optional {
            /// Selectors of the elements that submit it.
            submit: String = "submit",
        }
        shown {}
    }
}

json_object! {
    /// A person with an account.
    #[derive(Debug, Clone, PartialEq)]
    pub struct User {
        required {
            /// The API's number of the user.
            id: u64 = "id",
        }
        optional {}
        shown {
            /// The name to log in with.
            username: String = "username",
            /// E-mail address.
            email: String = "email",
            /// First name.
            firstname: String = "firstname",
            /// Last name.
            lastname: String = "lastname",
            /// Address of a picture.
            picture: String = "picture",
            /// Whether the account was activated.
            active: bool = "active",
            /// Whether the e-mail address was confirmed.
            confirmed: bool = "confirmed",
            /// The vendor's number of the license.
            license: u64 = "license",
            /// Day of birth, `YYYY-MM-DD`.
            birthdate: String = "birthdate",
            /// `m` or another letter.
            gender: String = "gender",
            /// Street and number.
            address: String = "address",
            /// City.
            city: String = "city",
            /// Postal code.
            zip: String = "zip",
            /// Two letters of the country.
            country: String = "country",
            /// Telephone number.
            phone: String = "phone",
            /// Company.
            company: String = "company",
            /// Address of a web site.
            website: String = "website",
        }
    }
}

json_object! {
    /// A group of users, with sites assigned to it.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Group {
        required {
            /// The API's number of the group.
            id: u64 = "id",
        }
        optional {
            /// The group's own key, sealed: the keys of its sites may be sealed under it.
            key: SealedValue = "key",
        }
        shown {
            /// What the group is called.
            name: String = "name",
            /// What it is for.
            description: String = "description",
        }
    }
}

json_object! {
    /// The response that lists sites.
    #[derive(Debug, Clone, PartialEq)]
    pub struct SiteList {
        required {
            /// The sites.
            sites: Vec<Site> = "sites",
        }
        optional {}
        shown {}
    }
}

json_object! {
    /// The response that lists users.
    #[derive(Debug, Clone, PartialEq)]
    pub struct UserList {
        required {
            /// The users.
            users: Vec<User> = "users",
        }
        optional {}
        shown {}
    }
}

json_object! {
    /// The response that lists groups.
    #[derive(Debug, Clone, PartialEq)]
    pub struct GroupList {
        required {
            /// The groups.
            groups: Vec<Group> = "groups",
        }
        optional {}
        shown {}
    }
}

/// Every member that a site can have, by the JSON pointer of its object: for tests that must miss none.
#[cfg(test)]
pub(crate) fn site_members() -> Vec<(&'static str, &'static str)> {
    use object::Object;
    let objects: [(&str, &[&str]); 5] = [
        ("", Site::KEYS),
        ("/login", Login::KEYS),
        ("/login/inputs/1", Input::KEYS),
        ("/login/match", Match::KEYS),
        ("/login/action", Action::KEYS),
    ];
    let members = |(object, keys): (&'static str, &'static [&'static str])| keys.iter().map(move |&key| (object, key));
    objects.into_iter().flat_map(members).collect()
}

#[cfg(test)]
mod tests;
