//! The Loome Assist service: its state, and what tests do with it from outside.

mod gate;
mod names;
mod routes;
mod settings;
mod tenant;
mod token;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use axum::Router;
use axum::middleware::from_fn_with_state;

pub use settings::{LoomePaths, LoomeSettings, SasForm};
pub use tenant::{DataRepository, Network, Project, Tenant, Workstation};

use crate::blob::BlobStorage;
use crate::conditions::{Conditions, lock};
use crate::exchange::exchange;
use crate::tokens::Tokens;

/// What a read-only link allows, and what any other.
const READ_ONLY: &str = "rl";
const FULL: &str = "racwdl";

/// The simulated Loome Assist service. A clone is another handle to the same one.
#[derive(Clone)]
pub struct Loome(Arc<Inner>);

struct Inner {
    settings: Mutex<LoomeSettings>,
    tenant: Mutex<Tenant>,
    tokens: Mutex<Tokens<String>>,
    storage: BlobStorage,
    /// The address of the storage account.
    account_url: String,
    conditions: Arc<Conditions>,
    /// Those of the identity host.
    identity: Arc<Conditions>,
}

impl Loome {
    /// A service whose data repositories are containers of `storage`, which listens at `storage_url`, the root of
    /// its server. The containers are created. The service is not listening: [`Server::start`](crate::Server::start) makes its [`router`](Self::router) do so.
    #[must_use]
    pub fn new(settings: LoomeSettings, tenant: Tenant, storage: &BlobStorage, storage_url: &str) -> Self {
        for repository in tenant.projects.iter().flat_map(|project| &project.repositories) {
            storage.create_container(&repository.name);
        }
        Self(Arc::new(Inner {
            settings: Mutex::new(settings),
            tenant: Mutex::new(tenant),
            tokens: Mutex::default(),
            storage: storage.clone(),
            account_url: format!("{}/{}", storage_url, storage.account().name()),
            conditions: Arc::default(),
            identity: Arc::default(),
        }))
    }

    /// All paths, as the settings have them now.
    pub fn router(&self) -> Router {
        let conditions = Arc::clone(&self.0.conditions);
        routes::router(self).layer(from_fn_with_state(conditions, exchange))
    }

    /// The identity host: it gives tokens for the API, and nothing else.
    pub fn identity_router(&self) -> Router {
        let conditions = Arc::clone(&self.0.identity);
        routes::identity_router(self).layer(from_fn_with_state(conditions, exchange))
    }

    /// As [`conditions`](Self::conditions), of the identity host.
    #[must_use]
    pub fn identity_conditions(&self) -> &Conditions {
        &self.0.identity
    }

    /// Latency, faults, limits, the clock, and the requests that came.
    #[must_use]
    pub fn conditions(&self) -> &Conditions {
        &self.0.conditions
    }

    /// The settings as they are.
    #[must_use]
    pub fn settings(&self) -> LoomeSettings {
        lock(&self.0.settings).clone()
    }

    /// Changes the settings, except for the paths, which a router has for good.
    pub fn change_settings(&self, change: impl FnOnce(&mut LoomeSettings)) {
        change(&mut lock(&self.0.settings));
    }

    /// The state as it is.
    #[must_use]
    pub fn tenant(&self) -> Tenant {
        lock(&self.0.tenant).clone()
    }

    /// Changes the state, as the vendor's web application would.
    pub fn change<T>(&self, change: impl FnOnce(&mut Tenant) -> T) -> T {
        change(&mut lock(&self.0.tenant))
    }

    /// Forgets every token, as if all had been revoked.
    pub fn revoke_tokens(&self) {
        *lock(&self.0.tokens) = Tokens::default();
    }

    /// A link to the container of a data repository.
    fn sas_link(&self, container: &str, read_only: bool, expiry: SystemTime) -> SasLink {
        let permissions = if read_only { READ_ONLY } else { FULL };
        SasLink {
            account_url: self.0.account_url.clone(),
            account: self.0.storage.account().name().to_owned(),
            container: container.to_owned(),
            token: self.0.storage.sas(container, permissions, expiry),
        }
    }

    fn tokens<T>(&self, work: impl FnOnce(&mut Tokens<String>) -> T) -> T {
        work(&mut lock(&self.0.tokens))
    }

    fn storage(&self) -> &BlobStorage {
        &self.0.storage
    }

    fn millis(&self) -> u64 {
        self.0.conditions.clock().millis()
    }
}

impl fmt::Debug for Loome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loome").finish_non_exhaustive()
    }
}

/// The parts of a link to a container.
struct SasLink {
    account_url: String,
    account: String,
    container: String,
    token: String,
}
