//! The fields of a site: the inputs of its login form, by the names that people and pages use.
//!
//! One rule for a terminal, a script and a browser: which inputs take a user name or a password, and which one a name means.
//!
//! ```
//! use zkvault_core::model::Site;
//! use zkvault_core::site::{FieldKind, fields, find_field};
//!
//! let site: Site = serde_json::from_str(
//!     r#"{"id":7,"login":{"inputs":[
//!         {"name":"[\"login\",\"Email\"]","type":"email"},
//!         {"name":"[\"Passwd\"]","type":"password"}
//!     ]}}"#,
//! )?;
//! let kinds: Vec<_> = fields(&site).map(|field| field.kind()).collect();
//! assert_eq!(kinds, [FieldKind::Text, FieldKind::Password]);
//! assert_eq!(find_field(&site, "email")?.names(), ["login", "Email"]);
//! assert_eq!(find_field(&site, "password")?.label(), "Passwd");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A site's inputs are those that the vendor's client recorded from a login page, so their names are what the page's
//! author chose. This module says what a person may call them: [`find_field`] goes by name, then type, then
//! `username`, then number, and the first rule that fits anything decides. An ambiguous name is an error and never a
//! guess, because a wrong field would put a password where it is shown.

#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::value::RawValue;

use crate::model::{Input, Site};
use crate::text;

/// Types of inputs that take text. Sites ask for customer numbers in `number` and `tel`.
const TEXT_TYPES: [&str; 5] = ["text", "email", "tel", "number", "url"];
/// Types of inputs with which one of several things is chosen.
const CHOICE_TYPES: [&str; 4] = ["select", "select-one", "radio", "checkbox"];
/// In text of this type there is no user name.
const URL_TYPE: &str = "url";
const PASSWORD_TYPE: &str = "password";
/// What the text is called with which a person says who they are.
const USERNAME_WORDS: [&str; 2] = ["username", "user"];

/// What inputs are called that take a one-time code, and hold its seed in a vault: words of a name, without what is between
/// them.
const TOTP_WORDS: [&str; 7] = ["totp", "otp", "otpauth", "onetimecode", "onetimepassword", "2fa", "mfa"];

/// What an input is for, as far as its type says.
///
/// Of an unknown type nothing is assumed: [`Other`](Self::Other) is neither shown nor filled as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldKind {
    /// Text that may be shown, such as a user name: of type `text`, `email`, `tel`, `number` or `url`.
    Text,
    /// Of type `password`.
    Password,
    /// One of several things: of type `select`, `select-one`, `radio` or `checkbox`.
    Choice,
    /// Anything else: one-time codes, hidden inputs, buttons.
    Other,
}

impl FieldKind {
    /// The kind of a type as the vendor writes it. Upper and lower case are alike, as in HTML.
    #[must_use]
    pub fn of_type(input_type: &str) -> Self {
        let is = |known: &&str| known.eq_ignore_ascii_case(input_type);
        match input_type {
            _ if is(&PASSWORD_TYPE) => Self::Password,
            _ if TEXT_TYPES.iter().any(is) => Self::Text,
            _ if CHOICE_TYPES.iter().any(is) => Self::Choice,
            _ => Self::Other,
        }
    }

    /// Its name in output: `text`, `password`, `choice` or `other`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Password => "password",
            Self::Choice => "choice",
            Self::Other => "other",
        }
    }
}

/// One input of a site, with its place among them.
///
/// Borrowed from its site, with its place, because inputs without a name are told apart by their numbers alone.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    /// Its number, from 0.
    pub index: usize,
    /// The input itself.
    pub input: &'a Input,
}

impl<'a> Field<'a> {
    /// What it is for.
    #[must_use]
    pub fn kind(&self) -> FieldKind {
        FieldKind::of_type(self.input_type())
    }

