//! Requests as values: they can be shown before they are sent.

use std::fmt;

use http::Method;
use serde_json::{Map, Value};

use super::expiry::SasExpiry;
use super::id::LoomeId;
use super::paths::{LoomePathError, LoomePaths, checked};
use super::sas::SasAccess;
use crate::refusal::Wanted;
use crate::retry::Effect;
use crate::shown::{ShownRequest, raw};
use crate::url::with_query;

/// A request to the Loome Assist API.
///
/// Shown, it is `GET /api/v1/Projects?email=a%40b.example`: what is sent, except that the API key is withheld.
pub struct LoomeCall {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    /// The parameter that takes the API key.
    key_parameter: Option<String>,
    body: Option<Value>,
}

/// Everything of the vendor's API reference, in its order.
impl LoomeCall {
    /// `GET /api/v1/Projects?email=…`, or another path.
    #[must_use]
    pub fn projects(paths: &LoomePaths, email: &str) -> Self {
        Self {
            query: vec![("email".to_owned(), email.to_owned())],
            key_parameter: paths.key_parameter().map(str::to_owned),
            ..Self::get(paths.projects().to_owned())
        }
    }

    /// `GET /api/v1/DataRepositories/CheckNameAvailability?name=…`, or another path.
    #[must_use]
    pub fn check_name(paths: &LoomePaths, name: &str) -> Self {
        Self {
            query: vec![("name".to_owned(), name.to_owned())],
            ..Self::get(paths.name_check().to_owned())
        }
    }

    /// `POST /api/v1/Projects/ID/DataRepositories`, or another path, with the name and more members.
    #[must_use]
    pub fn create_repository(paths: &LoomePaths, project: &LoomeId, name: &str, more: Map<String, Value>) -> Self {
        let mut body = Map::from_iter([("name".to_owned(), Value::from(name))]);
        body.extend(more);
        Self {
            method: Method::POST,
            body: Some(Value::Object(body)),
            ..Self::get(paths.create(project))
        }
    }

    /// `GET /api/v1/Projects/ID/DataRepositories/ID/SharedAccessSignature?expirydatetime=…&isreadonly=…`.
    #[must_use]
    pub fn shared_access_signature(
        project: &LoomeId,
        repository: &LoomeId,
        expiry: SasExpiry,
        access: SasAccess,
    ) -> Self {
        Self {
            query: vec![
                ("expirydatetime".to_owned(), expiry.to_string()),
                ("isreadonly".to_owned(), (access == SasAccess::ReadOnly).to_string()),
            ],
            ..Self::of_repository(project, repository, "SharedAccessSignature")
        }
    }

    /// `GET /api/v1/Projects/ID/DataRepositories`.
    #[must_use]
    pub fn repositories(project: &LoomeId) -> Self {
        Self::get(format!("/api/v1/Projects/{}/DataRepositories", project.segment()))
    }

    /// `GET /api/v1/Projects/ID/DataRepositories/ID/NetworkConfiguration`.
    #[must_use]
    pub fn repository_network(project: &LoomeId, repository: &LoomeId) -> Self {
        Self::of_repository(project, repository, "NetworkConfiguration")
    }

    /// `GET /api/v1/Projects/ID/Workstations`.
    #[must_use]
    pub fn workstations(project: &LoomeId) -> Self {
        Self::get(format!("/api/v1/Projects/{}/Workstations", project.segment()))
    }

    /// `GET /api/v1/Projects/ID/Workstations/ID/NetworkConfiguration`.
    #[must_use]
    pub fn workstation_network(project: &LoomeId, workstation: &LoomeId) -> Self {
        let (project, workstation) = (project.segment(), workstation.segment());
        Self::get(format!(
            "/api/v1/Projects/{project}/Workstations/{workstation}/NetworkConfiguration"
        ))
    }

    /// Any request, such as `GET /api/v1/Projects/12/DataRepositories`, with parameters and a JSON body.
    ///
    /// # Errors
    /// [`LoomePathError::Path`] when the path holds a query, spaces or dots as a segment.
    pub fn raw(
        method: Method,
        path: &str,
        query: Vec<(String, String)>,
        body: Option<Value>,
    ) -> Result<Self, LoomePathError> {
        let path = checked(path)?;
        Ok(Self {
            method,
            query,
            body,
            ..Self::get(path)
        })
    }

