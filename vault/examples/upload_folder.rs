//! Encrypts a folder and uploads it: `upload_folder KEYRING FOLDER`, with the keyring's passphrase in
//! `ZKV_PASSPHRASE` and the address of the container, with its SAS token, in `ZKV_SAS`.

use std::io::Write as _;
use std::path::Path;
use std::{env, error::Error, fs, io};

use zkvault::core::keyring::Keyring;
use zkvault::progress::NoProgress;
use zkvault::repository::Repository;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (keyring, folder) = arguments.next().zip(arguments.next()).ok_or("KEYRING FOLDER")?;
    let passphrase = env::var("ZKV_PASSPHRASE")?.into();
    let keyring = Keyring::unlock(&fs::read(keyring)?, &passphrase)?;
    let repository = Repository::open(&env::var("ZKV_SAS")?.into(), &keyring)?;
    let uploaded = repository.upload(Path::new(&folder), None, &NoProgress).await?;
    for file in uploaded.files {
        writeln!(io::stdout(), "{} bytes, {}", file.size, file.name)?;
    }
    uploaded
        .failed
        .into_iter()
        .next()
        .map_or(Ok(()), |error| Err(error.into()))
}
