//! The LogMeOnce API.

use std::rc::Rc;

use js_sys::JsString;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use zkvault_client::ClientError;
use zkvault_client::logmeonce::LogMeOnce as Client;
use zkvault_core::SecretBuffer;

use super::account::account;
use super::host::Host;
use super::task::Task;
use crate::error::{Error, Result};

/// A client of the LogMeOnce API. Freeing it wipes its secret and token, when its last task has ended.
#[wasm_bindgen]
#[derive(Debug)]
pub struct LogMeOnce {
    client: Rc<Client<Host>>,
    host: String,
}

#[wasm_bindgen]
impl LogMeOnce {
    /// For the account at `url`, with an API key and its secret in UTF-8. Nothing is asked yet.
    ///
    /// # Errors
    /// `url`, or `not-text`.
    #[wasm_bindgen(constructor)]
    pub fn new(url: &str, api_key: String, secret: Vec<u8>) -> std::result::Result<Self, Error> {
        let (url, session) = account(url, api_key, secret)?;
        let host = url.account();
        let client = Rc::new(Client::new(Host, url, session));
        Ok(Self { client, host })
    }

    /// The host of the account.
    #[wasm_bindgen(getter)]
    pub fn host(&self) -> String {
        self.host.clone()
    }

    /// Gets a token, which shows whether key and secret are right.
    #[wasm_bindgen(js_name = logIn)]
    pub fn log_in(&self) -> Task {
        let client = Rc::clone(&self.client);
        Task::new(async move {
            client.log_in().await?;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// All sites, or those that a phrase is found in.
    pub fn sites(&self, search: Option<String>) -> Task {
        self.ask(async move |client| client.sites_json(search.as_deref()).await)
    }

    /// One site.
    pub fn site(&self, id: u64) -> Task {
        self.ask(async move |client| client.site_json(id).await)
    }

    /// All users.
    pub fn users(&self) -> Task {
        self.ask(async |client| client.users_json().await)
    }

    /// All groups.
    pub fn groups(&self) -> Task {
        self.ask(async |client| client.groups_json().await)
    }
}

impl LogMeOnce {
    fn ask(
        &self,
        ask: impl AsyncFnOnce(&Client<Host>) -> std::result::Result<SecretBuffer, ClientError> + 'static,
    ) -> Task {
        let client = Rc::clone(&self.client);
        Task::new(async move { text(&ask(&client).await?) })
    }
}

/// An answer as JavaScript's text, made straight from the wiped buffer.
fn text(answer: &SecretBuffer) -> Result<JsValue> {
    let text = str::from_utf8(answer.expose_secret()).map_err(|_| Error::new("malformed-answer", "it is not UTF-8"))?;
    Ok(JsString::from(text).into())
}
