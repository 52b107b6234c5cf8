//! The example for people who embed the vault: it runs, and it is short.
#![allow(
    clippy::unwrap_used,
    reason = "a test stops at the first failure, in its helpers too"
)]

#[path = "../examples/read.rs"]
#[allow(dead_code, reason = "its main function needs arguments")]
mod read;

use zkvault::account::{Account, Service};
use zkvault::core::SecretText;
use zkvault::core::kdf::KdfParams;
use zkvault::core::key::VaultKey;
use zkvault::keyring_file::{KeyringFile, KeyringFileError, VacantKeyringFile};
use zkvault::profile::Profile;
use zkvault_simulator::{LogMeOnce, Server, Settings, seed};

fn secret(text: &str) -> SecretText {
    SecretText::from(text.to_owned())
}

#[tokio::test]
async fn the_example_reads_a_value_of_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let (path, passphrase) = (Profile::new(folder.path()).keyring_path(), secret("clamp juror onyx"));
    let params = KdfParams::new(19_456, 2, 1).unwrap();
    let keyring = VacantKeyringFile::reserve(&path)
        .unwrap()
        .create(&passphrase, params, 0)
        .unwrap();
    let key = VaultKey::from_slice(keyring.keys().iter().next().unwrap().key().expose_secret()).unwrap();
    let service = LogMeOnce::new(Settings::default(), seed::demo(&key).unwrap());
    let server = Server::start(0, service.router()).await.unwrap();
    let account = Account::new(
        Service::Logmeonce,
        &server.url(),
        "simulator-key",
        secret("simulator-secret"),
    )
    .unwrap();
    let mut open = KeyringFile::open(&path).unwrap().unlock(&passphrase).unwrap();
    open.update(|keyring| -> Result<(), KeyringFileError> {
        account.store(keyring).unwrap();
        Ok(())
    })
    .unwrap();

    let value = read::read(folder.path(), &passphrase, "zkv://GitHub/password")
        .await
        .unwrap();
    assert!(!value.expose_secret().is_empty());
    let wrong = read::read(folder.path(), &passphrase, "zkv://GitHub/pin")
        .await
        .unwrap_err();
    assert!(wrong.to_string().contains("pin"), "{wrong}");
}

#[test]
fn the_example_has_fifteen_statements_at_most() {
    let source = include_str!("../examples/read.rs");
    let (_, code) = source.split_once("async fn read").unwrap();
    let statements = code.lines().filter(|line| line.trim_end().ends_with(';')).count();
    assert!((5..=15).contains(&statements), "{statements}");
}
