//! The examples, as somebody runs them, against the simulated storage.
#![expect(clippy::unwrap_used, reason = "a test fails where something is missing")]

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, SystemTime};

use zkvault::core::kdf::KdfParams;
use zkvault::core::keyring::Keyring;
use zkvault::progress::{NoProgress, Progress};
use zkvault::repository::{Repository, RepositoryOptions};
use zkvault_simulator::{BlobStorage, Server, Storage};

const PASSPHRASE: &str = "correct horse battery staple";

/// A storage with a container, and the address of that with its token.
fn storage() -> (BlobStorage, String) {
    let storage = BlobStorage::new(Storage::Memory).unwrap();
    storage.create_container("things");
    let (served, (tell, told)) = (storage.clone(), mpsc::channel());
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(async {
            let server = Server::start(0, served.router()).await.unwrap();
            let end = SystemTime::now() + Duration::from_secs(3600);
            tell.send(served.sas_url(&server, "things", "racwdl", end)).unwrap();
            std::future::pending::<()>().await;
        });
    });
    (storage, told.recv().unwrap())
}

fn keyring() -> Keyring {
    let cheap = KdfParams::new(19_456, 2, 1).unwrap();
    Keyring::create(&PASSPHRASE.to_owned().into(), cheap, 1).unwrap()
}

/// An example, built if it is not yet: a run of this test alone builds none. With the features of the whole workspace, as
/// all tests are built: with those of this crate alone, every dependency would be built again.
fn example(name: &str) -> Command {
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--offline",
            "--locked",
            "--workspace",
            "--example",
            name,
        ])
        .status();
    assert!(built.unwrap().success(), "the example {name} does not build");
    let tests = std::env::current_exe().unwrap();
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    Command::new(tests.ancestors().nth(2).unwrap().join("examples").join(file))
}

/// What a bar would show at the end.
#[derive(Debug, Default)]
struct Bar {
    expected: AtomicU64,
    done: AtomicU64,
}

impl Progress for Bar {
    fn expect(&self, more: u64) {
        self.expected.fetch_add(more, Ordering::Relaxed);
    }

    fn advance(&self, done: u64) {
        self.done.fetch_add(done, Ordering::Relaxed);
    }
}

#[test]
fn a_folder_is_uploaded_and_comes_back() {
    let (_storage, sas) = storage();
    let (desk, mut keyring) = (tempfile::tempdir().unwrap(), keyring());
    let path = |name: &str| desk.path().join(name);
    std::fs::write(path("keyring"), keyring.to_bytes().unwrap()).unwrap();
    std::fs::create_dir_all(path("docs/inner")).unwrap();
    let large: Vec<u8> = (0..(8 << 20) + 5).map(|i: u32| (i / 7) as u8).collect();
    std::fs::write(path("docs/large"), &large).unwrap();
    std::fs::write(path("docs/inner/ä.txt"), "small").unwrap();

    let mut command = example("upload_folder");
    command.args([path("keyring"), path("docs")]);
    let ran = command
        .env("ZKV_PASSPHRASE", PASSPHRASE)
        .env("ZKV_SAS", &sas)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
    let printed = String::from_utf8(ran.stdout).unwrap();
    assert_eq!(printed, "5 bytes, docs/inner/ä.txt\n8388613 bytes, docs/large\n");

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let repository = Repository::open(&sas.clone().into(), &keyring).unwrap();
        let out = path("out");
        for (name, len) in [("docs/large", large.len() as u64), ("docs/inner/ä.txt", 5)] {
            let bar = Bar::default();
            assert!(repository.download(name, &out, &bar).await.unwrap().is_some());
            assert_eq!((bar.expected.into_inner(), bar.done.into_inner()), (len, len), "{name}");
        }
        assert!(std::fs::read(out.join("docs/large")).unwrap() == large);
        assert_eq!(std::fs::read(out.join("docs/inner/ä.txt")).unwrap(), b"small");

        assert!(
            repository
                .download("docs/none", &out, &NoProgress)
                .await
                .unwrap()
                .is_none()
        );
        // A file that is equal was downloaded before; a different one is never replaced.
        let downloaded = out.join("docs/large");
        std::fs::write(&downloaded, "mine").unwrap();
        let there = repository.download("docs/large", &out, &NoProgress).await.unwrap_err();
        assert_eq!(there.code(), "exists");
        let named = repository.download("../x", &out, &NoProgress).await.unwrap_err();
        assert_eq!(named.code(), "name");
        let taken = repository.upload(&path("docs"), None, &NoProgress).await.unwrap_err();
        assert_eq!(taken.code(), "conflict");
        let options = RepositoryOptions {
            overwrite: true,
            journals: Some(path("journals")),
        };
        let repository = repository.with_options(options);
        // A name that no repository holds stops nothing, and is not kept quiet.
        std::fs::write(path("docs").join("odd\u{1}name"), "").unwrap();
        let again = repository
            .upload(&path("docs"), Some("docs"), &NoProgress)
            .await
            .unwrap();
        assert_eq!((again.files.len(), again.files[1].resumed_blocks), (2, 0));
        assert_eq!(again.failed.len(), 1, "{:?}", again.failed);
        assert!(
            repository
                .download("docs/large", &out, &NoProgress)
                .await
                .unwrap()
                .is_some()
        );
        assert_eq!(
            std::fs::read_dir(path("journals")).unwrap().count(),
            0,
            "nothing is left to resume"
        );
    });
}

#[test]
fn an_address_without_a_token_is_refused() {
    let code = |address: &str, keyring: &Keyring| {
        Repository::open(&address.to_owned().into(), keyring)
            .unwrap_err()
            .code()
    };
    let good = keyring();
    assert_eq!(code("https://a.blob.core.windows.net/c", &good), "not-a-sas");
}

/// An example is short enough to be read at a glance.
#[test]
fn examples_have_fifteen_statements_at_most() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let source = std::fs::read_to_string(&path).unwrap();
        let (_, body) = source.split_once("fn main()").unwrap();
        let statements = body.lines().filter(|line| line.ends_with([';', '{'])).count() - 1;
        assert!((1..=15).contains(&statements), "{}: {statements}", path.display());
    }
}
