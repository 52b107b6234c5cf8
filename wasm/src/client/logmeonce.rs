//! The LogMeOnce API.

use std::rc::Rc;

use js_sys::{Array, JsString};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use zkvault_client::logmeonce::LogMeOnce as Client;
use zkvault_core::SecretBuffer;

use super::account::account;
use super::aside::set_aside;
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

/// A list of the service.
enum List {
    /// All sites, or those that a phrase is found in.
    Sites(Option<String>),
    Users,
    Groups,
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

    /// The name of the account.
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

    /// All sites, or those that a phrase is found in: an array of their text, and the records that were set aside as JSON.
    pub fn sites(&self, search: Option<String>) -> Task {
        self.list(List::Sites(search))
    }

    /// One site.
    pub fn site(&self, id: u64) -> Task {
        let client = Rc::clone(&self.client);
        Task::new(async move { Ok(text(&client.site_json(id).await?)?.into()) })
    }

    /// All users, as all sites.
    pub fn users(&self) -> Task {
        self.list(List::Users)
    }

    /// All groups, as all sites.
    pub fn groups(&self) -> Task {
        self.list(List::Groups)
    }
}

impl LogMeOnce {
    /// One task for all: each of its own would be as much code again.
    fn list(&self, list: List) -> Task {
        let client = Rc::clone(&self.client);
        Task::new(async move {
            let list = match list {
                List::Sites(search) => client.sites_json(search.as_deref()).await?,
                List::Users => client.users_json().await?,
                List::Groups => client.groups_json().await?,
            };
            Ok(Array::of2(&text(&list.text)?.into(), &set_aside(&list.odd)?.into()).into())
        })
    }
}

/// An answer as JavaScript's text, made straight from the wiped buffer.
fn text(answer: &SecretBuffer) -> Result<JsString> {
    let text = str::from_utf8(answer.expose_secret()).map_err(|_| Error::new("malformed-answer", "it is not UTF-8"))?;
    Ok(JsString::from(text))
}
