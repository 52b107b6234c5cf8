//! How a service is set up.

use std::time::Duration;

/// What the vendor's administrator sets up, besides the organisation itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The API keys that may ask for tokens.
    pub api_keys: Vec<ApiKey>,
    /// Whether the REST API is enabled, which the vendor does on request only. If not, it answers 403.
    pub api_enabled: bool,
    /// How long access tokens live.
    pub token_ttl: Duration,
    /// Whether a refresh token can be used once only, and brings a new one.
    pub rotate_refresh_tokens: bool,
    /// The parameter that holds the encryption key of an activation, which the page does not name.
    pub activation_key_parameter: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api_keys: vec![ApiKey::default()],
            api_enabled: true,
            token_ttl: Duration::from_secs(3600),
            rotate_refresh_tokens: true,
            activation_key_parameter: "key".to_owned(),
        }
    }
}

/// An API key with its secret: `client_id` and `client_secret`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The key, which names the API user in the audit log.
    pub key: String,
    /// Its secret.
    pub secret: String,
}

/// Known to everybody: the simulator guards nothing.
impl Default for ApiKey {
    fn default() -> Self {
        Self {
            key: "simulator-key".to_owned(),
            secret: "simulator-secret".to_owned(),
        }
    }
}
