//! The vendors' services, and what they were asked.

use std::net::SocketAddr;
use std::ops::Deref;
use std::time::SystemTime;

use assert_cmd::Command;
use serde_json::Value;
use zkvault_core::SecretText;
use zkvault_core::key::VaultKey;
use zkvault_simulator::{
    BlobStorage, Conditions, LogMeOnce, Loome, LoomeSettings, Organisation, Received, Sas, Settings, Storage, Tenant,
    seed,
};

use crate::desk::Desk;
use crate::host::Host;

/// The API key of the simulated services.
pub const API_KEY: &str = "simulator-key";
/// Its secret.
pub const API_SECRET: &str = "simulator-secret";

/// A text that the product treats as a secret.
pub fn secret(text: &str) -> SecretText {
    SecretText::from(text.to_owned())
}

/// The requests whose path begins so.
fn requests(conditions: &Conditions, path: &str) -> Vec<Received> {
    let all = conditions.requests().into_iter();
    all.filter(|request| request.path.starts_with(path)).collect()
}

/// A LogMeOnce service.
#[derive(Debug)]
pub struct Service {
    /// The service: to break it, to change what it has, and to look at what it was asked.
    pub simulator: LogMeOnce,
    host: Host,
}

/// What is asked of the service itself.
impl Deref for Service {
    type Target = LogMeOnce;

    fn deref(&self) -> &LogMeOnce {
        &self.simulator
    }
}

impl Service {
    /// With the simulator's organisation, whose values `vault.key` of the desk opens.
    pub fn demo(desk: &Desk) -> Self {
        let key = VaultKey::generate().unwrap();
        desk.write("vault.key", key.expose_secret());
        Self::sealed_with(&key)
    }

    /// With the simulator's organisation, its values under this key.
    pub fn sealed_with(key: &VaultKey) -> Self {
        Self::of(seed::demo(key).unwrap())
    }

    /// With this organisation.
    pub fn of(organisation: Organisation) -> Self {
        let simulator = LogMeOnce::new(Settings::default(), organisation);
        let host = Host::start(simulator.router());
        Self { simulator, host }
    }

    /// Its root.
    pub fn url(&self) -> String {
        self.host.url()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.host.address()
    }

    /// The settings by which the program finds it.
    pub fn environment(&self) -> [(&'static str, String); 3] {
        [
            ("ZKV_LOGMEONCE_URL", self.url()),
            ("ZKV_LOGMEONCE_KEY", API_KEY.to_owned()),
            ("ZKV_LOGMEONCE_SECRET", API_SECRET.to_owned()),
        ]
    }

    /// The program at a desk, with this service and the desk's `vault.key`, and no keyring.
    pub fn zkv(&self, desk: &Desk, args: &[&str]) -> Command {
        let mut zkv = desk.zkv(args);
        zkv.envs(self.environment()).env("ZKV_KEY_FILE", "vault.key");
        zkv
    }

    /// The requests whose path begins so.
    pub fn requests(&self, path: &str) -> Vec<Received> {
        requests(self.simulator.conditions(), path)
    }

    /// What it was asked last: method and path, and the parameters.
    pub fn asked(&self) -> (String, Value) {
        let entry = self.simulator.audit_log().pop().unwrap();
        (
            format!("{} {}", entry.method, entry.path),
            Value::Object(entry.parameters),
        )
    }

    /// Stops it, and waits until nobody listens at its port.
    pub fn stop(self) {
        self.host.stop();
    }
}

/// A tenant of Loome Assist with its storage account.
#[derive(Debug)]
pub struct LoomeService {
    /// The service.
    pub simulator: Loome,
    /// The storage of its data repositories.
    pub storage: BlobStorage,
    host: Host,
    storage_host: Host,
    identity_host: Option<Host>,
}

/// What is asked of the service itself.
impl Deref for LoomeService {
    type Target = Loome;

    fn deref(&self) -> &Loome {
        &self.simulator
    }
}

impl LoomeService {
    /// The simulator's tenant.
    pub fn demo() -> Self {
        Self::with(LoomeSettings::default())
    }

    /// The simulator's tenant, with other settings.
    pub fn with(settings: LoomeSettings) -> Self {
        let storage = BlobStorage::new(Storage::Memory).unwrap();
        let storage_host = Host::start(storage.router());
        let simulator = Loome::new(settings, Tenant::demo(), &storage, &storage_host.url());
        let host = Host::start(simulator.router());
        let has_identity_host = simulator.settings().has_identity_host;
        let identity_host = has_identity_host.then(|| Host::start(simulator.identity_router()));
        Self {
            simulator,
            storage,
            host,
            storage_host,
            identity_host,
        }
    }

    /// Its root.
    pub fn url(&self) -> String {
        self.host.url()
    }

    /// The root of the host that gives tokens: the service's own unless the settings say otherwise.
    pub fn identity_url(&self) -> String {
        self.identity_host.as_ref().unwrap_or(&self.host).url()
    }

    /// The root of the storage.
    pub fn storage_url(&self) -> String {
        self.storage_host.url()
    }

    /// The settings by which the program finds it.
    pub fn environment(&self) -> [(&'static str, String); 3] {
        [
            ("ZKV_LOOME_URL", self.url()),
            ("ZKV_LOOME_KEY", API_KEY.to_owned()),
            ("ZKV_LOOME_SECRET", API_SECRET.to_owned()),
        ]
    }

    /// The program at a desk, with this service and no keyring.
    pub fn zkv(&self, desk: &Desk, args: &[&str]) -> Command {
        let mut zkv = desk.zkv(args);
        zkv.envs(self.environment());
        zkv
    }

    /// The requests whose path begins so.
    pub fn requests(&self, path: &str) -> Vec<Received> {
        requests(self.simulator.conditions(), path)
    }

    /// The requests to the identity host.
    pub fn identity_requests(&self) -> Vec<Received> {
        requests(self.simulator.identity_conditions(), "/")
    }

    /// Method, path and query of the last request.
    pub fn asked(&self) -> String {
        let request = self.requests("/").pop().unwrap();
        match request.query {
            Some(query) => format!("{} {}?{query}", request.method, request.path),
            None => format!("{} {}", request.method, request.path),
        }
    }
}

/// A storage account with one container.
#[derive(Debug)]
pub struct StorageService {
    /// The storage.
    pub storage: BlobStorage,
    container: &'static str,
    host: Host,
}

impl StorageService {
    /// With an empty container, in memory.
    pub fn new(container: &'static str) -> Self {
        Self::with(Storage::Memory, container)
    }

    /// With an empty container.
    pub fn with(kind: Storage, container: &'static str) -> Self {
        let storage = BlobStorage::new(kind).unwrap();
        storage.create_container(container);
        let host = Host::start(storage.router());
        Self {
            storage,
            container,
            host,
        }
    }

    /// Its root.
    pub fn url(&self) -> String {
        self.host.url()
    }

    /// The container's address with a token of these permissions, which holds until then.
    pub fn sas_url(&self, permissions: &str, expiry: SystemTime) -> String {
        self.signed(&Sas::container(self.container, permissions, expiry))
    }

    /// The container's address with this token.
    pub fn signed(&self, sas: &Sas) -> String {
        let account = self.storage.account();
        format!(
            "{}/{}/{}?{}",
            self.url(),
            account.name(),
            self.container,
            account.sign(sas)
        )
    }
}
