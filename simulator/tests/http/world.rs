//! A running service, a token for it, and a client.

use std::sync::Arc;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use zkvault_core::key::{KeySet, VaultKey};
use zkvault_simulator::{LogMeOnce, Organisation, Server, Settings, seed};

pub(crate) const KEY: [u8; 32] = [7; 32];

pub(crate) struct World {
    pub(crate) service: LogMeOnce,
    pub(crate) server: Server,
    pub(crate) client: Client,
    pub(crate) token: String,
}

/// A response, read to its end.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The ids in a list.
    pub(crate) fn ids(&self, list: &str) -> Vec<u64> {
        assert_eq!(self.status, 200, "{self:?}");
        self.json()[list]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["id"].as_u64().unwrap())
            .collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Checks the status, and that the body is an error in JSON.
    pub(crate) fn refused(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
        let error = self.json();
        assert!(
            error["error"].is_string() && error["error_description"].is_string(),
            "{self:?}"
        );
    }
}

pub(crate) fn key() -> VaultKey {
    VaultKey::from_slice(&KEY).unwrap()
}

pub(crate) fn keys() -> KeySet {
    let mut keys = KeySet::new();
    keys.add(Arc::new(key()), None);
    keys
}

/// An HTTP client that follows no redirect.
pub(crate) fn client() -> Client {
    // Fails when another test was first, and then it is installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().redirect(Policy::none()).build().unwrap()
}

impl World {
    pub(crate) async fn demo() -> Self {
        Self::of(seed::demo(&key()).unwrap()).await
    }

    pub(crate) async fn of(organisation: Organisation) -> Self {
        let service = LogMeOnce::new(Settings::default(), organisation);
        let server = Server::start(0, service.router()).await.unwrap();
        let client = client();
        let mut world = Self {
            service,
            server,
            client,
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
        let mut form = vec![("client_id", "simulator-key"), ("client_secret", "simulator-secret")];
        form.extend(parameters);
        send(self.client.post(self.url("/oauth2/token")).form(&form)).await
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.url())
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

pub(crate) async fn send(request: RequestBuilder) -> Got {
    let response = request.send().await.unwrap();
    Got {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        text: response.text().await.unwrap(),
    }
}