    fn of_repository(project: &LoomeId, repository: &LoomeId, what: &str) -> Self {
        let (project, repository) = (project.segment(), repository.segment());
        Self::get(format!(
            "/api/v1/Projects/{project}/DataRepositories/{repository}/{what}"
        ))
    }

    fn get(path: String) -> Self {
        Self {
            method: Method::GET,
            path,
            query: Vec::new(),
            key_parameter: None,
            body: None,
        }
    }
}

impl LoomeCall {
    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn query(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(super) fn key_parameter(&self) -> Option<&str> {
        self.key_parameter.as_deref()
    }

    pub(super) fn body(&self) -> Option<&Value> {
        self.body.as_ref()
    }

    /// The same list again, with these parameters in place of those of the same name.
    pub(super) fn part(&self, parameters: &[(String, String)]) -> Self {
        let replaced = |name: &str| parameters.iter().any(|(known, _)| known == name);
        let kept = self.query.iter().filter(|(name, _)| !replaced(name)).cloned();
        Self {
            query: kept.chain(parameters.iter().cloned()).collect(),
            key_parameter: self.key_parameter.clone(),
            ..Self::get(self.path.clone())
        }
    }

    pub(super) fn wanted(&self) -> Wanted {
        match self.method.is_safe() {
            true => Wanted::Value,
            false => Wanted::Change,
        }
    }

    pub(super) fn effect(&self) -> Effect {
        match self.method.is_idempotent() {
            true => Effect::Idempotent,
            false => Effect::Once,
        }
    }
}

/// Without its secrets.
impl From<&LoomeCall> for ShownRequest {
    fn from(call: &LoomeCall) -> Self {
        let key = call.key_parameter.as_deref().map(|name| (name, "withheld"));
        let path = with_query(call.path.clone(), call.query().chain(key));
        Self::new(&call.method, path, call.body.as_ref().and_then(raw))
    }
}

impl fmt::Display for LoomeCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        ShownRequest::from(self).fmt(f)
    }
}

impl fmt::Debug for LoomeCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LoomeCall({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_calls_stay_on_the_host() {
        let raw = |path| {
            LoomeCall::raw(
                Method::PUT,
                path,
                vec![("a b".to_owned(), "&".to_owned())],
                Some(Value::Null),
            )
        };
        assert_eq!(raw("api/v1/x").unwrap().to_string(), "PUT /api/v1/x?a+b=%26 null");
        for path in ["", "/a?b", "/a/../b", "//evil.example/x y"] {
            assert!(raw(path).is_err(), "{path}");
        }
    }

    #[test]
    fn calls_are_shown_as_they_are_sent() {
        let paths = LoomePaths::default();
        let (project, other): (LoomeId, LoomeId) = ("12".parse().unwrap(), "a?b".parse().unwrap());
        let more = Map::from_iter([("description".to_owned(), Value::from("d"))]);
        let shown = [
            LoomeCall::projects(&paths, "a+b@c.example"),
            LoomeCall::projects(&paths.clone().with_key_parameter("api Key").unwrap(), "a"),
            LoomeCall::check_name(&paths, "a&b"),
            LoomeCall::create_repository(&paths, &project, "new", more),
            LoomeCall::shared_access_signature(&project, &other, "2030/01/02".parse().unwrap(), SasAccess::ReadOnly),
            LoomeCall::repositories(&project),
            LoomeCall::repository_network(&project, &other),
            LoomeCall::workstations(&project),
            LoomeCall::workstation_network(&project, &other),
        ]
        .map(|call| call.to_string());
        let expected = [
            "GET /api/v1/Projects?email=a%2Bb%40c.example",
            "GET /api/v1/Projects?email=a&api+Key=withheld",
            "GET /api/v1/DataRepositories/CheckNameAvailability?name=a%26b",
            r#"POST /api/v1/Projects/12/DataRepositories {"name":"new","description":"d"}"#,
            "GET /api/v1/Projects/12/DataRepositories/a%3Fb/SharedAccessSignature\
             ?expirydatetime=2030%2F01%2F02&isreadonly=true",
            "GET /api/v1/Projects/12/DataRepositories",
            "GET /api/v1/Projects/12/DataRepositories/a%3Fb/NetworkConfiguration",
            "GET /api/v1/Projects/12/Workstations",
            "GET /api/v1/Projects/12/Workstations/a%3Fb/NetworkConfiguration",
        ];
        assert_eq!(shown, expected);
    }
}
