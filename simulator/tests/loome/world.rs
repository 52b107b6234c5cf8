//! A running tenant, its storage account, and a client with a token.

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use zkvault_simulator::{BlobStorage, Loome, LoomeSettings, Server, Storage, Tenant};

pub(crate) struct World {
    pub(crate) service: Loome,
    pub(crate) server: Server,
    pub(crate) storage: BlobStorage,
    pub(crate) client: Client,
    pub(crate) token: String,
    /// Serves the storage for as long as the world is there.
    _storage_server: Server,
}

/// A response, read to its end.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) media: String,
    pub(crate) text: String,
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Checks the status, and that the body says it as RFC 9457 has it.
    pub(crate) fn refused(&self, status: u16) {
        assert_eq!(
            (self.status, self.media.as_str()),
            (status, "application/problem+json"),
            "{self:?}"
        );
        assert_eq!(self.json()["status"], status, "{self:?}");
        assert!(self.json()["detail"].is_string(), "{self:?}");
    }
}

impl World {
    pub(crate) async fn demo() -> Self {
        Self::with(LoomeSettings::default()).await
    }

    pub(crate) async fn with(settings: LoomeSettings) -> Self {
        // reqwest wants one even where there is no TLS. A test before this one may have installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let storage = BlobStorage::new(Storage::Memory).unwrap();
        let storage_server = Server::start(0, storage.router()).await.unwrap();
        let service = Loome::new(settings, Tenant::demo(), &storage, &storage_server.url());
        let server = Server::start(0, service.router()).await.unwrap();
        let mut world = Self {
            service,
            server,
            storage,
            client: Client::new(),
            token: String::new(),
            _storage_server: storage_server,
        };
        let got = world.ask_token(&[("scope", "webApi")]).await;
        world.token = got.json()["access_token"].as_str().unwrap_or_default().to_owned();
        world
    }

    /// Asks for a token with the client's credentials and these parameters.
    pub(crate) async fn ask_token(&self, parameters: &[(&str, &str)]) -> Got {
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", "simulator-key"),
            ("client_secret", "simulator-secret"),
        ];
        form.retain(|(name, _)| !parameters.iter().any(|(known, _)| known == name));
        form.extend(parameters);
        let path = self.service.settings().paths.token;
        send(self.client.post(format!("{}{path}", self.server.url())).form(&form)).await
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.server.url());
        self.client.request(method, url).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Got {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Got {
        send(self.request(Method::POST, path).json(&body)).await
    }
}

pub(crate) async fn send(request: RequestBuilder) -> Got {
    let response = request.send().await.unwrap();
    let media = response.headers().get("content-type");
    Got {
        status: response.status().as_u16(),
        media: media.map_or("", |value| value.to_str().unwrap()).to_owned(),
        text: response.text().await.unwrap(),
    }
}
