//! A running storage with a container, and clients for it.

use std::time::SystemTime;

use zkvault_client::NativeTransport;
use zkvault_client::blob::{BlobContainer, Condition, SasUrl, WriteOptions};
use zkvault_simulator::BlobStorage;
use zkvault_test_support::{HOUR, StorageService, secret};

pub(crate) const CONTAINER: &str = "things";

pub(crate) struct Running {
    service: StorageService,
    pub(crate) storage: BlobStorage,
}

impl Running {
    pub(crate) fn start() -> Self {
        let service = StorageService::new(CONTAINER);
        let storage = service.storage.clone();
        Self { service, storage }
    }

    pub(crate) fn address(&self, permissions: &str) -> String {
        self.service.sas_url(permissions, SystemTime::now() + HOUR)
    }

    pub(crate) fn container(&self, permissions: &str) -> BlobContainer<NativeTransport> {
        container(&self.address(permissions))
    }
}

pub(crate) fn container(address: &str) -> BlobContainer<NativeTransport> {
    let url = SasUrl::parse(&secret(address)).unwrap();
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
