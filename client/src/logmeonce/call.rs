//! Requests as values: they can be shown before they are sent.

mod encode;

use std::fmt;

use bytes::Bytes;
use http::Method;
use zkvault_core::SecretBuffer;
use zkvault_core::{SecretBytes, SecretText};

use encode::{Wiped, to_form, to_json};

use super::change::ServiceChange;
use super::ties::{Rights, Tie};
use super::users::UserUpdate;
use crate::error::{ClientError, ErrorKind};
use crate::oauth::repeats;
use crate::refusal::Wanted;
use crate::retry::Effect;
use crate::shown::{ShownRequest, raw};
use crate::url::{is_path, with_query};

/// The parameter that asks for rights, or changes them.
const PRIVILEGES: &str = "privileges";
/// What is shown for a secret.
const WITHHELD: &str = "[withheld]";

/// How parameters travel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encoding {
    /// `application/json`.
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`, lists as `name[]=…`.
    Form,
}

impl Encoding {
    fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
        }
    }
}

/// A request to the API below `/rest`.
///
/// Shown, it is `POST /users/1/sites {"assign":2}`: what is sent, except that an encryption key is withheld.
pub struct Call {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    body: Body,
    /// What it changes, if it changes something.
    change: Option<ServiceChange>,
}

enum Body {
    None,
    Parameters(Vec<(String, Parameter)>),
    Raw(RawBody),
}

/// The value of a parameter.
pub(super) enum Parameter {
    Id(u64),
    Ids(Vec<u64>),
    /// A right: 1 sets it, -1 unsets it.
    Right(bool),
    Text(String),
    Secret(SecretText),
}

/// A body that is sent as it is.
pub struct RawBody {
    encoding: Encoding,
    bytes: SecretBytes,
}

impl RawBody {
    /// Bytes that are in this encoding already.
    #[must_use]
    pub fn new(encoding: Encoding, bytes: SecretBytes) -> Self {
        Self { encoding, bytes }
    }
}

/// Shows the size only.
impl fmt::Debug for RawBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawBody({self})")
    }
}

impl fmt::Display for RawBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { encoding, bytes } = self;
        write!(
            f,
            "({} bytes of {})",
            bytes.expose_secret().len(),
            encoding.media_type()
        )
    }
}

/// Everything of the vendor's API reference, in its order.
impl Call {
    /// `GET /sites`: all sites, or those that a phrase is found in.
    #[must_use]
    pub fn sites(search: Option<&str>) -> Self {
        let query = search.map(|phrase| ("search".to_owned(), phrase.to_owned()));
        let query = query.into_iter().collect();
        Self {
            query,
            ..Self::get("/sites".to_owned())
        }
    }

    /// `GET /sites/ID`.
    #[must_use]
    pub fn site(id: u64) -> Self {
        Self::get(format!("/sites/{id}"))
    }

    /// `GET` of one of the six relations: what is tied to the owner.
    #[must_use]
    pub fn tied(tie: Tie, owner: u64) -> Self {
        Self::get(tie.path(owner))
    }

    /// `POST` to one of the six relations, with `assign`, `add` or `join`.
    ///
    /// # Errors
    /// [`CallError::NoIds`].
    pub fn assign(tie: Tie, owner: u64, ids: &[u64]) -> Result<Self, CallError> {
        let call = Self::change_ties(tie, owner, tie.tie_name(), ids)?;
        let ids = ids.to_vec();
        Ok(call.changing(ServiceChange::Assign { tie, owner, ids }))
    }

    /// `POST` to one of the six relations, with `unassign`, `remove` or `leave`.
    ///
    /// # Errors
    /// [`CallError::NoIds`].
    pub fn unassign(tie: Tie, owner: u64, ids: &[u64]) -> Result<Self, CallError> {
        let call = Self::change_ties(tie, owner, tie.untie_name(), ids)?;
        let ids = ids.to_vec();
        Ok(call.changing(ServiceChange::Unassign { tie, owner, ids }))
    }

    /// `POST` to one of the six relations, with `privileges` alone: asks for rights and changes none.
    ///
    /// # Errors
    /// [`CallError::NoIds`].
    pub fn privileges(tie: Tie, owner: u64, ids: &[u64]) -> Result<Self, CallError> {
        let ids = some(ids)?;
        Ok(Self::post(
            tie.path(owner),
            vec![(PRIVILEGES.to_owned(), Parameter::Ids(ids))],
        ))
    }

    /// `POST` to one of the six relations, with `privileges` and the permissions to set and unset.
    ///
    /// # Errors
    /// [`CallError`] when there are no ids or no permissions, or the relation has other permissions.
    pub fn set_privileges(tie: Tie, owner: u64, ids: &[u64], rights: Rights) -> Result<Self, CallError> {
        if !rights.fit(tie) {
            return Err(CallError::OtherRights);
        }
        let mut parameters = vec![(PRIVILEGES.to_owned(), Parameter::Ids(some(ids)?))];
        parameters.extend(rights.named().map(|(name, on)| (name.to_owned(), Parameter::Right(on))));
        if parameters.len() == 1 {
            return Err(CallError::NoRights);
        }
        let change = ServiceChange::of_rights(tie, owner, ids, rights);
        Ok(Self::post(tie.path(owner), parameters).changing(change))
    }

    /// `GET /users`.
    #[must_use]
    pub fn users() -> Self {
        Self::get("/users".to_owned())
    }

    /// `GET /users/ID`.
    #[must_use]
    pub fn user(id: u64) -> Self {
        Self::get(format!("/users/{id}"))
    }

    /// `PUT /users/ID` with the fields that change.
    ///
    /// # Errors
    /// [`CallError::NoChange`] when none does.
    pub fn update_user(id: u64, update: &UserUpdate) -> Result<Self, CallError> {
        let texts = update
            .named()
            .into_iter()
            .filter_map(|(name, text)| Some((name, text?)));
        let fields = texts.clone().map(|(name, _)| name.to_owned()).collect();
        let call = Self::put(format!("/users/{id}"), texts)?;
        Ok(call.changing(ServiceChange::UpdateUser { id, fields }))
    }

    /// `DELETE /users/ID`.
    #[must_use]
    pub fn delete_user(id: u64) -> Self {
        Self::new(Method::DELETE, format!("/users/{id}")).changing(ServiceChange::DeleteUser { id })
    }

    /// `POST /users/ID/activate`, the first time with an encryption key. The page does not name its parameter.
    #[must_use]
    pub fn activate_user(id: u64, key: Option<(&str, SecretText)>) -> Self {
        let path = format!("/users/{id}/activate");
        let with_key = key.is_some();
        let call = match key {
            Some((name, key)) => Self::post(path, vec![(name.to_owned(), Parameter::Secret(key))]),
            None => Self::new(Method::POST, path),
        };
        call.changing(ServiceChange::ActivateUser { id, with_key })
    }

    /// `POST /users/ID/deactivate`.
    #[must_use]
    pub fn deactivate_user(id: u64) -> Self {
        Self::new(Method::POST, format!("/users/{id}/deactivate")).changing(ServiceChange::DeactivateUser { id })
    }

    /// `GET /groups`.
    #[must_use]
    pub fn groups() -> Self {
        Self::get("/groups".to_owned())
    }

    /// `GET /groups/ID`.
    #[must_use]
    pub fn group(id: u64) -> Self {
        Self::get(format!("/groups/{id}"))
    }

    /// `POST /groups`.
    #[must_use]
    pub fn create_group(name: &str, description: Option<&str>) -> Self {
        let texts = texts([("name", Some(name)), ("description", description)]);
        let name = name.to_owned();
        Self::post("/groups".to_owned(), parameters(texts)).changing(ServiceChange::CreateGroup { name })
    }

    /// `PUT /groups/ID`. The page names no parameters: those of its creation are sent.
    ///
    /// # Errors
    /// [`CallError::NoChange`] when there is neither a name nor a description.
    pub fn update_group(id: u64, name: Option<&str>, description: Option<&str>) -> Result<Self, CallError> {
        let texts = || texts([("name", name), ("description", description)]);
        let fields = texts().map(|(name, _)| name.to_owned()).collect();
        let call = Self::put(format!("/groups/{id}"), texts())?;
        Ok(call.changing(ServiceChange::UpdateGroup { id, fields }))
    }
}

/// What the page does not have.
impl Call {
    /// Any request below `/rest`.
    ///
    /// # Errors
    /// [`CallError::Path`] when the path would leave `/rest`, or holds a query.
    pub fn raw(
        method: Method,
        path: &str,
        query: Vec<(String, String)>,
        body: Option<RawBody>,
    ) -> Result<Self, CallError> {
        if !is_path(path) {
            return Err(CallError::Path);
        }
        let change = (!method.is_safe()).then(|| ServiceChange::Other {
            method: method.to_string(),
            path: path.to_owned(),
        });
        Ok(Self {
            method,
            path: path.to_owned(),
            query,
            body: body.map_or(Body::None, Body::Raw),
            change,
        })
    }

    fn new(method: Method, path: String) -> Self {
        Self {
            method,
            path,
            query: Vec::new(),
            body: Body::None,
            change: None,
        }
    }

    fn changing(self, change: ServiceChange) -> Self {
        Self {
            change: Some(change),
            ..self
        }
    }

    fn get(path: String) -> Self {
        Self::new(Method::GET, path)
    }

    fn post(path: String, parameters: Vec<(String, Parameter)>) -> Self {
        let body = Body::Parameters(parameters);
        Self {
            body,
            ..Self::new(Method::POST, path)
        }
    }

    fn put<'a>(path: String, texts: impl Iterator<Item = (&'static str, &'a str)>) -> Result<Self, CallError> {
        let parameters = parameters(texts);
        if parameters.is_empty() {
            return Err(CallError::NoChange);
        }
        let body = Body::Parameters(parameters);
        Ok(Self {
            body,
            ..Self::new(Method::PUT, path)
        })
    }

    /// The same list again, with these parameters in place of those of the same name.
    pub(super) fn part(&self, parameters: &[(String, String)]) -> Self {
        let replaced = |name: &str| parameters.iter().any(|(known, _)| known == name);
        let kept = self.query.iter().filter(|(name, _)| !replaced(name)).cloned();
        let query = kept.chain(parameters.iter().cloned()).collect();
        Self {
            query,
            ..Self::new(self.method.clone(), self.path.clone())
        }
    }

    fn change_ties(tie: Tie, owner: u64, name: &str, ids: &[u64]) -> Result<Self, CallError> {
        let ids = match *some(ids)? {
            [id] => Parameter::Id(id),
            ref ids => Parameter::Ids(ids.to_vec()),
        };
        Ok(Self::post(tie.path(owner), vec![(name.to_owned(), ids)]))
    }
}

impl Call {
    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path below `/rest`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The parameters in the query.
    pub fn query(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// What it changes at the service; `None` for what only asks.
    #[must_use]
    pub fn change(&self) -> Option<&ServiceChange> {
        self.change.as_ref()
    }

    /// Whether nothing changes when it is sent.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.method.is_safe()
    }

    /// What its response is about: `privileges` alone asks with `POST`.
    pub(super) fn wanted(&self) -> Wanted {
        match self.is_read_only() || self.asks_for_permissions() {
            true => Wanted::Records,
            false => Wanted::Change,
        }
    }

    /// Whether it is a `POST` that changes nothing.
    fn asks_for_permissions(&self) -> bool {
        match &self.body {
            Body::Parameters(parameters) => matches!(parameters.as_slice(), [(name, _)] if name == PRIVILEGES),
            Body::None | Body::Raw(_) => false,
        }
    }

    pub(crate) fn effect(&self) -> Effect {
        match self.is_read_only() || self.asks_for_permissions() {
            true => Effect::Idempotent,
            false if self.method.is_idempotent() => Effect::IdempotentChange,
            false => Effect::Once,
        }
    }

    /// The body with its media type.
    pub(super) fn encode(&self, encoding: Encoding) -> Option<(&'static str, Bytes)> {
        let (encoding, buffer) = match &self.body {
            Body::None => return None,
            Body::Raw(raw) => {
                let mut buffer = SecretBuffer::new();
                buffer.extend(raw.bytes.expose_secret());
                (raw.encoding, buffer)
            }
            Body::Parameters(parameters) => match encoding {
                Encoding::Json => (encoding, to_json(parameters, |secret| secret.expose_secret())),
                Encoding::Form => (encoding, to_form(parameters)),
            },
        };
        Some((encoding.media_type(), Bytes::from_owner(Wiped(buffer))))
    }

    /// Whether a text repeats a secret of the request.
    pub(super) fn is_repeated_in(&self, text: &str) -> bool {
        match &self.body {
            Body::Parameters(parameters) => parameters
                .iter()
                .any(|(_, value)| matches!(value, Parameter::Secret(secret) if repeats(text, secret))),
            // It is not known what it holds.
            Body::Raw(_) => true,
            Body::None => false,
        }
    }
}

/// Without its secrets.
impl From<&Call> for ShownRequest {
    fn from(call: &Call) -> Self {
        let body = match &call.body {
            Body::None => None,
            Body::Parameters(parameters) => {
                let json = to_json(parameters, |_| WITHHELD);
                serde_json::from_slice(json.expose_secret()).ok()
            }
            Body::Raw(body) => raw(&body.to_string()),
        };
        Self::new(&call.method, with_query(call.path.clone(), call.query()), body)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        ShownRequest::from(self).fmt(f)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({self})")
    }
}

fn some(ids: &[u64]) -> Result<Vec<u64>, CallError> {
    (!ids.is_empty()).then(|| ids.to_vec()).ok_or(CallError::NoIds)
}

fn texts<'a, const N: usize>(
    all: [(&'static str, Option<&'a str>); N],
) -> impl Iterator<Item = (&'static str, &'a str)> {
    all.into_iter().filter_map(|(name, text)| Some((name, text?)))
}

fn parameters<'a>(texts: impl Iterator<Item = (&'static str, &'a str)>) -> Vec<(String, Parameter)> {
    texts
        .map(|(name, text)| (name.to_owned(), Parameter::Text(text.to_owned())))
        .collect()
}

/// A request cannot be made as it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The list of ids is empty.
    #[error("at least one id is needed")]
    NoIds,
    /// No right is set or unset.
    #[error("at least one right is needed")]
    NoRights,
    /// Groups and users have `create` and `assign`, the other relations `read`, `update` and `delete`.
    #[error("this relation has other rights")]
    OtherRights,
    /// Nothing changes.
    #[error("there is nothing to change")]
    NoChange,
    /// The path is none below `/rest`.
    #[error("a path begins with /, and has no query, no spaces and no .. in it")]
    Path,
}

impl From<CallError> for ClientError {
    fn from(error: CallError) -> Self {
        Self::new(ErrorKind::Request).with_detail(error.to_string())
    }
}

#[cfg(test)]
mod tests;
