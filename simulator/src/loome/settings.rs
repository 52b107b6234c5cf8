//! How a service is set up.

use std::time::Duration;

use crate::logmeonce::ApiKey;

/// What an administrator of Loome Assist sets up, and what the vendor's API reference leaves open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoomeSettings {
    /// The API keys that may ask for tokens.
    pub api_keys: Vec<ApiKey>,
    /// How long access tokens live.
    pub token_ttl: Duration,
    /// The paths that the page does not give.
    pub paths: LoomePaths,
    /// Whether tokens come from a host of their own, which [`Loome::identity_router`](crate::Loome::identity_router) is:
    /// the API then gives none.
    pub has_identity_host: bool,
    /// The parameter that has to hold the API key when projects are asked for, which the page mentions without a
    /// name. Without one there is no such parameter.
    pub key_parameter: Option<String>,
    /// Whether `expirydatetime` may also be a date with a time, such as `2030-01-02T03:04:05Z`.
    pub takes_times: bool,
    /// The longest life of a link, whatever was asked for.
    pub max_sas_ttl: Option<Duration>,
    /// In which form a link to a data repository is answered.
    pub sas_form: SasForm,
}

impl Default for LoomeSettings {
    fn default() -> Self {
        Self {
            api_keys: vec![ApiKey::default()],
            token_ttl: Duration::from_secs(3600),
            paths: LoomePaths::default(),
            has_identity_host: false,
            key_parameter: None,
            takes_times: false,
            max_sas_ttl: None,
            sas_form: SasForm::Text,
        }
    }
}

/// The paths that the vendor's API reference does not give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoomePaths {
    /// `POST`, for tokens.
    pub token: String,
    /// `GET`, for the projects of a user.
    pub projects: String,
    /// `GET`, for whether a storage account can have a name.
    pub name_check: String,
    /// `POST`, for a new data repository; `{projectId}` stands for the project.
    pub create: String,
}

impl Default for LoomePaths {
    fn default() -> Self {
        Self {
            token: "/connect/token".to_owned(),
            projects: "/api/v1/Projects".to_owned(),
            name_check: "/api/v1/DataRepositories/CheckNameAvailability".to_owned(),
            create: "/api/v1/Projects/{projectId}/DataRepositories".to_owned(),
        }
    }
}

/// The forms in which "a link where you can access the SAS token" may be answered. The page shows none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SasForm {
    /// A text in JSON.
    Text,
    /// An object with the link under a name.
    Link,
    /// An object with the names of account and container, and the token.
    Parts,
}
