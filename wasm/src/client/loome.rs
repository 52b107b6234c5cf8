//! The Loome Assist API, as far as files need it.

use std::rc::Rc;

use js_sys::{Array, JsString};
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use zkvault_client::Listed;
use zkvault_client::loome::{Loome as Client, LoomeId, LoomeObject, LoomePaths, SasAccess, SasExpiry};

use super::account::account;
use super::aside::set_aside;
use super::host::Host;
use super::task::Task;
use crate::error::{Error, Result};
use crate::json;

/// A client of the Loome Assist API. Freeing it wipes its secret and token, when its last task has ended.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Loome {
    client: Rc<Client<Host>>,
    host: String,
}

/// An object as JavaScript sees it.
#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    name: Option<String>,
    members: &'a LoomeObject,
}

#[wasm_bindgen]
impl Loome {
    /// For the instance at `url`, with an API key and its secret in UTF-8. Nothing is asked yet.
    ///
    /// # Errors
    /// `url`, or `not-text`.
    #[wasm_bindgen(constructor)]
    pub fn new(url: &str, api_key: String, secret: Vec<u8>) -> std::result::Result<Self, Error> {
        let (url, session) = account(url, api_key, secret)?;
        let host = url.host().to_owned();
        let client = Rc::new(Client::new(Host, url, session, LoomePaths::default()));
        Ok(Self { client, host })
    }

    /// The host of the instance.
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

    /// The projects of a member, and the objects that were set aside: an array of the two as JSON.
    pub fn projects(&self, email: String) -> Task {
        let client = Rc::clone(&self.client);
        Task::new(async move { rows(&client.projects(&email).await?) })
    }

    /// The data repositories of a project, and the objects that were set aside: an array of the two as JSON.
    pub fn repositories(&self, project: String) -> Task {
        let client = Rc::clone(&self.client);
        Task::new(async move {
            let project: LoomeId = project.parse()?;
            rows(&client.repositories(&project).await?)
        })
    }

    /// The address of a repository's container with a token that holds at least until `expires`, in seconds since 1970:
    /// to the beginning of a day in UTC, since not every instance takes times.
    pub fn sas(&self, project: String, repository: String, expires: u64, read_only: bool) -> Task {
        let client = Rc::clone(&self.client);
        Task::new(async move {
            let (project, repository): (LoomeId, LoomeId) = (project.parse()?, repository.parse()?);
            let expiry = SasExpiry::days_after(expires.saturating_sub(1), 0);
            let access = match read_only {
                true => SasAccess::ReadOnly,
                false => SasAccess::Full,
            };
            let url = client
                .shared_access_signature(&project, &repository, expiry, access)
                .await?;
            Ok(JsString::from(url.to_secret().expose_secret()).into())
        })
    }
}

fn rows(listed: &Listed<LoomeObject>) -> Result<JsValue> {
    let rows: Vec<_> = listed
        .records
        .iter()
        .map(|members| Row {
            id: members.id().as_str(),
            name: members.name(),
            members,
        })
        .collect();
    Ok(Array::of2(&json::write(&rows)?.into(), &set_aside(&listed.odd)?.into()).into())
}