    /// Its names, those first that the vendor lists first. The vendor's `name` is text that itself holds a JSON array of
    /// them; a text that is not one is the only name, and what is empty is none.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        names_of(self.input.name.as_deref().unwrap_or_default())
    }

    /// What it is called in output: its first name, else its type, else its number from 1, as in `input 3`.
    #[must_use]
    pub fn label(&self) -> String {
        let name = self.names().into_iter().next();
        name.unwrap_or_else(|| match self.input_type() {
            "" => self.number(),
            input_type => input_type.to_owned(),
        })
    }

    fn input_type(&self) -> &'a str {
        self.input.input_type.as_deref().unwrap_or_default()
    }

    fn number(&self) -> String {
        format!("input {}", self.index + 1)
    }

    fn is_named(&self, wanted: &str) -> bool {
        self.input.name.as_deref().is_some_and(|name| is_alike(name, wanted))
            || self.names().iter().any(|name| is_alike(name, wanted))
    }

    fn is_of_type(&self, wanted: &str) -> bool {
        self.input
            .input_type
            .as_deref()
            .is_some_and(|name| is_alike(name, wanted))
    }

    fn is_username(&self, wanted: &str) -> bool {
        USERNAME_WORDS.iter().any(|word| is_alike(word, wanted))
            && self.kind() == FieldKind::Text
            && !self.input_type().eq_ignore_ascii_case(URL_TYPE)
    }

    fn is_totp(&self) -> bool {
        let bare = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
        let is = |text: &str| TOTP_WORDS.contains(&text::folded(&bare(text)).as_ref());
        self.names().iter().any(|name| is(name)) || is(self.input_type())
    }

    /// Inputs without a name, of a type that others have as well, can be told apart by nothing else.
    fn is_numbered(&self, wanted: &str) -> bool {
        is_alike(&self.number(), wanted)
    }
}

/// All its names and its type, as in `login or Email (text)`.
impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let input_type = match self.input_type() {
            "" => "no type",
            input_type => input_type,
        };
        match self.names().as_slice() {
            [] => write!(f, "{} ({input_type})", self.number()),
            names => write!(f, "{} ({input_type})", names.join(" or ")),
        }
    }
}

/// The names in the `name` of an input.
///
/// A list whose elements are no texts counts as far as they are; a text that is no list is one name.
pub(crate) fn names_of(name: &str) -> Vec<String> {
    let listed = serde_json::from_str::<Vec<&RawValue>>(name).unwrap_or_default();
    let texts = listed
        .into_iter()
        .filter_map(|name| serde_json::from_str::<String>(name.get()).ok());
    let names: Vec<_> = texts.filter(|name| !name.is_empty()).collect();
    match names.is_empty() {
        true if name.is_empty() || name == "[]" => Vec::new(),
        true => vec![name.to_owned()],
        false => names,
    }
}

/// Whether two texts differ at most in upper and lower case.
///
/// Unicode only where it is needed: most names are ASCII.
fn is_alike(one: &str, other: &str) -> bool {
    match one.is_ascii() && other.is_ascii() {
        true => one.eq_ignore_ascii_case(other),
        false => text::folded(one) == text::folded(other),
    }
}

/// The inputs of a site, in its order.
#[must_use]
pub fn inputs(site: &Site) -> &[Input] {
    let login = site.login.as_ref();
    login.and_then(|login| login.inputs.as_deref()).unwrap_or_default()
}

/// The inputs of a site as fields, in its order.
pub fn fields(site: &Site) -> impl Iterator<Item = Field<'_>> {
    inputs(site)
        .iter()
        .enumerate()
        .map(|(index, input)| Field { index, input })
}

/// The inputs whose name or type says that they are for one-time codes, in the site's order: their values are seeds
/// ([`crate::totp`]).
///
/// By whole words: `totp`, `otp`, `one-time-code`, `2fa` and so on, in any case and with anything between their
/// letters.
pub fn totp_fields(site: &Site) -> impl Iterator<Item = Field<'_>> {
    fields(site).filter(Field::is_totp)
}

/// What the address of a site is called where a field may be named.
const ADDRESS: &str = "url";

