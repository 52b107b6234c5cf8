//! A repository: a container of Azure blobs, reached by a SAS, whose files only key holders can name and read.
//!
//! [`Repository`] is the short way. [`transfer`](crate::transfer) has the parts, for callers who want several transfers
//! side by side, jobs that span runs, or files in plaintext.
//!
//! ```
//! # use std::time::{Duration, SystemTime};
//! # use zkvault::core::{SecretText, kdf::KdfParams, keyring::Keyring};
//! # use zkvault_simulator::{BlobStorage, Server, Storage};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let storage = BlobStorage::new(Storage::Memory)?;
//! # storage.create_container("vault");
//! # let server = Server::start(0, storage.router()).await?;
//! # let end = SystemTime::now() + Duration::from_secs(3600);
//! # let address: SecretText = storage.sas_url(&server, "vault", "racwdl", end).into();
//! # let passphrase = SecretText::from(String::from("clamp juror onyx"));
//! # let keyring = Keyring::create(&passphrase, KdfParams::new(19_456, 2, 1)?, 0)?;
//! # let folder = tempfile::tempdir()?;
//! # let (reports, here) = (folder.path().join("reports"), folder.path().join("here"));
//! use zkvault::progress::NoProgress;
//! use zkvault::repository::Repository;
//!
//! std::fs::create_dir(&reports)?;
//! std::fs::write(reports.join("2026.pdf"), b"%PDF-1.7")?;
//!
//! // `https://ACCOUNT.blob.core.windows.net/CONTAINER?sv=…&sig=…`
//! let repository = Repository::open(&address, &keyring)?;
//! let uploaded = repository.upload(&reports, None, &NoProgress).await?;
//! let file = &uploaded.files[0];
//! assert_eq!((file.name.as_str(), file.size), ("reports/2026.pdf", 8));
//! assert!(uploaded.failed.is_empty());
//!
//! // The storage has neither the name nor the content.
//! assert_eq!(storage.names("vault"), [file.blob.as_str()]);
//! assert!(file.blob.starts_with("zkv/"));
//!
//! let downloaded = repository.download("reports/2026.pdf", &here, &NoProgress).await?;
//! assert!(downloaded.is_some_and(|file| file.size == 8));
//! assert_eq!(std::fs::read(here.join("reports/2026.pdf"))?, b"%PDF-1.7");
//! # Ok(())
//! # }
//! ```
//!
//! A file's blob has a name that only the key gives, and metadata with its path, size and time, sealed
//! (docs/spec/repository.md). The storage learns how many files there are, how long each is, and when one is replaced.
//! It can give back an earlier version of a single file: what belongs together, a [backup](crate::backup) says.

mod blobs;
mod listing;
mod selection;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use zkvault_client::NativeTransport;
use zkvault_client::blob::{BlobContainer, SasUrl, SasUrlError};
use zkvault_core::SecretText;
use zkvault_core::keyring::{FindKeyError, KeyState, Keyring};
use zkvault_core::repository::{RepositoryPath, RepositoryPathError};

use crate::progress::Progress;
use crate::transfer::{
    Container, DownloadOptions, Downloaded, Downloader, LeftOut, PARALLEL_FILES, TransferError, UploadOptions,
    Uploaded, Uploader, collect,
};

pub use self::blobs::{delete, find};
pub use self::listing::{ListedFile, ListedFiles, list_plain, list_sealed};
pub use self::selection::Selection;
pub use zkvault_core::repository::{RepositoryKey, RepositoryKeys};

/// A container, and the keys of what is in it.
///
/// One of them may be used by several tasks at once.
#[derive(Debug)]
pub struct Repository {
    container: Container,
    keys: RepositoryKeys,
    options: RepositoryOptions,
}

/// How a repository treats files that are there already, and uploads that were cut off.
///
/// By default nothing is replaced, and an upload that is cut off starts over.
#[derive(Debug, Clone, Default)]
pub struct RepositoryOptions {
    /// Whether files of the same name are replaced, there and here.
    pub overwrite: bool,
    /// A folder for the journals of uploads; without one, an upload that is cut off starts over.
    pub journals: Option<PathBuf>,
}

/// What became of an upload.
#[derive(Debug)]
#[must_use = "files that could not be read are in it"]
pub struct Uploads {
    /// The files that are in the repository now, in the order of their names.
    pub files: Vec<Uploaded>,
    /// What should be uploaded and cannot: folders that cannot be read, names that a repository does not hold, a pipe or
    /// device that was named.
    pub failed: Vec<TransferError>,
    /// What is in the folder and is no file: pipes, devices, links to folders.
    pub left_out: Vec<LeftOut>,
}

