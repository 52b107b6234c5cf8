//! A storage for backups, a service, and machines that know both.

use std::time::SystemTime;

use assert_cmd::Command;
use serde_json::Value;
use zkvault_simulator::{BlobStorage, StoredBlob};
use zkvault_test_support::{ALL, Desk, HOUR, Service, StorageService, stdout};

const CONTAINER: &str = "backups";

/// A storage in this process, and a desk that was synced from a service.
pub(super) struct Office {
    pub(super) storage: BlobStorage,
    pub(super) service: Service,
    pub(super) desk: Desk,
    account: StorageService,
}

impl Office {
    pub(super) fn new() -> Self {
        let desk = Desk::with_keyring();
        let service = Service::demo(&desk);
        let account = StorageService::new(CONTAINER);
        let storage = account.storage.clone();
        let office = Self {
            storage,
            account,
            service,
            desk,
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
        self.account.sas_url(permissions, SystemTime::now() + HOUR)
    }

    /// The address of another container of the same account.
    pub(super) fn sas_of(&self, container: &str) -> String {
        self.storage.create_container(container);
        let ours = self.sas(ALL);
        let base = ours.split("/backups?").next().unwrap();
        let token = self.storage.sas(container, ALL, SystemTime::now() + HOUR);
        format!("{base}/{container}?{token}")
    }

    /// Puts blobs into another container.
    pub(super) fn put_in(&self, container: &str, blobs: &[(String, StoredBlob)]) {
        self.storage.create_container(container);
        for (name, blob) in blobs {
            self.storage.put(container, name, blob.clone());
        }
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
        self.service.change(|organisation| {
            let site = organisation.get_mut(Kind::Site, seed::GITHUB).unwrap();
            site["used"] = number.into();
        });
        self.at(desk, &["sync"]).assert().success();
    }
}

/// Where the keyring is in the bytes of a backup.
pub(super) fn keyring_in(backup: &[u8]) -> std::ops::Range<usize> {
    let number = |at: usize| u32::from_be_bytes(backup[at..at + 4].try_into().unwrap()) as usize;
    let at = 18 + 4 + number(18);
    at + 4..at + 4 + number(at)
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
