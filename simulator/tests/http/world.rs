//! A running service, a token for it, and a client.

use std::sync::Arc;

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use zkvault_core::key::{KeySet, VaultKey};
use zkvault_simulator::Organisation;
use zkvault_test_support::{API_KEY, API_SECRET, Got, Service, client, send};

pub(crate) const KEY: [u8; 32] = [7; 32];

pub(crate) struct World {
    pub(crate) service: Service,
    pub(crate) client: Client,
    pub(crate) token: String,
}

pub(crate) fn key() -> VaultKey {
    VaultKey::from_slice(&KEY).unwrap()
}

pub(crate) fn keys() -> KeySet {
    let mut keys = KeySet::new();
    keys.add(Arc::new(key()), None);
    keys
}

impl World {
    pub(crate) async fn demo() -> Self {
        Self::with(Service::sealed_with(&key())).await
    }

    pub(crate) async fn of(organisation: Organisation) -> Self {
        Self::with(Service::of(organisation)).await
    }

    async fn with(service: Service) -> Self {
        let mut world = Self {
            service,
            client: client(),
            token: String::new(),
        };
        world.log_in().await;
        world
    }

    pub(crate) async fn log_in(&mut self) {
        let got = self.ask_token(&[("grant_type", "client_credentials")]).await;
        self.token = got.json()["access_token"].as_str().unwrap_or_default().to_owned();
    }

    /// Asks for a token with the client's credentials and these parameters.
    pub(crate) async fn ask_token(&self, parameters: &[(&str, &str)]) -> Got {
        let mut form = vec![("client_id", API_KEY), ("client_secret", API_SECRET)];
        form.extend(parameters);
        send(self.client.post(self.url("/oauth2/token")).form(&form)).await
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.service.url())
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path)).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Got {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn get_xml(&self, path: &str) -> Got {
        send(self.request(Method::GET, path).header(ACCEPT, "application/xml")).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Got {
        send(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn post_form(&self, path: &str, form: &str) -> Got {
        let request = self.request(Method::POST, path);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        send(request.body(form.to_owned())).await
    }

    pub(crate) async fn post_nothing(&self, path: &str) -> Got {
        send(self.request(Method::POST, path)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Got {
        send(self.request(Method::PUT, path).json(&body)).await
    }

    /// Posts and expects the answer that says no more than that it was done.
    pub(crate) async fn does(&self, path: &str, body: Value) {
        let got = self.post(path, body).await;
        assert_eq!((got.status, got.json()), (200, json!({"success": true})), "{path}");
    }
}