impl Repository {
    /// The container of an address with its SAS token, with the keys of a keyring: the default key encrypts, every key
    /// may open. Nothing is sent yet.
    ///
    /// The token is kept as it was given and is in no error and no `Debug`. Its permissions are not looked at: what it
    /// does not permit, the storage refuses.
    ///
    /// # Errors
    ///
    /// [`RepositoryError`] when the text is not such an address, or the default key is retired.
    pub fn open(sas_url: &SecretText, keyring: &Keyring) -> Result<Self, RepositoryError> {
        let url = SasUrl::parse(sas_url)?;
        let container = BlobContainer::new(NativeTransport::new(), url);
        Ok(Self::new(container, sealing_keys(keyring)?))
    }

    /// A container, with these keys.
    #[must_use]
    pub fn new(container: Container, keys: RepositoryKeys) -> Self {
        Self {
            container,
            keys,
            options: RepositoryOptions::default(),
        }
    }

    /// The same repository, with these options.
    #[must_use]
    pub fn with_options(self, options: RepositoryOptions) -> Self {
        Self { options, ..self }
    }

    /// The container, for [`transfer`](crate::transfer).
    #[must_use]
    pub fn container(&self) -> &Container {
        &self.container
    }

    /// Encrypts a file, or a folder with all that is in it, and puts it into the repository: under its own name, or
    /// under `name`. Each file is there whole or not at all.
    ///
    /// Sixteen files are on their way at once. What cannot be read, cannot have its name in a repository, or is no file
    /// stops none of the others, and is in what is returned.
    ///
    /// # Errors
    ///
    /// The first [`TransferError`]. Files that were finished before it stay.
    pub async fn upload(
        &self,
        path: &Path,
        name: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<Uploads, TransferError> {
        let found = collect(&[path.to_owned()], name)?;
        let options = UploadOptions {
            key: self.keys.sealing().map(Arc::clone),
            rest_of_line: self.keys.rest_of_line(),
            overwrite: self.options.overwrite,
            journals: self.options.journals.clone(),
        };
        let uploader = Uploader::new(&self.container, options, progress);
        let uploader = &uploader;
        let uploads = stream::iter(found.items).map(|item| async move { uploader.upload(&item).await });
        let mut files: Vec<_> = uploads.buffer_unordered(PARALLEL_FILES).try_collect().await?;
        files.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Uploads {
            files,
            failed: found.failed,
            left_out: found.left_out,
        })
    }

    /// Downloads a file into a folder, below which it keeps its name, and opens it. Every byte is authenticated before
    /// the file gets its name. `None` when there is no such file.
    ///
    /// Folders are created below `folder`, for their owner only. A file that is there with the same length and time of
    /// change is taken for the one that was downloaded before; a different one stays, and is an error, unless the
    /// options say `overwrite`.
    ///
    /// # Errors
    ///
    /// [`TransferError`]: nothing has the file's name then.
    pub async fn download(
        &self,
        name: &str,
        folder: &Path,
        progress: &dyn Progress,
    ) -> Result<Option<Downloaded>, DownloadError> {
        let name = RepositoryPath::parse(name)?;
        let options = DownloadOptions {
            overwrite: self.options.overwrite,
        };
        let downloader = Downloader::new(&self.container, folder, options, progress);
        Ok(downloader.sealed(&name, &self.keys.candidates(&name)).await?)
    }
}

/// The keys of a keyring: its default key seals, every one opens.
fn sealing_keys(keyring: &Keyring) -> Result<RepositoryKeys, RepositoryError> {
    let default = keyring.keys().find(keyring.keys().default_label())?;
    if default.state() == KeyState::Retired {
        let label = default.label().to_owned();
        return Err(RepositoryError::Retired { label });
    }
    Ok(RepositoryKeys::opening(default.key(), keyring))
}

/// A repository was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RepositoryError {
    /// The text is not the address of a container with a SAS token.
    #[error("the address of the repository was refused")]
    Address(#[from] SasUrlError),
    /// The keyring has no such key.
    #[error("the key is not one key of the keyring")]
    Key(#[from] FindKeyError),
    /// A retired key opens what it sealed, and seals nothing more.
    #[error("the key {label:?} is retired")]
    Retired {
        /// Its label.
        label: String,
    },
}

codes!(RepositoryError {
    Self::Address(_) => "not-a-sas",
    Self::Key(FindKeyError::Ambiguous { .. }) => "ambiguous-key",
    Self::Key(_) => "no-such-key",
    Self::Retired { .. } => "retired",
});

/// A file was not downloaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// No file can have that name.
    #[error("this is not the name of a file in a repository")]
    Name(#[from] RepositoryPathError),
    /// It was not transferred.
    #[error(transparent)]
    Transfer(#[from] TransferError),
}

codes!(DownloadError {
    Self::Name(_) => "name",
    ;
    Self::Transfer(error) => inner(error),
});
