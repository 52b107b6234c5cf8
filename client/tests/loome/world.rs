//! A running tenant, and a client for it.

use zkvault_client::loome::{Loome, LoomeId, LoomePaths};
use zkvault_client::oauth::{Credentials, Session, Token};
use zkvault_client::{ServiceUrl, Timeouts};
use zkvault_core::SecretText;
use zkvault_simulator::{BlobStorage, Loome as Service, LoomeSettings, Received, Server, Storage, Tenant};

use crate::hasty::Hasty;

pub(crate) type Client = Loome<Hasty>;

pub(crate) struct World {
    pub(crate) service: Service,
    pub(crate) storage: BlobStorage,
    pub(crate) transport: Hasty,
    server: Server,
    /// Serves the storage for as long as the world is there.
    _storage_server: Server,
}

impl World {
    pub(crate) async fn demo() -> Self {
        Self::with(LoomeSettings::default()).await
    }

    pub(crate) async fn with(settings: LoomeSettings) -> Self {
        let storage = BlobStorage::new(Storage::Memory).unwrap();
        let storage_server = Server::start(0, storage.router()).await.unwrap();
        let service = Service::new(settings, Tenant::demo(), &storage, &storage_server.url());
        let server = Server::start(0, service.router()).await.unwrap();
        Self {
            service,
            storage,
            transport: Hasty::new(Timeouts::default()),
            server,
            _storage_server: storage_server,
        }
    }

    pub(crate) fn client(&self) -> Client {
        self.client_with(LoomePaths::default(), None)
    }

    pub(crate) fn client_with(&self, paths: LoomePaths, token: Option<Token>) -> Client {
        let credentials = Credentials::new("simulator-key", secret("simulator-secret"));
        let url = ServiceUrl::parse(&self.server.url()).unwrap();
        Loome::new(self.transport.clone(), url, Session::new(credentials, token), paths)
    }

    /// The requests whose path begins so.
    pub(crate) fn requests(&self, path: &str) -> Vec<Received> {
        let all = self.service.conditions().requests().into_iter();
        all.filter(|request| request.path.starts_with(path)).collect()
    }
}

pub(crate) fn secret(text: &str) -> SecretText {
    SecretText::from(text.to_owned())
}

pub(crate) fn id(text: &str) -> LoomeId {
    text.parse().unwrap()
}
