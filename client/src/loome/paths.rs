//! The paths that the vendor's API reference does not give.

use super::id::LoomeId;
use crate::url::is_path;

/// What stands for the project's id in the path of a new data repository.
const PROJECT: &str = "{projectId}";

/// Where the page gives no path: as an instance has it, or our best guess.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoomePaths {
    token: String,
    projects: String,
    name_check: String,
    create: String,
    key_parameter: Option<String>,
}

impl Default for LoomePaths {
    fn default() -> Self {
        Self {
            token: "/connect/token".to_owned(),
            projects: "/api/v1/Projects".to_owned(),
            name_check: "/api/v1/DataRepositories/CheckNameAvailability".to_owned(),
            create: "/api/v1/Projects/{projectId}/DataRepositories".to_owned(),
            key_parameter: None,
        }
    }
}

impl LoomePaths {
    /// Where tokens are requested by `POST`: `/connect/token` unless told.
    ///
    /// # Errors
    /// [`LoomePathError`], as of the other paths.
    pub fn with_token(self, path: &str) -> Result<Self, LoomePathError> {
        let token = checked(path)?;
        Ok(Self { token, ..self })
    }

    /// Where the projects of a user are requested by `GET` with `email`: `/api/v1/Projects` unless told.
    ///
    /// # Errors
    /// [`LoomePathError`].
    pub fn with_projects(self, path: &str) -> Result<Self, LoomePathError> {
        let projects = checked(path)?;
        Ok(Self { projects, ..self })
    }

    /// Where a name is checked by `GET` with `name`: `/api/v1/DataRepositories/CheckNameAvailability` unless told.
    ///
    /// # Errors
    /// [`LoomePathError`].
    pub fn with_name_check(self, path: &str) -> Result<Self, LoomePathError> {
        let name_check = checked(path)?;
        Ok(Self { name_check, ..self })
    }

    /// Where a data repository is created by `POST`; `{projectId}` stands for the project's id:
    /// `/api/v1/Projects/{projectId}/DataRepositories` unless told.
    ///
    /// # Errors
    /// [`LoomePathError`], also when there is no `{projectId}`.
    pub fn with_create(self, path: &str) -> Result<Self, LoomePathError> {
        let create = checked(path)?;
        match create.contains(PROJECT) {
            true => Ok(Self { create, ..self }),
            false => Err(LoomePathError::NoProject),
        }
    }

    /// Sends the API key as a parameter of this name when projects are asked for. The page says so without a name.
    /// It is not sent unless told, because addresses end up in logs.
    ///
    /// # Errors
    /// [`LoomePathError::Parameter`] when it is empty.
    pub fn with_key_parameter(self, name: &str) -> Result<Self, LoomePathError> {
        match name.is_empty() {
            true => Err(LoomePathError::Parameter),
            false => Ok(Self {
                key_parameter: Some(name.to_owned()),
                ..self
            }),
        }
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    pub(super) fn projects(&self) -> &str {
        &self.projects
    }

    pub(super) fn name_check(&self) -> &str {
        &self.name_check
    }

    pub(super) fn create(&self, project: &LoomeId) -> String {
        self.create.replace(PROJECT, &project.segment())
    }

    pub(super) fn key_parameter(&self) -> Option<&str> {
        self.key_parameter.as_deref()
    }
}

/// A path, with the slash at its beginning.
pub(super) fn checked(path: &str) -> Result<String, LoomePathError> {
    if path.contains("://") {
        return Err(LoomePathError::Address);
    }
    let path = format!("/{}", path.strip_prefix('/').unwrap_or(path));
    let valid = path.len() > 1 && is_path(&path);
    valid.then_some(path).ok_or(LoomePathError::Path)
}

/// A path cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoomePathError {
    /// It is empty, or holds a query, spaces or dots as a segment.
    #[error("a path is such as /connect/token: without host, query, spaces and ..")]
    Path,
    /// It is an address, with a host of its own.
    #[error("it is an address with a host, where a path such as /connect/token belongs")]
    Address,
    /// It does not say where the project's id goes.
    #[error("the path of a new data repository holds {{projectId}}")]
    NoProject,
    /// The name of a parameter is empty.
    #[error("the name of a parameter is missing")]
    Parameter,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_begin_with_a_slash_and_stay_on_the_host() {
        let token = |path: &str| LoomePaths::default().with_token(path).map(|paths| paths.token);
        assert_eq!(
            token("identity/connect/token").as_deref(),
            Ok("/identity/connect/token")
        );
        assert_eq!(token("/oauth/token").as_deref(), Ok("/oauth/token"));
        let address = token("https://identity.example/connect/token");
        assert_eq!(address, Err(LoomePathError::Address));
        for path in ["", "/", "/a?b", "/a/../b", "/a b", "/a#b", "/\\a"] {
            assert_eq!(token(path), Err(LoomePathError::Path), "{path}");
        }
    }

    #[test]
    fn the_project_has_a_place() {
        let paths = LoomePaths::default().with_create("/v2/{projectId}/new").unwrap();
        assert_eq!(paths.create(&"a%b".parse().unwrap()), "/v2/a%25b/new");
        assert_eq!(
            LoomePaths::default().with_create("/v2/new"),
            Err(LoomePathError::NoProject)
        );
        assert_eq!(
            LoomePaths::default().with_key_parameter(""),
            Err(LoomePathError::Parameter)
        );
    }
}
