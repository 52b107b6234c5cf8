//! A vault from outside: the keyring, a sync with the simulated service, and what is read from the store.
#![allow(
    clippy::unwrap_used,
    reason = "a test stops at the first failure, in its helpers too"
)]

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use zkvault::account::{Account, Service};
use zkvault::client::NativeTransport;
use zkvault::client::logmeonce::LogMeOnce;
use zkvault::core::SecretText;
use zkvault::core::kdf::KdfParams;
use zkvault::core::key::VaultKey;
use zkvault::core::keyring::Keyring;
use zkvault::keyring_file::{KeyringFile, OpenKeyring, VacantKeyringFile};
use zkvault::profile::Profile;
use zkvault::progress::{NoProgress, Progress};
use zkvault::store::Standing;
use zkvault::sync::{Before, ListKind};
use zkvault::vault::Vault;
use zkvault_simulator::{Attack, Fault, LogMeOnce as Simulator, Server, Settings, seed};

const PASSPHRASE: &str = "clamp juror onyx radiator mulch vixen";

/// A device with a keyring, and a service that holds values under the keyring's key.
struct World {
    folder: tempfile::TempDir,
    simulator: Simulator,
    server: Server,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = make_keyring(&folder.path().join("keyring.json"));
        let simulator = Simulator::new(Settings::default(), seed::demo(&key).unwrap());
        let server = Server::start(0, simulator.router()).await.unwrap();
        Self {
            folder,
            simulator,
            server,
        }
    }

    fn profile(&self) -> Profile {
        Profile::new(self.folder.path())
    }

    fn keyring(&self) -> OpenKeyring {
        let file = KeyringFile::open(&self.profile().keyring_path()).unwrap();
        file.unlock(&secret(PASSPHRASE)).unwrap()
    }

    fn vault(&self) -> Vault {
        Vault::open(self.profile(), self.keyring().keyring()).unwrap()
    }

    fn client(&self) -> LogMeOnce<NativeTransport> {
        let account = Account::new(
            Service::Logmeonce,
            &self.server.url(),
            "simulator-key",
            secret("simulator-secret"),
        );
        account.unwrap().logmeonce()
    }
}

fn secret(text: &str) -> SecretText {
    SecretText::from(text.to_owned())
}

/// A keyring whose default key is also the service's.
fn make_keyring(path: &Path) -> VaultKey {
    let params = KdfParams::new(19_456, 2, 1).unwrap();
    let vacant = VacantKeyringFile::reserve(path).unwrap();
    let keyring: Keyring = vacant.create(&secret(PASSPHRASE), params, 0).unwrap();
    let entry = keyring.keys().iter().next().unwrap();
    VaultKey::from_slice(entry.key().expose_secret()).unwrap()
}

#[derive(Debug, Default)]
struct Counted(AtomicU64);

impl Progress for Counted {
    fn expect(&self, _more: u64) {}

    fn advance(&self, done: u64) {
        self.0.fetch_add(done, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn a_first_sync_fills_the_store_and_a_site_is_found_in_it() {
    let world = World::new().await;
    let mut vault = world.vault();
    assert_eq!(vault.contents().unwrap_err().code(), "not-synced");
    let counted = Counted::default();
    let synced = vault.sync(&world.client(), &counted).await.unwrap();
    assert_eq!(synced.before, Before::FirstUse);
    assert_eq!(counted.0.load(Ordering::Relaxed), synced.changes.added);
    drop(synced);

    let contents = vault.contents().unwrap();
    let index = contents.index();
    let entries: Vec<_> = contents.entries(&index).map(Result::unwrap).collect();
    let github = entries.iter().find(|entry| entry.id == seed::GITHUB).unwrap();
    assert_eq!(github.standing, Standing::FirstUse);
    assert_eq!(contents.site(github).unwrap().id, seed::GITHUB);
    for wanted in ["GitHub", "github.com", "https://github.com/login"] {
        assert_eq!(contents.find(&index, wanted).unwrap().id, seed::GITHUB, "{wanted}");
    }
}

#[tokio::test]
async fn a_redirected_site_keeps_its_trusted_copy_until_it_is_accepted() {
    let world = World::new().await;
    let (mut vault, client) = (world.vault(), world.client());
    drop(vault.sync(&client, &NoProgress).await.unwrap());
    world
        .simulator
        .attack(Attack::url(seed::GITHUB, "https://github.com.evil.example/"));
    let synced = vault.sync(&client, &NoProgress).await.unwrap();
    let ids: Vec<u64> = synced.changes.attention.iter().map(|site| site.id).collect();
    assert_eq!(ids, [seed::GITHUB]);
    drop(synced);

    let origin = |vault: &Vault| {
        let contents = vault.contents().unwrap();
        let index = contents.index();
        let entry = contents
            .entries(&index)
            .map(Result::unwrap)
            .find(|entry| entry.id == seed::GITHUB);
        entry.unwrap().origin.unwrap().into_owned()
    };
    assert_eq!(origin(&vault), "https://github.com");
    let lock = vault.lock().unwrap();
    assert_eq!(vault.lock().unwrap_err().code(), "busy");
    let mut contents = vault.contents_to_change(&lock).unwrap();
    contents.accept(&[seed::GITHUB]).unwrap();
    vault.remember(&contents.store, &lock).unwrap();
    drop((contents, lock));
    assert_eq!(origin(&vault), "https://github.com.evil.example");
}

#[tokio::test]
async fn a_sync_that_fails_changes_nothing_and_lists_may_be_withheld() {
    let world = World::new().await;
    let (mut vault, client) = (world.vault(), world.client());
    world
        .simulator
        .conditions()
        .inject(Fault::status(403), 9, "/rest/users");
    let synced = vault.sync(&client, &NoProgress).await.unwrap();
    let withheld: Vec<ListKind> = synced.withheld.iter().map(|withheld| withheld.list).collect();
    assert_eq!(withheld, [ListKind::Users]);
    drop(synced);
    world.simulator.conditions().inject(Fault::status(403), 9, "/rest");
    let failed = vault.sync(&client, &NoProgress).await.unwrap_err();
    assert_eq!(failed.code(), "forbidden");
    assert_eq!(vault.contents().unwrap().store.head().revision, 1);
}

#[tokio::test]
async fn a_store_that_is_gone_is_missed_by_its_vault_and_by_the_keyring() {
    let world = World::new().await;
    let (mut vault, client) = (world.vault(), world.client());
    let synced = vault.sync(&client, &NoProgress).await.unwrap();
    let mut keyring = world.keyring();
    keyring
        .update(|keyring| vault.remember_in(&synced.store, keyring).map_err(Update::Store))
        .unwrap();
    drop(synced);
    for path in [world.profile().store_path(), world.profile().known_stores_path()] {
        std::fs::remove_file(path).unwrap();
        let mut vault = world.vault();
        assert_eq!(vault.contents().unwrap_err().code(), "not-synced");
        let synced = vault.sync(&client, &NoProgress).await.unwrap();
        assert_ne!(synced.before, Before::FirstUse);
        drop(synced);
        std::fs::remove_file(world.profile().store_path()).unwrap();
    }
}

/// What an update of the keyring fails with.
#[derive(Debug)]
enum Update {
    Store(#[expect(dead_code, reason = "shown by Debug when the test fails")] zkvault::store::StoreError),
    File(#[expect(dead_code, reason = "shown by Debug when the test fails")] zkvault::keyring_file::KeyringFileError),
}

impl From<zkvault::keyring_file::KeyringFileError> for Update {
    fn from(error: zkvault::keyring_file::KeyringFileError) -> Self {
        Self::File(error)
    }
}
