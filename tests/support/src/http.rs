//! Plain HTTP, for what no client of ours would send.

use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};
use serde_json::Value;

/// An HTTP client that follows no redirect.
pub fn client() -> Client {
    // reqwest wants a provider even where there is no TLS. Fails when another test was first, and then it is installed.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Client::builder().redirect(Policy::none()).build().unwrap()
}

/// A response, read to its end.
#[derive(Debug)]
pub struct Got {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

impl Got {
    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The ids in a list.
    pub fn ids(&self, list: &str) -> Vec<u64> {
        assert_eq!(self.status, 200, "{self:?}");
        let json = self.json();
        let items = json[list].as_array().unwrap().iter();
        items.map(|item| item["id"].as_u64().unwrap()).collect()
    }

    /// A header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Checks the status of a success.
    #[track_caller]
    pub fn done(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
    }

    /// Checks the status, and that the body is an error of LogMeOnce in JSON.
    #[track_caller]
    pub fn refused_by_logmeonce(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
        let error = self.json();
        assert!(
            error["error"].is_string() && error["error_description"].is_string(),
            "{self:?}"
        );
    }

    /// Checks the status, and that the body says it as RFC 9457 has it.
    #[track_caller]
    pub fn refused_by_loome(&self, status: u16) {
        assert_eq!(
            (self.status, self.header("content-type")),
            (status, "application/problem+json"),
            "{self:?}"
        );
        assert_eq!(self.json()["status"], status, "{self:?}");
        assert!(self.json()["detail"].is_string(), "{self:?}");
    }

    /// Checks an error of a storage: its status, and its code in header and body.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) {
        assert_eq!(
            (self.status, self.header("x-ms-error-code")),
            (status, code),
            "{self:?}"
        );
        assert!(self.text().contains(&format!("<Code>{code}</Code>")), "{self:?}");
    }
}

/// Sends a request, and reads the whole response.
pub async fn send(request: RequestBuilder) -> Got {
    let response = request.send().await.unwrap();
    Got {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: response.bytes().await.unwrap().to_vec(),
    }
}
