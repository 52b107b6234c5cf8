//! A storage for backups, a service, and machines that know both.

use std::sync::mpsc;
use std::time::{Duration, SystemTime};

use assert_cmd::Command;
use serde_json::Value;
use zkvault_simulator::{BlobStorage, Server, Storage, StoredBlob};

use crate::service::Service;
use crate::support::{Desk, stdout};

const CONTAINER: &str = "backups";
pub(super) const ALL: &str = "racwdl";

/// A storage in this process, and a desk that was synced from a service.
pub(super) struct Office {
    pub(super) storage: BlobStorage,
    pub(super) service: Service,
    pub(super) desk: Desk,
    address: String,
}

impl Office {
    pub(super) fn new() -> Self {
        let storage = BlobStorage::new(Storage::Memory).unwrap();
        storage.create_container(CONTAINER);
        let router = storage.router();
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let server = Server::start(0, router).await.unwrap();
                tell.send(server.url()).unwrap();
                std::future::pending::<()>().await;
            });
        });
        let account = storage.account().name().to_owned();
        let address = format!("{}/{account}/{CONTAINER}", told.recv().unwrap());
        let desk = Desk::with_keyring();
        let service = Service::demo(&desk);
        let office = Self {
            storage,
            service,
            desk,
            address,
        };
        office
            .zkv(&["key", "import", "vault.key", "--label", "company"])
            .assert()
            .success();
        office.zkv(&["sync"]).assert().success();
        office
    }

    /// The container's address with a token of these permissions.
    pub(super) fn sas(&self, permissions: &str) -> String {
        let token = self
            .storage
            .sas(CONTAINER, permissions, SystemTime::now() + Duration::from_secs(3600));
        format!("{}?{token}", self.address)
    }

    /// The program at the first desk.
    pub(super) fn zkv(&self, args: &[&str]) -> Command {
        self.at(&self.desk, args)
    }

    /// The program at another desk, which has passphrase, storage and account, and nothing else.
    pub(super) fn at(&self, desk: &Desk, args: &[&str]) -> Command {
        let mut zkv = desk.zkv(args);
        zkv.env("ZKV_SAS", self.sas(ALL)).envs(self.service.environment());
        zkv
    }

    /// Makes a backup, and returns its head.
    pub(super) fn push(&self, desk: &Desk) -> String {
        stdout(&mut self.at(desk, &["backup", "push"])).trim().to_owned()
    }

    pub(super) fn blobs(&self) -> Vec<(String, StoredBlob)> {
        let names = self.storage.names(CONTAINER).into_iter();
        names
            .map(|name| {
                let blob = self.storage.blob(CONTAINER, &name).unwrap();
                (name, blob)
            })
            .collect()
    }

    /// Puts exactly these blobs into the storage, as a storage that lies would.
    pub(super) fn serve(&self, blobs: &[(String, StoredBlob)]) {
        for (name, _) in self.blobs() {
            if !blobs.iter().any(|(kept, _)| *kept == name) {
                self.zkv(&["repo", "delete", "--plain", "--yes", &name])
                    .assert()
                    .success();
            }
        }
        for (name, blob) in blobs {
            self.storage.put(CONTAINER, name, blob.clone());
        }
    }

    /// Changes something at the service, and syncs it to a desk.
    pub(super) fn change(&self, desk: &Desk, number: u64) {
        use zkvault_simulator::{Kind, seed};
        self.service.simulator.change(|organisation| {
            let site = organisation.get_mut(Kind::Site, seed::GITHUB).unwrap();
            site["used"] = number.into();
        });
        self.at(desk, &["sync"]).assert().success();
    }
}

/// The password of a site that everything has to come back to.
pub(super) fn password(command: &mut Command) -> String {
    stdout(command)
}

/// What a command that must fail says: its code, and all of stderr.
pub(super) fn fails(command: &mut Command, exit: i32) -> (String, String) {
    let failed = command.arg("--json").assert().code(exit);
    let stderr = String::from_utf8(failed.get_output().stderr.clone()).unwrap();
    let error: Value = serde_json::from_str(stderr.lines().last().unwrap()).unwrap();
    (error["code"].as_str().unwrap().to_owned(), stderr)
}
