//! A running account with a container, and a client.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use zkvault_simulator::{BlobStorage, Sas, Server, Storage};

pub(crate) const CONTAINER: &str = "things";
pub(crate) const ALL: &str = "racwdl";

pub(crate) struct Running {
    pub(crate) storage: BlobStorage,
    pub(crate) server: Server,
    client: Client,
}

/// A response, read to its end.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// Checks an error: its status, and its code in header and body.
    pub(crate) fn refused(&self, status: u16, code: &str) {
        assert_eq!(
            (self.status, self.header("x-ms-error-code")),
            (status, code),
            "{self:?}"
        );
        assert!(self.text().contains(&format!("<Code>{code}</Code>")), "{self:?}");
    }

    pub(crate) fn done(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
    }
}

pub(crate) fn in_an_hour() -> SystemTime {
    SystemTime::now() + Duration::from_secs(3600)
}

impl Running {
    pub(crate) async fn start() -> Self {
        Self::with(Storage::Memory).await
    }

    pub(crate) async fn with(kind: Storage) -> Self {
        let storage = BlobStorage::new(kind).unwrap();
        storage.create_container(CONTAINER);
        let server = Server::start(0, storage.router()).await.unwrap();
        // reqwest wants one even where there is no TLS. A test before this one may have installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::new();
        Self {
            storage,
            server,
            client,
        }
    }

    /// The path of a blob, which is encoded already.
    pub(crate) fn path(&self, blob: &str) -> String {
        format!("/{}/{CONTAINER}/{blob}", self.storage.account().name())
    }

    /// A request with a token, and more parameters.
    pub(crate) fn request(&self, method: Method, path: &str, parameters: &str, token: &str) -> RequestBuilder {
        let url = format!("{}{path}?{parameters}&{token}", self.server.url());
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

pub(crate) async fn send(request: RequestBuilder) -> Got {
    let response = request.send().await.unwrap();
    Got {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: response.bytes().await.unwrap().to_vec(),
    }
}
