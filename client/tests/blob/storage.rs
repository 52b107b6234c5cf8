//! A running storage with a container, and clients for it.

use std::time::{Duration, SystemTime};

use zkvault_client::NativeTransport;
use zkvault_client::blob::{BlobContainer, Condition, SasUrl, WriteOptions};
use zkvault_core::SecretText;
use zkvault_simulator::{BlobStorage, Server, Storage};

pub(crate) const CONTAINER: &str = "things";

pub(crate) struct Running {
    pub(crate) storage: BlobStorage,
    pub(crate) server: Server,
}

impl Running {
    pub(crate) async fn start() -> Self {
        let storage = BlobStorage::new(Storage::Memory).unwrap();
        storage.create_container(CONTAINER);
        let server = Server::start(0, storage.router()).await.unwrap();
        Self { storage, server }
    }

    pub(crate) fn address(&self, permissions: &str) -> String {
        let expiry = SystemTime::now() + Duration::from_secs(3600);
        self.storage.sas_url(&self.server, CONTAINER, permissions, expiry)
    }

    pub(crate) fn container(&self, permissions: &str) -> BlobContainer<NativeTransport> {
        container(&self.address(permissions))
    }
}

pub(crate) fn container(address: &str) -> BlobContainer<NativeTransport> {
    let url = SasUrl::parse(&SecretText::from(address.to_owned())).unwrap();
    BlobContainer::new(NativeTransport::new(), url)
}

/// How a blob is written; the mark tells uploads apart.
pub(crate) fn options(condition: Condition, mark: &str) -> WriteOptions {
    WriteOptions {
        condition,
        metadata: vec![("mark".to_owned(), mark.to_owned())],
        content_type: "text/plain".to_owned(),
    }
}
