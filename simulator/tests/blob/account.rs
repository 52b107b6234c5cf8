//! A running account with a container, and a client.

use std::time::SystemTime;

use reqwest::{Client, Method, RequestBuilder};
use zkvault_simulator::{BlobStorage, Sas, Storage};
use zkvault_test_support::{ALL, Got, HOUR, StorageService, client, send};

pub(crate) const CONTAINER: &str = "things";

pub(crate) struct Running {
    pub(crate) service: StorageService,
    pub(crate) storage: BlobStorage,
    client: Client,
}

pub(crate) fn in_an_hour() -> SystemTime {
    SystemTime::now() + HOUR
}

impl Running {
    pub(crate) fn start() -> Self {
        Self::with(Storage::Memory)
    }

    pub(crate) fn with(kind: Storage) -> Self {
        let service = StorageService::with(kind, CONTAINER);
        Self {
            storage: service.storage.clone(),
            service,
            client: client(),
        }
    }

    /// The path of a blob, which is encoded already.
    pub(crate) fn path(&self, blob: &str) -> String {
        format!("/{}/{CONTAINER}/{blob}", self.storage.account().name())
    }

    /// A request with a token, and more parameters.
    pub(crate) fn request(&self, method: Method, path: &str, parameters: &str, token: &str) -> RequestBuilder {
        let url = format!("{}{path}?{parameters}&{token}", self.service.url());
        self.client.request(method, url)
    }

    /// A request for a blob, with all permissions.
    pub(crate) fn blob(&self, method: Method, blob: &str, parameters: &str) -> RequestBuilder {
        let token = self.storage.sas(CONTAINER, ALL, in_an_hour());
        self.request(method, &self.path(blob), parameters, &token)
    }

    pub(crate) fn put_request(&self, blob: &str, content: impl Into<reqwest::Body>) -> RequestBuilder {
        let request = self.blob(Method::PUT, blob, "");
        request.header("x-ms-blob-type", "BlockBlob").body(content)
    }

    pub(crate) async fn put(&self, blob: &str, content: &'static str) -> Got {
        send(self.put_request(blob, content)).await
    }

    pub(crate) async fn put_block(&self, blob: &str, id: &str, content: &'static str) -> Got {
        let parameters = format!("comp=block&blockid={id}");
        send(self.blob(Method::PUT, blob, &parameters).body(content)).await
    }

    pub(crate) fn commit_request(&self, blob: &str, ids: &[&str]) -> RequestBuilder {
        let blocks: String = ids.iter().map(|id| format!("<Latest>{id}</Latest>")).collect();
        let list = format!(r#"<?xml version="1.0" encoding="utf-8"?><BlockList>{blocks}</BlockList>"#);
        self.blob(Method::PUT, blob, "comp=blocklist").body(list)
    }

    pub(crate) async fn get(&self, blob: &str, parameters: &str) -> Got {
        send(self.blob(Method::GET, blob, parameters)).await
    }

    pub(crate) async fn list(&self, parameters: &str, sas: &Sas) -> Got {
        let path = self.path("");
        let token = self.storage.account().sign(sas);
        let parameters = format!("restype=container&comp=list&{parameters}");
        send(self.request(Method::GET, path.trim_end_matches('/'), &parameters, &token)).await
    }
}
