//! Opens a keyring, syncs with the service, and prints one value:
//!
//! ```text
//! ZKV_PASSPHRASE=… cargo run -p zkvault --example read -- ~/.config/zkv/default zkv://GitHub/password
//! ```
#![expect(clippy::print_stdout, reason = "an example prints its result")]

use std::error::Error;
use std::path::Path;

use zkvault::account::{Account, Service};
use zkvault::core::SecretText;
use zkvault::keyring_file::KeyringFile;
use zkvault::profile::Profile;
use zkvault::progress::NoProgress;
use zkvault::vault::Vault;

/// Reads the value of `zkv://SITE/FIELD` with the keyring in `folder`, in which `zkv auth login` stored an account.
pub(crate) async fn read(
    folder: &Path,
    passphrase: &SecretText,
    reference: &str,
) -> Result<SecretText, Box<dyn Error>> {
    let profile = Profile::new(folder);
    let keyring = KeyringFile::open(&profile.keyring_path())?.unlock(passphrase)?;
    let account = Account::of_keyring(Service::Logmeonce, keyring.keyring())?;
    let mut vault = Vault::open(profile, keyring.keyring())?;
    vault.sync(&account.logmeonce(), &NoProgress).await?;
    let value = vault.contents()?.read(&reference.parse()?)?;
    Ok(value.text)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, reference] = arguments.as_slice() else {
        return Err("two arguments are needed: the folder of a keyring, and a reference".into());
    };
    let passphrase = SecretText::from(std::env::var("ZKV_PASSPHRASE")?);
    let text = read(Path::new(folder), &passphrase, reference).await?;
    println!("{}", text.expose_secret());
    Ok(())
}
