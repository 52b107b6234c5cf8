//! A running tenant, its storage account, and a client with a token.

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use zkvault_simulator::LoomeSettings;
use zkvault_test_support::{API_KEY, API_SECRET, Got, LoomeService, client, send};

pub(crate) struct World {
    pub(crate) service: LoomeService,
    pub(crate) client: Client,
    pub(crate) token: String,
}

impl World {
    pub(crate) async fn demo() -> Self {
        Self::with(LoomeSettings::default()).await
    }

    pub(crate) async fn with(settings: LoomeSettings) -> Self {
        let mut world = Self {
            service: LoomeService::with(settings),
            client: client(),
            token: String::new(),
        };
        let got = world.ask_token(&[("scope", "webApi")]).await;
        world.token = got.json()["access_token"].as_str().unwrap_or_default().to_owned();
        world
    }

    /// Asks for a token with the client's credentials and these parameters.
    pub(crate) async fn ask_token(&self, parameters: &[(&str, &str)]) -> Got {
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", API_KEY),
            ("client_secret", API_SECRET),
        ];
        form.retain(|(name, _)| !parameters.iter().any(|(known, _)| known == name));
        form.extend(parameters);
        let path = self.service.settings().paths.token;
        send(self.client.post(format!("{}{path}", self.service.url())).form(&form)).await
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.service.url());
        self.client.request(method, url).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Got {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Got {
        send(self.request(Method::POST, path).json(&body)).await
    }
}