/// What a name stands for at a site.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Found<'a> {
    /// One of its inputs.
    Input(Field<'a>),
    /// The address of its login page, which is not sealed.
    Address(&'a str),
}

/// Finds what is meant: an input, as [`find_field`] does, or where no input is called so, the address of the site as `url`.
///
/// ```
/// use zkvault_core::model::Site;
/// use zkvault_core::site::{Found, find};
///
/// let site: Site = serde_json::from_str(r#"{"id":7,"login":{"Url":"https://example.com/login","inputs":[]}}"#)?;
/// assert!(matches!(find(&site, "url")?, Found::Address("https://example.com/login")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`FieldError`], which lists the address among the fields.
pub fn find<'a>(site: &'a Site, wanted: &str) -> Result<Found<'a>, FieldError> {
    let address = site.login.as_ref().and_then(|login| login.url.as_deref());
    let address = address.filter(|address| !address.is_empty());
    match (find_field(site, wanted), address) {
        (Ok(field), _) => Ok(Found::Input(field)),
        (Err(FieldError::NotFound { .. }), Some(address)) if is_alike(ADDRESS, wanted) => Ok(Found::Address(address)),
        (
            Err(FieldError::NotFound {
                site_id,
                wanted,
                mut fields,
            }),
            Some(_),
        ) => {
            fields.push(format!("{ADDRESS} (the address of the site)"));
            Err(FieldError::NotFound {
                site_id,
                wanted,
                fields,
            })
        }
        (Err(error), _) => Err(error),
    }
}

/// Finds the one input that is meant by one of its names, by its type, as the `username` or `user`, or by its number, as
/// `input 2`; the first of these that fits any input decides. Upper and lower case are alike.
///
/// ```
/// use zkvault_core::model::Site;
/// use zkvault_core::site::{FieldError, find_field};
///
/// let site: Site = serde_json::from_str(
///     r#"{"id":7,"login":{"inputs":[{"name":"user","type":"text"},{"type":"password"},{"type":"password"}]}}"#,
/// )?;
/// assert_eq!(find_field(&site, "USERNAME")?.index, 0);
/// assert_eq!(find_field(&site, "input 3")?.index, 2);
/// let both = find_field(&site, "password").unwrap_err();
/// assert!(matches!(both, FieldError::Ambiguous { ref fields, .. } if fields.len() == 2), "never a guess");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`FieldError::NotFound`] with all fields that there are, and [`FieldError::Ambiguous`] with those that fit.
pub fn find_field<'a>(site: &'a Site, wanted: &str) -> Result<Field<'a>, FieldError> {
    let rules: [fn(&Field<'a>, &str) -> bool; 4] = [
        Field::is_named,
        Field::is_of_type,
        Field::is_username,
        Field::is_numbered,
    ];
    for rule in rules {
        let found: Vec<_> = fields(site).filter(|field| rule(field, wanted)).collect();
        match found.as_slice() {
            [] => {}
            [only] => return Ok(*only),
            several => {
                return Err(FieldError::Ambiguous {
                    wanted: wanted.to_owned(),
                    fields: shown(several),
                });
            }
        }
    }
    let all: Vec<_> = fields(site).collect();
    Err(FieldError::NotFound {
        site_id: site.id,
        wanted: wanted.to_owned(),
        fields: shown(&all),
    })
}

fn shown(fields: &[Field<'_>]) -> Vec<String> {
    fields.iter().map(ToString::to_string).collect()
}

/// A text does not mean one field of a site.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldError {
    /// No field is called that.
    #[error("the site {site_id} has no field {wanted:?}")]
    NotFound {
        /// The API's number of the site.
        site_id: u64,
        /// What was looked for.
        wanted: String,
        /// All fields that the site has, each with its names and type.
        fields: Vec<String>,
    },
    /// Several fields are.
    #[error("the field {wanted:?} is ambiguous: {} fields of the site are called that", .fields.len())]
    Ambiguous {
        /// What was looked for.
        wanted: String,
        /// Those fields, each with its names and type.
        fields: Vec<String>,
    },
}
